"""The command line: options to settings, exceptions to exit codes; the work is the library's."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from dedup._jit.interpreter import working
from dedup._version import __version__
from dedup.cli.index import index
from dedup.cli.judging import evaluate, sample
from dedup.cli.results import export, report, show
from dedup.cli.scanning import check, clean, scan
from dedup.cli.warm import warm
from dedup.errors import DedupError
from dedup.portable import endings

UNEXPECTED, INTERRUPTED, READER_LEFT = 70, 130, 141


class Boundary(click.Group):
    """The one place where an exception becomes a message and an exit code."""

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Run the command and leave with its exit code."""
        try:
            code = super().invoke(ctx) or 0
            sys.stdout.flush()
        except DedupError as error:
            code = _complain(str(error), error.exit_code)
        except KeyboardInterrupt:
            code = _complain("interrupted", INTERRUPTED)
        except BrokenPipeError:
            # whoever read our output has left: say nothing, also not when Python closes stdout
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            code = READER_LEFT
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("DEDUP_DEBUG"):
                raise
            code = _complain(_fault(error), UNEXPECTED)
        ctx.exit(code)


def _complain(message: str, code: int) -> int:
    click.echo(f"dedup: {message}", err=True)
    return code


def _fault(error: Exception) -> str:
    """Say in a line what went wrong, and where the traceback is."""
    from dedup.cli import crash_log

    what = f"{type(error).__name__}: {error}".splitlines()[0]
    log = crash_log.write(error, ["dedup", *sys.argv[1:]])
    where = f"its traceback is in {log}" if log else "set DEDUP_DEBUG=1 for the traceback"
    return f"{what} (this is a fault in dedup; {where})"


@click.group(cls=Boundary, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dedup")
def cli() -> None:
    """Find the same text in news, wherever it stands, and the version to keep.

    \b
    Examples:
      dedup scan articles/              what is repeated in a folder of articles
      dedup show dedup-out/             read the stories and clusters it found
      dedup check draft.txt articles/   how much of one text stands elsewhere
      dedup clean articles/ -o once/    the articles with one copy of each paragraph
      dedup report dedup-out/           all of it as one page for a browser
      dedup export dedup-out/ --to csv -o stories.csv    the stories as a table
      dedup sample dedup-out/ -o sheet.csv    pairs for people to judge
      dedup eval dedup-out/ sheet.csv   how well it did on them
      dedup index add news.index new/   the same as articles come in, day by day

    \b
    Exit codes:
      0    all was read and done
      1    dedup refused, for a reason it names, or a score is under its floor
      2    an option or setting has no meaning
      3    nothing could be read
      4    the output folder cannot be written or read
      5    done, but some of the input was skipped
      6    an index is damaged, or of another version
      7    another process writes the index
      70   a fault in dedup itself
      130  interrupted: the output folder is as it was before
      141  whoever read the output closed it (as in `dedup show | head`)

    \b
    Completion of commands and options in bash (zsh, fish: likewise):
      eval "$(_DEDUP_COMPLETE=bash_source dedup)"
    """  # noqa: D301  # click reads the backspace


for _command in (scan, show, clean, export, check, report, evaluate, sample, index, warm):
    cli.add_command(_command)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command `dedup`: what setup.cfg installs."""
    for signal_number in endings():
        if signal.getsignal(signal_number) != signal.SIG_IGN:  # as under nohup
            signal.signal(signal_number, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # never fail on what cannot be shown
    try:
        with working():
            cli()
    finally:
        gc.freeze()  # the end looks for garbage in all that is left: a tenth of a second

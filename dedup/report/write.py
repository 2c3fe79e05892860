"""Write the report: from an output folder to one file of HTML that needs nothing else."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from dedup import files
from dedup.errors import OutputError
from dedup.output import reader
from dedup.report import folder as folders
from dedup.report import page, sites
from dedup.report.choose import choose
from dedup.report.overview import overview, title_of
from dedup.report.pack import Packer
from dedup.report.shares import divided

MOST_BYTES = 19_500_000
"""Size that a report does not exceed. Higher shows more of a large scan and opens more slowly: at
19.5 MB, 10,000 clusters of press releases or 30,000 of short paragraphs."""

_TRIES = 8


class Written(NamedTuple):
    """What was written."""

    size: int
    """Bytes of the file."""
    left_out: tuple[tuple[str, int, int, str], ...]
    """What is not all in it: its name, how many are, of how many, and the file that has all."""


def write(
    out: str | os.PathLike[str],
    file: str | os.PathLike[str],
    title: str | None = None,
    most_bytes: int = MOST_BYTES,
) -> Written:
    """Write what a scan left in the folder `out` as one page of HTML, and say what is in it.

    `title` is what the page is called; if None, what was scanned. An earlier `file` is replaced.
    Needs jinja2. Raises `OutputError` if `out` cannot be read or `file` not be written.
    """
    place = reader.opened(out)
    check(out, file)
    try:
        with _uncollected():
            html, left = _made(place, title, most_bytes)
    except (KeyError, TypeError, IndexError) as error:
        raise OutputError(f"{out}: its files do not fit together ({error}); scan again") from error
    with files.replaced_file(file) as partial:
        partial.write_bytes(html)
    return Written(len(html), left)


def check(out: str | os.PathLike[str], file: str | os.PathLike[str]) -> None:
    """Raise `OutputError` if `write` would refuse `file`; for use before the work of a scan."""
    target = files.on_disk(file).resolve()
    if target.is_relative_to(files.on_disk(out).resolve()):
        raise OutputError(f"{file}: lies in the folder that is read; name a file outside of it")
    if target.exists() and not target.is_file():
        raise OutputError(f"{file}: is no plain file; name another one")
    page.check(file)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the garbage collector: a report makes millions of small lists, none in a circle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _made(
    place: Path, title: str | None, most_bytes: int
) -> tuple[bytes, tuple[tuple[str, int, int, str], ...]]:
    """Return the page; where it is too large, it is made again of less."""
    folder = folders.read(place)
    words = divided(folder)
    folder.matched.spans.clear()
    who = sites.tables(folder)
    room = most_bytes - page.FRAME
    for _ in range(_TRIES):
        choice = choose(folder, room)
        packed = Packer(folder, choice).pack()
        first = overview(folder, choice, packed, words, title_of(folder, title))
        html = page.render(first, packed, who, page.problems(place))
        if len(html) <= most_bytes:
            break
        room = int(room * 0.95 * most_bytes / len(html))
    left = tuple((what, shown, all_, file) for what, shown, all_, file in first["left"])
    return html, tuple(row for row in left if row[1] < row[2])

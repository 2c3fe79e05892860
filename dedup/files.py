"""A folder or file that appears whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from dedup.errors import OutputError
from dedup.portable import Held, flush, locked

Stranger = Callable[[Path], str | None]
"""Returns what in an existing folder forbids replacing it (the name of a file), or None."""

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # two letters at least: Windows has C:/


def on_disk(place: str | os.PathLike[str]) -> Path:
    """Return the path of what is to be written or read back here; `file://` may stand before it.

    Raises `OutputError` for an address of a store, as such a thing is kept on disk.

    >>> str(on_disk("news/out")), str(on_disk("file:///news/my%20out"))
    ('news/out', '/news/my out')
    >>> on_disk("s3://bucket/out")
    Traceback (most recent call last):
    dedup.errors.OutputError: s3://bucket/out: is no folder or file on a disk; name one, on ...
    """
    address = _ADDRESS.match(os.fspath(place))
    if address is None:
        return Path(place)
    if address[1].lower() == "file":
        return Path(url2pathname(urlsplit(os.fspath(place)).path))
    raise OutputError(
        f"{place}: is no folder or file on a disk; name one, on Spark one that the driver and all "
        "executors see, and copy it there with the tools of that store"
    )


def anything(folder: Path) -> str | None:
    """Name any entry of `folder`: only a new or empty one may be written."""
    return min((entry.name for entry in folder.iterdir()), default=None)


def check(out: str | os.PathLike[str], stranger: Stranger = anything) -> None:
    """Fail early: raise `OutputError` if `out` could not be written in the end.

    What an earlier run left behind when it was killed is put right on the way.
    """
    target = _target(out)
    with _named(out):
        _recover(target)
        _refuse_strangers(target, out, stranger)
        ground = target.parent
        while not ground.exists():
            ground = ground.parent
        trial = ground / f".{target.name}.{os.getpid()}.trial"
        trial.mkdir()
        trial.rmdir()


@contextmanager
def replaced(out: str | os.PathLike[str], stranger: Stranger = anything) -> Iterator[Path]:
    """Yield an empty folder beside `out` that takes the place of `out` if the block ends well.

    If the block raises, or the process is interrupted, `out` stays as it was. Raises `OutputError`
    if `out` holds something that `stranger` names, or cannot be written.
    """
    target = _target(out)
    with _named(out), _claimed(target) as partial:
        _recover(target)
        yield partial
        _sync(partial)
        _refuse_strangers(target, out, stranger)
        _exchange(partial, target)


@contextmanager
def replaced_file(file: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a path beside `file`; what is written there takes its place if the block ends well.

    Raises `OutputError` if `file` is there and no plain file, or cannot be written.
    """
    target = on_disk(file).resolve()
    if target.exists() and not target.is_file():
        raise OutputError(f"{file}: is no plain file; name another one with -o")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    with _named(file, "file"):
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)  # a link that somebody put there is not followed
        try:
            yield partial
            flush(partial)
            partial.replace(target)
            flush(target.parent)
        finally:
            partial.unlink(missing_ok=True)


def _target(out: str | os.PathLike[str]) -> Path:
    """Resolve links: the folder itself is replaced, not a link to it."""
    target = on_disk(out).resolve()
    if target == Path.cwd() or target in Path.cwd().parents:
        raise OutputError(f"{out}: that is the folder you are in; name a folder inside it with -o")
    if os.path.ismount(target):
        raise OutputError(f"{out}: a disk is mounted there; name a folder inside it with -o")
    return target


@contextmanager
def _named(out: str | os.PathLike[str], kind: str = "folder") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"{out}: cannot be written: {reason}; name another {kind} with -o"
        ) from error


def _refuse_strangers(target: Path, out: str | os.PathLike[str], stranger: Stranger) -> None:
    if not target.exists():
        return
    name = stranger(target) if target.is_dir() else target.name
    if name is not None:
        what = f"already holds {name}" if target.is_dir() else "is a file"
        raise OutputError(
            f"{out}: {what}, which dedup will not replace; name another folder with -o"
        )


@contextmanager
def _claimed(target: Path) -> Iterator[Path]:
    """Make the folder to write into, and lock it.

    The lock ends with the process, so a folder that is there without one was left by a run that was
    killed, and is emptied. A link in its place is taken away, and what it leads to stays.
    """
    partial = target.with_name(f".{target.name}.partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(target.with_name(f".{target.name}.lock")))
        except Held:
            raise OutputError(
                f"{target}: another run is writing it; wait for it or name another folder with -o"
            ) from None
        stack.callback(shutil.rmtree, partial, ignore_errors=True)
        if partial.is_symlink():
            partial.unlink()
        partial.mkdir(exist_ok=True)
        for entry in partial.iterdir():
            whole = entry.is_dir() and not entry.is_symlink()
            shutil.rmtree(entry) if whole else entry.unlink()
        yield partial


def _sync(folder: Path) -> None:
    """Bring every file and folder to the disk, the innermost first."""
    for place, _, files in os.walk(folder, topdown=False):
        for path in (*(Path(place, name) for name in files), Path(place)):
            flush(path)


def previous(target: Path) -> Path:
    """Name the place where the old folder waits while the new one is put in."""
    return target.with_name(f".{target.name}.previous")


def _exchange(partial: Path, target: Path) -> None:
    try:
        if target.exists():
            target.rename(previous(target))
        partial.rename(target)
    finally:
        _recover(target)


def _recover(target: Path) -> None:
    """Finish or undo an exchange that was cut short."""
    old = previous(target)
    if old.is_symlink():  # no exchange makes one: what it leads to is none of ours
        old.unlink()
    if not old.exists():
        return
    if target.exists():
        shutil.rmtree(old)
    else:
        old.rename(target)


def cell(value: object) -> object:
    """Return what a cell of a table holds, so that no spreadsheet takes a text for a formula.

    Such a text gets an apostrophe before it, as spreadsheets do themselves (OWASP, CSV injection).

    >>> cell("=1+1"), cell("-5 degrees"), cell("Rain"), cell(-5)
    ("'=1+1", "'-5 degrees", 'Rain', -5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


FORMULAS = tuple("=+-@\t\r\n＝＋－＠")  # the full-width forms are meant

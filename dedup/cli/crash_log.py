"""What is kept of a fault in dedup itself, so that nobody has to run an hour again to see it."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dedup._version import __version__

_LIBRARIES = ("numpy", "numba", "scipy", "pyarrow", "redis")
_PASSWORD = re.compile(r"(?<=://)[^/@\s]*@")


def write(error: BaseException, command: Sequence[str]) -> Path | None:
    """Write versions, platform, command line and traceback to a file; return its path.

    Only its owner may read it. It holds no text of articles but what the traceback itself says, and
    no password of an address. None where no folder can be written.
    """
    found = report(error, command)
    name = f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).touch(0o600, exist_ok=False)
            (folder / name).write_text(found, "utf-8", "backslashreplace")
        except OSError:
            continue
        return folder / name
    return None


def report(error: BaseException, command: Sequence[str]) -> str:
    """Return what is written.

    >>> lines = report(ValueError("odd"), ["dedup", "scan", "redis://me:secret@host/0"])
    >>> lines.splitlines()[1:]
    ['command  dedup scan redis://***@host/0', '', 'ValueError: odd']
    """
    python = f"Python {platform.python_version()} on {platform.platform()}"
    libraries = ", ".join(_versions())
    words = _PASSWORD.sub("***@", " ".join(command))
    lines = "".join(traceback.format_exception(error))
    return f"dedup {__version__}, {python}, with {libraries}\ncommand  {words}\n\n{lines}"


def _versions() -> Iterator[str]:
    for name in _LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"no {name}"


def _folders() -> Iterator[Path]:
    """Yield where a crash log may go: the user's folder for such things, or a temporary one."""
    if state := os.environ.get("XDG_STATE_HOME"):
        yield Path(state, "dedup")
    elif sys.platform == "win32":
        if local := os.environ.get("LOCALAPPDATA"):
            yield Path(local, "dedup")
    else:
        home = Path("~").expanduser()
        if home.is_dir():
            yield home / ".local" / "state" / "dedup"
    yield Path(tempfile.gettempdir())

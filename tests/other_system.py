"""Run `dedup` as if on another system: `python other_system.py KIND COMMANDS`, COMMANDS as JSON.

KIND `macos` hides what Linux alone has; `windows` also what Posix has, and refuses what Windows
does: to delete or rename what is open, to open a folder, to flush what was opened for reading. The
lock is then a file, as without `fcntl`; that of the real Windows is `filelock`'s to test.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LINUX = ("fdatasync", "sched_getaffinity", "preadv", "pwritev", "posix_fadvise", "RWF_NOWAIT")
POSIX = (
    *("pread", "pwrite", "fork", "O_DIRECTORY", "O_CLOEXEC", "O_NOFOLLOW"),
    *("O_NONBLOCK", "register_at_fork"),
)


def hide(kind: str) -> None:
    """Take away what the system lacks, before anything of dedup is imported."""
    for name in LINUX if kind == "macos" else LINUX + POSIX:
        if hasattr(os, name):
            delattr(os, name)
    if kind == "windows":
        sys.modules["fcntl"] = sys.modules["resource"] = None  # type: ignore[assignment]
        for name in ("SIGHUP", "SIGPIPE", "SIGQUIT"):
            delattr(signal, name)
        refuse()


def opened() -> list[str]:
    """Give the paths of all files that this process has open or mapped."""
    rows = Path("/proc/self/maps").read_text().splitlines()
    paths = [row.split(maxsplit=5)[-1] for row in rows]
    for link in Path("/proc/self/fd").iterdir():
        try:
            paths.append(str(link.readlink()))
        except OSError:  # that of the listing
            continue
    return paths


def refuse() -> None:
    """Refuse what Windows refuses."""
    place = str(Path.cwd())

    def careful(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(path: Any, *rest: Any, **options: Any) -> Any:
            full = str(Path(place, path))
            own = full.startswith(place) and "lock" not in Path(full).name
            if own and any(one == full or one.startswith(full + os.sep) for one in opened()):
                raise PermissionError(13, "is being used by another process", str(path))
            return call(path, *rest, **options)

        return called

    for name in ("unlink", "remove", "rename", "replace"):
        setattr(os, name, careful(getattr(os, name)))
    plain_open, plain_sync = os.open, os.fsync

    def open_file(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if options.get("dir_fd") is None and Path(path).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        return plain_open(path, flags, *rest, **options)

    def sync(handle: int) -> None:
        flags = int(
            Path(f"/proc/self/fdinfo/{handle}").read_text().split("flags:")[1].split()[0], 8
        )
        if flags & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(9, "Bad file descriptor")
        plain_sync(handle)

    os.open, os.fsync = open_file, sync  # type: ignore[assignment]


def main(kind: str, commands: str) -> None:
    """Run commands one after another, and end with the first exit code that is none of success."""
    hide(kind)
    from dedup import portable
    from dedup.cli.main import main as dedup

    assert (kind == "macos") == portable.PREAD
    portable.WINDOWS = kind == "windows"
    for command in json.loads(commands):
        sys.argv = ["dedup", *command]
        try:
            dedup()
        except SystemExit as end:
            if end.code:
                sys.stderr.write(f"failed: {command}\n")
                raise


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What differs from system to system, one function a need; the rest is the same on all of them.

Linux is what dedup is tested on. For what macOS and Windows lack there is another way each time,
which the tests take on Linux by hiding the first (`tests/test_portable.py`).
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

WINDOWS = sys.platform == "win32"
"""True where an open file can be neither deleted nor renamed, and a folder not opened."""
PREAD = hasattr(os, "pread")
"""True where a file can be read at an offset in one call; elsewhere it is mapped (see `Reader`)."""

_AT_ONCE = 1 << 20  # bytes of one read: large enough to be fast, small enough to copy
_STEP = 0.02  # seconds between two tries to lock


def cores() -> int:
    """Return how many cores this process may use; all of them where the system does not say.

    >>> cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory() -> int | None:
    """Return how many bytes of memory this machine has; None where the system does not say.

    >>> (memory() or 1) > 0
    True
    """
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def endings() -> list[signal.Signals]:
    """Return the signals, beside that of Ctrl-C, by which the system asks a program to end.

    >>> signal.SIGTERM in endings()
    True
    """
    names = ("SIGTERM", "SIGHUP", "SIGBREAK")  # Windows lacks the second, all others the third
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def trim() -> None:
    """Return freed memory to the system where the C library (glibc) would keep it.

    It keeps what arrays of up to 32 MB leave behind, in a heap for each thread: after a bulk load
    of a million paragraphs that is 70 MB, in a scan of 210,000 up to 100 MB. It takes 3 ms.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


# ---- what is on the disk


def sync(handle: int) -> None:
    """Bring an open file to the disk. Raises `OSError` where that fails."""
    if sys.platform == "darwin":
        import fcntl

        with suppress(OSError):  # a file system without it
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)  # fsync leaves the drive's own memory out
            return
    os.fsync(handle)


def sync_content(handle: int) -> None:
    """Bring the content of an open file to the disk, and its times only where it must."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(handle)
    else:
        sync(handle)


def flush(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk. Raises `OSError` where that fails.

    Windows has no call for a folder, and keeps the names in its journal; there nothing is done.

    >>> flush(Path())
    """
    if WINDOWS and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if WINDOWS else os.O_RDONLY)
    try:
        sync(handle)
    finally:
        os.close(handle)


def discard(path: Path) -> None:
    """Delete a file, if it is there. One that another process reads stays where it must (Windows).

    >>> discard(Path("missing"))
    """
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        if not WINDOWS:
            raise


# ---- locks


class Held(Exception):  # noqa: N818  # no fault: it says that another process holds a lock
    """Another process holds the lock."""


class Lock:
    """Holds `file` for this process, or raises `Held` after `wait` seconds of trying.

    It is a lock of the operating system (`flock`, `LockFileEx`): it ends with the process, a child
    made by `fork` does not have it, and a link in the place of the file is not followed but refused
    (`OSError`). On a file system without such locks the file itself is the lock, and one whose
    process is gone is taken over.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lock = Lock(Path(folder, "lock"))
    ...     lock.release(); lock.release()
    """

    def __init__(self, file: Path, wait: float = 0.0) -> None:
        from filelock import FileLock, Timeout

        self._file = file
        self._lock: BaseFileLock = FileLock(file, mode=0o644, thread_local=False)
        try:
            self._lock.acquire(timeout=max(wait, 0.0), poll_interval=_STEP)
        except Timeout:
            raise Held(file) from None

    def release(self, *, remove: bool = False) -> None:
        """Let others have it, with `remove` without leaving the file; once more does no harm."""
        if not self._lock.is_locked:
            return
        if remove and not WINDOWS:  # there an open file cannot be, and `release` does it
            self._file.unlink(missing_ok=True)  # who waits for it looks for the file again
        self._lock.release()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold `file` for the block, and leave none. Raises `Held` if another process holds it."""
    lock = Lock(file)
    try:
        yield
    finally:
        lock.release(remove=True)


# ---- reading at an offset


class Reader:
    """A file that several threads read at any offset.

    Without `pread` the file is mapped. Only Windows lacks it, where nobody can cut a mapped file
    short, so that reading it cannot end the process by a signal.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        try:
            self.size = os.fstat(self.number).st_size
            self.mapped = self._map()
        except BaseException:
            self._file.close()
            raise

    def _map(self) -> mmap.mmap | None:
        if PREAD or not self.size:
            return None
        return mmap.mmap(self.number, 0, access=mmap.ACCESS_READ)

    @property
    def number(self) -> int:
        """The number of the open file."""
        return self._file.fileno()

    def fill(self, view: memoryview, at: int) -> bool:
        """Fill `view` with the bytes from offset `at` on; return whether there are as many."""
        if at < 0 or at + len(view) > self.size:
            return False
        while len(view):
            data = self._read(min(len(view), _AT_ONCE), at)
            if not data:
                return False
            view[: len(data)] = data
            view, at = view[len(data) :], at + len(data)
        return True

    def _read(self, size: int, at: int) -> bytes:
        if self.mapped is not None:
            return self.mapped[at : at + size]
        return os.pread(self.number, size, at)

    def close(self) -> None:
        """Let go of the file; closing twice does no harm.

        Where an array still lies on `mapped`, as while another thread reads, it goes with that.
        """
        if self.mapped is not None:
            with suppress(BufferError):
                self.mapped.close()
            self.mapped = None
        self._file.close()

"""Files that are elsewhere: object stores and the like, by their addresses, through fsspec.

An address is `s3://bucket/news/`, a folder or one file, or holds `*` for several. What to sign in
with comes from where the library of the store looks for it (environment, files in the home folder).
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from dedup.readers.protocol import UnreadableError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "hdfs": "pyarrow",
    "webhdfs": "requests",
    "file": "fsspec",
    "memory": "fsspec",
}
"""The kinds of addresses, with the package that reads each beside fsspec itself."""

BUFFER = 1 << 22
"""Bytes that are asked for at once. A higher value asks less often, and takes more memory."""

_ADDRESS = re.compile(rf"({'|'.join(PACKAGES)})://", re.IGNORECASE)
_MAGIC = re.compile(r"[*?\[]")


class Object(NamedTuple):
    """A file that is elsewhere."""

    path: str
    """Its address."""
    name: str
    """The way to it from what was given; empty if it was given itself."""
    size: int
    """In bytes."""
    version: str
    """What is another when it changes: the checksum or etag of its store, else its time of change;
    empty if the store tells neither."""


def is_remote(path: str) -> bool:
    """Return whether a path is an address.

    >>> is_remote("s3://bucket/news"), is_remote("news/s3.jsonl"), is_remote("https://n.example/")
    (True, False, False)
    """
    return _ADDRESS.match(path) is not None


def as_given(paths: Iterable[str]) -> tuple[str | Path, ...]:
    """Return paths as `dedup.scan` takes them: addresses as they are, all others as paths.

    >>> as_given(["s3://bucket/news", "news"])
    ('s3://bucket/news', PosixPath('news'))
    """
    return tuple(path if is_remote(path) else Path(path) for path in paths)


def listed(path: str) -> tuple[list[Object], bool]:
    """Return the files at an address, by name, and whether it is a folder or holds several.

    Raises `UnreadableError` where there is none, or it cannot be listed.
    """
    with _told(path):
        system, root = _system(path)
        if _MAGIC.search(root):
            found = system.glob(root, detail=True)
            top = posixpath.dirname(root[: _MAGIC.search(root).start()])  # type: ignore[union-attr]
        elif system.isfile(root):
            info = system.info(root)
            return [_object(system, info, "")], False
        else:
            found, top = system.find(root, detail=True), root
        infos = [info for info in found.values() if info["type"] == "file"]
        if not infos:
            raise FileNotFoundError(path)
    top = top.rstrip("/")
    objects = [_object(system, info, info["name"][len(top) :].strip("/")) for info in infos]
    return sorted(objects, key=lambda one: one.path), True


@contextmanager
def opened(path: str) -> Iterator[io.BufferedReader]:
    """Open a file that is elsewhere; it can be sought in.

    It, and reading from it, raise `UnreadableError` where the store gives no more of it.
    """
    with _told(path):
        system, name = _system(path)
        file = system.open(name, "rb", block_size=BUFFER)
    raw: io.RawIOBase = _Raw(path, file)
    with cast(io.BufferedReader, io.BufferedReader(raw, 1 << 16)) as stream:
        yield stream


class _Raw(io.RawIOBase):
    def __init__(self, path: str, file: Any) -> None:
        super().__init__()
        self._path, self._file = path, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with _told(self._path):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _system(path: str) -> tuple[AbstractFileSystem, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        what = "reading from addresses needs the package fsspec"
        raise UnreadableError(what, "type: pip install 'news-dedup[remote]'") from error
    scheme = path.partition("://")[0].lower()
    try:
        system, name = url_to_fs(path)
    except ImportError as error:
        what = f"reading from {scheme}:// needs the package {PACKAGES[scheme]}"
        raise UnreadableError(what, f"type: pip install {PACKAGES[scheme]}") from error
    return system, str(name)


def _object(system: AbstractFileSystem, info: Mapping[str, Any], name: str) -> Object:
    tells = ("ETag", "etag", "md5Hash", "crc32c", "checksum", "LastModified", "mtime", "created")
    version = next((str(info[key]) for key in tells if info.get(key)), "")
    address = str(system.unstrip_protocol(info["name"]))
    return Object(address, name, int(info.get("size") or 0), version.strip('"'))


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Turn whatever the library of a store raises into what a reader may."""
    try:
        yield
    except UnreadableError:
        raise
    except FileNotFoundError as error:
        what = "there is no such file or folder (any more)"
        raise UnreadableError(what, "check the address and run again") from error
    except Exception as error:
        said = (str(error).splitlines() or [""])[0][:200]
        what = f"it cannot be fetched ({type(error).__name__}: {said})"
        scheme = path.partition("://")[0]
        raise UnreadableError(
            what, f"check the address, the network and what {scheme}:// is signed in with"
        ) from error

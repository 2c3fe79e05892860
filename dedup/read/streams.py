"""Streams made of pieces, and the compressions they may come in; both know nothing of formats."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from dedup.read.source import UnreadableError

GROWN = 2**30
"""Bytes that compressed data may grow to, whatever its ratio (1 GiB)."""
GROWTH = 200
"""Times its own size that compressed data may grow to beyond `GROWN`. JSON lines and archives of
pages grow 3 to 30 times, so any size of them is read; what is made to fill a disk grows 1,000 times
and more. A single record is bounded by `dedup.read.source.LONGEST` besides."""

if TYPE_CHECKING:
    from zstandard import ZstdDecompressor

_PIECE = 1 << 18
"""Bytes asked for at a time; a stream holds a few of these and no more."""


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def joined(pieces: Iterator[bytes]) -> io.BufferedReader:
    r"""Give pieces of bytes as one stream, which takes the next piece only when it is read.

    What a piece raises is raised by the read that needs it; all earlier bytes have been given.

    >>> joined(iter([b"one\ntw", b"o"])).readlines()
    [b'one\n', b'two']
    """
    return io.BufferedReader(_Pieces(pieces), _PIECE)


def rest(stream: _Readable) -> Iterator[bytes]:
    """Give what a stream still holds, in pieces as they come."""
    return iter(partial(stream.read1, _PIECE), b"")


def begins(stream: io.BufferedReader, size: int) -> tuple[bytes, io.BufferedReader]:
    """Give the first bytes of a stream, fewer if it has no more, and the stream with them in it.

    >>> begins(joined(iter([b"a", b"bc", b"d"])), 3)[0]
    b'abc'
    """
    head = stream.peek(size)[:size]
    if len(head) < size:  # a pipe may hand out one byte at a time
        head = stream.read(size)
        stream = joined(chain([head], rest(stream)))
    return head, stream


def expanded(stream: io.BufferedReader, suffix: str) -> io.BufferedReader:
    """Decompress a stream by the suffix of its compression; any other suffix leaves it as it is.

    Reading raises `UnreadableError` where the data breaks off, is damaged or grows beyond all
    measure (`GROWTH`), after all before it.

    >>> import gzip
    >>> expanded(joined(iter([gzip.compress(b"news")])), ".gz").read()
    b'news'
    """
    if suffix not in COMPRESSIONS:
        return stream
    return joined(_guarded(stream, suffix))


def compression(head: bytes) -> str:
    """Tell by its first bytes how data is compressed: a suffix, or an empty string if it is not.

    >>> compression(b"BZh91AY&SY"), compression(b"BZh is what bzip2 data begins with.")
    ('.bz2', '')
    """
    return next(
        (suffix for suffix, (magic, _) in COMPRESSIONS.items() if re.match(magic, head)), ""
    )


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


_Opened = tuple[Iterator[bytes], type[Exception] | tuple[type[Exception], ...]]
"""Decompressed pieces, and what damaged data raises among them."""


def _gzip(stream: io.BufferedReader) -> _Opened:
    import gzip

    return rest(gzip.GzipFile(fileobj=stream)), (zlib.error, gzip.BadGzipFile)


def _bzip2(stream: io.BufferedReader) -> _Opened:
    import bz2

    return rest(bz2.BZ2File(stream)), OSError


def _xz(stream: io.BufferedReader) -> _Opened:
    import lzma

    return rest(lzma.LZMAFile(stream)), lzma.LZMAError


def _zstd(stream: io.BufferedReader) -> _Opened:
    import zstandard

    return _zstd_frames(stream, zstandard.ZstdDecompressor()), zstandard.ZstdError


def _zstd_frames(stream: io.BufferedReader, zstd: ZstdDecompressor) -> Iterator[bytes]:
    # Not zstandard's own stream reader, because that takes a frame that breaks off for a whole one.
    # 4 KiB at a time, because they can expand to 128 MiB at once.
    frame = zstd.decompressobj()
    begun = False
    for piece in iter(partial(stream.read, 4096), b""):
        data = piece
        while data:
            yield frame.decompress(data)
            begun = not frame.eof
            data = frame.unused_data
            if frame.eof:
                frame = zstd.decompressobj()
    if begun:
        raise EOFError


COMPRESSIONS: dict[str, tuple[bytes, Callable[[io.BufferedReader], _Opened]]] = {
    ".gz": (rb"\x1f\x8b", _gzip),
    ".bz2": (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", _bzip2),
    ".xz": (rb"\xfd7zXZ\0", _xz),
    ".zst": (rb"\x28\xb5\x2f\xfd", _zstd),
}
"""How a compression's data begins (an expression) and is read, by the suffix of a file's name."""


class _Meter:
    """Counts what compressed data grows to."""

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self._taken = self._given = 0

    def taken(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._taken += len(piece)
            yield piece

    def given(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._given += len(piece)
            if self._given > max(GROWN, GROWTH * self._taken):
                raise UnreadableError(
                    f"the {self._suffix} data grows more than {GROWTH}-fold, beyond"
                    f" {GROWN >> 20:,} MiB; what comes before was read",
                    "if it is meant to, decompress it yourself and give what comes out",
                )
            yield piece


def _guarded(stream: io.BufferedReader, suffix: str) -> Iterator[bytes]:
    meter = _Meter(suffix)
    try:
        pieces, damage = COMPRESSIONS[suffix][1](joined(meter.taken(rest(stream))))
    except ImportError as error:
        what = f"reading {suffix} files needs the package {error.name}"
        raise UnreadableError(what, "type: pip install 'news-dedup[zstd]'") from error
    try:
        yield from meter.given(pieces)
    except EOFError as error:
        what = f"the {suffix} data breaks off; what comes before was read"
        raise UnreadableError(what, "fetch the file again to have the rest") from error
    except damage as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk, not the data
            raise
        what = f"the {suffix} data is damaged ({error}); what comes before was read"
        raise UnreadableError(
            what, f"fetch it again, or rename it if it is no {suffix} file"
        ) from error

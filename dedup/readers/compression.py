"""Streams made of pieces, and the compressions they may come in; both know nothing of formats."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import IO, TYPE_CHECKING, Protocol

from dedup.errors import Problem
from dedup.readers.protocol import LONGEST, Source, UnreadableError

GROWN = 2**30
"""Bytes that compressed data may grow to, whatever its ratio (1 GiB)."""
GROWTH = 200
"""Times its own size that compressed data may grow to beyond `GROWN`. JSON lines and archives of
pages grow 3 to 30 times, so any size of them is read; what is made to fill a disk grows 1,000 times
and more. A single record is bounded by `dedup.readers.protocol.LONGEST` besides."""

if TYPE_CHECKING:
    from zstandard import ZstdDecompressor

DAMAGED = b"\r\n\0damaged\0\r\n"
"""What `expanded` puts where it left out damaged data."""

_PIECE = 1 << 18
"""Bytes asked for at a time; a stream holds a few of these and no more."""

_GZIP = 31
"""Tells zlib to expect the header and trailer of gzip."""
_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
"""How a member of gzip data begins."""
_WINDOW = 2**31
"""Bytes that Zstandard may look back (2 GiB, as `zstd --long=31` writes); memory holds only as many
as were unpacked."""
_NO_PADDING = re.compile(rb"[^\0]")


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
    r"""Return pieces of bytes as one stream, which takes the next piece only when it is read.

    What a piece raises is raised by the read that needs it; all earlier bytes have been given.

    >>> joined(iter([b"one\ntw", b"o"])).readlines()
    [b'one\n', b'two']
    """
    return io.BufferedReader(_Pieces(pieces), _PIECE)


def rest(stream: _Readable) -> Iterator[bytes]:
    """Yield what a stream still holds, in pieces as they come."""
    return iter(partial(stream.read1, _PIECE), b"")


def begins(stream: io.BufferedReader, size: int) -> tuple[bytes, io.BufferedReader]:
    """Return the first bytes of a stream, fewer if it has no more, and the stream with them in it.

    What goes wrong on the way is raised by the read that comes to it. A file stays seekable; its
    buffer must hold `size` bytes.

    >>> begins(joined(iter([b"a", b"bc", b"d"])), 3)[0]
    b'abc'
    """
    if stream.seekable():
        return stream.peek(size)[:size], stream
    head, failure = bytearray(), None
    try:
        while len(head) < size and (piece := stream.read1(_PIECE)):
            head += piece
    except (UnreadableError, OSError) as error:
        failure = error
    return bytes(head[:size]), joined(chain([bytes(head)], _on(stream, failure)))


def _on(stream: io.BufferedReader, failure: Exception | None) -> Iterator[bytes]:
    if failure:
        raise failure
    yield from rest(stream)


@contextmanager
def seekable(stream: io.BufferedReader) -> Iterator[IO[bytes]]:
    """Yield the same data as a file that can be sought in, which may be a temporary one."""
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file)
        file.seek(0)
        yield file


def entire(
    stream: io.BufferedReader, source: Source, problems: list[Problem], noun: str, remedy: str
) -> bytes:
    """Return all of a stream that is one document, a `noun`; of one that breaks off the beginning.

    Raises `UnreadableError` with the remedy if it is longer than `LONGEST`, and if there is none.
    """
    data = beginning(stream, LONGEST, source, problems)
    if len(data) > LONGEST:
        raise UnreadableError(f"the {noun} is longer than {LONGEST >> 20} MiB", remedy)
    if not data or data.isspace():
        raise UnreadableError(f"the file holds no {noun}", "fill it, or delete it")
    return data


def beginning(
    stream: io.BufferedReader, most: int, source: Source, problems: list[Problem]
) -> bytes:
    """Return what there is of a stream, which may break off; if it is more than `most` bytes, more.

    Raises `UnreadableError` if it breaks off before anything was read.
    """
    data = bytearray()
    try:
        for piece in rest(stream):
            data += piece
            if len(data) > most:
                break
    except UnreadableError as error:
        if not data:
            raise
        problems.append(Problem(source.path, error.what, error.remedy, skipped=False))
    return bytes(data)


def expanded(
    stream: io.BufferedReader, suffix: str, *, past_damage: bool = False
) -> io.BufferedReader:
    """Decompress a stream by the suffix of its compression; any other suffix leaves it as it is.

    Reading raises `UnreadableError` where the data breaks off, is damaged or grows beyond all
    measure (`GROWTH`), after all before it. With `past_damage`, damaged gzip data does not end it:
    `DAMAGED` stands there, and what begins anew (a member, as of each record of a WARC) follows.

    >>> import gzip
    >>> expanded(joined(iter([gzip.compress(b"news")])), ".gz").read()
    b'news'
    """
    if suffix not in COMPRESSIONS:
        return stream
    opener = _members if past_damage and suffix == ".gz" else COMPRESSIONS[suffix][1]
    return joined(_guarded(stream, suffix, opener))


def compression(head: bytes) -> str:
    """Return how data is compressed, by its first bytes: a suffix, or an empty string if it is not.

    >>> compression(b"BZh91AY&SY"), compression(b"BZh is what bzip2 data begins with.")
    ('.bz2', '')
    """
    return next((suffix for suffix, (magic, _) in COMPRESSIONS.items() if magic.match(head)), "")


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


_Opened = tuple[Iterator[bytes], type[Exception] | tuple[type[Exception], ...]]
"""Decompressed pieces, and what damaged data raises among them."""


def _gzip(stream: io.BufferedReader) -> _Opened:
    import gzip

    return rest(gzip.GzipFile(fileobj=stream)), (zlib.error, gzip.BadGzipFile)


def _members(stream: io.BufferedReader) -> _Opened:
    return _gzip_members(stream), zlib.error


def _gzip_members(stream: io.BufferedReader) -> Iterator[bytes]:
    member = None
    data = out = b""
    lost = fresh = False
    for piece in rest(stream):
        data += piece
        while data or len(out) == _PIECE:  # the latter: zlib may hold back more
            if member is None:
                start = _MEMBER.search(data) if lost else _NO_PADDING.search(data)
                data = data[start.start() :] if start else data[-3:] if lost else b""
                if not start:
                    break
                member, fresh = zlib.decompressobj(_GZIP), True
            try:
                out = member.decompress(data, _PIECE)
            except zlib.error:
                if not lost:
                    yield DAMAGED
                lost, member, out = True, None, b""
                data = data[fresh:]  # else it would be found again
                continue
            yield out
            lost = fresh = False
            data = member.unconsumed_tail
            if member.eof:
                data, member, out = member.unused_data, None, b""
    if member is not None:
        raise EOFError


def _bzip2(stream: io.BufferedReader) -> _Opened:
    import bz2

    return rest(bz2.BZ2File(stream)), OSError


def _xz(stream: io.BufferedReader) -> _Opened:
    import lzma

    return rest(lzma.LZMAFile(stream)), lzma.LZMAError


def _zstd(stream: io.BufferedReader) -> _Opened:
    import zstandard

    zstd = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    return _zstd_frames(stream, zstd), zstandard.ZstdError


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


COMPRESSIONS: dict[str, tuple[re.Pattern[bytes], Callable[[io.BufferedReader], _Opened]]] = {
    ".gz": (re.compile(rb"\x1f\x8b"), _gzip),
    ".bz2": (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), _bzip2),
    ".xz": (re.compile(rb"\xfd7zXZ\0"), _xz),
    ".zst": (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), _zstd),
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
            if self._given > max(GROWN, GROWTH * self._taken):
                raise UnreadableError(
                    f"the {self._suffix} data grows more than {GROWTH}-fold, beyond"
                    f" {GROWN >> 20:,} MiB; what comes before was read",
                    "if it is meant to, decompress it yourself and give what comes out",
                )
            self._given += len(piece)
            yield piece


def _guarded(
    stream: io.BufferedReader, suffix: str, opener: Callable[[io.BufferedReader], _Opened]
) -> Iterator[bytes]:
    meter = _Meter(suffix)
    try:
        pieces, damage = opener(joined(meter.taken(rest(stream))))
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

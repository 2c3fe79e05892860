"""Bytes to text: UTF-8, UTF-16 with its mark, and whatever else the bytes look like."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.readers.article_builder import counted
from dedup.readers.compression import begins, joined, rest

SAMPLE = 1 << 16
"""Bytes that a guess at an encoding looks at."""
_TELLING = re.compile(rb"[\x80-\xff]+[\x00-\x7f]{0,60}")

_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(data: bytes) -> tuple[str, str, int]:
    """Decode the whole of a text: the text, its encoding, and how many characters were lost.

    A byte order mark is taken off. Lost ones stand in the text as U+FFFD.

    >>> decode("Café".encode())
    ('Café', 'utf-8', 0)
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return forgiving(data[len(mark) :], encoding)
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data and (encoding := _looks_like(data[:SAMPLE])).startswith("utf_16"):
        return forgiving(data, encoding)
    try:
        return data.decode(), "utf-8", 0
    except UnicodeDecodeError:
        return forgiving(data, guess(data))


def forgiving(data: bytes | bytearray, encoding: str) -> tuple[str, str, int]:
    """Decode in a known encoding, and count what is not of it as lost, as `decode` does."""
    try:
        return data.decode(encoding), encoding, 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    return text, encoding, text.count("\ufffd")


def guess(data: bytes | bytearray) -> str:
    """Name the encoding that the data looks to be in, which is not quite UTF-8.

    Text that is UTF-8 for the most part is damaged UTF-8, not another encoding. Otherwise the bytes
    that are not ASCII tell, with some that follow each, but not long stretches of ASCII.
    """
    tried = data.decode("utf-8", "replace")
    lost = tried.count("\ufffd")
    if len(tried) - len(tried.encode("ascii", "ignore")) > 2 * lost:
        return "utf-8"
    sample = bytearray()
    for telling in _TELLING.finditer(data):
        sample += telling[0]
        if len(sample) > SAMPLE:
            break
    return _looks_like(bytes(sample))


def _looks_like(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else "utf-8"


def as_utf8(stream: io.BufferedReader) -> io.BufferedReader:
    """Take off a byte order mark, and turn UTF-16 into UTF-8; else the stream as it is.

    What cannot be decoded becomes bytes that are not UTF-8 either, so that the next one sees it.
    """
    head, stream = begins(stream, 3)
    if head == codecs.BOM_UTF8:
        stream.read(3)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            stream.read(2)
            return joined(_transcoded(stream, encoding))
    return stream


def _transcoded(stream: io.BufferedReader, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for piece in rest(stream):
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:  # half a character at the very end
        yield b"\xff"


def undecodable(where: str, lost: int, encoding: str) -> Problem:
    """Say that some of a text could not be decoded and stands there as U+FFFD."""
    what = f"{counted(lost, 'character')} cannot be read as {encoding} and became U+FFFD"
    return Problem(where, what, "convert the file to UTF-8", skipped=False)

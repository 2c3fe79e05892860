"""Bytes to text: UTF-8, UTF-16 with its mark, and whatever else the bytes look like."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.read.records import counted
from dedup.read.streams import joined, rest

SAMPLE = 1 << 16
"""Bytes that a guess at an encoding looks at, around the first one that is not UTF-8."""

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
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return forgiving(data, guess(data, error.start))
    if "\0" in text and (encoding := guess(data, data.index(0))).startswith("utf_16"):
        return forgiving(data, encoding)
    return text, "utf-8", 0


def forgiving(data: bytes | bytearray, encoding: str) -> tuple[str, str, int]:
    """Decode in a known encoding, and count what is not of it as lost, as `decode` does."""
    try:
        return data.decode(encoding), encoding, 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    return text, encoding, text.count("\ufffd")


def guess(data: bytes | bytearray, bad: int) -> str:
    """Name the encoding that the data looks to be in, although byte `bad` is none of UTF-8.

    Text that is UTF-8 for the most part is damaged UTF-8, not another encoding.
    """
    sample = data[_break_before(data, max(0, bad - SAMPLE // 2)) : bad + SAMPLE // 2]
    tried = sample.decode("utf-8", "replace")
    lost = tried.count("\ufffd")
    if len(tried) - len(tried.encode("ascii", "ignore")) > 2 * lost:
        return "utf-8"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else "utf-8"


def _break_before(data: bytes | bytearray, start: int) -> int:
    """Step back to a byte that no encoding has inside a character: a blank, a mark, a new line."""
    if start == 0:
        return 0
    found = re.search(rb"[\t\n\r -/][^\t\n\r -/]*\Z", data[max(0, start - 4096) : start])
    return start - len(found[0]) if found else start


def as_utf8(stream: io.BufferedReader) -> io.BufferedReader:
    """Take off a byte order mark, and turn UTF-16 into UTF-8; else the stream as it is.

    What cannot be decoded becomes bytes that are not UTF-8 either, so that the next one sees it.
    """
    head = stream.peek(3)[:3]
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

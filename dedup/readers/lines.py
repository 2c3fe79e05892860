"""A stream of text as lines, in whatever encoding, none longer than memory can hold."""

from __future__ import annotations

import io
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.readers.encoding import as_utf8, decode_in, encoding_of, guessed, undecodable
from dedup.readers.protocol import LONGEST, Source, UnreadableError

_PART = 1 << 20
"""Bytes of a line that are asked for at once; hardly any line has more."""


def numbered(
    stream: io.BufferedReader, source: Source, problems: list[Problem], remedy: str
) -> Iterator[tuple[int, str]]:
    """Yield the lines, with their ends and their numbers from 1.

    Lines that are not UTF-8 are read in the encoding that the first such line, with what follows
    it, looks to be in. One that is too long to hold is skipped, with a `Problem` that gives the
    remedy.
    Raises `UnreadableError`, at the end, for a stream of nothing but blanks.
    """
    stream, marked = as_utf8(stream)
    encoding = "utf-8" if marked else ""
    empty = True
    number = 0
    while line := _line(stream):
        number += 1
        if len(line) > LONGEST:
            what = f"the line is longer than {LONGEST >> 20} MiB"
            problems.append(Problem(source.at(number), what, remedy))
            empty = False
            while line and not line.endswith(b"\n"):
                line = stream.readline(_PART)
            continue
        try:
            text = line.decode()
        except UnicodeDecodeError:
            if not encoding:
                encoding, is_guess = encoding_of(line + stream.peek(), cut=True)
                if is_guess:
                    problems.append(guessed(source.at(number), encoding))
            text, _, lost, _ = decode_in(line, encoding)
            if lost:
                problems.append(undecodable(source.at(number), lost, encoding))
        empty = empty and text.isspace()
        yield number, text
    if empty:
        raise UnreadableError("the file holds no line", "fill it, or delete it")


def _line(stream: io.BufferedReader) -> bytes | bytearray:
    """Return the next line, or so much of it as shows that it is too long."""
    line = stream.readline(_PART)
    if len(line) < _PART:
        return line
    parts = bytearray(line)  # in place: the stream itself would hold a long line twice
    while line and len(parts) <= LONGEST and not parts.endswith(b"\n"):
        line = stream.readline(_PART)
        parts += line
    return parts

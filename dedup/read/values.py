"""JSON values one after another: lines, an array, or objects over many lines; as a stream."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.read.decoded import decoded
from dedup.read.source import LONGEST, Source, UnreadableError

_DECODER = json.JSONDecoder(strict=False)  # takes a bare tab or NUL inside a string, as many write
_BETWEEN = re.compile(r"[\s,\[\]\x1e\ufeff]*")
"""What may stand between values: an array's own signs too, so that its items come one by one."""
_NEXT = re.compile(r"\n(?=\{)")
_SPARE = 16
"""Characters at the end of what was read that may be half of a token."""


def values(
    stream: io.BufferedReader, source: Source, problems: list[Problem]
) -> Iterator[tuple[int, object]]:
    """Give the values of a stream, or the items of arrays, each with the line it begins on.

    Memory holds one value at a time, of at most `LONGEST` characters. After a broken one reading
    goes on at the next line that begins with `{`.
    """
    text, size, line = "", 0, 1
    ended = broken = False
    pieces = decoded(stream, source, problems, lambda _: "utf-8")  # RFC 8259
    while not ended:
        piece = next(pieces, None)
        ended = piece is None
        text += piece or ""
        if len(text) < size and not ended:
            continue
        at = 0
        if broken:
            at = _after(text)
            line += text.count("\n", 0, at)
            broken = at == len(text)
        while (start := _end(text, at)) < len(text):
            line += text.count("\n", at, start)
            at = start
            try:
                value, end = _DECODER.raw_decode(text, start)
            except (ValueError, RecursionError) as error:
                if not ended and _incomplete(error, text):
                    break
                problems.append(_broken(error, source.at(line)))
                end = start + _after(text[start:])
                broken = end == len(text)
            else:
                yield line, value
            line += text.count("\n", start, end)
            at = end
        text = text[at:]
        size = 2 * len(text)
        if len(text) > LONGEST:
            what = f"a value is longer than {LONGEST >> 20} Mi characters"
            raise UnreadableError(what, "put one article in an object")


def _end(text: str, start: int) -> int:
    between = _BETWEEN.match(text, start)
    return between.end() if between else start


def _after(text: str) -> int:
    """Find where to go on after something broken; the end of the text if that is not in it."""
    following = _NEXT.search(text)
    return following.end() if following else len(text)


def _incomplete(error: Exception, text: str) -> bool:
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos > len(text) - _SPARE or error.msg.startswith("Unterminated string")


def _broken(error: Exception, where: str) -> Problem:
    message = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    what = f"what begins here is not JSON that can be read ({message})"
    return Problem(where, what, "mend or delete it")

"""A file of JSON that is not lines: one article, an array of them, or an object that lists them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dedup.errors import Problem
from dedup.readers import ninjs
from dedup.readers.article_builder import Records, counted, kind
from dedup.readers.decoded import decoded
from dedup.readers.field_names import named
from dedup.readers.jsonl import DECODER
from dedup.readers.protocol import LONGEST, Source, UnreadableError
from dedup.records import Article

_EXAMPLE = 'give objects such as {"text": "..."}, alone, in an array or in lines'


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the articles, one object after another; one that is none becomes a `Problem`.

    An object is an item in ninjs, or a record with the fields that `dedup.readers.article_builder`
    names; or it lists such objects in one of its fields, as answers of interfaces do. One without
    an id gets the source's name and its number, from 1. Items in ninjs without a text, such as
    pictures, are left out and counted.
    """
    names = named(source.fields)
    records = Records(problems, names, source.site, source.path)
    ours = Records(problems, None, source.site, source.path)
    number = without = seen = 0
    before = len(problems)
    for line, value in values(stream, source, problems):
        seen += 1
        where = source.at(line)
        if not isinstance(value, dict):
            problems.append(Problem(where, f"it is {kind(value)}, not an object", _EXAMPLE))
            continue
        for item in _items(value, names["text"]):
            number += 1
            article = None
            if _holds(item, names["text"]) or not ninjs.detect(item):
                article = records.article(item, f"{source.name}:{number}", where)
            elif "text" in (record := ninjs.fields(item)):
                article = ours.article(record, f"{source.name}:{number}", where)
            else:
                without += 1
            if article is not None:
                yield article
    if without:
        what = f"{counted(without, 'item')} without a text left out"
        remedy = "nothing, if they are pictures or the like"
        problems.append(Problem(source.path, what, remedy, articles=without))
    if not seen and len(problems) == before:
        raise UnreadableError("the file holds no object", "fill it, or delete it")


def _holds(item: Mapping[str, Any], names: Sequence[str]) -> bool:
    return any(name in item for name in names)


def _items(value: dict[str, Any], names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield what an object lists in its fields if it is no article itself, else the object."""
    if _holds(value, names) or ninjs.detect(value):
        yield value
        return
    lists = (listed for listed in value.values() if isinstance(listed, list))
    items = (item for listed in lists for item in listed if isinstance(item, dict))
    found = [item for item in items if _holds(item, names) or ninjs.detect(item)]
    yield from found or [value]


# -- JSON values one after another: lines, an array, or objects

_BETWEEN = re.compile(r"[\s,\[\]\x1e\ufeff]*")
"""What may stand between values: an array's own signs too, so that its items come one by one."""
_NEXT = re.compile(r"\n(?=\{)")
_SPARE = 16
"""Characters at the end of what was read that may be half of a token."""


def values(
    stream: io.BufferedReader, source: Source, problems: list[Problem]
) -> Iterator[tuple[int, object]]:
    """Yield the values of a stream, or the items of arrays, each with the line it begins on.

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
                value, end = DECODER.raw_decode(text, start)
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

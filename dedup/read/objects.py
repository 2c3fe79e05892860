"""A file of JSON that is not lines: one article, an array of them, or an object that lists them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from dedup.document import Article
from dedup.errors import Problem
from dedup.read import ninjs
from dedup.read.records import Records, counted, kind, mapped
from dedup.read.source import Source, UnreadableError
from dedup.read.values import values

_EXAMPLE = 'give objects such as {"text": "..."}, alone, in an array or in lines'


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Give the articles, one object after another; one that is none becomes a `Problem`.

    An object is an item in ninjs, or a record with the fields that `dedup.read.records` names; or
    it lists such objects in one of its fields, as answers of interfaces do. One without an id gets
    the source's name and its number, from 1. Items in ninjs without a text, such as pictures, are
    left out and counted.
    """
    records = Records(problems, source.fields, source.site, source.path)
    ours = Records(problems, None, source.site, source.path)
    field = mapped(source.fields)["text"]
    number = without = seen = 0
    before = len(problems)
    for line, value in values(stream, source, problems):
        seen += 1
        where = source.at(line)
        if not isinstance(value, dict):
            problems.append(Problem(where, f"it is {kind(value)}, not an object", _EXAMPLE))
            continue
        for item in _items(value, field):
            number += 1
            article = None
            if field in item or not ninjs.detect(item):
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


def _items(value: dict[str, Any], field: str) -> Iterator[Mapping[str, Any]]:
    """Give what an object lists in its fields if it is no article itself, else the object."""
    if field in value or ninjs.detect(value):
        yield value
        return
    lists = (listed for listed in value.values() if isinstance(listed, list))
    items = (item for listed in lists for item in listed if isinstance(item, dict))
    found = [item for item in items if field in item or ninjs.detect(item)]
    yield from found or [value]

"""JSON lines: one article a line, an object with the fields of `readers.article_builder`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

from dedup.errors import Problem
from dedup.readers.article_builder import Records, kind
from dedup.readers.lines import numbered
from dedup.readers.protocol import Source
from dedup.records import Article

DECODER = json.JSONDecoder(strict=False)
"""Takes a bare tab, line break or NUL inside a string, as many write it."""
_EXAMPLE = 'write one object a line, such as {"text": "..."}'


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the articles, one line after another; a line that is none becomes a `Problem`.

    A record without an id gets the source's name and the number of its line. Lines that are not
    UTF-8 are read in the encoding that the first such line looks to be in.
    """
    return (article for _, article in rows(stream, source, problems))


def rows(
    stream: io.BufferedReader, source: Source, problems: list[Problem]
) -> Iterator[tuple[int, Article]]:
    """Yield what `read` does, each with the number of its line, from 1."""
    records = Records(problems, source.fields, source.site, source.path)
    for number, line in numbered(stream, source, problems, "put one article on a line"):
        if line.isspace():
            continue
        where = source.at(number)
        record = parsed(line, where, problems)
        if record is None:
            continue
        article = records.article(record, f"{source.name}:{number}", where)
        if article is not None:
            yield number, article


def parsed(line: str, where: str, problems: list[Problem]) -> dict[str, object] | None:
    """Return the object that a line holds; None, and a `Problem`, if it holds none.

    >>> problems = []
    >>> parsed('{"text": "Rain."}', "-:1", problems), parsed("[1]", "-:2", problems)
    ({'text': 'Rain.'}, None)
    >>> print(*problems)
    -:2: the line holds a list, not an object (write one object a line, such as {"text": "..."})
    """
    try:
        value = DECODER.decode(line)
    except json.JSONDecodeError as error:
        what = f"the line is not JSON ({error.msg}, character {error.colno})"
        problems.append(Problem(where, what, "mend or delete the line"))
        return None
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, lists 1,000 deep
        what = f"the line is JSON that cannot be read ({error})"
        problems.append(Problem(where, what, "mend or delete the line"))
        return None
    if isinstance(value, dict):
        return value
    problems.append(Problem(where, f"the line holds {kind(value)}, not an object", _EXAMPLE))
    return None

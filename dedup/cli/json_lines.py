"""What an index says of articles, as lines: JSON for programs, a few words for people."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from dedup.errors import Problem
from dedup.index.answers import Found
from dedup.readers.article_builder import Items
from dedup.readers.field_names import FieldNames, Given
from dedup.readers.jsonl import parsed
from dedup.readers.protocol import LONGEST
from dedup.records import Article

_PART = 1 << 20


def row(found: Found) -> dict[str, Any]:
    """Return an answer as JSON has it: the fields of `Found`, and `new` for the last of them."""
    written = {"article": found.article, "new": found.is_new} | asdict(found)
    del written["new_when"]
    return written


def line(found: Found) -> str:
    """Return an answer in a few words.

    >>> line(Found("a.txt", True, 1, 1, 1, (), 0, (), 1.0, None, ()))
    'seen   a.txt'
    """
    if found.seen:
        return f"seen   {found.article}"
    said = [f"{'new  ' if found.is_new else 'known'}  {found.article}"]
    if found.story:
        said.append(f"story {found.story}")
    if found.links:
        link = found.links[0]
        a_is_new = link.a == found.article
        other, share = (link.b, link.share_of_a) if a_is_new else (link.a, link.share_of_b)
        said.append(f"{share:.0%} of it in {other}")
    elif found.hits:
        first = found.hits[0]
        said.append(f"¶{first.paragraph} {first.relation} in {first.article}")
    return "  ".join(said)


def answers(
    stream: io.BufferedIOBase,
    ask: Callable[[Article], Found],
    *,
    site: str | None = None,
    fields: Given | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield one object for each line of JSON, before the next line is waited for.

    The object is that of `row`, with the number of the line from 1 under `line`; for a line that
    holds no article it is `line` with `error` and `remedy`. Blank lines are passed by. `problems`
    lists what was mended in an article. An article without an id gets one made of what it holds.
    """
    problems: list[Problem] = []
    items = Items(problems, FieldNames(fields).of("jsonl"), site)
    number = 0
    while written := stream.readline(_PART):
        number += 1
        if written.isspace() and written.endswith(b"\n"):
            continue
        problems.clear()
        article = _article(written, stream, f"line {number}", items, problems)
        if article is None:
            said = problems[-1]
            yield {"line": number, "error": said.what, "remedy": said.remedy}
        else:
            mended = [asdict(problem) for problem in problems]
            answer = row(ask(article))
            yield {"line": number} | answer | {"problems": [*mended, *answer["problems"]]}


def _article(
    written: bytes,
    stream: io.BufferedIOBase,
    where: str,
    items: Items,
    problems: list[Problem],
) -> Article | None:
    whole = bytearray(written)
    length = len(whole)
    while not written.endswith(b"\n") and (written := stream.readline(_PART)):
        length += len(written)
        if length <= LONGEST:
            whole += written
    if length > LONGEST:
        what = f"the line is longer than {LONGEST >> 20} MiB"
        problems.append(Problem(where, what, "put one article on a line"))
        return None
    try:
        text = whole.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"the line is not UTF-8 (byte {error.start + 1})"
        problems.append(Problem(where, what, "write it in UTF-8"))
        return None
    record = parsed(text, where, problems)
    return None if record is None else items.article(record, where)

"""Documents of word processors: DOCX (ECMA-376) and ODT (OASIS OpenDocument), as one article."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol
from xml.etree.ElementTree import Element

from dedup.errors import Problem
from dedup.readers import tree, xml
from dedup.readers.article_builder import Records
from dedup.readers.protocol import Source, UnreadableError
from dedup.records import Article

_BREAKS: Mapping[str, str] = {
    "w:br": "\n", "w:cr": "\n", "w:tab": "\t", "w:noBreakHyphen": "-",
    "text:line-break": "\n", "text:tab": "\t", "text:s": " ",
}  # fmt: skip
"""Elements that stand for a character."""
_PARAGRAPHS = frozenset(("w:p", "text:p", "text:h"))
_WITHOUT = frozenset(
    ("mc:Fallback", "office:annotation", "text:note-citation", "text:tracked-changes")
)
"""Elements that go with all they hold: what is there twice, or cut, or said of the text."""


class Packed(Protocol):
    """What a document is packed in."""

    def opened(self, name: str) -> io.BufferedReader | None:
        """Open a part by its name; None if there is none."""


Reader = Callable[[Packed, Source, list[Problem]], Iterator[Article]]
"""A function that knows a kind of document."""


def docx(packed: Packed, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the article of a DOCX: a paragraph a line; deleted text, notes and headers are not."""
    names = ("dc:title", "dc:creator")
    yield from _article(
        packed, source, problems, ("word/document.xml", "w:body"), ("docProps/core.xml", names)
    )


def odt(packed: Packed, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the article of an ODT, likewise."""
    names = ("dc:title", "meta:initial-creator", "dc:creator")
    yield from _article(
        packed, source, problems, ("content.xml", "office:text"), ("meta.xml", names)
    )


def _told(
    packed: Packed, source: Source, problems: list[Problem], name: str, tags: tuple[str, ...]
) -> dict[str, str]:
    """Return what a document tells of itself; damage in that costs no text."""
    told: dict[str, str] = {}
    damage: list[Problem] = []
    try:
        if (stream := packed.opened(name)) is not None:
            for found in xml.elements(stream, source, damage, *tags):
                told.setdefault(found.element.tag, tree.own(found.element) or "")
        why = damage[0].what if damage else ""
    except (UnreadableError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        why = str(error)[:100]
    if why:
        what = f"its title and author cannot be read ({why})"
        problems.append(Problem(source.path, what, "open it and save it again", skipped=False))
    return told


def _article(
    packed: Packed,
    source: Source,
    problems: list[Problem],
    body: tuple[str, str],
    about: tuple[str, tuple[str, ...]],
) -> Iterator[Article]:
    stream = packed.opened(body[0])
    if stream is None:
        raise UnreadableError(f"the document has no {body[0]}", "save it again")
    parts = [found.element for found in xml.elements(stream, source, problems, body[1])]
    text = "\n".join(filter(None, (_text(part) for part in parts)))
    if not text:
        raise UnreadableError("the document holds no text", "fill it, or delete it")
    told = _told(packed, source, problems, *about)
    record = {
        "text": text,
        "title": told.get("dc:title"),
        "author": told.get("meta:initial-creator") or told.get("dc:creator"),
    }
    records = Records(problems, None, source.site, source.path)
    article = records.article(record, source.name, source.path)
    if article is not None:
        yield article


def _text(body: Element) -> str:
    """Return the text of a body, a paragraph a line."""
    lines: list[list[str]] = [[]]
    todo = [(body, False)]
    while todo:
        element, after = todo.pop()
        if after:
            lines[-1].append(_said(element.tail, element.tag, tail=True))
            continue
        if element.tag in _PARAGRAPHS:
            lines.append([])
        todo.append((element, True))
        if element.tag in _WITHOUT:
            continue
        lines[-1].append(_BREAKS.get(element.tag, "") + _said(element.text, element.tag))
        todo += [(child, False) for child in reversed(element)]
    return "\n".join(line for found in lines if (line := "".join(found).strip()))


def _said(text: str | None, tag: str, *, tail: bool = False) -> str:
    """Return the words between tags: in a DOCX those of `w:t` alone."""
    if tag.startswith("w:") or not text:
        return text or "" if tag == "w:t" and not tail else ""
    return " ".join(text.split("\n")) if tag.startswith("text:") else ""

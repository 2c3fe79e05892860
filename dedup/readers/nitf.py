"""NITF, the News Industry Text Format of the IPTC, 3.x and what came before (iptc.org/std/NITF)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dedup.errors import Problem
from dedup.readers import markup, tree, xml
from dedup.readers.article_builder import Records
from dedup.readers.protocol import Source, UnreadableError
from dedup.readers.unique_ids import scoped
from dedup.records import Article

_AS_HTML = {
    "block": "div",
    "bq": "blockquote",
    "credit": "p",
    "datasource": "p",
    "fn": "p",
    "hl2": "h2",
    "media": "figure",
    "media-caption": "figcaption",
    "media-metadata": "template",
    "media-object": "template",
    "media-producer": "figcaption",
    "media-reference": "template",
    "note": "div",
}
"""Elements of NITF by what is like them in HTML; others are like those of the same name."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the articles of a file; most have one.

    The id is that of `doc-id`, else the `du-key` with its version; one that another house may give,
    too, gets its registry before it, else the site, else the name of the file. What `ed-msg` says
    is for editors and not read; the `dateline` of the head is left out, for the text most often
    begins with it. `change.date` is that of the DTD, not of the article.
    """
    records = Records(problems, None, source.site, source.path)
    number = 0
    for number, found in enumerate(xml.elements(stream, source, problems, "nitf"), 1):
        name = source.name if number == 1 else f"{source.name}:{number}"
        where = source.at(found.line)
        record = _record(found, source.site or source.name)
        if not record["text"]:
            what = "the article has no text"
            problems.append(Problem(where, what, "nothing, or get the article with its body"))
        elif (article := records.article(record, name, where)) is not None:
            yield article
    if not number and not problems:
        raise UnreadableError("the file holds no whole <nitf>", "fetch it again")


def as_html(element: Element) -> str:
    """Write what an element of NITF holds as HTML."""
    return tree.markup(element, _AS_HTML)


def body(nitf: Element) -> str:
    """Return an article's text, a paragraph a line: its body and tagline, else its abstract."""
    for paths in (("body/body.content", "body/body.end/tagline"), ("body/body.head/abstract",)):
        elements = (element for path in paths for element in tree.under(nitf, path))
        texts = (markup.text(as_html(element)).strip() for element in elements)
        if text := "\n".join(filter(None, texts)):
            return text
    return ""


def _record(found: xml.Found, scope: str) -> dict[str, str | None]:
    nitf = found.element
    key = tree.first(nitf, "head/docdata/du-key@key")
    version = tree.first(nitf, "head/docdata/du-key@version")
    guid = tree.first(nitf, "head/docdata/doc-id@id-string")
    registry = tree.first(nitf, "head/docdata/doc-id@regsrc") if guid else None
    return {
        "id": scoped(guid or (f"{key}:{version}" if key and version else key), registry or scope),
        "text": body(nitf),
        "title": tree.first(nitf, "body/body.head/hedline/hl1", "head/title"),
        "date": tree.first(
            nitf,
            "head/docdata/date.issue@norm",
            "head/pubdata@date.publication",
            "head/docdata/date.release@norm",
            "body/body.head/dateline/story.date@norm",
        ),
        "author": ", ".join(_authors(nitf)) or None,
        "source": tree.first(
            nitf,
            "body/body.head/distributor",
            "head/docdata/del-list/from-src@src-name",
            "head/docdata/doc.copyright@holder",
            "body/body.head/rights/rights.owner",
            "head/docdata/doc-id@regsrc",
        ),
        "lang": tree.first(nitf, "body@xml:lang", "@xml:lang", "@baselang") or found.lang,
        "status": tree.first(nitf, "head/docdata@management-status"),
    }


def _authors(nitf: Element) -> Iterator[str]:
    """Yield bylines, each with the writer's office after it: `By Ann Reed`, `Agency Writer`."""
    for byline in tree.under(nitf, "body/body.head/byline"):
        offices = list(filter(None, map(tree.own, tree.under(byline, "byttl"))))
        line = tree.own(byline) or ""
        for office in offices:
            line = line.removesuffix(office).rstrip(" ,")
        yield from filter(None, (line, *offices))

"""NewsML-G2, the news exchange format of the IPTC (iptc.org/std/NewsML-G2): news items with text.

What is read is what the agencies send: ANSA, dpa, Reuters and STT, for instance, put XHTML, NITF
or plain text into one `newsItem`, alone or in a `newsMessage`. For NewsML 1 see
`dedup.readers.newsml1`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from dedup.errors import Problem
from dedup.readers import markup, newsml1, nitf, tree, xml
from dedup.readers.article_builder import Records, counted
from dedup.readers.protocol import Source, UnreadableError
from dedup.readers.tree import publisher
from dedup.readers.unique_ids import scoped
from dedup.records import Article

_ITEMS = ("newsItem", "packageItem", "NewsItem")

_AS_HTML = {"header": "template"}
"""A header of XHTML repeats headline, keywords and date, and is no text of the article."""


def read(stream: io.BufferedReader, source: Source, problems: list[Problem]) -> Iterator[Article]:
    """Yield the news items of a file; each version of one is an article of its own.

    The id of one in NewsML-G2 is the guid and, after a colon, the version. Packages, which only
    point to items, and items without a text, such as pictures, are left out; how many is told once
    a file.
    """
    records = Records(problems, None, source.site, source.path)
    number = packages = without = 0
    for found in xml.elements(stream, source, problems, *_ITEMS):
        number += 1
        if found.element.tag == "packageItem":
            packages += 1
            continue
        read_item = newsml1.versions if found.element.tag == "NewsItem" else _versions
        for record in read_item(found, source.name):
            if not record["text"]:
                without += 1
                continue
            article = records.article(record, f"{source.name}:{number}", source.at(found.line))
            if article is not None:
                yield article
    if packages:
        what = f"{counted(packages, 'package')} of news items, which only point to them, left out"
        problems.append(Problem(source.path, what, "give the items, too", articles=packages))
    if without:
        what = f"{counted(without, 'news item')} without a text left out"
        remedy = "nothing, if they are pictures or the like"
        problems.append(Problem(source.path, what, remedy, articles=without))
    if not number and not problems:
        raise UnreadableError("the file holds no whole <newsItem>", "fetch it again")


def _versions(found: xml.Found, scope: str) -> Iterator[dict[str, str | None]]:
    """Yield the fields of the one article that an item is."""
    yield _fields(found, scope)


def _fields(found: xml.Found, scope: str) -> dict[str, str | None]:
    item = found.element
    guid, version = tree.first(item, "@guid"), tree.first(item, "@version")
    status = tree.first(item, "itemMeta/pubStatus@qcode", "itemMeta/pubStatus@uri")
    return {
        "id": scoped(f"{guid}:{version}" if guid and version else guid, publisher(guid) or scope),
        "text": _text(item),
        "title": _headline(item),
        "site": publisher(guid),
        "url": guid if guid and guid.startswith(("http://", "https://")) else None,
        "date": tree.first(
            item,
            "itemMeta/firstCreated",
            "contentMeta/contentCreated",
            "itemMeta/versionCreated",
        ),
        "updated": tree.first(item, "itemMeta/versionCreated", "contentMeta/contentModified"),
        "author": ", ".join(_authors(item)) or None,
        "source": _source(item),
        "lang": tree.first(item, "contentMeta/language@tag") or found.lang,
        "status": status and _code(status),
    }


def _text(item: Element) -> str:
    """Return the first content that has a text: renditions of an item say the same."""
    for inline in tree.under(item, "contentSet/inlineXML"):
        inner = next(tree.under(inline, "nitf"), None)
        if inner is not None:
            text = nitf.body(inner)
        else:
            page = next((e for path in _BODIES for e in tree.under(inline, path)), inline)
            text = markup.text(tree.markup(page, _AS_HTML)) or markup.text(tree.markup(page))
        if text := text.strip():
            return text
    for inline in tree.under(item, "contentSet/inlineData"):
        kind = inline.get("contenttype", "text/")
        if kind.startswith("text/") or kind.endswith("xml"):
            packed = "base64" in inline.get("encoding", "").lower()
            text = tree.unpacked(inline.text or "") if packed else tree.markup(inline)
            if text := markup.text(text).strip():
                return text
    return ""


_BODIES = ("html/body", "body")


def _headline(item: Element) -> str | None:
    """Return the headline, rather than a line under it (by its role) or the title in lists."""
    lines = [*tree.under(item, "contentMeta/headline")]
    lines.sort(key=lambda line: "sub" in line.get("role", "").lower())
    return next(filter(None, map(tree.own, lines)), None) or tree.first(item, "itemMeta/title")


def _authors(item: Element) -> Iterator[str]:
    lines = [line for by in tree.under(item, "contentMeta/by") if (line := tree.own(by))]
    if lines:
        yield from lines
        return
    for creator in tree.under(item, "contentMeta/creator"):
        yield from filter(None, [tree.first(creator, "name", "@literal")])


def _source(item: Element) -> str | None:
    """Return whose text it is: the source of its content, its credit line, or its provider."""
    for path in (
        "contentMeta/infoSource",
        "contentMeta/creditline",
        "itemMeta/provider",
        "rightsInfo/copyrightHolder",
    ):
        for party in tree.under(item, path):
            named = tree.first(party, "name", "@literal", "@uri")
            code = tree.first(party, "@qcode")
            if named or code:
                return named or _code(code or "")
            if not len(party) and (line := tree.own(party)):
                return line
    return None


def _code(value: str) -> str:
    """Return what a code says without its scheme: `stat:usable`, or an address that ends in it."""
    return value.rpartition(":")[2].rpartition("/")[2] or value

"""NewsML 1.x, which agencies such as AFP, Belga and Kyodo still send (iptc.org/std/NewsML/1.2).

A `NewsItem` is a tree of `NewsComponent`s, each with a role: the text in parts, but also style
sheets, titles, captions and other items' photographs. What each one is decides what is read of it.
"""

# Roles as a string: a list would take a line for each.
# ruff: noqa: SIM905

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

from dedup.readers import markup, nitf, tree, xml
from dedup.readers.tree import publisher
from dedup.readers.unique_ids import scoped

_MAIN = frozenset(("main", "maintext", "mainbody", "story", "fulltext", "haupttext"))
"""Roles of a component that holds the text; of several the first one counts."""
_PARTS = _MAIN | {
    *("lead", "intro", "introduction", "standfirst", "chapeau", "vorspann"),
    *("body", "bodytext", "text", "texte", "corps", "content"),
}
"""Roles of components that are a text together, in their order."""
_SUMMARIES = frozenset(("abstract", "summary", "teaser", "synopsis", "description", "short"))
"""Roles of what stands for a text where there is none."""
_NO_TEXT = frozenset(
    "headline subheadline title titre titel subtitle kicker slug slugline slogan byline"
    " dateline creditline"
    " keyword keywords keywordline caption copyright copyrightline rightsline credit signature"
    " stylesheet style script metadata logo icon thumbnail photo picture image graphic audio video"
    " preview quicklook highresolution relatedimage relateddocument editornote editorsnote note"
    " contact contacts index".split()
)
"""Roles of what is no text of the article."""
_TITLES = ("headline", "title", "titre", "titel")

_TEXTS = frozenset(("text", "complexdata"))
"""Media types that may hold text (https://iptc.org/std/NewsML/topicsets, MediaType)."""
_NO_FORMAT = re.compile(
    r"css|javascript|jpe?g|gif|png|tiff?|bmp|svg|pdf|mpe?g|mp[34]|wave?|avi|flash|swf|zip|rtf"
    r"|quicktime|windowsmedia|postscript|excel|word"
)
"""Formats and MIME types that are no text that can be read here."""
_LETTERS = re.compile(r"[^a-z]+")


def versions(found: xml.Found, scope: str) -> Iterator[dict[str, str | None]]:
    """Yield the fields of an article for a `NewsItem`, without a `text` if it has none.

    An item in several languages gives one for each; the ids of all but the first end in theirs.
    Other than the text, what comes first of a kind is taken: components lie in each other, the one
    that all belongs to outermost. The id is the public identifier, which holds the revision; one
    that is unique in its file only is taken with the `scope`.
    """
    item = found.element
    guid = tree.first(item, "Identification/NewsIdentifier/PublicIdentifier", "@Duid")
    provider = tree.first(item, "Identification/NewsIdentifier/ProviderId")
    status = tree.first(item, "NewsManagement/Status@FormalName")
    site = publisher(guid) or (provider if provider and "." in provider else None)
    told = _told(item)
    first: dict[str, str | None] = {
        "id": scoped(guid, site or scope),
        "text": told.text if told else None,
        "title": _title(item, told.component if told else None),
        "site": site,
        "date": tree.first(item, "NewsManagement/FirstCreated"),
        "updated": tree.first(item, "NewsManagement/ThisRevisionCreated"),
        "author": _inside(item, "NewsLines", "ByLine"),
        "source": _inside(item, "NewsLines", "CreditLine")
        or _inside(
            item,
            "AdministrativeMetadata",
            "Source/Party@FormalName",
            "Provider/Party@FormalName",
            "Creator/Party@FormalName",
        ),
        "lang": _inside(item, "DescriptiveMetadata", "Language@FormalName") or found.lang,
        "status": status and status.lower(),
    }
    yield first
    for language, other in told.more if told else ():
        own = {"text": other.text, "title": _title(item, other.component), "lang": language}
        yield first | own | {"id": f"{first['id'] or scope}:{language}"}


def _inside(item: Element, name: str, *paths: str) -> str | None:
    found = (tree.first(element, *paths) for element in item.iter(name))
    return next(filter(None, found), None)


def _title(item: Element, component: Element | None) -> str | None:
    """Return the headline of the text, from the outermost component in that it lies to its own.

    Failing that, it is a component of its own, or that of anything else in the item.
    """
    outer = {id(inner): one for one in item.iter() for inner in tree.under(one, "NewsComponent")}
    line = None
    while component is not None:
        line = tree.first(component, "NewsLines/HeadLine") or line
        component = outer.get(id(component))
    if line:
        return line
    titles = (one for one in item.iter("NewsComponent") if _role(one) in _TITLES)
    texts = (text for one in titles for content in _contents(one) if (text := _written(content)))
    own = next((" ".join(text.split()) for text in texts), None)
    return own or _inside(item, "NewsLines", "HeadLine")


# -- The text


class _Text(NamedTuple):
    """What a component says."""

    text: str
    component: Element
    """The outermost component that it is all of."""
    summary: bool
    """True if it only stands for a text."""
    more: tuple[tuple[str, _Text], ...] = ()
    """What it says in other languages, by their codes."""


def _told(item: Element) -> _Text | None:
    """Return the text of an item."""
    texts = [told for one in tree.under(item, "NewsComponent") if (told := _text(one))]
    return min(texts, key=lambda told: told.summary, default=None)


def _text(component: Element) -> _Text | None:
    """Return what a component says, if its role is not that of something else.

    Several contents of one component are renditions of the same: the first with a text is taken.
    Of the components inside, those that are parts by their roles are joined, in the order of the
    file; else whatever comes first is taken, a summary last.
    """
    todo = [(component, False)]
    done: dict[int, list[_Text]] = {}
    while todo:  # not by recursion: components may lie in each other without end
        one, entered = todo.pop()
        inner = list(tree.under(one, "NewsComponent"))
        if not entered:
            if _role(one) not in _NO_TEXT:
                todo.append((one, True))
                todo += ((child, False) for child in inner)
            continue
        own = next(filter(None, map(_written, _contents(one))), None)
        held = [(child, told) for child in inner for told in done.pop(id(child), ())]
        told = _Text(own, one, summary=False) if own else _joined(one, held)
        if told:
            done[id(one)] = [told._replace(summary=told.summary or _role(one) in _SUMMARIES)]
    return next(iter(done.get(id(component), ())), None)


def _joined(component: Element, held: list[tuple[Element, _Text]]) -> _Text | None:
    """Return what the components inside one say together, in each of their languages."""
    by_language: dict[str, list[tuple[Element, _Text]]] = {}
    for child, told in held:
        by_language.setdefault(child.get("xml:lang", ""), []).append((child, told))
    if len(by_language) > 1 and "" not in by_language:
        spoken = {code: _of_one(component, some) for code, some in by_language.items()}
        first, *rest = ((code, told) for code, told in spoken.items() if told)
        return first[1]._replace(more=(*first[1].more, *rest))
    return _of_one(component, held)


def _of_one(component: Element, held: list[tuple[Element, _Text]]) -> _Text | None:
    """Return what the components inside one say together, all in one language."""
    parts: list[_Text] = []
    main = False
    for child, told in held:
        role = _role(child)
        if role in _PARTS and not told.summary and not (main and role in _MAIN):
            main = main or role in _MAIN
            parts.append(told)
    if component.get("EquivalentsList", "no").lower() == "yes":
        parts = parts[:1]  # versions of one text, not parts of it
    if len(parts) > 1:
        texts = [part.text for part in parts]
        whole = max(texts, key=len)
        rest = [text for text in texts if text is whole or not _repeats(text, whole)]
        return _Text("\n".join(rest), component, summary=False)
    others = sorted((told for _, told in held), key=lambda told: told.summary)
    return next(iter(parts or others), None)


def _repeats(text: str, whole: str) -> bool:
    return " ".join(text.split()) in " ".join(whole.split())


def _role(component: Element) -> str:
    """Return the role of a component, without what writers vary: capitals, blanks and hyphens."""
    return _LETTERS.sub("", (tree.first(component, "Role@FormalName") or "").lower())


def _contents(component: Element) -> Iterator[Element]:
    """Yield the contents of a component that may be text, by their types."""
    for content in tree.under(component, "ContentItem"):
        medium = (tree.first(content, "MediaType@FormalName") or "text").lower()
        kinds = tree.first(content, "MimeType@FormalName"), tree.first(content, "Format@FormalName")
        if medium in _TEXTS and not any(_NO_FORMAT.search((kind or "").lower()) for kind in kinds):
            yield content


def _written(content: Element) -> str | None:
    """Return the text of a content, if it has one here and not at an address."""
    for path in ("DataContent", "Encoding/DataContent"):
        for data in tree.under(content, path):
            inner = next(tree.under(data, "nitf"), None)
            page = next((e for path in _BODIES for e in tree.under(data, path)), data)
            text = nitf.body(inner) if inner is not None else markup.text(_html(content, page))
            if text := text.strip():
                return text
    return None


def _html(content: Element, page: Element) -> str:
    encoded = "base64" in (tree.first(content, "Encoding@Notation") or "").lower()
    return tree.unpacked(page.text or "") if encoded else nitf.as_html(page)


_BODIES = ("html/body", "body/body.content", "body", "body.content")

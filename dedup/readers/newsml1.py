"""NewsML 1.x, which agencies such as AFP and EFE still send (iptc.org/std/NewsML/1.2)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from dedup.readers import markup, nitf, tree, xml
from dedup.readers.tree import publisher


def fields(found: xml.Found) -> dict[str, str | None]:
    """Return the fields of an article for a `NewsItem`, without a `text` if it has none.

    Components lie in each other, the one that all belongs to outermost; so what comes first of a
    kind is taken. The id is the public identifier, which holds the revision.
    """
    item = found.element
    guid = tree.first(item, "Identification/NewsIdentifier/PublicIdentifier", "@Duid")
    provider = tree.first(item, "Identification/NewsIdentifier/ProviderId")
    status = tree.first(item, "NewsManagement/Status@FormalName")
    return {
        "id": guid,
        "text": _text(item),
        "title": _inside(item, "NewsLines", "HeadLine"),
        "site": publisher(guid) or (provider if provider and "." in provider else None),
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


def _inside(item: Element, name: str, *paths: str) -> str | None:
    found = (tree.first(element, *paths) for element in item.iter(name))
    return next(filter(None, found), None)


def _text(item: Element) -> str | None:
    """Return the first content that is a text; captions of pictures are none."""
    for content in item.iter("ContentItem"):
        if (tree.first(content, "MediaType@FormalName") or "Text").lower() != "text":
            continue
        for data in tree.under(content, "DataContent"):
            inner = next(tree.under(data, "nitf"), None)
            page = next((e for path in _BODIES for e in tree.under(data, path)), data)
            text = nitf.body(inner) if inner is not None else markup.text(nitf.as_html(page))
            if text := text.strip():
                return text
    return None


_BODIES = ("html/body", "body/body.content", "body", "body.content")

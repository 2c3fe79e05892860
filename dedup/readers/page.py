"""One page of HTML to the fields of its article, with trafilatura; runs in worker processes.

What trafilatura (https://trafilatura.readthedocs.io) finds is mended by three general rules, each
of which `python -m benchmarks` measures: see `main_text`.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dedup.metadata import dates, plausible
from dedup.readers import markup, page_site
from dedup.readers.declared import declared
from dedup.readers.encoding import Decoded, decode

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_PIECE = re.compile(r"<(?:article|div|main|p|section)\b", re.IGNORECASE)
_WORDS = re.compile(r"\w+")
_GUESSED = {"title", "author", "date"}
"""What trafilatura looks for where the page does not declare it."""
_DEEPEST = 250
"""Levels of tags that are read for sure: libxml2 drops what stands deeper than 255."""
_TOO_DEEP = f"boolean({'/*' * (_DEEPEST + 1)})"
_LINKED = 0.8
"""Share of a block's letters inside links from which it leads elsewhere and tells nothing."""
_TEASER = 5
"""Fewest words of such a block; a name by itself may be the agency that is credited."""
_GUESSED_FROM = 10_000
"""Most characters of JSON-LD that trafilatura guesses from. The time it takes for broken data grows
with the square of their length: a second for these, more than 20 for 100,000."""
_HEAD = 5
"""Lines at the top of a text among which its headline is looked for."""
_FULLER = 1.5
"""How many times the words found the body in the JSON-LD must have to take their place."""


def fields(html: bytes, encoding: str | None, url: str | None) -> dict[str, str]:
    """Return the fields of the article of a page, without `text` where there is none.

    Besides: `name`, the name of the site; `home`, an address on it; `lost`, the encoding that some
    characters of the text could not be read in; `guessed`, the encoding, if that is a guess; `cut`,
    what was not read of it, in a clause.
    """
    from trafilatura.utils import load_html

    page, used, lost, is_guess = decoded(html, encoding)
    tree = load_html(page) if page and not page.isspace() else None
    if tree is None and _PIECE.search(page):
        tree = load_html(f"<html><body>{page}")  # trafilatura takes no piece of a page for one
    if tree is None:
        return {}
    found = declared(tree, url, page_site.saved_from(page))
    body = found.pop("body", "")
    if not found.keys() >= _GUESSED or not dates.parse(found["date"]):
        _shorten(tree)
        found |= _guessed(_guess(tree, url), found)
    if tree.getroottree().xpath(_TOO_DEEP):
        found["cut"] = (
            f"tags are nested in more than {_DEEPEST} levels; what is deeper was not read"
        )
    if text := main_text(tree, found.get("title", ""), body):
        found["text"] = text
        if lost and "\ufffd" in text:
            found["lost"] = used
        if is_guess:
            found["guessed"] = used
    return found


def _shorten(tree: HtmlElement) -> None:
    """Empty JSON-LD that is too long to guess from; what it declares has been read by now."""
    room = _GUESSED_FROM
    for script in tree.iter("script"):
        if "json" in (script.get("type") or "").lower() and script.text:
            if len(script.text) > room:
                script.text = None
            else:
                room -= len(script.text)


def _guess(tree: HtmlElement, url: str | None) -> dict[str, Any]:
    """Return what trafilatura finds, nothing where it fails: a page is worth more than a guess."""
    from trafilatura import extract_metadata

    try:
        found = extract_metadata(tree, url, {"extensive_search": False, "original_date": True})
    except MemoryError:
        raise
    except Exception:  # a date out of range, say
        return {}
    return dict(found.as_dict())


def _guessed(guess: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, str]:
    """Return what trafilatura guesses where a page declares nothing, so far as it can be.

    A date that is guessed is marked as uncertain, as ISO 8601-2 does; the day of a change is none.
    """
    told: dict[str, str] = {}
    date, changed = dates.parse(guess.get("date")), dates.parse(found.get("updated"))
    known = dates.parse(found.get("date"))
    if date and not known and not (changed and changed.iso[:10] == date.iso[:10]):
        told["date"] = f"{guess['date']}?"
    if "title" not in found and plausible.title(guess.get("title"), [found.get("name", "")]):
        told["title"] = guess["title"]
    if "author" not in found and (names := plausible.authors(guess.get("author"))):
        told["author"] = names
    return told


def decoded(html: bytes, encoding: str | None) -> Decoded:
    r"""Decode a page: as it is marked, as the transport says, as the page says, or as it looks.

    >>> decoded(b'<meta charset="latin1"><p>Caf\xe9', None).encoding
    'cp1252'
    """
    said = _CHARSET.search(html[:4096])
    return decode(html, encoding, said and said[1].decode("ascii", "replace"))


def main_text(tree: HtmlElement, title: str, body: str) -> str:
    """Find the text of an article, its paragraphs on lines of their own; empty if there is none.

    On top of trafilatura: the `body` that the JSON-LD holds takes the place of a text that is much
    shorter and part of it; lines that repeat the headline are left out, and so are blocks that are
    all links, unless they are most of the text.
    """
    from trafilatura import extract

    lines = _lines(extract(tree, include_comments=False, deduplicate=False) or "")
    if body:
        lines = _fuller(lines, _lines(_plain(body)))
    headlines = {_key(title), *(_key(h.text_content()) for h in tree.iter("h1"))}
    lines = [x for n, x in enumerate(lines) if n >= _HEAD or _key(x) not in headlines]
    elsewhere = _elsewhere(tree)
    kept = [line for line in lines if _key(line) not in elsewhere]
    return "\n".join(kept if _size(kept) * 2 > _size(lines) else lines)


def _fuller(lines: list[str], body: list[str]) -> list[str]:
    """Return the body if it is much longer, holds most of the lines, and has breaks like theirs."""
    words, others = _key(" ".join(lines)).split(), _key(" ".join(body)).split()
    if len(others) <= _FULLER * len(words) or len(body) < len(lines):
        return lines
    there, runs = set(_runs(others)), list(_runs(words))
    return body if 2 * sum(run in there for run in runs) >= len(runs) else lines


def _runs(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + 4]) for at in range(len(words) - 3))


def _elsewhere(tree: HtmlElement) -> set[str]:
    """Return the blocks that are all links, but for a word or two such as "Related:"."""
    found: set[str] = set()
    seen: set[HtmlElement] = set()
    for link in tree.iter("a"):
        block = link
        while block.tag not in markup.BLOCKS and (above := block.getparent()) is not None:
            block = above
        if block in seen:
            continue
        seen.add(block)
        inside = [_key(part.text_content()) for part in link.iter() if part.tag in markup.BLOCKS]
        whole = _key(block.text_content())
        linked = sum(len(_key(part.text_content())) for part in block.iter("a"))
        if linked >= _LINKED * len(whole):
            inside.append(whole)
        found.update(words for words in inside if words.count(" ") >= _TEASER - 1)
    return found


def _plain(body: str) -> str:
    if "<" not in body and "&" not in body:
        return body
    return markup.text(entities.unescape(body) if "<" not in body else body)


def _lines(text: str) -> list[str]:
    lines = (line.strip().removeprefix("- ").lstrip() for line in text.splitlines())
    return [line for line in lines if line]


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(text))


def _size(lines: Sequence[str]) -> int:
    return sum(map(len, lines))

"""How the words of a scan divide: original, agency copy, reused, repeated, quoted, standing.

Each word counts once. Of several kinds that a word is of, the later one in `KINDS` counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from dedup.report.folder import Folder, KnownText
from dedup.report.matched import AGENCY, KINDS, ORIGINAL, QUOTED, REUSED, STANDING, WITHIN

Words = list[int]
"""Words of each kind, in the order of `KINDS`."""

_FAR = "9999"
"""Sorts after every date."""


def divided(folder: Folder) -> list[Words]:
    """Return the words of each kind, an entry an article."""
    told = [[0] * len(KINDS) for _ in folder.articles]
    ranks = [_rank(text, folder) for text in folder.texts]
    for number, text in enumerate(folder.texts):
        _share_out(number, text, folder, ranks, told)
    copies = _agency_copies(folder)
    for number, (article, words) in enumerate(zip(folder.articles, told, strict=True)):
        words[ORIGINAL] += max(0, article["words"] - sum(words))
        if number in copies:
            taken = (REUSED, ORIGINAL) if article.get("agency") else (REUSED,)
            for kind in taken:
                words[AGENCY] += words[kind]
                words[kind] = 0
    return told


def _rank(text: KnownText, folder: Folder) -> tuple[bool, str, int, int]:
    """Order texts by who has the words from whom: kept ones first, then by date, then by place."""
    if not text.places:
        return True, _FAR, 0, 0
    kept = not folder.kept.isdisjoint(text.places)
    dates = [folder.articles[article].get("published") or _FAR for article, _ in text.places]
    return not kept, min(dates), *min(text.places)


def _share_out(
    number: int,
    text: KnownText,
    folder: Folder,
    ranks: Sequence[tuple[bool, str, int, int]],
    told: list[Words],
) -> None:
    """Add the words of a text to the articles it stands in."""
    if text.boilerplate or number in folder.matched.whole:
        for article, _ in text.places:
            told[article][STANDING] += text.words
        return
    seen = set[int]()
    for place in sorted(text.places, key=lambda place: place not in folder.kept):
        article = place[0]
        if seen:
            told[article][WITHIN if article in seen else REUSED] += text.words
        else:
            _own(number, text, article, folder, ranks, told[article])
        seen.add(article)


def _own(
    number: int,
    text: KnownText,
    article: int,
    folder: Folder,
    ranks: Sequence[tuple[bool, str, int, int]],
    words: Words,
) -> None:
    """Add the words of a text where it stands first, by what they share with other texts."""
    spans = folder.matched.spans.get(number)
    if not spans:
        words[ORIGINAL] += text.words
        return
    painted = bytearray(text.characters)
    for kind in (REUSED, WITHIN, QUOTED):
        for start, end, of, other in spans:
            if of == QUOTED:
                shown = QUOTED
            elif ranks[other] < ranks[number]:
                here = any(place[0] == article for place in folder.texts[other].places)
                shown = WITHIN if here else REUSED
            else:
                continue
            if shown == kind:
                stop = min(end, text.characters)
                painted[start:stop] = bytes((kind,)) * (stop - start)
    left = text.words
    for kind in (REUSED, WITHIN, QUOTED):
        share = min(left, round(text.words * painted.count(kind) / text.characters))
        words[kind] += share
        left -= share
    words[ORIGINAL] += left


def _agency_copies(folder: Folder) -> set[int]:
    """Return the articles whose reused words are an agency's."""
    found = set[int]()
    for story in folder.stories:
        if story["source"] is None:
            continue
        for member in story["members"]:
            if member["article"] != story["original"] and member["role"] != "roundup part":
                found.add(folder.number[member["article"]])
    for number, article in enumerate(folder.articles):
        if article.get("agency") and article.get("role") != "original":
            found.add(number)
    return found

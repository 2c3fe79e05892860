"""The heaviest passages of a scan: those with the most shared words.

`dedup.output.heaviest` chooses them by number, from the arrays of a scan or from the lines of its
folder; here they get their texts.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.output import reader
from dedup.output.fields import Rows
from dedup.output.heaviest import Candidates, Chosen, Source, Wanted
from dedup.output.heaviest import heaviest as heaviest_rows
from dedup.output.passages import (
    ALL,
    Choice,
    Light,
    Maker,
    Passage,
    light,
    order,
    shared_text,
    sites_and_stories,
)
from dedup.output.protocol import words
from dedup.output.schema import CLUSTERS, MATCHES, TEXTS, ClusterRow, MatchRow, TextRow
from dedup.records import RELATIONS, SCOPES


class Ranked(NamedTuple):
    """The heaviest passages of a scan, and how many there are."""

    within: list[Passage]
    """Those that one article holds twice."""
    across: list[Passage]
    """Those of two articles."""
    within_pairs: int
    """Pairs of texts that meet within an article, and texts that stand twice in one; more than the
    passages where several pairs are versions of one."""
    across_pairs: int
    """Pairs of texts that meet in two articles, and texts that stand in two."""


def heaviest(
    place: Path,
    limit: int,
    choice: Choice = ALL,
) -> Ranked:
    """Return the `limit` passages with the most shared words, within an article and across.

    A text, or the versions of it that are one cluster, is in one of them at most, the longest. The
    folder is read line by line.
    """
    return ranked(Folder(place, worded=choice.least_words > 0), limit, [choice])[0]


def ranked(source: Source, limit: int, choices: Sequence[Choice]) -> list[Ranked]:
    """Return the heaviest passages of each of some choices, as `heaviest` does."""
    found = source.candidates()
    return [_ranked(source, found, limit, choice) for choice in choices]


def _ranked(source: Source, found: Candidates, limit: int, choice: Choice) -> Ranked:
    asked = source.asked(choice.among) if choice.among is not None else None
    passages: dict[bool, list[Passage]] = {True: [], False: []}
    pairs = {True: 0, False: 0}
    for within in choice.ways:
        wanted = Wanted(choice.relations, choice.least_words, asked, choice.beside_stories, within)
        chosen = heaviest_rows(source, found, wanted, 2 * limit)
        made = [one for one in _made(source, found, chosen, choice) if one.within == within]
        passages[within] = sorted(made, key=order)[:limit]
        pairs[within] = chosen.pairs
    return Ranked(passages[True], passages[False], pairs[True], pairs[False])


class Folder:
    """The passages of the output folder `place`; `worded`, shared words are counted exactly."""

    def __init__(self, place: Path, *, worded: bool = False) -> None:
        self.place = place
        self.sites, self.stories = sites_and_stories(place)
        self._numbers = {name: number for number, name in enumerate(self.sites)}
        self._texts: dict[str, int] = {}
        self._shared = array("q")
        self._worded = worded

    def candidates(self) -> Candidates:
        """Read the texts and matches, line by line."""
        lights, articles, bounds = list[Light](), array("q"), array("q", [0])
        for row in reader.rows(self.place, TEXTS):
            held = light(row, worded=self._worded)
            numbers = self._numbers
            articles.extend([numbers.setdefault(name, len(numbers)) for name in held.articles])
            bounds.append(len(articles))
            self._texts[row["text_id"]] = len(lights)
            lights.append(held._replace(articles=()))
        ends, kinds, scopes = array("q"), array("q"), array("q")
        for match in reader.rows(self.place, MATCHES):
            a, b = self._texts.get(match["a"]), self._texts.get(match["b"])
            if a is None or b is None or match["relation"] not in RELATIONS:
                a = b = kind = met = shared = 0  # it meets nowhere: it is of no choice
            else:
                kind, shared = RELATIONS.index(match["relation"]), _about(match, lights[a])
                met = sum(1 << n for n, scope in enumerate(SCOPES) if scope in match["scopes"])
            ends.extend((a, b))
            kinds.append(kind)
            scopes.append(met)
            self._shared.append(shared)
        names = {name: n for n, name in enumerate({*self.stories.values()} - {None})}
        told = [names.get(self.stories.get(name), -1) for name in self._numbers]
        return Candidates(
            words=np.array([one.words for one in lights], np.int64),
            boilerplate=np.array([one.boilerplate for one in lights], np.bool_),
            home=self._homes(),
            article=np.array(articles, np.int64),
            bounds=np.array(bounds, np.int64),
            story=np.array(told, np.int64),
            a=np.array(ends[0::2], np.int64),
            b=np.array(ends[1::2], np.int64),
            relation=np.array(kinds, np.int64),
            scopes=np.array(scopes, np.int64),
        )

    def asked(self, among: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return which articles are named, bool[articles]; call `candidates` first."""
        found = np.zeros(len(self._numbers), np.bool_)
        found[[self._numbers[name] for name in among if name in self._numbers]] = True
        return found

    def shared_words(self, matches: Rows) -> Rows:
        """Return how many words some matches share, int64[matches]."""
        return np.array(self._shared, np.int64)[matches]

    def text_rows(self, texts: Collection[int]) -> list[TextRow]:
        """Return the lines of some texts."""
        return reader.numbered(self.place, TEXTS, texts)

    def match_rows(self, matches: Collection[int]) -> list[MatchRow]:
        """Return the lines of some matches."""
        return reader.numbered(self.place, MATCHES, matches)

    def largest(self, limit: int) -> list[ClusterRow]:
        """Return the lines of the clusters to read first."""
        return reader.largest(self.place, limit)

    def _homes(self) -> Rows:
        homes = np.arange(len(self._texts)) - len(self._texts)  # no cluster's number
        for number, row in enumerate(reader.rows(self.place, CLUSTERS)):
            for member in row["members"]:
                if member["text_id"] in self._texts:
                    homes[self._texts[member["text_id"]]] = number
        return homes


def _about(match: MatchRow, a: Light) -> int:
    """Return how many words a match shares: counted, or else estimated by its characters."""
    if a.text is not None:
        return words(shared_text(a.text, [(i, j) for i, j, _, _ in match["spans"]]))
    return round(sum(j - i for i, j, _, _ in match["spans"]) * a.words / max(1, a.characters))


def _made(source: Source, found: Candidates, chosen: Chosen, choice: Choice) -> list[Passage]:
    """Return the chosen passages with their texts."""
    made = Maker(source.sites, source.stories, choice)
    alone, matches = chosen.texts.tolist(), chosen.matches.tolist()
    ends = {n for row in matches if row >= 0 for n in (int(found.a[row]), int(found.b[row]))}
    numbers = sorted(ends | {text for text in alone if text >= 0})
    texts = dict(zip(numbers, source.text_rows(numbers), strict=True))
    rows = sorted(row for row in matches if row >= 0)
    lines = dict(zip(rows, source.match_rows(rows), strict=True))
    return [
        passage
        for text, row in zip(alone, matches, strict=True)
        for passage in (
            made.of_text(texts[text])
            if row < 0
            else made.of_match(lines[row], texts[int(found.a[row])], texts[int(found.b[row])])
        )
    ]

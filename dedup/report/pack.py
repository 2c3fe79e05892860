"""What is shown as rows of numbers and texts, short enough for one page.

The page's script names the fields (`assets/data.js`). Texts, articles, matches and what else is
named often stand once in a table and are named by their number there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dedup.output import reader
from dedup.output.passages import ALL, Maker, Passage, order
from dedup.output.schema import (
    LINKS,
    MATCHES,
    PARAGRAPHS,
    ClusterRow,
    LinkRow,
    MatchRow,
    MemberRow,
    StoryRow,
    TextRow,
)
from dedup.records import RELATIONS, ROLES, SCOPES
from dedup.report.choose import MOST_MEMBERS, MOST_PLACES, Choice
from dedup.report.folder import LONGEST_TEXT, Candidate, Folder

PER_CHUNK = 200
"""Records in a block of the page, which is parsed at once; `assets/data.js` has the same number."""

MOST_SPANS = 60
"""Shared stretches of one match that the page holds."""

LONGEST_PLACE = 400
"""Characters of an id, title or address that the page holds."""

Row = list[Any]


class Names:
    """Strings that are named by number."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __call__(self, name: str | None) -> int:
        """Return the number of a name, -1 for none."""
        return self.numbers.setdefault(name, len(self.numbers)) if name else -1

    @property
    def all(self) -> list[str]:
        """The names, in the order of their numbers."""
        return list(self.numbers)


@dataclass
class Packed:
    """The tables of the page."""

    articles: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)
    matches: list[Row] = field(default_factory=list)
    paragraphs: list[Row] = field(default_factory=list)
    stories: list[Row] = field(default_factory=list)
    links: dict[int, list[Row]] = field(default_factory=dict)
    clusters: list[Row] = field(default_factory=list)
    within: list[Passage] = field(default_factory=list)
    across: list[Passage] = field(default_factory=list)
    passages: dict[str, list[Row]] = field(default_factory=dict)
    standing: dict[str, Any] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)


def cut(text: str | None) -> str | None:
    """Return a name without its end if it is longer than any name is.

    >>> cut("Rain"), len(cut("x" * 1000))
    ('Rain', 401)
    """
    return text if text is None or len(text) <= LONGEST_PLACE else f"{text[:LONGEST_PLACE]}…"


def units(text: str) -> list[int] | None:
    """Return where each character begins in UTF-16, as scripts of a page count; None: as here.

    >>> units("rain"), units("a\U0001f327b")
    (None, [0, 1, 3, 4])
    """
    if text.isascii() or max(text) <= "\uffff":
        return None
    found, at = [0], 0
    for character in text:
        at += 1 + (character > "\uffff")
        found.append(at)
    return found


class Packer:
    """Makes the tables of one choice."""

    def __init__(self, folder: Folder, choice: Choice) -> None:
        self.folder, self.choice = folder, choice
        self.sites, self.owners, self.agencies, self.reasons = Names(), Names(), Names(), Names()
        self.article = {number: n for n, number in enumerate(choice.articles)}
        self.text = {number: n for n, number in enumerate(choice.texts)}
        self.packed = Packed()
        self._counted: dict[int, list[int] | None] = {}
        self._of_text: defaultdict[int, list[int]] = defaultdict(list)

    def pack(self) -> Packed:
        """Return the tables."""
        rows, matches = self._rows(), self._matches()
        packed = self.packed
        story_numbers = self._stories()
        self._links(story_numbers)
        self._passages(rows, matches)
        packed.clusters = [self._cluster(row) for row in self.choice.clusters]
        self._texts(rows)
        self._paragraphs()
        self._articles(story_numbers)
        packed.names = {
            "sites": self.sites.all,
            "owners": self.owners.all,
            "agencies": self.agencies.all,
            "reasons": self.reasons.all,
        }
        return packed

    def _rows(self) -> dict[int, TextRow]:
        """Return the lines of the chosen texts."""
        if self.folder.held:
            return {number: self.folder.held[number] for number in self.choice.texts}
        ids = {self.folder.texts[number].id for number in self.choice.texts}
        found = reader.texts(self.folder.place, ids)
        return {self.folder.text_number[name]: row for name, row in found.items()}

    def _matches(self) -> dict[tuple[int, int], MatchRow]:
        """Return the lines of the matches of chosen texts."""
        if self.folder.held_matches:
            chosen = self.choice.texts
            held = self.folder.held_matches
            return {(a, b): row for a, b, row in held if a in chosen and b in chosen}
        ids = {self.folder.texts[number].id for number in self.choice.texts}
        numbers = self.folder.text_number
        return {
            (numbers[row["a"]], numbers[row["b"]]): row
            for row in reader.chosen(self.folder.place, MATCHES, ids)
            if row["b"] in ids
        }

    # -- stories ---------------------------------------------------------------------------------

    def _stories(self) -> dict[str, int]:
        numbers = {row["story"]: n for n, row in enumerate(self.choice.stories)}
        self.packed.stories = [self._story(row) for row in self.choice.stories]
        return numbers

    def _story(self, row: StoryRow) -> Row:
        members = row["members"][:MOST_MEMBERS]
        return [
            row["story"],
            cut(row["title"]),
            self._article_of(row["canonical"]),
            self.reasons(row["reason"]),
            self._article_of(row["original"]),
            self.agencies(row["source"]),
            row["sites"],
            row["repeated_words"],
            row["words"],
            [n for n in map(self._article_of, row["runners_up"]) if n is not None],
            [self._member(member) for member in members],
            row["size"],
        ]

    def _member(self, member: MemberRow) -> Row:
        return [
            self._article_of(member["article"]),
            ROLES.index(member["role"]),
            self.agencies(member["credit"]),
            round(1000 * member["share_of_member"]),
            round(1000 * member["share_of_canonical"]),
            member["lag"],
            round(1000 * member["confidence"]),
            self._article_of(member["supersedes"]),
            len(member["added"]),
            len(member["changed"]),
            len(member["cut"]),
        ]

    def _links(self, stories: dict[str, int]) -> None:
        """Take the links of each story that tell who had it first, for their reasons."""
        wanted: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row in self.choice.stories:
            first = row["original"]
            for member in row["members"][:MOST_MEMBERS]:
                if first is not None and member["article"] != first:
                    a, b = sorted((first, member["article"]))
                    wanted[a, b].append(stories[row["story"]])
        if not wanted:
            return
        for link in reader.chosen(self.folder.place, LINKS, {a for a, _ in wanted}):
            for story in wanted.get((link["a"], link["b"]), ()):
                self.packed.links.setdefault(story, []).append(self._link(link))

    def _link(self, link: LinkRow) -> Row:
        return [
            self._article_of(link["a"]),
            self._article_of(link["b"]),
            self._article_of(link["first"]),
            round(1000 * link["confidence"]),
            [self.reasons(reason) for reason in link["reasons"]],
        ]

    # -- passages and matches --------------------------------------------------------------------

    def _passages(self, rows: dict[int, TextRow], matches: dict[tuple[int, int], MatchRow]) -> None:
        choice, packed = self.choice, self.packed
        number: dict[tuple[int, int], int] = {}
        shown = [(one.a, one.b) for one in (*choice.within, *choice.across, *choice.templates)]
        room = choice.room - choice.spent
        for pair in dict.fromkeys([*shown, *matches]):
            row = matches.get(pair)
            if row is None:
                continue
            made = self._match(row, pair, rows)
            room -= 60 + 10 * len(made[-1]) // 2
            if room < 0 and len(number) >= len(shown):
                break
            number[pair] = len(packed.matches)
            packed.matches.append(made)
        maker = self._maker()
        for way, candidates in (("within", choice.within), ("across", choice.across)):
            found = [
                (one, passage)
                for one in candidates
                for passage in self._made(one, rows, matches, maker)
                if passage.within == (way == "within")
            ]
            found.sort(key=lambda pair: order(pair[1]))
            setattr(packed, way, [passage for _, passage in found])
            packed.passages[way] = [self._passage(*pair, number) for pair in found]
        packed.standing = {
            "sites": [
                [cut(site), [[self.text[n], places] for n, places in texts], count]
                for site, texts, count in choice.standing
            ],
            "templates": [
                number[one.a, one.b] for one in choice.templates if (one.a, one.b) in number
            ],
            "all": self.folder.summary["relations"].get("template", 0),
        }
        for (a, b), n in number.items():
            self._of_text[a].append(n)
            self._of_text[b].append(n)

    def _maker(self) -> Maker:
        articles = self.folder.articles
        sites = {row["article"]: row["site"] for row in articles}
        stories = {row["article"]: row.get("story") for row in articles}
        return Maker(sites, stories, ALL)

    def _made(
        self,
        one: Candidate,
        rows: dict[int, TextRow],
        matches: dict[tuple[int, int], MatchRow],
        maker: Maker,
    ) -> Iterable[Passage]:
        a, b = rows.get(one.a), rows.get(one.b)
        if a is None or b is None:
            return ()
        if one.a == one.b:
            return maker.of_text(a)
        match = matches.get((one.a, one.b))
        return maker.of_match(match, a, b) if match else ()

    def _passage(self, one: Candidate, passage: Passage, number: dict[tuple[int, int], int]) -> Row:
        match = -self.text[one.a] - 1 if one.a == one.b else number[one.a, one.b]
        return [
            match,
            self._article_of(passage.a.article),
            passage.a.paragraph,
            self._article_of(passage.b.article),
            passage.b.paragraph,
            passage.words,
            len(passage.others),
            RELATIONS.index(passage.relation),
            SCOPES.index(passage.scope),
        ]

    def _match(self, row: MatchRow, pair: tuple[int, int], rows: dict[int, TextRow]) -> Row:
        left, right = (self._units(number, rows) for number in pair)
        spans: list[int] = []
        for i, j, k, n in row["spans"][:MOST_SPANS]:
            spans += (left[i], left[j]) if left else (i, j)
            spans += (right[k], right[n]) if right else (k, n)
        return [
            *(self.text[number] for number in pair),
            RELATIONS.index(row["relation"]),
            self.reasons(row["reason"]),
            row["evidence"],
            round(1000 * row["jaccard"]),
            round(1000 * row["containment"]),
            row["longest_run"],
            sum(1 << SCOPES.index(scope) for scope in row["scopes"]),
            spans,
        ]

    def _units(self, number: int, rows: dict[int, TextRow]) -> list[int] | None:
        if number not in self._counted:
            self._counted[number] = units(rows[number]["text"])
        return self._counted[number]

    # -- clusters, texts, articles ---------------------------------------------------------------

    def _cluster(self, row: ClusterRow) -> Row:
        return [
            row["cluster"],
            row["size"],
            row["articles"],
            row["sites"],
            SCOPES.index(row["scope"]),
            int(bool(row.get("boilerplate"))),
            list(self._places([{**row["canonical"], "similarity": 1.0}])),
            self.reasons(row["reason"]),
            list(self._places(row["runners_up"])),
            list(self._places(row["members"][:MOST_MEMBERS])),
        ]

    def _places(self, rows: Iterable[Any]) -> Iterator[int]:
        """Yield text, article, paragraph and similarity of each place, one after the other."""
        for row in rows:
            text = self.text.get(self.folder.text_number.get(row["text_id"], -1))
            article = self._article_of(row["article"])
            if text is not None and article is not None:
                yield from (text, article, row["paragraph"], round(1000 * row["similarity"]))

    def _texts(self, rows: dict[int, TextRow]) -> None:
        for number in self.choice.texts:
            row = rows[number]
            places = self.folder.texts[number].places
            text, at = row["text"][:LONGEST_TEXT], self._units(number, rows)
            named = [n for article, p in places[:MOST_PLACES] for n in (self.article[article], p)]
            standing = row.get("boilerplate_spans", ())
            self.packed.texts.append(
                [
                    text,
                    row["words"],
                    int(bool(row.get("boilerplate"))),
                    [[at[i], at[j]] if at else [i, j] for i, j in standing],
                    named,
                    len(places),
                    self._of_text[number],
                    at[-1] if at else len(row["text"]),
                ]
            )

    def _paragraphs(self) -> None:
        """Note of each article which paragraphs the page has, and add those that no text is of."""
        rows: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for number in self.choice.texts:
            for article, paragraph in self.folder.texts[number].places:
                if article in self.article:
                    rows[article][paragraph] = self.text[number]
        ids = {self.folder.articles[number]["article"] for number in self.choice.whole}
        if ids:
            for row in reader.chosen(self.folder.place, PARAGRAPHS, ids):
                number = self.folder.number[row["article"]]
                if row["paragraph"] not in rows[number]:
                    rows[number][row["paragraph"]] = self._alone(row["text"], number, row)
        for number in self.choice.articles:
            self.packed.paragraphs.append(
                [n for pair in sorted(rows[number].items()) for n in pair]
            )

    def _alone(self, text: str, article: int, row: Any) -> int:
        """Add a paragraph that nothing else repeats as a text of its own."""
        at = units(text)
        length = at[-1] if at else len(text)
        place = [self.article[article], row["paragraph"]]
        self.packed.texts.append([text[:LONGEST_TEXT], 0, 0, [], place, 1, [], length])
        return len(self.packed.texts) - 1

    def _articles(self, stories: dict[str, int]) -> None:
        of: defaultdict[int, list[int]] = defaultdict(list)
        for story in self.choice.stories:
            for member in story["members"][:MOST_MEMBERS]:
                of[self.folder.number[member["article"]]].append(stories[story["story"]])
        for number in self.choice.articles:
            row = self.folder.articles[number]
            role = row.get("role")
            self.packed.articles.append(
                [
                    cut(row["article"]),
                    cut(row["title"]),
                    self.sites(cut(row["site"])),
                    self.owners(cut(row.get("owner"))),
                    cut(row["published"]),
                    row["words"],
                    row["repeated_words"],
                    self.agencies(row.get("agency")),
                    row["url"] if len(row["url"] or "") <= 2000 else None,
                    cut(row["author"]),
                    ROLES.index(role) if role else -1,
                    of[number],
                    row["paragraphs"],
                ]
            )

    def _article_of(self, name: str | None) -> int | None:
        """Return the number in the page of an article; None where it is not shown."""
        return self.article.get(self.folder.number.get(name, -1)) if name is not None else None


def chunks(table: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a table into blocks.

    >>> [len(chunk) for chunk in chunks(range(450))]
    [200, 200, 50]
    """
    for first in range(0, len(table), PER_CHUNK):
        yield table[first : first + PER_CHUNK]

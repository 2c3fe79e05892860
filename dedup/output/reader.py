"""Reading an output folder back, line by line."""

from __future__ import annotations

import heapq
import json
import operator
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, cast

from dedup import files
from dedup.errors import InputError, OutputError
from dedup.output import older, table_rows, writer
from dedup.output.protocol import words
from dedup.output.reading_order import ClusterCounts
from dedup.output.schema import (
    ARTICLES,
    CLUSTERS,
    LINKS,
    MATCHES,
    PARAGRAPHS,
    STORIES,
    TEXTS,
    ArticleRow,
    ClusterRow,
    Kind,
    Lines,
    LinkRow,
    MatchRow,
    R,
    StoryRow,
    SummaryRow,
    TextRow,
)
from dedup.readers.discover import RESULT, TABLES

Named = (
    tuple[Literal["story"], StoryRow]
    | tuple[Literal["cluster"], ClusterRow]
    | tuple[Literal["article"], ArticleRow]
)
"""What an id names: which kind of thing, and its line."""


LINES = "lines"
"""The folder in that of a scan on Spark which has the files of a plain scan, if they were asked
for."""


def opened(out: str | os.PathLike[str]) -> Path:
    """Return the path of the output folder `out`; raise `OutputError` if it is none.

    Of a scan on Spark that is the folder of its JSON lines in `out`; without these it is refused.
    """
    place = either(out)
    if not _has_tables(place):
        return place
    if writer.is_output(place / LINES):
        return place / LINES
    raise OutputError(
        f"{out}: holds the tables of a scan on Spark and no JSON lines, which this command reads; "
        "scan again with --json-lines"
    )


def either(out: str | os.PathLike[str]) -> Path:
    """Return the path of the output folder `out`, of JSON lines or of the tables of Spark.

    `rows` reads both. Raises `OutputError` if it is neither.
    """
    place = files.on_disk(out)
    if writer.is_output(place):
        return place
    if not place.exists():
        what, remedy = "there is no such folder", "name the folder that `dedup scan -o` wrote"
        old = files.previous(place)
        if old.exists():
            what, remedy = "its exchange was cut short", f"rename {old} to {place}, or scan again"
    else:
        what, remedy = "is no output of dedup scan", "name the folder that `dedup scan -o` wrote"
    raise OutputError(f"{out}: {what}; {remedy}")


def refuse_results(paths: Iterable[str]) -> None:
    """Raise `InputError` for a path of articles to read that is an output folder of dedup."""
    for path in paths:
        place = Path(path)
        if all((place / name).is_file() for name in RESULT) or _has_tables(place):
            first = next((row["path"] for row in rows(place, ARTICLES)), None)
            source = f", such as {first}" if first and first != "-" else ""
            raise InputError(
                f"{path}: is what dedup found, not articles; give what was scanned{source} "
                f"(`dedup show {path}` prints what was found)"
            )


def _has_tables(place: Path) -> bool:
    return all((place / name).exists() for name in TABLES)


def summary(place: Path) -> SummaryRow:
    """Return what summary.json holds."""
    row: SummaryRow = json.loads((place / "summary.json").read_bytes())
    return row


def holds_stories(place: Path) -> bool:
    """Return whether a scan that looked for stories wrote the folder, and found one."""
    return bool(summary(place).get("stories"))


def largest(place: Path, limit: int, among: Iterable[ClusterRow] | None = None) -> list[ClusterRow]:
    """Return the `limit` clusters to read first: reused news before what merely stands twice.

    `dedup.output.reading_order` has the rule. They are chosen `among` these, or among all of the
    folder.
    """
    told = holds_stories(place)
    stories = {
        member["article"]: number
        for number, story in enumerate(rows(place, STORIES) if told else ())
        for member in story["members"]
    }
    every = rows(place, CLUSTERS) if among is None else among
    return heapq.nlargest(limit, every, key=lambda row: _rank(row, stories))


def largest_stories(
    place: Path, limit: int, among: Iterable[StoryRow] | None = None
) -> list[StoryRow]:
    """Return the `limit` stories with the most repeated words, `among` these or all."""
    rank = operator.itemgetter("repeated_words")
    return heapq.nlargest(limit, rows(place, STORIES) if among is None else among, key=rank)


def named(place: Path, wanted: str) -> Named | None:
    """Return the story, cluster or article whose id is `wanted` or begins so, and which it is.

    An id in full goes before beginnings, and stories and clusters go before articles. None where
    none begins so; raises `OutputError` where several do.
    """
    beginning: list[tuple[str, str, Any]] = []  # of which kind, the id, the line
    for of in (STORIES, CLUSTERS, ARTICLES):
        if of is STORIES and not holds_stories(place):
            continue
        whole = of is ARTICLES and bool(beginning)
        for name, row in _beginning(place, of, wanted, whole=whole):
            if name == wanted:
                return cast(Named, (of.key, row))
            beginning.append((of.key, name, row))
    if len(beginning) == 1:
        kind, _, row = beginning[0]
        return cast(Named, (kind, row))
    if not beginning:
        return None
    names = ", ".join(f"{kind} {name}" for kind, name, _ in beginning[:3])
    more = ", …" if len(beginning) > 3 else ""
    raise OutputError(
        f"{place}: {len(beginning)} ids begin with {wanted!r} ({names}{more}); give more letters"
    )


def stories_with(place: Path, article: str) -> list[StoryRow]:
    """Return the stories that hold an article, in the order of the file."""
    if not holds_stories(place):
        return []
    found = rows(place, STORIES, quoted(article))
    return [row for row in found if any(m["article"] == article for m in row["members"])]


def links(place: Path, ids: Collection[str]) -> list[LinkRow]:
    """Return the links both of whose articles are among `ids`, in the order of the file."""
    found = chosen(place, LINKS, ids)
    return [row for row in found if row["b"] in ids]


def links_of(place: Path, article: str) -> list[LinkRow]:
    """Return the links of one article, in the order of the file; an older folder has none."""
    if "links" not in summary(place):
        return []
    found = rows(place, LINKS, quoted(article))
    return [row for row in found if article in (row["a"], row["b"])]


def turned(link: LinkRow) -> LinkRow:
    """Return a link with its two articles exchanged.

    >>> turned({"a": "x", "b": "y", "kind": "excerpt", "share_of_a": 0.3, "share_of_b": 1.0})
    {'a': 'y', 'b': 'x', 'kind': 'extended', 'share_of_a': 1.0, 'share_of_b': 0.3}
    """
    return {
        **link,
        "a": link["b"],
        "b": link["a"],
        "kind": _INVERSE.get(link["kind"], link["kind"]),
        "share_of_a": link["share_of_b"],
        "share_of_b": link["share_of_a"],
    }


_INVERSE: dict[Kind, Kind] = {"excerpt": "extended", "extended": "excerpt", "roundup part": "part"}
"""What a is to b, by what b is to a; the other kinds are the same both ways."""


def paragraphs(place: Path, ids: Collection[str]) -> dict[tuple[str, int], str]:
    """Return the paragraphs of these articles that were written out, by article and number."""
    found = chosen(place, PARAGRAPHS, ids)
    return {(row["article"], row["paragraph"]): row["text"] for row in found}


def texts(place: Path, ids: Collection[str]) -> dict[str, TextRow]:
    """Return the lines of texts.jsonl with these ids, by id."""
    return {row["text_id"]: row for row in chosen(place, TEXTS, ids)}


def matches_of(place: Path, ids: Collection[str]) -> Iterator[MatchRow]:
    """Yield the matches of which one text at least is among `ids`, in the order of the file."""
    begins = re.compile(r'\{"a": ?"([^"\\]+)", ?"b": ?"([^"\\]+)"')
    path = place / MATCHES.name
    for number, line in _lines(path):
        plain = begins.match(line)
        if plain is None or plain[1] in ids or plain[2] in ids:
            row = cast(MatchRow, _parsed(path, number, line))
            if row["a"] in ids or row["b"] in ids:
                yield row


def numbered(place: Path, of: Lines[R], numbers: Collection[int]) -> list[R]:
    """Return the lines of a file with these numbers, from 0, in the order of the file."""
    path, wanted = place / of.name, frozenset(numbers)
    found = (line for line in _lines(path) if line[0] - 1 in wanted)
    return [cast(R, _parsed(path, number, line)) for number, line in found]


def articles(place: Path, ids: Collection[str]) -> dict[str, ArticleRow]:
    """Return the lines of articles.jsonl with these ids, by id."""
    return {row["article"]: row for row in chosen(place, ARTICLES, ids)}


def quoted(name: str) -> str:
    r"""Return a name as it stands in a line of a file, for `rows(..., holding=...)`.

    >>> quoted('a"b')
    '"a\\"b"'
    """
    return json.dumps(name, ensure_ascii=False)


def rows(place: Path, of: Lines[R], holding: str = "") -> Iterator[R]:
    """Yield the lines of a file of the folder that hold the characters `holding`, parsed.

    A line with escapes may hold them in another form, and is given in any case; so is every row of
    a table of Spark. Raises `OutputError` when the file cannot be read or a line is none that dedup
    wrote.
    """
    path = place / of.name
    if (table := table_rows.table(path)).is_dir():
        optional: frozenset[str] = of.row.__optional_keys__  # type: ignore[attr-defined]
        for row in table_rows.rows(table, optional):
            yield cast(R, row)
        return
    for number, line in _lines(path):
        if holding in line or "\\u" in line:
            yield cast(R, _parsed(path, number, line))


def _rank(row: ClusterRow, stories: Mapping[str, int]) -> tuple[int, ...]:
    """Return what `largest` ranks by; `stories` numbers the story of each article that has one."""
    articles = {member["article"] for member in row["members"]}
    of_story = Counter(stories[article] for article in articles if article in stories)
    most = max(of_story.values(), default=0)
    counts = (row["articles"], row["sites"], row["size"])
    found = ClusterCounts(bool(row["boilerplate"]), most, *counts)
    return found.rank(words(row["canonical"]["text"]))


def _beginning(
    place: Path, of: Lines[Any], wanted: str, *, whole: bool = False
) -> Iterator[tuple[str, Any]]:
    """Read the rows whose key begins with `wanted`, or with `whole` those where it is that."""
    for row in rows(place, of, f'"{of.key}":"{json.dumps(wanted, ensure_ascii=False)[1:-1]}'):
        name = row[of.key]
        if name == wanted or (not whole and name.startswith(wanted)):
            yield name, row


def chosen(place: Path, of: Lines[R], ids: Collection[str]) -> Iterator[R]:
    """Read the rows whose key is in `ids`.

    A line that begins with another plain key is passed over without parsing.
    """
    path, key = place / of.name, of.key
    names = "|".join({key, older.KEYS.get(key, key)})
    begins = re.compile(rf'\{{"(?:{names})": ?"([^"\\]+)"')
    for number, line in _lines(path):
        plain = begins.match(line)
        if plain is None or plain[1] in ids:
            row = _parsed(path, number, line)
            if row.get(key) in ids:
                yield cast(R, row)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from enumerate(file, 1)
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(f"{path}: cannot be read: {error}; scan again") from error


def _parsed(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise OutputError(f"{path}:{number}: not a line that dedup wrote; scan again")
    return older.renewed(path.name, row)

"""Sheets that people fill in: pairs drawn from a scan, without what it says of them.

A sheet is CSV. The pairs are drawn by what the scan found, so that rare kinds are there too; their
order, and which side is A, are drawn as well, so that neither tells.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from dedup.errors import InputError, SettingsError
from dedup.evaluation.gold import LABELS, Pair, Span
from dedup.output import passages, reader
from dedup.output.columns import FORMULAS, harmless
from dedup.output.passages import Choice, Side
from dedup.output.schema import ARTICLES, LINKS, STORIES, ArticleRow
from dedup.records import RELATIONS

By = Literal["relation", "scope", "chance"]
"""What pairs are drawn by: as many of each relation or scope, or as they come."""

_PLACE = ("article", "site", "date", "paragraph", "start", "end", "text")
COLUMNS = (
    "pair",
    "what",
    "label",
    "first",
    *(f"a_{name}" for name in _PLACE),
    *(f"b_{name}" for name in _PLACE),
)
"""The columns of a sheet; people fill in `label`, and `first` for articles."""

UNLIKE = 0.15
"""Share of a sheet of paragraphs that are pairs without a match, from articles that share text, and
of a sheet of articles pairs that are in no story together. Higher tells more of what is missed, and
less of what is found."""

BEGINNING = 1500
"""Characters of an article that a row shows."""

_POOL = 2000
"""Pairs of a kind from which are drawn; all have the same chance to be among them."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair of articles that somebody judged."""

    a: str
    b: str
    version: bool
    """Whether they are versions of one article."""
    first: str | None
    """Id of the one that had it first, or None where that was not said."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was filled in."""

    pairs: tuple[Pair, ...]
    """Of paragraphs."""
    articles: tuple[Judged, ...]
    empty: int
    """Rows without a label."""


def guide() -> str:
    """Return what people should read before they fill in a sheet, as Markdown."""
    return (files("dedup.evaluation") / "sheet_guide.md").read_text("utf-8")


def draw(place: Path, count: int, by: By, what: str, seed: int) -> list[dict[str, Any]]:
    """Draw `count` pairs of `paragraphs` or `articles` from an output folder, as rows of a sheet.

    Fewer come back where there are fewer. The same seed draws the same.
    """
    if what == "articles" and not reader.holds_stories(place):
        raise InputError(f"{place}: has no stories to draw articles from; give --what paragraphs")
    chance = random.Random(seed)
    pools = _articles(place, chance) if what == "articles" else _paragraphs(place, by, chance)
    drawn = _drawn(pools, count, chance)
    known = {row["article"]: row for row in reader.rows(place, ARTICLES)}
    rows = []
    for number, pair in enumerate(drawn, 1):
        sides = [_cells(one, place, known) for one in chance.sample(pair, 2)]
        places = {
            f"{sign}_{k}": v
            for sign, side in zip("ab", sides, strict=True)
            for k, v in side.items()
        }
        rows.append({"pair": number, "what": what, "label": "", "first": "", **places})
    return rows


def encoded(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return rows as CSV that spreadsheets read."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def read(path: Path) -> Sheet:
    """Read a sheet that was filled in.

    Raises `InputError`, with the line, where it cannot be read or a label has no meaning.
    """
    pairs, articles, empty = list[Pair](), list[Judged](), 0
    for number, row in enumerate(_rows(path), 2):
        label = row["label"].strip().casefold()
        if not label:
            empty += 1
            continue
        try:
            if row["what"] == "articles":
                articles.append(_judged(row, label))
            else:
                pairs.append(_pair(row, label))
        except (KeyError, ValueError) as error:
            raise InputError(f"{path}:{number}: {error}; see the guide of the sheet") from error
    if not pairs and not articles:
        raise InputError(f"{path}: no row has a label; fill in the column `label`")
    return Sheet(tuple(pairs), tuple(articles), empty)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; save it as CSV in UTF-8") from error
    head = text.split("\n", 1)[0]
    before = csv.field_size_limit(2**31 - 1)  # it is one for the whole process
    try:
        table = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",")
        rows = [{name: value or "" for name, value in row.items() if name} for row in table]
    except csv.Error as error:
        raise InputError(f"{path}: is no CSV: {error}; save it as CSV in UTF-8") from error
    finally:
        csv.field_size_limit(before)
    lacking = [name for name in COLUMNS if rows and name not in rows[0]]
    if lacking or not rows:
        what = f"the column {lacking[0]!r} is missing" if lacking else "it has no rows"
        raise InputError(f"{path}: {what}; fill in a sheet that `dedup sample` wrote")
    return rows


def _judged(row: dict[str, str], label: str) -> Judged:
    if label not in ("yes", "no"):
        raise ValueError(f"the label of two articles is {label!r}, neither yes nor no")
    first = row["first"].strip().casefold()
    if first not in ("", "a", "b"):
        raise ValueError(f"first is {first!r}, neither a nor b")
    a, b = _plain(row["a_article"]), _plain(row["b_article"])
    return Judged(a, b, label == "yes", {"a": a, "b": b}.get(first))


def _pair(row: dict[str, str], label: str) -> Pair:
    if label not in LABELS:
        raise ValueError(f"the label is {label!r}, which is none of {', '.join(LABELS)}")
    a, b = (
        Span(_plain(row[f"{s}_article"]), int(row[f"{s}_start"]), int(row[f"{s}_end"]))
        for s in "ab"
    )
    return Pair(row["pair"], label, agreed=True, a=a, b=b)


def _plain(cell: str) -> str:
    """Take the apostrophe away that `harmless` put before what looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in FORMULAS else cell


# -- drawing --------------------------------------------------------------------------------------

_Pool = list[tuple[Side, Side]]


def _paragraphs(place: Path, by: By, chance: random.Random) -> dict[str, _Pool]:
    """Return pairs of paragraphs by what they are drawn by, and such without a match."""
    kinds: dict[By, Callable[[passages.Passage], str]] = {
        "relation": lambda one: one.relation,
        "scope": lambda one: one.scope,
        "chance": lambda _: "all",
    }
    if by not in kinds:
        raise SettingsError(f"--by is {by!r}; it must be one of {', '.join(kinds)}")
    pools: dict[str, _Pool] = {}
    seen: dict[str, int] = {}
    matched = set[tuple[str, str]]()
    sides: dict[str, Side] = {}
    for one in passages.every(place, Choice(relations=RELATIONS)):
        kind = kinds[by](one)
        seen[kind] = seen.get(kind, 0) + 1
        _keep(pools.setdefault(kind, []), (one.a, one.b), seen[kind], chance)
        matched |= {(one.a.text_id, one.b.text_id), (one.b.text_id, one.a.text_id)}
        sides.setdefault(one.a.text_id, one.a)
        sides.setdefault(one.b.text_id, one.b)
    every = sorted(sides.values(), key=lambda side: (side.article, side.paragraph))
    pools[""] = list(_unlike(every, matched, chance))
    return pools


def _unlike(
    every: Sequence[Side], matched: set[tuple[str, str]], chance: random.Random
) -> Iterator[tuple[Side, Side]]:
    """Yield pairs of paragraphs that do not match."""
    for _ in range(_POOL if len(every) > 1 else 0):
        a, b = chance.sample(every, 2)
        if (a.text_id, b.text_id) not in matched:
            yield a, b


def _articles(place: Path, chance: random.Random) -> dict[str, _Pool]:
    """Return pairs of articles by what the second is to the first, and such of no story."""
    pools: dict[str, _Pool] = {}
    seen: dict[str, int] = {}
    stories: dict[str, set[str]] = {}
    for story in reader.rows(place, STORIES):
        for member in story["members"]:
            stories.setdefault(member["article"], set()).add(story["story"])
    for link in reader.rows(place, LINKS):
        together = stories.get(link["a"], set()) & stories.get(link["b"], set())
        kind = link["kind"] if together else ""
        seen[kind] = seen.get(kind, 0) + 1
        pair = _whole(link["a"]), _whole(link["b"])
        _keep(pools.setdefault(kind, []), pair, seen[kind], chance)
    return pools


def _whole(article: str) -> Side:
    return Side("", "", article, -1, 0, 0)


def _keep(pool: _Pool, pair: tuple[Side, Side], number: int, chance: random.Random) -> None:
    """Keep a pair so that each of those seen is kept with the same chance (Vitter 1985, R)."""
    if len(pool) < _POOL:
        pool.append(pair)
    elif (at := chance.randrange(number)) < _POOL:
        pool[at] = pair


def _drawn(pools: dict[str, _Pool], count: int, chance: random.Random) -> list[tuple[Side, Side]]:
    """Draw as many of each kind, and of pairs that are unlike `UNLIKE` of all."""
    unlike = pools.pop("", [])
    drawn = chance.sample(unlike, min(len(unlike), round(count * UNLIKE)))
    left = [chance.sample(pool, len(pool)) for _, pool in sorted(pools.items())]
    while len(drawn) < count and any(left):
        for pool in left:
            if pool and len(drawn) < count:
                drawn.append(pool.pop())
    return chance.sample(drawn, len(drawn))


def _cells(side: Side, place: Path, known: dict[str, ArticleRow]) -> dict[str, Any]:
    row = known[side.article]
    whole = side.paragraph < 0
    texts = passages.paragraphs_of(place, side.article) if whole else {}
    title = [row["title"]] if whole and row["title"] else []
    text = "\n".join([*title, *(text for _, text in sorted(texts.items()))])[:BEGINNING]
    return {
        "article": side.article,
        "site": row["site"] or "",
        "date": row["published"] or "",
        "paragraph": "" if whole else side.paragraph,
        "start": "" if whole else side.start,
        "end": "" if whole else side.end,
        "text": text if whole else side.text,
    }

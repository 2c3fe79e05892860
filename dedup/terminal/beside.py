"""Two texts, or two articles, beside one another: in columns where a screen has room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dedup.output import passages, reader
from dedup.output.diff import ADDED, NOTE, REMOVED, SAME, SHARED, Piece
from dedup.output.passages import Passage
from dedup.output.protocol import many
from dedup.output.side_by_side import in_order, side_by_side
from dedup.terminal.clusters import shortened
from dedup.terminal.names import named
from dedup.terminal.screen import HEAD, Coloured, Screen, broken

SIDES = 90
"""Columns from which two texts stand beside one another; on a narrower screen, and without colours,
they stand one below the other."""

FEW_MOVED = 12
"""Pairs of paragraphs that stand in another order, or a second time, that are named."""

LONG_ALONE = 160
"""Characters of a paragraph that are shown where the other article has nothing like it."""

VERSIONS = ("identical", "duplicate")
"""Relations of which the words that differ are marked; of others, those that both hold."""

_GUTTER = 3

Sides = tuple[list[Piece], list[Piece]]


def beside(one: Passage) -> Sides:
    """Return the two paragraphs of a passage in pieces.

    Versions of one paragraph have the words marked that differ, others the words that both hold.
    """
    if one.relation not in VERSIONS:
        return (
            marked(one.a.text, [(a0, a1) for a0, a1, _, _ in one.spans]),
            marked(one.b.text, [(b0, b1) for _, _, b0, b1 in one.spans]),
        )
    segments = side_by_side(one.a.text, one.b.text, one.spans)
    return (
        [(SAME if s.kind in _BOTH else REMOVED, s.a) for s in segments if s.a],
        [(SAME if s.kind in _BOTH else ADDED, s.b) for s in segments if s.b],
    )


_BOTH = ("same", "moved a", "moved b")


def marked(text: str, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return a text in pieces, with what `spans` hold marked."""
    pieces, at = list[Piece](), 0
    for start, end in sorted(spans):
        if start < end and start >= at:
            pieces += [(SAME, text[at:start]), (SHARED, text[start:end])]
            at = end
    return [piece for piece in (*pieces, (SAME, text[at:])) if piece[1]]


def print_beside(heads: Sequence[str], sides: Sides, to: Screen) -> None:
    """Print two texts under what they are called."""
    if not in_columns(to):
        for head, pieces in zip(heads, sides, strict=True):
            to.line([(HEAD, head)])
            to.line(pieces, indent=4)
        return
    columns([[(HEAD, head)] for head in heads], to)
    columns(sides, to)


def in_columns(to: Screen) -> bool:
    """Return whether a screen shows two texts beside one another."""
    return isinstance(to, Coloured) and to.width >= SIDES


def columns(sides: Sequence[Sequence[Piece]], to: Screen) -> None:
    """Print two texts beside one another, wrapped."""
    room = ((to.width or SIDES) - _GUTTER) // 2
    left, right = (broken(pieces, room) for pieces in sides)
    for number in range(max(len(left), len(right))):
        one, taken = left[number] if number < len(left) else ([], 0)
        other = right[number][0] if number < len(right) else []
        to.line([*one, (SAME, " " * (room - taken + _GUTTER)), *other])


def show_two(place: Path, a: str, b: str, to: Screen) -> None:
    """Print two articles beside one another, paragraph by paragraph, from the folder `place`."""
    articles = reader.articles(place, {a, b})
    shared = passages.between(place, a, b)
    heads = [named(article, articles) for article in (a, b)]
    titles = [articles[article]["title"] or "" for article in (a, b)]
    if in_columns(to):
        columns([[(HEAD, head)] for head in heads], to)
        if any(titles):
            columns([[(SAME, title)] for title in titles], to)
    else:
        for sign, head, title in zip("AB", heads, titles, strict=True):
            to.line([(HEAD, f"{sign}  {head}")])
            if title:
                to.line([(SAME, title)], indent=3)
    to.line([(NOTE, f"{many(len(shared), 'pair')} of paragraphs share words{_told(shared)}")])
    texts = [passages.paragraphs_of(place, article) for article in (a, b)]
    counts = [articles[article]["paragraphs"] for article in (a, b)]
    at = [0, 0]
    rows = _rows(shared)
    for row in rows:
        _alone(at, [row.a.paragraph, row.b.paragraph], texts, to)
        _row(row, to)
        at = [row.a.paragraph + 1, row.b.paragraph + 1]
    _alone(at, counts, texts, to)
    moved = [one for one in shared if one not in rows]
    if moved:
        to.line([])
        few = sorted(moved, key=lambda one: -one.words)[:FEW_MOVED]
        told = [f"A ¶{o.a.paragraph} = B ¶{o.b.paragraph} ({o.relation})" for o in few]
        told += [f"… and {len(moved) - len(few):,} more"] if moved[FEW_MOVED:] else []
        to.line([(NOTE, "in another order, or a second time: "), (SAME, "; ".join(told))], hang=2)


def _told(shared: Sequence[Passage]) -> str:
    words: dict[int, int] = {}
    for one in shared:
        words[one.a.paragraph] = max(words.get(one.a.paragraph, 0), one.words)
    return f", {many(sum(words.values()), 'word')} of A" if shared else ""


def _rows(shared: Sequence[Passage]) -> list[Passage]:
    """Choose the heaviest pairs of paragraphs that are in one order in both articles."""
    blocks = {
        (p, p + 1, q, q + 1): one
        for one in sorted(shared, key=lambda one: one.words)
        for p, q in [(one.a.paragraph, one.b.paragraph)]
    }
    weights = {block: one.words for block, one in blocks.items()}
    return [blocks[block] for block in in_order(list(blocks), weights.__getitem__)[0]]


def _alone(
    at: Sequence[int], until: Sequence[int], texts: Sequence[dict[int, str]], to: Screen
) -> None:
    """Print the paragraphs of each before the next that both hold."""
    for side, (first, last, known) in enumerate(zip(at, until, texts, strict=True)):
        for pieces in _own(range(first, last), known, "AB"[side]):
            if in_columns(to):
                columns([pieces, []] if side == 0 else [[], pieces], to)
            else:
                to.line(pieces, hang=5)


def _own(numbers: range, known: dict[int, str], sign: str) -> Iterator[list[Piece]]:
    """Yield paragraphs that the other article lacks; those without words are counted."""
    unknown: list[int] = []
    for number in [*numbers, None]:
        if number is not None and number not in known:
            unknown.append(number)
            continue
        if unknown:
            some = f"¶{unknown[0]}" + (f" to ¶{unknown[-1]}" if unknown[1:] else "")
            stand = "stand" if unknown[1:] else "stands"
            yield [(NOTE, f"{sign} {some} {stand} nowhere else")]
            unknown = []
        if number is not None:
            text = shortened(" ".join(known[number].split()), LONG_ALONE)
            yield [(NOTE, f"{sign} ¶{number} "), (NOTE, text)]


def _row(one: Passage, to: Screen) -> None:
    left, right = beside(one)
    a, b = f"¶{one.a.paragraph}", f"¶{one.b.paragraph}"
    if in_columns(to):
        columns(
            [[(HEAD, f"{a} "), *left], [(HEAD, f"{b} "), (NOTE, f"{one.relation} "), *right]], to
        )
        return
    to.line([(HEAD, f"A {a} = B {b}"), (NOTE, f"  {one.relation}, {many(one.words, 'word')}")])
    if one.a.text_id == one.b.text_id:
        to.line(right, indent=4)
    elif one.relation in VERSIONS:
        to.line(merged(one), indent=4)
    else:
        to.line([(NOTE, "A: "), *left], indent=4)
        to.line([(NOTE, "B: "), *right], indent=4)


def merged(one: Passage) -> list[Piece]:
    """Return the second paragraph with the words put in that only the first has."""
    found: list[Piece] = []
    for segment in side_by_side(one.a.text, one.b.text, one.spans):
        if segment.kind == "same":
            found.append((SAME, segment.b))
        else:
            found += [(REMOVED, segment.a)] if segment.a else []
            found += [(ADDED, segment.b)] if segment.b else []
    return found

"""Two texts beside one another: what both hold, what was changed, and what stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple, cast

from dedup.output.diff import LONGEST, Word, words
from dedup.records import Block

Kind = Literal["same", "changed", "only a", "only b", "moved a", "moved b"]


class Segment(NamedTuple):
    """A stretch of two texts beside one another."""

    kind: Kind
    """`same` words, words that were `changed`, words of one alone (`only a`, `only b`), or words
    that the other has too, but elsewhere (`moved a`, `moved b`)."""
    a: str
    b: str


def side_by_side(a: str, b: str, spans: Sequence[Sequence[int]] = ()) -> list[Segment]:
    """Return two texts as aligned segments; those of each join to the whole text.

    `spans`, as of `Passage.spans`, are what both hold; without any the words are compared. Shared
    stretches that stand in another order in b are `moved`. Between two shared stretches the words
    are compared, up to `dedup.output.diff.LONGEST`.

    >>> for segment in side_by_side("Rain is due today.", "Rain is expected today!"):
    ...     print(segment.kind, repr(segment.a), repr(segment.b))
    same 'Rain is ' 'Rain is '
    changed 'due' 'expected'
    same ' today.' ' today!'
    """
    sound = [cast(Block, tuple(block)) for block in spans if _sound(block, a, b)]
    chain, moved = in_order(sound, lambda block: block[1] - block[0])
    found: list[Segment] = []
    at_a = at_b = 0
    for a0, a1, b0, b1 in [*chain, (len(a), len(a), len(b), len(b))]:
        gap_a = _parted(a, at_a, a0, [(i, j) for i, j, _, _ in moved])
        gap_b = _parted(b, at_b, b0, [(k, n) for _, _, k, n in moved])
        if not any(there for _, there in gap_a) and not any(there for _, there in gap_b):
            found += _compared(a[at_a:a0], b[at_b:b0])
        else:
            found += [Segment("moved a" if there else "only a", t, "") for t, there in gap_a]
            found += [Segment("moved b" if there else "only b", "", t) for t, there in gap_b]
        found.append(Segment("same", a[a0:a1], b[b0:b1]))
        at_a, at_b = a1, b1
    return _joined(found)


def _sound(block: Sequence[int], a: str, b: str) -> bool:
    """Return whether a block lies in both texts; a damaged folder may have others."""
    a0, a1, b0, b1 = block
    return 0 <= a0 < a1 <= len(a) and 0 <= b0 < b1 <= len(b)


def in_order(
    blocks: Sequence[Block], weight: Callable[[Block], int]
) -> tuple[list[Block], list[Block]]:
    """Part blocks into the heaviest chain that is in order in both texts, and the others.

    >>> in_order([(0, 5, 7, 12), (6, 9, 0, 3)], lambda block: block[1] - block[0])
    ([(0, 5, 7, 12)], [(6, 9, 0, 3)])
    """
    ordered = sorted(blocks)
    weights, before = [0] * len(ordered), [-1] * len(ordered)
    for n, block in enumerate(ordered):
        own = weights[n] = weight(block)
        for m in range(n):
            fits = ordered[m][1] <= block[0] and ordered[m][3] <= block[2]
            if fits and weights[m] + own > weights[n]:
                weights[n], before[n] = weights[m] + own, m
    at = max(range(len(ordered)), key=weights.__getitem__, default=-1)
    chain: set[int] = set()
    while at >= 0:
        chain.add(at)
        at = before[at]
    return (
        [block for n, block in enumerate(ordered) if n in chain],
        [block for n, block in enumerate(ordered) if n not in chain],
    )


def _parted(
    text: str, start: int, end: int, moved: Sequence[tuple[int, int]]
) -> list[tuple[str, bool]]:
    """Part a stretch of a text into what stands elsewhere in the other, and what does not."""
    parts, at = list[tuple[str, bool]](), start
    for begin, stop in sorted(moved):
        first, last = max(begin, at), min(stop, end)
        if first < last:
            parts += [(text[at:first], False), (text[first:last], True)]
            at = last
    parts.append((text[at:end], False))
    return [part for part in parts if part[0]]


def _compared(a: str, b: str) -> list[Segment]:
    """Compare two stretches by words."""
    own, others = words(a), words(b)
    if a == b or not (own or others):  # marks and spaces make no difference
        return [Segment("same", a, b)]
    if max(len(own), len(others)) > LONGEST:
        return [Segment("changed", a, b)]
    matcher = SequenceMatcher(
        None, [word.folded for word in own], [word.folded for word in others], autojunk=False
    )
    found, at_a, at_b = list[Segment](), 0, 0
    for kind, i, j, k, n in matcher.get_opcodes():
        if kind == "equal":
            continue
        (a0, a1), (b0, b1) = _stretch(own, i, j), _stretch(others, k, n)
        found.append(Segment("same", a[at_a:a0], b[at_b:b0]))
        what: Kind = "changed" if i < j and k < n else "only a" if i < j else "only b"
        found.append(Segment(what, a[a0:a1], b[b0:b1]))
        at_a, at_b = a1, b1
    return [*found, Segment("same", a[at_a:], b[at_b:])]


def _stretch(of: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """Return where some words stand; of none, the end of the word before."""
    if first < last:
        return of[first].start, of[last - 1].end
    end = of[first - 1].end if first else 0
    return end, end


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    """Join neighbours of one kind, and what only a and only b have to what was changed."""
    found: list[Segment] = []
    for kind, a, b in segments:
        together = _together(found[-1].kind, kind) if found else None
        if together:
            last = found.pop()
            found.append(Segment(together, last.a + a, last.b + b))
        elif a or b:
            found.append(Segment(kind, a, b))
    return found


def _together(first: Kind, second: Kind) -> Kind | None:
    if first == second:
        return first
    ones: set[Kind] = {"only a", "only b", "changed"}
    return "changed" if first in ones and second in ones else None

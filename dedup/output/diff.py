"""Which words of one text differ from another's, as dedup counts words.

Words are compared in their folded form (`dedup.text.characters`), so case, accents, quotation marks
and punctuation make no difference; a character of a script without spaces is a word by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import NamedTuple

from dedup.text.characters import IGNORED, LETTER, MARK, SOLO, SYMBOL, look_up
from dedup.text.sequences import as_read

LONGEST = 1500
"""Words of each text that are compared: the comparison can take their product in steps."""

_BESIDE, _LONG = 5, 20
"""Words that stay of what is the same on each side of a difference, and words from which on also
what is missing is shown by its ends alone."""

SAME, ADDED, REMOVED, NOTE, SHARED = "same", "added", "removed", "note", "shared"
"""What a piece is: in both texts; in this one alone; in the other alone; a remark of dedup's; what
another place holds too, where most else is this text's own."""

Piece = tuple[str, str]
"""What it is, and its text."""


class Word(NamedTuple):
    """A word and where it stands."""

    folded: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """Split `text` as the scan does.

    >>> [word.folded for word in words("It’s RAINING: 雨天.")]
    ['its', 'raining', '雨', '天']
    """
    return list(_words(text))


def _words(text: str) -> Iterator[Word]:
    parts, start, end = list[str](), 0, 0
    open_word = False  # whether a letter goes on with the word before
    for at, character in enumerate(as_read(text)):
        kind, form = _look_up(character)
        if kind == IGNORED:
            continue
        if (kind == LETTER and open_word) or (kind == MARK and parts and end == at):
            parts.append(form)
            end = at + 1
        elif kind in (LETTER, SOLO, SYMBOL, MARK):
            if parts:
                yield Word("".join(parts), start, end)
            parts, start, end = [form], at, at + 1
            open_word = kind in (LETTER, MARK)
        else:
            open_word = False
    if parts:
        yield Word("".join(parts), start, end)


_look_up = functools.lru_cache(maxsize=4096)(look_up)


def compare(canonical: str, other: str) -> list[Piece]:
    """Return `other` in pieces, with the words of `canonical` that it lacks put in as REMOVED.

    The pieces that are not REMOVED or NOTE join to `other`. Of texts longer than `LONGEST` words
    the rest is not compared, and a NOTE says so.

    >>> compare("Rain is due today.", "Rain is expected today!")
    [('same', 'Rain is '), ('removed', 'due'), ('added', 'expected'), ('same', ' today!')]
    """
    a, b = (list(islice(_words(text), LONGEST + 1)) for text in (canonical, other))
    bounded = max(len(a), len(b)) > LONGEST
    rest = b[LONGEST].start if len(b) > LONGEST else len(other)
    pieces = list(_pieces(canonical, a[:LONGEST], other[:rest], b[:LONGEST]))
    if bounded:
        pieces += [
            (NOTE, f"[only the first {LONGEST:,} words are compared] "),
            (SAME, other[rest:]),
        ]
    return pieces


def excerpts(pieces: Sequence[Piece]) -> list[Piece]:
    """Return compared text without what is the same, but for a few words beside what differs.

    Only the ends of a long missing stretch are left: a paragraph may be compared with a whole
    article.

    >>> same = (SAME, "a b c d e f g h i j k l m n ")
    >>> excerpts([same, (ADDED, "x"), (SAME, " y"), (REMOVED, " z")])
    [('same', '… j k l m n '), ('added', 'x'), ('same', ' y'), ('removed', ' z')]
    """
    last = len(pieces) - 1
    return [
        (kind, _shown(kind, text, first=number == 0, last=number == last))
        for number, (kind, text) in enumerate(pieces)
    ]


def _shown(kind: str, text: str, *, first: bool, last: bool) -> str:
    if kind == SAME:
        return _ends(text, head=not first, tail=not last)
    long = kind == REMOVED and len(words(text)) > _LONG
    return _ends(text, head=True, tail=True) if long else text


def _ends(text: str, *, head: bool, tail: bool) -> str:
    """Keep the first words of a text, or the last, or both, if it has more than these."""
    found = words(text)
    if len(found) <= _BESIDE * (head + tail) + 1:
        return text
    first = text[: found[_BESIDE - 1].end] + " " if head else ""
    last = " " + text[found[-_BESIDE].start :] if tail else ""
    return f"{first}…{last}"


def _pieces(canonical: str, a: list[Word], other: str, b: list[Word]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, [w.folded for w in a], [w.folded for w in b], autojunk=False)
    at = 0
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            continue
        begin = b[b0].start if b0 < len(b) else len(other)
        if b0 == b1 and b0 > 0:
            begin = b[b0 - 1].end  # put what is missing right behind the word it followed
        if begin > at:
            yield SAME, other[at:begin]
            at = begin
        if a0 < a1:
            yield REMOVED, canonical[slice(*_gone(a, a0, a1, replaced=b0 < b1, first=b0 == 0))]
        if b0 < b1:
            at = b[b1 - 1].end
            yield ADDED, other[begin:at]
    if at < len(other):
        yield SAME, other[at:]


def _gone(a: list[Word], a0: int, a1: int, *, replaced: bool, first: bool) -> tuple[int, int]:
    """Return the stretch that is missing: with the space before it, or behind the first words."""
    start, end = a[a0].start, a[a1 - 1].end
    if replaced:
        return start, end
    if first:
        return start, a[a1].start if a1 < len(a) else end
    return a[a0 - 1].end, end

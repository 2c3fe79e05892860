"""Credits far inside a text: what shows that one may stand there, and which do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dedup.metadata.credit_lines import Found, any_in, credits_of_part, each
from dedup.metadata.credit_rules import Hits, hits

PARAGRAPH = 300
"""Characters of a paragraph from which what stands in brackets at its end, far inside a text, is a
credit. Higher takes fewer: a caption of 299 characters is one."""

_BOX = re.compile(r"[(\[][^()\[\]\n]{2,60}[)\]]")
_PRINTED = ("Reuter", "Havas", "Wolff", "Stefani")
_TELEGRAPHIC = "gence télé"
_SLASHED = ("ats", "afp", "ap", "sda")
_INITIALS = ("ap", "afp", "ats", "upi", "dpa", "sda")
_LAST = tuple(f" {name}" for name in _INITIALS)
UNBOXED = (
    *_PRINTED,
    _TELEGRAPHIC,
    *(f"/ {name}" for name in _SLASHED),
    *(f"{name}\n" for name in _LAST),
)
"""What a text has, ended by a new line, that far inside has a credit without brackets."""
_GOES_ON = re.compile(r"[\w,-]\s*$")


def credits_inside(text: str, end: int, known: Hits | None) -> list[Found]:
    """List the credits below the beginning of a text of several items, each with its credit.

    The text ends at `end`. `known` is what it may have there; None: nobody looked.
    """
    if known and not known.names:
        return []
    part = text[PARAGRAPH:end]
    if not _unboxed(part, _INITIALS if known is None else known.names):
        boxes = [*_boxes(part)]
        joined = "\n".join(boxes)
        if not boxes or (known and not any_in(known.names, joined)) or not hits(joined).names:
            return []
        if not any(hits(box).names for box in boxes):
            return []
    named, _, needs = known or hits(part)
    found = credits_of_part(text, PARAGRAPH, end, end, named, needs, ("inside",)) if named else []
    return [
        (weight, credit)
        for weight, credit in found
        if credit.kind != "credit line" or _in_prose(text, credit.start)
    ]


def opens_below(text: str) -> bool:
    """Return whether a text has what closes a dateline, or opens a byline; few have, far down.

    One character is found some five times as fast as two are: what follows is looked at there.
    """
    return (
        _followed(text, ")", (" -", "-", " —", " –"))
        or _followed(text, "/", (" -", ". "))
        or _followed(text, "\n", ("By ",))
    )


def _unboxed(text: str, names: Sequence[str]) -> bool:
    """Return whether a text has a name, or ends of lines, that are credits without brackets.

    `names` are those that it may have.
    """
    if "a" not in text and "e" not in text:  # most texts of other scripts have neither
        return False
    return (
        any_in(_PRINTED, text)
        or ("é" in text and _TELEGRAPHIC in text)
        or ("/ " in text and _followed(text, "/ ", _SLASHED))
        or (any_in(_INITIALS, names) and _ends_line(_LAST, text))
    )


def _ends_line(tails: tuple[str, ...], text: str) -> bool:
    for line in text.split("\n"):  # a loop: `any` with a generator takes twice as long
        if line.endswith(tails):
            return True
    return False


def _followed(text: str, sign: str, tails: tuple[str, ...]) -> bool:
    """Return whether one of these tails stands right behind a sign.

    >>> _followed("(a) b (c) - d", ")", (" -",)), _followed("(a) b - d", ")", (" -",))
    (True, False)
    """
    for at in each(sign, text):  # a loop: `any` with a generator takes three times as long
        if text.startswith(tails, at + len(sign)):
            return True
    return False


def _boxes(text: str) -> Iterator[str]:
    """Yield what stands in brackets, with them; a search for either at once takes long.

    >>> list(_boxes("It rained (AP). [Reuters] It (once more"))
    ['(AP)', '[Reuters]']
    """
    for sign in "([":
        for at in each(sign, text):
            if box := _BOX.match(text, at):
                yield box[0]


def _in_prose(text: str, at: int) -> bool:
    """Return whether running text ends before a place: a caption is one short line.

    It is a long paragraph, or the line before goes on in the next as in print.
    """
    lines = text[max(at - 2 * PARAGRAPH, 0) : at].rstrip().split("\n")
    if len(lines[-1]) >= PARAGRAPH:
        return True
    return len(lines) > 1 and bool(_GOES_ON.search(lines[-2]))

"""What the writing around each word says of it: common, name, number, quoted.

These flags weigh shared words (`dedup.match.evidence`) and tell quotations from copies
(`dedup.match.relations`). They come from the characters alone, so that a word weighs the same in
every corpus.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.text.characters import BREAK, LETTER, SOLO, SPACE, Characters
from dedup.text.quotation_marks import CLOSERS, CLOSING, INSIDE, SINGLE, TWO_FACED, codes, is_among
from dedup.text.segment import Batch
from dedup.text.sequences import FILLER
from dedup.text.tokenize import Tokens

COMMON, NAME, NUMBER, QUOTED, OPENING, CAPITAL, LINK, PHRASE = 1, 2, 4, 8, 16, 32, 64, 128
"""Bits. COMMON: a word of up to three letters, as function words are in most languages. NAME: a
capital inside a sentence of a paragraph that is no headline. NUMBER: begins with a digit. QUOTED:
between quotation marks. OPENING: the first word of a quoted fragment. CAPITAL: begins with a
capital. LINK: part of a web address. PHRASE: part of a common phrase (set by
`dedup.match.common_phrases`)."""

SHORT = 3
"""Most letters of a COMMON word; of syllables in Hangul, one. Higher makes more words common: at 3
"the" is, and "that" is not."""

HEADLINE = 0.6
"""Share of capitalised words from which a paragraph is a headline, whose capitals mean nothing.
Higher finds more names: at 0.6 three capitalised words of five are a headline."""

NAME_WORTH, COMMON_WORTH = 0.5, 0.4
"""What a shared number or name counts, and a common word, where a word of content counts 1. Higher
finds more matches: at 0.5 and 0.4 a string of 13 names is worth 6.5, as much as `Settings.evidence`
asks."""

CHARACTER_WORTH, PHRASE_WORTH = 0.5, 0.25
"""What is left of that for a character of a script without spaces, and for a word of a common
phrase. Higher finds more matches: at 0.5 two characters count as one word, and at 0.25 a common
phrase of eight words of content counts 2."""

_ENDS = ".!?:;…。！？；：؟•|"


_OPENERS = codes("".join(CLOSERS))
_FIRST = codes("".join(closers[0] for closers in CLOSERS.values()))
_SECOND = codes("".join(closers[-1] for closers in CLOSERS.values()))
_SINGLES, _BOTH, _CLOSING, _INSIDE = map(codes, (SINGLE, TWO_FACED, CLOSING, INSIDE))
_EDGES = '()[]<>{}"“”|'  # of a web address, as spaces are

_OPENER, _EDGE, _END = 1, 2, 4


def _roles() -> npt.NDArray[np.uint8]:
    """Return what each character of the basic plane may be: one look-up for most of a text."""
    roles = np.zeros(1 << 16, np.uint8)
    roles[_OPENERS] |= _OPENER
    roles[codes(_EDGES)] |= _EDGE
    roles[[code for code in range(1 << 16) if chr(code).isspace()]] |= _EDGE
    roles[codes(_ENDS)] |= _END
    return roles


_ROLES = _roles()


def token_flags(
    texts: Batch,
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    tokens: Tokens,
    characters: Characters,
) -> npt.NDArray[np.uint8]:
    """Return the flags of each token of the paragraphs `codes[start:end]`, uint8[tokens].

    A double quotation mark that nothing closes quotes to the end of its paragraph, as news does
    when a quotation goes on in the next; a single one that nothing closes is an apostrophe.

    >>> from dedup.text.characters import table
    >>> from dedup.text.tokenize import tokenize
    >>> from dedup.text.segment import batch
    >>> texts, whole = batch(["He said “go now” to Ann"]), (np.array([0]), np.array([23]))
    >>> found = token_flags(texts, *whole, tokenize(texts, *whole), table())
    >>> [bool(flag & QUOTED) for flag in found], bool(found[-1] & NAME)
    ([False, False, True, True, False, False], True)
    """
    spans = tokens.start, tokens.end, tokens.offsets
    found: npt.NDArray[np.uint8] = _token_flags(
        texts.codes, start, end, *spans, characters.kind, characters.upper, characters.entry
    )
    return found


@helper
def weight(a, b, token):
    """Return how much a shared word counts, in words, by its flags at both places.

    A word of content is 1, a number or name `NAME_WORTH`, a common word `COMMON_WORTH`; of that a
    character of a script without spaces is `CHARACTER_WORTH`, a word of a common phrase
    `PHRASE_WORTH`, and a part of a web address nothing.
    """
    if (a | b) & LINK:
        return 0.0
    if a & b & NUMBER or (a | b) & NAME:
        worth = NAME_WORTH
    elif a & COMMON:
        worth = COMMON_WORTH
    else:
        worth = 1.0
    if token & np.uint32(1):
        worth *= CHARACTER_WORTH
    if a & b & PHRASE:
        worth *= PHRASE_WORTH
    return worth


@helper
def _role(code):
    return _ROLES[code] if code < 65536 else np.uint8(0)


@helper
def _may_link(codes, begin, end):
    """Return whether a paragraph has a slash or "www": without them it has no web address."""
    for i in range(begin, end):
        code = codes[i]
        if code == 47:
            return True
        if code | 32 == 119 and i + 2 < end and codes[i + 1] | 32 == 119:
            return True
    return False


@helper
def _link_end(codes, i, end, kinds):
    """Return where the web address that begins at `i` ends, or `i` where none begins."""
    stop = i
    dotted = False
    is_link = False
    while stop < end and not _role(codes[stop]) & _EDGE:
        if codes[stop] == 46:  # point
            letters = stop + 1 < end and kinds[codes[stop + 1]] == LETTER
            dotted = dotted or (stop > i and letters)
        elif codes[stop] == 47:  # slash
            is_link = is_link or dotted or (stop > i and codes[stop - 1] == 58)
        stop += 1
    www = stop > i + 4 and codes[i] | 32 == 119 and codes[i + 1] | 32 == 119 and codes[i + 3] == 46
    return stop if is_link or www else i


@helper
def _past_fillers(codes, i, end):
    """Return the place from `i` on where no sequence goes on (see `dedup.text.sequences`)."""
    while i < end and codes[i] == FILLER:
        i += 1
    return i


@helper
def _opens(codes, i, begin, end, kinds):
    """Return which quotation mark opens at `i`, or -1."""
    which = -1
    for k in range(len(_OPENERS)):
        if codes[i] == _OPENERS[k]:
            which = k
    if which < 0 or i + 1 >= end:
        return -1
    code = codes[i]
    before = i > begin and (
        kinds[codes[i - 1]] == LETTER or (kinds[codes[i - 1]] == SOLO and is_among(code, _SINGLES))
    )
    # Marks that also close, or stand for an apostrophe, open only before a word and after none;
    # in a script without spaces a word is always before them.
    after = _past_fillers(codes, i + 1, end)
    if is_among(code, _BOTH) and (before or after == end or kinds[codes[after]] in (SPACE, BREAK)):
        return -1
    if is_among(code, _CLOSING) and i > begin and kinds[codes[i - 1]] != SPACE:
        return -1
    return which


@helper
def _quote(flags, first, last):
    for t in range(first, last):
        flags[t] |= QUOTED
    if first < last:
        flags[first] |= OPENING


@kernel("u1[::1](u4[::1], i8[::1], i8[::1], i4[::1], i4[::1], i8[::1], u1[::1], u1[::1], i4[::1])")
def _token_flags(codes, starts, ends, token_start, token_end, offsets, kinds, upper, entries):
    flags = np.zeros(offsets[-1], np.uint8)
    fresh = np.zeros(offsets[-1], np.bool_)  # begins a sentence or quotation
    for row in range(len(starts)):
        begin, end = starts[row], ends[row]
        t, last = offsets[row], offsets[row + 1]
        opened = -1  # the quotation mark that is open
        opened_at = t
        is_fresh = True
        i = begin
        link = begin if _may_link(codes, begin, end) else end  # where the last web address ends
        has_links = link == begin
        while i < end:
            code = codes[i]
            if i >= link and (i == begin or _role(codes[i - 1]) & _EDGE):
                link = _link_end(codes, i, end, kinds)
            if t < last and i == begin + token_start[t]:
                fresh[t] = is_fresh
                is_fresh = False
                if upper[code]:
                    flags[t] |= CAPITAL
                if 48 <= entries[code] >> 3 <= 57:  # a digit of any script
                    flags[t] |= NUMBER
                if has_links and i < link:
                    flags[t] |= LINK
                width = token_end[t] - token_start[t]
                hangul = 0x1100 <= code <= 0x11FF or 0xAC00 <= code <= 0xD7A3
                if width <= (1 if hangul else SHORT) and kinds[code] != SOLO:
                    flags[t] |= COMMON
                i = begin + token_end[t]
                t += 1
                continue
            if opened >= 0 and (code == _FIRST[opened] or code == _SECOND[opened]):
                after = _past_fillers(codes, i + 1, end)
                letter_after = after < end and kinds[codes[after]] == LETTER
                if not (letter_after and is_among(code, _INSIDE)):
                    _quote(flags, opened_at, t)
                    opened = -1
                    i += 1
                    continue
            role = _role(code)
            if opened < 0 and role & _OPENER:
                opened = _opens(codes, i, begin, end, kinds)
                if opened >= 0:
                    opened_at = t
                    is_fresh = True
            if role & _END:
                # A point after a short capitalised word is an abbreviation: U.S., Sen., Mr.
                short = t > offsets[row] and flags[t - 1] & CAPITAL and flags[t - 1] & COMMON
                is_fresh = is_fresh or code != 46 or not short
            i += 1
        if opened >= 0 and not is_among(_OPENERS[opened], _SINGLES):
            _quote(flags, opened_at, t)
        words = last - offsets[row]
        capitals = 0
        for k in range(offsets[row], last):
            capitals += flags[k] & CAPITAL != 0
        if capitals < HEADLINE * words:
            for k in range(offsets[row], last):
                if flags[k] & CAPITAL and not fresh[k]:
                    flags[k] |= NAME
    return flags

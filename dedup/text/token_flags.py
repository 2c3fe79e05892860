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

_OPENER, _EDGE, _END, _CLOSER, _SLASH = 1, 2, 4, 8, 16


def _roles() -> npt.NDArray[np.uint8]:
    """Return what each character of the basic plane may be: one look-up for most of a text."""
    roles = np.zeros(1 << 16, np.uint8)
    roles[_OPENERS] |= _OPENER
    roles[_FIRST] |= _CLOSER
    roles[_SECOND] |= _CLOSER
    roles[codes(_EDGES)] |= _EDGE
    roles[[code for code in range(1 << 16) if chr(code).isspace()]] |= _EDGE
    roles[codes(_ENDS)] |= _END
    roles[codes("/")] |= _SLASH
    return roles


_ROLES = _roles()
_SIGNS = np.uint8(_OPENER | _END | _CLOSER | _SLASH)


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
def _mark_link(codes, at, begin, end, kinds, flags, starts, t, first, last):
    """Flag the tokens of the stretch between edges around a place, if it is a web address.

    Token `t` is one near it. Returns where the stretch ends.
    """
    low = at
    while low > begin and not _role(codes[low - 1]) & _EDGE:
        low -= 1
    stop = low
    dotted = False
    is_link = False
    while stop < end and not _role(codes[stop]) & _EDGE:
        if codes[stop] == 46:  # point
            letters = stop + 1 < end and kinds[codes[stop + 1]] == LETTER
            dotted = dotted or (stop > low and letters)
        elif codes[stop] == 47:  # slash
            is_link = is_link or dotted or (stop > low and codes[stop - 1] == 58)
        stop += 1
    if stop > low + 4 and codes[low + 3] == 46:
        is_link = is_link or (codes[low] | 32 == 119 and codes[low + 1] | 32 == 119)
    if is_link:
        while t > first and begin + starts[t - 1] >= low:
            t -= 1
        while t < last and begin + starts[t] < stop:
            flags[t] |= LINK
            t += 1
    return stop


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


@helper
def _by_itself(code, width, upper, entries):
    """Return the flags of a token that depend on nothing around it, without a branch."""
    entry = entries[code]
    digit = (entry >= 48 << 3) & (entry < 58 << 3)  # of any script
    hangul = ((code >= 0x1100) & (code <= 0x11FF)) | ((code >= 0xAC00) & (code <= 0xD7A3))
    common = (width <= SHORT - (SHORT - 1) * hangul) & (entry & 7 != SOLO)
    return np.uint8(CAPITAL * (upper[code] != 0) | NUMBER * digit | COMMON * common)


@helper
def _signs(codes, begin, end, signs):
    """List where in a paragraph signs stand that may say something; return their number."""
    found = 0
    for i in range(begin, end):
        signs[found] = i
        found += _role(codes[i]) & _SIGNS != 0
    return found


@helper
def _mark_names(flags, fresh, first, last):
    """Flag the capitals of a paragraph that is no headline, but those that begin a sentence."""
    capitals = 0
    for t in range(first, last):
        capitals += flags[t] & CAPITAL != 0
    if capitals < HEADLINE * (last - first):
        for t in range(first, last):
            if flags[t] & CAPITAL and not fresh[t]:
                flags[t] |= NAME


@helper
def _mark_by_signs(codes, begin, end, starts, ends, first, last, signs, count, kinds, flags, fresh):
    """Flag what is quoted and linked in a paragraph, and tell what begins a sentence."""
    t = first  # the token that follows
    opened = -1  # the quotation mark that is open
    opened_at = t
    seen = begin  # no link begins before
    for sign in range(count):
        i = signs[sign]
        while t < last and begin + ends[t] <= i:
            t += 1
        if t < last and begin + starts[t] <= i:
            continue  # an apostrophe
        code = codes[i]
        role = _role(code)
        www = code == 46 and i >= begin + 3 and codes[i - 3] | 32 == 119
        if i >= seen and (code == 47 or www):
            seen = _mark_link(codes, i, begin, end, kinds, flags, starts, t, first, last)
        if opened >= 0 and (code == _FIRST[opened] or code == _SECOND[opened]):
            after = _past_fillers(codes, i + 1, end)
            letter_after = after < end and kinds[codes[after]] == LETTER
            if not (letter_after and is_among(code, _INSIDE)):
                _quote(flags, opened_at, t)
                opened = -1
                continue
        if opened < 0 and role & _OPENER:
            opened = _opens(codes, i, begin, end, kinds)
            if opened >= 0:
                opened_at = t
                fresh[t] = True
        if role & _END:
            # A point after a short capitalised word is an abbreviation: U.S., Sen., Mr.
            short = t > first and flags[t - 1] & CAPITAL and flags[t - 1] & COMMON
            if code != 46 or not short:
                fresh[t] = True
    if opened >= 0 and not is_among(_OPENERS[opened], _SINGLES):
        _quote(flags, opened_at, last)


@kernel("u1[::1](u4[::1], i8[::1], i8[::1], i4[::1], i4[::1], i8[::1], u1[::1], u1[::1], i4[::1])")
def _token_flags(codes, starts, ends, token_start, token_end, offsets, kinds, upper, entries):
    flags = np.empty(offsets[-1], np.uint8)
    fresh = np.zeros(offsets[-1] + 1, np.bool_)  # begins a sentence or quotation
    longest = np.int64(0)
    for row in range(len(starts)):
        longest = max(longest, ends[row] - starts[row])
    signs = np.empty(longest + 1, np.int64)
    for row in range(len(starts)):
        begin, end = starts[row], ends[row]
        first, last = offsets[row], offsets[row + 1]
        for t in range(first, last):
            width = token_end[t] - token_start[t]
            flags[t] = _by_itself(codes[begin + token_start[t]], width, upper, entries)
        fresh[first] = True
        count = _signs(codes, begin, end, signs)
        _mark_by_signs(
            codes,
            begin,
            end,
            token_start,
            token_end,
            first,
            last,
            signs,
            count,
            kinds,
            flags,
            fresh,
        )
        _mark_names(flags, fresh, first, last)
    return flags

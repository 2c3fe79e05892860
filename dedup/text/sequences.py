r"""What several characters of a text stand for: entities, escapes, UTF-8 read as windows-1252.

Such a sequence is replaced in place: what it stands for takes its first place, and fillers that
neither divide nor spell anything the others, so that whatever is found in the text keeps its span.
Characters that only mean something else beside their neighbours are replaced too: a hyphen at the
end of a line, with the break after it; a question mark that an apostrophe became; the quotation
mark of a Hebrew acronym; the point of a Catalan double l; zero-width spaces where a line has no
others; vowels of Thai and Lao typed in two parts.

Nothing looks beyond the paragraph a sequence stands in, so a paragraph reads alone as it does in
its article.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import helper, kernel
from dedup.text.characters import (
    APOSTROPHES,
    BREAK,
    IGNORED,
    LETTER,
    MARK,
    SOLO,
    SPACE,
    SYMBOL,
    meant_by_control,
    table,
)

FILLER = 0x2060
"""Stands where a sequence goes on that is no part of a word: the word joiner, which is IGNORED."""

HELD = 0x034F
"""Stands where a sequence goes on that is part of a word: a MARK that folds to nothing."""

LONGEST_WORD = 40
"""Characters from which a line without spaces has its zero-width spaces for spaces. A higher value
leaves more lines of words run together, a lower one cuts a long word at its points of division."""

BROKEN = 0x2061
"""Stands for the line break after a hyphen: ignored in the word that it divides."""

_REACH = 48  # characters an entity can take, with some "amp;" before its name

_ENTITY = re.compile(r"&(?:amp;)*(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})(?:\\u([dD][c-fC-F][0-9A-Fa-f]{2}))?")

_ENTITIES, _BYTES, _LOST, _MARKS, _ESCAPES, _HYPHENS, _POINTS, _ZERO, _PAIRS = range(1, 10)

_LEADS = "ÂÃÄÅÆÈÊÌÎÏÐÑØÙÚÛ"
"""What the first bytes of UTF-8 are in windows-1252, as far as capitals go that no language has
before a sign of the upper half; see `_THREE` for the longer ones."""

_THREE = {"â": (0x80, 0x82, 0x84), "ï": (0xAC, 0xBB, 0xBC, 0xBD)}
"""First characters of three, and what the second may be as a byte: punctuation and currency,
ligatures, the byte order mark, full width."""

_QUOTES = '"\u05f4\u201c\u201d\u201e\u2033\uff02'
_PAIRED = {
    "\u0e40\u0e40": "\u0e41",  # Thai
    "\u0e4d\u0e32": "\u0e33",
    "\u0ec0\u0ec0": "\u0ec1",  # Lao
    "\u0ecd\u0eb2": "\u0eb3",
    "\u0eab\u0e99": "\u0edc",
    "\u0eab\u0ea1": "\u0edd",
}


def _roles() -> npt.NDArray[np.uint8]:
    roles = np.zeros(1 << 16, np.uint8)
    for role, characters in (
        (_ENTITIES, "&"),
        (_BYTES, _LEADS + "".join(_THREE)),
        (_LOST, "?"),
        (_MARKS, _QUOTES),
        (_ESCAPES, "\\"),
        (_HYPHENS, "-\u00ac\u00ad\u2010"),
        (_POINTS, "\u00b7\u0387\u2027\u2219\u22c5"),
        (_ZERO, "\u200b"),
        (_PAIRS, "".join(pair[0] for pair in _PAIRED)),
    ):
        roles[[ord(c) for c in characters]] = role
    return roles


def _bytes() -> npt.NDArray[np.uint8]:
    """Give the byte of 0x80 to 0xBF that each character is in windows-1252, and 0 to the others."""
    found = np.zeros(1 << 16, np.uint8)
    for byte in range(0x80, 0xC0):
        found[byte] = byte
        found[ord(meant_by_control(chr(byte)) if byte < 0xA0 else chr(byte))] = byte
    return found


_ROLES = _roles()
_CONTINUES = _bytes()
_FIRSTS, _SECONDS = (np.array([ord(pair[n]) for pair in _PAIRED], np.uint32) for n in (0, 1))
_JOINED = np.array([ord(one) for one in _PAIRED.values()], np.uint32)
_AFTER_ESCAPE = np.array(sorted({ord(c) for c in (*APOSTROPHES, *_QUOTES, "/")}), np.uint32)


def resolve(codes: npt.NDArray[np.uint32], bounds: npt.NDArray[np.int64]) -> None:
    """Put in the place of each sequence what it stands for.

    `codes`, uint32[characters], holds texts side by side and is changed; text i is
    `codes[bounds[i] : bounds[i + 1]]`, with bounds int64[texts + 1].
    """
    characters = table()
    kinds, upper = characters.kind, characters.upper
    found = _resolve(codes, bounds, _places(codes, _ROLES), kinds, upper)
    for start, end in found.tolist():
        written = codes[start:end].tobytes().decode("utf-32-le", "surrogatepass")
        at = start
        for meaning, length in _read(written):
            _write(codes[at : at + length], meaning, kinds)
            at += length
    if len(found):  # an entity can be a hyphen, a byte a quotation mark
        _resolve(codes, bounds, _places(codes, _ROLES), kinds, upper)


def as_read(text: str) -> str:
    r"""Return a text of the same length with each sequence replaced by what it stands for.

    >>> as_read("isn&#39;t")[3], len(as_read("isn&#39;t"))
    ("'", 9)
    """
    codes = np.frombuffer(bytearray(text.encode("utf-32-le", "surrogatepass")), np.uint32)
    resolve(codes, np.array([0, len(text)], np.int64))
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _read(written: str) -> Iterator[tuple[str, int]]:
    """Read what begins with a sequence: yield characters and how many stand for each."""
    if written[0] == "&":
        match = _ENTITY.match(written)
        meaning = html.unescape(f"&{match[1]};") if match else "&"
        if match and (meaning == "&" or not meaning.startswith("&")):
            yield meaning, match.end()
    elif written[0] == "\\":
        match = _ESCAPE.match(written)
        if match:
            units = "".join(chr(int(unit, 16)) for unit in match.groups() if unit)
            pair = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            yield pair, match.end()
    else:
        lengths = [1] * len(written)
        for _ in range(2):  # read wrongly once, or once more
            written, lengths = _decoded(written, lengths)
        yield from zip(written, lengths, strict=True)


def _decoded(written: str, lengths: list[int]) -> tuple[str, list[int]]:
    """Decode each run of bytes once; `lengths` says for how many characters each one stands."""
    characters: list[str] = []
    counts: list[int] = []
    at = 0
    while at < len(written):
        size = 3 if written[at] in _THREE else 2
        raw = bytes(map(_byte, written[at : at + size]))
        meaning = raw.decode("utf-8", "ignore") if 0 not in raw else ""
        if len(meaning) != 1 or len(raw) != size:
            meaning, size = written[at], 1
        characters.append(meaning)
        counts.append(sum(lengths[at : at + size]))
        at += size
    return "".join(characters), counts


def _byte(character: str) -> int:
    code = ord(character)
    if 0xC0 <= code <= 0xFF:
        return code
    return int(_CONTINUES[code]) if code < len(_CONTINUES) else 0


def _write(place: npt.NDArray[np.uint32], meaning: str, kinds: npt.NDArray[np.uint8]) -> None:
    """Write what a sequence means in its first places, and fillers in the others."""
    codes = [ord(character) for character in meaning[: len(place)]] or [FILLER]
    kind = kinds[codes[-1]]
    if kind in (SPACE, BREAK):
        rest = codes[-1]
    elif kind in (LETTER, SOLO, SYMBOL, MARK):
        rest = HELD
    else:
        rest = FILLER
    place[: len(codes)] = codes
    place[len(codes) :] = rest


@helper
def _is_alnum(code):
    return 48 <= code <= 57 or 97 <= code | 32 <= 122


@helper
def _is_letter(code, kinds):
    return kinds[code] == LETTER and not 48 <= code <= 57


@helper
def _is_small(code, kinds, upper):
    """Tell a letter that may go on a word in a script that breaks words at line ends."""
    hyphenated = code < 0x590 or 0x900 <= code < 0x1100 or 0x1E00 <= code < 0x2000
    return hyphenated and _is_letter(code, kinds) and not upper[code]


@helper
def _entity_end(codes, i, high):
    """Return whether what begins at `i`, an ampersand, has the form of an entity."""
    j = i + 1
    if j < high and codes[j] == 35:
        j += 1
    first = j
    while j < high and j < i + 34 and _is_alnum(codes[j]):
        j += 1
    return j > first and j < high and codes[j] == 59


@helper
def _unit(codes, i, high):
    """Return how many characters from `i` on are one of UTF-8 read as windows-1252, or 0."""
    if i + 1 >= high or codes[i] >= 65536 or _ROLES[codes[i]] != _BYTES or codes[i + 1] >= 65536:
        return 0
    byte = _CONTINUES[codes[i + 1]]
    if byte == 0:
        return 0
    if codes[i] != 0xE2 and codes[i] != 0xEF:
        return 2
    if i + 2 >= high or codes[i + 2] >= 65536 or _CONTINUES[codes[i + 2]] == 0:
        return 0
    if codes[i] == 0xE2:
        return 3 if byte in (0x80, 0x82, 0x84) else 0
    return 3 if byte in (0xAC, 0xBB, 0xBC, 0xBD) else 0


@helper
def _bytes_end(codes, i, low, high, upper):
    """Return where the run of such characters that begins at `i` ends, or `i`."""
    if i > low and upper[codes[i - 1]] and upper[codes[i]]:
        return i  # the last letter of a word in capitals, before a quotation mark
    stop = i
    size = _unit(codes, stop, high)
    while size:
        spaced = size == 2 and codes[stop] > 0xC3 and codes[stop + 1] == 0xA0
        after = _unit(codes, stop + size, high)
        if spaced and not after:
            break  # a letter and a no-break space
        stop += size
        size = after
    return stop


@helper
def _line_joined(codes, i, high, kinds, upper):
    """Return where the word goes on after the hyphen at `i` and a line break, or `i`."""
    j = i + 1
    while j < high and kinds[codes[j]] in (SPACE, IGNORED):
        j += 1
    if j == high or kinds[codes[j]] != BREAK:
        return i
    j += 2 if codes[j] == 13 and j + 1 < high and codes[j + 1] == 10 else 1
    while j < high and kinds[codes[j]] in (SPACE, IGNORED):
        j += 1
    return j if j < high and _is_small(codes[j], kinds, upper) else i


@helper
def _space_line(codes, i, low, high, kinds):
    """Make zero-width spaces between the words of a line that has no others spaces.

    Returns the end of the line that `i` is in.
    """
    first, stop = i, i
    while first > low and kinds[codes[first - 1]] != BREAK:
        first -= 1
    spaced = False
    while stop < high and kinds[codes[stop]] != BREAK:
        stop += 1
    for j in range(first, stop):
        spaced = spaced or kinds[codes[j]] == SPACE
    if not spaced and stop - first >= LONGEST_WORD:
        for j in range(first, stop):
            if codes[j] == 0x200B and first < j < stop - 1 and kinds[codes[j - 1]] == LETTER:
                codes[j] = 32 if kinds[codes[j + 1]] == LETTER else 0x200B
    return stop


@kernel("i8[::1](u4[::1], u1[::1])")
def _places(codes, roles):
    """Return where the characters with a role are; the last role is nobody's."""
    found = np.empty(len(codes) + 1, np.int64)  # only the pages that are written are backed
    count = 0
    for i in range(len(codes)):
        found[count] = i
        count += roles[min(codes[i], np.uint32(0xFFFF))] != 0
    return found[:count].copy()


@kernel("i8[:, ::1](u4[::1], i8[::1], i8[::1], u1[::1], u1[::1])")
def _resolve(codes, bounds, places, kinds, upper):
    """Replace what its neighbours decide; return where the other sequences may stand."""
    found = np.empty((len(places), 2), np.int64)
    count = 0
    text = 0
    done = 0  # what is before needs no more decisions
    line = 0  # nor do zero-width spaces before this
    for i in places:
        while i >= bounds[text + 1]:
            text += 1
        if i < done:
            continue
        low, high = bounds[text], bounds[text + 1]
        code = codes[i]
        role = _ROLES[code]
        before = codes[i - 1] if i > low else np.uint32(32)
        after = codes[i + 1] if i + 1 < high else np.uint32(32)
        stop = i
        if role == _ENTITIES:
            stop = min(i + _REACH, high) if _entity_end(codes, i, high) else i
        elif role == _BYTES:
            stop = _bytes_end(codes, i, low, high, upper)
            done = stop
        elif role == _ESCAPES:
            if after == 117:
                stop = min(i + 12, high)
            for other in _AFTER_ESCAPE:
                if after == other:
                    codes[i] = FILLER
        elif role == _LOST:
            known = before < 0x590 and after < 0x590 and _is_letter(before, kinds)
            if known and _is_small(after, kinds, upper):
                codes[i] = FILLER
        elif role == _MARKS:
            if 0x590 <= before < 0x600 and 0x5D0 <= after < 0x5F3:
                codes[i] = FILLER
        elif role == _POINTS:
            if before | 32 == 108 and after | 32 == 108:
                codes[i] = FILLER
        elif role == _HYPHENS:
            if _is_letter(before, kinds):
                done = _line_joined(codes, i, high, kinds, upper)
                broken = False
                for j in range(i, done):
                    breaks = kinds[codes[j]] == BREAK and not broken
                    codes[j] = BROKEN if breaks else FILLER
                    broken = broken or breaks
        elif role == _ZERO:
            if i >= line:
                line = _space_line(codes, i, low, high, kinds)
        else:
            for k in range(len(_FIRSTS)):
                if code == _FIRSTS[k] and after == _SECONDS[k]:
                    codes[i] = _JOINED[k]
                    codes[i + 1] = HELD
                    done = i + 2
                    break
        if stop > i:
            found[count, 0] = i
            found[count, 1] = stop
            count += 1
    return found[:count].copy()

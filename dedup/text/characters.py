"""What each character is to a news text: letter, mark, symbol, space, and its folded form.

Two writings of one word must become one token: the table folds case, compatibility forms
(ligatures, full-width, half-width), decimal digits of every script, letters that are one letter at
two code points, and the accents that sites drop or keep at will; it ignores soft hyphens, joiners,
zero-width spaces, bidi marks, vowel points and apostrophes. A control of the range C1 is what the
same byte is in windows-1252, which is how it came to stand in a text. What several characters stand
for together is said in `dedup.text.sequences`.

The rules come from `unicodedata` (Unicode categories, combining classes and NFKD), for the
characters of one version of Unicode, `UNICODE`, whatever version Python has: it is part of what an
index records (see `dedup.text.assigned`).
"""

from __future__ import annotations

import bisect
import functools
import unicodedata
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup._jit.cache import remembered
from dedup._jit.code_digest import fingerprint
from dedup.text.assigned import VERSION, is_assigned

SEPARATOR, LETTER, SOLO, MARK, IGNORED, SYMBOL, SPACE, BREAK = range(8)
"""Kinds. LETTERs run together into a word; a SOLO character, of a script written without spaces,
and a SYMBOL, a currency or per cent sign, are tokens by themselves; a MARK belongs to the token
before it and may fold to nothing; IGNORED is as if it were not there; the rest divides words, and a
BREAK also lines."""

UNICODE = VERSION
"""Unicode version whose characters the table holds."""

CODE_POINTS = 0x110000

_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\u2028\u2029"
APOSTROPHES = frozenset(
    "'`\u00b4\u2018\u2019\u201b\u2032\u2035\uff07\uff40"  # typed and printed; accents; primes
    "\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb"  # modifier letters
    "\u0374\u0384\u055a\u05f3\u07f4\u07f5\u1fbd\u1fbf\u1fef\u1ffd\u1ffe"  # of other scripts
    "\ua78b\ua78c"
)
"""Characters that are typed for an apostrophe."""
_NOTHING = frozenset("\ufffd\u0674\u115f\u1160\u3164\uffa0")
"""Ignored besides: a character lost in decoding, the high hamza, the Hangul fillers."""
_PER_CENT = "%\u2030\u066a\uff05\ufe6a"
_IGNORED_MARKS = frozenset("\u0640\u034f")  # tatweel, combining grapheme joiner

# Scripts written without spaces between words; Korean has spaces, Tibetan marks its syllables.
_SOLO_RANGES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),  # iteration mark, zero
    (0x3021, 0x3029),  # Hangzhou numerals
    (0x3031, 0x312F),  # kana, Bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0xA4CF),  # Han, Yi
    (0xA9E0, 0xA9FF),  # Myanmar extended
    (0xAA60, 0xAADF),
    (0xF900, 0xFAFF),  # Han, compatibility
    (0xFF66, 0xFF9D),  # half-width kana
    (0x1AFF0, 0x1B16F),  # kana supplement
    (0x20000, 0x323AF),  # Han, supplementary
)
# Letters that look alike, or are typed for each other, at code points that Unicode keeps apart.
_ALIKE = {
    "\u06cc": "\u064a", "\u0649": "\u064a",  # Persian yeh, alef maksura: yeh
    "\u06a9": "\u0643", "\u06aa": "\u0643",  # Persian and swash kaf: kaf
    "\u06ab": "\u06af",  # Pashto gaf: gaf
    "\u06c1": "\u0647", "\u06be": "\u0647", "\u06d5": "\u0647",  # Urdu, Sorani, Uyghur heh: heh
    "\u0629": "\u0647", "\u06c3": "\u0647",  # teh marbuta: heh
    "\u0671": "\u0627",  # alef wasla: alef
    "\u0131": "i", "\u0237": "j",  # dotless
    "æ": "ae", "œ": "oe", "ꜳ": "aa",
    "\u01dd": "\u0259", "\u04d9": "\u0259",  # turned e, Cyrillic schwa: schwa
    "ð": "đ", "ɖ": "đ",  # one capital
    "\u0456": "i", "\u0458": "j", "\u0455": "s", "\u04bb": "h", "\u04cf": "i",  # typed as Latin
    "\u05f0": "\u05d5\u05d5", "\u05f1": "\u05d5\u05d9", "\u05f2": "\u05d9\u05d9",  # Yiddish
    "\u09ce": "\u09a4\u09cd",  # Bengali khanda ta
    "\u0d7a": "\u0d23\u0d4d", "\u0d7b": "\u0d28\u0d4d", "\u0d7c": "\u0d30\u0d4d",  # Malayalam
    "\u0d7d": "\u0d32\u0d4d", "\u0d7e": "\u0d33\u0d4d", "\u0d7f": "\u0d15\u0d4d",  # chillus
    "\u17c4": "\u17c1\u17b6", "\u17be": "\u17c1\u17b8",  # Khmer vowels of two parts
}  # fmt: skip

# Blocks too large to ask character by character, whose members all fold to themselves.
_PLAIN_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2F7FF), (0x30000, 0x323AF))
_HANGUL = (0xAC00, 0xD7A3)
_OPAQUE = ((0xD800, 0xF8FF), (0x323B0, 0xE0000), (0xE01F0, 0x10FFFF))  # surrogates, private, empty


@dataclass(frozen=True, slots=True)
class Characters:
    """The table, one row a code point."""

    kind: npt.NDArray[np.uint8]
    """uint8[0x110000]: one of the kinds."""
    upper: npt.NDArray[np.uint8]
    """uint8[0x110000]: 1 for a capital letter."""
    entry: npt.NDArray[np.int32]
    """int32[0x110000]: 8 * fold + kind, so that one look-up serves; fold is the folded code point,
    0 for nothing, or -(row + 1) into `folds` where it is several."""
    folds: npt.NDArray[np.int32]
    """int32[rows, 1 + longest]: length, then the folded code points."""


def fold(character: str) -> str:
    """Return the folded form of one character, which may be empty or several.

    >>> [fold(c) for c in "É" + "ﬁ" + "Ａ" + "٣" + "ß"]
    ['e', 'fi', 'a', '3', 'ss']
    """
    return look_up(character)[1]


def kind(character: str) -> int:
    """Return the kind of one character.

    >>> [kind(c) == k for c, k in (("a", LETTER), ("中", SOLO), ("€", SYMBOL), ("—", SEPARATOR))]
    [True, True, True, True]
    """
    return look_up(character)[0]


def look_up(character: str) -> tuple[int, str]:
    """Return the kind of one character and its folded form.

    >>> look_up("Ｋ") == (LETTER, "k")
    True
    """
    if not is_assigned(character):
        return SEPARATOR, ""
    category = unicodedata.category(character)
    if "\x80" <= character <= "\x9f":
        meant = meant_by_control(character)
        return (SEPARATOR, "") if meant == character else look_up(meant)
    if character in _BREAKS:
        return BREAK, ""
    if category == "Zs" or character == "\t":
        return SPACE, ""
    if category == "Cf" or character in _NOTHING:
        return IGNORED, ""
    if unicodedata.normalize("NFD", character)[0] in APOSTROPHES:  # Greek has some with accents
        return IGNORED, ""
    if category == "Sc" or character in _PER_CENT:
        normal = unicodedata.normalize("NFKC", character).casefold()
        return SYMBOL, "%" if character == "\u066a" else _alike(normal)
    if category[0] not in "LNM" and not _is_radical(character):
        return SEPARATOR, ""
    folded = _fold(character)
    if not folded:
        return (MARK if category[0] == "M" else IGNORED), ""
    if all(unicodedata.category(c)[0] == "M" for c in folded):
        return MARK, folded
    if category[0] in "LS" or category == "Nl":
        row = bisect.bisect(_SOLO_RANGES, ord(character), key=lambda bounds: bounds[0]) - 1
        if row >= 0 and ord(character) <= _SOLO_RANGES[row][1]:
            return SOLO, folded
    return LETTER, folded


def meant_by_control(character: str) -> str:
    """Return what a control of the range C1 is in windows-1252: itself where that has none.

    >>> meant_by_control(chr(0x92)), meant_by_control(chr(0x81)) == chr(0x81)
    ('’', True)
    """
    return bytes([ord(character)]).decode("cp1252", "ignore") or character


def _fold(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    lowered = unicodedata.normalize("NFKD", character).casefold()
    if lowered == character:
        return "" if _is_dropped(character) else _ALIKE.get(character, character)
    lowered = unicodedata.normalize("NFKD", lowered)
    if "\u2044" in lowered:
        return character  # a half is not 12
    return _alike("".join(c for c in lowered if not _is_dropped(c) and _is_wordlike(c)))


def _alike(text: str) -> str:
    return "".join(_ALIKE.get(c, c) for c in text)


@functools.cache
def table() -> Characters:
    """Return the table. To build it takes some tenths of a second, so that it is kept on disk."""
    return remembered(f"{__name__}.table", fingerprint(_built), _built)


def _built() -> Characters:
    kinds = np.zeros(CODE_POINTS, np.uint8)
    upper = np.zeros(CODE_POINTS, np.uint8)
    folds = np.zeros(CODE_POINTS, np.int32)
    several: dict[str, int] = {}
    for low, high in _PLAIN_HAN:
        kinds[low : high + 1] = SOLO
        folds[low : high + 1] = np.arange(low, high + 1)
    for point in _asked().tolist():
        character = chr(point)
        if not is_assigned(character):  # half of them
            continue
        category = unicodedata.category(character)
        if category == "Cc" and point >= 0x80:
            category = unicodedata.category(meant_by_control(character))
        upper[point] = category in {"Lu", "Lt"}
        kinds[point], folded = look_up(character)
        if len(folded) == 1:
            folds[point] = ord(folded)
        elif folded:
            folds[point] = -1 - several.setdefault(folded, len(several))
    hangul = np.arange(_HANGUL[0], _HANGUL[1] + 1)
    kinds[hangul] = LETTER
    folds[hangul] = -1 - (len(several) + np.arange(len(hangul)))
    longest = max(map(len, several))
    rows = np.zeros((len(several) + len(hangul), 1 + longest), np.int32)
    for text, row in several.items():
        rows[row, 0] = len(text)
        rows[row, 1 : 1 + len(text)] = [ord(c) for c in text]
    rows[len(several) :, :4] = _jamo(hangul)
    return Characters(kinds, upper, folds * 8 + kinds, rows)


def _asked() -> npt.NDArray[np.intp]:
    """Return the code points whose kind and fold must be looked up one by one."""
    asked = np.ones(CODE_POINTS, bool)
    for low, high in (*_PLAIN_HAN, _HANGUL, *_OPAQUE):
        asked[low : high + 1] = False
    return np.flatnonzero(asked)


def _jamo(syllables: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Decompose Hangul syllables (Unicode Standard, section 3.12) into rows of length and jamo."""
    index = syllables - 0xAC00
    final = index % 28
    rows = np.zeros((len(index), 4), np.int64)
    rows[:, 0] = 2 + (final > 0)
    rows[:, 1] = 0x1100 + index // 588
    rows[:, 2] = 0x1161 + index % 588 // 28
    rows[:, 3] = np.where(final > 0, 0x11A7 + final, 0)
    return rows


def _is_dropped(character: str) -> bool:
    """Tell accents and vowel points, which sites drop at will, from marks that spell a word."""
    if character in _IGNORED_MARKS or unicodedata.category(character) == "Me":
        return True
    if 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF:
        return True  # variation selectors
    if "\u180b" <= character <= "\u180f" or character in "\u17b4\u17b5":
        return True  # Mongolian variation selectors, inherent vowels of Khmer
    combining = unicodedata.combining(character)
    return 10 <= combining <= 36 or 200 <= combining <= 240


def _is_wordlike(character: str) -> bool:
    is_word = unicodedata.category(character)[0] in "LNM"
    return is_word and character not in APOSTROPHES and character not in _NOTHING


def _is_radical(character: str) -> bool:
    """Tell the radicals, symbols to Unicode, that stand for whole Han characters in some files."""
    return 0x2E80 <= ord(character) <= 0x2FDF

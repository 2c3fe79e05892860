"""Bytes to text: which encoding they are in, and what of them cannot be read in it.

The order is the same everywhere. A mark at the beginning decides. Then bytes that are valid UTF-8
and not all ASCII are UTF-8, whatever they declare: hardly any text in another encoding is valid by
chance. Then what is declared, under the names that browsers take (https://encoding.spec.whatwg.org).
Then a guess: chardet says which encodings the letters fit how well, and of those that fit nearly
as well the one is taken in which fewest of them stand where no writer puts them. Of those, the
encodings of Windows and of the web come before the older ones of the Mac and of DOS.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from dedup.errors import Problem
from dedup.readers.article_builder import counted
from dedup.readers.compression import begins, joined, rest

SAMPLE = 1 << 16
"""Bytes that a guess at an encoding looks at."""

_NEAR = 0.8
"""Share of the best candidate's confidence from which another one is compared with it by where its
letters stand. With a higher value fewer are."""
_RARER = 0.6
"""The same where the best one is rarely seen today. A higher value believes more of these."""
_LOST = 0.02
"""Share of the characters beyond ASCII that may be lost in an encoding that is declared. A higher
value believes declarations that fit worse."""
_NULS = 0.1
"""Share of NUL bytes from which data is looked at as UTF-16 before UTF-8; of English it is a half.
A higher value reads more data as text with NUL characters in it."""
_DAMAGED = 4
"""Characters beyond ASCII that are valid UTF-8 for each that is not, from which bytes are damaged
UTF-8 whatever they declare; without a declaration one is enough. A higher value believes more
declarations."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as that of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_UNMARKED = (
    (re.compile(rb"[\t\n\r -~]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[\t\n\r -~]"), "utf-32-be"),
    (re.compile(rb"[\t\n\r -~]\0[\t\n\r -~]\0"), "utf-16-le"),
    (re.compile(rb"\0[\t\n\r -~]\0[\t\n\r -~]"), "utf-16-be"),
)
"""How text without a mark begins whose first characters are ASCII (RFC 4627, section 3)."""

_LABELS = {
    "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874",
    "iso8859-11": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "big5": "big5hkscs",
    # names of files and hosts, in which no text is, and which take quadratic time for one
    "idna": "ascii", "punycode": "ascii", "mbcs": "ascii", "oem": "ascii",
}  # fmt: skip
"""Encodings that are declared where one is meant that holds them, in Python's names."""
_SPELLED = {"x-sjis": "shift_jis", "ks_c_5601-1987": "euc_kr", "x-gbk": "gbk", "x-euc-jp": "euc_jp"}
"""Names in use that Python does not know."""

_WEB = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("iso8859-1", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9"),
    *("koi8-r", "koi8-u", "cp866", "cp874", "gb18030", "big5hkscs", "cp932", "shift_jis_2004"),
    *("euc_jis_2004", "cp949", "euc_kr"),
)
"""Encodings that are guessed; of two that read the bytes the same, the first."""
_LATIN_9 = "iso8859-15"
_RARE = frozenset(("mac-roman", "mac-latin2", "mac-cyrillic", "cp850", "cp852"))
"""Encodings that are taken only where those before read worse; so is Latin 9."""
_FAMILIES = {
    "west": ("cp1252", "iso8859-1", "iso8859-15", "mac-roman", "cp850"),
    "east": ("cp1250", "iso8859-2", "mac-latin2", "cp852"),
    "turkish": ("cp1254", "iso8859-9"),
    "baltic": ("cp1257",),
    "vietnamese": ("cp1258",),
}
"""Encodings of Latin letters by the languages that they are for."""
_WORDS = {
    "west": "the of and to in that for was with at by from said el los las del por con una para al"
    " como este os das dos com uma em ao foi seu il di che non per gli della sono alla nel le les"
    " des du et dans pour est sur qui avec pas der die das und ist nicht mit von den dem ein auf"
    " sich het een van niet voor zijn dat och att det som till med inte har og af til er ikke fra"
    " ovat kun mutta joka kuin",
    "east": "nie jest przez oraz jak od tego ale podle aby byl jsou nebo az hogy nem egy is meg"
    " csak volt mint cu care este din pentru mai sunt lui su za kako koji iz nije",
    "turkish": "bir ve bu ile olarak olan sonra daha ise",
    "baltic": "ir kad yra buvo jau tai un ka ar et see",
    "vietnamese": "trong cho khi theo sau nam hai",
}
"""Words of ASCII that are common in languages of one of these families, and of no other."""
_COMMON = {word: family for family, words in _WORDS.items() for word in words.split()}
_FAMILY = {encoding: family for family, all_ in _FAMILIES.items() for encoding in all_}
_PLAIN_WORD = re.compile(rb"(?<![\x80-\xff\w])[a-z]{2,8}(?![\x80-\xff\w])")
_BINARY = "cp1252"
"""What bytes are read in that look like no text in any encoding."""
_TELLING = re.compile(rb"[\x00-\x7f]{0,30}[\x80-\xff]+[\x00-\x7f]{0,60}")
_BEYOND = re.compile(r"[^\x00-\x7f]")
_WITHIN = frozenset("’‘–—-…·‧\xad\u200b\u200c\u200d@/")
"""Signs that do stand between two letters."""
_SCRIPTS = re.compile(
    "(?P<latin>[A-Za-zªºÀ-ÖØ-öø-ɏḀ-ỿ])|(?P<greek>[Ͱ-Ͽἀ-῿])|(?P<cyrillic>[Ѐ-ԯ])"
    "|(?P<hebrew>[\u0590-\u05ff])|(?P<arabic>[\u0600-\u077f])|(?P<thai>[\u0e00-\u0e7f])"
)


class Decoded(NamedTuple):
    """A text that was bytes, and how sure that is."""

    text: str
    """The text, without a byte order mark; characters that were lost stand there as U+FFFD."""
    encoding: str
    """Python's name of the encoding."""
    lost: int = 0
    """How many characters were lost."""
    guessed: bool = False
    """Whether neither the bytes nor anything declared tells the encoding."""

    def problems(self, where: str) -> Iterator[Problem]:
        """Yield what there is to tell of it."""
        if self.guessed:
            yield guessed(where, self.encoding)
        if self.lost:
            yield undecodable(where, self.lost, self.encoding)


def decode(data: bytes, *declared: str | None) -> Decoded:
    r"""Decode the whole of a text. `declared` are the names given for its encoding, best first.

    >>> decode("Café".encode(), "latin-1")
    Decoded(text='Café', encoding='utf-8', lost=0, guessed=False)
    >>> decode(b"The city\x92s tram", "latin-1").text
    'The city’s tram'
    """
    encoding, mark = unicode_form(data)
    if encoding:
        return decode_in(data[mark:], encoding)
    encoding, is_guess = encoding_of(data, *declared)
    return decode_in(data, encoding)._replace(guessed=is_guess)


def encoding_of(
    data: bytes | bytearray, *declared: str | None, cut: bool = False
) -> tuple[str, bool]:
    """Return the encoding of data without a mark, and whether it is a guess.

    `cut` says that the data may end within a character.
    """
    known = [name for name in map(codec, declared) if name and _may_be(data, name)]
    if not known and data.count(0) > _NULS * len(data) and (wide := _wide(data)):
        return wide, True
    if data.isascii():
        return next((name for name in known if not _holds_ascii(name)), _escaped(data)), False
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(data, not cut)
    lost = text.count("\ufffd")
    read = len(text) - len(text.encode("ascii", "ignore")) - lost
    if not lost or read > _DAMAGED * lost:
        return "utf-8", False
    for name in known:
        found = decode_in(data, name)
        if found.lost - cut <= _LOST * (
            len(found.text) - len(found.text.encode("ascii", "ignore"))
        ):
            return name, False
    if read > lost:
        return "utf-8", False
    return (b"\0" in data and _wide(data)) or guess(data), True


def codec(label: str | None) -> str:
    """Return Python's name of the encoding that a declared name stands for; empty if of none.

    >>> codec(" ISO-8859-1 "), codec("x-sjis"), codec("x-unknown"), codec("hex")
    ('cp1252', 'cp932', '', '')
    """
    label = (label or "").strip().strip("\"'").lower()
    with suppress(LookupError, UnicodeError, ValueError):
        name = codecs.lookup(_SPELLED.get(label, label)).name
        name = _LABELS.get(name, name)
        b"aa".decode(name, "replace")  # LookupError where it is no encoding of text
        if name not in ("undefined", "unicode_escape", "raw_unicode_escape", "unicode-escape"):
            return name.removesuffix("-sig").removesuffix("_sig")
    return ""


def unicode_form(head: bytes) -> tuple[str, int]:
    r"""Return which form of Unicode data is in by how it begins, and the length of its mark.

    >>> unicode_form(b"\xff\xfea\0"), unicode_form(b"{\0\"\0"), unicode_form(b"Rain.")
    (('utf-16-le', 2), ('utf-16-le', 0), ('', 0))
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return next(((encoding, 0) for form, encoding in _UNMARKED if form.match(head)), ("", 0))


def decode_in(data: bytes | bytearray, encoding: str) -> Decoded:
    """Decode in a known encoding, and count what is not of it as lost."""
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeError:
        text = data.decode(encoding, "replace")
    return Decoded(text, encoding, text.count("\ufffd"))


def _may_be(data: bytes | bytearray, encoding: str) -> bool:
    """Return whether data is not plainly of another width than the encoding."""
    return b"\0" in data or not encoding.startswith(("utf-16", "utf-32"))


def _holds_ascii(encoding: str) -> bool:
    """Return whether bytes of ASCII are those characters."""
    return not encoding.startswith(("iso2022", "hz", "utf-7", "utf-16", "utf-32", "cp037", "cp500"))


def _escaped(data: bytes | bytearray) -> str:
    """Name the encoding of data that is ASCII: with the escapes of RFC 1468 it is Japanese."""
    return "iso2022_jp" if b"\x1b$B" in data or b"\x1b$@" in data else "utf-8"


def _wide(data: bytes | bytearray) -> str:
    """Name the form of Unicode that data with NUL bytes is in; empty if in none."""
    import chardet

    sample = bytes(data[:SAMPLE])
    wide = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    found = chardet.detect(
        sample,
        include_encodings=(*wide, _BINARY),
        no_match_encoding=_BINARY,
        compat_names=False,
    )["encoding"]
    return found if found in wide and _reads(sample, found) else ""


def guess(data: bytes | bytearray) -> str:
    """Name the encoding that data looks to be in that is neither ASCII nor UTF-8.

    Of long data those bytes tell that are not ASCII, with some around each, but not long stretches
    of ASCII.
    """
    import chardet

    sample = _sample(data)
    candidates = chardet.detect_all(
        sample,
        ignore_threshold=True,
        include_encodings=(*_WEB, _LATIN_9, *_RARE),
        compat_names=False,
    )
    best = candidates[0]
    shown = Counter(_COMMON.get(word.decode()) for word in _PLAIN_WORD.findall(sample.lower()))
    del shown[None]
    ways: list[tuple[int, bool, int, int, str]] = []
    for rank, found in enumerate(candidates):
        name = found["encoding"]
        near = _RARER if best["encoding"] in _RARE and name in _FAMILY else _NEAR
        if name and found["confidence"] >= near * best["confidence"]:
            strange = _odd(sample.decode(name, "replace"))
            seldom = name in _RARE or name == _LATIN_9
            ways.append((strange, seldom, -shown[_FAMILY.get(name)], rank, name))
    if not ways:  # chardet takes the bytes for something else than text
        return _BINARY
    chosen = min(ways)[-1]
    text = sample.decode(chosen, "replace")
    return next(name for name in (*_WEB, chosen) if sample.decode(name, "replace") == text)


def _sample(data: bytes | bytearray) -> bytes:
    if len(data) <= SAMPLE:
        return bytes(data)
    sample = bytearray()
    for telling in _TELLING.finditer(data):
        sample += telling[0]
        if len(sample) > SAMPLE:
            break
    return bytes(sample[:SAMPLE])


def _reads(sample: bytes, encoding: str) -> bool:
    """Return whether a sample, which may end within a character, is in an encoding."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _odd(text: str) -> int:
    """Count the characters beyond ASCII that stand where no writer puts them.

    They are controls, capitals after small letters, signs within words, and letters of two scripts
    in one word.
    """
    number = 0
    for found in _BEYOND.finditer(text, 0, SAMPLE):
        at = found.start()
        here, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
        if here.isalpha():
            script = _script(here)
            others = {_script(before), _script(after)} - {"", script}
            number += (here.isupper() and before.islower()) or bool(script and others)
        elif here not in _WITHIN:
            within = _script(before) and _script(after)
            number += "\x80" <= here < "\xa0" or here == "¤" or bool(within)
    return number


def _script(letter: str) -> str:
    """Name the alphabet that a letter is of; empty for what is none, or of another script."""
    found = _SCRIPTS.match(letter)
    return (found and found.lastgroup) or ""


def as_utf8(stream: io.BufferedReader) -> tuple[io.BufferedReader, bool]:
    """Take off a byte order mark, and turn UTF-16 and UTF-32 into UTF-8; else leave the stream.

    Also returned is whether the stream is known to be UTF-8 now.
    What cannot be decoded becomes bytes that are not UTF-8 either, so that the next one sees it.
    """
    head, stream = begins(stream, 4)
    encoding, mark = unicode_form(head)
    stream.read(mark)
    if encoding not in ("", "utf-8"):
        stream = joined(_transcoded(stream, encoding))
    return stream, bool(encoding)


def _transcoded(stream: io.BufferedReader, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("dedup.lost")
    for piece in rest(stream):
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:  # half a character at the very end
        yield b"\xff"


def _lost(error: UnicodeError) -> tuple[str, int]:
    """Put half of a character where one is lost: in UTF-8 there is none."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


codecs.register_error("dedup.lost", _lost)


def guessed(where: str, encoding: str) -> Problem:
    """Say that the encoding of a text is a guess."""
    what = f"nothing says in which encoding it is; it was read as {_common(encoding)}, a guess"
    return Problem(where, what, "if letters are wrong, convert it to UTF-8", skipped=False)


def undecodable(where: str, lost: int, encoding: str) -> Problem:
    """Say that some of a text could not be decoded and stands there as U+FFFD."""
    what = f"{counted(lost, 'character')} cannot be read as {encoding} and became U+FFFD"
    return Problem(where, what, "convert the file to UTF-8", skipped=False)


def _common(encoding: str) -> str:
    """Return the name that an encoding is known by.

    >>> _common("cp1252"), _common("iso8859-2"), _common("koi8-r")
    ('windows-1252', 'iso-8859-2', 'koi8-r')
    """
    return re.sub(r"^cp(?=125\d$)", "windows-", encoding).replace("iso8859", "iso-8859")

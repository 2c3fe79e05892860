"""How often undeclared text is read in the right encoding: `python -m benchmarks.encodings`.

The texts of `encoding_texts.toml` are cut to lengths and written in each encoding that is usual for
their language. A text is right when it is read character by character as it was written. Nothing in
`dedup.readers.encoding` was fitted on these texts.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from benchmarks import report
from dedup.readers.encoding import decode

LENGTHS = (1500, 60)
"""Characters of a text: an article, and a line."""
_WEST = ("cp1252", "iso-8859-1", "iso-8859-15")
_EAST = ("cp1250", "iso-8859-2")
USUAL: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("es", "pt", "sv", "it", "fr", "de", "da", "fi"), _WEST),
    **dict.fromkeys(("pl", "cs", "hu"), _EAST),
    "tr": ("cp1254", "iso-8859-9"),
    "ru": ("cp1251", "koi8-r", "iso-8859-5", "cp866"),
    "el": ("cp1253", "iso-8859-7"),
}
"""The languages that the targets are about, and the encodings that are usual for them."""
OTHERS: dict[str, tuple[str, ...]] = {
    "en": ("cp1252",),
    "zh": ("gb18030",),
    "ja": ("shift_jis", "euc_jp"),
    "ko": ("euc_kr",),
    "ar": ("cp1256",),
    "he": ("cp1255",),
}
"""English, whose signs alone are not ASCII, and languages without Latin letters."""
OLD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("es", "pt", "sv", "it", "fr", "de", "da", "fi"), ("mac_roman", "cp850")),
    **dict.fromkeys(("pl", "cs", "hu"), ("mac_latin2", "cp852")),
    "ru": ("mac_cyrillic",),
}
"""What is read where it is safe."""
_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "…": "...", "œ": "oe"}
)
_STEP = 50


def texts() -> dict[str, str]:
    """Give the texts by language, each on one line."""
    held = tomllib.loads(Path(__file__).with_name("encoding_texts.toml").read_text("utf-8"))
    return {language: " ".join(text.split()) for language, text in held["texts"].items()}


def pieces(text: str, length: int) -> Iterator[str]:
    """Cut a text: into pieces one after the other or, where it has few, such as overlap."""
    last = max(1, len(text) - length + 1)
    yield from (text[at : at + length] for at in range(0, last, min(length, _STEP)))


def share(text: str, length: int, encoding: str) -> tuple[int, int]:
    """Return how many pieces are read right, of how many that are not all ASCII."""
    right = number = 0
    for piece in pieces(text, length):
        plain = piece if encoding.startswith("cp125") else piece.translate(_PLAIN)
        data = plain.encode(encoding, "ignore")
        if not data.isascii():
            number += 1
            right += decode(data).text == data.decode(encoding)
    return right, number


def scores(usual: dict[str, tuple[str, ...]], length: int) -> dict[tuple[str, str], float]:
    """Return the share that is right of each language and encoding."""
    held = texts()
    found = {}
    for language, encodings in usual.items():
        for encoding in encodings:
            right, number = share(held[language], length, encoding)
            found[language, encoding] = right / number
    return found


def table() -> str:
    """Write the shares as a table, a line for each language and encoding."""
    rows = []
    for kind in (USUAL, OTHERS, OLD):
        each = [scores(kind, length) for length in LENGTHS]
        rows += [[*key, *(f"{found[key]:.3f}" for found in each)] for key in each[0]]
    return report.table(["language", "encoding", *(f"{n:,} characters" for n in LENGTHS)], rows)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")

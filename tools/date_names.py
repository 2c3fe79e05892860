"""Make dedup/metadata/date_names.toml of the Unicode CLDR, as the package babel carries it.

Run it where babel is installed (it comes with the extra `html`): `python tools/date_names.py`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from babel import Locale

from dedup.metadata.date_patterns import folded

FILE = Path(__file__).parents[1] / "dedup" / "metadata" / "date_names.toml"

LANGUAGES = [
    "en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "tr", "ar", "ar_LB", "ar_DZ", "ar_MA",
    "sv", "da", "nb", "nn", "fi", "cs", "sk", "hu", "ro", "el", "uk", "be", "bg", "mk", "sr",
    "sr_Latn", "sl", "et", "lv", "lt", "is", "ca", "gl", "eu", "sq", "he", "fa", "ur", "hi", "bn",
    "mr", "gu", "pa", "ta", "te", "kn", "ml", "ne", "si", "id", "ms", "vi", "th", "fil", "sw",
    "af", "az", "kk", "uz", "hy", "ka", "mn", "km", "lo", "my", "am", "cy", "ga", "de_AT",
    "es_PE", "fr_CA", "en_AU",
]  # fmt: skip
"""Croatian is left out: three of its months are others in Polish and Czech (listopad)."""

ALSO = {
    1: ["janv"], 2: ["fevr", "febr"], 3: ["mrz", "maerz"], 4: ["avr"], 7: ["juil"],
    9: ["sept", "set", "setiembre"], 10: ["okt"], 12: ["dez", "desember"],
}  # fmt: skip
"""Names in use that CLDR does not have."""
AM = ["am", "oo", "صباحا", "오전", "새벽", "午前", "上午", "凌晨", "早上"]
PM = ["pm", "os", "مساء", "오후", "밤", "午後", "下午", "中午", "晚上", "傍晚"]


def months() -> dict[int, list[str]]:
    """Return the names of each month; no name is that of two."""
    found: dict[str, int] = {}
    for language in LANGUAGES:
        contexts = Locale.parse(language).months
        for names in (contexts[c][w] for c in contexts for w in ("wide", "abbreviated")):
            for number, name in names.items():
                for spelt in _spellings(folded(name), language):
                    if found.setdefault(spelt, number) != number:
                        sys.exit(f"{spelt!r} ({language}) is month {number}, and {found[spelt]}")
    for number, spellings in ALSO.items():
        found |= dict.fromkeys(spellings, number)
    return {n: sorted(name for name in found if found[name] == n) for n in range(1, 13)}


def _spellings(name: str, language: str) -> list[str]:
    """Return the ways a name is written; numbers and single letters are none."""
    name = name.rstrip(".॰").removeprefix("de ").strip()
    if len(re.findall(r"[^\W\d_]", name)) < 2 or re.fullmatch(r"\d+\W?[月월]", name):
        return []
    return [name, f"ב{name}"] if language == "he" else [name]  # "in March" is one word


def halves() -> tuple[list[str], list[str]]:
    """Return the words for before and after noon, without those that mean much else."""
    found: tuple[set[str], set[str]] = (set(AM), set(PM))
    for language in LANGUAGES:
        forms = Locale.parse(language).day_periods["format"]
        for form in (forms["wide"], forms["abbreviated"]):
            for number, key in enumerate(("am", "pm")):
                word = folded(form.get(key, "")).rstrip(".")
                if len(word) > 2 or not word.isascii():
                    found[number].add(word)
    return sorted(found[0] - found[1]), sorted(found[1] - found[0])


def main() -> None:
    """Write the file anew below its head, which has the licence of the names."""
    head = FILE.read_text(encoding="utf-8").partition("[months]")[0]
    lines = [f"{head}[months]"]
    lines += [f"{n} = {json.dumps(names, ensure_ascii=False)}" for n, names in months().items()]
    am, pm = (json.dumps(words, ensure_ascii=False) for words in halves())
    lines += ["", "[halves]", f"am = {am}", f"pm = {pm}", ""]
    FILE.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Fit how boilerplate is written: `python -m benchmarks.style FOLDER` writes its table.

With `--left-out` it writes nothing, and prints how a table does on a corpus that taught it nothing.
FOLDER holds one folder a corpus with a `docs.jsonl.gz`. Boilerplate is what repetition alone finds
(`dedup.match.boilerplate`), in the corpora that have enough of it; news is what stands once, in
all. The words of the table are common ones: they are in most corpora, seldom names, and told apart
best. The weights are a ridge-regularised logistic regression, each corpus and side weighing
alike. The same corpora and seed give the same table.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup import readers
from dedup.errors import Problem
from dedup.match import cluster, near_duplicates
from dedup.match.boilerplate import PAGES, boilerplate_texts
from dedup.match.boilerplate_style import KNOWN, SHARES, SMOOTH
from dedup.metadata.dates import parse
from dedup.metadata.normalise import described
from dedup.progress import Silent
from dedup.settings import Settings
from dedup.text.arrays import TextArrays
from dedup.text.corpus import collapse
from dedup.text.shingle import shingle
from dedup.text.token_flags import CAPITAL, COMMON, LINK, NAME, NUMBER, QUOTED
from dedup.text.tokenize import normalize

FLAGS = (COMMON, NAME, NUMBER, QUOTED, CAPITAL, LINK)
TABLE = Path(__file__).parent.parent / "dedup" / "match" / "boilerplate_style.csv"
SEED, WORDS = 1, 400
ENOUGH, TRIED = 200, 50
"""Texts of boilerplate from which a corpus teaches how it is written, and may show how a table does
that was learned from others."""
FALSE = 0.01
"""Share of the news of a corpus that is taken for boilerplate when a table is tried."""
NEWS = 12000, 6000
"""Most texts of news that are taken of a corpus with boilerplate, and of another."""
SHARED, CAPITALS = 4, 0.7
"""Corpora that must have a word twice, and the share of its capitals in news that makes a name."""
RIDGE, STEPS = 1.0, 60
WEIGHT, MOST = 500.0, 5.0
"""Weight of each corpus and side, and most of one text."""


class Sample(NamedTuple):
    """Texts of one corpus."""

    texts: TextArrays
    is_boilerplate: npt.NDArray[np.bool_]
    """bool[texts]"""
    names: dict[int, str]
    """Words by token."""


def sample(path: Path, rng: np.random.Generator) -> Sample:
    """Take boilerplate, one text a family, and news of a corpus."""
    problems: list[Problem] = []
    items = readers.from_source(
        [path], site=None, fields=None, problems=problems, progress=Silent(), workers=1
    )
    corpus = collapse(readers.distinct_ids(described(items, problems), problems), 1, Silent())
    settings, texts, words = Settings(), corpus.texts, corpus.words()
    sets = shingle(texts, settings.shingle)
    near = near_duplicates.near(sets, words, settings, Silent())[0]
    family = cluster.cluster(near_duplicates.similar(near, settings), sets, settings.chain)
    sites = np.unique([a.site or "" for a in corpus.articles], return_inverse=True)[1]
    dates = [parse(a.date) for a in corpus.articles]
    days = np.array([d.epoch / 86400 if d and not d.doubt else np.nan for d in dates])
    known = boilerplate_texts(family, corpus.text, corpus.article, sites, days, words)
    places = np.unique(corpus.text.astype(np.int64) << 32 | corpus.article)
    articles = np.bincount(places >> 32, minlength=len(words))
    furniture = np.flatnonzero(known & (articles >= PAGES) & (texts.sizes >= 3))
    furniture = furniture[np.unique(family[furniture], return_index=True)[1]]
    links = np.add.reduceat((texts.flags & LINK > 0).astype(float), texts.offsets[:-1])
    alone = (articles == 1) & (np.bincount(family, minlength=len(words))[family] == 1) & ~known
    news = np.flatnonzero(alone & (texts.sizes >= 4) & (links < 0.2 * texts.sizes))
    most = NEWS[0] if len(furniture) >= ENOUGH else NEWS[1]
    news = np.sort(rng.choice(news, min(len(news), most), replace=False))
    rows = np.concatenate([furniture, news])
    names: dict[int, str] = {}
    taken = texts.take(rows)
    for row, text in enumerate(rows.tolist()):
        written = normalize(corpus.written(int(corpus.first[text]))).split(" ")
        tokens = taken.tokens[taken.offsets[row] : taken.offsets[row + 1]].tolist()
        if len(written) == len(tokens):
            names.update(zip(tokens, written, strict=True))
    return Sample(taken, np.arange(len(rows)) < len(furniture), names)


def teaching(samples: Sequence[Sample]) -> list[Sample]:
    """Leave out the boilerplate of corpora that have little: their news alone is learned from."""
    return [one if one.is_boilerplate.sum() >= ENOUGH else _news(one) for one in samples]


def _news(one: Sample) -> Sample:
    rows = np.flatnonzero(~one.is_boilerplate)
    return Sample(one.texts.take(rows), np.zeros(len(rows), bool), one.names)


def vocabulary(samples: Sequence[Sample]) -> dict[int, int]:
    """Choose the words of the table, and number them."""
    places, capitals, corpora = Counter[int](), Counter[int](), Counter[int]()
    inside, outside, teachers = Counter[int](), Counter[int](), Counter[int]()
    taught = [s for s in samples if s.is_boilerplate.any()]
    for one in samples:
        tokens = one.texts.tokens
        news = np.repeat(~one.is_boilerplate, one.texts.sizes)
        places.update(tokens[news].tolist())
        capitals.update(tokens[news & (one.texts.flags & CAPITAL > 0)].tolist())
        texts = np.repeat(np.arange(len(one.texts.sizes)), one.texts.sizes)
        held = np.unique(texts.astype(np.uint64) << np.uint64(32) | tokens)
        token = (held & np.uint64(0xFFFFFFFF)).astype(np.int64)
        of = one.is_boilerplate[(held >> np.uint64(32)).astype(np.int64)]
        corpora.update(t for t, n in Counter(token.tolist()).items() if n >= 2)
        for side, counts in ((of, inside), (~of, outside)):
            share = 1 / max(1, int((one.is_boilerplate == (counts is inside)).sum()))
            for t, n in Counter(token[side].tolist()).items():
                counts[t] += n * share  # type: ignore[assignment]
                teachers[t] += counts is inside
    names = {t: name for one in samples for t, name in one.names.items()}
    worth = {}
    for t in sorted(corpora):
        if corpora[t] < SHARED or capitals[t] >= CAPITALS * places[t] or t & 1:
            continue
        if t not in names or any(map(str.isdigit, names[t])):
            continue
        p, q = inside[t] / max(1, len(taught)), outside[t] / len(samples)
        if teachers[t] >= min(2, len(taught)) or outside[t] > 0.01:
            worth[t] = abs(np.log((p + 3e-4) / (q + 3e-4))) * np.sqrt(max(p, q))
    best = sorted(worth, key=lambda t: (-worth[t], names[t]))[:WORDS]
    return {t: number for number, t in enumerate(best)}


def features(texts: TextArrays, words: dict[int, int]) -> npt.NDArray[np.float32]:
    """Return what `dedup.match.boilerplate_style` measures, float32[texts, measures + words]."""
    sizes, begin = texts.sizes, texts.offsets[:-1]
    found = np.zeros((len(sizes), len(SHARES) + len(words)), np.float32)
    found[:, 0] = 1
    found[:, 1] = np.minimum(np.log2(sizes), 8) / 8
    for number, flag in enumerate(FLAGS):
        found[:, 2 + number] = np.add.reduceat((texts.flags & flag > 0) / 1.0, begin) / sizes
    rows = np.repeat(np.arange(len(sizes)), sizes)
    columns = np.array([words.get(t, -1) for t in texts.tokens.tolist()])
    known = columns >= 0
    np.add.at(
        found, (rows[known], len(SHARES) + columns[known]), 10 / (sizes + SMOOTH)[rows[known]]
    )
    return found


def fit(samples: Sequence[Sample], words: dict[int, int]) -> npt.NDArray[np.float64]:
    """Return the weights of measures and words."""
    x = np.concatenate([features(one.texts, words) for one in samples])
    y = np.concatenate([one.is_boilerplate for one in samples])
    weights = [
        np.where(b, WEIGHT / max(1, b.sum()), WEIGHT / (~b).sum())
        for b in (one.is_boilerplate for one in samples)
    ]
    w = np.minimum(np.concatenate(weights), MOST)
    ridge = np.full(x.shape[1], RIDGE)
    ridge[0] = 1e-3
    found = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ found, -30, 30)))
        slope = x.T @ (w * (p - y)) + ridge * found
        curve = (x * (w * p * (1 - p) + 1e-6)[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-3:
            break
    return found


class Trial(NamedTuple):
    """How a table does on a corpus it was not learned from."""

    boilerplate: int
    """Texts of it."""
    found: float
    """Share of it that is written more as boilerplate than all but `FALSE` of the news."""
    ordered: float
    """How often a text of boilerplate is written more so than one of news: the area under the curve
    of receiver operating characteristics, 0.5 by chance."""


def styles(texts: TextArrays, taught: Sequence[Sample]) -> npt.NDArray[np.float64]:
    """Return the style of texts by what was learned, as `run_style` has it, float64[texts]."""
    words = vocabulary(taught)
    alone, full = fit(taught, {}), fit(taught, words)
    met = np.array([token in words for token in texts.tokens.tolist()], np.int64)
    worded = np.add.reduceat(met, texts.offsets[:-1]) >= KNOWN * texts.sizes
    return np.where(worded, features(texts, words) @ full, features(texts, {}) @ alone)


def left_out(samples: dict[str, Sample]) -> dict[str, Trial]:
    """Learn from all corpora but one, and try on that one, in turn."""
    trials = {}
    for name, one in samples.items():
        if one.is_boilerplate.sum() < TRIED:
            continue
        others = teaching([other for key, other in samples.items() if key != name])
        if not any(other.is_boilerplate.any() for other in others):
            continue
        style = styles(one.texts, others)
        news, furniture = np.sort(style[~one.is_boilerplate]), style[one.is_boilerplate]
        found = float((furniture > np.quantile(news, 1 - FALSE)).mean())
        ordered = float(np.searchsorted(news, furniture).mean() / len(news))
        trials[name] = Trial(len(furniture), found, ordered)
    return trials


def read(folder: Path, names: Sequence[str] | None = None) -> dict[str, Sample]:
    """Take samples of the corpora in a folder: of these, or of all."""
    rng = np.random.default_rng(SEED)
    chosen = sorted(path.name for path in folder.iterdir() if path.is_dir())
    paths = {name: folder / name / "docs.jsonl.gz" for name in names or chosen}
    return {name: sample(path, rng) for name, path in paths.items() if path.exists()}


def main() -> None:
    """Read the corpora, fit, and write the table, or try it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds a folder a corpus with a docs.jsonl.gz")
    parser.add_argument("--left-out", action="store_true", help="try it on corpora left out")
    asked = parser.parse_args()
    read_in = read(asked.folder)
    if asked.left_out:
        print("| left out | texts of boilerplate | found at 1 % of news | in order |")
        print("|---|--:|--:|--:|")
        for name, (number, found, ordered) in left_out(read_in).items():
            print(f"| {name} | {number:,} | {found:.3f} | {ordered:.3f} |")
        return
    samples = teaching(list(read_in.values()))
    names = {t: name for one in samples for t, name in one.names.items()}
    words = vocabulary(samples)
    alone, full = fit(samples, {}), fit(samples, words)
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("kind", "name", "weight"))
        for kind, weights in (("alone", alone), ("with words", full)):
            for name, value in zip(SHARES, weights, strict=False):
                rows.writerow((kind, name, round(float(value), 2)))
        for token in sorted(words, key=names.__getitem__):
            value = full[len(SHARES) + words[token]]
            rows.writerow(("word", names[token], round(float(value), 2)))


if __name__ == "__main__":
    main()

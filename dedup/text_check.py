"""One text against all: how much of it stands elsewhere, in whose articles, and in which words."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup import readers
from dedup.errors import InputError, OutputError, Problem
from dedup.output import passages, reader, writer
from dedup.output.diff import words as words_of
from dedup.output.passages import Choice, Passage, Side
from dedup.output.schema import ARTICLES, OccurrenceRow
from dedup.progress import Progress, Silent
from dedup.records import Article, Relation, Span
from dedup.settings import Settings
from dedup.text.quotation_marks import CLOSERS, INSIDE, SINGLE, TWO_FACED

if TYPE_CHECKING:
    from dedup.index.answers import Hit
    from dedup.readers.field_names import Given

LEFT_OUT = ("quotations", "credits", "standing")
"""What can be left out of a check: what stands in quotation marks; datelines, credit lines and the
like; standing text of sites."""

COUNTED: tuple[Relation, ...] = (*passages.REUSED, "boilerplate")
"""Relations that count as standing elsewhere; a template says other things in the same form."""

LONGEST_QUOTATION = 3000
"""Characters up to which the mark that closes a quotation is looked for. Higher takes more for
quoted where a mark is never closed."""

_NAME = "!text-to-check"  # sorts before other ids: so spans count in its own paragraphs


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a passage stands."""

    article: str
    """Id of the article."""
    site: str | None
    """Its site; None where it has none."""
    paragraph: int
    """Number of the paragraph there, from 0."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A passage of the text that stands in an article."""

    paragraph: int
    """Number of the paragraph in the text, from 0."""
    relation: Relation
    """What kind of reuse it is."""
    words: int
    """Words of the text that the article has too, after what is left out."""
    spans: tuple[Span, ...]
    """Where they stand, in characters of the text."""
    shared: str
    """The words as the text has them, with `…` between stretches that are apart."""
    spots: tuple[Spot, ...]
    """Where they stand, the first to be shown; all hold the same paragraph."""
    other: str | None
    """That paragraph, or None where the index keeps no text."""
    other_spans: tuple[Span, ...]
    """Where what is shared stands in it, in its characters; none without the paragraph."""


@dataclass(frozen=True, slots=True)
class SourceShare:
    """An article that has words of the text."""

    article: str
    """Its id."""
    site: str | None
    """Its site; None where it has none."""
    words: int
    """Words of the text that it has too."""
    share: float
    """Their share of the words that count, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What of a text stands elsewhere."""

    text: str
    """The text that was checked."""
    words: int
    """Words of the text that count: all but what is left out."""
    left_out: Mapping[str, int]
    """Words that do not count, by what they are."""
    elsewhere: int
    """Words that stand elsewhere too."""
    share: float
    """Their share of the words that count, 0 to 1."""
    sources: tuple[SourceShare, ...]
    """The articles that have them, the one with most first."""
    passages: tuple[Elsewhere, ...]
    """What stands elsewhere, in order of the text; of one paragraph the longest first."""
    problems: tuple[Problem, ...] = ()
    """What was skipped while reading."""


def check(
    text: str | Article | os.PathLike[str],
    against: Any,
    *,
    without: Collection[str] = (),
    without_sources: Collection[str] = (),
    least_words: int = 0,
    settings: Settings | None = None,
    fields: Given | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Say how much of one text stands in a corpus, the folder of a scan, or an index.

    `text` is the text itself, an `Article`, or the path of a file that holds one. `against` is what
    `dedup.scan` takes, the folder that a scan wrote (what it scanned is read again, under its
    settings), or the folder or address of an index (which is asked, and not changed). `without`
    leaves out some of `LEFT_OUT`, `without_sources` articles or sites, and passages of fewer than
    `least_words` do not count. Shares are of the words that are left.

    Raises `InputError` when the text cannot be read or nothing is there to compare it with.

    >>> rain = "Rain is due in the hills tonight and will last until Sunday, the office said."
    >>> found = check(f"{rain} Bring a coat of wool and a hat.", [{"id": "a", "text": rain}])
    >>> f"{found.share:.0%}", found.sources[0].article
    ('65%', 'a')
    """
    article = _text(text, fields)
    unknown = sorted(set(without) - set(LEFT_OUT))
    if unknown:
        raise InputError(f"{unknown[0]!r} cannot be left out; {', '.join(LEFT_OUT)} can")
    progress = progress or Silent()
    problems: list[Problem] = []
    if index := _index(against):
        found = list(_asked(article, index))
    else:
        found = _scanned(article, against, settings, fields, progress, problems)
    return _counted(article, found, without, without_sources, least_words, problems)


def _text(text: str | Article | os.PathLike[str], fields: Given | None) -> Article:
    """Return the text to check as an article without anything that could merge it with another."""
    if isinstance(text, Article):
        return Article(_NAME, text.text, title=text.title)
    if isinstance(text, str):
        return Article(_NAME, text)
    problems: list[Problem] = []
    found = list(
        readers.from_source(
            text, site=None, fields=fields, problems=problems, progress=Silent(), workers=1
        )
    )
    if len(found) != 1:
        why = f"; {problems[0]}" if problems else ""
        raise InputError(f"{text}: holds {len(found)} articles; name a file that holds one{why}")
    return Article(_NAME, found[0].text, title=found[0].title)


def _index(against: Any) -> str | None:
    """Return the address of an index, or None for what is none."""
    if not isinstance(against, str | os.PathLike):
        return None
    name = os.fspath(against)
    if name.startswith(("redis://", "rediss://", "unix://")):
        return name
    return name if (Path(name) / "dedup-index").is_file() else None


# -- against a corpus -----------------------------------------------------------------------------


def _scanned(
    article: Article,
    against: Any,
    settings: Settings | None,
    fields: Given | None,
    progress: Progress,
    problems: list[Problem],
) -> list[Elsewhere]:
    """Compare the text with a corpus as a scan does."""
    from dedup import pipeline
    from dedup.metadata.outlets import Outlets

    if isinstance(against, str | os.PathLike) and writer.is_output(Path(against)):
        place = Path(against)
        settings = settings or _settings(place)
        against = _roots(place)
    chosen = settings or Settings()
    corpus = readers.from_source(
        against,
        site=None,
        fields=fields,
        problems=problems,
        progress=progress,
        workers=chosen.workers,
    )
    result = pipeline.scan(
        [article, *(_apart(one) for one in corpus)],
        chosen,
        site=None,
        fields=None,
        outlets=Outlets(),
        progress=progress,
    )
    if len(result.articles) < 2:
        why = "; ".join(map(str, problems[:3])) or "it is empty"
        raise InputError(f"nothing to check against: {why}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "out")
        writer.write(result, place)
        sites = {one.id: one.site for one in result.articles}
        choice = Choice(relations=COUNTED)
        found = [one for one in passages.passages_of(place, _NAME, choice) if not one.within]
        texts = reader.texts(place, {one.b.text_id for one in found})
        return [_elsewhere(one, texts[one.b.text_id]["occurrences"], sites) for one in found]


def _apart(article: Article) -> Article:
    """Keep the id of the text to check for itself."""
    return replace(article, id=f"{_NAME}*") if article.id == _NAME else article


def _settings(place: Path) -> Settings:
    given = reader.summary(place)["settings"]
    known = {name: given[name] for name in Settings.__slots__ if name in given}
    return Settings(**{**known, "preferred_sites": tuple(known.get("preferred_sites", ()))})


def _roots(place: Path) -> list[Path]:
    """Return what a scan read: files, or the folders below which ids name files."""
    roots: dict[str, None] = {}
    for row in reader.rows(place, ARTICLES):
        path, name = row.get("path"), row["article"]
        if path and path.endswith(f"/{name}"):
            roots[path.removesuffix(f"/{name}")] = None
    for row in reader.rows(place, ARTICLES):
        path = row.get("path")
        if path and path != "-" and not any(path.startswith(f"{root}/") for root in roots):
            roots[path] = None
    missing = [root for root in roots if not Path(root).exists()]
    if missing or not roots:
        what = f"{missing[0]} is not there any more" if missing else "it names no files"
        raise OutputError(f"{place}: {what}; name the corpus itself, or scan again")
    return list(map(Path, roots))


def _elsewhere(
    one: Passage, places: Sequence[OccurrenceRow], sites: Mapping[str, str | None]
) -> Elsewhere:
    at, own = one.a.start, _fits(one.a)
    spans = tuple((at + i, at + j) if own else (at, one.a.end) for i, j, _, _ in one.spans)
    spots = {p["article"]: p["paragraph"] for p in reversed(places) if p["article"] != _NAME}
    spots = {one.b.article: one.b.paragraph} | dict(sorted(spots.items()))
    return Elsewhere(
        paragraph=one.a.paragraph,
        relation=one.relation,
        words=one.words,
        spans=tuple(dict.fromkeys(spans)),
        shared=one.shared,
        spots=tuple(Spot(name, sites.get(name), number) for name, number in spots.items()),
        other=one.b.text,
        other_spans=tuple((k, n) for _, _, k, n in one.spans),
    )


def _fits(side: Side) -> bool:
    """Return whether spans of the text's first occurrence hold here: it is as long."""
    return side.end - side.start == len(side.text)


# -- against an index -----------------------------------------------------------------------------


def _asked(article: Article, index: str) -> Iterator[Elsewhere]:
    """Ask an index, which names the closest earlier texts of each paragraph."""
    from dedup.index.index import Index

    with Index(index, read_only=True) as known:
        hits = [hit for hit in known.query(article).hits if hit.relation in COUNTED]
        stored = {name: known.get(name) for name in {hit.article for hit in hits}}
    sites = {name: one.article.site for name, one in stored.items() if one}
    for hit in hits:
        yield _of_hit(hit, article.text, sites.get(hit.article))


def _of_hit(hit: Hit, text: str, site: str | None) -> Elsewhere:
    shared = passages.shared_text(text, hit.spans)
    return Elsewhere(
        paragraph=hit.paragraph,
        relation=hit.relation,
        words=len(words_of(shared)),
        spans=hit.spans,
        shared=shared,
        spots=(Spot(hit.article, site, hit.other_paragraph),),
        other=None,
        other_spans=(),
    )


# -- counting -------------------------------------------------------------------------------------


def _counted(
    article: Article,
    found: Sequence[Elsewhere],
    without: Collection[str],
    without_sources: Collection[str],
    least_words: int,
    problems: Sequence[Problem],
) -> Checked:
    """Count words that stand elsewhere, after what is left out of the text and of the passages."""
    text = article.text
    tokens = [(word.start, word.end) for word in words_of(text)]
    standing = [span for one in found if one.relation == "boilerplate" for span in one.spans]
    spans = {
        "quotations": list(quoted(text)) if "quotations" in without else [],
        "credits": _credits(text) if "credits" in without else [],
        "standing": standing if "standing" in without else [],
    }
    marks: list[str | None] = [None] * len(tokens)
    for name, stretches in spans.items():
        for n in _covered(tokens, stretches):
            marks[n] = marks[n] or name
    kept = [one for one in found if one.relation != "boilerplate" or "standing" not in without]
    counted, sources, told = set[int](), dict[Spot, set[int]](), list[Elsewhere]()
    for one in kept:
        spots = tuple(s for s in one.spots if not {s.article, s.site} & set(without_sources))
        own = {n for n in _covered(tokens, one.spans) if marks[n] is None}
        if not spots or not own or len(own) < least_words:
            continue
        counted |= own
        told.append(replace(one, words=len(own), spots=spots))
        for spot in spots:
            sources.setdefault(replace(spot, paragraph=0), set()).update(own)
    total = sum(mark is None for mark in marks)
    ranked = sorted(sources.items(), key=lambda source: (-len(source[1]), source[0].article))
    return Checked(
        text=text,
        words=total,
        left_out={name: marks.count(name) for name in without},
        elsewhere=len(counted),
        share=len(counted) / max(1, total),
        sources=tuple(
            SourceShare(of.article, of.site, len(own), len(own) / max(1, total))
            for of, own in ranked
        ),
        passages=tuple(sorted(told, key=lambda o: (o.paragraph, -o.words, o.spots[0].article))),
        problems=tuple(problems),
    )


def _covered(tokens: Sequence[Span], spans: Iterable[Span]) -> Iterator[int]:
    """Yield the numbers of the words that stand in some stretches, at most once for each."""
    ordered = sorted(spans)
    at = 0
    reach = -1
    for number, (start, end) in enumerate(tokens):
        while at < len(ordered) and ordered[at][0] <= start:
            reach = max(reach, ordered[at][1])
            at += 1
        if end <= reach:
            yield number


def quoted(text: str) -> Iterator[Span]:
    """Yield where quotations stand, marks included; none goes on over a line's end.

    >>> [("She said “no” twice.")[i:j] for i, j in quoted("She said “no” twice.")]
    ['“no”']
    """
    at = 0
    while at < len(text):
        mark = text[at]
        begins = mark in CLOSERS and not (
            mark in TWO_FACED + SINGLE and at > 0 and text[at - 1].isalnum()
        )
        end = _closing(text, at) if begins else None
        if end is None:
            at += 1
            continue
        yield at, end
        at = end


def _closing(text: str, at: int) -> int | None:
    closers = CLOSERS[text[at]]
    for n in range(at + 1, min(len(text), at + LONGEST_QUOTATION)):
        if text[n] == "\n":
            return None
        inner = text[n] in INSIDE and text[n + 1 : n + 2].isalnum() and text[n - 1].isalnum()
        if text[n] in closers and not inner:
            return n + 1
    return None


def _credits(text: str) -> list[Span]:
    from dedup.metadata.credits import read

    attribution = read(Article(_NAME, text))
    return [(one.start, one.end) for one in attribution.credits if one.field == "text"]

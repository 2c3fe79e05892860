"""`dedup clean`: the corpus again, with one copy of each repeated paragraph.

Of every cluster the canonical paragraph stays where it is and the others go, each with its line
break; all other text stays character for character. An article that loses its last paragraph is
left out: its paragraphs, and where their kept copies stand, are in dropped.jsonl.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from dedup.document import Article, Span
from dedup.report import files, folder
from dedup.report.found import Found

DROPPED, ACCOUNT = "dropped.jsonl", "clean.json"
"""The list of what was dropped, and the counts and settings, beside the articles."""


class Drop(NamedTuple):
    """A paragraph that goes, and the one that is kept in its place."""

    start: int
    """First character, counted in the article's text."""
    end: int
    """One past the last character."""
    paragraph: int
    """Its number in its article, from 0."""
    cluster: str
    """Id of the cluster it belongs to."""
    kept_article: str
    """Id of the article that keeps the text."""
    kept_paragraph: int
    """Number of the kept paragraph in that article."""


_TEXT_SUFFIXES = frozenset({".txt", ".md"})
_PACKED_SUFFIXES = frozenset({".gz", ".bz2", ".xz", ".zst"})
_SPACE = re.compile(r"\s*")
_LAST_BREAK = re.compile(r".*[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What `clean` did."""

    articles: int
    """Articles written."""
    left_out: int
    """Articles not written, because nothing of them was left."""
    changed: int
    """Articles that lost a paragraph, those left out included."""
    paragraphs: int
    """Paragraphs dropped."""
    words: int
    """Words dropped."""


def clean(
    result: Found, paths: Iterable[str | os.PathLike[str]], out: str | os.PathLike[str]
) -> Cleaned:
    """Write the articles of `result`, which were read from `paths`, into the new folder `out`.

    A text file keeps its path relative to the one given; any other file becomes JSON lines with the
    fields id, text, title, url, site and date, ordered by id. All is UTF-8. Raises `OutputError` if
    `out` is not empty or cannot be written.
    """
    drops, words = dropped(result)
    left_out = 0
    with folder.replaced(out) as place:
        for target, articles in _targets(result.articles, list(map(Path, paths))).items():
            rest = [(article, _rest(article, drops)) for article in articles]
            written = [(article, text) for article, text in rest if text is not None]
            left_out += len(rest) - len(written)
            if written:
                _write(place / target, written)
        files.lines(place / DROPPED, _drop_rows(drops))
        done = Cleaned(
            articles=len(result.articles) - left_out,
            left_out=left_out,
            changed=len(drops),
            paragraphs=sum(map(len, drops.values())),
            words=words,
        )
        origin = {name: result.summary[name] for name in ("format", "version", "settings")}
        (place / ACCOUNT).write_bytes(files.encoded(asdict(done) | origin, indent=2))
    return done


def dropped(result: Found) -> tuple[dict[str, list[Drop]], int]:
    """List what goes, by article in order of its text, and count the words of it.

    All members of each cluster go but the canonical one.
    """
    lengths = {text.id: text.words for text in result.texts}
    drops: defaultdict[str, list[Drop]] = defaultdict(list)
    words = 0
    for cluster in result.clusters:
        kept = cluster.canonical.article, cluster.canonical.paragraph
        for member in cluster.members:
            if (member.article, member.paragraph) != kept:
                drop = Drop(member.start, member.end, member.paragraph, cluster.id, *kept)
                drops[member.article].append(drop)
                words += lengths[member.text_id]
    return {article: sorted(drops[article]) for article in sorted(drops)}, words


def _drop_rows(drops: Mapping[str, Sequence[Drop]]) -> Iterator[dict[str, Any]]:
    for article, going in drops.items():
        for drop in going:
            yield {
                "article": article,
                "paragraph": drop.paragraph,
                "start": drop.start,
                "end": drop.end,
                "cluster": drop.cluster,
                "kept_article": drop.kept_article,
                "kept_paragraph": drop.kept_paragraph,
            }


def without(text: str, spans: Iterable[Span]) -> str:
    r"""Take paragraphs out of `text`, each with the line break and blank lines that follow it.

    Where nothing follows, the blank lines before it go, and the end of the text stays as it is.

    >>> without("One.\n\n  Two.\n\n  Three.\n", [(8, 12)])
    'One.\n\n  Three.\n'
    >>> without("One.\n\n  Two.\n\n  Three.\n", [(8, 12), (16, 22)])
    'One.\n'
    """
    kept, at = [], 0
    for start, end in _runs(text, sorted(spans)):
        begin, stop = _with_break(text, start, end)
        kept.append(text[at:begin])
        at = stop
    kept.append(text[at:])
    return "".join(kept)


def _runs(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Join spans with nothing but space between them."""
    run: Span | None = None
    for start, end in spans:
        if run is None:
            run = start, end
        elif not text[run[1] : start].strip():
            run = run[0], end
        else:
            yield run
            run = start, end
    if run is not None:
        yield run


def _with_break(text: str, start: int, end: int) -> Span:
    space = _SPACE.match(text, end)
    stop = space.end() if space else end
    if stop == len(text):
        return len(text[:start].rstrip()), end
    last_break = _LAST_BREAK.match(text, end, stop)
    begin = start
    while begin and text[begin - 1].isspace() and not _LAST_BREAK.match(text[begin - 1]):
        begin -= 1
    if begin and not _LAST_BREAK.match(text[begin - 1]):
        begin = start  # the paragraph is no line of its own
    return begin, last_break.end() if last_break else stop


def _rest(article: Article, drops: Mapping[str, Sequence[Drop]]) -> str | None:
    """Give what is left of an article, or None if it lost all."""
    going = drops.get(article.id)
    if not going:
        return article.text
    text = without(article.text, [(drop.start, drop.end) for drop in going])
    return text if text.strip() else None


def _targets(articles: Iterable[Article], roots: Sequence[Path]) -> dict[PurePath, list[Article]]:
    """Group the articles by the file they go to, relative to the output folder."""
    sources: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        sources[article.path or "-"].append(article)
    targets: dict[PurePath, list[Article]] = {PurePath(DROPPED): [], PurePath(ACCOUNT): []}
    for source in sorted(sources):
        wanted = _renamed(_relative(Path(source), roots), single=len(sources[source]) == 1)
        target, n = wanted, 1
        while target in targets:
            n += 1
            target = wanted.with_name(f"{wanted.stem}-{n}{wanted.suffix}")
        targets[target] = sources[source]
    return targets


def _relative(source: Path, roots: Sequence[Path]) -> PurePath:
    for root in roots:
        if source != root and source.is_relative_to(root):
            inner = source.relative_to(root)
            return inner if len(roots) == 1 else PurePath(root.name, inner)
    return PurePath(source.name)


def _renamed(source: PurePath, *, single: bool) -> PurePath:
    """Give the name for what is written: unpacked, and JSON lines unless it is one text."""
    if source.name == "-":
        return PurePath("stdin.jsonl")
    bare = source.with_suffix("") if source.suffix.lower() in _PACKED_SUFFIXES else source
    is_text = single and bare.suffix.lower() in _TEXT_SUFFIXES
    return bare if is_text else bare.with_suffix(".jsonl")


def _write(path: Path, articles: Sequence[tuple[Article, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in _TEXT_SUFFIXES:
        path.write_bytes(articles[0][1].encode("utf-8", "surrogatepass"))
    else:
        files.lines(path, (_row(article, text) for article, text in articles))


def _row(article: Article, text: str) -> dict[str, Any]:
    row = {
        "id": article.id,
        "text": text,
        "title": article.title,
        "url": article.url,
        "site": article.site,
        "date": article.date,
    }
    return {name: value for name, value in row.items() if value is not None}

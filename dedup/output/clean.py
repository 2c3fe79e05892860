"""`dedup clean`: the corpus again, with one copy of each repeated paragraph or story.

Of every cluster the canonical paragraph stays where it is and the others go, each with its line
break; all other text stays character for character. An article that loses its last paragraph is
left out: its paragraphs, and where their kept copies stand, are in dropped.jsonl.

By stories whole articles go instead: those of which the canonical article has nearly all. What has
more of its own stays, and is listed in stayed.jsonl.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from dedup import files
from dedup.output import writer
from dedup.output.protocol import Findings
from dedup.readers.field_names import FIELDS
from dedup.records import Article, Member, Span, Story

DROPPED, STAYED, ACCOUNT = "dropped.jsonl", "stayed.jsonl", "clean.json"
"""The lists of what was dropped and, by stories, of what stayed beside the article to keep, and the
counts and settings: they stand beside the articles."""

NEARLY_ALL = 0.9
"""Share of an article's runs of five words that the one to keep of its story must have for it to go
by stories. In three corpora of news 1% to 3% of the words that go then stand nowhere else; were
copies, edited copies and excerpts to go by their role, it would be up to 22%."""


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


class Left(NamedTuple):
    """An article of a story that is not the one to keep."""

    story: str
    """Id of the story it belongs to."""
    role: str
    """What it is in that story."""
    share_of_member: float
    """Share of its own words that the kept article holds."""
    added: tuple[int, ...]
    """Its paragraphs of which the kept article has next to nothing, by number from 0."""
    kept_article: str
    """Id of the article that is kept."""


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
    stayed: int = 0
    """Articles of stories written beside the one to keep; 0 unless it went by stories."""


class _Plan(NamedTuple):
    """What goes, whichever way it was chosen."""

    rest: Callable[[Article], str | None]
    """Returns what is left of an article, or None for nothing."""
    rows: Iterable[Mapping[str, Any]]
    """The lines of dropped.jsonl."""
    changed: int
    paragraphs: int
    words: int
    stayed: Mapping[str, Left] | None = None
    """What stays of stories beside the article to keep, by id; None: it goes by paragraphs."""


def clean(
    result: Findings,
    paths: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    stories: bool = False,
) -> Cleaned:
    """Write the articles of `result`, which were read from `paths`, into the new folder `out`.

    Each repeated paragraph stands there once, or, with `stories`, each story (see `superfluous`). A
    text file keeps its path relative to the one given; any other file becomes JSON lines with the
    fields of an article, ordered by id. All is UTF-8. Raises `OutputError` if `out` is not empty or
    cannot be written.
    """
    plan = _by_story(result) if stories else _by_paragraph(result)
    left_out = 0
    with files.replaced(out) as place:
        for target, articles in _targets(result.articles, list(map(Path, paths))).items():
            rest = [(article, plan.rest(article)) for article in articles]
            written = [(article, text) for article, text in rest if text is not None]
            left_out += len(rest) - len(written)
            if written:
                _write(place / target, written)
        writer.lines(place / DROPPED, plan.rows)
        if plan.stayed is not None:
            writer.lines(place / STAYED, _left_rows(plan.stayed))
        done = Cleaned(
            articles=len(result.articles) - left_out,
            left_out=left_out,
            changed=plan.changed,
            paragraphs=plan.paragraphs,
            words=plan.words,
            stayed=len(plan.stayed or ()),
        )
        origin = {name: result.summary[name] for name in ("format", "version", "settings")}
        (place / ACCOUNT).write_bytes(writer.encoded(asdict(done) | origin, indent=2))
    return done


def _by_paragraph(result: Findings) -> _Plan:
    drops, words = dropped(result)
    return _Plan(
        rest=lambda article: _rest(article, drops),
        rows=_drop_rows(drops),
        changed=len(drops),
        paragraphs=sum(map(len, drops.values())),
        words=words,
    )


def _by_story(result: Findings) -> _Plan:
    going = superfluous(result.stories)
    gone = [row for row in result.article_rows() if row["article"] in going]
    return _Plan(
        rest=lambda article: None if article.id in going else article.text,
        rows=_left_rows(going),
        changed=len(going),
        paragraphs=sum(row["paragraphs"] for row in gone),
        words=sum(row["words"] for row in gone),
        stayed=_others(result.stories, going),
    )


def _left_rows(left: Mapping[str, Left]) -> Iterator[dict[str, Any]]:
    return ({"article": article} | one._asdict() for article, one in left.items())


def superfluous(stories: Iterable[Story]) -> dict[str, Left]:
    """List the articles that go when one of each story is kept, by id.

    Those are, whatever their role, the articles of which the canonical one has `NEARLY_ALL`; of
    what it lacks, `Left.added` tells. Versions that a later one takes the place of are no
    exception. An article that another story keeps stays.
    """
    going: dict[str, Left] = {}
    kept = set()
    for story in stories:
        kept.add(story.canonical)
        for member in story.members:
            if member.share_of_member >= NEARLY_ALL:
                going.setdefault(member.article, _left(story, member))
    return {article: going[article] for article in sorted(going.keys() - kept)}


def _others(stories: Iterable[Story], going: Mapping[str, Left]) -> dict[str, Left]:
    """List the articles of stories that neither go nor are kept by a story, by id."""
    kept = {story.canonical for story in stories}
    found: dict[str, Left] = {}
    for story in stories:
        for member in story.members:
            if member.article not in kept and member.article not in going:
                found.setdefault(member.article, _left(story, member))
    return {article: found[article] for article in sorted(found)}


def _left(story: Story, member: Member) -> Left:
    share = round(member.share_of_member, 4)
    return Left(story.id, member.role, share, member.added, story.canonical)


def dropped(result: Findings) -> tuple[dict[str, list[Drop]], int]:
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
    """Return what is left of an article, or None if it lost all."""
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
    targets: dict[PurePath, list[Article]] = {
        PurePath(name): [] for name in (DROPPED, STAYED, ACCOUNT)
    }
    taken = {str(target) for target in targets}  # some systems hold A.txt and a.txt for one file
    for source in sorted(sources):
        wanted = _renamed(_relative(Path(source), roots), single=len(sources[source]) == 1)
        target, n = wanted, 1
        while str(target).casefold() in taken:
            n += 1
            target = wanted.with_name(f"{wanted.stem}-{n}{wanted.suffix}")
        taken.add(str(target).casefold())
        targets[target] = sources[source]
    return targets


def _relative(source: Path, roots: Sequence[Path]) -> PurePath:
    for root in roots:
        if source != root and source.is_relative_to(root):
            inner = source.relative_to(root)
            return inner if len(roots) == 1 else PurePath(root.name, inner)
    return PurePath(source.name)


def _renamed(source: PurePath, *, single: bool) -> PurePath:
    """Return the name for what is written: unpacked, and JSON lines unless it is one text."""
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
        writer.lines(path, (_row(article, text) for article, text in articles))


def _row(article: Article, text: str) -> dict[str, Any]:
    row = {name: getattr(article, name) for name in FIELDS} | {"text": text}
    return {name: value for name, value in row.items() if value is not None}

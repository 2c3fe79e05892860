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
from typing import Any, NamedTuple, Protocol

from dedup import files
from dedup.output import writer
from dedup.output.protocol import Findings
from dedup.output.schema import ArticleRow
from dedup.readers.field_names import FIELDS
from dedup.records import Article, Cluster, Member, Relation, Span, Story, Text, Version

DROPPED, STAYED, ACCOUNT = "dropped.jsonl", "stayed.jsonl", "clean.json"
"""The lists of what was dropped and, by stories, of what stayed beside the article to keep, and the
counts and settings: they stand beside the articles."""

NEARLY_ALL = 0.9
"""Share of an article's runs of five words that the one to keep of its story must have for it to go
by stories. In three corpora of news 1% to 3% of the words that go then stand nowhere else; were
copies, edited copies and excerpts to go by their role, it would be up to 22%."""


LEAST_WORDS = 4
"""Words from which a repeated paragraph goes. A higher value keeps longer lines that repeat,
such as "Read more on this"; at 0 every repeated line goes, bylines and section names too."""


class Clustered(Protocol):
    """The part of a result that says which paragraphs repeat."""

    @property
    def texts(self) -> Iterable[Text]:
        """The distinct texts of all members of clusters."""

    @property
    def clusters(self) -> Iterable[Cluster]:
        """The clusters."""

    def article_rows(self) -> Iterable[ArticleRow]:
        """Yield the articles with the numbers of their paragraphs."""


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
    relation: Relation
    """What it is to the kept one: `identical` or `duplicate`."""
    similarity: float
    """Jaccard similarity of its shingle set with that of the kept one, 0 to 1."""
    words: int
    """Its length in words."""
    text_id: str
    """Id of its distinct text."""
    kept_text_id: str
    """Id of the distinct text of the kept paragraph."""


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
    share: float = NEARLY_ALL,
    least_words: int = LEAST_WORDS,
    keep_standing: bool = False,
) -> Cleaned:
    """Write the articles of `result`, which were read from `paths`, into the new folder `out`.

    Each repeated paragraph stands there once (see `dropped` for `least_words` and `keep_standing`),
    or, with `stories`, each story (see `superfluous` for `share`). A text file keeps its path
    relative to the one given; any other file becomes JSON lines with the fields of an article,
    ordered by id. All is UTF-8. Raises `OutputError` if `out` is not empty or cannot be written.
    """
    if stories:
        plan = _by_story(result, share)
    else:
        plan = _by_paragraph(result, least_words, keep_standing=keep_standing)
    left_out = 0
    with files.replaced(out) as place:
        for target, articles in _targets(result.articles, list(map(Path, paths))).items():
            left = [(article, plan.rest(article)) for article in articles]
            written = [(article, text) for article, text in left if text is not None]
            left_out += len(left) - len(written)
            if written:
                _write(place / target, written)
        writer.lines(place / DROPPED, plan.rows)
        if plan.stayed is not None:
            writer.lines(place / STAYED, left_rows(plan.stayed))
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


def _by_paragraph(result: Findings, least_words: int, *, keep_standing: bool) -> _Plan:
    drops, words = dropped(result, least_words=least_words, keep_standing=keep_standing)
    return _Plan(
        rest=lambda article: rest(article, drops.get(article.id, ())),
        rows=_drop_rows(drops, result.articles),
        changed=len(drops),
        paragraphs=sum(map(len, drops.values())),
        words=words,
    )


def _by_story(result: Findings, share: float) -> _Plan:
    going = superfluous(result.stories, share)
    gone = [row for row in result.article_rows() if row["article"] in going]
    return _Plan(
        rest=lambda article: None if article.id in going else article.text,
        rows=left_rows(going),
        changed=len(going),
        paragraphs=sum(row["paragraphs"] for row in gone),
        words=sum(row["words"] for row in gone),
        stayed=staying(result.stories, going),
    )


def left_rows(left: Mapping[str, Left]) -> Iterator[dict[str, Any]]:
    """Yield the lines of stayed.jsonl, and by stories of dropped.jsonl: one an article."""
    return ({"article": article} | one._asdict() for article, one in left.items())


def superfluous(stories: Iterable[Story], share: float = NEARLY_ALL) -> dict[str, Left]:
    """List the articles that go when one of each story is kept, by id.

    Those are, whatever their role, the articles of which the canonical one has that `share`; of
    what it lacks, `Left.added` tells. Versions that a later one takes the place of are no
    exception. An article that another story keeps stays.
    """
    going: dict[str, Left] = {}
    kept = set()
    for story in stories:
        kept.add(story.canonical)
        for member in story.members:
            if member.share_of_member >= share:
                going.setdefault(member.article, _left(story, member))
    return {article: going[article] for article in sorted(going.keys() - kept)}


def staying(stories: Iterable[Story], going: Mapping[str, Left]) -> dict[str, Left]:
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


def dropped(
    result: Clustered, *, least_words: int = LEAST_WORDS, keep_standing: bool = False
) -> tuple[dict[str, list[Drop]], int]:
    """List what goes, by article in order of its text, and count the words of it.

    All members of each cluster go but the canonical one and, with `keep_standing`, those of
    clusters that are boilerplate. Those with fewer than `least_words` words stay where anything
    else of their article does; an article of which they alone would be left loses them too.
    """
    found = [
        (member.article, _drop(cluster, member))
        for cluster in result.clusters
        if not (keep_standing and cluster.boilerplate)
        for member in cluster.members
        if (member.article, member.paragraph)
        != (cluster.canonical.article, cluster.canonical.paragraph)
    ]
    # Most texts are in no cluster: lengths are held of those alone of which something goes.
    going = {drop.text_id for _, drop in found}
    lengths = {text.id: text.words for text in result.texts if text.id in going}
    drops: defaultdict[str, list[Drop]] = defaultdict(list)
    short: defaultdict[str, list[Drop]] = defaultdict(list)
    while found:
        article, drop = found.pop()
        words = lengths[drop.text_id]
        (drops if words >= least_words else short)[article].append(drop._replace(words=words))
    if short:
        for row in result.article_rows():
            lines = short.get(row["article"], [])
            if lines and len(drops[row["article"]]) + len(lines) == row["paragraphs"]:
                drops[row["article"]] += lines
    words = sum(drop.words for going in drops.values() for drop in going)
    return {article: sorted(drops[article]) for article in sorted(drops) if drops[article]}, words


def _drop(cluster: Cluster, member: Version) -> Drop:
    """Return a member that goes, without its length."""
    kept = cluster.canonical
    identical = member.text_id == kept.text_id
    return Drop(
        start=member.start,
        end=member.end,
        paragraph=member.paragraph,
        cluster=cluster.id,
        kept_article=kept.article,
        kept_paragraph=kept.paragraph,
        relation="identical" if identical else "duplicate",
        similarity=round(member.similarity, 4),
        words=0,
        text_id=kept.text_id if identical else member.text_id,  # one string for all copies
        kept_text_id=kept.text_id,
    )


def _drop_rows(
    drops: Mapping[str, Sequence[Drop]], articles: Iterable[Article]
) -> Iterator[dict[str, Any]]:
    for article in articles:
        for drop in drops.get(article.id, ()):
            yield {
                "article": article.id,
                "paragraph": drop.paragraph,
                "start": drop.start,
                "end": drop.end,
                "relation": drop.relation,
                "similarity": drop.similarity,
                "text": article.text[drop.start : drop.end],
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


def rest(article: Article, going: Sequence[Drop]) -> str | None:
    """Return what is left of an article when some of its paragraphs go, or None if it lost all."""
    if not going:
        return article.text
    text = without(article.text, [(drop.start, drop.end) for drop in going])
    return text if text.strip() else None


def _targets(articles: Iterable[Article], roots: Sequence[Path]) -> dict[PurePath, list[Article]]:
    """Group the articles by the file they go to, relative to the output folder."""
    sources: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        sources[article.path or "-"].append(article)
    wanted = (
        _renamed(relative(Path(source), roots), single=len(sources[source]) == 1)
        for source in sorted(sources)
    )
    targets = apart(wanted, (DROPPED, STAYED, ACCOUNT))
    return {
        target: sources[source] for target, source in zip(targets, sorted(sources), strict=True)
    }


def apart(wanted: Iterable[PurePath], reserved: Iterable[str]) -> list[PurePath]:
    """Return the paths, those numbered that an earlier one or a reserved name has already.

    >>> [str(path) for path in apart([PurePath("a.txt"), PurePath("A.txt")], ["clean.json"])]
    ['a.txt', 'A-2.txt']
    """
    taken = set(reserved)  # some systems hold A.txt and a.txt for one file
    found = []
    for path in wanted:
        target, n = path, 1
        while str(target).casefold() in taken:
            n += 1
            target = path.with_name(f"{path.stem}-{n}{path.suffix}")
        taken.add(str(target).casefold())
        found.append(target)
    return found


def relative(source: Path, roots: Sequence[Path]) -> PurePath:
    """Return the path of a file below the given ones; below several with the name of its own."""
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

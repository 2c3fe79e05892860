"""Data frames: a frame of articles in, the same rows out, with what each is a copy of.

Works on frames of pandas, Polars and whatever else narwhals wraps (https://narwhals-dev.github.io),
whose stable interface it uses: nothing here knows one library from the other, and the index of a
pandas frame stays as it is. `pip install 'news-dedup[pandas]'` or `'news-dedup[polars]'`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import dedup
from dedup.errors import DedupError, InputError, Problem, SettingsError
from dedup.metadata.normalise import described, document
from dedup.output.clean import dropped, superfluous
from dedup.readers import articles as read
from dedup.readers.field_names import FIELDS, FieldNames
from dedup.records import Article, Story

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from narwhals.stable.v2.typing import IntoDataFrameT

    from dedup.result import Result

COLUMNS = ("cluster", "story", "canonical", "role", "keep")
"""The columns that `mark` adds."""


class _Mark(NamedTuple):
    """What is known of a row; of one that is alone, the defaults."""

    cluster: str | None = None
    story: str | None = None
    canonical: int | None = None
    role: str | None = None
    keep: bool = True


def mark(
    frame: IntoDataFrameT,
    text: str = "text",
    *,
    id: str | None = None,  # noqa: A002
    fields: Mapping[str, str] | None = None,
    by: Literal["story", "cluster"] = "story",
    prefix: str = "",
    problems: list[Problem] | None = None,
    **settings: Any,
) -> IntoDataFrameT:
    """Return the rows of `frame` in their order, with columns that say what each is a copy of.

    Every row is an article. `text` is the column that holds its text; its title, url, site, date
    and so on are read from the columns of these names, or of those that `fields` gives
    (`{"site": "outlet"}`). `settings` are further arguments of `dedup.scan`, such as `threshold`.

    ===========  ===================================================================================
    `cluster`    id of the cluster that holds the longest of its paragraphs that is in one, or null
    `story`      id of its story, or null
    `canonical`  the row to keep of its story or cluster; itself where it is alone. A row is named
                 by its value in the column `id`, which must hold each value once; without `id` by
                 its number, from 0
    `role`       what it is in its story (see `dedup.records.ROLES`), or null
    `keep`       false where another row that is kept stands for it
    ===========  ===================================================================================

    `by` says what `canonical` and `keep` go by: by "story" rows are articles, as in `dedup clean
    --stories`; by "cluster" they are single paragraphs, captions or the like, and of each cluster
    one row is kept (a row of several paragraphs goes when each of them is kept elsewhere). A row
    with the same text as another at a variant of its address is a copy of it. A row without a text
    is alone and kept. What had to be skipped or mended is added to `problems`, where given.

    Of rows that are equal by every rule the first is kept. `prefix` goes before the names of the
    new columns; a frame that has one of them already is refused.
    Raises `InputError` for what is no frame (a lazy one too) or lacks a column, `SettingsError` for
    arguments without meaning, and `DedupError` if narwhals is not installed.

    >>> import pandas
    >>> rain = "Rain is due in the hills tonight and will last until Sunday, the office said."
    >>> marked = mark(pandas.DataFrame({"text": [rain, "Nothing to do with it.", rain.upper()]}))
    >>> marked["canonical"].tolist(), marked["keep"].tolist()
    ([0, 1, 0], [True, True, False])
    """
    wrapped = _wrapped(frame)
    if by not in ("story", "cluster"):
        raise SettingsError(f"by is {by!r}; it must be 'story' or 'cluster'")
    new = [f"{prefix}{name}" for name in COLUMNS]
    if taken := [name for name in new if name in wrapped.columns]:
        what = f"the frame has a column {taken[0]!r} already"
        raise SettingsError(f"{what}; drop it, or give a prefix for the new ones")
    labels = _labels(wrapped, id)
    told: list[Problem] = [] if problems is None else problems
    marks = _marks(_articles(wrapped, text, fields), by, told, settings)
    return _with(wrapped, dict(zip(COLUMNS, new, strict=True)), marks, labels)


def _wrapped(frame: IntoDataFrameT) -> nw.DataFrame[IntoDataFrameT]:
    try:
        import narwhals.stable.v2 as nw
    except ImportError:
        what = "frames need narwhals, which is not installed"
        raise DedupError(f"{what}; pip install 'news-dedup[pandas]' or [polars]") from None
    try:
        return nw.from_native(frame, eager_only=True)
    except TypeError:
        what = f"{type(frame).__module__}.{type(frame).__name__} is no frame that can be marked"
        remedy = "give one of pandas or Polars, a lazy one collected"
        raise InputError(f"{what}; {remedy}") from None


def _labels(frame: nw.DataFrame[Any], id: str | None) -> list[Any]:  # noqa: A002
    """Return what the column `canonical` calls each row."""
    if id is None:
        return list(range(len(frame)))
    column = _column(frame, id)
    if column.is_null().any() or column.is_duplicated().any():
        what = f"the column {id!r} does not name each row: values are missing or stand twice"
        raise InputError(f"{what}; name another one as id, or none to have numbers of rows")
    return column.to_list()


def _column(frame: nw.DataFrame[Any], name: str) -> nw.Series[Any]:
    if name not in frame.columns:
        known = ", ".join(map(str, frame.columns[:12])) or "none"
        raise InputError(f"the frame has no column {name!r}; its columns: {known}")
    return frame[name]


def _articles(
    frame: nw.DataFrame[Any], text: str, fields: Mapping[str, str] | None
) -> dict[int, dict[str, Any]]:
    """Return the rows that have a text, by number, as what `dedup.scan` reads."""
    names = FieldNames(fields)
    columns = {field: names[field][0] for field in FIELDS} | {"text": text}
    given = {"text", *(fields or ())}
    values = {
        ours: _values(_column(frame, theirs))
        for ours, theirs in columns.items()
        if ours in given or (ours != "id" and theirs in frame.columns)
    }
    width = len(str(len(frame)))  # so that ids sort as rows do: of equal rows the first is kept
    return {
        row: {name: column[row] for name, column in values.items()} | {"id": f"{row:0{width}}"}
        for row, content in enumerate(values["text"])
        if content is not None
    }


def _values(column: nw.Series[Any]) -> list[Any]:
    """Return the values of a column; what pandas calls NA, NaN or NaT is None."""
    pairs = zip(column.to_list(), column.is_null().to_list(), strict=True)
    return [None if missing else value for value, missing in pairs]


def _marks(
    articles: dict[int, dict[str, Any]], by: str, problems: list[Problem], settings: dict[str, Any]
) -> dict[int, _Mark]:
    if not articles:
        return {}
    result = dedup.scan(list(articles.values()), **settings)
    rows = list(articles)
    problems += (_renumbered(problem, rows) for problem in result.problems)
    marks = {int(article.id): _Mark() for article in result.articles}
    _by_cluster(result, marks, chosen=by == "cluster")
    _by_story(result, marks, chosen=by == "story")
    _by_document(result, articles, marks)
    return marks


def _renumbered(problem: Problem, rows: list[int]) -> Problem:
    """Name a row by its number in the frame, where rows without a text count too."""
    item = problem.where.removeprefix("item ")
    known = item != problem.where and item.isdecimal()
    return replace(problem, where=f"row {rows[int(item)]}") if known else problem


def _by_cluster(result: Result, marks: dict[int, _Mark], *, chosen: bool) -> None:
    longest = dict.fromkeys(marks, 0)
    for cluster in result.clusters:
        for member in cluster.members:
            row, length = int(member.article), member.end - member.start
            if length > longest[row]:
                longest[row] = length
                kept = int(cluster.canonical.article) if chosen else None
                marks[row] = _Mark(cluster.id, canonical=kept)
    if not chosen:
        return
    lost = dropped(result, least_words=0)[0]
    for article in result.article_rows():
        row = int(article["article"])
        whole = len(lost.get(article["article"], ())) == article["paragraphs"] > 0
        marks[row] = marks[row]._replace(keep=not whole)


def _by_story(result: Result, marks: dict[int, _Mark], *, chosen: bool) -> None:
    going = superfluous(result.stories)
    for story, article, role in _members(result, going):
        row = int(article)
        marks[row] = marks[row]._replace(story=story.id, role=role)
        if chosen:
            canonical = int(story.canonical)
            marks[row] = marks[row]._replace(canonical=canonical, keep=article not in going)


def _members(result: Result, going: Mapping[str, Any]) -> list[tuple[Story, str, str]]:
    """Return each article of a story with the one story that counts for it.

    That is the story for which it goes, else one that keeps it, else the largest.
    """
    best: dict[str, tuple[int, Story, str, str]] = {}
    for story in result.stories:
        for member in story.members:
            article = member.article
            if article in going:
                rank = int(going[article].story != story.id)
            else:
                rank = int(article != story.canonical)
            if article not in best or rank < best[article][0]:
                best[article] = rank, story, article, member.role
    return [entry[1:] for entry in best.values()]


def _by_document(
    result: Result, articles: dict[int, dict[str, Any]], marks: dict[int, _Mark]
) -> None:
    """Make rows copies that a scan counts as another fetch of the same document."""
    if len(marks) == len(articles):
        return
    known = {_fetch(article): int(article.id) for article in result.articles}
    for row in articles.keys() - marks.keys():
        for article in described(read([articles[row]], problems=[]), []):
            kept = known[_fetch(article)]
            same = marks[kept]
            first = kept if same.canonical is None else same.canonical
            marks[row] = same._replace(canonical=first, role="copy", keep=False)


def _fetch(article: Article) -> tuple[str | None, str | None, str]:
    """Return what is equal in two fetches of one document."""
    return document(article), article.site, " ".join(article.text.split())


def _with(
    frame: nw.DataFrame[IntoDataFrameT],
    names: Mapping[str, str],
    marks: Mapping[int, _Mark],
    labels: list[Any],
) -> IntoDataFrameT:
    import narwhals.stable.v2 as nw

    alone = _Mark()
    rows = [marks.get(row, alone) for row in range(len(frame))]
    kept = [row if one.canonical is None else one.canonical for row, one in enumerate(rows)]
    columns: dict[str, tuple[list[Any], Any]] = {
        name: ([getattr(one, name) for one in rows], nw.Boolean if name == "keep" else nw.String)
        for name in COLUMNS
    }
    columns["canonical"] = [labels[row] for row in kept], None
    new = [
        nw.new_series(names[name], values, dtype, backend=frame.implementation)
        for name, (values, dtype) in columns.items()
    ]
    return frame.with_columns(*new).to_native()

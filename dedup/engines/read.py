"""What executors do to read: files or rows of a frame to articles, each of them once.

The rules are those of `dedup.readers` and `dedup.metadata.normalise`. What they say of one article
is done to each row, what they say of articles that are one document, or have one id, to the rows
that a shuffle has brought together.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup import readers
from dedup.engines.articles import Rows, Summed, problem
from dedup.engines.tasks import enter
from dedup.errors import Problem
from dedup.metadata import normalise
from dedup.readers import arrow, unique_ids
from dedup.readers.article_builder import Items
from dedup.readers.discover import Finder, Found
from dedup.readers.field_names import FieldNames, Given
from dedup.readers.per_file import FileProblems
from dedup.records import Article, ReadFile, as_row

if TYPE_CHECKING:
    import pyarrow as pa

FRAME = "the frame"
"""How a `Problem` names where the rows of a frame come from."""

_Batches = Iterable["pa.RecordBatch"]


def packed(files: Sequence[Found]) -> bytes:
    """Return some files as the driver sends them to a task."""
    return pickle.dumps(list(files))


def read_files(
    batches: _Batches, folder: Path, site: str | None, given: Given | None, page_seconds: float
) -> Iterator[pa.RecordBatch]:
    """Read the files that the driver has `packed` in a column of one; rows of `READ`.

    Their paths begin in `folder`.
    """
    enter(folder)
    fields, kinds, rows = FieldNames(given), readers.Kinds(), _Ready()
    for batch in batches:
        for task in batch.column(0).to_pylist():
            for found in pickle.loads(task):
                problems: list[Problem] = []
                files: list[ReadFile] = []
                articles = readers.of_file(
                    found,
                    site=site,
                    fields=fields,
                    problems=problems,
                    kinds=kinds,
                    page_seconds=page_seconds,
                    files=files,
                )
                for article in articles:
                    yield from rows.article(article)
                for told in problems:
                    rows.tell(problem(told))
                for file in files:
                    rows.tell({"file": as_row(file)})
    rows.tell({"unmet": fields.unmet, "known": kinds.known, "others": dict(kinds.others)})
    yield from rows.ended()


def read_frame(
    batches: _Batches, site: str | None, given: Given | None
) -> Iterator[pa.RecordBatch]:
    """Make articles of the rows of a frame, whose columns are those that are read."""
    problems = FileProblems(FRAME)
    fields, rows = FieldNames(given), _Ready()
    items = Items(problems, fields, site)
    for batch in batches:
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        for record in arrow.records(columns, FRAME, problems):
            article = items.article(record, FRAME)
            if article is not None:
                yield from rows.article(article)
    for told in problems.told():
        rows.tell(problem(told))
    rows.tell({"unmet": fields.unmet})
    yield from rows.ended()


class Said:
    """What executors told, put together as a scan on one machine says it."""

    def __init__(self, given: Given | None, finder: Finder | None) -> None:
        self.files: list[ReadFile] = []
        """The files that were read, in order of their paths."""
        self._finder = finder
        self._fields = FieldNames(given)
        self._kinds = readers.Kinds()
        self._problems: list[Problem] = []
        self._about = {kind: Summed(kind) for kind in ("front page", "variant", "again")}

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take in what was told."""
        for kind, summed in self._about.items():
            if kind in told:
                some = [Article(**one) for one in told[kind]["some"]]
                summed.plus(told[kind]["count"], some)
        if "problem" in told:
            self._problems.append(Problem(**told["problem"]))
        if "file" in told:
            self.files.append(ReadFile(**told["file"]))
            self.files.sort(key=lambda file: file.path)
        if "unmet" in told:
            self._fields.also(told["unmet"])
        self._kinds.known += told.get("known", 0)
        self._kinds.others.update(told.get("others", {}))

    def problems(self) -> list[Problem]:
        """Return all that there is to tell of reading."""
        found = [*self._problems, *self._fields.missed()]
        if self._finder is not None:
            found += self._kinds.complaints(self._finder)
        ways = (normalise.ignored, normalise.variants, unique_ids.repeated)
        for say, summed in zip(ways, self._about.values(), strict=True):
            if summed.count:
                found.append(say(summed.some(), summed.count))
        return found


class _Ready(Rows):
    """Gathers articles that were read, each put in order by itself."""

    def __init__(self) -> None:
        super().__init__()
        self._ignored = Summed("front page")

    def article(self, article: Article) -> Iterator[pa.RecordBatch]:
        """Add an article; yield a batch when there is enough."""
        ignored: list[Article] = []
        yield from super().article(normalise.in_order(article, ignored))
        self._ignored.plus(len(ignored), ignored)

    def ended(self) -> Iterator[pa.RecordBatch]:
        """Yield what is left, and what is told of all."""
        yield from self.rest()
        yield from self._ignored.rows()

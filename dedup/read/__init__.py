"""Reading: from files, standard input or Python objects to articles.

A format is a small module with a function `read`, a `dedup.read.source.Reader`, and one line in
`READERS`. Compression, encodings, ids and bad files are seen to here and below.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from dedup.document import Article
from dedup.errors import Problem
from dedup.progress import Progress, Silent
from dedup.read import jsonl, text
from dedup.read.find import Finder, Found, unreadable, visible
from dedup.read.ids import distinct_ids
from dedup.read.opening import opened, sniffed
from dedup.read.records import FIELDS, Records, counted, kind, mapped
from dedup.read.source import Reader, Source, UnreadableError
from dedup.read.streams import COMPRESSIONS

__all__ = ["READERS", "articles", "distinct_ids", "read"]

READERS: dict[str, Reader] = {
    ".jsonl": jsonl.read,
    ".md": text.read,
    ".ndjson": jsonl.read,
    ".txt": text.read,
}
"""What reads a file, by the suffix of its name in small letters (without that of a compression)."""

_SILENT = Silent()


def read(
    paths: Iterable[str | os.PathLike[str]],
    *,
    site: str | None = None,
    fields: Mapping[str, str] | None = None,
    problems: list[Problem],
    progress: Progress = _SILENT,
) -> Iterator[Article]:
    """Read articles one by one from files, folders and, for `-`, standard input.

    `site` is for articles that name none; by default that is the first folder under the given one.
    `fields` says which field of a record holds what: `{"text": "body"}`. Whatever cannot be read is
    added to `problems`, and reading goes on. Ids may repeat; see `distinct_ids`.
    Raises `SettingsError` for an unknown key in `fields`.
    """
    mapped(fields)
    return _read([os.fspath(path) for path in paths], site, fields, problems, progress)


def articles(
    items: Iterable[Article | Mapping[str, Any] | str],
    *,
    fields: Mapping[str, str] | None = None,
    problems: list[Problem],
) -> Iterator[Article]:
    """Make articles of Python objects: texts, mappings with fields as in JSON lines, or articles.

    An item without an id gets its number, from 0. One that is no article is added to `problems`.
    Raises `SettingsError` for an unknown key in `fields`.

    >>> [(a.id, a.text) for a in articles(["Rain.", {"id": "b", "text": "Sun."}], problems=[])]
    [('0', 'Rain.'), ('b', 'Sun.')]
    """
    mapped(fields)
    return _articles(items, fields, problems)


def _read(
    paths: list[str],
    site: str | None,
    fields: Mapping[str, str] | None,
    problems: list[Problem],
    progress: Progress,
) -> Iterator[Article]:
    progress.stage("read", None)
    finder = Finder(paths, problems)
    unknown = known = 0
    for found in finder:
        reader, suffix = _reader(found.path)
        if reader is None and not found.piped:
            unknown += 1
            if found.given:
                problems.append(_no_reader(found.path))
            continue
        known += 1
        source = Source(found.name, visible(found.path), site or found.folder, fields)
        for article in _from(found, source, reader, suffix, problems):
            progress.advance(1)
            yield article
    if finder.folders and not known:
        problems.append(_nothing(finder.folders, unknown, finder.passed))


def _from(
    found: Found, source: Source, reader: Reader | None, suffix: str, problems: list[Problem]
) -> Iterator[Article]:
    """Give the articles of one file; what makes it end early becomes a problem."""
    try:
        with opened(found, suffix) as stream:
            if reader is None:
                piped, looks_like = sniffed(stream)
                yield from READERS[looks_like](piped, source, problems)
            else:
                yield from reader(stream, source, problems)
    except UnreadableError as error:
        problems.append(Problem(source.path, error.what, error.remedy))
    except OSError as error:
        problems.append(unreadable(found.path, error))


def _reader(path: str) -> tuple[Reader | None, str]:
    """Find what reads a file and the suffix of its compression, both by its name."""
    name = PurePath(path.lower())
    if name.suffix not in COMPRESSIONS:
        return READERS.get(name.suffix), ""
    return READERS.get(PurePath(name.stem).suffix), name.suffix


def _no_reader(path: str) -> Problem:
    what = f"nothing here reads this kind of file; known are {_known()}"
    return Problem(visible(path), what, "rename it, or pipe it in: dedup scan - < FILE")


def _nothing(folders: list[str], unknown: int, passed: int) -> Problem:
    where = ", ".join(visible(folder) for folder in folders[:3]) + (", ..." if folders[3:] else "")
    others = f"{counted(unknown, 'file')} of other kinds, {passed:,} hidden or not for reading"
    what = f"no file here can be read ({others})" if unknown or passed else "the folder is empty"
    return Problem(where, what, f"give files that end in {_known()}")


def _known() -> str:
    return f"{', '.join(READERS)}, also with {', '.join(COMPRESSIONS)}"


def _articles(
    items: Iterable[Article | Mapping[str, Any] | str],
    fields: Mapping[str, str] | None,
    problems: list[Problem],
) -> Iterator[Article]:
    records, ours = Records(problems, fields), Records(problems)
    for number, item in enumerate(items):
        where = f"item {number}"
        article: Article | None = None
        if isinstance(item, str):
            article = ours.article({"text": item}, str(number), where)
        elif isinstance(item, Mapping):
            article = records.article(item, str(number), where)
        elif isinstance(item, Article):
            article = ours.article(
                {name: getattr(item, name) for name in FIELDS}, str(number), where
            )
            article = article and replace(article, path=item.path)
        else:
            what = f"it is {kind(item)}, and no article"
            problems.append(Problem(where, what, "give an Article, a mapping or a string"))
        if article is not None:
            yield article

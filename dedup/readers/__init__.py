"""Reading: from files, standard input or Python objects to articles.

A format is a small module with a function `read`, a `dedup.readers.protocol.Reader`, and one line
in `dedup.readers.formats`. Compression, encodings, ids and bad files are seen to here and below.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from dedup.errors import InputError, Problem, SettingsError
from dedup.progress import Progress, Silent
from dedup.readers.article_builder import Items, counted, kind
from dedup.readers.compression import COMPRESSIONS
from dedup.readers.discover import Finder, Found, unreadable, visible
from dedup.readers.field_names import FieldNames, Given
from dedup.readers.files_read import FilesRead
from dedup.readers.formats import READERS
from dedup.readers.per_file import FileProblems, bounded, failed
from dedup.readers.protocol import Page, Source, UnreadableError
from dedup.readers.remote import is_remote
from dedup.readers.sniff import named, opened
from dedup.readers.unique_ids import distinct_ids
from dedup.records import Article, ReadFile
from dedup.settings import Settings

__all__ = ["READERS", "Kinds", "articles", "distinct_ids", "from_source", "of_file", "read"]

PAGE_SECONDS = Settings().page_seconds
"""Most seconds for one page where nothing else is said."""
KINDS = 12
"""Kinds of files that are named of those that were passed by; the others are counted."""
NO_SUFFIX = "without a suffix"

_SILENT = Silent()


def read(
    paths: Iterable[str | os.PathLike[str]],
    *,
    site: str | None = None,
    fields: Given | None = None,
    problems: list[Problem],
    progress: Progress = _SILENT,
    workers: int = 0,
    choose: Callable[[Found], Found | None] | None = None,
    page_seconds: float = PAGE_SECONDS,
    files: list[ReadFile] | None = None,
) -> Iterator[Article]:
    """Read articles one by one from files, folders and, for `-`, standard input.

    `site` is for articles that name none; by default that is the first folder under the given one.
    `fields` says which field of a record holds what: `{"text": "body"}`, several by
    `{"text": ["body", "content"]}`, those of one kind of file by `{"csv:text": "words"}`; one that
    no record has is a problem. Whatever cannot be read is
    added to `problems`, and reading goes on. Ids may repeat; see `distinct_ids`. Pages of HTML are
    extracted in that many processes, `workers`; 0 means one for each core; one may take as long as
    `page_seconds`. `choose` is asked of each file just before it is opened: None passes it by, and
    it may give it another name. At the end `files` has all that were opened.
    Raises `SettingsError` for an unknown key in `fields`, and a `site` that is no name.
    """
    if not isinstance(site, str | None):
        raise SettingsError(f"site is {site!r}; it must be a name")
    names = FieldNames(fields)
    log = None if files is None else FilesRead()
    items = _read([os.fspath(path) for path in paths], site, names, problems, choose, log)
    found = _told(_extracted(items, problems, workers, page_seconds), progress)
    return found if log is None or files is None else _logged(found, log, files, problems)


@dataclass
class Kinds:
    """How many files there was a reader for, and how many others by their kind."""

    known: int = 0
    others: Counter[str] = field(default_factory=Counter)

    def complaints(self, finder: Finder) -> list[Problem]:
        """Return what there is to tell of the files that a finder found."""
        if finder.folders and not self.known:
            return [_nothing(finder.folders, self.others, finder.passed)]
        return [_passed_by(finder.folders, self.others)] if self.others else []


def of_file(
    found: Found,
    *,
    site: str | None,
    fields: FieldNames,
    problems: list[Problem],
    kinds: Kinds,
    page_seconds: float = PAGE_SECONDS,
    files: list[ReadFile],
) -> Iterator[Article]:
    """Read the articles of one file, as `read` does; at the end `files` has its line.

    What can only be told of all files is left to the caller: `fields.missed` and
    `kinds.complaints`.
    """
    log = FilesRead()
    articles = _extracted(_file(found, site, fields, problems, kinds), problems, 1, page_seconds)
    before = len(problems)
    yield from log.counting(articles)
    log.note(found)
    files += log.all(problems[before:])


def articles(
    items: Iterable[Article | Mapping[str, Any] | str],
    *,
    fields: Given | None = None,
    problems: list[Problem],
) -> Iterator[Article]:
    """Make articles of Python objects: texts, mappings with fields as in JSON lines, or articles.

    An item without an id gets its number, from 0. One that is no article is added to `problems`.
    Raises `SettingsError` for an unknown key in `fields`.

    >>> [(a.id, a.text) for a in articles(["Rain.", {"id": "b", "text": "Sun."}], problems=[])]
    [('0', 'Rain.'), ('b', 'Sun.')]
    """
    return _articles(items, FieldNames(fields), problems)


def from_source(
    source: Any,
    *,
    site: str | None,
    fields: Given | None,
    problems: list[Problem],
    progress: Progress,
    workers: int,
    page_seconds: float = PAGE_SECONDS,
    files: list[ReadFile] | None = None,
) -> Iterator[Article]:
    """Read what `dedup.scan` takes: a path, several paths, or articles.

    The arguments are those of `read`. Raises `InputError` for what can hold neither.
    """
    paths = _paths(source)
    if paths is None:
        return articles(source, fields=fields, problems=problems)
    return read(
        paths,
        site=site,
        fields=fields,
        problems=problems,
        progress=progress,
        workers=workers,
        page_seconds=page_seconds,
        files=files,
    )


def _paths(source: Any) -> list[str] | None:
    """Return the paths that a source names, or None when it holds articles.

    Raises `InputError` for a source that can hold neither.
    """
    if isinstance(source, str | os.PathLike):
        return [os.fspath(source)]
    if isinstance(source, bytes | Mapping | Article) or not isinstance(source, Iterable):
        what = f"nothing to scan: the source is {kind(source)}"
        raise InputError(f"{what}; give a path, or a list of paths, articles, mappings or texts")
    if not isinstance(source, list | tuple):
        return None
    if not all(isinstance(item, str | os.PathLike) for item in source):
        return None
    # A list of strings may be paths or texts; the file system tells ("-" may stand for no text).
    return [os.fspath(item) for item in source] if any(map(_is_path, source)) else None


def _is_path(item: str | os.PathLike[str]) -> bool:
    if isinstance(item, os.PathLike):
        return True
    if is_remote(item):
        return True
    return os.path.exists(item)  # noqa: PTH110 - Path.exists raises for long texts


def _logged(
    found: Iterator[Article], log: FilesRead, files: list[ReadFile], problems: list[Problem]
) -> Iterator[Article]:
    before = len(problems)
    yield from log.counting(found)
    files += log.all(problems[before:])


def _told(found: Iterator[Article], progress: Progress) -> Iterator[Article]:
    progress.stage("read", None)
    for article in found:
        progress.advance(1)
        yield article


def _extracted(
    items: Iterator[Article | Page], problems: list[Problem], workers: int, page_seconds: float
) -> Iterator[Article]:
    """Make articles of pages; where there is no page, nothing is loaded or started for it."""
    for item in items:
        if isinstance(item, Article):
            yield item
            continue
        from dedup.readers.extract import extracted

        yield from extracted(chain([item], items), problems, workers, page_seconds)


def _read(
    paths: list[str],
    site: str | None,
    fields: FieldNames,
    problems: list[Problem],
    choose: Callable[[Found], Found | None] | None,
    log: FilesRead | None,
) -> Iterator[Article | Page]:
    finder = Finder(paths, problems)
    kinds = Kinds()
    for one in finder:
        found = choose(one) if choose else one
        if found is None:
            kinds.known += 1
            continue
        try:
            yield from _file(found, site, fields, problems, kinds)
        finally:
            if log is not None:
                log.note(found)
    problems += fields.missed()
    problems += kinds.complaints(finder)


def _file(
    found: Found, site: str | None, fields: FieldNames, problems: list[Problem], kinds: Kinds
) -> Iterator[Article | Page]:
    kind_ = named(found.path)[0]
    names = fields.of(kind_)
    source = Source(found.name, visible(found.path), site or found.folder, names)
    own = FileProblems(source.path)
    try:
        with opened(found, READERS, names["text"]) as (stream, suffix):
            if suffix not in ("", kind_):
                source = replace(source, fields=fields.of(suffix))
            if suffix:
                kinds.known += 1
                yield from bounded(READERS[suffix](stream, source, own), found.size())
            elif found.given:
                own.append(_no_reader(found.path))
            else:
                kinds.others[kind_ or NO_SUFFIX] += 1
    except UnreadableError as error:
        own.append(Problem(source.path, error.what, error.remedy))
    except OSError as error:
        own.append(unreadable(found.path, error))
    except Exception as error:  # a fault here, which no file may turn into the end of a run
        own.append(failed(source.path, error))
    finally:
        problems += own.told()


def _no_reader(path: str) -> Problem:
    what = f"nothing here reads this kind of file; known are {_known()}"
    remedy = "if it is text, rename it or pipe it in: dedup scan - < FILE"
    return Problem(visible(path), what, remedy)


def _nothing(folders: list[str], unknown: Counter[str], passed: int) -> Problem:
    number = unknown.total()
    kinds = f": {_kinds(unknown)}" if unknown else ""
    others = f"{counted(number, 'file')} of other kinds{kinds}; {passed:,} hidden or not to be read"
    what = f"no file here can be read ({others})" if number or passed else "the folder is empty"
    return Problem(_shown(folders), what, f"give files that end in {_known()}", bool(number))


def _passed_by(folders: list[str], unknown: Counter[str]) -> Problem:
    number = unknown.total()
    what = f"{counted(number, 'file')} of other kinds passed by: {_kinds(unknown)}"
    return Problem(_shown(folders), what, "nothing, if they are no articles", False, number)


def _shown(folders: list[str]) -> str:
    return ", ".join(visible(folder) for folder in folders[:3]) + (", ..." if folders[3:] else "")


def _kinds(unknown: Counter[str]) -> str:
    kinds = sorted(unknown.items(), key=lambda kind: (-kind[1], kind[0]))
    named = [f"{number:,} {visible(kind)}" for kind, number in kinds[:KINDS]]
    return ", ".join([*named, *([f"{len(kinds) - KINDS:,} more kinds"] if kinds[KINDS:] else [])])


def _known() -> str:
    return f"{', '.join(READERS)}, also with {', '.join(COMPRESSIONS)}"


def _articles(
    items: Iterable[Article | Mapping[str, Any] | str],
    fields: FieldNames,
    problems: list[Problem],
) -> Iterator[Article]:
    reader = Items(problems, fields)
    for number, item in enumerate(items):
        article = reader.article(item, f"item {number}", str(number))
        if article is not None:
            yield article
    problems += fields.missed()

"""What the commands `dedup index ...` do between their options and their exit codes."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any, cast

import click

from dedup.cli.ingest import Intake, SettleEvery, Taken
from dedup.cli.json_lines import answers, line, row
from dedup.errors import InputError, Problem
from dedup.index.answers import Found
from dedup.index.index import Index
from dedup.output.protocol import many
from dedup.output.writer import encoded
from dedup.progress import shown
from dedup.readers import PAGE_SECONDS, read
from dedup.readers.field_names import Given
from dedup.records import Article, as_row
from dedup.terminal.summary import list_problems

Fields = Given | None

_REST = "`dedup scan` lists all of them"


@contextmanager
def writing(index: str, wait: float) -> Iterator[Index]:
    """Open an index for writing, after at most `wait` seconds; one that is not there is refused."""
    Index(index, read_only=True).close()  # for writing it would be made
    with Index(index, wait=wait) as opened:
        yield opened


def add(
    opened: Index,
    paths: tuple[str, ...],
    folder: str | None,
    *,
    site: str | None,
    fields: Fields,
    quiet: bool,
    as_json: bool,
    page_seconds: float = PAGE_SECONDS,
    place: Path | None = None,
    settle_every: int = 0,
) -> bool:
    """Take the paths, then what comes into the folder, and print counts; say if all was taken."""
    listed = 0

    def tell(taken: Taken) -> None:
        nonlocal listed
        progress.done()
        if not quiet:
            list_problems(taken.problems[listed:], _REST)
        listed = len(taken.problems)
        if not quiet and not as_json:
            click.echo(_account(taken))
            sys.stdout.flush()

    with shown(quiet=quiet) as progress, _ending(folder) as ended:
        intake = Intake(
            opened,
            site=site,
            fields=fields,
            progress=progress,
            ended=ended,
            page_seconds=page_seconds,
            folder=place,
            came=SettleEvery(opened, settle_every, progress),
        )
        taken = intake.taken
        if paths:
            intake.take(paths)
            if not (taken.articles or taken.seen or taken.passed or ended()):
                reasons = "; ".join(map(str, taken.problems[:3])) or "the input is empty"
                raise InputError(f"nothing to add: {reasons}")
            tell(taken)
        if folder:
            intake.watch(folder, tell)
    if as_json:
        counts = asdict(taken) | {"problems": len(taken.problems), "skipped": taken.skipped}
        print_json(counts)
    return not taken.skipped


def _account(taken: Taken) -> str:
    seen = f", {taken.seen:,} were in already" if taken.seen else ""
    passed = f", {many(taken.passed, 'file')} passed by as taken before" if taken.passed else ""
    revised = f", {many(taken.revisions, 'revision')} among them" if taken.revisions else ""
    texts = many(taken.texts, "new text")
    return (
        f"read     {many(taken.files, 'file')}{passed}\n"
        f"added    {many(taken.articles, 'article')}{revised}{seen}; {texts}"
    )


@contextmanager
def _ending(folder: str | None) -> Iterator[Callable[[], bool]]:
    """Have the first Ctrl-C or SIGTERM, while a folder is watched, asked for instead of raised."""
    ended = False
    numbers = (signal.SIGINT, signal.SIGTERM) if folder else ()
    before = {number: signal.getsignal(number) for number in numbers}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ended
        ended = True
        restore()  # the second one ends it at once

    for number in before:
        signal.signal(number, end)
    try:
        yield lambda: ended
    finally:
        restore()


def query(
    opened: Index,
    paths: tuple[str, ...],
    *,
    site: str | None,
    fields: Fields,
    quiet: bool,
    as_json: bool,
) -> bool:
    """Print what an index has of the articles in files; say if all of them could be read."""
    problems: list[Problem] = []
    article = None
    for article in read(paths, site=site, fields=fields, problems=problems):
        found = opened.query(article)
        if as_json:
            print_json(row(found))
        elif not quiet:
            click.echo(line(found))
    if article is None:
        raise InputError(f"nothing to ask: {'; '.join(map(str, problems[:3])) or 'no article'}")
    if not quiet:
        list_problems(problems, _REST)
    return not any(problem.skipped for problem in problems)


def converse(
    ask: Callable[[Article], Found],
    *,
    site: str | None,
    fields: Fields,
    told: Callable[[int], None] = lambda _: None,
) -> bool:
    """Answer each line of standard input with one of standard output; say if all were articles.

    `told` is called with the number of an article that was claimed, when its line is written.
    """
    whole = True
    stream = cast(io.BufferedReader, sys.stdin.buffer)
    for answer in answers(stream, ask, site=site, fields=fields):
        whole = whole and "error" not in answer
        print_json(answer)
        sys.stdout.flush()
        if answer.get("claimed"):
            told(answer["number"])
    return whole


def settling(opened: Index, every: int) -> Callable[[Article], Found]:
    """Return what claims an article, and settles the index each time `every` of them have come."""
    came = SettleEvery(opened, every)

    def add(article: Article) -> Found:
        found = opened.claim(article)
        came(not found.seen)
        return found

    return add


def get(opened: Index, id_: str) -> bool:
    """Print an article as it is stored; say if it is in."""
    stored = opened.get(id_)
    if stored is None:
        click.echo(f"dedup: {id_}: no such article is in", err=True)
        return False
    print_json({**as_row(stored.article), "number": stored.seq, "revision": stored.revision})
    return True


def flat(counts: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """Yield names and values of counts, those of inner mappings with the outer name before them.

    >>> list(flat({"articles": 2, "bytes": {"in_log": 3}}))
    [('articles', 2), ('bytes in log', 3)]
    """
    for name, value in counts.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{within}{name} ")
        else:
            yield f"{within}{name}".replace("_", " "), value


def print_json(value: Mapping[str, Any]) -> None:
    """Print an object on one line."""
    sys.stdout.buffer.write(encoded(value))

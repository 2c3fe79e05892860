"""The commands `dedup index ...` that tell what is in an index, and change articles of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from dedup.cli.options import SKIPPED, counts_as_json, index_argument, wait_option

if TYPE_CHECKING:
    from dedup.index.index import Index


@click.command()
@index_argument
@counts_as_json
def stats(index: str, as_json: bool) -> None:
    """Say what an index holds and how much room it takes.

    Counts articles, revisions, distinct texts, postings and bytes on disk, and gives the settings
    that the index was made with. Nothing is read but the counters, so it takes no time.

    \b
    Examples:
      dedup index stats news.index
      dedup index stats news.index --json
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        counts = opened.stats()
    if as_json:
        jobs.print_json(counts)
        return
    for name, value in jobs.flat(counts):
        click.echo(f"{name:<28}{value:>16,}" if isinstance(value, int) else f"{name:<28}{value}")


@click.command()
@index_argument
def metrics(index: str) -> None:
    """Print how an index stands, as Prometheus reads it.

    Sizes, articles taken out, claims, the last settling and what came since: for the textfile
    collector of the node exporter, or a job that pushes. Latencies and hits are counted by the
    process that asks: `dedup.Index.metrics` there.

    \b
    Examples:
      dedup index metrics news.index > /var/lib/node_exporter/dedup.prom
    """  # noqa: D301  # click reads the backspace
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        click.echo(opened.metrics(), nl=False)


@click.command()
@index_argument
@click.option(
    "--since",
    default=0,
    type=click.IntRange(0),
    metavar="NUMBER",
    help="Print the events with higher numbers than this. Higher prints fewer.",
)
def events(index: str, since: int) -> None:
    """Print what happened in an index, one JSON object a line.

    Each has its number (`sequence`), its `kind` and its `data`. Remember the last number, and give
    it as --since the next time.

    \b
    Examples:
      dedup index events news.index --since 1200 | jq -c 'select(.kind == "removed")'
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        for event in opened.since(since):
            jobs.print_json({"sequence": event.sequence, "kind": event.kind, "data": event.data})


@click.command()
@index_argument
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
def get(index: str, ids: tuple[str, ...]) -> int:
    """Print articles as they are stored.

    One JSON object a line: the fields of the last revision, its number and revision. The text is
    there if the index keeps texts. The exit code is 5 if an id is not in.

    \b
    Examples:
      dedup index get news.index northline/ferry-aground.txt
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        whole = [jobs.get(opened, id_) for id_ in ids]
    return 0 if all(whole) else SKIPPED


@click.command()
@index_argument
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@wait_option
def remove(index: str, ids: tuple[str, ...], wait: float) -> int:
    """Take articles out of an index, with all their revisions.

    No answer names them from then on; `dedup index compact` takes them off the disk. The exit code
    is 5 if an id is not in.

    \b
    Examples:
      dedup index remove news.index northline/ferry-aground.txt
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs

    with jobs.writing(index, wait) as opened:
        done = {id_: opened.remove(id_) for id_ in ids}
    for id_, was_in in done.items():
        click.echo(f"{'removed' if was_in else 'not in '}  {id_}")
    return 0 if all(done.values()) else SKIPPED


@click.command()
@index_argument
def claims(index: str) -> None:
    """Print what jobs were handed and have not acknowledged.

    One JSON object a line, the earliest first: the `number` of the article, its id, `since` when it
    was claimed (seconds since 1970), and what was said of it then. An article that stays here was
    handed to a job that died; it is told again when it comes again (see docs/incremental.md).

    \b
    Examples:
      dedup index claims news.index
      dedup index claims news.index | jq .number | xargs dedup index done news.index
    """  # noqa: D301  # click reads the backspace
    from dedup.cli import index_commands as jobs
    from dedup.index.index import Index

    with Index(index, read_only=True) as opened:
        for claim in opened.claims():
            jobs.print_json(claim._asdict())


_NUMBERS = click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True, type=int)


@click.command()
@index_argument
@_NUMBERS
@wait_option
def done(index: str, numbers: tuple[int, ...], wait: float) -> int:
    """Acknowledge articles that were claimed: they were handed on.

    They are not told again, and copies of them are known from now on. For a job that died after its
    work and before it said so: look which articles reached their end, and acknowledge these. NUMBER
    is that of the article in `dedup index claims`. The exit code is 5 if one is not claimed.

    \b
    Examples:
      dedup index done news.index 4711 4712
    """  # noqa: D301  # click reads the backspace
    return _with_claims(index, numbers, wait, "done", lambda opened: opened.done)


@click.command()
@index_argument
@_NUMBERS
@wait_option
def release(index: str, numbers: tuple[int, ...], wait: float) -> int:
    """Give claims back: the articles were handed on to nobody.

    Each is told again, as it was told first, when it comes the next time, to whatever job; nobody
    waits until the claim has run out. For articles that a dead job never got to. NUMBER and the
    exit code are as for `dedup index done`.

    \b
    Examples:
      dedup index claims news.index | jq .number | xargs dedup index release news.index
    """  # noqa: D301  # click reads the backspace
    return _with_claims(index, numbers, wait, "released", lambda opened: opened.release)


def _with_claims(
    index: str,
    numbers: tuple[int, ...],
    wait: float,
    told: str,
    call: Callable[[Index], Callable[..., None]],
) -> int:
    """Acknowledge claims or give them back; print what was `told` of each."""
    from dedup.cli import index_commands as jobs

    with jobs.writing(index, wait) as opened:
        claimed = {claim.number for claim in opened.claims()}
        call(opened)(*numbers)
    for number in numbers:
        click.echo(f"{told if number in claimed else 'not claimed'}  {number}")
    return 0 if claimed.issuperset(numbers) else SKIPPED

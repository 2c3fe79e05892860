"""The options of `dedup show` that say what is listed, and which of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import Command
from dedup.records import RELATIONS

if TYPE_CHECKING:
    from dedup.output.filters import Filter

_OPTIONS = (
    click.option("--passages", "what", flag_value="passages", help="List reused passages."),
    click.option("--clusters", "what", flag_value="clusters", help="List clusters of paragraphs."),
    click.option("--sites", "what", flag_value="sites", help="List who runs whose text."),
    click.option(
        "--within", "within", flag_value="within", help="What stands twice in one article."
    ),
    click.option("--across", "within", flag_value="across", help="What several articles share."),
    click.option(
        "--relation",
        "relations",
        multiple=True,
        type=click.Choice(RELATIONS),
        help="Passages of this relation. May be given several times.",
    ),
    click.option(
        "--least-words",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="With so many words at least: that a passage shares, a cluster's text has, or other "
        "articles repeat of a story.",
    ),
    click.option(
        "--site",
        "sites",
        multiple=True,
        metavar="NAME",
        help="In articles of this site. May be given several times.",
    ),
    click.option("--agency", metavar="NAME", help="In articles that credit this agency."),
    click.option(
        "--since",
        metavar="DAY",
        help="In articles published on this day or later: 2025-10-14, 2025-10 or 2025. Articles "
        "without a date are left out.",
    ),
    click.option("--until", metavar="DAY", help="In articles published on this day or earlier."),
)


def list_options(command: Command) -> Command:
    """Add the options that choose what `dedup show` lists."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def listed(
    *, what: str | None, within: str | None, relations: tuple[Any, ...], **asked: Any
) -> tuple[str | None, Filter]:
    """Return what is listed, and which of it: who asks for relations or scopes wants passages."""
    from dedup.output.filters import Filter

    if what is None and (within or relations):
        what = "passages"
    wanted = {None: None, "within": True, "across": False}[within]
    return what, Filter(relations=relations, within=wanted, **asked)

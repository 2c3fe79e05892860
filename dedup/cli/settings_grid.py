"""`dedup scan --grid`: how what is found moves with a setting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from dedup.errors import SettingsError
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.errors import Problem
    from dedup.progress import Progress

COUNTS = (
    "stories",
    "story_articles",
    "clusters",
    "repeated_paragraphs",
    "matches",
    "within-article",
    "duplicate",
    "passage",
    "rewrite",
    "quote",
    "template",
)
"""What is counted for each value: fields of summary.json, a scope, and relations."""

MOST_VALUES = 12
"""Values that are tried; each is a whole scan."""


def values_of(grid: str, settings: Settings) -> list[Settings]:
    """Make the settings of a grid, such as `threshold=0.3,0.5,0.7`, in the order given.

    Raises `SettingsError` for a name that is no setting with numbers, and for a value without
    meaning.

    >>> [one.threshold for one in values_of("threshold=.3,.7", Settings())]
    [0.3, 0.7]
    """
    name, equals, values = grid.partition("=")
    name = name.strip().replace("-", "_")
    kinds = {
        f.name: type(f.default) for f in fields(Settings) if isinstance(f.default, int | float)
    }
    parts = [part.strip() for part in values.split(",") if part.strip()]
    if name not in kinds or not equals or not parts:
        raise SettingsError(
            f"--grid is {grid!r}; write NAME=VALUE,VALUE with a NAME of {', '.join(sorted(kinds))}"
        )
    if len(parts) > MOST_VALUES:
        raise SettingsError(f"--grid has {len(parts)} values; {MOST_VALUES} are tried at most")
    found = []
    for part in parts:
        try:
            number = kinds[name](part)
        except ValueError:
            raise SettingsError(f"--grid: {part!r} is no number that {name} can be") from None
        turned: dict[str, Any] = {name: number}
        found.append(replace(settings, **turned))
    return found


def tried(
    paths: Sequence[str], grid: str, arguments: dict[str, Any], progress: Progress
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Scan once for each value; return a row of counts for each, and what could not be read.

    The articles are read once.
    """
    import dedup
    from dedup import readers
    from dedup.readers.remote import as_given

    every = values_of(grid, arguments["settings"])
    name = grid.partition("=")[0].strip().replace("-", "_")
    problems: list[Problem] = []
    articles = list(
        readers.from_source(
            as_given(paths),
            site=arguments["site"],
            fields=arguments["fields"],
            problems=problems,
            progress=progress,
            workers=every[0].workers,
        )
    )
    rows = []
    for settings in every:
        result = dedup.scan(articles, settings, outlets=arguments["outlets"], progress=progress)
        summary = result.summary
        counts = {**summary, **summary["scopes"], **summary["relations"]}
        rows.append({name: getattr(settings, name), **{count: counts[count] for count in COUNTS}})
    return rows, problems


def lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the table of a grid, a column for each value.

    >>> list(lines([{"threshold": 0.3, "stories": 12}, {"threshold": 0.7, "stories": 4}]))
    ['threshold  0.3  0.7', 'stories     12    4']
    """
    heads = [name.replace("_", " ") for name in rows[0]]
    width = max(map(len, heads))
    cells = [[f"{value:,}" for value in row.values()] for row in rows]
    room = max(len(cell) for row in cells for cell in row)
    for number, head in enumerate(heads):
        yield "  ".join([head.ljust(width), *(row[number].rjust(room) for row in cells)])

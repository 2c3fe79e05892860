"""From the columns of a table to the fields of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dedup.read.records import mapped
from dedup.read.source import UnreadableError


def chosen(names: Sequence[str], fields: Mapping[str, str] | None) -> dict[str, int]:
    """Give the place of each column that is read, from 0, by the name that a record has it under.

    A column called as wanted but for capitals or blanks around it serves where none is called so.
    Raises `UnreadableError` when no column holds the text, or two hold the same.

    >>> chosen(["Id", "words", "body"], {"text": "body"})
    {'id': 0, 'body': 2}
    """
    wanted = mapped(fields)
    places: dict[str, int] = {}
    for name in wanted.values():
        found = [place for place, column in enumerate(names) if column == name]
        found = found or [
            place for place, column in enumerate(names) if column.strip().lower() == name.lower()
        ]
        if len(found) > 1:
            raise UnreadableError(f"{len(found)} columns are called {name!r}", "rename all but one")
        if found:
            places[name] = found[0]
    if wanted["text"] not in places:
        known = ", ".join(name[:40] for name in names[:12]) or "none"
        raise UnreadableError(
            f"there is no column {wanted['text']!r}, which should hold the text",
            f"name the one that does with --field text=NAME; its columns: {known}",
        )
    return dict(sorted(places.items(), key=lambda place: place[1]))

"""The columns of a table, and what one cell holds."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

FORMULAS = "=+-@\t\r\n＝＋－＠"  # the full-width forms are meant
"""What a text may not begin with in a CSV file: spreadsheets take it for a formula (OWASP, CSV
injection)."""


class Column(NamedTuple):
    """A column of a table."""

    name: str
    """Its heading."""
    kind: str
    """What it holds: `text`, `yes or no`, `whole`, `number`, `moment`, `numbers` or `texts` (the
    last two are lists)."""


def flat(column: Column, value: Any) -> Any:
    """Write a value into one cell.

    >>> flat(Column("cut", "numbers"), [1, 4]), flat(Column("kept", "yes or no"), True)
    ('1 4', 'true')
    """
    if value is None:
        return ""
    if column.kind == "yes or no":
        return "true" if value else "false"
    if column.kind == "moment":
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if column.kind == "numbers":
        return " ".join(map(str, value))
    return "; ".join(value) if column.kind == "texts" else value


def harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe before what begins so.

    >>> harmless("=1+1"), harmless("1 = 1"), harmless(-3)
    ("'=1+1", '1 = 1', -3)
    """
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULAS and cell else cell


def encodable(value: Any) -> Any:
    r"""Return a value that UTF-8 can hold: lone surrogates in texts are escaped.

    >>> encodable(["odd \ud800"])
    ['odd \\ud800']
    """
    if isinstance(value, dict):
        return {name: encodable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return list(map(encodable, value))
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def stored(column: Column, value: Any) -> Any:
    """Return a value as a database holds it: lists as JSON, times in ISO 8601, truth as 1 and 0.

    >>> stored(Column("cut", "numbers"), [1, 4]), stored(Column("kept", "yes or no"), True)
    ('[1, 4]', 1)
    """
    if value is None:
        return None
    if column.kind in ("numbers", "texts"):
        return encodable(json.dumps(list(value), ensure_ascii=False))
    if column.kind == "yes or no":
        return int(value)
    return encodable(flat(column, value))

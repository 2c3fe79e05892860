"""Attributions as JSON has them, to be kept, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dedup.metadata.credits import Attribution, Tag
from dedup.records import Credit, as_row


def row_of(found: Attribution) -> dict[str, Any]:
    """Return an attribution as JSON has it.

    >>> attribution_of(row_of(Attribution(agency="AP"))).agency
    'AP'
    """
    return {
        "credits": [as_row(credit) for credit in found.credits],
        "agency": found.agency,
        "dateline": found.dateline,
        "tags": [as_row(tag) for tag in found.tags],
    }


def attribution_of(row: Mapping[str, Any]) -> Attribution:
    """Return the attribution that a row was made of."""
    return Attribution(
        credits=tuple(Credit(**credit) for credit in row["credits"]),
        agency=row["agency"],
        dateline=row["dateline"],
        tags=tuple(Tag(**tag) for tag in row["tags"]),
    )

"""The types of the lines of the output files are what stands in the files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import dedup
from dedup.output import schema as rows
from dedup.output.schema import Lines

NEWS = Path(__file__).parent.parent / "samples/newsroom"
FILES = (rows.ARTICLES, rows.TEXTS, rows.MATCHES, rows.CLUSTERS, rows.STORIES, rows.LINKS)
INSIDE = {
    ("texts.jsonl", "occurrences"): rows.OccurrenceRow,
    ("clusters.jsonl", "canonical"): rows.KeptRow,
    ("clusters.jsonl", "members"): rows.VersionRow,
    ("clusters.jsonl", "runners_up"): rows.VersionRow,
    ("stories.jsonl", "members"): rows.MemberRow,
}
"""The types of rows within rows."""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("rows") / "out"
    dedup.scan([NEWS]).write(place)
    return place


@pytest.mark.parametrize("of", [*FILES, rows.PARAGRAPHS], ids=lambda of: of.name)
def test_every_line_has_the_fields_of_its_type(out: Path, of: Lines[Any]) -> None:
    found = [json.loads(line) for line in (out / of.name).read_text("utf-8").splitlines()]
    assert found
    for row in found:
        assert next(iter(row)) == of.key
        assert row.keys() == get_type_hints(of.row).keys()
        for (name, field), kind in INSIDE.items():
            if name == of.name:
                within = row[field]
                for one in [within] if isinstance(within, Mapping) else within:
                    assert one.keys() == get_type_hints(kind).keys()


def test_the_summary_has_the_fields_of_its_type(out: Path) -> None:
    found = json.loads((out / "summary.json").read_bytes())
    assert found.keys() == get_type_hints(rows.SummaryRow).keys()

"""How what is found moves with a setting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import dedup
from dedup.cli.main import cli
from dedup.cli.settings_grid import values_of
from dedup.errors import SettingsError

NEWSROOM = "samples/newsroom"


def test_each_column_is_what_one_scan_finds(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        cli, ["scan", NEWSROOM, "--grid", "evidence=5,9", "--json", "-o", str(tmp_path / "out")]
    )
    assert ran.exit_code in (0, 5), ran.output
    rows = json.loads(ran.stdout)["grid"]
    assert [row["evidence"] for row in rows] == [5.0, 9.0]
    for row in rows:
        summary = dedup.scan(NEWSROOM, evidence=row["evidence"]).summary
        for name in ("stories", "clusters", "matches", "repeated_paragraphs"):
            assert row[name] == summary[name]
        assert row["quote"] == summary["relations"]["quote"]
        assert row["within-article"] == summary["scopes"]["within-article"]
    assert rows[0]["matches"] > rows[1]["matches"]
    assert not (tmp_path / "out").exists()


def test_the_table_has_a_column_for_each_value() -> None:
    ran = CliRunner().invoke(cli, ["scan", NEWSROOM, "--grid", "threshold=.3,.5,.7", "-q"])
    head, *rest = ran.stdout.splitlines()
    assert head.split() == ["threshold", "0.3", "0.5", "0.7"]
    assert rest[0].startswith("stories")
    assert {len(line) for line in rest} == {len(head)}


BAD = [
    ("nonsense=3", "write NAME=VALUE,VALUE with a NAME of brief, bucket, chain"),
    ("policy=longest", "write NAME=VALUE,VALUE"),
    ("threshold", "write NAME=VALUE,VALUE"),
    ("threshold=", "write NAME=VALUE,VALUE"),
    ("threshold=low", "'low' is no number that threshold can be"),
    ("shingle=2.5", "'2.5' is no number that shingle can be"),
    ("threshold=7", "threshold is 7.0; it must lie in 0.05 to 1"),
    ("seed=" + ",".join(map(str, range(13))), "--grid has 13 values; 12 are tried at most"),
]


@pytest.mark.parametrize(("grid", "message"), BAD)
def test_a_grid_without_meaning_is_refused_before_anything_is_read(grid: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        values_of(grid, dedup.Settings())


def test_names_may_be_written_as_the_options_are() -> None:
    assert [one.num_perm for one in values_of("num-perm=64,128", dedup.Settings())] == [64, 128]

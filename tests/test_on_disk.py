"""What is written goes to a disk, and an address of elsewhere is refused before any work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import dedup
from dedup.cli.main import cli
from dedup.errors import OutputError

RAIN = "Rain is due in the hills tonight and will last until Sunday, the weather office said."


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, [*arguments])


@pytest.fixture
def news(here: Path) -> Path:
    """A folder with a file of two articles, and the scan of it."""
    Path("in").mkdir()
    Path("in/a.jsonl").write_text(2 * (json.dumps({"text": RAIN}) + "\n"), "utf-8")
    dedup.scan(Path("in")).write("out")
    return here


COMMANDS = [
    ["scan", "in", "-o"],
    ["scan", "in", "--report"],
    ["clean", "in", "-o"],
    ["export", "out", "--to", "csv", "-o"],
    ["report", "out", "-o"],
    ["sample", "out", "-o"],
    ["show"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("address", ["s3://bucket/x", "gs://bucket/x", "hdfs://host:9/x"])
def test_an_address_is_refused_in_one_line_and_nothing_is_written(
    news: Path, command: list[str], address: str
) -> None:
    before = sorted(news.iterdir())
    done = run(*command, address)
    assert (done.exit_code, done.output.count("\n")) == (4, 1), done.output
    assert f"{address}: is no folder or file on a disk" in done.output
    assert sorted(news.iterdir()) == before


def test_an_address_is_refused_from_a_program_too(news: Path) -> None:
    result = dedup.scan(["Rain."])
    for place in ("s3://bucket/x", Path("s3://bucket/x")):
        with pytest.raises(OutputError, match="is no folder or file on a disk"):
            result.write(place)


def test_a_uri_of_a_file_is_its_path(news: Path) -> None:
    new = (news / "my out").as_uri()
    assert run("scan", "in", "-o", new, "-q").exit_code == 0
    assert (news / "my out" / "articles.jsonl").is_file()
    assert run("show", new).exit_code == 0
    for name, command in {
        "x.csv": ("export", new, "--to", "csv", "-o"),
        "sheet.csv": ("sample", new, "-o"),
    }.items():
        assert run(*command, (news / name).as_uri()).exit_code == 0
        assert (news / name).is_file()
    assert run("clean", "in", "-o", (news / "once").as_uri(), "--from", new, "-q").exit_code == 0
    assert (news / "once" / "a.jsonl").is_file()


def test_a_folder_may_have_a_colon_in_its_name(news: Path) -> None:
    for name in ("12:30", "a:b/c", "x:/y"):
        assert run("scan", "in", "-o", name, "-q").exit_code == 0
        assert Path(name, "articles.jsonl").is_file()

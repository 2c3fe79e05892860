"""The pages under docs/ speak of modules, names, tests and commands that exist."""

from __future__ import annotations

import ast
import dataclasses
import itertools
import json
import re
from pathlib import Path

import click
import pytest

import dedup
from dedup.cli.main import cli
from dedup.evaluation.gold import LABELS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
BEHAVIOURS = 58


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def commands(group: click.Group, before: str = "dedup") -> list[str]:
    """Every command as a user types it, groups left out."""
    found = []
    for name, command in group.commands.items():
        typed = f"{before} {name}"
        found += commands(command, typed) if isinstance(command, click.Group) else [typed]
    return found


@pytest.mark.parametrize("name", ["architecture.md", "glossary.md", "labelling.md"])
def test_every_module_that_a_page_names_exists(name: str) -> None:
    named = set(re.findall(r"\b(?:dedup|tests)/[\w/]+(?:\.(?:py|toml)|/)?", page(name)))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_part_of_the_package_is_in_the_description_of_it() -> None:
    text = page("architecture.md")
    parts = [path for path in (ROOT / "dedup").iterdir() if path.name != "__pycache__"]
    names = {path.stem for path in parts if path.is_dir() or path.suffix == ".py"}
    private = {"__init__", "__main__", "_version"}
    assert [name for name in sorted(names - private) if f"{name}" not in text] == []


def test_the_modules_of_the_texts_and_matches_are_all_in_the_glossary_or_the_architecture() -> None:
    text = page("glossary.md") + page("architecture.md")
    for wing in ("text", "match", "stories"):
        for path in (ROOT / "dedup" / wing).glob("[a-z]*.py"):
            assert f"{wing}/{path.stem}" in text or f"{wing}.{path.stem}" in text, path.name


def test_every_public_name_is_in_the_glossary() -> None:
    words = set(re.findall(r"\w+", page("glossary.md")))
    assert [name for name in dedup.__all__ if name not in words] == []


def test_every_command_is_in_the_readme_or_a_page() -> None:
    pages = (ROOT / "README.md", *DOCS.rglob("*.md"))
    text = "\n".join(path.read_text("utf-8") for path in pages)
    listed = commands(cli)
    assert "dedup scan" in listed
    assert [command for command in listed if command not in text] == []


def test_every_field_that_is_written_is_described(tmp_path: Path) -> None:
    rain = "Rain is due in the hills tonight and will last until Sunday, the weather office said."
    story = f"{rain}\n" + "\n".join(f"Hill {n} waits for the {n}th flood in a row." for n in "abc")
    feed = [{"id": name, "site": name, "text": story} for name in ("a", "b")]
    dedup.scan(feed).write(tmp_path / "out")
    text = page("output.md")
    for path in sorted((tmp_path / "out").glob("*.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            assert [field for field in row if f"`{field}`" not in text] == [], path.name


def test_every_behaviour_has_its_number_and_tests_that_exist() -> None:
    text = page("behaviours.md")
    assert re.findall(r"(?m)^\| (\d+) \|", text) == [str(n) for n in range(1, BEHAVIOURS + 1)]
    for name, test in re.findall(r"`(test_\w+\.py)::(test_\w+)`", text):
        (path,) = Path(__file__).parent.rglob(name)
        source = path.read_text("utf-8")
        assert f"def {test}(" in source, f"{name}::{test}"
    for row in re.findall(r"(?m)^\| \d+ \|.*$", text):
        assert "::" in row or "no test yet" in row, row


def test_every_label_is_in_the_guide() -> None:
    text = page("labelling.md")
    assert [label for label in LABELS if f"`{label}`" not in text] == []


# -- the site -----------------------------------------------------------------------------------


def test_every_public_name_has_its_place_in_the_reference() -> None:
    named = set(re.findall(r"\bdedup\.(\w+)", page("reference/library.md")))
    assert [name for name in dedup.__all__ if name not in named] == []


def test_the_reference_is_made_of_every_command() -> None:
    assert ".. click:: dedup.cli.main:cli" in page("reference/commands.md")
    assert ":nested: full" in page("reference/commands.md")
    hidden = [typed for typed in commands(cli) if not _command(typed).help]
    assert hidden == []


def test_every_command_has_an_example_that_begins_with_it() -> None:
    for typed in commands(cli):
        told = (_command(typed).help or "").split("Examples:")
        assert len(told) == 2, typed
        assert typed in told[1], typed


def _command(typed: str) -> click.Command:
    found: click.Command = cli
    for name in typed.split()[1:]:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    return found


def test_every_setting_says_what_it_does() -> None:
    """The reference shows the text under each field, and `dedup scan --help` its option."""
    source = ast.parse((ROOT / "dedup" / "settings.py").read_bytes())
    (settings,) = (
        node for node in source.body if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    told = {
        before.target.id
        for before, after in itertools.pairwise(settings.body)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    }
    assert told == {field.name for field in dataclasses.fields(dedup.Settings)}
    options = {option.name for option in cli.commands["scan"].params}
    assert [name for name in told if name not in options] == []


def test_every_page_is_in_the_contents_of_the_site() -> None:
    listed = set(re.findall(r"(?m)^([\w/-]+)$", page("index.md")))
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    assert pages - {"index"} == listed


def test_the_citation_names_the_version() -> None:
    text = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"version: {dedup.__version__}\n" in text

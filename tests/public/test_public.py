"""What dedup offers is named, documented and nothing else."""

from __future__ import annotations

import ast
import configparser
import dataclasses
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import dedup

ROOT = Path(dedup.__file__).parent
SOURCES = {str(path.relative_to(ROOT)): path for path in sorted(ROOT.rglob("*.py"))}
RECORDS = [name for name in dedup.__all__ if dataclasses.is_dataclass(getattr(dedup, name))]
"""The public classes with fields."""

VALUES = [name for name in RECORDS if name != "Result"]  # which holds arrays


def test_all_is_exactly_the_public_names() -> None:
    # In a process of its own: submodules that tests import become attributes of the package.
    code = "import dedup; all(getattr(dedup, name) for name in dedup.__all__)"
    code += "; print(*(name for name in vars(dedup) if not name.startswith('_')))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    ours = {
        name
        for name in run.stdout.split()
        if not isinstance(getattr(dedup, name), ModuleType) and not borrowed(name)
    }
    assert ours | {"__version__"} == set(dedup.__all__)
    assert sorted(dedup.__all__) == sorted(set(dedup.__all__))


def borrowed(name: str) -> bool:
    """Tell what `dedup/__init__.py` imports from elsewhere."""
    tree = ast.parse((ROOT / "__init__.py").read_bytes())
    return name in {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.Import)
        or (isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("dedup"))
        for alias in node.names
    }


@pytest.mark.parametrize("name", dedup.__all__)
def test_every_public_name_can_be_had_and_tells_where_it_lives(name: str) -> None:
    thing = getattr(dedup, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        assert thing.__module__.startswith("dedup")
        assert inspect.getdoc(thing)


def undocumented(tree: ast.AST, within: str = "") -> list[str]:
    """Name the public classes, functions and methods below `tree` that have no docstring."""
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_") or is_overload(node):
                continue
            name = f"{within}{node.name}"
            if not ast.get_docstring(node) and not ast.unparse(node).startswith("@helper"):
                found.append(name)
            if isinstance(node, ast.ClassDef):
                found += undocumented(node, f"{name}.")
    return found


def is_overload(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)


@pytest.mark.parametrize("source", SOURCES)
def test_every_module_class_and_function_says_what_it_is(source: str) -> None:
    tree = ast.parse(SOURCES[source].read_bytes())
    assert ast.get_docstring(tree), "the module itself"
    assert undocumented(tree) == []


def fields_without_words(tree: ast.ClassDef) -> list[str]:
    """Name the fields of a class that no docstring follows."""
    return [
        node.target.id
        for node, after in zip(tree.body, [*tree.body[1:], None], strict=True)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and not (
            isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        )
    ]


@pytest.mark.parametrize("name", RECORDS)
def test_every_field_of_a_record_says_what_it_holds(name: str) -> None:
    (tree,) = ast.parse(inspect.getsource(getattr(dedup, name))).body
    assert isinstance(tree, ast.ClassDef)
    assert fields_without_words(tree) == []


@pytest.mark.parametrize("name", VALUES)
def test_records_are_frozen_and_equal_by_value(name: str) -> None:
    record = getattr(dedup, name)
    assert record.__dataclass_params__.frozen
    assert record.__dataclass_params__.eq


def test_the_exceptions_are_a_tree_with_a_code_for_each() -> None:
    errors = (dedup.SettingsError, dedup.InputError, dedup.OutputError)
    assert all(issubclass(error, dedup.DedupError) for error in errors)
    codes = [dedup.DedupError.exit_code, *(error.exit_code for error in errors)]
    assert len(set(codes)) == len(codes)
    assert min(codes) > 0


def test_the_installed_distribution_has_the_version_of_the_package() -> None:
    from importlib.metadata import version

    assert version("news-dedup") == dedup.__version__


def test_the_package_is_typed() -> None:
    assert (ROOT / "py.typed").exists()


def test_every_file_that_is_no_module_goes_into_the_distribution() -> None:
    root = Path(__file__).parents[2]
    config = configparser.ConfigParser()
    config.read(root / "setup.cfg")
    named = {
        root.joinpath(*package.split("."), name.strip())
        for package, names in config["options.package_data"].items()
        for name in names.split(",")
    }
    assert {
        path
        for path in (root / "dedup").rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    } == named

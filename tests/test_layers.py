"""Imports go one way, and light commands load nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import dedup

ROOT = Path(dedup.__file__).parent

LAYERS = (
    *("_version", "errors", "portable", "zones"),
    *("settings", "records", "progress", "files", "lazy"),
    *("_jit", "metadata", "readers", "text", "policies", "match", "stories", "output"),
    *("result", "evaluation", "ways", "pipeline", "engines"),
    *("storage", "index", "text_check", "terminal", "report", "__init__"),
    *("integrations", "cli", "__main__"),
)
"""Wings and modules from the ground up: each imports only what stands before it."""

HEAVY = (
    *(
        "numba",
        "numpy",
        "scipy",
        "datasketch",
        "rich",
        "chardet",
        "pypdf",
        "zstandard",
        "trafilatura",
        "lxml",
    ),
    *(
        "publicsuffixlist",
        "pyarrow",
        "fastwarc",
        "redis",
        "filelock",
        "xlsxwriter",
        "jinja2",
        "fsspec",
        "pyspark",
    ),
)


def modules() -> dict[str, ast.Module]:
    """Every module by its name below `dedup`, parsed."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_bytes())
        for path in sorted(ROOT.rglob("*.py"))
    }


def imported(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Yield the modules of dedup that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write imports in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "dedup":
                yield module(name, known)


def module(name: str, known: set[str]) -> str:
    """Find the module that holds an imported name."""
    parts = name.split(".")[1:]
    while parts:
        for found in (".".join(parts), ".".join([*parts, "__init__"])):
            if found in known:
                return found
        parts.pop()
    return "__init__"


MODULES = modules()
IMPORTS = {name: set(imported(tree, set(MODULES))) for name, tree in MODULES.items()}


def layer(name: str) -> int:
    return LAYERS.index(name.split(".")[0])


def test_every_module_has_its_layer() -> None:
    assert {name.split(".")[0] for name in MODULES} <= set(LAYERS)
    assert len(LAYERS) == len(set(LAYERS))


@pytest.mark.parametrize("name", MODULES)
def test_no_import_goes_up(name: str) -> None:
    assert [other for other in IMPORTS[name] if layer(other) > layer(name)] == []


def test_no_imports_go_round() -> None:
    order = tuple(TopologicalSorter(IMPORTS).static_order())  # raises CycleError with the circle
    assert set(order) == set(MODULES)


@pytest.mark.parametrize(
    "code",
    [
        "import dedup",
        "import dedup; dedup.Settings(threshold=0.6); dedup.Article('a', 'It rained.')",
        "from dedup.cli.main import cli; cli(['--help'], standalone_mode=False)",
        "from dedup.cli.main import cli; cli(['scan', '--help'], standalone_mode=False)",
        "from dedup.cli.main import cli; cli(['--version'], standalone_mode=False)",
    ],
)
def test_what_needs_no_kernels_loads_nothing_heavy(code: str) -> None:
    script = f"{code}\nimport sys; print('', *(name for name in {HEAVY} if name in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8"
    )
    assert run.stdout.splitlines()[-1].split() == []
    assert run.stderr == ""


def test_kernels_stand_in_modules_that_only_stages_import() -> None:
    kernels = {name for name, others in IMPORTS.items() if "_jit.kernels" in others}
    kernels -= {"cli.warm", "index.index", "pipeline"}  # they have none
    for name in ("__init__", "cli.main", "output.clean", "settings", "records"):
        assert kernels.isdisjoint(IMPORTS[name])


PUBLIC = (
    "dedup",
    "dedup.cli.main",
    "dedup.records",
    "dedup.result",
    "dedup.settings",
    "dedup.integrations",
)
"""What a test in `tests/public` may import."""


def test_public_tests_know_public_names_alone() -> None:
    for path in (Path(__file__).parent / "public").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                inner = name.startswith("dedup.") and not name.startswith(PUBLIC[1:])
                assert not inner, f"{path.name} imports {name}"

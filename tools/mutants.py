"""Change each threshold both ways and say which test notices.

    python tools/mutants.py                    # all that have tests of their limits
    python tools/mutants.py match.evidence     # of one module; match.evidence.GAP is one of them

For a threshold of `dedup.match.evidence` the tests in `test_evidence_limits.py` are run. The
source is changed as the module is imported, so derived constants and other modules see the new
value, and kernels run as Python (`NUMBA_DISABLE_JIT`), so nothing is compiled and no cache is
touched; for that these tests are small. Exit 1 if a changed threshold survives.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import math
import multiprocessing
import os
import sys
import time
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from thresholds import ROOT, Threshold, assigned, thresholds

FACTORS = 0.8, 1.25

STEPS: Mapping[str, tuple[float, float]] = {
    "match.boilerplate_families.LEAST_NAMES": (-0.5, 0.5),
}
"""The changed values of a threshold for which `FACTORS` say nothing, by its full name."""


def changed(one: Threshold) -> tuple[float, float]:
    """Return a lower and a higher value; whole numbers change by 1 at least.

    >>> changed(Threshold("m", "A", 3, "")), changed(Threshold("m", "B", 0.5, ""))
    ((2, 4), (0.4, 0.625))
    """
    if (key := f"{one.module}.{one.name}") in STEPS:
        return STEPS[key]
    low, high = (round(one.value * factor, 6) for factor in FACTORS)
    if isinstance(one.value, int):
        return min(math.floor(low), one.value - 1), max(math.ceil(high), one.value + 1)
    return low, high


# -- in a process that imports the changed module


class _Finder:
    def __init__(self, module: str, name: str, value: float) -> None:
        self._module, self._name, self._value = module, name, value

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module to change, and no other."""
        if fullname != self._module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        loader = _Loader(fullname, spec.origin, self._name, self._value)
        return importlib.util.spec_from_file_location(fullname, spec.origin, loader=loader)


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, name: str, value: float) -> None:
        super().__init__(fullname, path)
        self._name, self._value = name, value

    def get_code(self, fullname: str) -> types.CodeType:  # noqa: ARG002
        """Compile the changed source, which no cache holds."""
        source = Path(self.path).read_text("utf-8")
        return compile(mutated(source, self._name, self._value), self.path, "exec")


def mutated(source: str, name: str, value: float) -> ast.Module:
    """Return a module in which a name is bound to another number.

    >>> ast.unparse(mutated("A, B = 1, 2", "B", 9))
    'A, B = (1, 9)'
    """
    tree = ast.parse(source)
    (node,) = (node for node in tree.body if name in dict(assigned(node)))
    assert isinstance(node, ast.Assign)
    new = ast.parse(repr(value), mode="eval").body
    for part in ast.walk(new):
        ast.copy_location(part, node)
    if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
        names = [ast.unparse(target) for target in node.targets[0].elts]
        node.value.elts[names.index(name)] = new
    else:
        node.value = new
    return ast.fix_missing_locations(tree)


class _Watch:
    """Keeps the name of the first test that fails."""

    def __init__(self) -> None:
        self.failed: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at the outcome of a test."""
        if report.failed and not self.failed:
            self.failed = report.nodeid.partition("::")[2]


def _test(files: Sequence[str], mutant: tuple[Threshold, float] | None, answer: Connection) -> None:
    """Run tests, and send what pytest returns and the first test that fails."""
    if mutant:
        one, value = mutant
        sys.meta_path.insert(0, _Finder(f"dedup.{one.module}", one.name, value))
    sys.path.insert(0, str(ROOT))
    watch = _Watch()
    # What wraps round in a compiled kernel wraps round here too, with a warning.
    options = [
        "-x",
        "-q",
        "--assert=plain",
        "-p",
        "no:cacheprovider",
        "-W",
        "ignore:overflow:RuntimeWarning",
    ]
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123
        code = pytest.main([*options, f"--rootdir={ROOT}", *files], plugins=[watch])
    answer.send((int(code), watch.failed))


# -- in the process that says what to run


def tests_of(module: str) -> list[str]:
    """Return the files that test the limits of a module."""
    stem = module.rpartition(".")[2]
    return sorted(map(str, (ROOT / "tests").rglob(f"test_{stem}_limits.py")))


def noticed(files: Sequence[str], mutant: tuple[Threshold, float] | None) -> str | None:
    """Run tests against a changed threshold; return the first that fails, or None."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_test, args=(files, mutant, theirs))
    process.start()
    theirs.close()
    try:
        code, failed = ours.recv()
    except EOFError:
        code, failed = -1, None
    process.join()
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        sys.exit(f"{mutant}: the tests did not run; run them by hand: pytest {' '.join(files)}")
    found: str | None = failed
    return found


def chosen(names: Sequence[str]) -> Iterator[Threshold]:
    """Yield the thresholds of some modules or of some names; of all for none."""
    for one in thresholds():
        if not names or one.module in names or f"{one.module}.{one.name}" in names:
            yield one


def main() -> int:
    """Print a row a mutant; return how many survive, at most 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="module or threshold, as in match.evidence.GAP")
    names = parser.parse_args().names
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # read when numba is imported
    if "fork" in multiprocessing.get_all_start_methods():
        multiprocessing.set_start_method("fork")
        importlib.import_module("numba")  # once, and not for every mutant; it is slow to import
    survivors, mutants, untested, began = [], 0, [], time.monotonic()
    sound: set[str] = set()
    for one in chosen(names):
        files = tests_of(one.module)
        if not files:
            untested.append(f"{one.module}.{one.name}")
            continue
        if one.module not in sound and (failed := noticed(files, None)):
            sys.exit(f"{failed} fails without any change")
        sound.add(one.module)
        for value in changed(one):
            name = f"{one.module}.{one.name}"
            test = noticed(files, (one, value))
            mutants += 1
            survivors += [f"{name}={value!r}"] * (test is None)
            row = f"{name:45} {one.value:>8.4g} -> {value:<8.4g} {test or 'SURVIVED'}"
            print(row, flush=True)  # noqa: T201
    lines = [
        f"{mutants - len(survivors)} of {mutants} noticed in {time.monotonic() - began:.0f} s",
        *(f"survived: {name}" for name in survivors),
        *(f"no tests of its limits: {name}" for name in untested),
    ]
    print("\n".join(lines))  # noqa: T201
    return int(bool(survivors))


if __name__ == "__main__":
    sys.exit(main())

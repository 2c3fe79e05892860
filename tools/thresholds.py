"""List the thresholds of the stages that decide, as they stand in the source.

    python tools/thresholds.py            # writes docs/thresholds.md

A threshold is a named number of a module in `STAGES` whose docstring says what a higher value does,
with a figure. `tests/test_thresholds.py` fails where one does not, or the page is not up to date.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "thresholds.md"

STAGES = ("text/segment.py", "text/token_flags.py", "match/*.py", "stories/*.py", "index/*.py")
"""The modules, below `dedup`, in which numbers decide."""

OTHER: Mapping[str, frozenset[str]] = {
    # bits, and numbers that name something
    "text.token_flags": frozenset(
        ("COMMON", "NAME", "NUMBER", "QUOTED", "OPENING", "CAPITAL", "LINK", "PHRASE")
    ),
    "match.relations": frozenset(("NONE",)),
    "match.verify": frozenset(("SKETCH", "PASSAGE")),
    "match.scopes": frozenset(("WITHIN_ARTICLE", "WITHIN_SITE", "CROSS_SITE")),
    "index.open": frozenset(("VERSION",)),
    # units
    "stories.article_features": frozenset(("DAY",)),
    # how much is in memory at a time
    "match.align": frozenset(("STEP",)),
    "match.signatures": frozenset(("BLOCK",)),
    "match.boilerplate_families": frozenset(("SLOTS",)),
    "match.boilerplate_spans": frozenset(("SPELLINGS",)),
    "index.settle": frozenset(("STEP",)),
    "index.ingest": frozenset(("CHUNK",)),
}
"""Public numbers that decide nothing."""

HEAD = """# Thresholds

The numbers on which a scan decides, as they stand in the source: `python tools/thresholds.py`
writes this page. Those a user may set are the fields of `dedup.Settings`. `tox -e mutants` changes
each number below both ways, and names the test that notices.
"""

_OPERATORS = {
    ast.Div: operator.truediv,
    ast.Mult: operator.mul,
    ast.LShift: operator.lshift,
    ast.Pow: operator.pow,
}
_SAYS = re.compile(r"\b(?:Higher|Lower)\b")
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True)
class Threshold:
    """A named number of a stage."""

    module: str
    """Below `dedup`, as in `match.evidence`."""
    name: str
    value: float
    """An int where it is one in the source."""
    docstring: str
    """In one line; empty for none. Names of one assignment have one docstring."""

    @property
    def faults(self) -> list[str]:
        """What its docstring does not say.

        >>> Threshold("m", "A", 2, "Pages. Higher takes fewer.").faults
        ['a figure']
        """
        found = ["what a higher value does"] * (not _SAYS.search(self.docstring))
        return found + ["a figure"] * (not _FIGURE.search(self.docstring))


def thresholds(package: Path = ROOT / "dedup") -> Iterator[Threshold]:
    """Yield every threshold, module after module, in order of the source."""
    for stage in STAGES:
        for path in sorted(package.glob(stage)):
            module = ".".join(path.relative_to(package).with_suffix("").parts)
            yield from of_module(module, path.read_text("utf-8"))


def of_module(module: str, source: str) -> Iterator[Threshold]:
    r"""Yield the thresholds of one module, those without a docstring too.

    >>> source = "A, B = 1 / 4, 2\n'''Two.'''\nC = D = 'x'\n_E = 3"
    >>> [(found.name, found.value, found.docstring) for found in of_module("m", source)]
    [('A', 0.25, 'Two.'), ('B', 2, 'Two.')]
    """
    other = OTHER.get(module, frozenset())
    for node, after in pairwise([*ast.parse(source).body, ast.Pass()]):
        for name, value in assigned(node):
            if name.isupper() and not name.startswith("_") and name not in other:
                yield Threshold(module, name, value, _docstring(after))


def _docstring(node: ast.stmt) -> str:
    """Return what stands below an assignment, in one line."""
    match node:
        case ast.Expr(ast.Constant(str(text))):
            return " ".join(text.split())
    return ""


def assigned(node: ast.stmt) -> Iterator[tuple[str, float]]:
    """Yield the names of an assignment that are bound to numbers written out, and the numbers."""
    match node:
        case ast.Assign([ast.Tuple(names)], ast.Tuple(values)):
            pairs = list(zip(names, values, strict=True))
        case ast.Assign([name], value):
            pairs = [(name, value)]
        case _:
            return
    for target, expression in pairs:
        found = number(expression)
        if isinstance(target, ast.Name) and found is not None:
            yield target.id, found


def number(node: ast.expr) -> float | None:
    """Return the number that is written out, perhaps as in 1 / 4; None for anything else.

    >>> [number(ast.parse(written, mode="eval").body) for written in ("1 / 4", "-2.5", "N")]
    [0.25, -2.5, None]
    """
    match node:
        case ast.Constant(bool()):
            return None
        case ast.Constant(int(value) | float(value)):
            return value
        case ast.UnaryOp(ast.USub(), operand):
            positive = number(operand)
            return None if positive is None else -positive
        case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
            a, b = number(left), number(right)
            if a is not None and b is not None:
                found: float = _OPERATORS[type(op)](a, b)
                return found
    return None


def page(found: Iterable[Threshold]) -> str:
    """Return docs/thresholds.md: a table a module, a row for each docstring."""
    parts = [HEAD]
    for module, rows in groupby(found, lambda one: one.module):
        parts.append(f"\n## `dedup.{module}`\n\n| name | value | what it is |\n|---|---|---|\n")
        for docstring, named in groupby(rows, lambda one: one.docstring):
            some = list(named)
            names = ", ".join(f"`{one.name}`" for one in some)
            values = ", ".join(f"{one.value:.4g}" for one in some)
            parts.append(f"| {names} | {values} | {docstring} |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(thresholds()), "utf-8")

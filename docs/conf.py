"""How Sphinx makes the documentation site of these pages: sphinx-build -W docs site."""

from __future__ import annotations

import re
from typing import Any

from dedup._version import __version__

project = "dedup"
author = "the dedup developers"
release = version = __version__
html_title = f"dedup {version}"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
html_theme = "furo"
html_copy_source = False
myst_heading_anchors = 4
autodoc_typehints = "description"
autodoc_member_order = "bysource"
add_module_names = False
default_role = "code"  # docstrings write `name` for code
smartquotes = False  # or --option becomes a dash
suppress_warnings = ["autodoc.mocked_object"]

_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+([^)#]+)(?:#[^)]*)?\)")


def _outside(_app: Any, name: str, source: list[str]) -> None:
    """Name files of the repository that are no pages of the site, in place of links to them."""
    depth = name.count("/")

    def told(link: re.Match[str]) -> str:
        within = link[0].count("../") <= depth
        return link[0] if within else f"{link[1]} (`{link[2]}`)"

    source[0] = _OUTSIDE.sub(told, source[0])


def _as_typed(_app: Any, _context: Any, lines: list[str]) -> None:
    """Show lists of examples and codes in a help as they stand there: their columns are spaces."""
    found: list[str] = []
    for line in lines:
        if not line.startswith("| "):
            found.append(line)
        elif line.startswith("|   "):
            found.append(f"   {line[2:]}")
        else:
            found += [line[2:], "", ".. code-block:: text", ""]
    lines[:] = found


def setup(app: Any) -> None:
    """Register what is done to each page, and to each help, before it is parsed."""
    app.connect("source-read", _outside)
    app.connect("sphinx-click-process-description", _as_typed)

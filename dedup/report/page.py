"""The page: data as JSON, style and script of the package, a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from functools import cache
from importlib.resources import files as resources
from itertools import islice
from pathlib import Path
from typing import Any

from dedup._version import __version__
from dedup.errors import OutputError
from dedup.output import reader
from dedup.output.protocol import many
from dedup.records import RELATIONS, ROLES
from dedup.report.matched import KINDS
from dedup.report.pack import Packed, chunks

SCRIPTS = ("dom", "data", "words", "charts", "parts", "views", "main")
"""The parts of the script, in order."""

FRAME = 400_000
"""Bytes that are set aside for what is in every page: style, script, first view, problems."""

MOST_PROBLEMS = 300
"""Problems that the page lists."""

LONGEST_PROBLEM = 1000
"""Characters of each field of a problem."""


def check(file: str | os.PathLike[str]) -> None:
    """Raise `OutputError` if the page cannot be made here: jinja2 is missing."""
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise OutputError(
            f"{file}: a report needs jinja2; type: pip install 'news-dedup[report]'"
        ) from error


def encoded(value: Any) -> str:
    r"""Return JSON that may stand in a page: nothing in it ends or begins an element.

    >>> encoded(["</script>", "rain"])
    '["\\u003c/script>","rain"]'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def problems(place: Path) -> dict[str, Any]:
    """Return the first problems of an output folder, and how many there are."""
    path = place / "problems.jsonl"
    rows: list[list[str]] = []
    if not path.exists():
        return {"rows": rows, "all": 0}
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in islice(file, MOST_PROBLEMS):
            row = json.loads(line)
            rows.append([str(row[name])[:LONGEST_PROBLEM] for name in ("where", "what", "remedy")])
    return {"rows": rows, "all": reader.summary(place).get("problems", len(rows))}


def render(
    first: dict[str, Any], packed: Packed, who: dict[str, Any], skipped: dict[str, Any]
) -> bytes:
    """Return the page in UTF-8."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    style, script = _asset("report.css"), _script()
    template = environment.from_string(_asset("report.html.j2"))
    page = template.render(
        version=__version__,
        title=_visible(first["title"]),
        summary=_summary(first),
        views=_views(first),
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
        first=[("overview", Markup(encoded(first)))],
        later=[(name, Markup(encoded(value))) for name, value in _blocks(packed, who, skipped)],
    )
    return page.encode("utf-8", "backslashreplace")


def _blocks(
    packed: Packed, who: dict[str, Any], skipped: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    yield "names", packed.names
    yield "articles", packed.articles
    yield "stories", packed.stories
    yield "links", packed.links
    yield "passages", packed.passages
    yield "clusters", packed.clusters
    yield "standing", packed.standing
    yield "sites", who
    yield "problems", skipped
    for name, table in (
        ("texts", packed.texts),
        ("matches", packed.matches),
        ("paragraphs", packed.paragraphs),
    ):
        for number, chunk in enumerate(chunks(table)):
            yield f"{name}-{number}", chunk


def _views(first: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    counts = first["counts"]
    summary = first["summary"]
    return [
        ("overview", "Overview", None),
        ("stories", "Stories", f"{counts['stories']:,}"),
        ("passages", "Passages", f"{counts['within'] + counts['across']:,}"),
        ("clusters", "Clusters", f"{summary['clusters']:,}"),
        ("articles", "Articles", f"{summary['articles']:,}"),
        ("sites", "Who runs whose", None),
        ("standing", "Standing text", None),
        ("about", "About", None),
    ]


def _summary(first: dict[str, Any]) -> str:
    """Say in a sentence what was found, for who runs no script."""
    summary = first["summary"]
    read = f"{many(summary['articles'], 'article')}, {many(summary['words'], 'word')}"
    stories = first["counts"]["stories"]
    told = f"{stories:,} stories" if stories != 1 else "1 story"
    return f"{read}; {told}, {many(summary['clusters'], 'cluster')} of repeated paragraphs."


def _visible(title: str) -> str:
    r"""Return a title without control characters, which a page may not hold.

    >>> _visible("one\x00two")
    'one two'
    """
    return "".join(character if character.isprintable() else " " for character in title)


def _hash(text: str) -> str:
    """Return what a policy names an inline element by (W3C, CSP Level 3, 2.3.1)."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def _asset(name: str) -> str:
    return (resources("dedup.report") / "assets" / name).read_text("utf-8")


@cache
def _script() -> str:
    numbered = {"KINDS": KINDS, "RELATIONS": RELATIONS, "ROLES": ROLES}
    named = "".join(f"const {name} = {encoded(words)};\n" for name, words in numbered.items())
    parts = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    return f"'use strict';\n(() => {{\n{named}{parts}\n}})();"

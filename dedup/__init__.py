"""Find what in a body of news is the same text, and which version of it to keep.

>>> import dedup
>>> rain = "Rain is due in the hills tonight and will last until Sunday, the weather office said."
>>> result = dedup.scan([rain, rain.upper(), "Nothing to do with it."])
>>> [(len(cluster.members), cluster.canonical.article) for cluster in result.clusters]
[(2, '0')]

The way from articles to what is found: `readers` and `metadata` read articles; `text` makes
arrays of their paragraphs; `match` finds the texts that share words, says what kind of reuse it is,
and clusters them; `stories` finds articles that are versions of one another; `result` holds what
was found, `output` writes it and `terminal` shows it. `pipeline` composes all this, and `index`
does the same for articles that come one at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from dedup._version import __version__
from dedup.errors import (
    DamagedError,
    DedupError,
    InputError,
    LockedError,
    OutputError,
    Problem,
    SettingsError,
)
from dedup.index.answers import Added, Claim, Event, Found, Hit
from dedup.index.told_groups import ToldGroups
from dedup.records import (
    Article,
    Cluster,
    Credit,
    Link,
    Match,
    Member,
    Occurrence,
    Story,
    Text,
    Version,
)
from dedup.settings import PRESETS, Settings

if TYPE_CHECKING:
    from dedup.index.answers import NewBy
    from dedup.index.async_index import AsyncIndex
    from dedup.index.index import Index
    from dedup.progress import Progress
    from dedup.readers.field_names import Given
    from dedup.result import Result
    from dedup.settings import Overrides
    from dedup.text_check import Checked

__all__ = [
    "PRESETS",
    "Added",
    "Article",
    "AsyncIndex",
    "Checked",
    "Claim",
    "Cluster",
    "Credit",
    "DamagedError",
    "DedupError",
    "Event",
    "Found",
    "Hit",
    "Index",
    "InputError",
    "Link",
    "LockedError",
    "Match",
    "Member",
    "Occurrence",
    "OutputError",
    "Problem",
    "Result",
    "Settings",
    "SettingsError",
    "Source",
    "Story",
    "Text",
    "ToldGroups",
    "Version",
    "__version__",
    "check",
    "new_articles",
    "scan",
]

Source = (
    str
    | os.PathLike[str]
    | Iterable[str | os.PathLike[str]]
    | Iterable[Article | Mapping[str, Any] | str]
)
"""What `scan` takes, for annotations."""

_Item = TypeVar("_Item", bound=Article | Mapping[str, Any] | str)


def scan(
    source: Source,
    settings: Settings | None = None,
    *,
    site: str | None = None,
    fields: Given | None = None,
    outlets: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    **overrides: Unpack[Overrides],
) -> Result:
    """Find repeated and near-duplicate paragraphs, and the version of each to keep.

    `source` is a path (of a file, a directory, or "-" for standard input), a `list` or `tuple` of
    paths (`pathlib.Path`, or strings of which one names something that exists), or an iterable of
    articles: `Article`, dicts with at least "text", or plain strings. `site` overrides the sites of
    files read, `fields` maps field names (`{"text": "body"}`), `outlets` is a CSV or TOML file of
    owners, agencies and preferred sites (see `dedup.metadata.outlets`), and every field of
    `Settings` can be given by name.

    Raises `InputError` when no article could be read and `SettingsError` for a senseless setting;
    a single bad document is only listed in `Result.problems`.

    >>> scan([{"id": "a", "text": "One."}]).summary["articles"]
    1
    >>> scan([], threshold=2)
    Traceback (most recent call last):
    dedup.errors.SettingsError: threshold is 2; it must lie in 0.05 to 1
    """
    if progress:
        progress.stage("load kernels (compiled on the first run: up to a minute)", None)
    from dedup import pipeline
    from dedup.metadata import outlets as houses

    known = houses.read(outlets) if outlets else houses.Outlets()
    chosen = pipeline.in_force(settings, overrides, known)
    return pipeline.scan(source, chosen, site=site, fields=fields, outlets=known, progress=progress)


def new_articles(
    articles: Iterable[_Item],
    *,
    index: Index | str | os.PathLike[str] | None = None,
    keep: Callable[[Found], bool] | None = None,
    problems: list[Problem] | None = None,
    new_below: float | None = None,
    new_by: NewBy | None = None,
) -> Iterator[_Item]:
    """Yield the articles that are new: of which no earlier one holds most.

    What counts is the article's own words: boilerplate of its site, quotations and formulas do not.
    It is new when every earlier one holds less than the share `new_below` of them, 0.5 by default;
    with `new_by` "story", when it is in no story with an earlier one. An open `Index` has been told
    already, and None leaves it to that.

    An article may be an `Article`, a dict with at least "text", or a plain string, and is yielded
    as it came. Earlier ones are those before it and, with an `index`, all that were ever added to
    it: an open `Index`, or the folder or address of one, which is made if it is missing and closed
    at the end. Without an index a temporary one is used. `keep` decides otherwise which articles
    are yielded, from what the index had of each (`dedup.index.answers.Found`).

    Every article is in the index, durably, before it is yielded, and counts as done when the next
    one is asked for. A job that dies at work on one, or leaves the loop there, gets it again when
    it comes again (see `dedup.Index.claim`). What is no article is added to `problems`; without
    that list the first one raises `InputError`. Raises what `Index` raises besides.

    >>> rain = "Rain is due in the hills tonight and will last until Sunday, the office said."
    >>> [text[:4] for text in new_articles([rain, "Nothing to do with it.", rain.upper()])]
    ['Rain', 'Noth']
    """
    from dedup.index.answers import MOST, NewWhen
    from dedup.index.filter import chosen

    unset = new_below is None and new_by is None
    when = None if unset else NewWhen.of(MOST if new_below is None else new_below, new_by or "text")
    return chosen(articles, index, keep, problems, when)


def check(
    text: str | Article | os.PathLike[str],
    against: Source,
    *,
    without: Collection[str] = (),
    without_sources: Collection[str] = (),
    least_words: int = 0,
    settings: Settings | None = None,
    fields: Given | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Say how much of one text stands in a corpus, the folder of a scan, or an index.

    See `dedup.text_check.check`, which this calls, and `Checked` there for what is returned.

    >>> rain = "Rain is due in the hills tonight and will last until Sunday, the office said."
    >>> check(rain, [{"id": "a", "text": rain.upper()}]).share
    1.0
    """
    from dedup.text_check import check as run

    return run(
        text,
        against,
        without=without,
        without_sources=without_sources,
        least_words=least_words,
        settings=settings,
        fields=fields,
        progress=progress,
    )


_MODULES = ("spark",)  # of `dedup.engines`
_LAZY = {
    "AsyncIndex": "dedup.index.async_index",
    "Checked": "dedup.text_check",
    "Index": "dedup.index.index",
    "Result": "dedup.result",
}


def __getattr__(name: str) -> Any:
    """Load what brings kernels with it when it is first asked for."""
    if name in _LAZY:
        from importlib import import_module

        return globals().setdefault(name, getattr(import_module(_LAZY[name]), name))
    if name in _MODULES:
        from importlib import import_module

        return globals().setdefault(name, import_module(f"dedup.engines.{name}"))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

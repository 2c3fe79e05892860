"""What `dedup scan` prints: the largest stories, passages and clusters, the counts, the files."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dedup.errors import Problem
from dedup.output import reader
from dedup.output.diff import SAME
from dedup.output.heaviest import Source
from dedup.output.protocol import RANKED_BY, many
from dedup.output.ranked_passages import Folder
from dedup.output.schema import ArticleRow, ClusterRow, StoryRow, SummaryRow
from dedup.terminal import passages
from dedup.terminal.names import outlet
from dedup.terminal.ranked import Column, print_ranked
from dedup.terminal.screen import screen, visible

STORIES, PASSAGES, SHOWN, FEWER = 6, 5, 12, 4
"""Stories in their table, passages in each of theirs, and clusters in theirs without another table
above it and with one."""

FEW_PROBLEMS, SUCH_AS = 20, 3
"""Kinds of problems that are listed, and places of each; all are in problems.jsonl."""

LONGEST_REMEDY = 200
"""Most characters of a remedy that are printed: some list the fields of a record."""

_COUNTS = re.compile(r"\([^()]*\)|\d+")
"""What may differ in problems of one kind: numbers, and examples in brackets."""
_DIGEST = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{16,}\b")

LONGEST_SOURCE = 20
"""Characters of an agency's name in the table."""

_STORY = (
    Column("story"),
    Column("articles", number=True, spare=1),
    Column("sites", number=True),
    Column("agency", spare=2),
    Column("had it first", name=True),
    Column("title"),
)
_CLUSTER = (
    Column("cluster"),
    Column("places", number=True),
    Column("articles", number=True, spare=2),
    Column("sites", number=True),
    Column("scope", spare=1),
    Column("kept in", name=True),
    Column("first words"),
)


def summarise(out: str | os.PathLike[str], found: Source | None = None) -> None:
    """Print to standard output what a scan found, from the folder `out` that it wrote.

    `found` is the same scan in memory, where it is at hand: its passages and clusters are not read
    back then.

    Stories come first, then passages within an article and across, then clusters, then counts;
    furniture is counted in a line.
    """
    place = reader.opened(out)
    summary = reader.summary(place)
    to = screen()
    stories = reader.largest_stories(place, STORIES) if summary.get("stories") else []
    source = found or Folder(place)
    told_twice = passages.overview(place, PASSAGES, source)
    ranked = found.largest(SHOWN) if found else reader.largest(place, SHOWN)
    told = (
        "within-article" if told_twice.within else ""
    )  # those are in the table of what is told twice
    clusters = [r for r in ranked if not r.get("boilerplate") and r["scope"] != told]
    if stories or told_twice.within or told_twice.across:
        clusters = clusters[:FEWER]
    ids = {story["original"] for story in stories if story["original"] is not None}
    ids |= {row["canonical"]["article"] for row in clusters}
    outlets = reader.articles(place, ids)
    if stories:
        title = f"Stories with the most words that other articles repeat{_of(stories, summary)}"
        print_ranked(title, _STORY, [_story(story, outlets) for story in stories], to)
        to.line([])
    passages.print_overview(told_twice, to)
    if clusters:
        print_ranked(
            f"Clusters with the most {RANKED_BY}",
            _CLUSTER,
            [_cluster(row, outlets) for row in clusters],
            to,
        )
        to.line([])
    for line in _counts(summary, out, source.sites):
        to.line([(SAME, line)], hang=_LABEL)


def _of(stories: Sequence[StoryRow], summary: SummaryRow) -> str:
    """Say how many there are if not all are shown.

    >>> _of([], {"stories": 1200})
    ' (0 of 1,200)'
    """
    every = summary["stories"]
    return f" ({len(stories):,} of {every:,})" if every > len(stories) else ""


def list_problems(problems: Sequence[Problem], rest: str) -> None:
    """Print to standard error what was skipped or mended, like problems in one line.

    Of more than `FEW_PROBLEMS` kinds, the others are counted, and `rest` says where they are.
    """
    kinds: dict[tuple[str, bool], list[Problem]] = {}
    for problem in problems:
        kinds.setdefault((_COUNTS.sub("#", problem.what), problem.skipped), []).append(problem)
    groups = list(kinds.values())
    for group in groups[:FEW_PROBLEMS]:
        sys.stderr.write(f"{_problem(group)}\n")
    further = sum(map(len, groups[FEW_PROBLEMS:]))
    if further or any(len(group) > SUCH_AS for group in groups):
        said = f"{many(further, 'further problem')}: " if further else ""
        sys.stderr.write(f"{said}{rest}\n")


def _problem(group: Sequence[Problem]) -> str:
    """Return a problem, or how often a kind of it came up, and where for example."""
    ((what, remedy), _), *_ = Counter((one.what, one.remedy) for one in group).most_common(1)
    told = _DIGEST.sub(r"\1…", visible(f"{what} ({_cut(remedy)})"))
    if len(group) == 1:
        return f"{visible(group[0].where)}: {told}"
    places = list(dict.fromkeys(visible(problem.where) for problem in group))
    some = "such as" if places[SUCH_AS:] else "in"
    return f"{len(group):,} times: {told}, {some} {', '.join(places[:SUCH_AS])}"


def _cut(text: str) -> str:
    """Cut what lists much at a space."""
    return text if len(text) <= LONGEST_REMEDY else f"{text[:LONGEST_REMEDY].rpartition(' ')[0]} …"


def _story(story: StoryRow, articles: Mapping[str, ArticleRow]) -> tuple[str, ...]:
    numbers = (f"{story['size']:,}", f"{story['sites']:,}")
    source = story["source"] or "-"
    if len(source) > LONGEST_SOURCE:
        source = f"{source[: LONGEST_SOURCE - 1]}…"
    original = story["original"]
    first = "unknown" if original is None else outlet(original, articles)
    return (story["story"][:8], *numbers, source, first, story["title"])


def _cluster(cluster: ClusterRow, articles: Mapping[str, ArticleRow]) -> tuple[str, ...]:
    counts = (f"{n:,}" for n in (cluster["size"], cluster["articles"], cluster["sites"]))
    canonical = cluster["canonical"]
    kept = outlet(canonical["article"], articles)
    return (cluster["cluster"][:8], *counts, cluster["scope"], kept, canonical["text"])


_LABEL = len("relations  ")
"""Columns of the labels below."""


def _counts(
    summary: SummaryRow, out: str | os.PathLike[str], sites: Mapping[str, str | None]
) -> list[str]:
    read = ", ".join(
        (
            many(summary["articles"], "article"),
            many(summary["paragraphs"], "paragraph"),
            many(summary["words"], "word"),
        )
    )
    repeated = many(summary["repeated_paragraphs"], "paragraph")
    found = f"{many(summary['clusters'], 'cluster')}, {repeated} besides the ones to keep"
    lines = [
        f"read       {read}",
        *_without_site(sites),
        f"found      {found}, {many(summary['matches'], 'pair')} of matching texts",
        *_of_boilerplate(summary),
        f"scopes     {_scopes(summary)}",
        f"relations  {_relations(summary)}",
        *_of_stories(summary),
    ]
    if summary["skipped"]:
        skipped = many(summary["skipped"], "document")
        lines.append(f"skipped    {skipped}, listed in {Path(out, 'problems.jsonl')}")
    what = "the stories and clusters" if summary.get("stories") else "the clusters"
    lines.append(f"files      in {out}; `dedup show {out}` prints {what}, with an ID one of them")
    return lines


def _without_site(sites: Mapping[str, str | None]) -> Iterator[str]:
    """Say how many articles have no site, as they change what is within one and across."""
    if unnamed := sum(site is None for site in sites.values()):
        some = "all articles" if unnamed == len(sites) else many(unnamed, "article")
        yield f"no site    {some}, counted as one site: --site or --field site=NAME names it"


def _of_boilerplate(summary: SummaryRow) -> Iterator[str]:
    """Count the clusters that are not listed, if there are any; older folders do not say."""
    if standing := summary.get("boilerplate_clusters"):
        yield f"furniture  {many(standing, 'cluster')} of standing text, not listed above"


def _scopes(summary: SummaryRow) -> str:
    """Count pairs by scope; a pair whose texts meet in several is counted in each."""
    told = _tally(summary["scopes"])
    several = sum(summary["scopes"].values()) > summary["matches"]
    return f"{told} (some pairs meet in several)" if several else told


def _relations(summary: SummaryRow) -> str:
    """Count pairs by relation; `identical` counts texts, so it stands apart."""
    counts = {name: n for name, n in summary["relations"].items() if name != "identical" and n}
    identical = summary["relations"].get("identical", 0)
    texts = f"; besides, {many(identical, 'text')} more than once, identical" if identical else ""
    return f"{_tally(counts)}{texts}"


def _of_stories(summary: SummaryRow) -> Iterator[str]:
    """Count stories, roles and credits; a folder of format 1 knows none."""
    if "stories" in summary:
        told = f"{summary['stories']:,} with {many(summary['story_articles'], 'article')}"
        linked = many(summary["links"], "linked pair")
        yield f"stories    {told} in {linked}" if summary["stories"] else "stories    none"
        roles = {name: n for name, n in summary["roles"].items() if n}
        several = sum(roles.values()) - summary["story_articles"]
        why = " (an article in several stories has a role in each)" if several > 0 else ""
        if roles:
            yield f"roles      {_tally(roles)}{why}"
        if summary["credited"]:
            yield f"credits    an agency is named in {many(summary['credited'], 'article')}"


def _tally(counts: Mapping[Any, int]) -> str:
    return " · ".join(f"{name} {n:,}" for name, n in counts.items()) or "none"

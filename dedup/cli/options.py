"""The options that several commands share, and the settings they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from dedup.errors import SettingsError
from dedup.files import on_disk
from dedup.readers import READERS
from dedup.readers.compression import COMPRESSIONS
from dedup.readers.field_names import FIELDS, Given
from dedup.settings import POLICIES, PRESETS, Policy, Settings

Command = TypeVar("Command", bound=Callable[..., Any])

SKIPPED = 5
"""Exit code of a command that did its work but had to skip some of the input."""

_DEFAULT = Settings()
_UNSET = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)


def _setting(flag: str, help_text: str, **kwargs: Any) -> Callable[[Command], Command]:
    """Make the option of the settings' field of the same name, with its default."""
    default = getattr(_DEFAULT, flag.removeprefix("--").replace("-", "_"))
    return click.option(
        flag, default=default, show_default=True, help=help_text, **{"type": type(default)} | kwargs
    )


_INPUT = (
    click.option("--site", metavar="NAME", help="Site of all articles that name none themselves."),
    click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="[KIND:]OURS=THEIRS",
        help="Read a field under another name: --field text=body, or --field csv:text=words for "
        f"one kind of file. Ours: {', '.join(FIELDS)}. May be given several times, for one field "
        "too: the first that a record has is taken, its own name last.",
    ),
)
"""How files are read."""

_OUTLETS = click.option(
    "--outlets",
    metavar="FILE",
    type=click.Path(),
    help="CSV or TOML file of who owns which site, whose own an agency's sites are, and which "
    "sites to prefer.",
)

_COMPARING = (
    click.option(
        "--zone",
        metavar="ZONE",
        help="Time zone of dates that name none: Europe/Berlin, +01:00. Without it, lags "
        "from or to such times are known to about a day only.",
    ),
    _setting(
        "--window",
        "Most days between two articles of one story, 0 to 36500. Higher joins more, such as later "
        "reprints in other words; 0 is no limit.",
    ),
    _setting(
        "--threshold",
        "Least similarity (Jaccard) of two paragraphs, 0.05 to 1. Higher finds fewer: at 0.5 about "
        "one word in ten may differ, at 0.8 about one in thirty.",
    ),
    _setting(
        "--containment",
        "Least share of a shorter paragraph that a longer one holds, 0.05 to 1. Higher finds fewer "
        "captions, teasers and trimmed copies.",
    ),
    _setting(
        "--brief",
        "Words under which a paragraph needs more than the threshold. Higher finds fewer short "
        "lines that merely look alike; 0 turns it off.",
    ),
    click.option(
        "--strict",
        "preset",
        flag_value="strict",
        help="Fewer, surer matches: evidence 9, threshold 0.7, containment 0.9.",
    ),
    click.option(
        "--sensitive",
        "preset",
        flag_value="sensitive",
        help="More matches: evidence 5, threshold 0.4, containment 0.7.",
    ),
    _setting(
        "--evidence",
        "Words of evidence that make two passages a match, 2 to 100. Higher finds fewer: at 6.5 a "
        "copied clause of about ten words, at 10 a copied sentence.",
    ),
    _setting(
        "--shingle",
        "Words in a shingle, 1 to 16. Higher is stricter: a changed word costs more shingles.",
    ),
    _setting(
        "--chain",
        "Least similarity of any member with its cluster's centre, 0 to 1. Higher splits chains of "
        "versions sooner.",
    ),
    _setting(
        "--recall",
        "Expected share of the pairs at the threshold that are found, 0.5 to 0.9999. Higher finds "
        "more and takes longer.",
    ),
    _setting(
        "--num-perm",
        "Permutations in a sketch, 16 to 1024. Higher finds more and takes longer in proportion.",
    ),
    _setting(
        "--bucket",
        "Texts that look alike up to which all pairs are compared, 2 to 4096. Higher compares more "
        "pairs of large families of near-copies.",
    ),
    _setting("--seed", "Seed of the permutations; another one gives another draw of chance."),
    _setting(
        "--policy",
        "Which version of a cluster to keep: "
        "the first published, the longest, the one most like the others, or the one on the site "
        "that --prefer names.",
        type=click.Choice(POLICIES),
    ),
    click.option(
        "--prefer",
        "preferred_sites",
        multiple=True,
        metavar="SITE",
        help="Keep this site's version (implies --policy preferred-site). Given several times: in "
        "order of preference.",
    ),
)
"""How articles are compared."""

_RUNNING = (
    _setting(
        "--page-seconds",
        "Most seconds for one page of HTML or PDF, 0.1 to 86400; one that takes more is left out.",
    ),
    _setting("--threads", "Threads; 0 takes every core. Higher is faster, with the same result."),
)

_QUIET = click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors (and --json).")

counts_as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print the counts as JSON instead."
)
"""How a command prints its counts."""

_SCAN_OPTIONS = (*_INPUT, _OUTLETS, *_COMPARING, *_RUNNING, _QUIET, counts_as_json)


def _with(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def scan_options(command: Command) -> Command:
    """Add the options that `scan` and `clean` share."""
    paths = click.argument("paths", nargs=-1, required=True, metavar="PATHS...")
    return paths(_with(command, _SCAN_OPTIONS))


def intake_options(command: Command) -> Command:
    """Add the options of `scan` to a command that need not be given a path."""
    return click.argument("paths", nargs=-1, metavar="[PATHS]...")(_with(command, _SCAN_OPTIONS))


def settings_options(command: Command) -> Command:
    """Add the options that turn a setting of how articles are compared: --zone to --prefer."""
    return _with(command, _COMPARING)


def turned_settings(settings: Settings) -> Settings:
    """Return settings with what the command line gives of `settings_options`."""
    context = click.get_current_context()
    given = {
        name: value
        for name, value in context.params.items()
        if context.get_parameter_source(name) not in _UNSET
    }
    turned = {**PRESETS.get(given.get("preset") or "", {}), **given}
    if "preferred_sites" in turned:
        turned = {"policy": "preferred-site", **turned}
    known = {field.name for field in fields(Settings)}
    return replace(settings, **{name: value for name, value in turned.items() if name in known})


def reading_options(command: Command) -> Command:
    """Add the options that say what is read and how, and --quiet."""
    paths = click.argument("paths", nargs=-1, required=True, metavar="PATHS...")
    return paths(_with(command, (*_INPUT, _QUIET)))


def engine_options(command: Command) -> Command:
    """Add the options that say where a command runs."""
    return _with(command, _ENGINE)


_ENGINE = (
    click.option(
        "--engine",
        type=click.Choice(("local", "spark")),
        default="local",
        show_default=True,
        help="Where it runs: in this process, or on Spark (needs news-dedup[spark] and Java).",
    ),
    click.option(
        "--master",
        metavar="URL",
        help="With --engine spark: local[2], spark://HOST:PORT, yarn or k8s://ADDRESS; if not "
        "given what spark-submit or the variable MASTER says, else all cores here.",
    ),
)


def on_spark(engine: str, master: str | None) -> bool:
    """Return whether a command runs on Spark; raises UsageError for a master of none."""
    if master is not None and engine != "spark":
        raise click.UsageError("--master is for Spark; give --engine spark too")
    return engine == "spark"


def folder_on_disk(out: str) -> str:
    """Return a folder to write, without `file://`; raises as `dedup.files.on_disk` does."""
    return str(on_disk(out)) if ":/" in out else out


def scan_or_index(found: str) -> str:
    """Return a folder without `file://`, and the address of a server as it is."""
    return found if "://" in found and not found.startswith("file:") else folder_on_disk(found)


output_option = click.option(
    "-o",
    "--out",
    type=folder_on_disk,
    default="dedup-out",
    show_default=True,
    metavar="OUT",
    help="Folder to write; an earlier output of dedup there is replaced.",
)
"""Where a command writes what `dedup scan` writes."""


def file_option(help_text: str, **kwargs: Any) -> Callable[[Command], Command]:
    """Make the option by which a command is told the one file that it writes."""
    return click.option(
        "-o", "--out", "file", metavar="FILE", type=on_disk, help=help_text, **kwargs
    )


index_argument = click.argument("index", metavar="INDEX")
"""Which index a command is about."""

wait_option = click.option(
    "--wait",
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for another process that writes the index. Higher is more patient.",
)
"""How patient a command is that writes an index."""


def given_settings(context: click.Context) -> bool:
    """Return whether the command line turns any setting, besides what it says of the input."""
    apart = (
        "index",
        "paths",
        "site",
        "fields",
        "outlets",
        "quiet",
        "as_json",
        "folder",
        "keep_text",
        "page_seconds",
        "wait",
        *("out", "found", "stories", "share", "least_words", "keep_standing"),
        *("engine", "master"),
    )
    return any(
        context.get_parameter_source(name) not in _UNSET
        for name in context.params
        if name not in apart
    )


def naming_formats(command: Command) -> Command:
    """Put the kinds of files that can be read in the place of KINDS in a command's help."""
    kinds = f"{', '.join(sorted(READERS))}, also packed as {', '.join(COMPRESSIONS)}"
    command.__doc__ = (command.__doc__ or "").replace("KINDS", kinds)
    return command


def job(
    *,
    site: str | None,
    fields: tuple[str, ...],
    outlets: str | None,
    policy: Policy,
    preferred_sites: tuple[str, ...],
    preset: str | None,
    **turned: Any,
) -> dict[str, Any]:
    """Make the arguments of `dedup.scan` from the options, before anything costs time."""
    given = click.get_current_context().get_parameter_source
    if preferred_sites and given("policy") in _UNSET:
        policy = "preferred-site"
    if bool(preferred_sites) != (policy == "preferred-site"):
        raise SettingsError("--policy preferred-site and --prefer SITE go together; give both")
    steps = PRESETS.get(preset or "", {})  # a number that is given goes before
    turned |= {name: value for name, value in steps.items() if given(name) in _UNSET}
    settings = Settings(policy=policy, preferred_sites=preferred_sites, **turned)
    return {
        "settings": settings,
        "site": site,
        "fields": named_fields(fields),
        "outlets": outlets,
    }


def named_fields(pairs: tuple[str, ...]) -> Given | None:
    """Make of the values of --field what `dedup.readers.read` takes.

    Raises `SettingsError` for a value that is not OURS=THEIRS.

    >>> named_fields(("text=body", "text=content", "csv:text=words"))
    {'text': ['body', 'content'], 'csv:text': 'words'}
    """
    given: dict[str, list[str]] = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        kind, _, field = ours.rpartition(":")
        if field not in FIELDS or not equals or not theirs or (kind and not _known(kind)):
            raise SettingsError(
                f"--field is {pair!r}; write OURS=THEIRS, OURS one of {', '.join(FIELDS)}, after "
                "the kind of file and a colon if it is for that one only (csv:text=words)"
            )
        given.setdefault(ours, []).append(theirs)
    return {ours: names if len(names) > 1 else names[0] for ours, names in given.items()} or None


def _known(kind: str) -> bool:
    return f".{kind.lower().removeprefix('.')}" in READERS

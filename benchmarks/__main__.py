"""Measure everything and write RESULTS.md, section by section as each of them ends."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import crowds, measure, on_spark, peers, reading, report, scans, sections
from benchmarks.corpora import Source, articles

SIZE = 100_000
"""Paragraphs of a full run."""
QUICK = 5_000
"""Paragraphs with `--quick`."""
ROUNDS = 3
"""Runs of each path by turns, of which the best counts; one, if fewer paragraphs than `SIZE`."""
RESULTS = Path(__file__).with_name("RESULTS.md")
FAILED, INTERRUPTED = 1, 130


@dataclass(frozen=True)
class Job:
    """What a section is to measure."""

    source: Source
    size: int
    """Paragraphs."""
    rounds: int

    @property
    def whole(self) -> bool:
        """True for a run of full size."""
        return self.size >= SIZE

    def peers(self, *, slow: bool = False) -> list[str]:
        """Name the peers that are installed; the slow ones too, if asked for."""
        return [
            name
            for name, peer in peers.PEERS.items()
            if not peers.missing(name) and (slow or not peer.slow)
        ]


@dataclass(frozen=True)
class Section:
    """A part of the file, which is measured and written by itself."""

    title: str
    take: Callable[[Job], str]
    needs: tuple[str, ...] = ()
    """Modules without which it is left out."""


def _paths(job: Job) -> str:
    absent = [reason for name in peers.PEERS if (reason := peers.missing(name))]
    text = sections.whole(job.source, job.size, job.peers(), job.rounds)
    return "\n\n".join([*(f"Left out: {reason}." for reason in absent), text])


def _other(job: Job) -> str:
    return sections.other(job.source, job.size, job.peers(), job.peers(slow=True))


SECTIONS = {
    "paths": Section("From articles to verified pairs", _paths),
    "scan": Section(
        "Whole scans",
        lambda job: scans.section(job.source, job.size, min(job.rounds, 2)),
        ("rensa",),
    ),
    "crowds": Section("Articles that say the same", lambda job: crowds.section(job.size // 10)),
    "sketching": Section(
        "Sketching alone", lambda job: sections.sketching(job.source, job.size), ("rensa",)
    ),
    "threads": Section("Two threads", lambda job: sections.threads(job.source, job.size)),
    "growth": Section(
        "Growth", lambda job: sections.growth(job.source, job.size, min(job.rounds, 2))
    ),
    "commands": Section(
        "Commands", lambda job: sections.commands(job.rounds), ("trafilatura",)
    ),  # the news has a page
    "html": Section(
        "Reading HTML", lambda job: reading.html(1 if job.whole else 20), ("trafilatura",)
    ),
    "other": Section("On other input", _other),
    "index": Section(
        "An index on disk", lambda job: measure.printed("whole_index", str(10 * job.size))
    ),
    "store": Section(
        "The store of an index on disk", lambda job: measure.printed("indexing", str(10 * job.size))
    ),
    "redis": Section(
        "The store of an index in Redis",
        lambda job: measure.printed("shared_indexing", str(3 * job.size // 10)),
        ("redis",),
    ),
    "spark": Section(
        "On Spark", lambda job: on_spark.section(job.source, job.size), ("pyspark", "pyarrow")
    ),
}
"""Every section by its name for `--only`, in the order of the file."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the file; return the exit code."""
    options = _options(arguments)
    job = Job(Source(options.corpus), options.size, ROUNDS if options.size >= SIZE else 1)
    out = File(options.out, " ".join(["python -m benchmarks", *(arguments or sys.argv[1:])]))
    wanted = [name for name in SECTIONS if name in (options.only or SECTIONS)]
    code = 0
    for number, name in enumerate(wanted):
        try:
            text = _measured(SECTIONS[name], job)
        except KeyboardInterrupt:
            measure.say(f"interrupted; {number} of {len(wanted)} sections stand in {out.path}")
            return INTERRUPTED
        except Exception as error:  # the other sections go on
            code = FAILED
            text = f"**Failed**: {type(error).__name__}: {error}"
            measure.say(text)
        out.add(SECTIONS[name].title, text, wanted[number + 1 :])
    return code


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help=f"{QUICK:,} paragraphs instead of {SIZE:,}, one round")
    add("--size", type=_size, metavar="PARAGRAPHS", help="another number of paragraphs")
    add("--corpus", type=Path, metavar="FILE", help='JSON lines, each with a "text" (.gz too)')
    only = f"measure this alone, may be repeated: {', '.join(SECTIONS)}"
    add("--only", action="append", choices=SECTIONS, metavar="SECTION", help=only)
    add("-o", "--out", type=Path, help="file to write (a full run: benchmarks/RESULTS.md)")
    options = parser.parse_args(arguments)
    if options.corpus:
        try:
            articles(options.corpus, 1)
        except (OSError, ValueError) as error:
            parser.error(str(error))
    options.size = options.size or (QUICK if options.quick else SIZE)
    full = options.size >= SIZE and not (options.only or options.corpus)
    options.out = options.out or (RESULTS if full else Path("bench.md"))
    return options


def _size(text: str) -> int:
    size = int(text)
    if size < 100:
        raise argparse.ArgumentTypeError("at least 100")
    return size


def _measured(section: Section, job: Job) -> str:
    if reason := peers.absent(section.needs):
        return f"Left out: {reason}."
    return section.take(job)


class File:
    """The file that is written: a head, and the sections that have ended."""

    def __init__(self, path: Path, command: str) -> None:
        self.path = path
        self._body: list[str] = []
        self._before = report.machine()
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0
        self._busy = report.caution(load, os.cpu_count() or 1)
        self._command = command

    def add(self, title: str, text: str, to_come: Sequence[str]) -> None:
        """Write the file with one section more; it is never there by half."""
        self._body.append(f"## {title}\n\n{text}")
        rest = [f"Not measured yet: {', '.join(to_come)}."] if to_come else []
        head = [
            "# Results",
            f"Written by `{self._command}` on {datetime.date.today():%Y-%m-%d}.",
            "How to read it stands in `benchmarks/README.md`.",
            f"Machine at the start: {self._before}. At the end: {report.machine()}.",
            f"Versions: {report.versions()}.",
            *self._busy,
            *rest,
        ]
        partial = self.path.with_name(f"{self.path.name}.partial")
        partial.write_text("\n\n".join(head + self._body) + "\n", encoding="utf-8")
        partial.replace(self.path)


if __name__ == "__main__":
    sys.exit(main())

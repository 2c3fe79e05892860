"""Measure everything at full size and write RESULTS.md."""

from __future__ import annotations

import argparse
import datetime
import os
from pathlib import Path

from benchmarks import measure, peers, reading, report, sections

SLOW = ("near_dupes",)
"""Peers that only run on the smaller input."""


def main() -> None:
    """Measure, and write the file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the size, one round")
    parser.add_argument("-o", "--out", type=Path, help="file to write (benchmarks/RESULTS.md)")
    options = parser.parse_args()
    size, rounds = (5_000, 1) if options.quick else (100_000, 3)
    everyone = [peer for peer in peers.PEERS if not peers.missing(peer)]
    fast = [peer for peer in everyone if peer not in SLOW]
    before = report.machine()
    busy = report.caution(
        os.getloadavg()[0] if hasattr(os, "getloadavg") else 0, os.cpu_count() or 1
    )
    found = {
        "From articles to verified pairs": sections.whole(size, fast, rounds),
        "Sketching alone": sections.sketching(size),
        "Two threads": sections.threads(size),
        "Growth": sections.growth([size, 2 * size, 4 * size], min(rounds, 2)),
        "Commands": sections.commands(rounds),
        "Reading HTML": reading.html(20 if options.quick else 1),
        "On other input": sections.other(size, fast, everyone),
        "An index on disk": measure.printed("whole_index", str(10 * size)),
        "The store of an index on disk": measure.printed("indexing", str(10 * size)),
        "The store of an index in Redis": measure.printed("shared_indexing", str(3 * size // 10)),
    }
    command = "python -m benchmarks" + " --quick" * options.quick
    head = [
        "# Results",
        f"Written by `{command}` on {datetime.date.today():%Y-%m-%d}.",
        "How to read it stands in `benchmarks/README.md`.",
        f"Machine at the start: {before}. At the end: {report.machine()}.",
        f"Versions: {report.versions()}.",
        *busy,
    ]
    body = [f"## {title}\n\n{text}" for title, text in found.items()]
    file = options.out or Path(__file__).with_name("RESULTS.md")
    file.write_text("\n\n".join(head + body) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The sections of RESULTS.md: each measures something and gives it as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks import generate, measure, report
from benchmarks.child import THRESHOLD
from benchmarks.corpora import Source, paragraphs
from benchmarks.measure import Runs, say
from benchmarks.outcome import truth

OURS = ("dedup", "dedup, bands as peers", "dedup as set", "dedup.scan")
GROWING = ("dedup as set", "dedup.scan, no settings")
WANTED = {"rensa": 8, "datasketch": 20}
"""How many times the time of dedup each of these peers is to take."""


def whole(source: Source, size: int, peers: Sequence[str], rounds: int) -> str:
    """Compare the paths on real text, and hold the ratios against their targets."""
    corpus, texts = source.take(size)
    text, runs = _paths(f"{corpus}, {paragraphs(texts):,} paragraphs", texts, peers, rounds)
    targets = []
    for name in OURS[:3]:
        run = runs[name]
        targets += [
            report.target(f"{name} against {peer}", _ratio(runs[peer], run), wanted, "x")
            for peer, wanted in WANTED.items()
            if peer in runs
        ]
        if run.score:
            targets.append(report.target(f"Recall of {name}", run.score.recall, 0.99))
            what = f"Share of the true pairs that {name} puts into one cluster"
            targets.append(f"- {what}: {run.score.clustered:.4f}")
    return "\n".join(targets) + "\n\n" + text


def other(source: Source, size: int, peers: Sequence[str], everyone: Sequence[str]) -> str:
    """Compare the paths on made-up text, and those that are too slow for more on less text."""
    made = generate.generate(size).articles()
    corpus, few = source.take(size // 5)
    planted, _ = _paths(f"generated, {size:,} paragraphs", made, peers, 1)
    slow, _ = _paths(f"{corpus}, {paragraphs(few):,} paragraphs", few, everyone, 1)
    return planted + "\n\n" + slow


def sketching(source: Source, size: int) -> str:
    """Measure sketching alone."""
    say("sketching")
    found = measure.apart("sketch", source.take(size)[1])
    seconds = found["seconds"]
    rows = [
        [name, f"{s:.3f}", f"{found['texts'] / s / 1e6:.2f}", f"{s / seconds['dedup']:.2f}"]
        for name, s in seconds.items()
    ]
    ratios = [
        report.target(
            f"Against rensa's full-set digest matrix from {way}",
            seconds[f"rensa, {way}"] / seconds["dedup"],
            3,
            "x",
        )
        for way in ("arrays", "lists")
    ]
    intro = (
        f"{found['shingles']:,} shingles of {found['texts']:,} texts, 128 permutations, one "
        "thread. rensa takes ready hashes as Python lists or as flat arrays; both ways are shown."
    )
    figures = report.table(["sketching", "s", "M texts/s", "x dedup"], rows)
    return "\n\n".join(["\n".join(ratios), intro, figures])


def threads(source: Source, size: int) -> str:
    """Measure each kernel with two threads and with one."""
    say("threads")
    found = measure.apart("threads", source.take(size)[1])
    found["all"] = {n: sum(times[n] for times in found.values()) for n in "12"}
    rows = [
        [name, f"{t['1']:.3f}", f"{t['2']:.3f}", f"{t['1'] / t['2']:.2f}"]
        for name, t in found.items()
    ]
    ratio = found["all"]["1"] / found["all"]["2"]
    head = ["kernel", "1 thread, s", "2 threads, s", "x"]
    return report.target("All kernels", ratio, 1.7, "x") + "\n\n" + report.table(head, rows)


def growth(source: Source, size: int, rounds: int) -> str:
    """Measure how time and memory grow with the number of paragraphs."""
    runs: dict[str, list[Runs]] = {name: [] for name in GROWING}
    sizes = source.sizes(size)
    for each in sizes:
        say(f"growth: {each:,}")
        for name, run in measure.routes(GROWING, source.take(each)[1], rounds).items():
            runs[name].append(run)
    rows = [
        [name, f"{each:,}", f"{run.best.total:.2f}", f"{run.peak:.0f}"]
        for name, measured in runs.items()
        for each, run in zip(sizes, measured, strict=True)
    ]
    targets = [line for name, measured in runs.items() for line in _grown(name, sizes, measured)]
    return "\n".join(targets) + "\n\n" + report.table(["path", "paragraphs", "s", "peak MB"], rows)


def commands(rounds: int) -> str:
    """Measure what a user waits for at the command line."""
    say("commands")
    found = measure.commands(rounds)
    wanted = {
        "dedup --help": 0.25,
        "dedup scan samples/newsroom": 1,
        "dedup scan samples/newsroom, the first time ever": 15,
    }
    return "\n".join(
        report.target(f"`{name}`", found[name], limit, " s", at_most=True)
        for name, limit in wanted.items()
    )


def _paths(
    title: str, texts: list[str], peers: Sequence[str], rounds: int
) -> tuple[str, dict[str, Runs]]:
    """Measure the paths on one input beside the exact join; give the section and the runs."""
    say(title)
    true = truth(texts, THRESHOLD)
    runs = measure.routes([*OURS, *peers], texts, rounds, true)
    intro = (
        f"{len(true.rows):,} distinct paragraphs of three words or more; the exact join finds "
        f"{len(true.pairs):,} pairs. Best of {rounds} by turns, one thread each."
    )
    figures = report.routes(runs, "dedup")
    parts = [f"### {title}", intro, figures, "Seconds a stage:", report.stages(runs)]
    return "\n\n".join(parts), runs


def _grown(name: str, sizes: Sequence[int], runs: Sequence[Runs]) -> list[str]:
    """Hold growth against its targets; memory is what comes on top of the bare process."""
    first, last = runs[0], runs[-1]
    ratios = {
        "time": last.best.total / first.best.total,
        "memory": max(1.0, last.peak - last.base) / max(1.0, first.peak - first.base),
    }
    spread = math.log(sizes[-1] / sizes[0])
    lines = [
        report.target(f"{name}, exponent of {what}", math.log(x) / spread, 1.1, at_most=True)
        for what, x in ratios.items()
    ]
    limit = 300 + sizes[-1] / 1000
    what = f"{name}, peak memory at {sizes[-1]:,}"
    return [*lines, report.target(what, last.peak, limit, " MB", at_most=True)]


def _ratio(slow: Runs, fast: Runs) -> float:
    return slow.best.total / fast.best.total

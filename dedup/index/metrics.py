"""What an index counts of its own work, in the text form that Prometheus reads.

The format is version 0.0.4 of the Prometheus text exposition format
(https://prometheus.io/docs/instrumenting/exposition_formats/). Counters are those of one opening;
gauges say how the index stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from threading import Lock

import numpy as np

from dedup.index.answers import Found
from dedup.index.claims import CLAIMS, Claims
from dedup.index.state import SETTLED, IndexState

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the classes of latencies, in seconds."""

SETTLED_AT = "settled at"
"""Name of the blob that says when the index was settled last, in seconds since 1970."""

Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Labels, float]
"""Suffix of the name, labels, value."""


@dataclass(slots=True)
class Metrics:
    """What one opening of an index has done."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By call and verdict: new, known or seen."""
    hits: Counter[str] = field(default_factory=Counter)
    """By relation."""
    classes: dict[str, list[int]] = field(default_factory=dict)
    """By call: answers in each class of latencies, the last one without a bound."""
    seconds: dict[str, float] = field(default_factory=dict)
    """By call: seconds in all."""
    turn: Lock = field(default_factory=Lock)
    """Held while a thread counts."""

    def count(self, call: str, found: Found, seconds: float) -> None:
        """Count an answer and how long it took."""
        with self.turn:
            self.answers[call, verdict(found)] += 1
            self.hits.update(hit.relation for hit in found.hits)
            classes = self.classes.setdefault(call, [0] * (len(BOUNDS) + 1))
            classes[bisect_left(BOUNDS, seconds)] += 1
            self.seconds[call] = self.seconds.get(call, 0.0) + seconds

    def text(self, index: IndexState) -> str:
        """Return all of it, with how the index stands, in the text form of Prometheus."""
        with self.turn:
            counters = [
                *_metric(
                    "answers_total", "counter", "Answers by call and verdict.", self._answers()
                ),
                *_metric("hits_total", "counter", "Earlier texts that matched.", self._hits()),
                *_metric("seconds", "histogram", "Time of an answer.", self._latencies()),
            ]
        return "\n".join([*counters, *_gauges(index)]) + "\n"

    def _answers(self) -> Iterator[Sample]:
        for (call, said), count in sorted(self.answers.items()):
            yield "", (("call", call), ("verdict", said)), count

    def _hits(self) -> Iterator[Sample]:
        for relation, count in sorted(self.hits.items()):
            yield "", (("relation", relation),), count

    def _latencies(self) -> Iterator[Sample]:
        for call, classes in sorted(self.classes.items()):
            own = (("call", call),)
            for bound, count in zip((*BOUNDS, "+Inf"), accumulate(classes), strict=True):
                yield "_bucket", (*own, ("le", str(bound))), count
            yield "_sum", own, self.seconds[call]
            yield "_count", own, sum(classes)


def verdict(found: Found) -> str:
    """Return in a word what was said of an article.

    >>> verdict(Found("a", True, 1, 1, 1, (), 0, (), 1.0, None, ()))
    'seen'
    """
    return "seen" if found.seen else "new" if found.is_new else "known"


def _gauges(index: IndexState) -> Iterator[str]:
    store = index.store
    settled = int((store.state(SETTLED) or b"0").split()[0])
    at = float(store.state(SETTLED_AT) or 0)
    values: Mapping[str, tuple[str, float]] = {
        "articles": ("Articles stored, revisions and removed ones included.", store.last_seq),
        "removed": ("Articles that were taken out.", int(np.count_nonzero(index.gone))),
        "texts": ("Distinct texts stored.", store.texts),
        "boilerplate_texts": ("Texts known as boilerplate.", len(index.boilerplate)),
        "last_event": ("Number of the last event.", store.last_event),
        "claims": ("Claims that are not acknowledged.", _claims(index)),
        "unsettled_articles": ("Articles since the last settling.", store.last_seq - settled),
        "settled_timestamp_seconds": ("When it was settled last, 0 for never.", at),
    }
    for name, (what, value) in values.items():
        yield from _metric(name, "gauge", what, [("", (), value)])


def _claims(index: IndexState) -> int:
    if not index.store.state(CLAIMS):
        return 0
    read = Claims.read(index.store, "", 0.0, gone=index.gone, alone=True, timeout=0.0)
    return len(read.of)


def _metric(name: str, kind: str, what: str, samples: Iterable[Sample]) -> Iterator[str]:
    name = f"dedup_index_{name}"
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} {kind}"
    for suffix, labels, value in samples:
        said = ",".join(f'{key}="{one}"' for key, one in labels)
        written = f"{value:d}" if isinstance(value, int) else repr(float(value))
        yield f"{name}{suffix}{{{said}}} {written}" if said else f"{name}{suffix} {written}"

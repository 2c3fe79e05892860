"""What a kill or a full disk does to an index that settles and forgets, and what then holds."""

from __future__ import annotations

import os
import random
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kills import Say, killed
from news import FERRY, MILL
from prose import BRIDGE, COMET, HERRING, LIBRARY, STRIKE, changed
from test_index_events import followed, settled
from test_index_faults import tiny_disk

from dedup import Article, Index
from dedup.errors import OutputError

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no fork"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

START = datetime(2024, 1, 1, tzinfo=UTC)
WINDOW = 30
"""Articles, one a day, that an index keeps when it has forgotten."""


def page(number: int) -> Article:
    """The article of a day: part of a story, and some paragraphs that others have versions of."""
    dice = random.Random(number)
    story = FERRY if number % 2 else MILL
    base = dice.choice((BRIDGE, COMET, HERRING, LIBRARY, STRIKE))
    texts = [*story[: dice.randint(2, 8)], changed(base, dice.randint(0, 30))]
    date = (START + timedelta(days=number)).isoformat()
    return Article(str(number), "\n".join(texts), site=f"s{number % 3}", date=date)


def work(folder: Path, say: Say) -> None:
    """Add, settle and forget without end; say what is stored and what is forgotten."""
    with Index(folder, wait=60) as index:
        number = len(index)
        say("ready 0")
        while True:
            index.add_many([page(number + n) for n in range(6)])
            number += 6
            say(f"added {number}")
            index.settle()
            index.forget(START + timedelta(days=number - WINDOW))
            say(f"forgot {number - WINDOW}")
            index.add(page(number))
            number += 1
            say(f"added {number}")


def lives_through_kills(folder: Path, rounds: int, seed: int) -> None:
    dice, least = random.Random(seed), {"added": 0, "forgot": 0}
    with Index(folder) as index:  # kernels are loaded before the first fork
        index.add_many([page(0), page(1)])
        index.settle()
    for _ in range(rounds):
        least |= killed(work, folder, dice.uniform(0, 0.6))
        with Index(folder) as index:
            assert index.check() == []
            assert len(index) >= least["added"]
            there = [index.get(str(number)) is not None for number in range(len(index))]
            first = max(0, least["forgot"])
            assert not any(there[:first])  # what was forgotten stays so
            assert all(there[max(first, len(index) - WINDOW) :])  # nothing else is lost
            found = index.settle()
            assert {a.id for a in found.articles} == {str(n) for n, is_ in enumerate(there) if is_}
            assert followed(index) == settled(found)


def test_a_kill_while_it_settles_or_forgets_loses_nothing_and_events_still_lead_to_the_truth(
    tmp_path: Path,
) -> None:
    lives_through_kills(tmp_path / "index", 12, 1)


@pytest.mark.slow
def test_two_hundred_kills_while_it_settles_or_forgets_lose_nothing(tmp_path: Path) -> None:
    for seed in range(10):
        lives_through_kills(tmp_path / f"index{seed}", 20, seed)


@pytest.mark.parametrize("what", ["settle", "forget"])
def test_a_full_disk_refuses_and_leaves_the_index_as_it_was(tmp_path: Path, what: str) -> None:
    with tiny_disk(tmp_path / "disk", "3m") as disk:
        with Index(disk / "index") as index:
            index.add_many([page(number) for number in range(60)])
            index.settle()
            index.add_many([page(number) for number in range(60, 80)])
            before, last = settled_so_far(index), len(list(index.since()))
            (disk / "full").write_bytes(bytes(free(disk)))
            with pytest.raises(OutputError, match="space on the disk"):
                index.settle() if what == "settle" else index.forget(START + timedelta(days=50))
            assert index.check() == []
            if what == "settle":
                assert (settled_so_far(index), len(list(index.since()))) == (before, last)
        shutil.copytree(disk / "index", tmp_path / "index")
    with Index(tmp_path / "index") as index:  # where there is room again
        index.forget(START + timedelta(days=50))
        found = index.settle()
        assert {int(a.id) for a in found.articles} == set(range(50, 80))
        assert followed(index) == settled(found)
        assert index.check() == []


def free(disk: Path) -> int:
    status = os.statvfs(disk)
    return status.f_bavail * status.f_frsize


def settled_so_far(index: Index) -> bytes:
    return b"".join(index._store.state(name) or b"" for name in ("settled", "cluster", "story"))

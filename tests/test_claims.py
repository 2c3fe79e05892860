"""Claims: what a job was handed and has not acknowledged is told again, and nothing is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prose import BRIDGE, COMET, HERRING, LIBRARY, STRIKE, changed

import dedup
from dedup import Claim, Index
from dedup.index.claims import Claims
from dedup.storage.local import LocalStore

TEXTS = (BRIDGE, COMET, HERRING, LIBRARY, STRIKE)


def article(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"{number}", "text": TEXTS[number], "site": "a.example", **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    with Index(folder) as opened:
        yield opened


def test_what_is_acknowledged_is_seen_when_it_comes_again(folder: Path) -> None:
    with Index(folder) as index:
        found = index.claim(article(0))
        assert (found.is_new, found.claimed, found.again) == (True, True, False)
        assert [claim.article for claim in index.claims()] == ["0"]
        index.done(found)
        assert index.claims() == []
    with Index(folder) as index:
        again = index.claim(article(0))
        assert (again.seen, again.is_new, again.claimed) == (True, False, False)


def test_what_a_job_did_not_acknowledge_is_told_again_as_it_was_told_first(folder: Path) -> None:
    with Index(folder) as index:
        first = index.claim(article(0))
        index.add({**article(0), "id": "a copy that came later", "site": "b.example"})
    with Index(folder) as index:
        again = index.claim(article(0))
        assert (again.is_new, again.again, again.seen) == (True, True, False)
        assert (again.number, again.largest_share) == (first.number, first.largest_share)
        assert len(index) == 2, "it is not stored twice"
        index.done(again)
    with Index(folder) as index:
        assert index.claim(article(0)).seen


def test_two_of_one_job_are_handed_on_once(index: Index) -> None:
    assert index.claim(article(0)).claimed
    twice = index.claim(article(0))
    assert (twice.seen, twice.claimed) == (True, False)


def test_what_is_given_back_is_told_again_by_the_same_job(index: Index) -> None:
    found = index.claim(article(0))
    index.release(found.number)
    again = index.claim(article(0))
    assert (again.is_new, again.again, again.claimed) == (True, True, True)
    index.done(again.number)
    assert index.claim(article(0)).seen


def test_a_copy_is_new_where_nobody_ever_had_the_article(folder: Path) -> None:
    with Index(folder) as index:
        index.claim(article(0))
    with Index(folder) as index:
        copy = index.claim({**article(0), "id": "copy", "site": "b.example"})
        assert copy.is_new, "the job that had the other died with it"
        index.done(copy)
        third = index.claim({**article(0), "id": "third", "site": "c.example"})
        assert not third.is_new


def test_a_later_revision_stands_for_one_that_was_never_handed_on(folder: Path) -> None:
    with Index(folder) as index:
        index.claim(article(0))
    with Index(folder) as index:
        revised = index.claim(article(0) | {"text": changed(BRIDGE, 3)})
        assert (revised.revision, revised.is_new, revised.again) == (2, True, True)
        index.done(revised)
        assert index.claims() == []


def test_only_what_is_handed_on_need_be_claimed(index: Index) -> None:
    new = index.claim(article(0), when=lambda found: found.is_new)
    copy = {**article(0), "id": "copy", "site": "b.example"}
    known = index.claim(copy, when=lambda found: found.is_new)
    assert (new.claimed, known.claimed, known.is_new) == (True, False, False)
    assert len(index.claims()) == 1


def test_several_are_acknowledged_at_once_and_unknown_ones_do_no_harm(index: Index) -> None:
    found = [index.claim(article(number)) for number in range(4)]
    index.done(found[0], found[2].number, 99)
    assert [claim.article for claim in index.claims()] == ["1", "3"]
    index.done()
    assert len(index.claims()) == 2


def test_where_several_jobs_write_claims_of_another_run_out(tmp_path: Path) -> None:
    claim = Claim(7, "a", 1000.0, "other", 0.0, None)
    back = Claim(8, "b", 1000.0, "", 0.0, None)

    def left(now: float, *, alone: bool = False, job: str = "me") -> set[int]:
        return Claims({7: claim, 8: back}, job, now, alone, 600.0).left()

    assert left(1599) == {8}
    assert left(1600) == {7, 8}
    assert left(1001, alone=True) == {7, 8}
    assert left(1001, alone=True, job="other") == {8}
    assert left(900) == {8}, "a clock that went back"


def test_the_stream_of_new_articles_gives_the_one_at_which_a_job_died_again(folder: Path) -> None:
    articles = [article(number) for number in range(4)]

    def die_at_two() -> None:
        for one in dedup.new_articles(articles, index=folder):
            assert one["id"] != "2", "the job dies"

    with pytest.raises(AssertionError, match="dies"):
        die_at_two()
    left = [one["id"] for one in dedup.new_articles(articles, index=folder)]
    assert left == ["2", "3"]
    assert list(dedup.new_articles(articles, index=folder)) == []


def test_a_stream_that_is_left_gives_its_last_one_again_on_the_same_index(index: Index) -> None:
    articles = [article(number) for number in range(3)]
    for one in dedup.new_articles(articles, index=index):
        if one["id"] == "1":
            break
    assert [one["id"] for one in dedup.new_articles(articles, index=index)] == ["1", "2"]


def test_a_full_disk_while_acknowledging_leaves_the_claim(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = index.claim(article(0))

    def full(self: LocalStore, batch: object) -> None:
        raise dedup.OutputError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "append", full)
        with pytest.raises(dedup.OutputError):
            index.done(found)
    assert len(index.claims()) == 1


# -- Killed while claiming and acknowledging

CHILD = """
import sys
import dedup

with dedup.Index(sys.argv[1]) as index, open(sys.argv[2], "a") as out:
    print("ready", flush=True)
    for number in range(400):
        words = " ".join(f"word{number}x{k}" for k in range(20))
        found = index.claim({"id": str(number), "text": words})
        if found.claimed:
            out.write(f"{number}\\n")
            out.flush()
            index.done(found)
print("ended", flush=True)
"""


def killed_until_all_is_handed_on(folder: Path, kills: int, seed: int) -> tuple[list[int], int]:
    """Kill the job at some moments, then let it end; return what was handed on, and the kills."""
    moments, handed, killed = random.Random(seed), folder / "handed", 0
    while True:
        run = [sys.executable, "-c", CHILD, str(folder / "index"), str(handed)]
        process = subprocess.Popen(run, stdout=subprocess.PIPE, encoding="utf-8")
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if killed == kills:
            assert process.communicate(timeout=300)[0] == "ended\n"
            return [int(line) for line in handed.read_text().split()], killed
        time.sleep(moments.uniform(0.0, 0.08))
        process.kill()
        process.communicate()
        killed += 1


def all_is_handed_on(folder: Path, kills: int) -> None:
    handed, killed = killed_until_all_is_handed_on(folder, kills, kills)
    assert set(handed) == set(range(400)), "none is lost"
    assert len(handed) <= 400 + killed, "and at each kill one at most is told twice"
    with Index(folder / "index", read_only=True) as index:
        assert index.claims() == []
        assert len(index) == 400


def test_each_is_handed_on_where_a_job_is_killed_again_and_again(tmp_path: Path) -> None:
    all_is_handed_on(tmp_path, 6)


@pytest.mark.slow
def test_each_is_handed_on_through_two_hundred_kills(tmp_path: Path) -> None:
    all_is_handed_on(tmp_path, 200)

"""An index that was open when its process was forked: nothing is lost, and never in silence."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from prose import BRIDGE, HERRING, LIBRARY

from dedup.errors import LockedError
from dedup.index.async_index import AsyncIndex
from dedup.index.index import Index

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there is no fork"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def forked(work: Callable[[], object]) -> None:
    """Do work in a fork, and fail where it fails."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # it must not go on as a second pytest
            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


def test_a_fork_of_a_writer_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with Index(tmp_path / "i") as index:
        index.add({"id": "a", "text": BRIDGE})

        def refused() -> None:
            calls: list[Callable[[], object]] = [
                lambda: index.add({"id": "b", "text": HERRING}),
                lambda: index.add_many([{"id": "b", "text": HERRING}]),
                lambda: index.query({"id": "b", "text": HERRING}),
                lambda: index.remove("a"),
                lambda: index.note("x", b""),
                index.settle,
                lambda: len(index),
            ]
            for call in calls:
                with pytest.raises(LockedError, match=r"fork of it; open it after the fork"):
                    call()
            index.close()

        for _ in range(4):
            forked(refused)
        assert index.add({"id": "c", "text": LIBRARY}).is_new
        assert index.check() == []
    with Index(tmp_path / "i", read_only=True) as index:
        assert [index.get(id_) is not None for id_ in "abc"] == [True, False, True]


def test_a_fork_of_a_reader_opens_the_index_anew(tmp_path: Path) -> None:
    with Index(tmp_path / "i") as writer:
        writer.add({"id": "a", "text": BRIDGE})
        reader = Index(tmp_path / "i", read_only=True)
        assert reader.query({"id": "x", "text": BRIDGE}).closest == "a"
        writer.add({"id": "b", "text": HERRING})

        def asked() -> None:
            assert reader.query({"id": "x", "text": BRIDGE}).closest == "a"
            assert reader.query({"id": "y", "text": HERRING}).closest == "b"
            reader.close()
            reader.close()

        for _ in range(2):
            forked(asked)
        assert reader.query({"id": "y", "text": HERRING}).closest == "b"
        reader.close()
        forked(reader.close)


def test_an_index_that_was_closed_stays_closed_in_a_fork(tmp_path: Path) -> None:
    with Index(tmp_path / "i") as index:
        index.add({"id": "a", "text": BRIDGE})
    reader = Index(tmp_path / "i", read_only=True)
    reader.close()

    def asked() -> None:
        with pytest.raises(ValueError, match="was closed"):
            reader.query(BRIDGE)

    forked(asked)


def test_a_fork_that_opens_it_itself_waits_for_its_turn(tmp_path: Path) -> None:
    index = Index(tmp_path / "i")
    index.add({"id": "a", "text": BRIDGE})

    def refused() -> None:
        with pytest.raises(LockedError, match="writes this index"):
            Index(tmp_path / "i", wait=0)

    def taken() -> None:
        with Index(tmp_path / "i") as own:
            own.add({"id": "b", "text": HERRING})

    forked(refused)
    index.close()
    forked(taken)
    with Index(tmp_path / "i", read_only=True) as index:
        assert index.get("b") is not None


def test_an_index_for_asyncio_does_not_wait_for_a_thread_of_another_process(
    tmp_path: Path,
) -> None:
    async def opened() -> AsyncIndex:
        index = AsyncIndex(tmp_path / "i")
        await index.open()
        return index

    async def refused() -> None:
        with pytest.raises(LockedError, match="fork of it"):
            await asyncio.wait_for(index.add(BRIDGE), 20)

    index = asyncio.run(opened())
    forked(lambda: asyncio.run(refused()))
    asyncio.run(index.close())

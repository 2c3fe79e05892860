"""How work is divided among threads: in order, whole, and without waiting for one another."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from dedup._jit.kernels import in_order


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_answers_come_in_the_order_of_what_was_asked(workers: int) -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.01 if number == 0 else 0)
        return number * number

    assert list(in_order(slow_first, range(50), workers)) == [n * n for n in range(50)]


def test_as_many_threads_work_as_there_are_workers_and_the_one_that_asks_is_one() -> None:
    together = threading.Barrier(3)

    def meet(_: int) -> int:
        together.wait(10)  # raises where there are fewer
        return threading.get_ident()

    assert set(in_order(meet, range(3), 3)) > {threading.get_ident()}


def test_threads_are_kept_for_the_next_task() -> None:
    list(in_order(abs, range(8), 2))
    before = threading.active_count()
    for _ in range(20):
        list(in_order(abs, range(8), 2))
    assert threading.active_count() == before


def test_a_task_may_divide_its_work_in_turn() -> None:
    def depth(levels: int) -> int:
        return sum(in_order(depth, [levels - 1] * 3, 2)) if levels else 1

    assert depth(5) == 3**5


def test_threads_that_ask_at_once_do_not_wait_for_each_other() -> None:
    sums: list[int] = []

    def ask() -> None:
        sums.append(sum(in_order(lambda n: sum(in_order(abs, [n] * 4, 2)), range(30), 2)))

    asking = [threading.Thread(target=ask) for _ in range(6)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(30)
    assert sums == [4 * sum(range(30))] * 6


def _failing_at(place: int, begun: list[int]) -> Iterator[int]:
    def task(number: int) -> int:
        begun.append(number)
        if number == place:
            raise ValueError(number)
        time.sleep(0.001)
        return number

    return in_order(task, range(500), 2)


def test_an_error_comes_in_its_place_and_ends_the_rest() -> None:
    begun: list[int] = []
    answers = list[int]()
    with pytest.raises(ValueError, match=r"^5$"):
        answers.extend(_failing_at(5, begun))
    assert answers == [0, 1, 2, 3, 4]
    assert len(begun) < 100


def test_who_asks_no_further_leaves_no_task_behind() -> None:
    begun: list[int] = []
    answers = _failing_at(-1, begun)
    assert next(answers) == 0
    answers.close()  # type: ignore[attr-defined]
    ended = len(begun)
    time.sleep(0.05)
    assert ended == len(begun) < 100


def test_what_ends_a_run_is_not_put_off() -> None:
    here = threading.get_ident()
    done: list[int] = []

    def task(number: int) -> None:
        if threading.get_ident() == here:
            raise KeyboardInterrupt
        time.sleep(0.001)
        done.append(number)

    with pytest.raises(KeyboardInterrupt):
        list(in_order(task, range(500), 2))
    assert len(done) < 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_has_threads_of_its_own() -> None:
    list(in_order(abs, range(8), 2))
    child = os.fork()
    if not child:
        together = threading.Barrier(2)
        met = list(in_order(lambda _: together.wait(10), range(2), 2))
        os._exit(0 if sorted(met) == [0, 1] else 1)
    assert os.waitpid(child, 0)[1] == 0

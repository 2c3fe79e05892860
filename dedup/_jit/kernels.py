"""How kernels are compiled: before the first call, cached on disk, free of the interpreter lock.

A kernel has one explicit signature, so that it is compiled (or loaded from the cache) when its
module is imported and never in the middle of a run. What only kernels call is a `helper`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Compiled = Callable[..., Any]
Item = TypeVar("Item")
Answer = TypeVar("Answer")


def kernel(signature: str) -> Callable[[Compiled], Compiled]:
    """Compile a function for one numba signature."""
    decorator: Callable[[Compiled], Compiled] = numba.njit(signature, cache=True, nogil=True)
    return decorator


def helper(function: Compiled) -> Compiled:
    """Compile a function that only kernels call."""
    compiled: Compiled = numba.njit(nogil=True)(function)
    return compiled


def spread(
    task: Callable[[int, int], Any], weights: npt.NDArray[np.int64], workers: int
) -> list[Any]:
    """Run `task(low, high)` over contiguous rows of about equal weight, one range a thread.

    `weights`, int64[rows + 1], are running totals, as the offsets of ragged rows are. Returns the
    results in order of the rows; no rows, no calls.

    >>> spread(lambda low, high: (low, high), np.array([0, 9, 10, 11, 20]), 2)
    [(0, 2), (2, 4)]
    """
    rows = len(weights) - 1
    if workers == 1:
        return [task(0, rows)] if rows else []
    targets = weights[0] + (weights[-1] - weights[0]) * np.arange(1, workers) / workers
    cuts = np.unique(np.r_[0, np.searchsorted(weights, targets), rows])
    ranges = [(int(low), int(high)) for low, high in pairwise(cuts)]
    return list(in_order(lambda bounds: task(*bounds), ranges, workers))


def in_order(
    task: Callable[[Item], Answer], items: Sequence[Item], workers: int
) -> Iterator[Answer]:
    """Yield the answers of a task to items, in order; one item or worker starts no thread.

    >>> list(in_order(lambda n: n * n, [1, 2, 3], 2))
    [1, 4, 9]
    """
    if workers == 1 or len(items) <= 1:
        yield from map(task, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(task, items)

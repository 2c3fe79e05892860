"""How kernels are compiled: at their first call, kept on disk, free of the interpreter lock.

A kernel has one explicit signature. It is compiled, or loaded from where it is kept
(`dedup._jit.cache`), when it is first called; numba itself is imported then and not before. What
only kernels call is a `helper`, or an `array_helper` if it makes arrays.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache, cached_property, update_wrapper
from itertools import pairwise, takewhile
from threading import RLock, Thread, main_thread
from types import FunctionType, ModuleType
from typing import Any, Generic, TypeVar, cast

import numpy as np
import numpy.typing as npt

from dedup._jit import ahead
from dedup._jit.cache import Kept
from dedup._jit.code_digest import bulk, fingerprint

Compiled = Callable[..., Any]
Item = TypeVar("Item")
Answer = TypeVar("Answer")

_LOCK = RLock()
if hasattr(os, "register_at_fork"):  # a fork must not inherit it from a thread that it has not
    os.register_at_fork(
        before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release
    )
_OPTIONS = {"nogil": True, "no_cfunc_wrapper": True}
_HELPER_OPTIONS = {**_OPTIONS, "no_cpython_wrapper": True, "_nrt": False}


class Kernel:
    """A function that is compiled when it is first called."""

    __name__: str

    def __init__(self, function: FunctionType, signature: str, *, seldom: bool = False) -> None:
        update_wrapper(self, function)
        self.function = function
        self.signature = signature
        self.seldom = seldom
        self._compiled: Compiled | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Call the compiled function, with arrays of the types that its signature names."""
        return (self._compiled or self._first())(*arguments)

    def _first(self) -> Compiled:
        """Have what else is missing compiled too: one that calls this kernel calls others soon."""
        if self.missing() and (begun := _compiling()):
            begun.wait(self)
        return self.ready()

    def ready(self) -> Compiled:
        """Return the compiled function: loaded or compiled now, where it was not before."""
        with _LOCK:
            if self._compiled is None:
                self._compiled = self._compile()
            return self._compiled

    def missing(self) -> bool:
        """Tell whether the kernel would have to be compiled; where it runs as Python, it is not."""
        if _numba().config.DISABLE_JIT:
            return False
        with _LOCK:  # `kept` holds a lock of Python's own, which no fork may inherit either
            return self._compiled is None and not self.kept.stands()

    def _compile(self) -> Compiled:
        compiler = _numba()
        if compiler.config.DISABLE_JIT:
            return self.function
        dispatcher = compiler.njit(**_OPTIONS)(self.function)
        dispatcher._cache = self.kept
        dispatcher.compile(self.signature)
        dispatcher.disable_compile()
        return cast("Compiled", dispatcher)

    @cached_property
    def kept(self) -> Kept:
        """Where the machine code of this kernel is kept."""
        mark = fingerprint(
            self.function, self.signature, sorted(_OPTIONS.items()), sorted(_HELPER_OPTIONS.items())
        )
        return Kept(f"{self.__module__}.{self.function.__name__}", mark)


class Helper:
    """A function that kernels call. Python may call it too, for tests."""

    def __init__(self, function: FunctionType, *, makes_arrays: bool = False) -> None:
        update_wrapper(self, function)
        self.function = function
        # One that makes no array need not count references to those that it is given: to do so at
        # each call costs more than many helpers do.
        self.options = _HELPER_OPTIONS | {"_nrt": makes_arrays}

    def __call__(self, *arguments: Any) -> Any:
        """Call the function, compiled for the types of these arguments."""
        return self._callable(*arguments)

    @cached_property
    def _callable(self) -> Compiled:
        return cast("Compiled", _numba().njit(nogil=True)(self.function))


FEW = 4
"""Kernels from which on other processes compile them; higher starts none for a few kernels."""

KERNELS: list[Kernel] = []
"""The kernels of the modules that are imported."""


def kernel(signature: str, *, seldom: bool = False) -> Callable[[Compiled], Compiled]:
    """Compile a function for one numba signature.

    A kernel that is `seldom` called, as a scan of a few articles does without it, is compiled after
    the others, and loaded when it is called.
    """

    def decorated(function: Compiled) -> Compiled:
        KERNELS.append(Kernel(cast("FunctionType", function), signature, seldom=seldom))
        return KERNELS[-1]

    return decorated


_BEGUN: list[ahead.Compiling] = []
"""What is being compiled, if anything is."""
if hasattr(os, "register_at_fork"):  # a fork has no thread that would tell it of an end
    os.register_at_fork(after_in_child=_BEGUN.clear)


def begin(*tables: Callable[[], object], of: Sequence[str] = ()) -> None:
    """Load the kernels of the imported modules beside what comes next; compile them, if most miss.

    A kernel that is called meanwhile is loaded at once, or compiled next. `tables` are called after
    that: they make what else is asked for soon, and keep it themselves. Where modules or packages
    are named by `of`, only their kernels are loaded, and seldom ones too: those that nobody asks
    for soon would hold up the others.
    """
    if any(kernel._compiled is None for kernel in _wanted(of)):
        Thread(target=_make_ready, args=(tables, of), name="dedup-kernels").start()


def _wanted(of: Sequence[str]) -> list[Kernel]:
    """List the kernels of modules and packages; all that are not seldom where none is named."""
    if not of:
        return [kernel for kernel in KERNELS if not kernel.seldom]
    named = tuple(f"{name}." for name in of)
    return [kernel for kernel in KERNELS if f"{kernel.__module__}.".startswith(named)]


def _make_ready(tables: Sequence[Callable[[], object]], of: Sequence[str]) -> None:
    """Load kernels, or have all compiled; what cannot be raises where it is called."""
    with suppress(Exception):
        wanted, missing = _wanted(of), 0
        for kernel in _while_running(wanted):
            if kernel.missing():
                missing += 1
            else:
                kernel.ready()
        if 2 * missing > len(wanted):  # those few that earlier runs did without can wait
            _compiling()
        for table in _while_running(tables):
            table()


def _while_running(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items until the run is over: it is not to wait for the rest."""
    return takewhile(lambda _: main_thread().is_alive(), items)


def _compiling() -> ahead.Compiling | None:
    """Have other processes compile what is missing; None where that is too little."""
    with _LOCK:
        if _BEGUN and _BEGUN[0].ended():
            _BEGUN.clear()
        if not _BEGUN and len(missing := _missing()) >= FEW:
            _BEGUN.append(ahead.Compiling(missing, ahead.cores()))
        return _BEGUN[0] if _BEGUN else None


def compile_missing() -> int:
    """Compile the kernels of the imported modules that are not kept; return their number."""
    with _LOCK:
        before = len(_missing())
        for _ in range(2):  # what has begun, and what more modules have brought since
            if begun := _compiling():
                begun.wait()
        for kernel in _missing():  # few, or those that the processes left
            kernel.ready()
        return before


def _missing() -> list[Kernel]:
    """List the kernels that would have to be compiled, those that take longest first."""
    missing = [kernel for kernel in KERNELS if kernel.missing()]
    return sorted(missing, key=lambda kernel: (kernel.seldom, -bulk(kernel.function)))


def helper(function: Compiled) -> Compiled:
    """Compile a function that only kernels call, and that neither makes nor returns an array."""
    return Helper(cast("FunctionType", function))


def array_helper(function: Compiled) -> Compiled:
    """Compile a function that only kernels call, and that makes an array, or returns one."""
    return Helper(cast("FunctionType", function), makes_arrays=True)


@cache
def _numba() -> ModuleType:
    """Import numba, and tell it what a `Helper` is."""
    collected = gc.isenabled()
    gc.disable()  # nothing of what is imported goes away: to look for it takes a tenth of a second
    try:
        import numba
        from numba.extending import typeof_impl
    finally:
        if collected:
            gc.enable()

    @typeof_impl.register(Helper)
    def typeof(value: Helper, _context: object) -> object:
        return numba.types.Dispatcher(_dispatcher(value))

    return numba


@cache
def _dispatcher(value: Helper) -> Any:
    """Return what numba calls for a helper: no way in from Python is made, which takes time.

    Nor is it compiled once for the number 0 and once more for all numbers, where a variable that
    begins as 0 is given to it.
    """
    dispatcher = _numba().njit(**value.options)(value.function)
    template, unliteral = dispatcher.get_call_template, _numba().types.unliteral

    def get_call_template(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        named = {name: unliteral(kind) for name, kind in kws.items()}
        return template(tuple(map(unliteral, args)), named)

    dispatcher.get_call_template = get_call_template
    return dispatcher


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
    tasks = Tasks(task, workers)
    for item in items:
        tasks.add(item)
    yield from tasks.answers()


class Tasks(Generic[Item, Answer]):
    """One task for many items, which other threads work on from when each is added.

    The thread that asks for the answers is one of the workers: it does what is next, where the
    answer that it waits for is not there. So a task may ask in its turn, threads never wait for one
    another, and one worker starts no thread.

    >>> tasks = Tasks(abs, 2)
    >>> for number in (-1, 2):
    ...     tasks.add(number)
    >>> list(tasks.answers())
    [1, 2]
    """

    def __init__(self, task: Callable[[Item], Answer], workers: int) -> None:
        self._task = task
        self._threads = workers - 1
        self._waiting: deque[tuple[Item, Future[Answer]]] = deque()
        self._answers: deque[Future[Answer]] = deque()
        self._helping: list[Future[None]] = []

    def add(self, item: Item) -> None:
        """Add an item, which a thread begins to work on as soon as one is free."""
        self._answers.append(Future())
        self._waiting.append((item, self._answers[-1]))
        self._helping = [helper for helper in self._helping if not helper.done()]
        if len(self._helping) < self._threads:
            self._helping.append(_helpers(self._threads).submit(self._help))

    def answers(self) -> Iterator[Answer]:
        """Yield the answers, in the order of the items; who asks no further ends the work."""
        try:
            while self._answers:
                while not self._answers[0].done() and self._work():
                    pass
                yield self._answers.popleft().result()  # no name for it: it may be large
        finally:
            self.close()

    def close(self) -> None:
        """Let go of what nobody has begun, and wait for the rest."""
        self._waiting.clear()
        wait([helper for helper in self._helping if not helper.cancel()])

    def _help(self) -> None:
        while self._work():
            pass

    def _work(self) -> bool:
        """Work on the next item; return whether there was one."""
        try:
            item, answer = self._waiting.popleft()  # no two threads get the same
        except IndexError:
            return False
        try:
            answer.set_result(self._task(item))
        except BaseException as error:
            answer.set_exception(error)
            if not isinstance(error, Exception):  # the run is to end
                raise
        return True


@cache
def _helpers(threads: int) -> ThreadPoolExecutor:
    """Return so many threads, which are kept: to start one costs as much as a small task."""
    return ThreadPoolExecutor(threads, "dedup-helper")


if hasattr(os, "register_at_fork"):  # a fork has none of them
    os.register_at_fork(after_in_child=_helpers.cache_clear)

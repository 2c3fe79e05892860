"""What a kernel is made of, as a digest: its own code and all that it calls or closes over.

A kernel is compiled together with the helpers and constants of other modules, so no date or
content of one file tells whether machine code is still that of its source. The digest follows
what the compiler follows: names, from a function to what they stand for.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from opcode import opmap
from types import CodeType, FunctionType, ModuleType

import numpy as np

_LOAD, _EXTENDED = opmap["LOAD_GLOBAL"], opmap["EXTENDED_ARG"]
_PACKAGE = __name__.partition(".")[0]


def fingerprint(function: Callable[..., object], *besides: object) -> str:
    """Return 32 hexadecimal digits that change with what a function computes.

    They change with its code, with the code of functions it calls by a global name, with the value
    of global constants, and with `besides`; not with docstrings, comments or line numbers. They
    are those of one version of Python. Raises `TypeError` for a global whose value it cannot tell.

    >>> one, same, other = eval("lambda: 1"), eval("(lambda: 1)"), eval("lambda: 2")
    >>> fingerprint(one) == fingerprint(same), fingerprint(one) == fingerprint(other)
    (True, False)
    """
    digest = hashlib.blake2b(digest_size=16)
    known: dict[int, int] = {}
    for part in _parts((function, *besides), known):
        digest.update(part)
        digest.update(b"\0")
    return digest.hexdigest()


def bulk(function: FunctionType) -> int:
    """Return a measure of how much there is to compile, in bytes."""
    return sum(map(len, _parts(function, {})))


def _parts(value: object, known: dict[int, int]) -> Iterator[bytes]:
    """Yield what tells one value from another; `known` numbers the functions met before."""
    value = getattr(value, "function", value)  # a kernel or helper stands for its function
    if isinstance(value, tuple | list):
        yield f"{type(value).__name__} of {len(value)}".encode()
        for item in value:
            yield from _parts(item, known)
    elif isinstance(value, FunctionType):
        yield from _function(value, known)
    elif isinstance(value, np.ndarray | np.generic):
        yield f"{value.dtype.str} {value.shape}".encode()
        yield value.tobytes()
    elif isinstance(value, ModuleType):
        yield value.__name__.encode()
    elif isinstance(value, enum.EnumMeta):
        yield repr(list(value)).encode()
    elif isinstance(value, type):
        yield f"{value.__module__}.{value.__qualname__}".encode()
    else:
        told = repr(sorted(value, key=repr) if isinstance(value, frozenset | set) else value)
        if " at 0x" in told:
            raise TypeError(f"a kernel closes over {told}, which has no value that stays")
        yield f"{type(value).__name__} {told}".encode()


def _function(function: FunctionType, known: dict[int, int]) -> Iterator[bytes]:
    if id(function) in known:
        yield f"function {known[id(function)]}".encode()
        return
    known[id(function)] = len(known)
    yield from _code(function.__code__, function.__doc__, function.__globals__, known)
    for cell in function.__closure__ or ():
        yield from _parts(cell.cell_contents, known)
    yield from _parts(function.__defaults__ or (), known)


def _code(
    code: CodeType, doc: str | None, names: dict[str, object], known: dict[int, int]
) -> Iterator[bytes]:
    yield code.co_code
    yield repr((code.co_argcount, code.co_varnames, code.co_freevars)).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant, None, names, known)
        else:  # a docstring stands where there would be None without one
            yield from _parts(None if doc is not None and constant == doc else constant, known)
    values = {name: names[name] for name in global_names(code) if name in names}
    for name, value in values.items():
        yield name.encode()
        yield from _parts(value, known)
        if isinstance(value, ModuleType) and value.__name__.partition(".")[0] == _PACKAGE:
            for attribute in code.co_names:
                yield from _parts(getattr(value, attribute, None), known)
    yield repr(code.co_names).encode()


@cache
def global_names(code: CodeType) -> tuple[str, ...]:
    """Return the global names that a piece of code loads, each once, in order.

    `dis.get_instructions` tells the same, thirty times slower; a test compares the two.

    >>> global_names((lambda path: len(sorted(path.suffixes))).__code__)
    ('len', 'sorted')
    """
    found = {}
    high = 0
    for operation, low in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        argument = high | low
        if operation == _LOAD:
            found[code.co_names[argument >> 1]] = True  # the last bit is of the calls to come
        high = argument << 8 if operation == _EXTENDED else 0
    return tuple(found)

"""JSON as bytes, many values at a time: numbers and strings become cells, cells become lines.

The lines are, byte for byte, what `json.dumps` makes of the same rows with `ensure_ascii=False` and
without spaces. Kernels copy them, so threads do not wait for one another.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup._jit.kernels import kernel

LINES = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
"""How one value is written."""

_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_HEXES = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), np.uint16)
"""uint16[256]: both digits of each byte."""
_NONE = np.zeros(0, np.uint8)


class Cells(NamedTuple):
    """Pieces of JSON, one a row."""

    data: npt.NDArray[np.uint8]
    """uint8[bytes]: what they are cut from; rows may share a piece."""
    starts: npt.NDArray[np.int64]
    """int64[rows]: the first byte of each."""
    ends: npt.NDArray[np.int64]
    """int64[rows]: one past the last."""
    before: bytes = b""
    """What stands before each of them, such as a quotation mark."""
    after: bytes = b""
    """What stands after each."""

    def take(self, rows: npt.NDArray[np.generic]) -> Cells:
        """Return the cells of some rows, which may come in any order and more than once."""
        return self._replace(starts=self.starts[rows], ends=self.ends[rows])


def values(found: Iterable[Any]) -> Cells:
    r"""Return what any values are in JSON, each on its own.

    >>> values(['No "rain"', None, (1, 2)]).data.tobytes()
    b'"No \\"rain\\""null[1,2]'
    """
    pieces = [LINES.encode(value).encode("utf-8", "surrogatepass") for value in found]
    return _laid(np.frombuffer(b"".join(pieces), np.uint8), list(map(len, pieces)))


def repeated(found: Iterable[Hashable]) -> Cells:
    """Return what values are in JSON, of which many are alike: each is encoded once.

    Numbers that are equal are alike, 1 and 1.0 and True too: give it those of one kind.

    >>> repeated(["Rain", None, "Rain"]).data.tobytes()
    b'"Rain"null'
    """
    numbers: dict[Hashable, int] = {}
    rows = [numbers.setdefault(value, len(numbers)) for value in found]
    return values(numbers).take(np.array(rows, np.int64))


def strings(found: Sequence[str]) -> Cells:
    r"""Return strings; lone surrogates pass through.

    >>> strings(['No "rain"', "\n"]).data.tobytes()
    b'No \\"rain\\"\\n'
    """
    bounds = np.zeros(len(found) + 1, np.int64)
    np.cumsum([len(text) for text in found], out=bounds[1:])
    # An array of one string holds its code points: ten times as fast as to encode it.
    codes = np.array(["".join(found)]).view(np.uint32)[: bounds[-1]]
    data, ends = _written(codes, bounds)
    return Cells(data, ends[:-1], ends[1:], b'"', b'"')


def wholes(numbers: npt.NDArray[np.integer[Any]]) -> Cells:
    """Return whole numbers from 0 on.

    >>> wholes(np.array([70, 1])).data.tobytes()
    b'701'
    """
    return _laid(*_decimals(numbers.astype(np.int64), 0))


def rounded(numbers: npt.NDArray[np.float32], digits: int) -> Cells:
    """Return numbers from 0 on as Python writes them when they are rounded, to 4 digits at most.

    What a float32 is times 10,000, a float64 holds exactly up to 2**24; so both round alike.

    >>> rounded(np.array([0.12345, 2.5, 1.0], np.float32), 2).data.tobytes()
    b'0.122.51.0'
    """
    whole = np.rint(numbers.astype(np.float64) * 10**digits).astype(np.int64)
    return _laid(*_decimals(whole, digits))


def hexes(keys: npt.NDArray[np.uint64]) -> Cells:
    """Return keys, uint64[rows, 2], as strings of 32 hexadecimal digits.

    >>> hexes(np.array([[0, 255]], np.uint64)).data.tobytes()
    b'000000000000000000000000000000ff'
    """
    digits = _HEXES[keys.astype(">u8").view(np.uint8).reshape(-1)].view(np.uint8)
    starts = np.arange(len(keys), dtype=np.int64) * 32
    return Cells(digits, starts, starts + 32, b'"', b'"')


def arrays(parts: Sequence[Cells]) -> Cells:
    """Return an array a row, of one cell of each part; `lists` can put them into a list.

    >>> arrays([wholes(np.array([1, 3])), wholes(np.array([2, 4]))]).data.tobytes()
    b',[1,2],[3,4]'
    """
    return _joined([(b"," if n else b",[", part) for n, part in enumerate(parts)], b"]")


def objects(fields: Mapping[str, Cells], first: bytes = b",", last: bytes = b"") -> Cells:
    """Return an object a row, with what stands before and after it; `lists` wants commas before.

    >>> objects({"a": wholes(np.array([1])), "b": values([None])}).data.tobytes()
    b',{"a":1,"b":null}'
    """
    names = (LINES.encode(name).encode() for name in fields)
    keys = [(b"," if n else first + b"{") + name + b":" for n, name in enumerate(names)]
    return _joined(list(zip(keys, fields.values(), strict=True)), b"}" + last)


def lists(items: Cells, bounds: npt.NDArray[np.int64]) -> Cells:
    """Return a list a row, of the items from one of `bounds`, int64[rows + 1], to the next.

    Each item begins with a comma and stands behind the one before.

    >>> found = lists(arrays([wholes(np.array([1, 3]))]), np.array([0, 0, 2]))
    >>> found.data[found.starts[1] : found.ends[1]].tobytes(), (found.ends - found.starts).tolist()
    (b'[1],[3]', [0, 7])
    """
    edges = np.append(items.starts, items.ends[-1:] if len(items.ends) else [0])
    starts, ends = edges[bounds[:-1]], edges[bounds[1:]]
    return Cells(items.data, np.minimum(starts + 1, ends), ends, b"[", b"]")


def lines(fields: Mapping[str, Cells]) -> bytes:
    r"""Return an object a line, in UTF-8; one with a lone surrogate is in ASCII with escapes.

    >>> lines({"a": values(["Rain", "\ud800"])})
    b'{"a":"Rain"}\n{"a": "\\ud800"}\n'
    """
    found = objects(fields, b"", b"\n")
    whole = found.data.tobytes()
    if b"\xed" not in whole or not len(lone := _surrogates(found.data)):
        return whole
    rows = np.unique(np.searchsorted(found.ends, lone, side="right"))
    parts, at = [], 0
    for start, end in zip(found.starts[rows].tolist(), found.ends[rows].tolist(), strict=True):
        line = whole[start:end].decode("utf-8", "surrogatepass")
        parts += [whole[at:start], json.dumps(json.loads(line)).encode("ascii"), b"\n"]
        at = end
    return b"".join([*parts, whole[at:]])


def _surrogates(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.intp]:
    """Return where surrogates stand: no other character is ED and A0 or more (RFC 3629)."""
    at = np.flatnonzero(data[:-1] == 0xED)
    return at[data[at + 1] >= 0xA0]


def _laid(data: npt.NDArray[np.uint8], sizes: Sequence[int] | npt.NDArray[np.int64]) -> Cells:
    ends = np.cumsum(sizes, dtype=np.int64)
    return Cells(data, ends - np.asarray(sizes, np.int64), ends)


def _joined(parts: Sequence[tuple[bytes, Cells]], last: bytes) -> Cells:
    """Return one cell a row: of each part a literal and its cell, and `last` in the end."""
    rows = len(parts[0][1].starts)
    sizes = np.full(rows, len(last), np.int64)
    for literal, cells in parts:
        sizes += cells.ends - cells.starts
        sizes += len(literal) + len(cells.before) + len(cells.after)
    found = _laid(_NONE, sizes)
    out, at = np.empty(int(sizes.sum()), np.uint8), found.starts.copy()
    for number, (literal, cells) in enumerate(parts):
        tail = cells.after + (last if number == len(parts) - 1 else b"")
        marks = (np.frombuffer(mark, np.uint8) for mark in (literal + cells.before, tail))
        _place(out, at, *marks, cells.data, cells.starts, cells.ends)
    return found._replace(data=out)


@kernel(
    "void(u1[::1], i8[::1], Array(u1, 1, 'C', readonly=True), "
    "Array(u1, 1, 'C', readonly=True), Array(u1, 1, 'C', readonly=True), i8[::1], i8[::1])"
)
def _place(out, at, before, after, data, starts, ends):
    """Write a cell a row with its marks, and move on the place of each row.

    Places are unsigned, as all below: one that may be negative is looked at for each byte.
    """
    head, tail = np.uint64(len(before)), np.uint64(len(after))
    for row in range(len(at)):
        to = np.uint64(at[row])
        for i in range(head):
            out[to + i] = before[i]
        to += head
        first = np.uint64(starts[row])
        size = np.uint64(ends[row]) - first
        for i in range(size):
            out[to + i] = data[first + i]
        to += size
        for i in range(tail):
            out[to + i] = after[i]
        at[row] = to + tail


_PLAIN, _UNICODE = 0, 117
_ESCAPES = np.zeros(128, np.uint8)
_ESCAPES[:32] = _UNICODE
for _sign, _letter in zip(b'\b\t\n\f\r"\\', b'btnfr"\\', strict=True):
    _ESCAPES[_sign] = _letter
_ONE, _TWO, _THREE = np.uint64(1), np.uint64(2), np.uint64(3)


@kernel("Tuple((u1[::1], i8[::1]))(u4[::1], i8[::1])")
def _written(codes, bounds):
    """Write each string without its quotation marks; return the bytes and where each begins."""
    size = len(codes)  # at most: a control character may take two bytes, and is given six
    for code in codes:
        size += (code >= 0x80) + (code >= 0x800) + (code >= 0x10000)
        size += 5 * (code < 32) + (code == 34) + (code == 92)
    out = np.empty(size, np.uint8)
    ends = np.zeros(len(bounds), np.int64)
    at = np.uint64(0)
    for row in range(len(bounds) - 1):
        for k in range(np.uint64(bounds[row]), np.uint64(bounds[row + 1])):
            code = codes[k]
            if code < 128 and _ESCAPES[code] == _PLAIN:
                out[at] = code
                at += _ONE
            elif code < 128:
                out[at], out[at + _ONE] = 92, _ESCAPES[code]
                at += _TWO
                if _ESCAPES[code] == _UNICODE:
                    out[at], out[at + _ONE] = 48, 48
                    out[at + _TWO], out[at + _THREE] = _HEX[code >> 4], _HEX[code & 15]
                    at += _TWO + _TWO
            elif code < 0x800:
                out[at], out[at + _ONE] = 0xC0 | code >> 6, 0x80 | code & 63
                at += _TWO
            elif code < 0x10000:
                out[at], out[at + _ONE] = 0xE0 | code >> 12, 0x80 | code >> 6 & 63
                out[at + _TWO] = 0x80 | code & 63
                at += _THREE
            else:
                out[at], out[at + _ONE] = 0xF0 | code >> 18, 0x80 | code >> 12 & 63
                out[at + _TWO], out[at + _THREE] = 0x80 | code >> 6 & 63, 0x80 | code & 63
                at += _TWO + _TWO
        ends[row + 1] = at
    return out[:at], ends


@kernel("Tuple((u1[::1], i8[::1]))(i8[::1], i8)")
def _decimals(numbers, digits):
    """Write each number from 0 on, as that many parts of 10 to the power of `digits`."""
    ten = np.uint64(10)
    out = np.empty(len(numbers) * 21, np.uint8)
    sizes = np.empty(len(numbers), np.int64)
    turned = np.empty(24, np.uint8)  # the last digit first
    at = np.uint64(0)
    for row in range(len(numbers)):
        rest, places = np.uint64(numbers[row]), digits
        while places > 1 and rest % ten == 0:
            rest, places = rest // ten, places - 1
        count = 0
        while rest > 0 or count <= places:
            turned[np.uint64(count)] = 48 + rest % ten
            rest //= ten
            count += 1
        first = at
        for k in range(count - 1, -1, -1):
            out[at] = turned[np.uint64(k)]
            at += _ONE
            if k == places and places > 0:
                out[at] = 46
                at += _ONE
        sizes[row] = at - first
    return out[:at].copy(), sizes

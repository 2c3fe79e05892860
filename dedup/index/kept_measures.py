"""What a settling measured of pairs of texts, as bytes for the next one.

It is a convenience and never an answer: the next settling takes over what it would measure again.
So bytes that are lost, damaged, or made by other settings or other code give nothing, and the
settling takes longer.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128, xxh3_128_digest

from dedup import _version
from dedup._jit.code_digest import fingerprint
from dedup._jit.pairs import ends
from dedup.match import (
    align,
    boilerplate_spans,
    evidence,
    fingerprints,
    lsh,
    minhash,
    near_duplicates,
    pair_features,
)
from dedup.match.kept_near import NearPairs
from dedup.match.kept_prints import Prints
from dedup.match.kept_spans import SiteSpans
from dedup.match.memory import Bodies, Known, Remembered
from dedup.match.no_memory import Measures
from dedup.settings import Settings
from dedup.storage.protocol import ASIDE
from dedup.stories import distinct_articles, overlap

MEASURES = ASIDE[0]
"""Name of what is put aside in the store: what the last settling measured."""

_KINDS = ("texts", "articles")
_PARTS = {
    "prints": Prints._fields,
    "spans": SiteSpans._fields,
    "near": NearPairs._fields,
    "bodies": Bodies._fields,
}
_LISTS = ("pairs", "items", "offsets")


def stamp(settings: Settings) -> bytes:
    """Return 16 bytes that change with whatever measures may depend on beside the texts."""
    made_by = {**asdict(settings), "threads": 0}
    said = json.dumps([_version.__version__, _code(), made_by], sort_keys=True, default=str)
    return xxh3_128_digest(said.encode())


@cache
def _code() -> list[str]:
    """Return digests of the kernels that measure."""
    kernels = (
        *(evidence._evidence, align._align, fingerprints._extend),
        *(pair_features._totals, pair_features._both, pair_features._pair_features),
        *(near_duplicates._shared, minhash._sketch, lsh._band, lsh._pairs),
        *(overlap._cover, overlap._write_grams, distinct_articles._count),
        *(fingerprints._winnow, fingerprints._runs_by_slot),
        *(boilerplate_spans._sketch, boilerplate_spans._count, boilerplate_spans._mark_spans),
    )
    return [fingerprint(one) for one in kernels]


_HEAD = struct.Struct("<16sQ")  # digest of what follows, and the bytes of the names of arrays
_WIDE = 8  # bytes of a number at most: each array begins at a multiple of it


def encoded(measured: Remembered, made_by: bytes) -> bytes:
    """Return measures as bytes, under a stamp: names of arrays, then the arrays."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "stamp": np.frombuffer(made_by, np.uint8),
        "keys": measured.keys,
    }
    for kind, names in _PARTS.items():
        arrays |= {f"{kind} {name}": getattr(getattr(measured, kind), name) for name in names}
    for kind in _KINDS:
        known = getattr(measured, kind)
        arrays[kind] = known.digests
        for name, table in known.tables.items():
            for part in _LISTS if len(table.items) else _LISTS[:1]:
                arrays[f"{kind} {name} {part}"] = getattr(table, part)
            for number, column in enumerate(table.columns):
                arrays[f"{kind} {name} {number}"] = column
    return _packed(arrays)


def _packed(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    names = json.dumps([(name, each.dtype.str, each.shape) for name, each in arrays.items()])
    head = names.encode()
    parts: list[Any] = [head + b" " * _gap(len(head) + _HEAD.size)]
    for each in arrays.values():
        parts += [np.ascontiguousarray(each).reshape(-1).view(np.uint8), bytes(_gap(each.nbytes))]
    digest = xxh3_128()
    for part in parts:
        digest.update(part)
    return b"".join([_HEAD.pack(digest.digest(), len(parts[0])), *parts])


def _unpacked(data: bytes | bytearray) -> dict[str, npt.NDArray[Any]]:
    """Read back what `_packed` returned; raises `ValueError` for anything else."""
    _need(len(data) >= _HEAD.size)
    digest, size = _HEAD.unpack_from(data)
    _need(xxh3_128_digest(memoryview(data)[_HEAD.size :]) == digest)
    own = data if isinstance(data, bytearray) else bytearray(data)  # kernels take what is writable
    at = _HEAD.size + size
    arrays = {}
    for name, kind, shape in json.loads(own[_HEAD.size : at]):
        _need(np.dtype(kind).kind in "fiub")
        arrays[name] = np.frombuffer(own, kind, math.prod(shape), at).reshape(shape)
        at += arrays[name].nbytes + _gap(arrays[name].nbytes)
    return arrays


def _gap(size: int) -> int:
    return -size % _WIDE


def decoded(data: bytes | bytearray | None, made_by: bytes) -> Remembered:
    """Read back what `encoded` returned; nothing where it is no more than that.

    >>> made_by = stamp(Settings())
    >>> texts = Known.none()._replace(tables={"none": Measures.none()})
    >>> kept = encoded(Remembered.none()._replace(texts=texts), made_by)
    >>> [len(decoded(some, made_by).texts.tables) for some in (kept, kept[:-9])]
    [1, 0]
    """
    if not data:
        return Remembered.none()
    try:
        return _checked(_unpacked(data), made_by)
    except (ValueError, KeyError, TypeError):
        return Remembered.none()


def _checked(arrays: Mapping[str, npt.NDArray[Any]], made_by: bytes) -> Remembered:
    """Take arrays; raises `ValueError` for those that do not fit together."""
    if arrays["stamp"].tobytes() != made_by:
        return Remembered.none()
    texts, articles = (_known(arrays, kind) for kind in _KINDS)
    prints, spans, near, bodies = (
        [arrays[f"{kind} {name}"] for name in names] for kind, names in _PARTS.items()
    )
    found = Remembered(
        texts,
        articles,
        Prints(*prints),
        SiteSpans(*spans),
        NearPairs(*near),
        arrays["keys"],
        Bodies(*bodies),
    )
    _need(found.is_whole())
    return found


def _known(arrays: Mapping[str, npt.NDArray[Any]], kind: str) -> Known:
    """Take what was measured of one kind of things."""
    digests = arrays[kind]
    _need(digests.dtype == np.uint64 and digests.ndim == 2 and digests.shape[1] == 2)
    named = (name.removeprefix(f"{kind} ") for name in arrays if name.startswith(f"{kind} "))
    names = [name.removesuffix(" pairs") for name in named if name.endswith(" pairs")]
    tables = {name: _table(arrays, f"{kind} {name}") for name in names}
    for table in tables.values():
        a, b = ends(table.pairs)
        _need(bool((a <= b).all()) and int(b.max(initial=-1)) < len(digests))
    return Known(digests, tables)


def _table(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Measures:
    pairs = arrays[f"{name} pairs"]
    _need(pairs.dtype == np.uint64 and pairs.ndim == 1 and bool((pairs[1:] > pairs[:-1]).all()))
    held = [other.removeprefix(f"{name} ") for other in arrays if other.startswith(f"{name} ")]
    columns = tuple(arrays[f"{name} {number}"] for number in range(len({*held} - {*_LISTS})))
    _, items, offsets = Measures.of(pairs)[1:]
    if "items" in held:
        items, offsets = arrays[f"{name} items"], arrays[f"{name} offsets"]
    _need(items.dtype == np.int32 and items.ndim == 2 and items.shape[1] == 3)
    _need(offsets.dtype == np.int64 and offsets.shape == (len(pairs) + 1,))
    _need(offsets[0] == 0 and offsets[-1] == len(items) and bool((np.diff(offsets) >= 0).all()))
    _need(all(each.shape == pairs.shape and each.dtype.kind in "fiub" for each in columns))
    return Measures(pairs, columns, items, offsets)


def _need(holds: bool) -> None:
    if not holds:
        raise ValueError("arrays that do not fit together")

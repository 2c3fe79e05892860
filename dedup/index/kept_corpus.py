"""The articles and texts of an index as flat arrays, which one settling leaves to the next.

To read the record of every article takes as long as much of the work on them. So a settling reads
from the log only what came since the last one, and puts it behind what that one left. Of articles,
the fields that all stages ask for are columns; the others are read where somebody asks for them.

It is a convenience and never an answer. What is kept is a chain of links, each with its digest, and
the log says how far the chain is its own: with a blob that one transaction puts there with the
groups of the settling. So bytes that are lost, cut off, damaged, of another index or of another
version give nothing, and the settling reads the log.
"""

from __future__ import annotations

import inspect
import io
import json
import math
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import suppress
from functools import cache
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_128_digest

from dedup import _version
from dedup.index.stored_records import attribution_of, endings_of
from dedup.metadata import normalise, urls
from dedup.records import Article
from dedup.storage.protocol import ASIDE, Store, StoredArticle
from dedup.stories import article_features
from dedup.stories.article_features import Statement, statement
from dedup.text.arrays import TextArrays, stretches

CORPUS = ASIDE[1]
"""Name of what is put aside in the store, and of the blob that says which chain is the log's."""

FIELDS = ("id", "site", "path", "date", "updated")
"""The fields of articles that are columns: those that a settling reads of every article."""

STATED = tuple(name for name in Statement._fields if name != "site")
"""What every article says of itself (see `dedup.stories.article_features`), columns too."""

COLUMNS = (*FIELDS, *STATED)
"""Names of all columns."""

LINKS = 32
"""Links of a chain from which it is written anew as one. Higher writes less and reads slower: at 32
each article is written some two times in that many settlings."""

STEP = 1 << 12
"""Articles or texts read from the store at a time. Higher reads less often and holds more: at 4,096
a million articles take 245 reads."""

_FORM = 1
"""Version of the arrays in a link."""
_HEAD = struct.Struct("<Q16s")  # bytes of a link's body, and their digest
_LONGEST = 1 << 10  # bytes of what stands before an array of one or two axes, and more


class Rows(NamedTuple):
    """Articles in the order in which they came, and the texts in them."""

    seq: npt.NDArray[np.int64]
    """int64[articles], ascending."""
    revision: npt.NDArray[np.int32]
    """int32[articles]: which text of its id each is, from 1."""
    before: npt.NDArray[np.int64]
    """int64[articles]: the seq of the revision before it; 0 for none."""
    content: npt.NDArray[np.uint64]
    """uint64[articles, 2]: a key of the text in which blanks make no difference."""
    bounds: npt.NDArray[np.int64]
    """int64[articles + 1]: where the paragraphs of each begin."""
    paragraph: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    """int32[paragraphs] each, as in `dedup.text.corpus.Corpus`."""
    text: npt.NDArray[np.uint32]
    """uint32[paragraphs]: number of the distinct text."""
    ending: npt.NDArray[np.uint8]
    """uint8[paragraphs]: how each ends (see `dedup.text.endings`)."""
    cued: npt.NDArray[np.int64]
    """int64[cued]: paragraphs that are written otherwise than where their text was met first."""
    cue_bounds: npt.NDArray[np.int64]
    """int64[cued + 1]: where the flags of each begin."""
    cues: npt.NDArray[np.uint8]
    """uint8[flags]: the flags of these paragraphs."""
    number: npt.NDArray[np.int64]
    """int64[texts]: number of each text in the store."""
    key: npt.NDArray[np.uint64]
    """uint64[texts, 2]: xxh3_128 of each normalised text."""
    tokens: npt.NDArray[np.uint32]
    text_bounds: npt.NDArray[np.int64]
    flags: npt.NDArray[np.uint8]
    """The texts, as in `dedup.text.arrays.TextArrays`."""
    record: npt.NDArray[np.uint8]
    """uint8[bytes]: as JSON, the fields of each article but those of `FIELDS` and its text, and
    what it credits."""
    record_bounds: npt.NDArray[np.int64]
    """int64[articles + 1]: where the record of each begins."""
    columns: Mapping[str, list[Any]]
    """One list a field of `COLUMNS`, with one entry an article."""

    @property
    def texts(self) -> TextArrays:
        """The texts as the stages of a scan take them."""
        return TextArrays(self.tokens, self.text_bounds, self.flags)


class Kept(NamedTuple):
    """What lies in a store."""

    links: Sequence[Rows]
    last: int
    """The seq up to which articles were taken in."""
    chain: bytes
    """What names the links."""
    size: int
    """The bytes of all links."""

    @property
    def rows(self) -> Rows:
        """What is in all links."""
        return joined(self.links)

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """int64[texts]: the numbers of the texts that are there."""
        return np.concatenate([np.zeros(0, np.int64), *(link.number for link in self.links)])


class Addition(NamedTuple):
    """What is to be written behind what is kept, or in place of it."""

    data: bytes
    at: int
    """Bytes that stay before it."""
    chain: bytes
    """What names the links then."""


# -- From the store


def rows_of(store: Store, first: int, last: int, held: npt.NDArray[np.int64]) -> Rows:
    """Read from the log what came with the seqs from `first` to `last`; `held` are texts known.

    Articles that were taken out are left out. A text that went meanwhile, with an article that was
    taken out, has the key 0.
    """
    stored: list[StoredArticle] = []
    for low in range(first, last + 1, STEP):
        found = store.read_articles(range(low, min(low + STEP, last + 1)))
        stored += (each for each in found if not each.removed)
    paragraphs = {name: _joined(stored, name) for name in ("paragraph", "start", "end", "text")}
    sizes = [len(each.text) for each in stored]
    bounds = _bounds(sizes)
    number = np.unique(paragraphs["text"]).astype(np.int64)
    known = np.zeros(int(held.max(initial=-1)) + 2, np.bool_)
    known[held] = True
    number = number[~known[np.minimum(number, len(known) - 1)]]  # the last one is of no text
    key, texts = _texts(store, number)
    records = [_record(each) for each in stored]
    content = b"".join(bytes.fromhex(each.extra["content"]) for each in stored)
    return Rows(
        seq=np.array([each.seq for each in stored], np.int64),
        revision=np.array([each.revision for each in stored], np.int32),
        before=np.array([each.extra.get("before", 0) for each in stored], np.int64),
        content=np.frombuffer(content, np.uint64).reshape(-1, 2),
        bounds=bounds,
        **paragraphs,
        ending=np.concatenate([np.zeros(0, np.uint8), *map(endings_of, stored)]),
        **_cues(stored, bounds),
        number=number,
        key=key,
        tokens=texts.tokens,
        text_bounds=texts.offsets,
        flags=texts.flags,
        record=np.frombuffer(b"".join(records), np.uint8),
        record_bounds=_bounds([len(record) for record in records]),
        columns=_columns(stored),
    )


def _columns(stored: Sequence[StoredArticle]) -> dict[str, list[Any]]:
    columns = {name: [getattr(each.article, name) for each in stored] for name in FIELDS}
    said = [statement(each.article, attribution_of(each)) for each in stored]
    columns |= {name: [getattr(each, name) for each in said] for name in STATED}
    columns["sources"] = [sorted(some) for some in columns["sources"]]
    return columns


def _joined(stored: Sequence[StoredArticle], name: str) -> npt.NDArray[Any]:
    kind = np.uint32 if name == "text" else np.int32
    return np.concatenate([np.zeros(0, kind), *(getattr(each, name) for each in stored)])


def _bounds(sizes: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.append(0, np.cumsum(np.fromiter(sizes, np.int64))).astype(np.int64)


def _record(stored: StoredArticle) -> bytes:
    fields = {
        name: value for name in _FIELDS if (value := getattr(stored.article, name)) is not None
    }
    return json.dumps([fields, stored.extra.get("wire")], separators=(",", ":")).encode()


_FIELDS = tuple(name for name in Article.__slots__ if name not in (*FIELDS, "text"))


def _cues(
    stored: Sequence[StoredArticle], bounds: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[Any]]:
    found = [
        (int(begin) + int(row), bytes.fromhex(flags))
        for begin, each in zip(bounds.tolist(), stored, strict=False)
        for row, flags in each.extra.get("cues", {}).items()
    ]
    found.sort()
    return {
        "cued": np.array([row for row, _ in found], np.int64),
        "cue_bounds": _bounds([len(flags) for _, flags in found]),
        "cues": np.frombuffer(b"".join(flags for _, flags in found), np.uint8),
    }


def _texts(
    store: Store, numbers: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], TextArrays]:
    """Return the keys, uint64[texts, 2], and the tokens of texts."""
    parts = [store.read_texts(numbers[low : low + STEP]) for low in range(0, len(numbers), STEP)]
    key = np.concatenate([np.zeros((0, 2), np.uint64), *(part.key for part in parts)])
    tokens = np.concatenate([np.zeros(0, np.uint32), *(part.tokens for part in parts)])
    flags = np.concatenate([np.zeros(0, np.uint8), *(part.flags for part in parts)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(np.diff(part.offsets) for part in parts)])
    return key, TextArrays(tokens, np.append(0, np.cumsum(sizes)), flags)


# -- Links

_BOUNDS = {
    "bounds": "text",
    "cue_bounds": "cues",
    "text_bounds": "tokens",
    "record_bounds": "record",
}
"""Fields that say where the items of others begin."""


def joined(parts: Sequence[Rows]) -> Rows:
    """Put rows one after another, in arrays of their own; no text may be in two of them."""
    parts = parts or [no_rows()]
    found: dict[str, Any] = {}
    for name in Rows._fields[:-1]:
        arrays = [getattr(part, name) for part in parts]
        if of := _BOUNDS.get(name):
            found[name] = _continued(arrays, [len(getattr(part, of)) for part in parts])
        else:
            found[name] = np.concatenate(arrays)
    begins = np.cumsum([0, *(len(part.text) for part in parts)]).tolist()
    found["cued"] = np.concatenate(
        [part.cued + begin for part, begin in zip(parts, begins, strict=False)]
    )
    found["columns"] = {
        name: [value for part in parts for value in part.columns[name]] for name in COLUMNS
    }
    return Rows(**found)


def _continued(
    bounds: Sequence[npt.NDArray[np.int64]], sizes: Sequence[int]
) -> npt.NDArray[np.int64]:
    begins = np.cumsum([0, *sizes]).tolist()
    parts = [part[:-1] + begin for part, begin in zip(bounds, begins, strict=False)]
    return np.concatenate([*parts, np.array(begins[-1:], np.int64)])


def taken(rows: Rows, chosen: npt.NDArray[np.bool_]) -> Rows:
    """Return some articles, bool[articles], with the texts that these have."""
    which = np.flatnonzero(chosen)
    places, bounds = stretches(rows.bounds[which], np.diff(rows.bounds)[which])
    records, record_bounds = stretches(
        rows.record_bounds[which], np.diff(rows.record_bounds)[which]
    )
    cued = np.flatnonzero(np.isin(rows.cued, places))
    cues, cue_bounds = stretches(rows.cue_bounds[cued], np.diff(rows.cue_bounds)[cued])
    held = np.flatnonzero(np.isin(rows.number, rows.text[places]))
    texts = rows.texts.take(held)
    found: dict[str, Any] = {
        name: getattr(rows, name)[which] for name in ("seq", "revision", "before", "content")
    }
    found |= {
        name: getattr(rows, name)[places]
        for name in ("paragraph", "start", "end", "text", "ending")
    }
    return Rows(
        **found,
        bounds=bounds,
        cued=np.searchsorted(places, rows.cued[cued]),
        cue_bounds=cue_bounds,
        cues=rows.cues[cues],
        number=rows.number[held],
        key=rows.key[held],
        tokens=texts.tokens,
        text_bounds=texts.offsets,
        flags=texts.flags,
        record=rows.record[records],
        record_bounds=record_bounds,
        columns={
            name: [column[row] for row in which.tolist()] for name, column in rows.columns.items()
        },
    )


@cache
def beginning() -> bytes:
    """Return the name of a chain without links: it changes with whatever made them."""
    made_by = [_version.__version__, metadata.version("publicsuffixlist"), _FORM, COLUMNS, _FIELDS]
    for module in (article_features, normalise, urls):
        with suppress(OSError):  # where the sources are not there, the version tells
            made_by.append(inspect.getsource(module))
    return xxh3_128_digest(json.dumps(made_by).encode())


def none() -> Kept:
    """Return what the first settling finds."""
    return Kept((), 0, beginning(), 0)


def no_rows() -> Rows:
    """Return no articles and no texts."""
    no = np.zeros(0, np.int32)
    number, byte, begin = no.astype(np.int64), no.astype(np.uint8), np.zeros(1, np.int64)
    word, pair = no.astype(np.uint32), np.zeros((0, 2), np.uint64)
    articles = (number, no, number, pair, begin)
    paragraphs = (no, no, no, word, byte, number, begin, byte)
    texts = (number, pair, word, begin, byte)
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    return Rows._make([*articles, *paragraphs, *texts, byte, begin, columns])


def encoded(rows: Rows, last: int) -> bytes:
    """Return rows as the body of a link, with the seq up to which they were taken in."""
    out = io.BytesIO()
    names = json.dumps(rows.columns).encode()
    for array in (np.array([last]), *rows[:-1], np.frombuffer(names, np.uint8)):
        np.lib.format.write_array(out, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
    return out.getvalue()


def decoded(body: bytes | memoryview) -> tuple[Rows, int]:
    """Read back what `encoded` returned; raises `ValueError` for what does not fit together.

    >>> decoded(encoded(no_rows(), 7))[1]
    7
    """
    last, *arrays, names = _arrays(body)
    _need(len(arrays) == len(Rows._fields) - 1)
    rows = Rows._make([*arrays, json.loads(names.tobytes())])
    _check(rows)
    return rows, int(last[0])


def _arrays(body: bytes | memoryview) -> Iterator[npt.NDArray[Any]]:
    """Yield the arrays of a body, which stay where they are."""
    at = 0
    while at < len(body):
        file = io.BytesIO(body[at : at + _LONGEST])
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        count, at = math.prod(shape), at + file.tell()
        yield np.frombuffer(body, dtype, count, at).reshape(shape)
        at += count * dtype.itemsize


_KINDS: dict[str, set[type]] = {"id": {str}, "sources": {list}, "rank": {int}, "withdrawn": {bool}}
"""What columns hold; the others, text or nothing."""


def _check(rows: Rows) -> None:
    """Raise `ValueError` where kernels would read what is not there."""
    empty = no_rows()
    for name in Rows._fields[:-1]:
        array, plain = getattr(rows, name), getattr(empty, name)
        _need(array.dtype == plain.dtype and array.shape[1:] == plain.shape[1:])
    articles, paragraphs, texts = len(rows.seq), len(rows.text), len(rows.number)
    counted: tuple[tuple[int, tuple[Sized, ...]], ...] = (
        (articles, (rows.revision, rows.before, rows.content, *rows.columns.values())),
        (paragraphs, (rows.paragraph, rows.start, rows.end, rows.ending)),
        (texts, (rows.key,)),
        (len(rows.tokens), (rows.flags,)),
    )
    for number, columns in counted:
        _need(all(len(column) == number for column in columns))
    lengths = {"bounds": articles, "cue_bounds": len(rows.cued), "text_bounds": texts}
    for name, of in _BOUNDS.items():
        bounds = getattr(rows, name)
        _need(len(bounds) == lengths.get(name, articles) + 1 and bounds[0] == 0)
        _need(bounds[-1] == len(getattr(rows, of)) and bool((np.diff(bounds) >= 0).all()))
    _need(set(rows.columns) == set(COLUMNS))
    for name, column in rows.columns.items():
        _need(set(map(type, column)) <= _KINDS.get(name, {str, type(None)}))
    _need(bool((rows.number >= 0).all()) and bool((rows.cued < paragraphs).all()))


def _need(holds: bool) -> None:
    if not holds:
        raise ValueError("arrays that do not fit together")


# -- In the store


def read(store: Store) -> Kept:
    """Return what is kept, as far as it is the log's; nothing where it is not."""
    known = store.state(CORPUS)
    data = store.aside(CORPUS) if known else None
    parts: list[Rows] = []
    for chain, body, size in _links(memoryview(data or b"")):
        try:
            rows, last = decoded(body)
        except (ValueError, KeyError, TypeError, EOFError, OSError):
            break
        parts.append(rows)
        if chain == known:
            return Kept(parts, last, chain, size)
    return none()


def _links(data: memoryview) -> Iterator[tuple[bytes, memoryview, int]]:
    """Yield the name of the chain up to each link, its body, and where the next one begins."""
    at, chain = 0, beginning()
    while at + _HEAD.size <= len(data):
        size, digest = _HEAD.unpack_from(data, at)
        body = data[at + _HEAD.size : at + _HEAD.size + size]
        if len(body) < size or xxh3_128_digest(body) != digest:
            return
        at += _HEAD.size + size
        chain = xxh3_128_digest(chain + digest)
        yield chain, body, at


def addition(kept: Kept, new: Rows, last: int) -> Addition | None:
    """Return what is to be written where articles came, or None."""
    if last == kept.last:
        return None
    if not 0 < len(kept.links) < LINKS:
        return _link(beginning(), encoded(joined([*kept.links, new]), last), 0)
    return _link(kept.chain, encoded(new, last), kept.size)


def without(kept: Kept, gone: npt.NDArray[np.bool_]) -> tuple[Rows, Addition]:
    """Return all that is kept without some articles, and what is to be written in place of it.

    `gone`, bool[seqs], tells which; neither their words nor what they said stays.
    """
    rows = kept.rows
    rows = taken(rows, ~gone[rows.seq])
    return rows, _link(beginning(), encoded(rows, kept.last), 0)


def _link(chain: bytes, body: bytes, at: int) -> Addition:
    digest = xxh3_128_digest(body)
    return Addition(_HEAD.pack(len(body), digest) + body, at, xxh3_128_digest(chain + digest))

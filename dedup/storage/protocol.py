"""What an index asks of the place where it keeps things, and the records that pass between them.

Nothing that was added is changed: distinct texts are numbered 0, 1, 2, ... as they come, articles
1, 2, 3, ... (`seq`). An id that comes again with other text is a new revision, which supersedes the
older one; a removal is a mark. Only `Store.compact` rewrites anything, and it changes no answer but
that nothing is found any more of articles that were removed and of texts that stand in no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypedDict

import numpy as np
import numpy.typing as npt

from dedup.errors import Problem
from dedup.records import Article
from dedup.text.arrays import TextArrays

PLACES = "places"
"""The table that says which articles hold a text: key = number of the text, id = seq."""

PAST = "forgotten"
"""The kind of an event that stands for one that was past where its index was copied from."""

ASIDE = ("measures", "corpus")
"""What may be put aside (see `Store.put_aside`)."""

KEY_BITS = 56
"""Keys of postings are below 2**56: a table's own number stands above them."""

Postings = Mapping[str, tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]]
"""Keys, uint64[m], and the ids found under them, uint32[m], by name of the table, in any order."""

Event = tuple[int, str, dict[str, Any]]
"""Number, from 1; kind; what happened, as JSON has it."""


class Texts(NamedTuple):
    """Several distinct texts.

    >>> Texts.none().offsets.tolist()
    [0]
    """

    key: npt.NDArray[np.uint64]
    """uint64[n, 2]: xxh3_128 of the normalised text, the more significant half first."""
    tokens: npt.NDArray[np.uint32]
    """uint32[total]: token hashes, text after text."""
    flags: npt.NDArray[np.uint8]
    """uint8[total]: what the writing says of each token."""
    offsets: npt.NDArray[np.int64]
    """int64[n + 1]: where each text's tokens begin."""

    @property
    def arrays(self) -> TextArrays:
        """The texts as the stages of a scan take them."""
        return TextArrays(self.tokens, self.offsets, self.flags)

    @classmethod
    def none(cls) -> Texts:
        """Return no texts at all."""
        return cls(
            np.empty((0, 2), np.uint64),
            np.empty(0, np.uint32),
            np.empty(0, np.uint8),
            np.zeros(1, np.int64),
        )


Derive = Callable[[Texts, int], Postings]
"""Makes the postings of texts again, numbered from the second argument: the same that came with
them in a `Batch`, those of `PLACES` left out."""


class Extra(TypedDict, total=False):
    """What an index keeps of an article beside its fields and places, as JSON has it.

    The keys are those that are on the disk; `dedup.index.stored_records` writes and reads them.
    """

    content: str
    """A key of the text in which blanks make no difference."""
    wire: dict[str, Any]
    """What the article says of where its text is from; left out where it says nothing."""
    cues: dict[str, str]
    """The flags of texts that are written otherwise here than where they were met first, in hex
    digits, by the row among the article's paragraphs."""
    endings: str
    """How each of the article's paragraphs ends (see `dedup.text.endings`), a digit each."""
    before: int
    """The seq of the revision before this one."""
    added: int
    """When it was added, in seconds since 1970; left out where its date says how old it is."""


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """One revision of an article, as it was added."""

    seq: int
    """Its place in the order of adding, from 1."""
    revision: int
    """Which text of its id it is, from 1."""
    article: Article
    """Its fields; `text` is empty unless the index keeps texts."""
    fingerprint: bytes
    """xxh3_128 of everything it was added with, 16 bytes."""
    paragraph: npt.NDArray[np.int32]
    """int32[p]: number of each paragraph in the article."""
    start: npt.NDArray[np.int32]
    """int32[p]: first character, counted in the article's text."""
    end: npt.NDArray[np.int32]
    """int32[p]: one past the last character."""
    text: npt.NDArray[np.uint32]
    """uint32[p]: number of the distinct text."""
    extra: Extra = field(default_factory=Extra)
    """What else the index keeps of it, as JSON has it."""
    superseded: bool = False
    """True when a later revision of its id has come."""
    removed: bool = False
    """True when it was taken out."""


class Batch(NamedTuple):
    """What one transaction adds."""

    articles: Sequence[StoredArticle] = ()
    """Numbered on from `Store.last_seq`."""
    texts: Texts = Texts.none()
    """The ones that are new, numbered on from `Store.texts`."""
    postings: Postings = MappingProxyType({})
    """By table. In each table no id is lower than one that an earlier batch brought."""
    superseded: Sequence[int] = ()
    """Seqs of articles that have a later revision now."""
    removed: Sequence[int] = ()
    """Seqs of articles that are taken out."""
    events: Sequence[tuple[str, dict[str, Any]]] = ()
    """Kind and data of each; the store numbers them."""
    state: Mapping[str, bytes] = MappingProxyType({})
    """Named blobs, which replace those of the same name."""
    past: int = 0
    """The last event that nobody needs any more, below the last one of all; 0 leaves all. A store
    may keep them."""


class Ids(NamedTuple):
    """The postings of several keys."""

    offsets: npt.NDArray[np.int64]
    """int64[n + 1]: where each key's ids begin."""
    ids: npt.NDArray[np.uint32]
    """uint32[m]: the lowest ids of each key, ascending."""
    totals: npt.NDArray[np.int64]
    """int64[n]: how many ids each key has in all."""


class Store(Protocol):
    """Where an index keeps what it knows.

    One process writes and any number read. What `append` took is there after a crash once the call
    has returned. A call raises `DamagedError` rather than answer from damaged data, and
    `OutputError` where writing fails; the store then stands as it was before the call.
    """

    @property
    def meta(self) -> Mapping[str, Any]:
        """What was recorded when the store was made: format, settings, version of the rules."""

    @property
    def texts(self) -> int:
        """How many distinct texts there are."""

    @property
    def last_seq(self) -> int:
        """Seq of the last article; 0 before the first."""

    @property
    def last_event(self) -> int:
        """Number of the last event; 0 before the first."""

    def numbers(self, key: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return the number of each text by its key, uint64[n, 2]; int64[n], -1 where unknown."""

    def find(self, table: str, keys: npt.NDArray[np.uint64], most: int) -> Ids:
        """Return the ids under each key, uint64[n]: of each the `most` lowest, and their count."""

    def read_texts(self, numbers: npt.NDArray[np.int64]) -> Texts:
        """Return texts by number, in the order asked for; `IndexError` for an unknown one."""

    def read_articles(self, seqs: Sequence[int]) -> list[StoredArticle]:
        """Return articles by seq, in the order asked for; `IndexError` for an unknown one."""

    def current(self, ids: Sequence[str]) -> list[int]:
        """Return the seq of each id's current revision; 0 where it is unknown or removed."""

    def writing(self) -> AbstractContextManager[None]:
        """Let no one else write while the block lasts: what was looked up holds for `append`."""

    def append(self, batch: Batch) -> None:
        """Add a batch as a whole: durable when this returns, and seen by all later calls."""

    def events(self, since: int, most: int) -> list[Event]:
        """Return up to `most` events whose numbers are above `since`, in order; no past ones."""

    def state(self, name: str) -> bytes | None:
        """Return a named blob; None before it was set."""

    def names(self) -> list[str]:
        """Return the names of all blobs that were set."""

    def put_aside(self, name: str, data: bytes, at: int = 0) -> None:
        """Keep bytes that may be lost at any time: in no transaction, and in no copy.

        The first `at` bytes that are there stay before them. Empty ones take away what was there;
        where they cannot be kept, nothing is. Names are those of `ASIDE`.
        """

    def aside(self, name: str) -> bytearray | None:
        """Return what was put aside under a name, damaged or not; None for nothing.

        Arrays may be made of it without a copy: nobody else has it.
        """

    def still(self) -> AbstractContextManager[None]:
        """Answer as of one moment while the block lasts, whatever others add."""

    def check(self) -> list[Problem]:
        """Read everything, and say what does not hold together."""

    def compact(self) -> None:
        """Bring everything into the form that is smallest and quickest to search."""

    def stats(self) -> dict[str, Any]:
        """Count what is there: articles, texts, events, bytes, postings, segments."""

    def close(self) -> None:
        """Let go of files and locks; closing twice does no harm."""


def places(
    articles: Sequence[StoredArticle],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """Return the postings of `PLACES` for some articles: each text of each article, once.

    The store makes them by this again where a file of postings was lost.
    """
    texts = np.concatenate([np.empty(0, np.uint32), *(stored.text for stored in articles)])
    numbers = np.array([stored.seq for stored in articles], np.uint64)
    counts = np.array([len(stored.text) for stored in articles], np.int64)
    every = np.unique(texts.astype(np.uint64) << np.uint64(32) | np.repeat(numbers, counts))
    return every >> np.uint64(32), every.astype(np.uint32)

"""What a store should answer, in plain dictionaries: what the tests of stores are held against."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import Any

import numpy as np

from dedup.records import Article
from dedup.storage.protocol import PLACES, Batch, Store, StoredArticle

EVERY = 1 << 40


class Model:
    """What a store should answer, in plain dictionaries."""

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}
        self.words: list[tuple[bytes, bytes, bytes]] = []
        self.postings: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.articles: list[StoredArticle] = []
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        self.state: dict[str, bytes] = {}

    def append(self, added: Batch) -> None:
        for row in range(len(added.texts.key)):
            low, high = added.texts.offsets[row : row + 2]
            key = added.texts.key[row].tobytes()
            self.numbers[key] = len(self.words)
            self.words.append(
                (key, added.texts.tokens[low:high].tobytes(), added.texts.flags[low:high].tobytes())
            )
        for table, (keys, ids) in added.postings.items():
            for key, number in zip(keys.tolist(), ids.tolist(), strict=True):
                self.postings[table, key].append(number)
        self.articles += added.articles
        for seq in added.superseded:
            self.articles[seq - 1] = dataclasses.replace(self.articles[seq - 1], superseded=True)
        for seq in added.removed:
            gone = self.articles[seq - 1]
            self.articles[seq - 1] = dataclasses.replace(
                gone,
                article=Article(gone.article.id, ""),
                fingerprint=bytes(16),
                extra={},
                removed=True,
            )
        self.events += [(n, *event) for n, event in enumerate(added.events, len(self.events) + 1)]
        self.state |= added.state

    def compact(self) -> None:
        """Leave nothing of removed articles, nor of texts that stand in no other."""
        if not any(each.removed and each.article.id for each in self.articles):
            return  # nothing was removed since
        no = np.zeros(0, np.int32)
        words = no.astype(np.uint32)
        for at, each in enumerate(self.articles):
            if each.removed:
                said = Article("", "")
                self.articles[at] = StoredArticle(
                    each.seq, 0, said, bytes(16), no, no, no, words, removed=True
                )
        used = {number for each in self.articles for number in each.text.tolist()}
        gone = {each.seq for each in self.articles if each.removed}
        for number, (key, _, _) in enumerate(self.words):
            if number not in used:
                self.words[number] = bytes(16), b"", b""
                self.numbers.pop(key, None)
        for (table, sought), ids in self.postings.items():
            if table == PLACES:
                ids[:] = [seq for seq in ids if seq not in gone and sought in used]
            else:
                ids[:] = [number for number in ids if number in used]

    def current(self, name: str) -> int:
        boilerplate = [a.seq for a in self.articles if a.article.id == name and is_current(a)]
        return max(boilerplate, default=0)

    def same(self, store: Store, most: int) -> None:
        """Fail where the store answers otherwise."""
        assert (store.texts, store.last_seq, store.last_event) == (
            *(len(self.words), len(self.articles), len(self.events)),
        )
        for table in ("bands", "prints", PLACES):
            keys = np.array([key for name, key in self.postings if name == table] + [77], np.uint64)
            found = store.find(table, keys, most)
            for n, key in enumerate(keys.tolist()):
                wanted = sorted(self.postings.get((table, key), []))
                got = found.ids[found.offsets[n] : found.offsets[n + 1]].tolist()
                assert (got, found.totals[n]) == (wanted[:most], len(wanted))
        self._same_texts(store)
        stored = store.read_articles(range(1, len(self.articles) + 1))
        assert [plain(each) for each in stored] == [plain(each) for each in self.articles]
        names = [*sorted({each.article.id for each in self.articles}), "unknown"]
        assert store.current(names) == [self.current(name) for name in names]
        assert store.events(0, 1 << 40) == self.events
        assert store.events(3, 2) == self.events[3:5]
        assert {name: store.state(name) for name in self.state} == self.state
        assert store.state("unset") is None

    def _same_texts(self, store: Store) -> None:
        order = np.arange(len(self.words))[::-1].copy()
        held = store.read_texts(order)
        assert all(array.flags.writeable for array in held)  # as the kernels take them
        for n, number in enumerate(order.tolist()):
            low, high = held.offsets[n : n + 2]
            assert self.words[number] == (
                held.key[n].tobytes(),
                held.tokens[low:high].tobytes(),
                held.flags[low:high].tobytes(),
            )
        keys = np.concatenate([held.key, np.array([[1, 2]], np.uint64)])
        there = [n if any(self.words[n][0]) else -1 for n in order.tolist()]
        assert store.numbers(keys).tolist() == [*there, -1]


def is_current(stored: StoredArticle) -> bool:
    return not (stored.superseded or stored.removed)


def plain(stored: StoredArticle) -> dict[str, Any]:
    arrays = ("paragraph", "start", "end", "text")
    return dataclasses.asdict(
        dataclasses.replace(stored, **{name: getattr(stored, name).tolist() for name in arrays})
    )

"""Bringing what an earlier version of dedup recorded up to date, when an index is opened."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import numpy as np

from dedup.errors import DamagedError
from dedup.index.assigned import Assigned
from dedup.index.held import MEMBERS, SETTLED, STANDING, state
from dedup.index.ledger import Ledger
from dedup.store.protocol import Batch, Store

VERSION = 2
"""Of what an index records in its store.

1 had the groups that an article joined in the article's own record, so that opening an index read
all that were added since it was settled. 2 has them in events, and the settled groups as arrays.
"""

_NAME = "version"
_STEP = 1000  # articles read at a time


def up_to_date(path: str | os.PathLike[str], store: Store, *, read_only: bool) -> None:
    """Bring the records of a store to `VERSION`, as a whole or not at all.

    Raises `DamagedError` for those of a later version, and for earlier ones that may only be read.
    """
    held = store.state(_NAME)
    version = int(held) if held else 1 if store.last_seq else 0
    if version == VERSION or (not version and read_only):
        return
    if version > VERSION:
        raise DamagedError(
            f"{path}: this index has records of version {version}, and this version of dedup reads "
            f"{VERSION}; take the version of dedup that wrote it, or build it again"
        )
    if read_only:
        raise DamagedError(
            f"{path}: an earlier version of dedup wrote this index; open it for writing once, "
            "which brings it up to date"
        )
    with store.writing():
        changed = _STEPS[version](store)
        store.append(Batch(state={**changed, _NAME: str(VERSION).encode()}))


def _from_1(store: Store) -> dict[str, bytes]:
    """Fold the groups that articles recorded since the last settling into what was settled."""
    settled = int((store.state(SETTLED) or b"0").split()[0])
    standing = set(np.frombuffer(store.state(STANDING) or b"", np.uint32).tolist())
    kept = {kind: json.loads(store.state(kind) or b"[[], {}]") for kind in MEMBERS}
    groups: dict[str, dict[int, str]] = {kind: dict(of) for kind, (of, _) in kept.items()}
    for low in range(settled + 1, store.last_seq + 1, _STEP):
        for stored in store.read_articles(range(low, min(low + _STEP, store.last_seq + 1))):
            standing.update(stored.extra.get(STANDING, ()))
            for kind, of in groups.items():
                of.update({int(m): id_ for m, id_ in stored.extra.get(kind, {}).items()})
    ledgers = {
        kind: Ledger(kind, Assigned.settled(of), json.dumps(kept[kind][1]).encode())
        for kind, of in groups.items()
    }
    return state(store, ledgers, standing)


_STEPS: dict[int, Callable[[Store], dict[str, bytes]]] = {0: lambda _: {}, 1: _from_1}
"""By version, what makes the blobs of `VERSION`; 0 is an index in which nothing was added."""

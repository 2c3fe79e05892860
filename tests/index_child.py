"""A process that adds to the index its command line names until it is killed.

It prints what was acknowledged: the last article, the number of texts, the last event.
"""

from __future__ import annotations

import sys

import numpy as np
from index_batches import META, batch, derive, generated, make_small

from dedup.storage.local import LocalStore


def main(folder: str, kind: str) -> None:
    make_small(setattr)
    store = LocalStore(folder, META, derive)
    rng = np.random.default_rng(store.last_seq)
    sizes = [1, 2, 60] if kind == "mixed" else [150]
    sys.stdout.write("ready\n")
    while True:
        sys.stdout.flush()
        store.append(batch(store, generated(rng, int(rng.choice(sizes)))))
        sys.stdout.write(f"{store.last_seq} {store.texts} {store.last_event}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

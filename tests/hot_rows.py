"""Rows under one hot key through a stage, in a process of its own; prints how much memory it took.

Arguments: the kind of rows, and how many. Printed are megabytes above those at the start, and the
articles that came out.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dedup._jit.pairs import pack
from dedup.engines import near
from dedup.engines.articles import COLUMNS
from dedup.engines.once import documents_once, ids_once

TEXT = "The weir at Tolme jammed in the night and put the lower row of cottages under water. " * 120
BATCH = 200
PARTS = 1 << 14


def rows(kind: str, count: int) -> Iterator[pa.RecordBatch]:
    """Articles of 10 kB: of one id with one text (`equal`) or unlike ones, or of one address."""
    for low in range(0, count, BATCH):
        columns = dict.fromkeys(COLUMNS, pa.nulls(BATCH, pa.string()))
        numbers = [f"{number:09}" for number in range(low, low + BATCH)]
        ids = numbers if kind == "address" else ["doc"] * BATCH
        columns |= {"id": pa.array(ids), "stem": pa.array(ids)}
        columns["text"] = pa.array([f"{n if kind == 'unlike' else ''}{TEXT}" for n in numbers])
        if kind == "address":
            for name in ("document", "content", "url"):
                columns[name] = pa.array(["https://herald.example/"] * BATCH)
        yield pa.RecordBatch.from_pydict(columns)


def places(count: int) -> Iterator[pa.RecordBatch]:
    """Texts that have one key in a band."""
    for low in range(0, count, PARTS):
        keys = pack(np.full(PARTS, 7, np.uint32), np.arange(low, low + PARTS))
        columns = [pa.array([value], pa.int32()) for value in (3, 0)]
        columns.append(pa.array([keys.tobytes()], pa.binary()))
        yield pa.RecordBatch.from_arrays(columns, names=["band", "part", "packed"])


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main(kind: str, count: int) -> None:
    """Run it."""
    stages = {"equal": ids_once, "unlike": ids_once, "address": documents_once}
    before = megabytes()
    if kind == "places":
        found = sum(batch.num_rows for batch in near.paired(places(count), bucket=64))
    else:
        told = (batch.column("told") for batch in stages[kind](rows(kind, count)))
        found = sum(column.null_count for column in told)
    sys.stdout.write(f"{megabytes() - before} {found}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

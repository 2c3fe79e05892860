"""A task for Airflow, or any scheduler that runs a job again when it failed.

    python samples/integrations/airflow_task.py day.jsonl news.index

In a DAG it is one operator, `PythonOperator(python_callable=take_in, op_args=[...], pool="index")`,
with a pool of one slot: a folder has one writer. Run again after any failure it loses nothing: what
is in is not stored twice, and up to where changes were told is kept in the index.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dedup import Index


def take_in(articles: str, index: str) -> list[dict[str, object]]:
    """Store the articles of a file, settle, and return what changed since the last run."""
    with Index(index) as opened, Path(articles).open(encoding="utf-8") as lines:
        opened.add_many(json.loads(line) for line in lines)
        opened.settle()
        last = int(opened.noted("told up to") or 0)
        events = list(opened.since(last))
        # A run that fails before the note is told the same again.
        told: list[dict[str, object]] = [
            {"kind": event.kind, "data": event.data} for event in events
        ]
        if events:
            opened.note("told up to", str(events[-1].sequence).encode())
    return told


if __name__ == "__main__":
    for change in take_in(*sys.argv[1:]):
        sys.stdout.write(json.dumps(change) + "\n")

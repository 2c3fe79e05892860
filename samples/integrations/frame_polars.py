"""Headlines in a Polars frame, one a row: one of each is kept, the first published.

python samples/integrations/frame_polars.py
"""

from __future__ import annotations

import polars as pl

from dedup.integrations.frames import mark

items = pl.DataFrame(
    {
        "outlet": ["Northline", "Tarnholm Post", "Averil Courier", "Ostmere Today"],
        "when": [
            "2025-10-14T08:40Z",
            "2025-10-14T07:55Z",
            "2025-10-14T09:10Z",
            "2025-10-14T06:00Z",
        ],
        "headline": [
            "Ferry with 212 on board runs aground off Port Averil, all passengers safe",
            "FERRY WITH 212 ON BOARD RUNS AGROUND OFF PORT AVERIL; ALL PASSENGERS SAFE",
            "Ferry with 212 on board runs aground off Port Averil - all passengers safe",
            "Tram tunnel stays shut until spring",
        ],
    }
)
marked = mark(items, "headline", fields={"site": "outlet", "date": "when"}, by="cluster")
print(marked.filter(pl.col("keep")).select("outlet", "headline"))  # noqa: T201

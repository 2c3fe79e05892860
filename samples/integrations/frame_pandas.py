"""Articles in a pandas frame: which rows are copies, and of what.

python samples/integrations/frame_pandas.py
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dedup.integrations.frames import mark

newsroom = Path(__file__).parent.parent / "newsroom"
files = sorted(newsroom.glob("*/*.txt"))
articles = pd.DataFrame(
    {
        "name": [str(path.relative_to(newsroom)) for path in files],
        "site": [path.parent.name for path in files],
        "text": [path.read_text("utf-8") for path in files],
    }
)
marked = mark(articles, id="name")
told = marked[marked["story"].notna()].sort_values(["story", "name"])
print(told[["name", "role", "canonical", "keep"]].to_string(index=False))  # noqa: T201
print(f"{len(marked)} articles, {marked['keep'].sum()} to keep")  # noqa: T201

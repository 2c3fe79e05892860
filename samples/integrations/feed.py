"""A job that passes on only what is new in a feed, whenever it runs.

python samples/integrations/feed.py < feed.jsonl > new.jsonl

Articles come as JSON lines; feed.index, in the folder it is run in, remembers them.
"""

from __future__ import annotations

import json
import sys

import dedup

for article in dedup.new_articles(map(json.loads, sys.stdin), index="feed.index"):
    print(json.dumps(article), flush=True)  # noqa: T201

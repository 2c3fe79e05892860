"""Several spiders of one process, with one index: what one has had, the others drop.

    python samples/integrations/spiders.py

It crawls three papers of the sample newsroom at once and writes what is new to `new.jsonl`. Spiders
in processes of their own need an index in Redis, for a folder has one writer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

NEWSROOM = Path(__file__).parents[1] / "newsroom"
SETTINGS = {
    "ITEM_PIPELINES": {"dedup.integrations.scrapy.DedupPipeline": 300},
    "DEDUP_INDEX": "spiders.index",
    "FEEDS": {"new.jsonl": {"format": "jsonlines", "overwrite": False}},
    "LOG_LEVEL": "WARNING",
    "TELNETCONSOLE_ENABLED": False,
}


class Paper(scrapy.Spider):
    """One paper: a folder of texts."""

    name = "paper"
    folder = ""

    async def start(self) -> AsyncIterator[Any]:
        """Ask for each text of the folder."""
        for path in sorted((NEWSROOM / self.folder).glob("*.txt")):
            yield scrapy.Request(path.as_uri())

    def parse(self, response: Response) -> Any:
        """Make an item of a text."""
        name = response.url.rpartition("/")[2]
        yield {"id": f"{self.folder}/{name}", "site": self.folder, "text": response.text}


if __name__ == "__main__":
    process = CrawlerProcess(SETTINGS)
    for folder in ("northline", "tarnholm-post", "ostmere-today"):
        process.crawl(Paper, folder=folder)
    process.start()

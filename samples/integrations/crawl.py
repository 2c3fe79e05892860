"""A crawl that keeps only articles it has not had before, in this run or an earlier one.

scrapy runspider samples/integrations/crawl.py -O new.jsonl

crawls the sample newsroom from disk and writes the articles that are no copies to new.jsonl. Run
again it finds nothing new, because newsroom.index remembers. With -a start_at=http://localhost:8000/
it follows the links of a server (`python -m http.server --directory samples/newsroom`). With
-s DEDUP_ACTION=tag nothing is dropped: each item says in its field `dedup` what it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import HtmlResponse, Response, TextResponse

NEWSROOM = Path(__file__).parent.parent / "newsroom"


class NewsroomSpider(scrapy.Spider):
    """Gives an item for each text file: of the newsroom, or those that pages link to."""

    name = "newsroom"
    custom_settings = {  # noqa: RUF012 - as Scrapy wants it
        "ITEM_PIPELINES": {"dedup.integrations.scrapy.DedupPipeline": 300},
        "DEDUP_INDEX": "newsroom.index",
        "DEDUP_FIELDS": {"text": "body"},
        "LOG_LEVEL": "INFO",
        "TELNETCONSOLE_ENABLED": False,
    }

    async def start(self) -> AsyncIterator[Any]:
        """Begin at the address given with -a start_at=..., or with the files of the newsroom."""
        given = getattr(self, "start_at", None)
        files = [path.as_uri() for path in sorted(NEWSROOM.glob("*/*.txt"))]
        for address in [given] if given else files:
            yield scrapy.Request(address)

    def parse(self, response: Response) -> Iterator[Any]:
        """Follow the links of a page; make an item of a text."""
        if isinstance(response, HtmlResponse):
            yield from response.follow_all(css="a")
        elif isinstance(response, TextResponse):
            yield {
                "url": response.url,
                "site": response.url.split("/")[-2],
                "body": response.text,
            }

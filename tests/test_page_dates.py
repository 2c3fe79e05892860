"""When a page was published: which of all the times on it counts."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from lxml.html import fromstring
from prose import BRIDGE, COMET, HERRING

from dedup.errors import Problem
from dedup.metadata import dates
from dedup.readers import json_ld
from dedup.readers.extract import extracted
from dedup.readers.page import fields
from dedup.readers.page_dates import in_address
from dedup.readers.protocol import Page
from dedup.records import Article

URL = "https://www.herald.example/town/bridge.html"
OWN, OTHER = "2024-03-04T08:00:00+01:00", "2019-06-01T08:00:00Z"
TEXT = "".join(f"<p>{text}</p>" for text in (BRIDGE, HERRING, COMET))


def page(head: str = "", above: str = "", inside: str = "", below: str = "") -> str:
    """A page: what it declares, what is above the text, inside the article and below it."""
    return (
        f"<!doctype html><html lang=en><head><title>Bridge closes</title>{head}</head><body>"
        f"<main><article><h1>Bridge closes</h1>{above}{TEXT}{inside}</article></main>{below}"
        "</body></html>"
    )


def ld(*nodes: dict[str, Any], before: str = "", after: str = "") -> str:
    data = json.dumps({"@context": "https://schema.org", "@graph": list(nodes)})
    return f'<script type="application/ld+json">{before}{data}{after}</script>'


def article(date: str, **more: Any) -> dict[str, Any]:
    return {"@type": "NewsArticle", "datePublished": date} | more


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


RELATED = (
    f'<aside><ul><li><a href="/x">A hat shop closes in town</a> <time class="published"'
    f' datetime="{OTHER}">June</time></li></ul></aside>'
)
PUBLISHED = {
    "the data of the article": page(ld(article(OWN)), below=RELATED),
    "the data in CDATA": page(ld(article(OWN), before="//<![CDATA[\n", after="\n//]]>")),
    "the data in a comment": page(ld(article(OWN), before="<!--", after="-->")),
    "a comma too many": page(ld(article(OWN)).replace("}]}", "},],}")),
    "comments in the data": page(ld(article(OWN), before="/* seo */", after="// end\n")),
    "the data of the page": page(ld({"@type": "WebPage", "datePublished": OWN})),
    "another article in the graph, first": page(
        ld(article(OTHER, url="https://www.herald.example/hat"), article(OWN, url=URL))
    ),
    "another article by its headline": page(
        ld(article(OTHER, headline="Hat shop goes"), article(OWN, headline="Bridge closes"))
    ),
    "another article alone in the data": page(
        ld(article(OTHER, url="https://www.herald.example/hat", headline="Hat shop goes"))
        + meta("article:published_time", OWN)
    ),
    "a meta tag": page(meta("article:published_time", OWN), below=RELATED),
    "a meta tag beside that of the change": page(
        meta("article:modified_time", "2024-03-09T10:00:00Z") + meta("og:pubdate", OWN)
    ),
    "microdata": page(
        '<meta itemprop="dateModified" content="2024-03-09T10:00:00Z">'
        f'<meta itemprop="datePublished" content="{OWN}">'
    ),
    "a time in the header": page(above=f'<time datetime="{OWN}">4 March</time>', below=RELATED),
    "a time after that of the change": page(
        above='<time class="updated" datetime="2024-03-09T10:00:00Z">9 March</time>'
        f'<time class="published" datetime="{OWN}">4 March</time>'
    ),
    "a time after that of the change, in words": page(
        above='<p>Updated: <time datetime="2024-03-09T10:00:00Z">9 March</time></p>'
        f'<p>Published: <time datetime="{OWN}">4 March</time></p>'
    ),
    "a time above comments": page(
        above=f'<time datetime="{OWN}">4 March</time>',
        below=f'<section class="comments"><time pubdate datetime="{OTHER}">June</time></section>',
    ),
    "a time above a teaser in the article": page(
        above=f'<time datetime="{OWN}">4 March</time>',
        inside=f'<div class="related"><time class="published" datetime="{OTHER}"></time></div>',
    ),
    "a link to the page itself": page(above=f'<a href="{URL}"><time datetime="{OWN}">4</time></a>'),
    "two scripts in one": page(ld(article(OWN), before='{"@type": "WebSite", "name": "a"}')),
    "data with entities": page(ld(article(OWN)).replace('"', "&quot;").replace("&quot;", '"', 2)),
    "the title of an abbreviation": page(above=f'<abbr class="published" title="{OWN}">4</abbr>'),
    "microdata beside those of a comment": page(
        f'<meta itemprop="datePublished" content="{OWN}">',
        below='<div itemscope itemtype="https://schema.org/Comment">'
        f'<meta itemprop="datePublished" content="{OTHER}"></div>',
    ),
    "a comment's microdata before the meta tag": page(
        meta("dc.date", OWN),
        below='<div itemscope itemtype="https://schema.org/Comment">'
        f'<meta itemprop="datePublished" content="{OTHER}"></div>',
    ),
    "a time below the day of fetching": page(above=f'<time datetime="{OWN}">4</time>').replace(
        "<main>", '<div class="date">Friday, 22 March 2024</div><main>'
    ),
    "the foot of the article": page(
        inside=f'<footer class="meta"><span class="posted-on"><time class="entry-date published"'
        f' datetime="{OWN}">4 March</time></span></footer>'
    ),
}
DAYS = {
    "the data, whatever stands beside it": page(ld(article("2024-03-04")), below=RELATED),
    "words in the header": page(above='<span class="published">4 March 2024</span>', below=RELATED),
    "words of another language": page(above='<p class="date">Publié le 4 mars 2024</p>'),
    "a byline": page(above='<div class="byline">By Ana Ilić | 4 March 2024 | 3 min read</div>'),
    "a meta tag, not a comment": page(
        meta("date", "2024-03-04"),
        below='<ol id="replies"><li><time datetime="2024-03-20T22:00:00Z">reply</time></ol>',
    ),
}


@pytest.mark.parametrize("kind", PUBLISHED)
def test_a_page_tells_when_it_was_published_in(kind: str) -> None:
    assert fields(PUBLISHED[kind].encode(), None, URL)["date"] == OWN


@pytest.mark.parametrize("kind", DAYS)
def test_a_page_tells_the_day_in(kind: str) -> None:
    date = dates.parse(fields(DAYS[kind].encode(), None, URL)["date"])
    assert date is not None
    assert (date.iso, date.doubt) == ("2024-03-04", None)


def test_an_address_tells_the_day_where_nothing_else_does() -> None:
    url = "https://www.herald.example/2024/03/04/bridge"
    assert fields(page(below=RELATED).encode(), None, url)["date"] == "2024-03-04"
    head = meta("article:published_time", OWN)
    assert fields(page(head).encode(), None, url.replace("04", "05"))["date"] == OWN


@pytest.mark.parametrize(
    "address",
    ["https://herald.example/12345678", "https://herald.example/2024/13/04", "", None,
     "https://herald.example/a?day=2024-03-04", "https://herald.example/2024-02-30"],
)  # fmt: skip
def test_numbers_that_are_no_day_of_an_address_tell_nothing(address: str | None) -> None:
    assert in_address(address) is None


@pytest.mark.parametrize(
    "head",
    [
        meta("article:modified_time", "2024-03-09T10:00:00Z"),
        ld({"@type": "NewsArticle", "dateModified": "2024-03-09T10:00:00Z"}),
        '<meta itemprop="dateModified" content="2024-03-09T10:00:00Z">',
        '<time class="updated" datetime="2024-03-09T10:00:00Z">9 March</time>',
    ],
)
def test_the_time_of_a_change_is_none_of_publication(head: str) -> None:
    found = fields(page(head).encode(), None, URL)
    assert (found.get("date"), found["updated"]) == (None, "2024-03-09T10:00:00Z")


def test_words_may_say_that_a_time_is_of_a_change() -> None:
    above = '<span class="date">Updated 9 March 2024</span>'
    found = fields(page(above=above).encode(), None, URL)
    assert (found.get("date"), found["updated"]) == (None, "2024-03-09")


def test_the_day_of_fetching_above_the_article_is_doubted_at_least() -> None:
    html = page().replace("<main>", '<div class="date">Friday, 22 March 2024</div><main>')
    date = dates.parse(fields(html.encode(), None, URL).get("date"))
    assert date is None or date.doubt == dates.UNCERTAIN


def test_what_a_library_guesses_is_doubted() -> None:
    below = '<div id="footer"><p class="post-meta">4 March 2024</p></div>'
    date = fields(page(below=below).encode(), None, URL).get("date")
    read = dates.parse(date)
    assert date == "2024-03-04?"
    assert read is not None
    assert read.doubt == dates.UNCERTAIN


def test_what_cannot_be_read_is_passed_on_to_be_told() -> None:
    above = '<span class="published">an hour ago</span>'
    assert fields(page(above=above).encode(), None, URL)["date"] == "an hour ago"


@pytest.mark.parametrize(
    ("above", "taken"),
    [
        ('<span class="published">an hour ago</span>', "2024-03-04"),
        ('<span class="published">5 March 2024</span>', "2024-03-05"),
    ],
)
def test_what_a_feed_or_archive_knows_goes_before_what_cannot_be_read(
    above: str, taken: str
) -> None:
    known = Page(page(above=above).encode(), Article("a", "", date="2024-03-04"))
    problems: list[Problem] = []
    (one,) = extracted([known], problems, 1)
    assert (one.date, problems) == (taken, [])


def test_a_later_source_is_taken_only_where_it_tells_the_same_day_more_exactly() -> None:
    for more, taken in ((OWN, OWN), ("2024-03-07T08:00:00Z", "2024-03-04")):
        given = page(ld(article("2024-03-04")) + meta("article:published_time", more))
        assert fields(given.encode(), None, URL)["date"] == taken


@pytest.mark.parametrize(
    "script",
    [
        pytest.param('{"a": "' + '\\"' * 200_000, id="a string that never ends"),
        pytest.param("x" + "/*" * 200_000, id="comments that never end"),
        pytest.param("x" + " " * 400_000 + "<!--", id="blanks"),
        pytest.param("1 " * 200_000 + "x", id="many values"),
        pytest.param("[" + ",\n" * 200_000, id="commas"),
    ],
)
def test_broken_data_cost_no_more_than_their_length(script: str) -> None:
    tree = fromstring(page(f'<script type="application/ld+json">{script}</script>'))
    began = time.perf_counter()
    assert json_ld.read(tree, [URL], ["Bridge closes"]).story == {}
    assert time.perf_counter() - began < 10

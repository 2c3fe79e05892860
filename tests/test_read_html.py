"""Pages of HTML: what of a page becomes the article, what it declares, and what is no page."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prose import BRIDGE, CHARTS, COMET, HERRING, LIBRARY, STRIKE

from dedup.errors import Problem
from dedup.readers import extract, read
from dedup.readers.declared import declared
from dedup.readers.extract import extracted
from dedup.readers.html import LARGEST
from dedup.readers.page import decoded, fields
from dedup.readers.protocol import Page
from dedup.records import Article

STORY = (BRIDGE, HERRING, LIBRARY, COMET)
URL = "https://www.herald.example/town/bridge.html"


def html(*blocks: str, head: str = "", root: str = "") -> str:
    """A page as papers have it: a bar of links above the article, and a footer under it."""
    return (
        f"<!doctype html><html {root}><head><title>Bridge closes</title>{head}</head><body>"
        "<nav><ul><li><a href=/>Home</a><li><a href=/sport>Sport</a></ul></nav>"
        f"<main><article>{''.join(blocks)}</article></main>"
        "<footer><p>All rights reserved by the Herald.</p></footer></body></html>"
    )


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def ld(**story: Any) -> str:
    script = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle"} | story)
    return f'<script type="application/ld+json">{script}</script>'


def found(page: str | bytes, encoding: str | None = None, url: str | None = None) -> dict[str, str]:
    return fields(page.encode() if isinstance(page, str) else page, encoding, url)


def lines(page: str | bytes) -> list[str]:
    return found(page)["text"].splitlines()


def pages(*contents: str, **known: Any) -> Iterator[Page]:
    for number, content in enumerate(contents):
        yield Page(content.encode(), Article(f"p{number}", "", **known))


def run(items: Sequence[Article | Page], workers: int = 1) -> tuple[list[Article], list[Problem]]:
    problems: list[Problem] = []
    return list(extracted(items, problems, workers)), problems


# What the text is


def test_paragraphs_stay_apart_and_what_is_around_the_article_is_left_out() -> None:
    assert lines(html("<h1>Bridge closes</h1>", paragraphs(*STORY))) == list(STORY)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(f"<p>{HERRING}<br><br>{COMET}</p>", id="two breaks"),
        pytest.param(f"<div>{HERRING}</div><div>{COMET}</div>", id="divisions"),
        pytest.param(f"<blockquote><p>{HERRING}</p></blockquote><p>{COMET}</p>", id="a quotation"),
        pytest.param(f"<ul><li>{HERRING}</li><li>{COMET}</li></ul>", id="a list"),
        pytest.param(f"<section><p>{HERRING}</p></section><p>{COMET}</p>", id="a section"),
    ],
)
def test_other_ways_to_set_paragraphs_are_lines_too(block: str) -> None:
    assert lines(html(paragraphs(BRIDGE, LIBRARY), block)) == [BRIDGE, LIBRARY, HERRING, COMET]


@pytest.mark.parametrize(
    "extra",
    [
        '<p><a href="/a">Bridge inspectors tell what they found</a></p>',
        '<p>Related: <a href="/a">Bridge inspectors tell of what they found below</a></p>',
        '<p><b><a href="/a">Ferry to run from the old timber wharf</a></b></p>',
        '<h3><a href="/a">Ferry to run from the old timber wharf</a></h3>',
    ],
)
def test_blocks_that_lead_elsewhere_are_left_out(extra: str) -> None:
    assert lines(html(paragraphs(BRIDGE, HERRING), extra, paragraphs(COMET))) == [
        *(BRIDGE, HERRING, COMET)
    ]


def test_links_in_a_sentence_and_names_that_are_links_stay() -> None:
    linked = BRIDGE.replace("iron bridge", '<a href="/b">iron bridge</a>')
    credit = '<h4><a href="https://wire.example">Vasker News Agency</a></h4>'
    text = lines(html(paragraphs(linked), credit, paragraphs(HERRING, COMET)))
    assert text == [BRIDGE, "Vasker News Agency", HERRING, COMET]


@pytest.mark.parametrize("block", ["article", "div", "section"])
def test_a_piece_of_a_page_is_read_too(block: str) -> None:
    assert lines(f"<{block}>{paragraphs(*STORY)}</{block}>") == list(STORY)


def test_an_article_that_is_nothing_but_links_keeps_them() -> None:
    text = lines(html(*(f'<p><a href="/{n}">{text}</a></p>' for n, text in enumerate(STORY))))
    assert text == list(STORY)


def test_the_body_in_the_data_takes_the_place_of_a_text_that_breaks_off() -> None:
    body = "\n\n".join((*STORY, STRIKE, CHARTS))
    page = html(paragraphs(BRIDGE, HERRING), head=ld(articleBody=body))
    assert lines(page) == [*STORY, STRIKE, CHARTS]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("\n".join((*STORY, CHARTS)), id="little more than the text"),
        pytest.param("\n".join((LIBRARY, COMET, CHARTS) * 3), id="another article's"),
        pytest.param(" ".join((*STORY, STRIKE, CHARTS) * 2), id="without breaks"),
        pytest.param(BRIDGE, id="less than the text"),
    ],
)
def test_other_bodies_in_the_data_do_not(body: str) -> None:
    shown = STORY if STORY[0] in body and CHARTS in body else (BRIDGE, HERRING, STRIKE)
    assert lines(html(paragraphs(*shown), head=ld(articleBody=body))) == list(shown)


# What it declares


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta property="og:title" content="Bridge shut">', {"title": "Bridge shut"}),
        (ld(headline="Bridge &amp; ferry"), {"title": "Bridge & ferry"}),
        (
            '<meta property="og:title" content="Bridge shut | Herald">'
            + ld(publisher={"name": "Herald"}),
            {"title": "Bridge shut", "name": "Herald"},
        ),
        (
            '<meta property="article:published_time" content="2024-03-08T09:30:00+01:00">',
            {"date": "2024-03-08T09:30:00+01:00"},
        ),
        (
            ld(datePublished="2024-03-08")
            + '<meta name="pubdate" content="2024-03-08 09:30">'
            + '<time datetime="2024-03-08T08:30:00Z" class="published">',
            {"date": "2024-03-08T08:30:00Z"},
        ),
        (
            ld(datePublished="2024-03-08T08:30:00Z", dateModified="2024-03-08T11:00:00Z")
            + '<meta property="article:published_time" content="2024-03-08T10:00:00Z">',
            {"date": "2024-03-08T08:30:00Z", "updated": "2024-03-08T11:00:00Z"},
        ),
        (ld(datePublished="soon") + '<time datetime="2024-03-08">', {"date": "2024-03-08"}),
        (
            ld(author=[{"@type": "Person", "name": "Ana Ilić"}, {"name": "Vasker News Agency"}]),
            {"author": "Ana Ilić, Vasker News Agency"},
        ),
        (ld(author={"name": "https://herald.example/ana"}), {"author": None}),
        ('<meta name="author" content="Ana Ilić">', {"author": "Ana Ilić"}),
        (
            '<link rel="canonical" href="/a.html">',
            {"canonical": "https://www.herald.example/a.html"},
        ),
        ('<link rel="canonical" href="javascript:x">', {"canonical": None}),
        (
            '<meta name="original-source" content="https://wire.example/7">',
            {"source": "https://wire.example/7"},
        ),
        (
            '<meta name="syndication-source" content="https://wire.example/7">',
            {"source": "https://wire.example/7"},
        ),
        (ld(isBasedOn={"@id": "https://wire.example/7"}), {"source": "https://wire.example/7"}),
        (ld(copyrightHolder={"name": "Vasker News"}), {"source": "Vasker News"}),
        (
            ld(copyrightHolder={"name": "The Herald"}, publisher={"name": "Herald (The)"}),
            {"source": "The Herald", "name": "Herald (The)"},
        ),
        (ld(copyrightHolder={"name": "HERALD"}, publisher={"name": "Herald"}), {"source": None}),
        (f'<meta name="original-source" content="{URL}">', {"source": None}),
        ('<meta property="og:locale" content="de_CH">', {"lang": "de-CH"}),
        ('<meta property="og:url" content="https://other.example/">', {"url": URL}),
        ('<script type="application/ld+json">{"@type": </script>', {"date": None}),
        ('<script type="application/ld+json">' + "[" * 100_000 + "</script>", {"date": None}),
    ],
)
def test_what_a_page_declares(head: str, expected: dict[str, str | None]) -> None:
    from trafilatura.utils import load_html

    given = declared(load_html(html(paragraphs(*STORY), head=head)), URL)
    assert {field: given.get(field) for field in expected} == expected


def test_an_article_is_found_in_a_graph_and_in_a_list() -> None:
    for wrapped in ({"@graph": [{"@type": "WebPage"}, 0]}, [[{"@type": ["WebPage"]}, 0]]):
        story = {"@type": ["Thing", "ReportageNewsArticle"], "datePublished": "2024-03-08T09:30Z"}
        data = json.dumps(wrapped).replace("0", json.dumps(story))
        head = f'<script type="application/ld+json">{data}</script>'
        assert found(html(paragraphs(*STORY), head=head))["date"] == "2024-03-08T09:30Z"


def test_the_fields_of_an_article_are_those_of_its_page(tmp_path: Path) -> None:
    head = ld(datePublished="2024-03-08T09:30Z", author="Ana Ilić") + (
        f'<link rel="canonical" href="{URL}"><meta property="og:url" content="{URL}?amp">'
        '<meta name="original-source" content="https://wire.example/7">'
    )
    file = tmp_path / "town" / "bridge.html"
    file.parent.mkdir()
    file.write_text(html(paragraphs(*STORY), head=head, root='lang="en-GB"'), encoding="utf-8")
    problems: list[Problem] = []
    (article,) = read([tmp_path], problems=problems)
    assert problems == []
    assert article == Article(
        id="town/bridge.html",
        text="\n".join(STORY),
        title="Bridge closes",
        url=f"{URL}?amp",
        site="www.herald.example",
        date="2024-03-08T09:30Z",
        path=str(file),
        author="Ana Ilić",
        lang="en-GB",
        source="https://wire.example/7",
        canonical=URL,
    )


def test_what_is_known_besides_stands_in_for_what_the_page_does_not_say() -> None:
    known = {"title": "In the feed", "date": "2024-03-08", "lang": "en", "url": URL}
    page = next(pages(html(paragraphs(*STORY)), site="town", path="a.warc", **known))
    ((article,), problems) = run([page])
    assert problems == []
    assert (article.id, article.path, article.url) == ("p0", "a.warc", URL)
    assert (article.title, article.date, article.lang) == ("Bridge closes", "2024-03-08", "en")
    assert article.site == "www.herald.example"


def test_a_page_that_names_no_address_is_of_its_folders_site() -> None:
    ((article,), _) = run([*pages(html(paragraphs(*STORY)), site="town")])
    assert (article.site, article.url) == ("town", None)


# Encodings

RUSSIAN = "Мост закрыли на ремонт до конца лета, сообщили в мэрии города. "


@pytest.mark.parametrize(
    ("encoding", "transport", "said"),
    [
        ("utf-8", None, ""),
        ("utf-8", "iso-8859-1", "<meta charset=latin1>"),
        ("utf-8-sig", None, ""),
        ("utf-16", None, ""),
        ("windows-1251", "windows-1251", ""),
        ("windows-1251", None, '<meta http-equiv=x content="text/html; charset=windows-1251">'),
        ("koi8-r", None, "<meta charset='koi8-r'>"),
        ("koi8-r", "KOI8-R", "<meta charset=utf-8>"),
        ("koi8-r", "no-such", "<meta charset=koi8-r>"),
    ],
)
def test_the_encoding_is_found(encoding: str, transport: str | None, said: str) -> None:
    page = html(paragraphs(RUSSIAN * 3, RUSSIAN * 4), head=said).encode(encoding)
    assert RUSSIAN.strip() in found(page, transport)["text"]


def test_labels_mean_what_they_mean_in_browsers() -> None:
    assert decoded("“Rain” — €5".encode("cp1252"), "ISO-8859-1")[0] == "“Rain” — €5"


def test_characters_that_are_lost_are_told() -> None:
    page = html(paragraphs(*STORY, RUSSIAN * 5)).encode().replace("лета".encode(), b"\xff\xfe")
    ((article,), (problem,)) = run([Page(page, Article("a", "", path="a.html"))])
    assert "\ufffd" in article.text
    assert (problem.where, problem.skipped) == ("a.html", False)
    assert "cannot be read as utf-8" in problem.what


# Bad input


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "holds no page"),
        (b" \n\t ", "holds no page"),
        (b"<html></html>", "no main text"),
        (b"<html><head><title>Bridge closes</title></head></html>", "no main text"),
        (b"<html><body><img src=a.png></body></html>", "no main text"),
        (bytes(range(256)) * 50, "it is data of some program"),
        (b"\0" * 5000, "no main text"),
        (b"<html>" + b"<div>" * 100_000 + BRIDGE.encode(), "250 levels"),
        (b"<p>" + b" " * LARGEST, "more than 8 MiB"),
    ],
)
def test_what_is_no_page_is_a_problem_that_names_the_file(
    content: bytes, what: str, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.html"
    bad.write_bytes(content)
    (tmp_path / "good.htm").write_text(html(paragraphs(*STORY)), encoding="utf-8")
    problems: list[Problem] = []
    (article,) = read([tmp_path], problems=problems)
    assert article.text == "\n".join(STORY)
    assert what in problems[0].what
    assert {problem.where for problem in problems} == {str(bad)}
    assert sum(problem.skipped for problem in problems) == 1


def test_nul_characters_inside_a_page_do_not_end_it() -> None:
    assert lines(html(paragraphs(*STORY)).replace("the town", "the\0 town")) == list(STORY)


LONG = [
    ('{"a": "' + '\\"a' * 130_000, "quotes that are escaped"),
    ('{"author": [{"@type": "Person", "name": "A B",' * 9000, "authors"),
    ('{"publisher": {"@type": "O' * 16_000, "publishers"),
    ("<!--" * 100_000, "what opens and never ends"),
]


@pytest.mark.parametrize(("script", "of"), LONG)
def test_long_broken_data_do_not_hold_a_page_up(script: str, of: str) -> None:
    script = f'<script type="application/ld+json">{script}</script>'
    start = time.monotonic()
    assert lines(html(paragraphs(*STORY), head=script)) == list(STORY)
    assert time.monotonic() - start < 10, of  # a second; trafilatura alone takes minutes


@pytest.mark.parametrize(("padding", "expected"), [(9900, "Ann Onym"), (10_001, None)])
def test_names_are_guessed_from_broken_data_that_are_short(
    padding: int, expected: str | None
) -> None:
    script = f'{{"x": [1 "x"], "author": {{"name": "Ann Onym"}}, "y": "{"y" * padding}"}}'
    script = f'<script type="application/ld+json">{script}</script>'
    assert found(html(paragraphs(*STORY), head=script)).get("author") == expected


def test_a_date_that_a_library_fails_at_takes_no_page_with_it() -> None:
    head = '<meta property="article:published_time" content="2024-01-01T00:00:00+99:99">'
    page = found(html(paragraphs(*STORY), head=head))
    assert page["text"].splitlines() == list(STORY)
    assert page["date"].startswith("2024-01-01")
    assert page["title"] == "Bridge closes"


@pytest.mark.parametrize(
    "address", ["http://[bad", "//[", "http://a.example:99999/x", "http://a..b"]
)
def test_no_address_that_is_none_takes_a_page_with_it(tmp_path: Path, address: str) -> None:
    heads = [
        f'<link rel="canonical" href="{address}">',
        f'<meta property="og:url" content="{address}"><base href="{address}">',
        f'<meta name="original-source" content="{address}">',
        f"<!-- saved from url=(0014){address} -->",
        ld(url=address, mainEntityOfPage=address, publisher={"name": "x", "url": address}),
    ]
    for number, head in enumerate(heads):
        (tmp_path / f"{number}.html").write_text(html(paragraphs(*STORY), head=head))
    snapshot = f"Snapshot-Content-Location: {address}\nContent-Type: text/html\n\n"
    (tmp_path / "a.mhtml").write_text(snapshot + html(paragraphs(*STORY)))
    problems: list[Problem] = []
    read_ = list(read([tmp_path], problems=problems))
    assert [article.text.splitlines() for article in read_] == [list(STORY)] * 6
    assert problems == []


def test_a_fault_in_what_is_made_of_a_page_ends_that_page_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def whole(text: str, where: str, problems: list[Problem]) -> str:
        return str(1 // 0) if text == "Rain" else text

    monkeypatch.setattr(extract, "whole", whole)
    problems: list[Problem] = []
    two = [html(paragraphs(*STORY)).replace("Bridge closes", title) for title in ("Rain", "Sun")]
    assert [one.title for one in extracted(pages(*two), problems, 1)] == ["Sun"]
    (problem,) = problems
    assert problem.what.startswith("reading it failed (ZeroDivisionError: ")


def test_a_page_that_breaks_off_is_kept_as_far_as_it_goes(tmp_path: Path) -> None:
    # as noise in a comment, because what can be compressed well comes out whole
    whole = html(paragraphs(*STORY), f"<!--{os.urandom(300_000).hex()}-->").encode()
    (tmp_path / "a.xhtml.gz").write_bytes(gzip.compress(whole)[:-100_000])
    problems: list[Problem] = []
    (article,) = read([tmp_path], problems=problems)
    assert article.text == "\n".join(STORY)
    assert ["breaks off" in problem.what for problem in problems] == [True]


TAGS = st.sampled_from(
    "<p> </p> <div> <a href=x> </a> <html> <body> <li> <table><td> <h1> <meta <!-- --> <![CDATA["
    f" <script type='application/ld+json'>{{\"@type\":\"Article\"}} </script> &amp; &#0; {BRIDGE}"
    .split(" ")
)  # fmt: skip


@given(st.lists(st.one_of(TAGS, st.text(max_size=5)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_mixture_of_tags_and_characters_can_be_read(parts: list[str]) -> None:
    given_fields = fields("".join(parts).encode("utf-8", "surrogatepass"), None, None)
    assert given_fields.get("text") != ""


# Worker processes

FRAGILE = """
import os, sys, time
sys.path[:] = sys.argv[1:]
from dedup.readers import worker
real = worker.fields
def fields(html, *more):
    if b"DIES" in html: os._exit(7)
    if b"SLEEPS" in html: time.sleep(60)
    if b"RAISES" in html: raise ValueError("of the library")
    if b"PRINTS" in html: os.write(1, b"no answer")
    if b"GROWS" in html: bytearray(worker.MEMORY)
    return real(html, *more)
worker.fields = fields
worker.main()
"""


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers do what real pages have made them do."""
    monkeypatch.setattr(extract, "PROGRAM", FRAGILE)


def test_articles_and_pages_keep_their_order_whatever_the_number_of_workers() -> None:
    items: list[Article | Page] = []
    for number in range(90):
        name = f"{number:02}"
        items.append(Article(f"article {name}", COMET))
        if number % 9 == 0:
            texts = (f"Part {name}. {text}" for text in STORY)
            items.append(Page(html(paragraphs(*texts)).encode(), Article(f"page {name}", "")))
        if number % 30 == 0:
            items.append(Page(b"<html>", Article(f"empty {name}", "")))
    one, two = run(items, 1), run(items, 3)
    assert one == two
    assert [a.id for a in one[0]] == [
        (item.article if isinstance(item, Page) else item).id
        for item in items
        if not (isinstance(item, Page) and item.html == b"<html>")
    ]
    assert [problem.where for problem in one[1]] == ["empty 00", "empty 30", "empty 60"]


@pytest.mark.usefixtures("fragile")
@pytest.mark.parametrize(
    ("does", "what"),
    [
        ("DIES", "ended its process (exit code 7)"),
        ("RAISES", "(ValueError: of the library)"),
        ("SLEEPS", "takes more than 6 seconds"),
        pytest.param(
            *("GROWS", "GiB of memory"),
            marks=pytest.mark.skipif(sys.platform != "linux", reason="no other system holds to it"),
        ),
    ],
)
def test_a_page_that_ends_its_worker_is_one_problem_and_no_more(does: str, what: str) -> None:
    page = html(paragraphs(*STORY))
    given = [*pages(page, f"{page}<!--{does}-->", page, page)]
    problems: list[Problem] = []
    given_articles = list(extract.extracted(given, problems, 2, 6.0 if does == "SLEEPS" else 60.0))
    assert [article.id for article in given_articles] == ["p0", "p2", "p3"]
    assert [(problem.where, what in problem.what) for problem in problems] == [("p1", True)]


@pytest.mark.usefixtures("fragile")
def test_what_a_library_prints_is_no_answer() -> None:
    ((article,), problems) = run([*pages(html(paragraphs(*STORY)) + "<!--PRINTS-->")])
    assert (article.text, problems) == ("\n".join(STORY), [])


def test_reading_may_end_before_the_last_page() -> None:
    items = pages(*[html(paragraphs(*STORY))] * 200)
    problems: list[Problem] = []
    articles = extracted(items, problems, 2)
    assert next(articles).id == "p0"
    articles.close()  # type: ignore[attr-defined]
    assert int(next(items).article.id[1:]) < 100  # no more was taken than is read ahead


def test_no_process_starts_where_there_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(subprocess, "Popen")
    assert run([Article("a", COMET)]) == ([Article("a", COMET)], [])


def test_without_trafilatura_all_pages_are_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "find_spec", lambda name: None)
    items: list[Article | Page] = [*pages("<html>", "<html>", "<html>"), Article("a", COMET)]
    articles, (problem,) = run(items)
    assert articles == [Article("a", COMET)]
    assert (problem.articles, problem.skipped) == (3, True)
    assert "pip install 'news-dedup[html]'" in str(problem)
    assert str(problem).startswith("p0 and 2 more: ")


def test_workers_load_no_kernels() -> None:
    script = (
        "import dedup.readers.worker, dedup.readers.page as page, sys;"
        f"page.fields({html(paragraphs(*STORY))!r}.encode(), None, None);"
        "print(sorted({'numba', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert ran.stdout.strip() == b"[]"


def test_a_page_may_take_as_many_seconds_as_are_given(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(html(paragraphs(*STORY)), encoding="utf-8")
    problems: list[Problem] = []
    assert list(read([tmp_path], problems=problems, page_seconds=0.1)) == []  # Python starts longer
    assert [problem.what for problem in problems] == ["extraction takes more than 0.1 seconds"]
    assert len(list(read([tmp_path], problems=problems, page_seconds=60))) == 1

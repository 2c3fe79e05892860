"""Pages of real papers: none ends a run, and their texts come nearer than trafilatura's own."""

from __future__ import annotations

import pytest

from benchmarks import pages, reading
from dedup.errors import Problem
from dedup.metadata import dates
from dedup.readers.extract import extracted
from dedup.readers.protocol import Page
from dedup.records import Article

FLOORS = {
    ("article_extraction_benchmark", 8): (0.980, 0.970),
    ("article_extraction_benchmark", 1): (0.965, 0.946),
    ("fundus_html", 8): (0.958, 0.910),
    ("fundus_html", 1): (0.952, 0.930),
}
"""F1 of the text and share of paragraphs kept, by set and what part of it: each 8th page, each."""


@pytest.mark.parametrize(
    ("name", "step"),
    [pytest.param(*key, marks=pytest.mark.slow if key[1] == 1 else ()) for key in FLOORS],
)
def test_texts_of_real_pages_come_near_what_a_person_marked(name: str, step: int) -> None:
    if reason := pages.missing(name):
        pytest.skip(reason)
    marked = pages.pages(name)[::step]
    problems: list[Problem] = []
    items = [Page(page.html, Article(str(n), "", url=page.url)) for n, page in enumerate(marked)]
    articles = {article.id: article for article in extracted(items, problems, 2)}
    texts = [articles[str(n)].text if str(n) in articles else "" for n in range(len(marked))]
    true = [page.text for page in marked]
    f1 = pages.score(list(zip(true, texts, strict=True))).f1
    theirs = pages.score(list(zip(true, reading.plain(marked), strict=True))).f1
    kept = pages.paragraphs_kept([(p.paragraphs, t) for p, t in zip(marked, texts, strict=True)])
    floor, least = FLOORS[name, step]
    assert f1 >= max(floor, theirs)
    assert kept >= least
    assert {problem.what for problem in problems} <= {"no main text found in the page"}
    assert len(problems) <= 1 < len(articles)


def test_times_of_publication_are_exact_on_nine_pages_of_ten() -> None:
    if reason := pages.missing("fundus_html"):
        pytest.skip(reason)
    marked = [page for page in pages.pages("fundus_html")[::8] if page.date]
    items = [Page(page.html, Article(str(n), "", url=page.url)) for n, page in enumerate(marked)]
    exact = 0
    for article in extracted(items, [], 2):
        found, true = dates.parse(article.date), dates.parse(marked[int(article.id)].date)
        exact += bool(found and true and found.zoned and abs(found.epoch - true.epoch) < 60)
    assert exact >= 0.9 * len(marked)

"""What articles share of one another, against brute force over sets of runs of five words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from news import CHOIR, FERRY, GRAIN, MILL, STATEMENT, article, cast
from prose import changed, yards

import dedup
from dedup import Article
from dedup.match.fingerprints import gram
from dedup.progress import Silent
from dedup.records import ROLES
from dedup.stories.article_features import NOTHING as NOBODY
from dedup.stories.article_features import ArticleFeatures
from dedup.stories.distinct_articles import DistinctArticles, distinct_articles
from dedup.stories.link_filter import own_names
from dedup.stories.overlap import (
    FEW,
    HUBS,
    LEAST,
    PRINTS,
    RATE,
    Overlap,
    article_overlap,
    article_prints,
    candidates,
    measure,
)
from dedup.stories.paragraph_diff import NEARLY_ALL, NEXT_TO_NONE, Differences
from dedup.stories.roles import role_of
from dedup.text.corpus import Corpus, collapse

Gram = tuple[str, ...]
NOTHING: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)
NEVER_HOT = 1 << 20

SYLLABLES = [a + b for a in "bdfgklmn" for b in "aeiou"]
WORDS = st.sampled_from([a + b for a in SYLLABLES[:9] for b in SYLLABLES[30:33]])
PHRASES = st.sampled_from([text.split() for text in yards(11, 12, 9)])
"""Runs that texts have in common; by chance alone they share no five words."""
PARAGRAPH = st.lists(st.one_of(WORDS.map(lambda word: [word]), PHRASES), max_size=8).map(
    lambda parts: " ".join(word for part in parts for word in part)
)
NEWS = st.lists(st.lists(PARAGRAPH, max_size=5), min_size=2, max_size=6)


def laid(news: Sequence[Sequence[str]]) -> tuple[Corpus, DistinctArticles]:
    corpus = collapse([article(f"{n}", text) for n, text in enumerate(news)], 1, Silent())
    nobody = [NOBODY] * len(news)
    return corpus, distinct_articles(corpus, np.zeros(len(corpus.first), bool), nobody, 7)


def once(text: Sequence[str]) -> list[list[str]]:
    """The different paragraphs of an article, as words."""
    return [list(words) for words in dict.fromkeys(tuple(p.split()) for p in text) if words]


def runs(paragraph: Sequence[str]) -> list[Gram]:
    return [tuple(paragraph[i : i + 5]) for i in range(len(paragraph) - 4)]


def grams(text: Sequence[str]) -> set[Gram]:
    return {run for paragraph in once(text) for run in runs(paragraph)}


def share(asked: Sequence[str], held: Sequence[str]) -> float:
    return len(grams(asked) & grams(held)) / max(1, len(grams(asked)))


def words(asked: Sequence[str], held: Sequence[str]) -> int:
    """Words of the one that are in runs of the other; each run counts where it stands first."""
    seen: set[Gram] = set()
    count = 0
    for paragraph in once(asked):
        covered: set[int] = set()
        for at, run in enumerate(runs(paragraph)):
            if run in grams(held) and run not in seen:
                seen.add(run)
                covered |= set(range(at, at + 5))
        count += len(covered)
    return count


def every_pair(found: DistinctArticles) -> npt.NDArray[np.uint64]:
    pairs = [a << 32 | b for a, b in combinations(range(len(found.first)), 2)]
    return np.array(pairs, np.uint64)


@given(NEWS, st.integers(1, 3))
@example([["a b c d e f"], ["a b c d e f", "a b c d e f"]], 1)
@example([["a a a a a a a"], ["a a a a a"]], 1)
@example([["a b c d"], ["a b c d"], ["a b c d e"]], 2)
@settings(deadline=None)  # the first call loads the kernels
def test_shares_and_words_are_those_of_brute_force(news: list[list[str]], workers: int) -> None:
    corpus, found = laid(news)
    measured = measure(every_pair(found), corpus, found, NOTHING, workers)
    for row, (a, b) in enumerate(zip(measured.a.tolist(), measured.b.tolist(), strict=True)):
        one, other = news[found.first[a]], news[found.first[b]]
        assert measured.of_a[row] == pytest.approx(words(one, other) / max(1, words(one, one)))
        assert measured.of_b[row] == pytest.approx(words(other, one) / max(1, words(other, other)))
        # No quotation, formula or address among them: all words are their own.
        assert measured.own_a[row] == pytest.approx(share(one, other))
        assert measured.own_b[row] == pytest.approx(share(other, one))
        assert measured.words[row] == min(words(one, other), words(other, one))


@given(NEWS)
@settings(deadline=None)
def test_articles_with_the_same_paragraphs_in_one_order_have_one_body(
    news: list[list[str]],
) -> None:
    _, found = laid(news)
    of = found.of.tolist()
    texts = [tuple(map(tuple, once(text))) for text in news]
    for a, b in combinations(range(len(news)), 2):
        if texts[a] and texts[b]:
            assert (of[a] == of[b]) is (texts[a] == texts[b])
    for number, text in enumerate(texts):
        assert (of[number] < 0) is (not text)
        if text:
            assert found.grams[of[number]] == len(grams(news[number]))


@given(NEWS, st.sampled_from([1, 2, NEVER_HOT]), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_candidates_are_the_pairs_that_share_prints(
    news: list[list[str]], bucket: int, workers: int
) -> None:
    corpus, found = laid(news)
    prints: list[set[int]] = []
    for body in range(len(found.first)):
        prints.append(set())
        for text in found.texts[found.offsets[body] : found.offsets[body + 1]]:
            first, last = corpus.texts.offsets[text], corpus.texts.offsets[text + 1]
            for i in range(first, last):
                value, length = gram(corpus.texts.tokens, i, last, 5)
                if length and (int(value) >> 1) % RATE == 0:
                    prints[-1].add(int(value))
    holders: dict[int, list[int]] = {}
    for body, values in enumerate(prints):
        for value in values:
            holders.setdefault(value, []).append(body)

    def meets(body: int, other: int) -> bool:
        """Tell whether a body meets another one in enough prints, hubs alone in a full bucket."""
        common = prints[body] & prints[other]
        seen = [
            v for v in common if len(holders[v]) <= bucket or other in sorted(holders[v])[:HUBS]
        ]
        return len(seen) >= PRINTS

    expected = [
        a << 32 | b for a, b in combinations(range(len(prints)), 2) if meets(a, b) or meets(b, a)
    ]
    assert candidates(article_prints(corpus, found), found, bucket, workers).tolist() == expected


def test_kin_are_the_pairs_that_share_enough() -> None:
    common = yards(12, 4, 40)
    news = [common[:2] + yards(13, 2, 40), common[1:4], yards(14, 30, 40) + common[:1], common[3:]]
    corpus, found = laid(news)
    related = article_overlap(article_prints(corpus, found), corpus, found, NOTHING, NEVER_HOT, 1)
    expected = {
        (a, b)
        for a, b in combinations(range(4), 2)
        if max(share(news[a], news[b]), share(news[b], news[a])) >= LEAST
        and words(news[a], news[b]) >= FEW
    }
    assert set(zip(related.a.tolist(), related.b.tolist(), strict=True)) == expected
    assert len(expected) == 3


def test_quotations_and_likeness_of_form_are_shared_but_not_ones_own() -> None:
    news = [[MILL[0], f"He wrote to us: {STATEMENT[:-2]}.”"], [GRAIN[0], STATEMENT]]
    corpus, found = laid(news)
    pair = every_pair(found)
    plain = measure(pair, corpus, found, NOTHING, 1)
    assert plain.of_a[0] > 0.4
    assert plain.own_a[0] == plain.own_b[0] == 0
    assert plain.words[0] == len(STATEMENT.split())
    forms = [[MILL[0], FERRY[0]], [GRAIN[0], changed(FERRY[0], 20)]]
    corpus, found = laid(forms)
    formal = np.array([1 << 32 | 3], np.uint64)
    form = measure(every_pair(found), corpus, found, formal, 1)
    alike = measure(every_pair(found), corpus, found, NOTHING, 1)
    assert form.of_a[0] == alike.of_a[0] > 0.3
    assert alike.own_a[0] > 0.3
    assert form.own_a[0] == form.own_b[0] == 0


# -- changed paragraphs --------------------------------------------------------------------------


@given(st.lists(PARAGRAPH, max_size=5), st.lists(PARAGRAPH, max_size=5))
@example(["a b c", "a b c d e"], ["a b c d e f"])
@settings(deadline=None)
def test_paragraphs_are_added_cut_or_changed_as_brute_force_says(
    ours: list[str], theirs: list[str]
) -> None:
    corpus, _ = laid([ours, theirs])

    def held(paragraphs: list[str], others: list[str]) -> dict[int, float]:
        has = {run for other in others for run in runs(other.split())}
        # Numbered as the corpus does: blank paragraphs do not count.
        listed = [p.split() for p in paragraphs if p]
        return {
            n: sum(run in has for run in runs(p)) / len(runs(p)) if runs(p) else 1.0
            for n, p in enumerate(listed)
        }

    found = Differences(corpus, np.zeros(len(corpus.first), bool)).between(0, 1)
    mine, other = held(ours, theirs), held(theirs, ours)
    assert found.added == tuple(n for n, part in mine.items() if part < NEXT_TO_NONE)
    assert found.cut == tuple(n for n, part in other.items() if part < NEXT_TO_NONE)
    changed_ = tuple(n for n, part in mine.items() if NEXT_TO_NONE <= part < NEARLY_ALL)
    assert found.changed == changed_


def test_paragraphs_are_numbered_as_everywhere_and_standing_text_is_none_of_them() -> None:
    footer = "Ilmen Today is printed on Wharf Lane 4 by the guild of the valley's printers, daily."
    bodies_ = [*(list(text) for text in yards_in_twos(8)), list(FERRY[:4]), list(FERRY[1:5])]
    items = [
        article(f"{n}", [*body, "* * *", footer], site="i.example", date="2024-05-06")
        for n, body in enumerate(bodies_)
    ]
    members = cast(dedup.scan(items))
    kept = next(name for name, member in members.items() if member.share_of_member == 1)
    (other,) = (member for name, member in members.items() if name != kept)
    assert {kept, other.article} == {"8", "9"}
    assert (other.added, other.cut) == (((3,), (0,)) if other.article == "9" else ((0,), (3,)))


def yards_in_twos(number: int) -> list[list[str]]:
    paragraphs = yards(15, 2 * number, 60)
    return [paragraphs[2 * n : 2 * n + 2] for n in range(number)]


# -- roles, and addresses that many articles share -----------------------------------------------


@pytest.mark.parametrize(
    ("contained", "containing", "role"),
    [
        (1, 1, "copy"),
        (0.95, 0.95, "copy"),
        (0.94, 1, "edited copy"),
        (0.5, 0.5, "edited copy"),
        (1, 0.49, "excerpt"),
        (0.5, 0.01, "excerpt"),
        (0.49, 1, "extended"),
        (0, 0.5, "extended"),
        (0.45, 0.53, "common source"),  # neither is clearly longer
        (0.45, 0.55, "extended"),
        (0.49, 0.49, "common source"),
        (0, 0, "common source"),
    ],
)
def test_the_shares_name_the_role(contained: float, containing: float, role: str) -> None:
    assert role_of(contained, containing) == role


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_one_is_to_the_other_mirrors_what_the_other_is_to_it(x: float, y: float) -> None:
    mirror = {"excerpt": "extended", "extended": "excerpt"}
    assert role_of(x, y) in ROLES
    if x != y:
        assert role_of(y, x) == mirror.get(role_of(x, y), role_of(x, y))


def address(document: str | None) -> ArticleFeatures:
    return ArticleFeatures("s", "s", None, None, None, None, document, frozenset(), None, 0, False)


@pytest.mark.parametrize(
    ("articles", "alike", "kept"),
    [
        # address of each article (its body has its number), pairs mostly alike, addresses kept
        ("d", [], "d"),
        ("dd", [], "--"),
        ("dd", [(0, 1)], "dd"),
        ("ddd", [(0, 1)], "---"),
        ("ddd", [(0, 1), (1, 2)], "ddd"),
        ("dede", [(0, 2)], "d-d-"),
        ("d-d", [(0, 2)], "d-d"),
        ("dd", [(0, 0)], "--"),
    ],
)
def test_an_address_is_an_articles_own_where_its_fetches_are_alike(
    articles: str, alike: list[tuple[int, int]], kept: str
) -> None:
    size = len(articles)
    rows = [pair for pair in alike if pair[0] != pair[1]]
    a, b = np.array(rows, np.int32).reshape(-1, 2).T
    related = Overlap(a, b, *np.ones((6, len(rows)), np.float32))
    numbers = np.arange(size, dtype=np.int32)
    counts = np.full(size, 300, np.int32)
    held = DistinctArticles(numbers, numbers, numbers, np.arange(size + 1), *[counts] * 3)
    features = [address(None if name == "-" else name) for name in articles]
    found = own_names(features, related, held)
    assert "".join(fact.document or "-" for fact in found) == kept


def test_many_articles_with_one_body_at_one_address_keep_it() -> None:
    same = np.zeros(5, np.int32)
    one = np.array([300], np.int32)
    held = DistinctArticles(same, same[:1], same[:1], np.arange(2), *[one] * 3)
    features = [address("d")] * 5
    assert own_names(features, Overlap(*np.zeros((8, 0), np.int32)), held) == features


def test_articles_without_words_have_no_body_and_no_kin() -> None:
    corpus = collapse([Article("a", ""), Article("b", "…"), *two()], 1, Silent())
    found = distinct_articles(corpus, np.zeros(len(corpus.first), bool), [NOBODY] * 4, 7)
    assert found.of.tolist() == [-1, -1, 0, 1]
    everything = distinct_articles(corpus, np.ones(len(corpus.first), bool), [NOBODY] * 4, 7)
    assert everything.of.tolist() == [-1] * 4
    prints = article_prints(corpus, everything)
    assert len(article_overlap(prints, corpus, everything, NOTHING, NEVER_HOT, 2).a) == 0


def two() -> list[Article]:
    return [article("c", CHOIR), article("d", CHOIR[::-1])]

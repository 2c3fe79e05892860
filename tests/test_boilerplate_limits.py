"""Each side of each threshold of `dedup.match.boilerplate`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dedup.match.boilerplate import boilerplate_texts

Page = Sequence[tuple[int, int]]
"""A text's number and its words, text after text. Text 0 is asked about; from 100 on each is in one
article alone."""


def is_boilerplate(pages: Sequence[Page], every: float = 0.0) -> bool:
    """Tell whether text 0 is; one site publishes a page every so many days."""
    sizes = {text: words for page in pages for text, words in page}
    words = np.zeros(max(sizes) + 1, np.int32)
    words[list(sizes)] = list(sizes.values())
    found = boilerplate_texts(
        np.arange(len(words), dtype=np.int32),
        np.array([text for page in pages for text, _ in page], np.int32),
        np.repeat(np.arange(len(pages), dtype=np.int32), [len(page) for page in pages]),
        np.zeros(len(pages), np.int64),
        np.arange(len(pages), dtype=np.float64) * every,
        words,
    )
    return bool(found[0])


ASKED = (0, 8)


def own(number: int, words: int = 30) -> tuple[int, int]:
    return 100 + number, words


def test_a_text_on_four_pages_of_a_site_is_boilerplate() -> None:
    assert is_boilerplate([(ASKED, own(n)) for n in range(4)])
    assert not is_boilerplate([(ASKED, own(n)) for n in range(3)])


def test_about_16_pairs_of_pages_are_compared() -> None:
    # Every second page has the same report: neighbours are strangers, the next but one is kin.
    def pages(number: int) -> list[Page]:
        return [(ASKED, (1 + n % 2, 30), own(n, 10)) for n in range(number)]

    assert is_boilerplate(pages(25))
    assert not is_boilerplate(pages(33))


@pytest.mark.parametrize(("shared", "kin"), [(10, True), (9, False)])
def test_pages_that_share_a_third_of_their_words_are_kin(shared: int, *, kin: bool) -> None:
    pages = [(ASKED, (1, shared), own(n, 30 - shared)) for n in range(4)]
    assert is_boilerplate(pages) is not kin


@pytest.mark.parametrize(("rest", "is_whole"), [(20, False), (19, True)])
def test_what_comes_back_is_left_out_of_pages_with_20_words_besides(
    rest: int, *, is_whole: bool
) -> None:
    pages = [(ASKED, (1, 50), own(n, rest)) for n in range(4)]
    assert is_boilerplate(pages, every=9) is not is_whole


def scattered(places: Sequence[int]) -> list[Page]:
    """Pages of unlike lengths, with the text asked about at some places, from 0, counted down."""
    pages: list[Page] = []
    for n, place in enumerate(places):
        others = [own(100 * n + k) for k in range(20 + 10 * n)]
        pages.append([*others[:place], ASKED, *others[place:]])
    return pages


def test_what_comes_back_after_more_than_14_days_is_boilerplate_wherever_it_stands() -> None:
    assert is_boilerplate(scattered((9, 6, 12, 8, 10, 7)), every=3)  # 15 days
    assert not is_boilerplate(scattered((9, 6, 12, 8, 10, 7, 11, 13)), every=2)  # 14


def test_a_place_has_up_to_five_paragraphs_above_it() -> None:
    assert is_boilerplate(scattered((5, 5, 5, 5)))
    assert not is_boilerplate(scattered((6, 6, 6, 6)))


def test_a_place_has_up_to_four_paragraphs_below_it() -> None:
    assert is_boilerplate([page[::-1] for page in scattered((4, 4, 4, 4))])
    assert not is_boilerplate([page[::-1] for page in scattered((5, 5, 5, 5))])


def test_three_of_four_pages_have_a_text_at_its_place() -> None:
    assert is_boilerplate(scattered((0, 0, 0, 9)))
    assert not is_boilerplate(scattered((0, 0, 0, 0, 0, 9, 12)))

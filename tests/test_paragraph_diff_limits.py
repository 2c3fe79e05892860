"""Each side of each threshold of `dedup.stories.paragraph_diff`."""

from __future__ import annotations

import numpy as np
from prose import numbered

from dedup import Article
from dedup.progress import Silent
from dedup.stories.paragraph_diff import Changes, Differences
from dedup.text.corpus import collapse


def compared(ours: str, theirs: str) -> Changes:
    corpus = collapse([Article("a", ours), Article("b", theirs)], 1, Silent())
    return Differences(corpus, np.zeros(len(corpus.first), bool)).between(0, 1)


def test_a_paragraph_is_added_if_less_than_a_tenth_of_its_runs_are_in_the_other() -> None:
    def ours(own: int) -> str:
        return f"{numbered(0, 5)} {numbered(100, own)}"

    one_of_ten, one_of_eleven = (compared(ours(own), numbered(0, 60)) for own in (9, 10))
    assert (one_of_ten.added, one_of_ten.changed) == ((), (0,))
    assert (one_of_eleven.added, one_of_eleven.changed) == ((0,), ())


def test_a_paragraph_is_changed_if_less_than_nine_tenths_of_its_runs_are_in_the_other() -> None:
    def found(shared: int) -> tuple[int, ...]:
        return compared(f"{numbered(0, shared)} {numbered(100, 1)}", numbered(0, 60)).changed

    assert found(13) == ()  # nine of ten runs of five
    assert found(12) == (0,)

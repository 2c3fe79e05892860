"""Each side of the threshold of `dedup.match.verify`."""

from __future__ import annotations

import pytest
from prose import scan


@pytest.mark.parametrize(
    ("said", "is_quote"),
    [("plant another forest", False), ("plant another forest tomorrow", True)],
)
def test_two_articles_quote_alike_from_three_and_a_half_words_on(
    said: str, *, is_quote: bool
) -> None:
    matches = scan(
        f"Farmers who had waited outside since dawn shouted “{said}” when doors opened.",
        f"Painted over many windows along every street were letters reading “{said}” yesterday.",
    ).matches
    assert [match.relation for match in matches] == ["quote"] * is_quote

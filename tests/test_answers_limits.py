"""Each side of the threshold of `dedup.index.answers`."""

from __future__ import annotations

from dedup.index.answers import Found


def test_what_an_earlier_article_holds_half_of_is_not_new() -> None:
    def found(share: float) -> Found:
        return Found("a", False, 1, 0, 0, (), 0, (), share, None, ())

    assert not found(0.50).is_new
    assert found(0.49).is_new

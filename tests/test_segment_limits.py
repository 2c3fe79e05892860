"""Each side of each threshold of `dedup.text.segment`."""

from __future__ import annotations

from dedup.text.characters import table
from dedup.text.segment import batch, segment


def paragraphs(*lines: str) -> int:
    return len(segment(batch(["\n".join(lines)]), table().kind).article)


def wrapped(width: int, lines: int = 6) -> list[str]:
    """Lines of so many characters whose first words would not have fitted on the line before."""
    return ["a" * (width // 2 - 1) + " " + "b" * (width - width // 2)] * lines


def test_a_text_is_wrapped_at_30_to_120_characters() -> None:
    assert [paragraphs(*wrapped(width)) for width in (29, 30, 120, 121)] == [6, 1, 1, 6]


def test_three_lines_after_others_show_wrapping() -> None:
    assert paragraphs(*wrapped(60, 4)) == 1
    assert paragraphs(*wrapped(60, 3)) == 3


def test_six_of_seven_lines_would_not_have_fitted() -> None:
    def with_one_short(lines: int) -> int:
        first, *others = wrapped(60, lines)
        return paragraphs(first, "short", *others[1:])

    assert with_one_short(8) == 1
    assert with_one_short(7) == 7

"""Each side of each threshold of `dedup.stories.roles`."""

from __future__ import annotations

import pytest

from dedup.stories.roles import role_of

ROLES = [
    # share of the one, share of the other, what the one is
    (0.95, 0.95, "copy"),
    (0.95, 0.94, "edited copy"),
    (0.50, 0.50, "edited copy"),
    (0.62, 0.49, "excerpt"),
    (0.49, 0.62, "extended"),
    (0.50, 0.41, "excerpt"),  # the whole is 1.22 times as long
    (0.50, 0.42, "common source"),  # 1.19 times
    (0.49, 0.10, "common source"),
]


@pytest.mark.parametrize(("one", "other", "role"), ROLES)
def test_copies_share_19_words_of_20_and_excerpts_half_of_a_longer_whole(
    one: float, other: float, role: str
) -> None:
    assert role_of(one, other) == role

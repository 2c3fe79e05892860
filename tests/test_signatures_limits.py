"""Each side of the threshold of `dedup.match.signatures`."""

from __future__ import annotations

import numpy as np
from laid import laid, words

from dedup.match.signatures import prints


def seen(run: int) -> int:
    """Of 200 pairs of texts that share a run of words, those that share a print."""
    count = 0
    for number in range(200):
        base = 1000 * number
        shared = words(base, run)
        a = [*words(base + 100, 9), *shared, *words(base + 200, 9)]
        b = [*words(base + 300, 9), *shared, *words(base + 400, 9)]
        found = prints(laid(a, b))
        of = [set((found[found & np.uint64(1) == k] >> np.uint64(32)).tolist()) for k in (0, 1)]
        count += bool(of[0] & of[1])
    return count


def test_every_shared_run_of_seven_words_has_a_print_and_not_every_one_of_six() -> None:
    assert seen(7) == 200
    assert 150 < seen(6) < 200

"""Each side of the threshold of `dedup.match.lsh`."""

from __future__ import annotations

import numpy as np

from dedup.match.lsh import candidates


def test_in_a_hot_bucket_each_text_is_compared_with_four() -> None:
    keys = np.ones((10, 1), np.uint32)
    ((pairs, hot, _),) = candidates(keys, np.ones(10, bool), 9)
    assert len(pairs) == 3 + 2 + 1 + 4 * 6
    assert (hot.largest, hot.uncompared) == (10, 45 - 30)
    ((pairs, _, _),) = candidates(keys, np.ones(10, bool), 10)
    assert len(pairs) == 45

"""Each side of the threshold of `dedup.match.common_phrases`."""

from __future__ import annotations

import numpy as np
from laid import laid, words

from dedup.match.common_phrases import flag_common_phrases


def test_what_24_texts_hold_that_are_no_versions_is_a_common_phrase() -> None:
    def is_common(texts: int) -> bool:
        arrays = laid(*[[*words(10, 4), *words(100 + 10 * n, 3)] for n in range(texts)])
        flagged, _ = flag_common_phrases(arrays, np.arange(texts, dtype=np.int32))
        return bool(flagged.flags.any())

    assert is_common(24)
    assert not is_common(23)

"""How the stages of a scan are put together: what each of them holds, and lets go of."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from prose import HERRING, STRIKE

from dedup import Article, Settings, pipeline
from dedup.match.boilerplate_spans import Spans
from dedup.match.common_phrases import flag_common_phrases
from dedup.metadata.credits import Attribution
from dedup.metadata.outlets import Outlets
from dedup.progress import Silent
from dedup.text.arrays import TextArrays
from dedup.text.corpus import Corpus, collapse
from dedup.ways import HERE


def corpus() -> Corpus:
    return collapse([Article("a", HERRING), Article("b", STRIKE)], 1, Silent())


@pytest.mark.parametrize("keeps", [False, True])
def test_tokens_are_let_go_of_as_soon_as_they_are_there_without_boilerplate(keeps: bool) -> None:
    before: list[weakref.ref[npt.NDArray[np.uint32]]] = []
    left: list[bool] = []

    def reduced(texts: TextArrays, _spans: Spans) -> TextArrays:
        before.append(weakref.ref(texts.tokens))
        return texts._replace(tokens=texts.tokens.copy())

    def flag(texts: TextArrays, families: npt.NDArray[np.int32], workers: int) -> Any:
        left.append(before[0]() is not None)
        return flag_common_phrases(texts, families, workers)

    held = [corpus()]
    kept = held[0] if keeps else None  # a caller may need them for something else
    pipeline.find(
        held.pop(),
        lambda: [Attribution()] * 2,
        (),
        Settings(),
        Outlets(),
        Silent(),
        pipeline.Clock(),
        HERE._replace(reduce=reduced, flag=flag),
    )
    assert left == [keeps]
    assert kept is None or len(kept.texts.tokens)

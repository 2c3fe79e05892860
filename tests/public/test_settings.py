"""What a scan can be told, and how it says that it cannot do that."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any

import numpy as np
import pytest

import dedup
from dedup import Settings, SettingsError


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("shingle", 1, 16),
        ("threshold", 0.05, 1),
        ("containment", 0.05, 1),
        ("brief", 0, 10_000),
        ("num_perm", 16, 1024),
        ("seed", 0, 2**32 - 1),
        ("recall", 0.5, 0.9999),
        ("bucket", 2, 4096),
        ("chain", 0, 1),
        ("page_seconds", 0.1, 86400),
        ("threads", 0, 1024),
    ],
)
def test_a_number_holds_its_ends_and_nothing_beyond(field: str, low: float, high: float) -> None:
    texts = ["It rained in the hills.", "It rained in the hills!", "It snowed in the hills."]
    for value in (low, high):
        given: dict[str, Any] = {field: value}
        result = dedup.scan(texts, None, **given)
        assert len(result.clusters) >= 1
        assert json.loads(json.dumps(result.summary["settings"]))[field] == value
    for value in (low - 1, high + 1, float("nan"), float("inf")):
        with pytest.raises(SettingsError, match=f"{field} is {value}"):
            dedup.scan(texts, Settings(), **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("shingle", 2.5, "it must be a whole number"),
        ("num_perm", "128", "it must be a whole number"),
        ("threads", None, "it must be a whole number"),
        ("threshold", "0.5", "it must be a number"),
        ("chain", [0.5], "it must be a number"),
        ("policy", "newest", "one of earliest, longest, medoid, preferred-site"),
        ("policy", None, "one of earliest"),
        ("preferred_sites", "herald", "it must be a tuple of names"),
        ("preferred_sites", None, "it must be a tuple of names"),
        ("preferred_sites", (1,), "it must be a tuple of names"),
    ],
)
def test_a_value_of_another_kind_is_named_with_what_it_must_be(
    field: str, value: Any, remedy: str
) -> None:
    for make in (Settings, lambda **given: dedup.scan(["It rained."], None, **given)):
        with pytest.raises(SettingsError, match=f"{field} is .*{remedy}"):
            make(**{field: value})


def test_numbers_of_numpy_and_lists_of_sites_are_taken() -> None:
    settings = Settings(
        shingle=np.int64(5),  # type: ignore[arg-type]
        threshold=np.float32(0.5),  # type: ignore[arg-type]
        preferred_sites=["herald"],  # type: ignore[arg-type]
    )
    assert settings == Settings(shingle=5, preferred_sites=("herald",))
    assert hash(settings) == hash(Settings(shingle=5, preferred_sites=("herald",)))


@pytest.mark.parametrize("shared", range(3, 10))
def test_a_pair_at_exactly_the_threshold_is_near_enough(shared: int) -> None:
    line = "Alpha bravo candle dragon ember fossil garden harbor island jungle"
    texts = [line, " ".join(line.split()[:shared])]
    exact: dict[str, Any] = {"shingle": 1, "brief": 0, "threshold": shared / 10, "containment": 1}
    assert len(dedup.scan(texts, None, **exact).matches) == 1


def test_settings_cannot_be_changed_but_replaced() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().shingle = 5  # type: ignore[misc]
    assert dataclasses.replace(Settings(), shingle=5).shingle == 5
    with pytest.raises(SettingsError, match="shingle is 0"):
        dataclasses.replace(Settings(), shingle=0)


def test_the_threads_are_those_given_or_those_that_the_system_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings(threads=3).workers == 3
    assert 1 <= Settings().workers <= (os.cpu_count() or 1)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS and Windows
    assert Settings().workers == os.cpu_count()
    assert Settings(threads=3).workers == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert Settings().workers == 1

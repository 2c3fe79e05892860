"""Frames of the real libraries, through `dedup.integrations.frames.mark`."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest
from made_up import RAIN
from prose import BRIDGE, COMET, HERRING

import dedup
from dedup.integrations.frames import COLUMNS, mark

Make = Callable[[dict[str, list[Any]]], Any]

TRAM = "The tram tunnel under Mill Lane stays shut until Friday, the council said on Monday."
LONG = (
    "The harbour office said on Monday that the ferry which ran aground off the north bar had been "
    "towed free at first light, and that all of the passengers were safe and had slept on board."
)
ROWS: dict[str, list[Any]] = {
    "key": ["n1", "t1", "x", "n2", "none"],
    "text": [
        f"{RAIN}\n\n{TRAM}",
        f"{RAIN}\n\n{TRAM}".upper(),
        "Nothing to do with it.",
        TRAM,
        None,
    ],
    "site": ["northline", "tarnholm", "tarnholm", "post", "post"],
    "date": ["2025-10-14T06:00:00Z", "2025-10-14T05:00:00Z", None, "2025-10-15T05:00:00Z", None],
}


@pytest.fixture(params=[pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def make(request: pytest.FixtureRequest) -> Any:
    return request.param


def column(frame: Any, name: str) -> list[Any]:
    """The values of a column, whatever stands for a missing one made None."""
    return [None if pd.isna(value) else value for value in frame[name].to_list()]


def test_the_rows_come_back_as_they_were_with_five_columns_more(make: Make) -> None:
    frame = make(ROWS)
    marked = mark(frame)
    assert type(marked) is type(frame)
    assert list(marked.columns) == [*frame.columns, *COLUMNS]
    assert list(frame.columns) == list(ROWS), "the frame that was given is as it was"
    assert {name: column(marked, name) for name in ROWS} == ROWS


def test_copies_name_the_row_to_keep_which_is_the_first_published(make: Make) -> None:
    marked = mark(make(ROWS))
    assert column(marked, "canonical") == [1, 1, 2, 3, 4]
    assert column(marked, "keep") == [False, True, True, True, True]
    assert column(marked, "role") == ["copy", "original", None, None, None]
    stories, clusters = column(marked, "story"), column(marked, "cluster")
    assert stories[0] == stories[1] is not None
    assert stories[2:] == [None] * 3
    assert clusters[0] == clusters[1] is not None
    assert clusters[3] is not None, "a paragraph that others have makes no story"
    assert clusters[2] is clusters[4] is None


def test_a_column_of_ids_gives_the_names_in_canonical(make: Make) -> None:
    marked = mark(make(ROWS), id="key")
    assert column(marked, "canonical") == ["t1", "t1", "x", "n2", "none"]


def test_columns_may_have_other_names(make: Make) -> None:
    frame = make({{"text": "body", "date": "when"}.get(name, name): ROWS[name] for name in ROWS})
    assert column(mark(frame, "body"), "canonical")[:2] == [0, 0], "no dates: the first row"
    marked = mark(frame, "body", fields={"date": "when"})
    assert column(marked, "canonical") == [1, 1, 2, 3, 4]


def test_dates_may_be_dates(make: Make) -> None:
    day = datetime.datetime(2025, 10, 14, tzinfo=datetime.UTC)
    frame = make({"text": [RAIN, RAIN], "date": [day, day - datetime.timedelta(days=1)]})
    assert column(mark(frame), "canonical") == [1, 1]
    frame = make({"text": [RAIN, RAIN], "date": [None, day]})
    assert column(mark(frame), "canonical") == [1, 1]


def test_by_cluster_one_row_of_each_cluster_of_paragraphs_is_kept(make: Make) -> None:
    longer = LONG.replace("on Monday", "on Monday evening")
    texts = [LONG, longer, LONG.upper(), TRAM, f"{LONG}\n\nOf its own, and of nobody else."]
    marked = mark(make({"text": texts}), by="cluster", policy="longest")
    assert column(marked, "keep") == [False, True, False, True, True]
    assert column(marked, "canonical") == [1, 1, 1, 3, 1]
    assert [cluster is None for cluster in column(marked, "cluster")] == [*[False] * 3, True, False]


def test_variants_of_one_address_are_copies(make: Make) -> None:
    page = "https://herald.example/rain"
    frame = make({"text": [RAIN, RAIN], "url": [f"{page}?utm_source=x", page]})
    marked = mark(frame)
    assert column(marked, "canonical") == [1, 1]
    assert column(marked, "keep") == [False, True]
    assert column(marked, "role") == ["copy", None]


def test_a_row_that_goes_is_stood_for_by_one_that_is_kept(make: Make) -> None:
    texts = [f"{a}\n\n{b}" for a in (BRIDGE, COMET, HERRING) for b in (COMET, BRIDGE.upper())]
    for by in ("story", "cluster"):
        marked = mark(make({"text": texts}), by=by)
        keep, canonical = column(marked, "keep"), column(marked, "canonical")
        assert not all(keep)
        assert all(keep[other] for other in canonical)
        assert all(keep[row] for row, other in enumerate(canonical) if row == other)


def test_settings_and_problems_are_those_of_a_scan(make: Make) -> None:
    problems: list[dedup.Problem] = []
    frame = make({"text": [None, "Rain\0.", "Sun."]})
    mark(frame, problems=problems)
    assert [problem.where for problem in problems] == ["row 1"]
    with pytest.raises(dedup.SettingsError, match="threshold is 7"):
        mark(frame, threshold=7)


@pytest.mark.parametrize("texts", [[], [None, None]])
def test_frames_without_any_text_come_back_all_alone(make: Make, texts: list[None]) -> None:
    frame = make({"text": texts})
    marked = mark(frame)
    assert column(marked, "canonical") == list(range(len(texts)))
    assert column(marked, "keep") == [True] * len(texts)


def test_the_index_of_a_pandas_frame_stays_and_may_repeat() -> None:
    frame = pd.DataFrame(ROWS, index=[7, 7, "a", "b", None])
    marked = mark(frame)
    assert marked.index.equals(frame.index)
    assert marked["canonical"].tolist() == [1, 1, 2, 3, 4]


def test_missing_texts_of_pandas_are_no_texts() -> None:
    frame = pd.DataFrame({"text": pd.array([RAIN, None, RAIN], dtype="string")})
    assert mark(frame)["canonical"].tolist() == [0, 1, 0]
    frame = pd.DataFrame({"text": [RAIN, float("nan"), RAIN], "date": [pd.NaT] * 3})
    assert mark(frame)["canonical"].tolist() == [0, 1, 0]


REFUSED: list[tuple[Callable[[], Any], type[dedup.DedupError], str]] = [
    # what is marked, the error, what it says
    (lambda: mark(pl.LazyFrame(ROWS)), dedup.InputError, "a lazy one collected"),  # type: ignore[type-var]
    (lambda: mark([ROWS]), dedup.InputError, "list is no frame"),  # type: ignore[type-var]
    (lambda: mark(pd.DataFrame(ROWS), "body"), dedup.InputError, "no column 'body'; its columns"),
    (lambda: mark(pd.DataFrame(ROWS), id="site"), dedup.InputError, "'site' does not name each"),
    (lambda: mark(pd.DataFrame(ROWS), fields={"date": "when"}), dedup.InputError, "'when'"),
    (lambda: mark(pd.DataFrame(ROWS), fields={"when": "x"}), dedup.SettingsError, "'when'"),
    (
        lambda: mark(pd.DataFrame(ROWS), by="site"),  # type: ignore[arg-type]
        dedup.SettingsError,
        "by is 'site'",
    ),
    (lambda: mark(mark(pd.DataFrame(ROWS))), dedup.SettingsError, "'cluster' already"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_what_cannot_be_marked_is_refused_with_what_to_do(
    call: Callable[[], Any], error: type[dedup.DedupError], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_prefix_keeps_new_columns_apart_from_old_ones() -> None:
    marked = mark(mark(pd.DataFrame(ROWS)), prefix="again_")
    assert list(marked.columns)[-5:] == [f"again_{name}" for name in COLUMNS]


def test_without_narwhals_the_error_gives_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "narwhals.stable.v2", None)
    with pytest.raises(dedup.DedupError, match=r"pip install 'news-dedup\[pandas\]'"):
        mark(pd.DataFrame(ROWS))

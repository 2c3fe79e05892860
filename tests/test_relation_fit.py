"""The weights of relations: how they do on a corpus left out, and what they say of plain cases."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from prose import BRIDGE, COMET, HALL, HERRING, MINE, SPEECH, article, scan, yards

import dedup
from dedup.evaluation import measured_pairs, relation_fit
from dedup.evaluation.measured_pairs import MeasuredPairs
from dedup.match import common_phrases, relations
from dedup.match.common_phrases import flag_common_phrases
from dedup.settings import PRESETS
from dedup.text.arrays import TextArrays

NUMBERS = Path(__file__).parent / "data" / "measured_pairs.tsv.gz"

FLOORS = {  # linked F1 and relation macro-F1 with unrelated of each corpus that was left out
    "fnc": (0.92, 0.66),
    "helsinki": (0.96, 0.77),
    "kcna": (0.76, 0.56),
    "press": (0.61, 0.50),
    "reuters": (0.87, 0.82),
    "saudi": (0.91, 0.52),
    "usnews": (0.91, 0.61),
    "pooled": (0.92, 0.72),
}


@pytest.fixture(scope="module")
def measured() -> MeasuredPairs:
    return measured_pairs.read(NUMBERS)


def test_a_corpus_that_was_left_out_keeps_its_floors(
    measured: MeasuredPairs,
) -> None:
    found = relation_fit.scores(measured, relation_fit.left_out(measured))
    assert set(found) == set(FLOORS)
    low = {
        name: found[name] for name, floor in FLOORS.items() if np.any(np.less(found[name], floor))
    }
    assert not low


def test_the_shipped_weights_are_those_that_the_numbers_give(
    measured: MeasuredPairs,
) -> None:
    fitted = relation_fit.fit(measured)
    assert set(fitted) == set(relations.known()) == set(relations.ASKED.values())
    for name, question in relations.known().items():
        assert list(question.weights) == list(fitted[name].weights)
        assert question.bias == pytest.approx(fitted[name].bias, rel=1e-3)
        for key, pair in question.weights.items():
            assert pair == pytest.approx(fitted[name].weights[key], rel=1e-3, abs=1e-6)


def test_a_table_of_looks_is_read_as_it_was_written(
    measured: MeasuredPairs, tmp_path: Path
) -> None:
    measured_pairs.write(measured, tmp_path / "measured.gz")
    assert (tmp_path / "measured.gz").read_bytes() == NUMBERS.read_bytes()


def test_the_least_probability_is_where_yes_begins() -> None:
    for least in (0.2, 0.5, 0.9):
        edge = math.log(least / (1 - least))
        question = relations.Question(least, 0.0, {"x": (1.0, 0.0)})
        over, under = question.odds({"x": np.array([edge + 0.01, edge - 0.01])})
        assert over > 0 > under


# -- quotations ----------------------------------------------------------------------------------


def kinds(*texts: str, **settings: float) -> list[str]:
    return sorted(match.relation for match in scan(*texts, **settings).matches)


def test_a_tweet_in_another_frame_is_a_quote_and_no_cluster() -> None:
    tweet = "The harbour belongs to those who fish in it and not to those who count the fish"
    result = scan(
        f"On Friday evening Minister Lind wrote: “{tweet}.”",
        f"“{tweet},” ran the message that drew nine thousand replies before midnight.",
    )
    assert [match.relation for match in result.matches] == ["quote"]
    assert not result.clusters


TOLD = "the last ferry of the season leaves the timber wharf on Sunday at noon with the band"


@pytest.mark.parametrize(
    "prose",
    [
        f"Nobody at the inn had heard that {TOLD}, and few had packed.",
        f"What the innkeeper had forgotten to mention was how {TOLD} on board.",
    ],
)
def test_a_message_told_once_quoted_and_once_as_prose_in_one_article_is_no_quote(
    prose: str,
) -> None:
    result = dedup.scan([article("a", f"“Remember that {TOLD},” the notice says.", COMET, prose)])
    assert {match.relation for match in result.matches} <= {"rewrite", "passage"}
    assert result.matches


def test_a_post_that_an_article_shows_and_quotes_is_a_quote() -> None:
    post = TOLD.capitalize()
    result = dedup.scan([article("a", f"“{post},” the owner wrote on Friday.", COMET, f"{post}.")])
    assert [match.relation for match in result.matches] == ["quote"]


# -- what is no reuse ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            (
                "Anna Berg, the deputy head of the harbour board, opened a school for divers in "
                "Vasker and gave a prize to the youngest of them."
            ),
            (
                "Nobody had asked Anna Berg, the deputy head of the harbour board, whether trains "
                "or lorries should bring the salt to the plants upriver."
            ),
        ),
        (
            (
                "He was charged on Monday with driving under the influence after a lorry ran into "
                "the gate of the dairy."
            ),
            (
                "A singer from Orrin, charged on Monday with driving under the influence, lost her "
                "place in the choir and took up the trumpet."
            ),
        ),
    ],
)
def test_a_title_or_a_charge_alone_is_no_rewrite(a: str, b: str) -> None:
    assert "rewrite" not in kinds(a, b)
    assert "duplicate" not in kinds(a, b)


def test_short_lines_of_different_sites_that_share_four_small_words_are_no_templates() -> None:
    lines = (
        "What is it like to be a bat?",
        "This is what it is like to row at night",
        "So what is it like to win twice?",
    )
    result = dedup.scan([article(f"{n}", line, site=f"s{n}") for n, line in enumerate(lines)])
    assert not result.matches


def test_strict_finds_no_more_than_the_defaults_and_sensitive_no_fewer() -> None:
    texts = [BRIDGE, HERRING, HALL.format(SPEECH), MINE.format(SPEECH)]
    texts += [
        f"{BRIDGE.split(',')[0]}, it said. {COMET}",
        f"Nobody in Orrin believes that {' '.join(HERRING.split()[4:15])} and so on.",
    ]
    counts = [
        len(scan(*texts, **preset).matches)
        for preset in (PRESETS["strict"], {}, PRESETS["sensitive"])
    ]
    assert counts == sorted(counts)


# -- phrases -------------------------------------------------------------------------------------


def counted(texts: int, holders: int) -> tuple[int, float]:
    """Count a phrase that some of many unlike texts hold: whether it is common, and the share."""
    length = 5
    tokens = np.arange(2, 2 + 2 * length * texts, 2, dtype=np.uint32).reshape(texts, length)
    tokens[:: max(1, texts // holders)][:holders] = 2 * np.arange(1, length + 1)
    offsets = np.arange(0, texts * length + 1, length)
    family = np.arange(texts, dtype=np.int32)
    found, counts = flag_common_phrases(TextArrays.of(tokens.ravel(), offsets), family)
    return int((found.flags > 0).sum() // length), counts.share


def test_a_phrase_is_common_from_its_least_number_of_texts_on() -> None:
    assert counted(200, common_phrases.TEXTS)[0] >= common_phrases.TEXTS
    assert counted(200, common_phrases.TEXTS - 4)[0] == 0  # slots are shared


def test_what_makes_a_phrase_common_in_a_large_corpus_is_its_share() -> None:
    texts = 2 * common_phrases.TEXTS * common_phrases.ONE_IN
    assert counted(texts, 2 * common_phrases.TEXTS)[0] >= 2 * common_phrases.TEXTS
    assert counted(texts, 2 * common_phrases.TEXTS - 8)[0] == 0


def test_of_a_corpus_beyond_the_sample_a_part_is_counted() -> None:
    assert counted(common_phrases.SAMPLE, 30)[1] == 1
    assert counted(common_phrases.SAMPLE + 1, 30)[1] == 0.5


def test_a_pair_means_the_same_among_many_others() -> None:
    pair = [BRIDGE, f"{BRIDGE.split(',')[0]}, it said. {COMET}"]
    (alone,) = scan(*pair).matches
    among = list(scan(*pair, *yards(3, 300, 60)).matches)
    assert [(m.relation, m.evidence) for m in among] == [(alone.relation, alone.evidence)]

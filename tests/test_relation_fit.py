"""The weights of relations: how they do on a corpus left out, and what they say of plain cases."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from prose import ALL, BRIDGE, COMET, HALL, HERRING, MINE, SPEECH, article, changed, scan, yards

import dedup
from dedup.evaluation import measure_choice, measured_pairs, relation_fit
from dedup.evaluation.measured_pairs import MeasuredPairs
from dedup.evaluation.relation_fit import PLANS
from dedup.match import common_phrases, relations
from dedup.match.common_phrases import flag_common_phrases
from dedup.match.relation_measures import measures
from dedup.result import Result
from dedup.settings import PRESETS
from dedup.text.arrays import TextArrays

NUMBERS = Path(__file__).parent / "data" / "measured_pairs.tsv.gz"

FLOORS = {  # linked F1 and relation macro-F1 with unrelated of each corpus that was left out
    "fnc": (0.91, 0.66),
    "helsinki": (0.97, 0.775),
    "kcna": (0.80, 0.55),
    "press": (0.61, 0.56),
    "reuters": (0.87, 0.83),
    "saudi": (0.91, 0.62),
    "usnews": (0.90, 0.64),
    "pooled": (0.92, 0.74),
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


def test_measures_are_chosen_without_the_corpus_by_what_they_tell_of_others(
    measured: MeasuredPairs,
) -> None:
    known = measures(measured.evidence)
    found = {"dull": np.zeros(len(measured.label))}
    found |= {name: known[name] for name in ("longest run", "links")}
    others = ["helsinki", "usnews"]
    picked = measure_choice.chosen(PLANS["reuse"], list(found), measured, found, others)
    assert picked[0] == "longest run"
    assert "dull" not in picked
    blind = measured.label.copy()
    blind[measured.corpus == "fnc"] = "unrelated"
    again = measured._replace(label=blind)
    assert measure_choice.chosen(PLANS["reuse"], list(found), again, found, others) == picked


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


SAID = (
    "We have counted the herring twice and there are fewer boats than there are fish to fill them"
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (f"“{SAID},” Lind said on Friday.", f"“{SAID},” the minister told reporters."),
        (f"“{SAID},” Lind said on Friday.", f"According to Mr Lind: ‘{SAID}.’"),
        (f"Lind (on the wireless): “{SAID}.”", f"“{SAID}.” That is what Ada Lind believes."),
    ],
)
def test_a_saying_with_another_speech_tag_is_a_quote_and_no_cluster(a: str, b: str) -> None:
    result = scan(a, b)
    assert [match.relation for match in result.matches] == ["quote"]
    assert not result.clusters


def test_one_saying_without_any_words_around_it_is_one_text_twice() -> None:
    assert kinds(f"“{SPEECH}.”", f"“{SPEECH.replace('single', 'square')}.”") == ["duplicate"]


def test_prose_that_another_article_quotes_is_a_quote() -> None:
    prose = "the wharf had not seen so many lanterns in one night since the salt ships came home"
    result = scan(
        f"By ten o'clock {prose}, and the band was still tuning its drums behind the customs shed.",
        f"A reporter of the Courier wrote that “{prose}”, which made the harbour master laugh.",
    )
    assert [match.relation for match in result.matches] == ["quote"]


@pytest.mark.parametrize("saying", ["I have no idea", "the other side"])
def test_what_anyone_may_say_in_quotation_marks_is_no_match(saying: str) -> None:
    result = scan(
        f"“{saying},” said the baker when the inspectors asked him about the price of rye.",
        f"Asked for the score, the keeper of the visitors laughed: “{saying}.”",
    )
    assert not result.matches


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


ROOF = (
    "A storm tore the roof off the railway station in Orrin on Sunday night and carried it across "
    "two fields before it came down beside the dairy without hurting anyone."
)
ROOF_RETOLD = (
    "The roof of the railway station in Orrin was torn off by a storm on Sunday night; it flew "
    "across two fields and came down beside the dairy, and nobody was hurt."
)


def test_several_traces_in_one_order_are_a_rewrite() -> None:
    assert kinds(ROOF, ROOF_RETOLD) == ["rewrite"]


STATES = ("Averil", "Borrin", "Casmere", "Dunholm", "Eskrow", "Farland")


def test_paragraphs_of_one_article_that_differ_in_names_alone_are_templates() -> None:
    formula = (
        "Who will lead the district of {}? The count stands still until the last boxes have come "
        "over the pass from the valleys, and no figure will change before noon on Sunday."
    )
    result = dedup.scan([article("a", *(formula.format(name) for name in STATES))])
    assert {match.relation for match in result.matches} == {"template"}
    assert not result.clusters


def test_so_are_those_of_which_some_have_a_sentence_more() -> None:
    formula = (
        "Who will lead the district of {}? The count stands still until the last boxes have come "
        "over the pass from the valleys, and no figure will change before noon on Sunday."
    )
    more = " Look behind the numbers: every poll of {} since the summer, weighed by age and trade."
    texts = [(formula + more * (n % 2)).format(name, name) for n, name in enumerate(STATES)]
    result = dedup.scan([article("a", *texts)])
    assert {match.relation for match in result.matches} == {"template"}
    assert not result.clusters


def test_so_are_those_of_a_script_without_capitals() -> None:
    formula = (
        "أعلنت اللجنة أن فرز الأصوات في دائرة {} لم ينته بعد بسبب تأخر وصول الصناديق من القرى "
        "الجبلية، وأن النتيجة لن تعرف قبل ظهر يوم الأحد القادم إن شاء الله."
    )
    names = ("الشمال", "الجنوب", "الساحل", "الوادي", "الواحة")
    result = dedup.scan([article("a", *(formula.format(name) for name in names))])
    assert {match.relation for match in result.matches} == {"template"}
    assert not result.clusters


def test_three_versions_of_a_paragraph_in_one_article_are_no_formula() -> None:
    texts = (BRIDGE, BRIDGE.replace("nine", "eight"), BRIDGE.replace("Tuesday", "Monday"))
    result = dedup.scan([article("a", *texts)])
    assert {match.relation for match in result.matches} == {"duplicate"}


def test_long_texts_with_a_few_links_are_no_boilerplate() -> None:
    links = "See https://www.ilmen.example/live and https://www.ilmen.example/map for more. "
    texts = yards(8, 2, 300)
    result = scan(f"{texts[0]}. {HERRING} {links}", f"{texts[1]}. {HERRING} {links}")
    assert [match.relation for match in result.matches] == ["passage"]


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


def scored(result: Result, least: int) -> dict[tuple[str, str], tuple[str, float]]:
    """Relation and evidence of the matches of articles before some number, by their texts."""
    text = {text.id: text for text in result.texts}
    return {
        (text[m.a].text, text[m.b].text): (m.relation, m.evidence)
        for m in result.matches
        if all(int(text[end].occurrences[0].article) < least for end in (m.a, m.b))
    }


def test_a_corpus_means_the_same_among_many_unrelated_articles() -> None:
    title = "the acting deputy commissioner for weirs and locks of the upper Ilmen valley"
    frames = yards(11, 2 * common_phrases.TEXTS, 24)
    texts = [*ALL, *(changed(text, 5) for text in ALL), HALL.format(SPEECH), MINE.format(SPEECH)]
    texts += [f"{a} {title} {b}" for a, b in zip(frames[::2], frames[1::2], strict=True)]
    alone = scored(scan(*texts), len(texts))
    among = scored(scan(*texts, *yards(12, 3000, 40)), len(texts))
    assert alone
    assert among == alone


def is_common(texts: int, one_in: int) -> bool:
    """Whether a phrase is common that one text of so many holds; all others are unlike."""
    tokens = np.arange(2, 2 + 2 * 5 * texts, 2, dtype=np.uint32).reshape(texts, 5)
    tokens[::one_in] = 2 * np.arange(1, 6)
    arrays = TextArrays.of(tokens.ravel(), np.arange(0, texts * 5 + 1, 5))
    return bool(flag_common_phrases(arrays, np.arange(texts, dtype=np.int32))[0].flags[:5].any())


def test_what_is_common_stays_the_same_as_a_corpus_grows_by_more_of_its_mix() -> None:
    sizes = (50_000, 100_000, 300_000)
    assert [is_common(texts, 1_800) for texts in sizes] == [True, True, True]
    assert [is_common(texts, 2_600) for texts in sizes] == [False, False, False]

"""What a scan finds and does not find, paragraph by paragraph, through the public call."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prose import (
    ALL,
    BRIDGE,
    CHARTS,
    CHARTS_RETOLD,
    COMET,
    HALL,
    HERRING,
    IMPRINT,
    LIBRARY,
    MINE,
    SPEECH,
    STRIKE,
    WEATHER,
    article,
    between,
    changed,
    families,
    linked,
    scan,
    together,
    yards,
)
from xxhash import xxh3_128_hexdigest

import dedup
from dedup import Article, InputError, SettingsError
from dedup.match.relations import REASONS
from dedup.records import RELATIONS
from dedup.result import Result
from dedup.text.tokenize import normalize

# -- the same although it looks different --------------------------------------------------------

QUOTED = (
    "The mayor's office said \"the first ferries of the 2nd fleet -- the ones built in 1998 at "
    "Offenbach's yard -- won't sail before Easter\", and asked 300 commuters in cafés along the "
    "quay to be patient for a while."
)
LOOKS: dict[str, Callable[[str], str]] = {
    "curly quotes": lambda t: t.replace(' "', " “").replace('"', "”").replace("'", "’"),
    "angled quotes": lambda t: t.replace(' "', " «").replace('"', "»"),
    "em dashes": lambda t: t.replace(" -- ", "—"),
    "en dashes": lambda t: t.replace("--", "–"),
    "no-break spaces": lambda t: t.replace(" ", "\u00a0"),
    "two spaces and tabs": lambda t: t.replace(" ", "  ", 9).replace("  ", "\t ", 4),
    "soft hyphens": lambda t: t.replace("mm", "m\u00adm").replace("ff", "f\u00adf"),
    "zero-width joiners": lambda t: t.replace("m", "m\u200d"),
    "ligatures": lambda t: t.replace("ffi", "ﬃ").replace("ff", "ﬀ").replace("fi", "ﬁ"),
    "NFD": lambda t: unicodedata.normalize("NFD", t),
    "no accents": lambda t: t.replace("é", "e"),
    "full width": lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    "capitals": str.upper,
    "bold letters": lambda t: t.replace("Easter", "𝐄𝐚𝐬𝐭𝐞𝐫"),
    "marks of direction": lambda t: f"\u202a{t}\u202c".replace("300", "\u200e300\u200f"),
    "byte order mark": lambda t: f"\ufeff{t}",
    "marked up": lambda t: f"** {t} **",
}


@pytest.mark.parametrize("look", LOOKS)
def test_writings_of_one_text_are_one_text(look: str) -> None:
    other = LOOKS[look](QUOTED)
    assert other != QUOTED
    result = scan(QUOTED, other)
    assert result.summary["distinct_texts"] == 1
    assert families(result) == {frozenset({("0", 0), ("1", 0)})}


@pytest.mark.parametrize(
    "credit",
    [
        "SEOUL, Nov. 24 (Yonhap) -- ",
        "WASHINGTON (Reuters) - ",
        "MOSCOW, October 4. /TASS/. ",
        "ILMEN (Northline) — ",
        "By Our Staff Reporter in Ilmen: ",
    ],
)
def test_a_dateline_more_or_another_is_still_a_duplicate(credit: str) -> None:
    result = scan(BRIDGE, credit + BRIDGE, f"PARIS, 7 May (AFP) - {BRIDGE}")
    for a, b in (("0", "1"), ("0", "2"), ("1", "2")):
        match = between(result, (a, 0), (b, 0))
        assert match
        assert match.relation == "duplicate"
        assert match.longest_run == len(BRIDGE.split())


def test_an_attribution_behind_a_paragraph_costs_its_length_and_no_more() -> None:
    result = scan(BRIDGE, f"{BRIDGE} According to the council, the agency reported.")
    match = between(result, ("0", 0), ("1", 0))
    assert match
    shingles = len(BRIDGE.split()) - 2
    assert match.containment == 1
    assert match.jaccard == pytest.approx(shingles / (shingles + 7))


@pytest.mark.parametrize("joint", ["\n", "\n\n", " "])
def test_a_text_25_times_in_one_record_is_as_similar_as_once(joint: str) -> None:
    body = "\n".join(ALL) if joint == "\n" else BRIDGE
    result = dedup.scan([Article("clean", body), Article("stuck", joint.join([body] * 25))])
    if joint == " ":
        match = between(result, ("clean", 0), ("stuck", 0))
        assert match
        assert match.jaccard > 0.9
        assert match.containment == 1
        assert match.longest_run == len(body.split())
    else:
        assert result.summary["matches"] == 0
        assert {len(cluster.members) for cluster in result.clusters} == {26}


@pytest.mark.parametrize("end", ["… more", " [...]", "…", " (continued)"])
def test_a_cut_off_teaser_is_linked_to_the_whole_paragraph_as_contained(end: str) -> None:
    teaser = " ".join(BRIDGE.split()[:25])
    match = between(scan(BRIDGE, teaser + end), ("0", 0), ("1", 0))
    assert match
    assert match.relation in ("passage", "duplicate")
    assert match.containment > 0.9
    assert match.longest_run == 25


def test_a_caption_that_repeats_the_beginning_of_a_lead_is_a_passage_of_the_article() -> None:
    caption = f"{' '.join(BRIDGE.split()[:19])} their piers"
    match = between(scan(f"{BRIDGE}\n\n{caption}"), ("0", 0), ("0", 1))
    assert match
    assert match.relation == "passage"
    assert match.scopes == ("within-article",)


# -- different although it looks the same --------------------------------------------------------


@pytest.mark.parametrize("title", [None, "", " ", "(no title)", "Untitled"])
def test_titles_match_nothing(title: str | None) -> None:
    result = dedup.scan([Article("a", BRIDGE, title=title), Article("b", COMET, title=title)])
    assert not result.clusters
    assert not result.matches


@pytest.mark.parametrize(
    "page", ["", " \n \n", "* * *\n—\n…", "\u00ad\u200b", "🖼\n📷", "\ufeff", "|||\n---|---\n"]
)
def test_pages_without_a_word_never_cluster(page: str) -> None:
    result = dedup.scan([Article("a", page), Article("b", page), Article("c", f"{page}\n{BRIDGE}")])
    assert not result.clusters
    assert result.summary["paragraphs"] == 1
    assert result.summary["articles"] == 3


def test_stories_that_share_a_notice_are_linked_by_the_notice_alone() -> None:
    notice = (
        "Copyright 2025 Ilmen Media. All rights reserved. Sign up for our newsletter to get the "
        "news of the valley every morning at six."
    )
    result = dedup.scan(
        [article("a", BRIDGE, notice), article("b", COMET, notice), article("c", STRIKE, notice)]
    )
    assert families(result) == {frozenset({("a", 1), ("b", 1), ("c", 1)})}
    assert not result.matches


def test_the_chain_guard_keeps_texts_apart_that_only_a_third_one_links() -> None:
    a, c = " ".join(BRIDGE.split()[:40]), " ".join(HERRING.split()[:40])
    assert ("0", "2") not in [
        (m.article, n.article)
        for cluster in together([a, f"{a} {c}", c])
        for m in cluster.members
        for n in cluster.members
    ]
    # Versions drift: each shares 30 of 40 words with the one before.
    words = " ".join(ALL).split()
    versions = [" ".join(words[start : start + 40]) for start in range(0, 120, 10)]
    for cluster in together(versions):
        drift = [int(member.article) for member in cluster.members]
        assert max(drift) - min(drift) < 4


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("cat", "dog"),
        ("Advertisement", "Subscribe"),
        ("Read more", "Read less"),
        ("By our own reporter", "By our own correspondent"),
        ("Photo: Anna Berg, Ilmen Today", "Photo: Anna Berg, Vasker Post"),
        ("Russian President Vladimir Putin met", "Russian President Vladimir Putin spoke"),
        ("Partly cloudy, 14 degrees, wind west", "Partly cloudy, 11 degrees, wind north"),
        ("火", "水"),
        ("天気予報", "天気図"),
        ("更多新闻", "更多图片"),
    ],
)
def test_short_texts_match_only_when_they_are_equal(a: str, b: str) -> None:
    result = scan(a, b, a.upper())
    assert families(result) == {frozenset({("0", 0), ("2", 0)})}
    assert not result.matches


@pytest.mark.parametrize(
    ("words", "at", "similar"),
    [(8, 4, False), (12, 6, False), (20, 10, True), (40, 20, True)],
)
def test_the_shorter_a_text_the_less_of_it_may_differ(words: int, at: int, similar: bool) -> None:
    # One word changed in the middle, with more evidence asked for below 20 words, and without.
    text = " ".join(BRIDGE.split()[:words])
    # Nothing is near enough by its passages alone.
    for brief, threshold, found in ((20, 0.5, similar), (0, 0.3, True)):
        result = scan(text, changed(text, at), brief=brief, threshold=threshold, evidence=100)
        assert bool(result.matches) is found


@pytest.mark.parametrize("shingle", [3, 5])
def test_a_text_shorter_than_a_shingle_matches_only_its_like(shingle: int) -> None:
    words = BRIDGE.split()[: shingle - 1]
    short, longer = " ".join(words), " ".join(BRIDGE.split()[: shingle + 20])
    result = scan(short, short.upper(), " ".join(reversed(words)), longer, shingle=shingle, brief=0)
    assert families(result) == {frozenset({("0", 0), ("1", 0)})}
    assert not result.matches


# -- scripts -------------------------------------------------------------------------------------

SCRIPTS = {
    "Arabic": (
        (
            "قرر مجلس المدينة يوم الثلاثاء إغلاق الجسر الحديدي القديم فوق النهر لمدة تسعة أشهر "
            "بعد أن عثر المفتشون على شقوق في أربع من دعاماته، على أن تسير عبارة مجانية للمشاة"
        ),
        "تسعة",
        "عشرة",
    ),
    "Chinese": (
        (
            "市议会星期二决定把河上的旧铁桥关闭九个月，因为检查人员在四个桥墩上发现了裂缝，"
            "修理完成之前，行人和骑车的人可以从旧木码头免费乘坐渡船过河。"
        ),
        "九",
        "十",
    ),
    "Hebrew": (
        (
            "מועצת העיר החליטה ביום שלישי לסגור את גשר הברזל הישן מעל הנהר לתשעה חודשים, "
            "לאחר שמפקחים מצאו סדקים בארבעה מעמודיו, ולהפעיל מעבורת חינם להולכי רגל"
        ),
        "לתשעה",
        "לעשרה",
    ),
    "Hindi": (
        (
            "नगर परिषद ने मंगलवार को नदी पर बने पुराने लोहे के पुल को नौ महीने के लिए बंद करने का फैसला किया "
            "क्योंकि निरीक्षकों को उसके चार खंभों में दरारें मिली थीं"
        ),
        "नौ",
        "दस",
    ),
    "Japanese": (
        (
            "町議会は火曜日、検査で橋脚四本にひびが見つかったため、川にかかる古い鉄橋を九か月間閉鎖し、"
            "修理が終わるまで無料の渡し船を運航することを決めた。"
        ),
        "九",
        "十",
    ),
    "Korean": (
        (
            "시의회는 화요일 교각 네 곳에서 균열이 발견됨에 따라 강을 가로지르는 "
            "낡은 철교를 아홉 달 동안 폐쇄하고 수리가 끝날 때까지 보행자와 "
            "자전거 이용자를 위해 무료 나룻배를 띄우기로 결정했다"
        ),
        "아홉",
        "열",
    ),
    "Russian": (
        (
            "Городской совет решил во вторник закрыть старый железный мост через реку на девять "
            "месяцев, потому что инспекторы нашли трещины в четырёх опорах, и пустить "
            "бесплатный паром для пешеходов"
        ),
        "девять",
        "десять",
    ),
    "Thai": (
        (
            "สภาเมืองลงมติเมื่อวันอังคารให้ปิดสะพานเหล็กข้ามแม่น้ำเป็นเวลาเก้าเดือนเพราะผู้ตรวจพบรอยร้าวในเสาสี่ต้น"
            "และจะเปิดเรือข้ามฟากฟรีจนกว่าการซ่อมแซมจะแล้วเสร็จ"
        ),
        "เก้า",
        "แปด",
    ),
    "Amharic": (
        (
            "የከተማው ምክር ቤት ማክሰኞ ዕለት በወንዙ ላይ ያለውን አሮጌ የብረት ድልድይ ለዘጠኝ ወራት እንዲዘጋ ወሰነ ምክንያቱም "
            "ተቆጣጣሪዎች በአራት ምሰሶዎች ላይ ስንጥቆች ስላገኙ ነው"
        ),
        "ለዘጠኝ",
        "ለአስር",
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_changed_word_in_any_script_leaves_a_duplicate_with_right_spans(script: str) -> None:
    text, word, other = SCRIPTS[script]
    version = text.replace(word, other)
    result = scan(text, version, BRIDGE)
    match = between(result, ("0", 0), ("1", 0))
    assert match
    assert match.relation == "duplicate"
    (texts,) = [{v.text_id: v.text for v in cluster.members} for cluster in result.clusters]
    shared = [
        (texts[match.a][a:a_end], texts[match.b][b:b_end]) for a, a_end, b, b_end in match.spans
    ]
    assert all(a == b for a, b in shared)
    around = [part.strip(" 、，。,") for part in text.split(word)]
    assert "".join(a for a, _ in shared).startswith(around[0])
    assert sum(len(a) for a, _ in shared) >= sum(map(len, around)) - 4
    assert len(result.clusters) == 1


def test_scripts_do_not_match_each_other() -> None:
    result = scan(*(text for text, _, _ in SCRIPTS.values()))
    assert not result.matches
    assert not result.clusters
    assert result.summary["words"] > 15 * len(SCRIPTS)


# -- many copies ---------------------------------------------------------------------------------


def test_all_500_copies_are_told_in_the_result_and_in_the_files(tmp_path: Path) -> None:
    result = dedup.scan(Article(f"{n:03}", BRIDGE, site=f"site-{n % 7}") for n in range(500))
    (cluster,) = result.clusters
    assert [member.article for member in cluster.members] == [f"{n:03}" for n in range(500)]
    assert (cluster.articles, cluster.sites, cluster.scope) == (500, 7, "cross-site")
    result.write(tmp_path / "out")
    (row,) = rows(tmp_path / "out" / "clusters.jsonl")
    assert row["size"] == len(row["members"]) == 500
    (text,) = rows(tmp_path / "out" / "texts.jsonl")
    assert len(text["occurrences"]) == 500


def test_one_article_under_2162_addresses_is_one_exact_group() -> None:
    result = dedup.scan(
        article(f"{n}", *ALL, url=f"https://herald.example/{n}", site="herald") for n in range(2162)
    )
    assert result.summary["distinct_texts"] == len(ALL)
    assert result.summary["matches"] == 0
    assert [(c.articles, c.sites, c.scope) for c in result.clusters] == [
        (2162, 1, "within-site")
    ] * 5


def test_the_same_documents_twice_change_nothing(tmp_path: Path) -> None:
    once = mixed()
    dedup.scan(once).write(tmp_path / "once")
    twice = dedup.scan([*once, *once])
    twice.write(tmp_path / "twice")
    assert twice.summary["articles"] == len(once)
    assert [problem.skipped for problem in twice.problems] == [True]
    for name in ("articles", "texts", "matches", "clusters"):
        a, b = (tmp_path / run / f"{name}.jsonl" for run in ("once", "twice"))
        assert a.read_bytes() == b.read_bytes()


# -- spans and consistency -----------------------------------------------------------------------


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def mixed() -> list[Article]:
    """A small corpus with every kind of find."""
    return [
        article("a/1", BRIDGE, HERRING, "Follow us", BRIDGE.upper(), site="a", date="2024-05-01"),
        article("a/2", changed(BRIDGE, 9), COMET, "Follow us", site="a", date="2024-05-02T10:00Z"),
        article("b/1", f"OSLO (NTB) -- {BRIDGE}", changed(HERRING, 3, 30), site="b"),
        article(
            "b/2", " ".join(HERRING.split()[:20]), STRIKE, LIBRARY, site="b", date="2024-04-30"
        ),
        article("c/1", *(text for text, _, _ in SCRIPTS.values()), site="c"),
        article("c/2", *(text.replace(w, o) for text, w, o in SCRIPTS.values()), site="c"),
        article("d", changed(COMET, 20), "", "* * *", LIBRARY, changed(LIBRARY, 9)),
        article("e", CHARTS, HALL.format(SPEECH), *WEATHER),
        article("f", CHARTS_RETOLD, MINE.format(SPEECH)),
        *(article(f"g/{n}", *yards(n, 2, 40), IMPRINT, site="g") for n in range(5)),
        article("g/6", *yards(6, 2, 40), IMPRINT.replace("six", "five"), site="g"),
    ]


def check(result: Result) -> None:
    """Hold everything a result says against the articles and against itself."""
    text_of = {article.id: article.text for article in result.articles}
    assert list(text_of) == sorted(text_of)
    texts = {text.id: text for text in result.texts}
    assert len(texts) == len(result.texts)
    for text in result.texts:
        is_boilerplate = [(o.article, o.paragraph) for o in text.occurrences]
        assert is_boilerplate == sorted(set(is_boilerplate))
        assert text.words > 0
        for place in text.occurrences:
            written = text_of[place.article][place.start : place.end]
            assert written == written.strip(" \t\n")
            assert xxh3_128_hexdigest(normalize(written).encode()) == text.id
        first = text.occurrences[0]
        assert text.text == text_of[first.article][first.start : first.end]
    for match in result.matches:
        assert match.a < match.b
        assert 0 < match.jaccard <= match.containment <= 1
        assert match.scopes
        assert match.reason.startswith(REASONS[RELATIONS.index(match.relation)])
        assert match.evidence >= 0
        assert match.proposed
        assert set(match.proposed) <= {"sketch", "passage"}
        a, b = texts[match.a].text, texts[match.b].text
        end = 0
        taken: set[int] = set()
        for a0, a1, b0, b1 in match.spans:
            assert end <= a0 < a1 <= len(a)
            assert 0 <= b0 < b1 <= len(b)
            end = a1
            assert normalize(a[a0:a1]) == normalize(b[b0:b1]) != ""
            assert taken.isdisjoint(range(b0, b1))
            taken.update(range(b0, b1))
        assert match.longest_run <= min(texts[match.a].words, texts[match.b].words)
        assert match.spans
    check_clusters(result, text_of)
    counted = result.summary
    assert counted["clusters"] == len(result.clusters)
    assert (
        counted["matches"]
        == len(result.matches)
        == sum(counted["relations"][name] for name in counted["relations"] if name != "identical")
    )
    assert counted["relations"]["identical"] == sum(len(t.occurrences) > 1 for t in texts.values())
    assert counted["articles"] == len(result.articles) == len(list(result.article_rows()))
    assert counted["words"] == sum(row["words"] for row in result.article_rows())
    assert counted["paragraphs"] == sum(row["paragraphs"] for row in result.article_rows())
    assert counted["skipped"] == sum(problem.skipped for problem in result.problems)


def check_clusters(result: Result, text_of: dict[str, str]) -> None:
    seen: set[tuple[str, int]] = set()
    extra = 0
    for cluster in result.clusters:
        is_boilerplate = [(m.article, m.paragraph) for m in cluster.members]
        assert is_boilerplate == sorted(set(is_boilerplate))
        assert seen.isdisjoint(is_boilerplate)
        seen.update(is_boilerplate)
        assert len(is_boilerplate) > 1
        extra += len(is_boilerplate) - 1
        assert cluster.canonical in cluster.members
        assert cluster.canonical.similarity == 1
        assert cluster.canonical not in cluster.runners_up
        assert set(cluster.runners_up) <= set(cluster.members)
        assert len(cluster.runners_up) == min(3, len(is_boilerplate) - 1)
        assert cluster.articles == len({m.article for m in cluster.members})
        assert all(text_of[m.article][m.start : m.end] == m.text for m in cluster.members)
        assert all(0 <= m.similarity <= 1 for m in cluster.members)
        assert cluster.reason
    sizes = [len(cluster.members) for cluster in result.clusters]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes, default=0) == result.summary["largest_cluster"]
    assert result.summary["repeated_paragraphs"] == extra
    assert len({cluster.id for cluster in result.clusters}) == len(sizes)
    # Whatever stands more than once is in a cluster.
    for text in result.texts:
        if len(text.occurrences) > 1:
            assert {(o.article, o.paragraph) for o in text.occurrences} <= seen


PIECES = st.sampled_from(
    [*ALL, BRIDGE[:150], changed(BRIDGE, 5, 25), COMET.upper(), QUOTED, LOOKS["NFD"](QUOTED)]
    + [LOOKS["full width"](QUOTED), "ha " * 60, "one two three", "Follow us", "…", "\u0301", "ﷺ"]
    + [text for text, _, _ in SCRIPTS.values()]
    + [text.replace(word, other) for text, word, other in SCRIPTS.values()]
)
JOINTS = st.sampled_from(
    [" ", "\n", "\r\n", "\n\n", "\u2028", "\t", "", "\u00ad", "\u3000", "-", "\v"]
)
TEXTS = st.lists(st.tuples(PIECES | st.text(max_size=20), JOINTS), max_size=8).map(
    lambda parts: "".join(piece + joint for piece, joint in parts)
)


def test_texts_that_share_no_run_of_words_are_no_match() -> None:
    assert not scan("0 0:0:0:0 ", "0:0:0#0 ", shingle=5, brief=5, threshold=0.3).matches


@settings(deadline=None, max_examples=80)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5), shingle=st.sampled_from([1, 3, 5]))
def test_every_span_slices_the_original_whatever_the_text(texts: list[str], shingle: int) -> None:
    check(scan(*texts, shingle=shingle, brief=5, threshold=0.3))


@settings(deadline=None, max_examples=30)
@given(texts=st.lists(st.text(alphabet=st.characters(), max_size=60), min_size=1, max_size=6))
def test_any_characters_are_scanned(texts: list[str]) -> None:
    check(scan(*texts, *texts, shingle=1, brief=0, threshold=0.1))


def test_a_result_agrees_with_itself_and_with_its_articles() -> None:
    result = dedup.scan(mixed())
    assert tuple(result.summary["relations"]) == RELATIONS
    assert min(result.summary["relations"].values()) > 0
    assert min(result.summary["scopes"].values()) > 0
    check(result)


def test_what_is_written_reads_back_as_the_records_of_the_library(tmp_path: Path) -> None:
    result = dedup.scan(mixed())
    result.write(tmp_path)
    assert rows(tmp_path / "articles.jsonl") == list(result.article_rows())
    for row, text in zip(rows(tmp_path / "texts.jsonl"), result.texts, strict=True):
        assert (row["text_id"], row["words"], row["text"]) == (text.id, text.words, text.text)
        assert row["boilerplate"] is text.boilerplate
        assert row["occurrences"] == [dataclasses.asdict(place) for place in text.occurrences]
    for row, match in zip(rows(tmp_path / "matches.jsonl"), result.matches, strict=True):
        expected = dataclasses.asdict(match)
        assert row == expected | {
            "evidence": pytest.approx(match.evidence, abs=5e-3),
            "proposed": list(match.proposed),
            "jaccard": pytest.approx(match.jaccard, abs=5e-5),
            "containment": pytest.approx(match.containment, abs=5e-5),
            "scopes": list(match.scopes),
            "spans": [list(span) for span in match.spans],
        }
    for row, cluster in zip(rows(tmp_path / "clusters.jsonl"), result.clusters, strict=True):
        assert row["cluster"] == cluster.id
        assert row["size"] == len(cluster.members)
        assert row["canonical"]["text"] == cluster.canonical.text
        assert [(m["text_id"], m["article"], m["paragraph"]) for m in row["members"]] == [
            (m.text_id, m.article, m.paragraph) for m in cluster.members
        ]
        for name in ("articles", "sites", "scope", "reason"):
            assert row[name] == getattr(cluster, name)
    assert json.loads((tmp_path / "summary.json").read_text()) == json.loads(
        json.dumps(result.summary)
    )


def test_records_are_sequences() -> None:
    clusters = dedup.scan(mixed()).clusters
    assert clusters[0] == clusters[-len(clusters)] == next(iter(clusters))
    assert clusters[1:3] == [clusters[1], clusters[2]]
    assert clusters[-1] == list(clusters)[-1]
    for index in (len(clusters), -len(clusters) - 1):
        with pytest.raises(IndexError):
            clusters[index]


# -- scopes --------------------------------------------------------------------------------------


def test_a_match_tells_every_scope_in_which_its_texts_meet() -> None:
    near = changed(BRIDGE, 9)
    result = dedup.scan(
        [
            article("a1", BRIDGE, near, site="a"),
            article("a2", near, site="a"),
            article("b", near, site="b"),
        ]
    )
    (match,) = result.matches
    assert match.scopes == ("within-article", "within-site", "cross-site")
    (cluster,) = result.clusters
    assert (cluster.articles, cluster.sites, cluster.scope) == (3, 2, "cross-site")


@pytest.mark.parametrize(
    ("sites", "scope"),
    [
        (("a", "a"), "within-site"),
        (("a", "b"), "cross-site"),
        ((None, "a"), "cross-site"),
        ((None, None), "within-site"),
        (("", None), "within-site"),
    ],
)
def test_articles_without_a_site_are_of_one_unnamed_site(
    sites: tuple[str | None, ...], scope: str
) -> None:
    result = dedup.scan(
        [Article("1", BRIDGE, site=sites[0]), Article("2", changed(BRIDGE, 9), site=sites[1])]
    )
    assert [match.scopes for match in result.matches] == [(scope,)]
    assert [cluster.scope for cluster in result.clusters] == [scope]


# -- sources -------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for site, text in (("herald", BRIDGE), ("post", changed(BRIDGE, 9))):
        (tmp_path / "in" / site).mkdir(parents=True)
        (tmp_path / "in" / site / "bridge.txt").write_text(text)
    return tmp_path / "in"


def test_a_source_is_a_path_or_several(folder: Path) -> None:
    herald, post = folder / "herald" / "bridge.txt", folder / "post" / "bridge.txt"
    for source in (folder, str(folder), [folder], (str(folder),)):
        result = dedup.scan(source)
        assert [a.id for a in result.articles] == ["herald/bridge.txt", "post/bridge.txt"]
        assert [match.scopes for match in result.matches] == [("cross-site",)]
    several: tuple[Any, ...] = (
        [herald, post],
        [str(herald), str(post)],
        (herald, str(post)),
        [str(herald), post],
    )
    for source in several:
        assert len(dedup.scan(source).matches) == 1


def test_a_source_is_a_sequence_or_a_stream_of_articles_mappings_or_texts() -> None:
    near = changed(BRIDGE, 9)
    sources: tuple[Iterable[Any], ...] = (
        [Article("0", BRIDGE), Article("1", near)],
        [{"id": "0", "text": BRIDGE}, {"id": 1, "text": near}],
        [BRIDGE, near],
        (BRIDGE, near),
        (text for text in (BRIDGE, near)),
        [Article("0", BRIDGE), {"text": near}],
        iter([{"text": BRIDGE}, near]),
        {"first": BRIDGE, "second": near}.values(),
    )
    for source in sources:
        result = dedup.scan(source)
        assert linked(result) == {frozenset({("0", 0), ("1", 0)})}


def test_a_list_of_strings_holds_paths_where_one_of_them_exists(folder: Path) -> None:
    result = dedup.scan([str(folder), str(folder / "gone.txt")])
    assert len(result.articles) == 2
    assert [problem.where for problem in result.problems] == [str(folder / "gone.txt")]
    texts = dedup.scan(["a" * 5000, "\ud800", "nul\0", "-", "", BRIDGE])
    assert len(texts.articles) == 6


def test_sites_and_names_of_fields_can_be_given(folder: Path) -> None:
    assert {a.site for a in dedup.scan(folder, site="all").articles} == {"all"}
    (article,) = dedup.scan(
        [{"body": BRIDGE, "key": 7}], fields={"text": "body", "id": "key"}
    ).articles
    assert (article.id, article.text) == ("7", BRIDGE)


def test_settings_may_be_given_whole_or_by_name() -> None:
    near = changed(BRIDGE, *range(5, 40, 7))
    whole = dedup.Settings(threshold=0.9, evidence=100)
    assert not dedup.scan([BRIDGE, near], whole).matches
    assert dedup.scan([BRIDGE, near], whole, threshold=0.3).matches
    assert dedup.scan([BRIDGE, near], evidence=5).matches
    assert dedup.scan([BRIDGE, near], threshold=0.3).settings == dedup.Settings(threshold=0.3)
    with pytest.raises(SettingsError, match="treshold"):
        dedup.scan([BRIDGE], treshold=0.3)  # type: ignore[call-arg]


def test_each_setting_does_what_it_says() -> None:
    near = changed(BRIDGE, 9, 28)
    caption = " ".join(HERRING.split()[:20])
    base = scan(BRIDGE, near, HERRING, caption)
    assert [match.proposed for match in base.matches] == [("sketch", "passage")] * 2
    assert sorted(match.relation for match in base.matches) == ["duplicate", "passage"]
    for overrides, found in (
        ({"threshold": 0.8}, ["duplicate"]),
        ({"threshold": 0.8, "containment": 0.9}, []),
        ({"shingle": 8}, ["passage"]),
        ({"brief": 200}, []),
        ({"containment": 1}, ["duplicate", "passage"]),
        ({"brief": 200, "evidence": 6.5}, ["duplicate", "passage"]),
        ({"brief": 200, "evidence": 20}, ["duplicate"]),
    ):
        by_sketches: dict[str, object] = {"evidence": 100}
        matches = scan(BRIDGE, near, HERRING, caption, **by_sketches | overrides).matches
        assert sorted(match.relation for match in matches) == found, overrides


@pytest.mark.parametrize("source", [[], (), iter([]), [{}], [None], [{"text": None}]])
def test_nothing_to_scan_is_an_error_of_input(source: Iterable[Any]) -> None:
    with pytest.raises(InputError, match="nothing to scan"):
        dedup.scan(source)


def test_a_path_without_articles_is_an_error_of_input_that_names_it(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone"):
        with pytest.raises(InputError, match=path.name):
            dedup.scan(path)


@pytest.mark.parametrize("source", [5, None, b"news", Article("a", BRIDGE), {"text": BRIDGE}])
def test_a_source_that_is_none_is_told_what_to_give(source: Any) -> None:
    with pytest.raises(InputError, match=r"give .*(list|path)"):
        dedup.scan(source)


def test_bad_documents_are_told_and_the_rest_is_scanned(folder: Path) -> None:
    (folder / "bad.txt").write_bytes(b"\xff\xfe\xfd")
    (folder / "bad.jsonl").write_text('{"text": 1}\n[]\n{"text": "It rained."}\nnonsense\n')
    (folder / "cut.txt.gz").write_bytes(b"\x1f\x8b\x08")
    result = dedup.scan(folder)
    assert len(result.matches) == 1
    assert result.summary["problems"] == len(result.problems) >= 5
    assert result.summary["skipped"] >= 4
    assert {Path(problem.where.split(":")[0]).name for problem in result.problems} >= {
        "bad.jsonl",
        "cut.txt.gz",
    }


def test_a_link_that_may_not_be_followed_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "link.txt").symlink_to(folder / "herald" / "bridge.txt")
    real = os.path.realpath

    def refusing(path: str) -> str:
        if path.endswith("link.txt"):
            raise PermissionError(13, "Permission denied")  # as for /proc/1/cwd
        return real(path)

    monkeypatch.setattr(os.path, "realpath", refusing)
    result = dedup.scan(folder)
    assert len(result.articles) == 2
    assert [problem.where for problem in result.problems] == [str(folder / "link.txt")]


def test_nul_bytes_and_half_characters_keep_every_span() -> None:
    result = scan(f"\0{BRIDGE}\ud800\n\0\n{HERRING}", changed(BRIDGE, 9))
    check(result)
    assert len(result.matches) == 1
    assert len(result.problems) == 2


def test_progress_names_the_stages_and_ends() -> None:
    told: list[str] = []

    class StoryResult:
        def stage(self, name: str, total: int | None) -> None:
            told.append(name)

        def advance(self, n: int) -> None:
            assert n > 0

        def done(self) -> None:
            told.append("done")

    dedup.scan(mixed(), progress=StoryResult())
    for stage in ("read", "normalise", "sketch", "compare", "search passages", "match", "cluster"):
        assert stage in told
    assert told[-1] == "done"


def test_a_run_as_a_script_leaves_nothing_on_the_streams() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import dedup; dedup.scan(['It rained.'] * 2)"],
        capture_output=True,
        check=True,
    )
    assert run.stdout == run.stderr == b""

"""Fragments of HTML become text with a paragraph a line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.readers.markup import BLOCKS, DROPPED, text

AS_IT_IS = [
    ("", "nothing"),
    ("Rain is due.", "plain text"),
    ("Rain is due.\n\nIt will\n  last.\n", "plain text with its line breaks and blanks"),
    ("The ratio was 3 < 5 and 7 > 2.", "signs that begin no tag"),
    ("I <3 rain, she wrote to <jo@example.com>.", "what only looks like a tag"),
    ("See <https://example.com/a?b> today.", "an address between brackets"),
    ("Profits rose <10%.", "a sign before a number"),
]

EXPECTED = [
    ("<p>Rain is due.</p><p>It will last.</p>", "Rain is due.\nIt will last."),
    ("<P CLASS='x'>Rain is due.\n<p>It will\n  last.", "Rain is due.\nIt will last."),
    ("Rain is due.<br><br />It will last.", "Rain is due.\nIt will last."),
    ("Rain is due.<br/> \n&nbsp;<br/>\n<br>It will last.", "Rain is due.\nIt will last."),
    ("<p>Rain,<br>rain.</p><p>Sun.</p>", "Rain, rain.\nSun."),
    ("<p>Rain is due.<br>It will last.</p>", "Rain is due.\nIt will last."),
    ("Rain is due.<br>It will last.<br>", "Rain is due.\nIt will last."),
    ("<ul><li>Rain<li>Sun</ul>", "Rain\nSun"),
    ("<h2>Rain</h2>It is <div>due</div>.", "Rain\nIt is\ndue\n."),
    ("<table><tr><td>Oslo<td>7<tr><td>Rome<td>9</table>", "Oslo 7\nRome 9"),
    ("<b>R</b>ain &amp; s<i>un</i>", "Rain & sun"),
    ("Rain is <b>due</b>.\n\nIt will <a href='x'>last</a>.", "Rain is due.\n\nIt will last."),
    ("<p>Rain &mdash; 5&nbsp;mm &#8220;at most&#x201d;</p>", "Rain — 5 mm “at most”"),
    ("AT&amp;T &lt;T&gt;", "AT&T <T>"),
    ("<p>&#" + "9" * 5000 + ";</p>", "\ufffd"),
    ("<p>a</p><script>if (a<b) '<p>no</p>'</script><p>b</p>", "a\nb"),
    ("<p>a</p><STYLE>p {}</style >b", "a\nb"),
    ("<p>a</p><noscript><p><img src=x></p></noscript>b", "a\nb"),
    ("<p>a<svg><title>t</title><svg>u</svg></svg>b</p>", "ab"),
    ("<p>a<iframe src='x'/>b</p><script src='x'/><p>c", "ab\nc"),
    ("<object>a</iframe><p>b", "a\nb"),
    ("<p>a<!-- <p>no</p> --> b<!DOCTYPE x><?xml y?></p>", "a b"),
    ("<![CDATA[<p>Rain.</p><p>Sun.</p>]]>", "Rain.\nSun."),
    ("<p>Rain.<![if !IE]> Sun.<![endif]></p>", "Rain. Sun."),
    ('<p><img alt="a > b" src="x">Rain.</p>', "Rain."),
    ('<p>Rain <a href="x>is</a> due.</p><p title="y">Sun.</p>', "Rain Sun."),
    ("<p>Rain is due. <a href='http://exam", "Rain is due."),
    ("<p>Rain is <b due</p> today.", "Rain is\ntoday."),
    ("<figure><img><figcaption>A lake.</figcaption></figure>Rain.", "A lake.\nRain."),
    ("<p>(Adds detail)\n    * Rain\n\n    Oslo (X) - Rain fell\non Oslo.\n    </p>",
     "(Adds detail)\n* Rain\nOslo (X) - Rain fell on Oslo."),
    ("<p>Rain fell on\n    Oslo, will\n    <b>last</b>.\n</p>", "Rain fell on Oslo, will last."),
    ("<p>\u3000\u3000雨が降る。</p><p>晴れ。</p>", "雨が降る。\n晴れ。"),
    ("<p>a\x1eb\x1fc</p>", "a b c"),
    ("<o:p>Rain</o:p><custom-tag>fall</custom-tag>", "Rainfall"),
    ("<p> </p><p>&nbsp;</p>", ""),
]  # fmt: skip


@pytest.mark.parametrize(("fragment", "why"), AS_IT_IS)
def test_what_has_no_tags_comes_out_as_it_is(fragment: str, why: str) -> None:
    assert text(fragment) == fragment, why


@pytest.mark.parametrize(("fragment", "expected"), EXPECTED)
def test_a_fragment_becomes_text_with_a_paragraph_a_line(fragment: str, expected: str) -> None:
    assert text(fragment) == expected


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), min_size=2))
def test_paragraphs_survive_in_every_block(words: list[str]) -> None:
    for block in BLOCKS:
        assert text("".join(f"<{block}>{word}</{block}>" for word in words)).split("\n") == words


HOSTILE = [
    *("<a ", "<", "<!--", "<!", "<![", "<?", "<div>", "<a b='", "&#", "</", "<script>", '<a " ="'),
    *("<svg></object>", "<object><svg></object>", "<br> ", "<script></", "<p/", "<a\n=''"),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_fragments_take_linear_time(piece: str) -> None:
    begun = time.process_time()
    text(piece * 100_000)
    assert time.process_time() - begun < 10  # quadratic time would be minutes


def test_nesting_has_no_limit() -> None:
    assert text("<div><b>" * 100_000 + "Rain" + "</b></div>" * 100_000) == "Rain"


@given(
    st.lists(
        st.one_of(
            st.text(max_size=3),
            st.sampled_from(["<", ">", "/", "<p", "<br>", "</", "=", '"', "'", "&", "<!--", "-->"]),
            st.sampled_from(sorted(DROPPED)).map(lambda name: f"<{name}>"),
        )
    ).map("".join)
)
def test_garbage_gives_text_and_never_fails(fragment: str) -> None:
    assert len(text(fragment)) <= 2 * len(fragment)

"""RSS and Atom: every item an article; what is hostile is refused, what is broken left out."""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.readers import feed, xml
from dedup.readers.compression import joined
from dedup.readers.protocol import Source, UnreadableError
from dedup.records import Article

SOURCE = Source("herald.rss", "news/herald.rss")


def told(document: str | bytes) -> tuple[list[Article], list[Problem]]:
    """Give the articles of a feed and what was told."""
    problems: list[Problem] = []
    data = document.encode() if isinstance(document, str) else document
    articles = []
    try:
        for article in feed.read(io.BufferedReader(io.BytesIO(data)), SOURCE, problems):
            assert isinstance(article, Article)
            articles.append(article)
    except UnreadableError as error:
        problems.append(Problem(SOURCE.path, error.what, error.remedy))
    return articles, problems


def good(document: str | bytes) -> list[Article]:
    articles, problems = told(document)
    assert problems == []
    return articles


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"
  xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>The Herald</title><atom:link href="https://feeds.example.net/herald" rel="self"/>
<link>https://www.herald.example/</link><language>en-GB</language>
<image><url>x.png</url><title>Logo</title><link>https://logo.example/</link></image>
<item><title>Rain &amp;amp; wind</title><link>https://feeds.example.net/~r/1</link>
<feedburner:origLink>https://www.herald.example/rain?a=1&amp;copy=2</feedburner:origLink>
<guid isPermaLink="false">herald-1</guid><pubDate>Sun, 22 Nov 2026 08:30:00 GMT</pubDate>
<dc:creator>Ann Reed</dc:creator><dc:creator>Bo Lind</dc:creator>
<source url="https://agency.example/feed">Agency</source>
<media:title>A lake</media:title><media:description>A lake, seen from above</media:description>
<description>Rain is due.</description>
<content:encoded><![CDATA[<p>Rain is <b>due</b>.</p><p>It will last.</p>]]></content:encoded>
</item>
<item><title>Sun</title><guid>https://www.herald.example/sun</guid>
<author>ed@herald.example (Cy Holt)</author><description>&lt;p&gt;Sun&amp;nbsp;now ...</description>
</item></channel></rss>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns="http://purl.org/rss/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://post.example/rss"><title>Post</title><link>https://post.example</link>
<d:language>de</d:language><items><rdf:Seq/></items></channel>
<item rdf:about="https://post.example/1"><title>Regen</title><link>https://post.example/1</link>
<description>Es regnet.

Noch lange.</description><d:date>2026-11-22T08:30+01:00</d:date><d:creator>Di Ott</d:creator>
<d:source>Agentur</d:source></item></rdf:RDF>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>Times</title><link rel="self" href="https://times.example/atom"/>
<link href="https://times.example/"/><id>urn:x</id><updated>2026-11-22T09:00:00Z</updated>
<entry xml:lang="fr"><title type="html">Pluie &amp;amp; &lt;i>vent&lt;/i></title><id>tag:1</id>
<link rel="replies" href="/1/comments"/><link href="/1"/>
<published>2026-11-22T08:30:00Z</published><updated>2026-11-22T09:00:00Z</updated>
<author><name>Eve Roy</name></author><author><name>Flo Ray</name></author>
<source><title>Agence</title><link rel="self" href="https://a.example/f"/>
<link href="https://a.example/"/><id>urn:a</id></source>
<summary>Teaser</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>Il <b>pl</b>eut &lt; 5 mm.</p><p>Encore.</p><script/></div></content></entry>
<entry><title>1 &lt; 2 &amp;amp; 3</title><id>tag:2</id><updated>2026-11-22T10:00:00Z</updated>
<content type="text">Line &lt;one>.
Line two &amp;amp; last.</content></entry></feed>"""


def test_rss_2_gives_every_field_of_its_items() -> None:
    first, second = good(RSS)
    assert first == Article(
        "herald-1",
        "Rain is due.\nIt will last.",
        title="Rain & wind",
        url="https://www.herald.example/rain?a=1&copy=2",
        site="www.herald.example",
        date="Sun, 22 Nov 2026 08:30:00 GMT",
        path="news/herald.rss",
        author="Ann Reed, Bo Lind",
        lang="en-GB",
        source="https://agency.example/feed",
    )
    assert (second.id, second.url) == ("https://www.herald.example/sun",) * 2
    assert (second.author, second.text, second.date) == ("Cy Holt", "Sun now ...", None)


def test_rss_1_gives_every_field_of_its_items() -> None:
    (article,) = good(RDF)
    assert article == Article(
        "https://post.example/1",
        "Es regnet.\n\nNoch lange.",
        title="Regen",
        url="https://post.example/1",
        site="post.example",
        date="2026-11-22T08:30+01:00",
        path="news/herald.rss",
        author="Di Ott",
        lang="de",
        source="Agentur",
    )


def test_atom_gives_every_field_of_its_entries() -> None:
    first, second = good(ATOM)
    assert first == Article(
        "times.example/tag:1",
        "Il pleut < 5 mm.\nEncore.",
        title="Pluie & vent",
        url="https://times.example/1",
        site="times.example",
        date="2026-11-22T08:30:00Z",
        path="news/herald.rss",
        author="Eve Roy, Flo Ray",
        lang="fr",
        source="https://a.example/",
        updated="2026-11-22T09:00:00Z",
    )
    assert second.text == "Line <one>.\nLine two &amp; last."
    assert (second.date, second.lang, second.url) == ("2026-11-22T10:00:00Z", "en", None)


def item(inner: str) -> str:
    return f"<rss><channel><link>https://a.example/</link><item>{inner}</item></channel></rss>"


TEXTS = [
    ("<description>A.&lt;br>&lt;br>B.</description>", "A.\nB."),
    ("<description><p>A.</p><p>B &amp; C.</p></description>", "A.\nB & C."),
    ("<title>T</title><body xmlns='http://www.w3.org/1999/xhtml'><p>A</p></body>", "A"),
    ("<description>A&nbsp;&mdash; B &nosuch; C</description>", "A\xa0— B &nosuch; C"),
    ("<description>A</description><content:encoded>Undeclared</content:encoded>", "Undeclared"),
    ("<x:encoded xmlns:x='http://purl.org/rss/1.0/modules/content/'>A</x:encoded>", "A"),
    ("<content:encoded> </content:encoded><description>A</description>", "A"),
    ("<atom:content type='image/png'>iVBO</atom:content><description>A</description>", "A"),
]


@pytest.mark.parametrize(("inner", "text"), TEXTS)
def test_the_text_is_the_fullest_that_the_item_has(inner: str, text: str) -> None:
    assert [article.text for article in good(item(inner))] == [text]


ADDRESSES = [
    ("<link>https://a.example/1</link>", "https://a.example/1", "https://a.example/1"),
    ("<link>/1</link>", "https://a.example/1", "https://a.example/1"),
    ("<guid>7</guid>", None, "a.example/7"),
    ("<guid>https://a.example/2</guid><link/>", "https://a.example/2", "https://a.example/2"),
    ("<guid isPermaLink='false'>https://a.example/3</guid>", None, "https://a.example/3"),
    ("<link>http://[broken</link>", "http://[broken", "http://[broken"),
    ("", None, "herald.rss:1"),
]


@pytest.mark.parametrize(("inner", "url", "id_"), ADDRESSES)
def test_addresses_and_ids_are_those_of_the_item(inner: str, url: str | None, id_: str) -> None:
    (article,) = good(item(f"{inner}<description>A</description>"))
    assert (article.url, article.id) == (url, id_)


def test_items_without_text_are_counted_and_told_once() -> None:
    empty = "<item><title>T</title><description> </description></item>"
    articles, (problem,) = told(f"<rss>{empty * 3}<item><description>A</description></item></rss>")
    assert [article.text for article in articles] == ["A"]
    assert (problem.what, problem.articles) == ("3 items of the feed have no text", 3)


def rss(*texts: str) -> str:
    return "".join(f"<item><description>{text}</description></item>\n" for text in texts)


BROKEN = [
    (f"<rss><channel>{rss('A', '<b>x</i>', 'B')}", "AB", ":2: the XML is broken (mismatched tag)"),
    (f"<rss><channel>{rss('A', 'x < y', 'B')}</channel></rss>", "AB", ":2: the XML is broken (not"),
    (f"<rss><channel>{rss('A')}<item><description>half", "A", ":2: the XML breaks off; the <item>"),
    (f"<rss><channel>{rss('A')}", "A", ":2: the XML breaks off"),
    (f"<rss><channel>{rss('A', '&#1;', 'B')}</channel></rss>", "AB", ":2: the XML is broken (ref"),
    (f"<rss>{rss('A')}<item><title>{rss('B')}</rss>", "AB", ":2: the XML is broken (<item> begins"),
    (f"<rss>{rss('A')}<item <item>{rss('B')}</rss>", "AB", ":2: the XML is broken (not well"),
    ("<rss><channel></channel></rss>", "", ": the feed holds no item that can be read"),
    ("<rss", "", ":1: the XML breaks off"),
    ("", "", ": the file holds no text"),
    (" \n", "", ": the file holds no text"),
    ("plain text", "", ":1: the XML is broken"),
]


@pytest.mark.parametrize(("document", "texts", "what"), BROKEN)
def test_what_is_broken_is_left_out_and_told_with_its_line(
    document: str, texts: str, what: str
) -> None:
    articles, problems = told(document)
    assert "".join(article.text for article in articles) == texts
    assert str(problems[0]).startswith(f"news/herald.rss{what}")
    assert problems[0].skipped


UNUSUAL = [
    f"\n\n<?xml version='1.0'?>\n<rss>{rss('A', 'B')}</rss>",
    f"\ufeff<?xml version='1.0'?><rss>{rss('A', 'B')}</rss>",
    f"<!DOCTYPE rss PUBLIC 'RSS 0.91' 'http://a.example/rss.dtd'><rss>{rss('A', 'B')}</rss>",
    f"<!DOCTYPE rss [<!ELEMENT rss ANY>]><rss>{rss('A', 'B')}</rss>",
    f"<rss>{rss('A', 'B')}</rss>\n<script>x < y</script>",
    f"<rss>{rss('A')}</rss><?xml version='1.0'?><rss>{rss('B')}</rss>",
    f"<x:rss xmlns:x='urn:unknown' xmlns='urn:other'>{rss('A', 'B')}</x:rss>",
    f"<rss>{rss(chr(11) + 'A', 'B' + chr(0))}</rss>",
    f"<rss><channel><x:y>{rss('A')}</x:y>{rss('B')}</channel></rss>",
]


@pytest.mark.parametrize("document", UNUSUAL)
def test_what_is_only_unusual_is_read(document: str) -> None:
    assert [article.text for article in good(document)] == ["A", "B"]


ENCODED = [
    ("utf-8", "utf-8", "Café – naïve"),
    ("iso-8859-1", "cp1252", "Café – naïve"),
    ("windows-1251", "cp1251", "Дождь идёт"),
    ("gb2312", "gb18030", "下雨了，還會下"),
    ("Shift_JIS", "shift_jis", "雨が降る"),
    ("utf-16", "utf-16", "Café – naïve"),
    ("utf-16", "utf-16-be", "Café – naïve"),
    ("utf-16", "utf-8", "Café – naïve"),
    ("utf-8", "cp1251", "Сегодня идёт дождь, и завтра тоже будет дождь, говорят синоптики"),
    ("no-such", "utf-8", "Café – naïve"),
    ("hex", "utf-8", "Café – naïve"),
    *(
        (name, "utf-8", "Café – naïve")
        for name in ("idna", "punycode", "zip", "undefined", "x" * 99)
    ),
    *(
        (name, "utf-8", "Plain")
        for name in ("idna", "punycode", "zip", "undefined", "rot13", "hex")
    ),
]


@pytest.mark.parametrize(("declared", "encoding", "text"), ENCODED)
def test_encodings_are_as_declared_or_as_they_look(declared: str, encoding: str, text: str) -> None:
    document = f'<?xml version="1.0" encoding="{declared}"?>\n<rss>{rss(text)}</rss>'
    articles, problems = told(document.encode(encoding))
    assert [article.text for article in articles] == [text]
    guesses = (
        [f"it was read as windows-{encoding[2:]}, a guess"]
        if encoding == "cp1251" and declared == "utf-8"
        else []
    )
    assert [problem.what.partition("; ")[2] for problem in problems] == guesses


MENDED = [
    ("<link>https://a.example/?a=1&b=2</link><description>R&D & more</description>", "R&D & more"),
    ("<description><![CDATA[<p>R&D & &amp;</p>]]> A&B &amp; &#65; &eacute;</description>",
     "R&D & &\nA&B & A é"),
    ("<description>&lt;p>A &# B &; C &x</description>", "A &# B &; C &x"),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "text"), MENDED)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_bare_ampersand_is_mended_and_told(inner: str, text: str, size: int) -> None:
    data = item(inner).encode()
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    problems: list[Problem] = []
    (article,) = feed.read(joined(pieces), SOURCE, problems)
    assert isinstance(article, Article)
    assert article.text == text
    assert article.url in (None, "https://a.example/?a=1&b=2")
    assert "bare ampersand" in problems[0].what
    assert not problems[0].skipped


def test_bytes_that_cannot_be_decoded_are_counted() -> None:
    document = f"<rss>{rss('Café, naïve, déjà vu')}{'<a/>' * 70_000}{rss('x')}</rss>".encode()
    articles, (problem,) = told(document.replace(b">x<", b">x\xff<"))
    assert articles[0].text == "Café, naïve, déjà vu"
    assert "1 character cannot be read as utf-8" in problem.what
    assert not problem.skipped


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
ENTITIES = [
    f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{LAUGHS}]><rss>{rss('&l9;')}</rss>",
    f"<!DOCTYPE rss [<!ENTITY a '{'x' * 1000}'>]><rss>{rss('&a;' * 1000)}</rss>",
    f"<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><rss>{rss('&a;')}</rss>",
    f"<!DOCTYPE rss [<!ENTITY % a '<!ENTITY b \"x\">'> %a;]><rss>{rss('x')}</rss>",
    f"<!DOCTYPE rss [<!ENTITY a PUBLIC 'x' 'http://127.0.0.1:9/'>]><rss>{rss('&a;')}</rss>",
]


@pytest.mark.parametrize("document", ENTITIES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_that_declares_entities_is_refused(document: str, encoding: str) -> None:
    articles, (problem,) = told(document.encode(encoding))
    assert articles == []
    assert "declares the entity" in problem.what
    assert "refused" in problem.what


def test_attributes_that_a_dtd_gives_to_all_elements_are_ignored() -> None:
    dtd = f"<!DOCTYPE rss [<!ATTLIST item a CDATA '{'x' * 100_000}'><!ATTLIST b c CDATA 'y'>]>"
    begun = time.process_time()
    articles = good(f"{dtd}<rss>{rss(*['A<b/>'] * 5_000)}</rss>")
    assert len(articles) == 5_000
    assert time.process_time() - begun < 5


def test_an_item_larger_than_the_limit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "LARGEST", 100_000)
    for large in ("x" * 100_001, "<b/>" * 1001, f"<b a='{'x' * 100_001}'/>"):
        articles, (problem,) = told(f"<rss>{rss('A', large, 'B')}</rss>")
        assert [article.text for article in articles] == ["A", "B"]
        assert problem.what.startswith("the <item> is larger than")


def test_a_tag_that_never_ends_is_no_reason_to_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "LARGEST", 1 << 20)
    for begin in ("<item a='", "<!--", "<?x ", "<"):
        articles, problems = told(f"<rss>{rss('A')}{begin}{'x' * (4 << 20)}")
        assert [article.text for article in articles] == ["A"]
        assert "a tag or comment is larger than 1 MiB" in problems[-1].what


def test_nesting_is_no_trouble_inside_items_and_has_a_limit_around_them() -> None:
    deep = "<div>" * 50_000 + "A" + "</div>" * 50_000
    assert [article.text for article in good(f"<rss>{rss(deep)}</rss>")] == ["A"]
    (problem,) = told(f"<rss>{rss('A')}{'<b>' * 20_000}")[1]
    assert "nested more than 10,000 deep" in problem.what


HOSTILE = [
    "&",
    "<![CDATA[",
    "<![CDATA[]]>&",
    "<item>",
    "<item <",
    "</item>",
    "<item></b>",
    "<a xmlns:{n}='x'>",
    "<item/><?xml ?>",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_documents_take_linear_time(piece: str) -> None:
    begun = time.process_time()
    told("<rss>" + "".join(piece.replace("{n}", f"n{n}") for n in range(5_000)))
    assert time.process_time() - begun < 5


def test_a_long_feed_streams() -> None:
    size = 1000

    def pieces() -> Iterator[bytes]:
        yield b"<rss><channel>"
        for number in range(size):
            yield f"<item><guid>{number}</guid><description>{'rain ' * 20_000}".encode()
            yield b"</description></item>"
        yield b"</channel></rss>"

    problems: list[Problem] = []
    tracemalloc.start()
    count = sum(1 for _ in feed.read(joined(pieces()), SOURCE, problems))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, problems) == (size, [])
    assert peak < 20 << 20  # of 100 MB


PIECES = ["<rss>", "</rss>", "<item>", "</item>", "<title>", "</title>", "<description>", "x", "&"]
PIECES += [
    "</description>",
    "&amp;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<!DOCTYPE a [",
    "<?xml ?>",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text() | st.binary())
def test_garbage_never_raises_anything_else(document: str | bytes) -> None:
    told(document.encode() if isinstance(document, str) else document)


@given(st.integers(1, 400))
def test_where_the_stream_is_cut_makes_no_difference(size: int) -> None:
    data = f"<rss>{rss('A', '<b>x</i>', 'Bé')}<item <item>{rss('C')}</rss>".encode()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    problems: list[Problem] = []
    texts = [article.text for article in feed.read(joined(iter(pieces)), SOURCE, problems)]
    assert texts == ["A", "Bé", "C"]
    assert [problem.where for problem in problems[:2]] == ["news/herald.rss:2", "news/herald.rss:4"]


# -- Feeds as they are written: what feedparser makes of them is the measure.

ENTRY = (
    "<entry><title>Owl</title><id>tag:a.example,2026:1</id><link href='https://a.example/owl'/>"
    "<updated>2026-03-02T09:00:00Z</updated>"
    "<content type='html'>&lt;p>Flew.&lt;/p></content></entry>"
)
SPACES = [
    "",
    "xmlns='https://www.w3.org/2005/Atom'",
    "xmlns='http://www.w3.org/2005/Atom/'",
    "xmlns='http://www.w3.org/2005/atom'",
    "xmlns='http://purl.org/atom/ns#'",
    "xmlns='http://example.com/none'",
    "xmlns='http://purl.org/net/atom'",
]


@pytest.mark.parametrize("space", SPACES)
def test_atom_is_read_whatever_its_namespace(space: str) -> None:
    for root in ("feed", "feed version='0.3'"):
        (article,) = good(f"<{root} {space}><link href='https://a.example/'/>{ENTRY}</feed>")
        assert article == Article(
            "tag:a.example,2026:1",
            "Flew.",
            title="Owl",
            url="https://a.example/owl",
            site="a.example",
            date="2026-03-02T09:00:00Z",
            updated="2026-03-02T09:00:00Z",
            path="news/herald.rss",
        )


def test_an_entry_by_itself_and_prefixes_of_any_name_are_read() -> None:
    assert [article.text for article in good(ENTRY)] == ["Flew."]
    odd = ENTRY.replace("<", "<a:").replace("<a:/", "</a:")
    for space in ("https://www.w3.org/2005/Atom", "urn:none"):
        assert [a.url for a in good(f"<a:feed xmlns:a='{space}'>{odd}</a:feed>")] == [
            "https://a.example/owl"
        ]


SPOKEN = [
    ("<itunes:summary>Longer</itunes:summary><description>Long</description>", "Longer"),
    ("<i:summary xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'>A</i:summary>", "A"),
    ("<i:summary xmlns:i='http://www.itunes.com/DTDs/PodCast-1.0.dtd'>A</i:summary>", "A"),
    ("<itunes:summary>Longer than</itunes:summary><content:encoded>A</content:encoded>", "A"),
    ("<media:group><media:description>A film</media:description></media:group>", "A film"),
    ("<media:description>A film</media:description><description>A</description>", "A"),
    ("<content><![CDATA[<p>A</p>]]></content><description>A teaser</description>", "A"),
    ("<summary>A</summary>", "A"),
    ("<c:encoded xmlns:c='https://purl.org/rss/1.0/modules/content/'>A</c:encoded>", "A"),
    ("<yandex:full-text>All of it</yandex:full-text><description>A</description>", "All of it"),
    ("<atom:content mode='base64' type='text/plain'>UmFpbiAmIDx3aW5kPg==</atom:content>",
     "Rain & <wind>"),
    ("<atom:content mode='base64' type='text/html'>PHA+UmFpbjwvcD4=</atom:content>", "Rain"),
    ("<atom:content mode='base64'>no base64!</atom:content><description>A</description>", "A"),
    ("<atom:content mode='escaped' type='text/html'>&lt;p>A&lt;/p></atom:content>", "A"),
    ("<atom:content mode='xml' type='application/xhtml+xml'><p>A</p></atom:content>", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "text"), SPOKEN)
def test_texts_have_many_names_and_forms(inner: str, text: str) -> None:
    assert [article.text for article in good(item(inner))] == [text]


def atom(head: str, entry: str, more: str = "") -> str:
    return (
        f"<feed xmlns='http://www.w3.org/2005/Atom' {more}>{head}"
        f"<entry {entry}<content>A</content></entry></feed>"
    )


SELF, OWN = (
    "<link rel='self' href='https://a.example/f.atom'/>",
    "<link href='https://a.example/'/>",
)
LINKED = [
    (atom(SELF, "><link href='/1'/>"), "https://a.example/1", "a.example"),
    (atom(SELF, "><id>https://a.example/2</id>"), "https://a.example/2", "a.example"),
    (atom(OWN, "><id>https://b.example/2</id><link href='3'/>"),
     "https://a.example/3", "a.example"),
    (atom("", "><link href='1'/>", "xml:base='https://a.example/n/'"),
     "https://a.example/n/1", "a.example"),
    (atom(OWN, "xml:base='m/'><link xml:base='o/' href='1'/>", "xml:base='n/'"),
     "https://a.example/n/m/o/1", "a.example"),
    (atom(OWN, "><link rel='self' href='/4.atom'/>"), "https://a.example/4.atom", "a.example"),
    (atom(OWN, "><link rel='enclosure' href='/4.mp3'/>"), None, "a.example"),
    (atom(OWN, "><link rel='http://www.iana.org/assignments/relation/alternate' href='/5'/>"),
     "https://a.example/5", "a.example"),
    (atom(OWN, "><link type='application/json' href='/j'/><link type='text/html' href='/6'/>"),
     "https://a.example/6", "a.example"),
    (atom("<link rel='hub' href='https://hub.example/'/><id>https://a.example/</id>",
          "><link href='/7'/>"), "https://a.example/7", "a.example"),
    (item("<link>https://feedproxy.google.com/~r/1</link><guid>https://a.example/8</guid>"
          "<description>A</description>"), "https://a.example/8", "a.example"),
    (item("<link>http://feeds.feedburner.com/~r/a/1</link><description>A</description>"),
     "http://feeds.feedburner.com/~r/a/1", "a.example"),
    (item("<guid ispermalink='false'>9</guid><link href='/9'/><description>A</description>"),
     "https://a.example/9", "a.example"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "url", "site"), LINKED)
def test_addresses_are_seen_from_where_they_stand(
    document: str, url: str | None, site: str
) -> None:
    (article,) = good(document)
    assert (article.url, article.site) == (url, site)


def planet(*items: str, link: str = "https://planet.example/") -> str:
    joined = "".join(f"<item>{inner}<description>A</description></item>" for inner in items)
    return f"<rss><channel><link>{link}</link>{joined}</channel></rss>"


def from_(host: str) -> str:
    return f"<source url='https://{host}/feed'>A paper</source>"


TO_PLANET = "<link>https://planet.example/1</link>"
TO_NEWS = "<link>https://news.google.com/rss/articles/1</link>"
WHOSE = [
    (planet("<link>https://post.example/1</link>"), ["post.example"]),
    (planet("<link>https://sport.planet.example/1</link>"), ["planet.example"]),
    (planet(from_("post.example")), ["post.example"]),
    (planet(TO_PLANET + from_("post.example"), TO_PLANET + from_("herald.example")),
     ["post.example", "herald.example"]),
    (planet(TO_PLANET + from_("agency.example"), TO_PLANET), ["planet.example"] * 2),
    (planet(TO_PLANET + from_("agency.example")), ["planet.example"]),
    (planet(TO_PLANET + from_("planet.example"), TO_PLANET + from_("agency.example")),
     ["planet.example"] * 2),
    (planet("<link>https://post.example/1</link>" + from_("agency.example")), ["post.example"]),
    (planet(TO_NEWS + from_("post.example"), link="https://news.google.com/"), ["post.example"]),
    (planet("<author>desk@post.example (Ann Reed)</author>"), ["post.example"]),
    (planet("<author>ann@gmail.com (Ann Reed)</author>"), ["planet.example"]),
    (planet("<author>Ann Reed</author>"), ["planet.example"]),
    (planet(TO_PLANET + "<author>desk@post.example</author>"), ["planet.example"]),
    (planet("<link>http://[broken</link>"), ["planet.example"]),
    (atom(OWN, "><source><link href='https://post.example/'/></source>"), ["post.example"]),
    (atom(OWN, "><author><uri>https://post.example/ann</uri></author>"), ["post.example"]),
    (atom("", "><link href='https://post.example/1'/>"), ["post.example"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "sites"), WHOSE)
def test_an_item_of_a_feed_of_feeds_is_its_own_papers(document: str, sites: list[str]) -> None:
    assert [article.site for article in good(document)] == sites


IDS = [
    ("4711", "a.example/4711"),
    ("article-4711", "a.example/article-4711"),
    ("1.2345678", "a.example/1.2345678"),
    ("story.php?id=4", "a.example/story.php?id=4"),
    ("tag:1", "a.example/tag:1"),
    ("weather-forecast-for-monday-12", "a.example/weather-forecast-for-monday-12"),
    ("https://b.example/?p=4711", "https://b.example/?p=4711"),
    ("tag:b.example,2026:4711", "tag:b.example,2026:4711"),
    ("urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a", None),
    ("1225C695-CFB8-4EBB-AAAA-80DA344EFA6A", None),
    ("4711 at https://b.example", "4711 at https://b.example"),
    ("4711@mail.b.example", "4711@mail.b.example"),
    ("yt:video:abc", "yt:video:abc"),
    ("507f1f77bcf86cd799439011", "507f1f77bcf86cd799439011"),
]


@pytest.mark.parametrize(("guid", "id_"), IDS)
def test_an_id_that_others_may_give_is_named_by_its_site(guid: str, id_: str | None) -> None:
    inner = f"<guid isPermaLink='false'>{guid}</guid><description>A</description>"
    assert [article.id for article in good(item(inner))] == [id_ or guid]
    nowhere = f"<rss><item>{inner}</item></rss>"
    scoped = id_ is not None and id_ != guid
    assert [a.id for a in good(nowhere)] == [f"herald.rss/{guid}" if scoped else guid]


def test_a_feed_that_breaks_off_in_its_first_items_gives_what_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xml, "_DEEPEST", 50)
    articles, (problem,) = told(f"<rss>{rss('A', 'B')}{'<x>' * 60}")
    assert [article.text for article in articles] == ["A", "B"]
    assert "nested" in problem.what


DOCTYPES = [
    "<!DOCTYPE rss SYSTEM 'http://my.netscape.com/publish/formats/rss-0.91.dtd'>",
    "<!DOCTYPE rss [<!ENTITY % latin PUBLIC 'x' 'http://127.0.0.1:9/xhtml-lat1.ent'> %latin;]>",
    "<!DOCTYPE rss [<!ENTITY nbsp '&#160;'><!ENTITY rsquo '&#8217;'>]>",
    "<!DOCTYPE rss [<!ENTITY % a SYSTEM 'file:///etc/hostname'><!ENTITY % b SYSTEM 'b'>%a;%b;]>",
]


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_what_a_doctype_brings_in_is_neither_fetched_nor_a_reason_to_refuse(doctype: str) -> None:
    (article,) = good(f"<?xml version='1.0'?>{doctype}<rss>{rss('A&nbsp;&rsquo;B &nosuch;')}</rss>")
    assert article.text == "A\xa0’B &nosuch;"

"""What agencies send: NITF, NewsML-G2 and ninjs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import Problem
from dedup.metadata.dates import parse
from dedup.readers import json as json_reader
from dedup.readers import newsml, ninjs, nitf, read
from dedup.readers.compression import joined
from dedup.readers.protocol import LONGEST, Reader, Source, UnreadableError
from dedup.records import Article

SOURCE = Source("wire/a.xml", "news/wire/a.xml", site="wire.example")
"""Its site is that of items that name none."""


def told(reader: Reader, document: str | bytes) -> tuple[list[Article], list[Problem]]:
    """Give the articles of a document and what was told."""
    problems: list[Problem] = []
    data = document.encode() if isinstance(document, str) else document
    articles = []
    try:
        for article in reader(io.BufferedReader(io.BytesIO(data)), SOURCE, problems):
            assert isinstance(article, Article)
            articles.append(article)
    except UnreadableError as error:
        problems.append(Problem(SOURCE.path, error.what, error.remedy))
    return articles, problems


def good(reader: Reader, document: str | bytes) -> Article:
    (article,), problems = told(reader, document)
    assert problems == []
    return article


NITF = """<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE nitf PUBLIC "-//IPTC//DTD NITF 3.2//EN" "nitf-3-2.dtd">
<nitf version="-//IPTC//DTD NITF 3.2//EN" change.date="October 10, 2003" baselang="en-GB"><head>
<title>1 WEATHER Rain</title><docdata management-status="usable"><urgency ed-urg="4"/>
<doc-id id-string="wa-1234" regsrc="WA"/><du-key key="WA-WEATHER" version="2"/>
<date.issue norm="20261122T083000+0100"/><date.release norm="20261123T000100+0100"/>
<del-list><from-src src-name="WA" level-number="1"/></del-list>
<ed-msg info="Updates throughout"/><doc.copyright holder="Weather Agency" year="2026"/></docdata>
</head><body><body.head><hedline><hl1>RAIN IS
  DUE</hl1><hl2>It will last</hl2></hedline>
<byline>By <person>Ann Reed</person>, <byttl>Weather Agency</byttl></byline>
<distributor>The Weather Agency</distributor><dateline><location>OSLO</location></dateline>
<abstract><p>Rain.</p></abstract></body.head><body.content><block id="Main">
<p>OSLO (WA) &mdash; <person>Rain</person> is due in
   <location><city>Oslo</city></location>.</p><hl2>Wind</hl2>
<media media-type="image"><media-metadata name="id">7</media-metadata>
<media-reference source="x.jpg">x</media-reference><media-caption>A lake.</media-caption></media>
<bq><block><p>It will last, said <object.title>Rain Report</object.title>.</p></block></bq>
<ul><li>Oslo: 5 mm</li><li>Bergen: 7 mm</li></ul>
<table><tr><td>Oslo</td><td>5</td></tr><tr><td>Bergen</td><td>7</td></tr></table></block>
</body.content><body.end><tagline>Reporting by Ann Reed</tagline></body.end></body></nitf>"""


def test_nitf_gives_every_field_and_a_paragraph_a_line() -> None:
    article = good(nitf.read, NITF)
    assert article == Article(
        "WA/wa-1234",
        "OSLO (WA) — Rain is due in Oslo.\nWind\nA lake.\nIt will last, said Rain Report.\n"
        "Oslo: 5 mm\nBergen: 7 mm\nOslo 5\nBergen 7\nReporting by Ann Reed",
        title="RAIN IS DUE",
        site="wire.example",
        date="20261122T083000+0100",
        path="news/wire/a.xml",
        author="By Ann Reed, Weather Agency",
        lang="en-GB",
        source="The Weather Agency",
        status="usable",
    )
    published = parse(article.date)
    assert published is not None
    assert published.iso == "2026-11-22T08:30:00+01:00"


def nitf_of(
    docdata: str = "", head: str = "", content: str = "<p>Rain.</p>", more: str = ""
) -> str:
    return (
        f"<nitf {more}><head><docdata>{docdata}</docdata></head><body><body.head>{head}"
        f"</body.head><body.content>{content}</body.content></body></nitf>"
    )


NITF_SHAPES: list[tuple[dict[str, str], dict[str, str | None]]] = [
    ({}, {"id": "wa/a.xml", "title": None, "date": None, "author": None, "source": None}),
    ({"docdata": "<du-key key='k'/>"}, {"id": "wire.example/k"}),
    ({"docdata": "<du-key key='k' version='3'/>"}, {"id": "wire.example/k:3"}),
    ({"docdata": "<doc-id regsrc='WA'/>"}, {"source": "WA"}),
    ({"docdata": "<doc.copyright holder='Weather Agency' year='2026'/>"},
     {"source": "Weather Agency"}),
    ({"docdata": "<del-list><from-src src-name='WA'/></del-list>"}, {"source": "WA"}),
    ({"head": "<rights><rights.owner>WA</rights.owner></rights>"}, {"source": "WA"}),
    ({"head": "<distributor><org>WA</org></distributor>"}, {"source": "WA"}),
    ({"head": "<dateline><story.date norm='20261122'>x</story.date></dateline>"},
     {"date": "20261122"}),
    ({"docdata": "<date.release norm='20261122T10Z'/>"}, {"date": "20261122T10Z"}),
    ({"head": "<byline>By ANN REED<byttl>WA Weather Writer</byttl></byline><byline>Bo</byline>"},
     {"author": "By ANN REED, WA Weather Writer, Bo"}),
    ({"more": "xmlns='http://iptc.org/std/NITF/2006-10-18/' xml:lang='fr'"}, {"lang": "fr"}),
    ({"more": "xmlns='urn:of-somebody-else'"}, {"text": "Rain."}),
    ({"content": "", "head": "<abstract><p>Rain, soon.</p></abstract>"}, {"text": "Rain, soon."}),
    ({"content": "<p>(WA) Rain\nis due.\n    It will\nlast.</p>"},
     {"text": "(WA) Rain is due.\nIt will last."}),
    ({"content": "<block>" * 100 + "<p>Rain.</p>" + "</block>" * 100}, {"text": "Rain."}),
    ({"content": "Rain, without an element"}, {"text": "Rain, without an element"}),
    ({"content": "<größe>Rain</größe> &amp; sun &lt;b>"}, {"text": "Rain & sun <b>"}),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "expected"), NITF_SHAPES)
def test_nitf_in_other_shapes(parts: dict[str, str], expected: dict[str, str | None]) -> None:
    article = good(nitf.read, nitf_of(**parts))
    expected = expected | ({"id": "wire/a.xml"} if expected.get("id") == "wa/a.xml" else {})
    assert {name: getattr(article, name) for name in expected} == expected


def news(inner: str, more: str = "", content: str = "<headline>Rain is due</headline>") -> str:
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" standard="NewsML-G2"
  guid="urn:newsml:agency.example:20261122:rain" version="2" {more}>
<itemMeta><itemClass qcode="ninat:text"/><provider qcode="nprov:WA"/>
<versionCreated>2026-11-22T09:00:00+01:00</versionCreated>
<firstCreated>2026-11-22T08:30:00+01:00</firstCreated><pubStatus qcode="stat:usable"/>
<edNote>For editors only</edNote><title>In lists</title></itemMeta>
<contentMeta>{content}</contentMeta><contentSet>{inner}</contentSet></newsItem>"""


META = """<headline role="hld:subHeadline">It will last</headline><headline>Rain is due</headline>
<by>By Ann Reed</by><creator literal="ar1"><name>Reed, A.</name></creator><dateline>Oslo</dateline>
<infoSource literal="Weather Agency"/><creditline>WA/Herald</creditline><language tag="en"/>"""

XHTML = """<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">
<head><title>Rain is due</title></head><body><header><ul><li>Weather</li></ul><h1>Rain</h1></header>
<section><p>Oslo (WA) - Rain is <b>due</b>.</p><p>It will last.</p></section></body></html>
</inlineXML>"""


def test_newsml_gives_every_field() -> None:
    assert good(newsml.read, news(XHTML, "xml:lang='en-GB'", META)) == Article(
        "urn:newsml:agency.example:20261122:rain:2",
        "Oslo (WA) - Rain is due.\nIt will last.",
        title="Rain is due",
        site="agency.example",
        date="2026-11-22T08:30:00+01:00",
        path="news/wire/a.xml",
        author="By Ann Reed",
        lang="en",
        source="Weather Agency",
        updated="2026-11-22T09:00:00+01:00",
        status="usable",
    )


def in_xml(inner: str) -> str:
    return f"<inlineXML>{inner}</inlineXML>"


CONTENTS = [
    (in_xml(nitf_of(content="<p>Rain.</p><p>Sun.</p>")), "Rain.\nSun."),
    (in_xml(nitf_of(more="xmlns='http://iptc.org/std/NITF/2006-10-18/'")), "Rain."),
    (in_xml("<html><body><p>In no namespace of its own.</p></body></html>"),
     "In no namespace of its own."),
    (in_xml("<x:html xmlns:x='http://www.w3.org/1999/xhtml'><x:body><x:p>A</x:p><x:p>B</x:p></x:body>"
            "</x:html>"), "A\nB"),
    (in_xml("<p>Without a body.</p>"), "Without a body."),
    (in_xml("<html><body><header><p>In a header only.</p></header></body></html>"),
     "In a header only."),
    (in_xml("<body><p>(Adds detail)\n    * Rain\n\n    Oslo (WA) - Rain\nfell.\n</p></body>"),
     "(Adds detail)\n* Rain\nOslo (WA) - Rain fell."),
    ("<inlineData contenttype='text/plain'>Rain.\n\nSun &amp; wind.</inlineData>",
     "Rain.\n\nSun & wind."),
    ("<inlineData><![CDATA[<p>Rain\nfell.\n   It lasts.</p>]]></inlineData>",
     "Rain fell.\nIt lasts."),
    ("<remoteContent href='x.jpg'/><inlineData contenttype='text/html'>&lt;p>A&lt;p>B</inlineData>",
     "A\nB"),
    ("<inlineData contenttype='image/png'>iVBO</inlineData><inlineData>A</inlineData>", "A"),
    ("<inlineXML><html><body/></html></inlineXML><inlineData>A</inlineData>", "A"),
    (in_xml("<html><body>" + "<div>" * 100 + "A" + "</div>" * 100 + "</body></html>"), "A"),
    (in_xml("<odd:thing xmlns:odd='urn:odd'><odd:p>A</odd:p><odd:p>B</odd:p></odd:thing>"), "A\nB"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "text"), CONTENTS)
def test_newsml_holds_its_text_in_many_forms(content: str, text: str) -> None:
    assert good(newsml.read, news(content)).text == text


SOURCES = [
    ("<infoSource qcode='src:1'><name>Agency</name></infoSource>", "Agency"),
    ("<infoSource uri='https://agency.example'/>", "https://agency.example"),
    ("<infoSource qcode='src:WA'/><creditline>Other</creditline>", "WA"),
    ("<infoSource/><creditline>Agency – Herald</creditline>", "Agency – Herald"),
    ("", "WA"),  # the provider
]


@pytest.mark.parametrize(("meta", "source"), SOURCES)
def test_newsml_says_whose_text_it_is(meta: str, source: str) -> None:
    assert good(newsml.read, news(XHTML, content=meta)).source == source


def test_newsml_without_headline_and_byline_has_title_and_creator() -> None:
    article = good(newsml.read, news(XHTML, content="<creator><name>Ann Reed</name></creator>"))
    assert (article.title, article.author) == ("In lists", "Ann Reed")


@pytest.mark.parametrize("status", ["canceled", "withheld"])
def test_newsml_says_what_is_not_to_be_used(status: str) -> None:
    for code in (f"stat:{status}", f"http://cv.iptc.org/newscodes/pubstatusg2/{status}"):
        assert good(newsml.read, news(XHTML).replace("stat:usable", code)).status == status


def test_a_message_gives_its_items_and_their_versions_and_counts_the_rest() -> None:
    package = "<packageItem guid='p'><groupSet root='a'><group id='a'/></groupSet></packageItem>"
    picture = "<newsItem guid='x'><contentSet><remoteContent href='x'/></contentSet></newsItem>"
    items = [news(XHTML), news(XHTML).replace('version="2"', 'version="3"'), package, picture]
    message = (
        '<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header><sent>2026</sent></header>'
        f"<itemSet>{''.join(items)}</itemSet></newsMessage>"
    )
    articles, problems = told(newsml.read, message)
    assert [article.id[-2:] for article in articles] == [":2", ":3"]
    assert [(problem.what, problem.articles) for problem in problems] == [
        ("1 package of news items, which only point to them, left out", 1),
        ("1 news item without a text left out", 1),
    ]


NEWSML_1 = """<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE NewsML SYSTEM "http://wire.example/NewsML_1.2.dtd"><NewsML Version="1.2">
<Catalog Href="x"/><NewsEnvelope><DateAndTime>20261122T083000Z</DateAndTime></NewsEnvelope>
<NewsItem xml:lang="en"><Identification><NewsIdentifier><ProviderId>agency.example</ProviderId>
<PublicIdentifier>urn:newsml:agency.example:20261122:rain:2</PublicIdentifier></NewsIdentifier>
</Identification><NewsManagement><NewsItemType FormalName="News"/>
<FirstCreated>20261122T073000Z</FirstCreated>
<ThisRevisionCreated>20261122T083000Z</ThisRevisionCreated><Status FormalName="Usable"/>
</NewsManagement><NewsComponent><NewsLines><HeadLine>Rain is due</HeadLine><ByLine>By Ann Reed
</ByLine><DateLine>Oslo, 22 Nov (WA)</DateLine></NewsLines><AdministrativeMetadata><Provider>
<Party FormalName="WA"/></Provider></AdministrativeMetadata><DescriptiveMetadata>
<Language FormalName="fr"/></DescriptiveMetadata><NewsComponent><NewsLines><HeadLine>A lake
</HeadLine></NewsLines><ContentItem><MediaType FormalName="Photo"/><DataContent><p>A lake.</p>
</DataContent></ContentItem><ContentItem><MediaType FormalName="Text"/><DataContent>{}</DataContent>
</ContentItem></NewsComponent></NewsComponent></NewsItem></NewsML>"""


def test_newsml_1_gives_every_field() -> None:
    document = NEWSML_1.format("<p>Rain is due.</p>\n<p>It will last.</p>")
    assert good(newsml.read, document) == Article(
        "urn:newsml:agency.example:20261122:rain:2",
        "Rain is due.\nIt will last.",
        title="Rain is due",
        site="agency.example",
        date="20261122T073000Z",
        path="news/wire/a.xml",
        author="By Ann Reed",
        lang="fr",
        source="WA",
        updated="20261122T083000Z",
        status="usable",
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (nitf_of(content="<p>A</p><p>B</p>"), "A\nB"),
        ("<body><body.content><bq><p>A</p></bq><p>B</p></body.content></body>", "A\nB"),
        ("<html><head><title>T</title></head><body><p>A</p><p>B</p></body></html>", "A\nB"),
        ("<![CDATA[<p>A</p><p>B</p>]]>", "A\nB"),
        ("A\n\nB", "A\n\nB"),
    ],
)
def test_newsml_1_holds_its_text_in_many_forms(content: str, text: str) -> None:
    assert good(newsml.read, NEWSML_1.format(content)).text == text


def test_every_format_is_known_by_what_the_file_holds(tmp_path: Path) -> None:
    documents = [NITF, news(XHTML), NEWSML_1.format("<p>A</p>"), json.dumps(NINJS)]
    for number, document in enumerate(documents):
        suffix = "json" if document.startswith("{") else "xml"
        data = document.encode("iso-8859-1" if "iso-8859-1" in document else "utf-8", "replace")
        (tmp_path / f"{number}.{suffix}").write_bytes(data)
    problems: list[Problem] = []
    titles = [article.title for article in read([tmp_path], problems=problems)]
    assert titles == ["RAIN IS DUE", "Rain is due", "Rain is due", "Rain is due"]
    assert problems == []


BOMB = "<!DOCTYPE {0} [<!ENTITY a 'haha'><!ENTITY b '&a;&a;&a;'>]>"
FILE = "<!DOCTYPE {0} [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>"
BAD_XML: list[tuple[Reader, str, int, str]] = [
    (nitf.read, BOMB.format("nitf") + nitf_of(content="<p>&b;</p>"), 0, "declares the entity 'a'"),
    (nitf.read, FILE.format("nitf") + nitf_of(content="<p>&b;</p>"), 0, "declares the entity 'b'"),
    (newsml.read, BOMB.format("newsItem") + news(XHTML), 0, "declares the entity 'a'"),
    (newsml.read, FILE.format("newsItem") + news(XHTML), 0, "declares the entity 'b'"),
    (nitf.read, NITF[:-200], 0, "the XML breaks off; the <nitf> there was left out"),
    (nitf.read, NITF.replace("</bq>", "</b>"), 0, "the XML is broken (mismatched tag)"),
    (newsml.read, news(XHTML)[:-30], 0, "the XML breaks off; the <newsItem> there was left out"),
    (
        newsml.read,
        f"<m>{news('<b></i>')}{news(XHTML)}</m>",
        1,
        "the XML is broken (mismatched tag)",
    ),
    (newsml.read, f"<m>{news(XHTML)}{news(XHTML)[:-30]}", 1, "the XML breaks off; the <newsItem>"),
    (nitf.read, nitf_of(content=""), 0, "the article has no text"),
    (nitf.read, "<nitf><body/></nitf>", 0, "the article has no text"),
    (newsml.read, "<newsItem guid='x'/>", 0, "1 news item without a text left out"),
    (nitf.read, "<html><body>x</body></html>", 0, "the file holds no whole <nitf>"),
    (newsml.read, "<newsMessage/>", 0, "the file holds no whole <newsItem>"),
    (nitf.read, "", 0, "the file holds no text"),
    (newsml.read, "{}", 0, "the XML is broken"),
]


@pytest.mark.parametrize(("reader", "document", "number", "what"), BAD_XML)
def test_bad_xml_is_told_and_what_is_whole_is_read(
    reader: Reader, document: str, number: int, what: str
) -> None:
    articles, problems = told(reader, document)
    assert len(articles) == number
    assert what in problems[0].what
    assert problems[0].where.startswith(SOURCE.path)


NINJS: dict[str, Any] = {
    "uri": "https://wire.example/rain",
    "type": "text",
    "version": "2",
    "versioncreated": "2026-11-22T09:00:00+01:00",
    "firstcreated": "2026-11-22T08:30:00+01:00",
    "pubstatus": "usable",
    "language": "en",
    "headline": "Rain\nis due",
    "byline": "Ann Reed",
    "copyrightholder": "Weather Agency",
    "description_text": "Rain.",
    "body_text": "Rain is due. It will last.",
    "body_xhtml": "<div><p>Rain is <b>due</b>.</p><p>It will last.</p></div>",
    "associations": {"main": {"uri": "x", "type": "picture", "body_text": "A lake"}},
}

RAIN = Article(
    "https://wire.example/rain",
    "Rain is due.\nIt will last.",
    title="Rain is due",
    url="https://wire.example/rain",
    site="wire.example",
    date="2026-11-22T08:30:00+01:00",
    path="news/wire/a.xml",
    author="Ann Reed",
    lang="en",
    source="Weather Agency",
    updated="2026-11-22T09:00:00+01:00",
    status="usable",
)

NINJS_2: dict[str, Any] = {
    "uri": "urn:rain",
    "standard": {"name": "ninjs", "version": "2.0"},
    "headlines": [{"role": "short", "value": "Rain"}, {"role": "main", "value": "Rain is due"}],
    "bodies": [
        {"role": "nitf", "contenttype": "application/nitf+xml", "value": "<nitf/>"},
        {"role": "text", "contenttype": "text/plain", "value": "Rain is due."},
        {"role": "html5", "contenttype": "text/html", "value": "<h1>Rain</h1><p>It is due.</p>"},
    ],
    "contentcreated": "2026-11-22",
    "infosources": [{"name": "Agency A", "role": "x"}, {"literal": "B"}],
    "copyrightholder": "Herald",
    "by": "By Ann Reed",
}


def ninjs_of(**more: Any) -> str:
    return json.dumps({"uri": "urn:rain", "pubstatus": "usable", "body_text": "Rain."} | more)


def test_ninjs_1_gives_every_field() -> None:
    assert good(json_reader.read, json.dumps(NINJS)) == RAIN


def test_ninjs_2_gives_every_field() -> None:
    article = good(json_reader.read, json.dumps(NINJS_2, indent=2))
    assert (article.id, article.url, article.title) == ("urn:rain", None, "Rain is due")
    assert (article.text, article.date) == ("Rain\nIt is due.", "2026-11-22")
    assert (article.source, article.author) == ("Agency A, B", "By Ann Reed")


def test_ninjs_3_writes_its_names_in_another_way() -> None:
    camel = {"versioncreated": "versionCreated", "firstcreated": "firstCreated"}
    camel |= {"pubstatus": "pubStatus", "copyrightholder": "copyrightHolder"}
    renamed = {camel.get(name, name): value for name, value in NINJS.items()}
    body = {"contentType": "application/xhtml+xml", "value": renamed.pop("body_xhtml")}
    del renamed["body_text"]
    assert good(json_reader.read, json.dumps(renamed | {"bodies": [body]})) == RAIN


NINJS_SHAPES: list[tuple[dict[str, Any], dict[str, str | None]]] = [
    ({}, {"id": "urn:rain", "text": "Rain.", "title": None, "status": "usable"}),
    ({"uri": None, "guid": "g"}, {"id": "g"}),
    ({"uri": "urn:newsml:agency.example:20261122:1"}, {"site": "agency.example"}),
    ({"uri": "tag:agency.example,2026:1"}, {"site": "agency.example"}),
    ({"uri": "tag:desk@agency.example,2026:1"}, {"site": "agency.example"}),
    ({"uri": "urn:newsml:localhost:5000:1"}, {"site": "wire.example"}),
    ({"pubstatus": "canceled"}, {"status": "canceled"}),
    ({"pubstatus": "withheld"}, {"status": "withheld"}),
    ({"body_text": "A < B &amp; C\n\nD"}, {"text": "A < B &amp; C\n\nD"}),
    ({"body_html": "", "body_text": "A"}, {"text": "A"}),
    ({"body_html5": "<p>A<p>B", "body_text": "A"}, {"text": "A\nB"}),
    ({"body_text": None, "description_text": "A teaser"}, {"text": "A teaser"}),
    ({"body_text": "", "descriptions": [{"contentType": "text/plain", "value": "A"}]},
     {"text": "A"}),
    ({"bylines": ["Ann", {"name": "Bo"}, {"byline": "Cy"}, 7]}, {"author": "Ann, Bo, Cy"}),
    ({"infosources": {"name": "WA"}}, {"source": "WA"}),
    ({"source": "WA"}, {"source": "WA"}),
    ({"headlines": [{"value": "A"}, {"value": "B"}]}, {"title": "A"}),
    ({"headlines": [7, {}, "x"], "bodies": [7, None, {}, {"value": 7}]}, {"title": None}),
    ({"body_html": "<div>" * 100 + "A"}, {"text": "A"}),
]  # fmt: skip


@pytest.mark.parametrize(("more", "expected"), NINJS_SHAPES)
def test_ninjs_in_other_shapes(more: dict[str, Any], expected: dict[str, str | None]) -> None:
    article = good(json_reader.read, ninjs_of(**more))
    assert {name: getattr(article, name) for name in expected} == expected


ITEMS = [ninjs_of(uri=str(number)) for number in range(3)]
FILES = [
    "\n".join(ITEMS),
    "\r\n\r\n".join(ITEMS),
    f"[{','.join(ITEMS)}]",
    json.dumps([json.loads(item) for item in ITEMS], indent=2),
    "".join(ITEMS),
    "\x1e" + "\n\x1e".join(ITEMS),
    "\ufeff" + "\n".join(ITEMS),
    '{"total": 3, "ids": [1], "item": [' + ",".join(ITEMS) + "]}",
    json.dumps({"_items": [json.loads(item) for item in ITEMS]}, indent=1),
]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_may_hold_items_in_many_ways(file: str, encoding: str) -> None:
    articles, problems = told(json_reader.read, file.encode(encoding))
    assert [article.id for article in articles] == ["0", "1", "2"]
    assert problems == []


BAD_JSON = [
    (f'{ITEMS[0]}\n{{"uri": "x", \n{ITEMS[1]}', "01", ":2: what begins here is not JSON that can"),
    (f"{ITEMS[0]}\nrubbish\n\n{ITEMS[1]}", "01", ":2: what begins here is not JSON"),
    (f"{ITEMS[0]}\n{ITEMS[1][:-20]}", "0", ":2: what begins here is not JSON"),
    ("[" * 100_000 + "}", "", ":1: what begins here is not JSON"),
    ('{"a":' * 100_000, "", ":1: what begins here is not JSON"),
    ('{"id": ' + "1" * 5000 + "}\n" + ITEMS[0], "0", ":1: what begins here is not JSON"),
    (f"[7, {ITEMS[0]}, null]", "0", ":1: it is a number, not an object"),
    (ninjs_of(type="picture", body_text=None, description_text="A"), "", ": 1 item without a text"),
    (ninjs_of(type=["x"], body_text=7), "", ": 1 item without a text left out"),
    (ninjs_of(uri="0", headline=["x"]), "0", ":1: the field 'title' holds a list; it counts as"),
    (ninjs_of(uri="0", language={"x": 1}), "0", ":1: the field 'lang' holds an object; it counts"),
    ("", "", ": the file holds no object"),
    ("[]", "", ": the file holds no object"),
]


@pytest.mark.parametrize(("file", "ids", "what"), BAD_JSON)
def test_bad_json_is_told_and_what_is_whole_is_read(file: str, ids: str, what: str) -> None:
    articles, problems = told(json_reader.read, file)
    assert "".join(article.id for article in articles) == ids
    assert str(problems[0]).startswith(SOURCE.path + what)


def test_ninjs_that_is_not_utf_8_is_read_in_what_it_looks_to_be() -> None:
    text = "Сегодня идёт дождь, и завтра тоже будет дождь, говорят синоптики"
    item = json.dumps(json.loads(ninjs_of(body_text=text)), ensure_ascii=False)
    (article,), (problem,) = told(json_reader.read, item.encode("cp1251"))
    assert article.text == text
    assert problem.what.endswith("read as windows-1251, a guess")


def test_a_broken_value_is_told_once_however_long_it_is() -> None:
    articles, problems = told(json_reader.read, '{"uri" ' + "rain " * 500_000 + "\n" + ITEMS[0])
    assert (len(articles), len(problems)) == (1, 1)


def test_a_value_without_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.readers.json.LONGEST", 1 << 20)
    assert LONGEST > 1 << 20
    articles, (problem,) = told(json_reader.read, ITEMS[0] + '\n{"uri": "' + "x" * (3 << 20))
    assert [article.id for article in articles] == ["0"]
    assert problem.what == "a value is longer than 1 Mi characters"


NOT_NINJS: list[Mapping[str, Any]] = [
    {"id": "1", "text": "Rain.", "title": "T", "url": "u"},
    {"uri": "x", "text": "Rain."},
    {"body_text": "Rain."},
    {"guid": "x", "headline": "T", "description": "Rain."},
    {},
]


@pytest.mark.parametrize("record", NOT_NINJS)
def test_a_plain_record_is_not_taken_for_ninjs(record: Mapping[str, Any]) -> None:
    assert not ninjs.detect(record)


@pytest.mark.parametrize("record", [NINJS, NINJS_2, {"guid": "x", "body_html": "<p>Rain."}])
def test_ninjs_is_known_by_its_fields(record: Mapping[str, Any]) -> None:
    assert ninjs.detect(record)


@given(st.integers(1, 300), st.sampled_from(FILES + [bad for bad, *_ in BAD_JSON[:3]]))
def test_where_the_stream_is_cut_makes_no_difference(size: int, file: str) -> None:
    data = file.encode()
    pieces: Iterator[bytes] = (data[at : at + size] for at in range(0, len(data), size))
    problems: list[Problem] = []
    articles = list(json_reader.read(joined(pieces), SOURCE, problems))
    assert (articles, problems) == told(json_reader.read, data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*NINJS, *NINJS_2, "value", "role", "name"]), inner, max_size=6
        )
    ),
)


@given(st.lists(JSON, max_size=3))
def test_any_json_is_read_or_told(values: list[Any]) -> None:
    told(json_reader.read, "\n".join(map(json.dumps, values)))


@given(st.text() | st.binary())
def test_garbage_never_raises_anything_else(document: str | bytes) -> None:
    data = document.encode() if isinstance(document, str) else document
    for reader in (nitf.read, newsml.read, json_reader.read):
        told(reader, data)

"""NewsML 1 as agencies send it: what each part is decides what is read of it."""

from __future__ import annotations

import base64
import io
import time

import pytest

from dedup.errors import Problem
from dedup.readers import newsml
from dedup.readers.protocol import Source
from dedup.records import Article

SOURCE = Source("wire/a.xml", "news/wire/a.xml")

LEAD = "The bell foundry at Tarn Mill will cast again in May, its owner said."
BODY = "Its furnace went out in the flood.\nSixty people are to be hired."
MAIN = f"{LEAD}\n{BODY}"
PAGE = "<html><head><title/></head><body>{}</body></html>"
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in MAIN.split("\n"))
XHTML = PAGE.format(PARAGRAPHS)
NITF = (
    "<nitf><body><body.head><hedline><hl1>Bells</hl1></hedline></body.head>"
    f"<body.content>{PARAGRAPHS}</body.content></body></nitf>"
)


def component(inner: str, role: str = "", more: str = "") -> str:
    named = f'<Role FormalName="{role}"/>' if role else ""
    return f"<NewsComponent {more}>{named}{inner}</NewsComponent>"


def content(data: str, *, medium: str = "", mime: str = "", format_: str = "") -> str:
    kinds = (("MediaType", medium), ("Format", format_), ("MimeType", mime))
    told = "".join(f'<{name} FormalName="{kind}"/>' for name, kind in kinds if kind)
    return f"<ContentItem>{told}<DataContent>{data}</DataContent></ContentItem>"


def lines(headline: str) -> str:
    return f"<NewsLines><HeadLine>{headline}</HeadLine></NewsLines>"


def item(inner: str, doctype: str = "", guid: str = "urn:newsml:wire.example:20260302:5:1") -> str:
    return (
        f'<?xml version="1.0"?>{doctype}<NewsML Version="1.2"><NewsEnvelope/><NewsItem Duid="i1">'
        f"<Identification><NewsIdentifier><PublicIdentifier>{guid}</PublicIdentifier>"
        "</NewsIdentifier></Identification><NewsManagement><FirstCreated>20260302T090000Z"
        f"</FirstCreated></NewsManagement>{inner}</NewsItem></NewsML>"
    )


def told(document: str) -> tuple[list[Article], list[Problem]]:
    problems: list[Problem] = []
    found = newsml.read(io.BufferedReader(io.BytesIO(document.encode())), SOURCE, problems)
    return [article for article in found if isinstance(article, Article)], problems


def good(document: str) -> Article:
    (article,), problems = told(document)
    assert problems == []
    return article


STYLE = content(".a {color: red}", mime="text/css", format_="CSS")
PHOTO = content("A bell", medium="Photo")
LINK = '<ContentItem Href="a.jpg"><MediaType FormalName="Photo"/></ContentItem>'
PARTS = {
    # A release: its style sheet, its title and its text are components beside each other.
    "release": component(
        component(
            lines("Bells again")
            + component(STYLE, "StyleSheet")
            + component(content(PAGE.format("<p>Bells again</p>"), mime="text/xhtml"), "HeadLine")
            + component(content(XHTML, mime="text/xhtml", format_="XHTML"), "Main")
            + component(content("Ada Holm, 555-0100"), "Contact")
        )
    ),
    "style without a role": component(
        component(STYLE) + component(content(XHTML, mime="text/xhtml"))
    ),
    # Parts by their roles, in the order of the file.
    "parts": component(
        component(
            lines("Bells again")
            + component(content("Bells again", format_="Text"), "Title")
            + component(content(LEAD, format_="Text"), "Lead")
            + component(content("A bell at Tarn Mill"), "Caption")
            + component(content(BODY, format_="Text"), "Body"),
            "Short",
        )
    ),
    "parts in small letters": component(
        lines("Bells again")
        + component(content(LEAD), "lead")
        + component(content(BODY), "body text")
    ),
    "lead that the text repeats": component(
        lines("Bells again")
        + component(content(LEAD), "Lead")
        + component(content(MAIN), "Main")
        + component(content(XHTML), "Main")
    ),
    "parts without a headline": component(
        component(content("Bells again"), "HeadLine")
        + component(content(LEAD), "Intro")
        + component(content(BODY), "Body")
    ),
    # Photographs and what belongs to them, before the text.
    "multimedia": component(
        lines("Bells again")
        + component(
            component(LINK, "HighResolution") + component(content("A bell"), "Caption"), "Photo"
        )
        + component(content(MAIN, medium="Text"), "Main", 'Essential="yes"')
        + component(content("How bells are cast", medium="Text"), "Sidebar"),
        more='EquivalentsList="no"',
    ),
    "photo whose headline is another": component(
        component(lines("A bell") + PHOTO) + component(lines("Bells again") + content(XHTML))
    ),
    # Text that is called something else.
    "nitf as complex data": component(
        lines("Bells again") + content(NITF, medium="ComplexData", mime="text/vnd.IPTC.NITF")
    ),
    "nitf by its format": component(lines("Bells again") + content(NITF, format_="bcNITF2.5")),
    "renditions of one text": component(
        lines("Bells again")
        + content("JVBERi0xLjQ=", medium="Text", mime="application/pdf")
        + content(XHTML, mime="text/html")
        + content("Shorter", mime="text/plain")
    ),
    "equal components": component(
        lines("Bells again")
        + component(content(XHTML), "Body")
        + component(content("Another form of it"), "Body"),
        more='EquivalentsList="yes"',
    ),
    "base64": component(
        lines("Bells again")
        + '<ContentItem><MediaType FormalName="Text"/><Encoding Notation="urn:x:base64">'
        + f"<DataContent>{base64.b64encode(XHTML.encode()).decode()}</DataContent></Encoding>"
        + "</ContentItem>"
    ),
    "a summary is no text where there is one": component(
        lines("Bells again")
        + component(content("Foundry to reopen"), "Abstract")
        + component(content(XHTML))
    ),
}


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_roles_and_types_tell_the_text(parts: str) -> None:
    article = good(item(parts))
    assert article.text == MAIN
    assert article.title in ("Bells again", None)
    assert article.title or parts == PARTS["style without a role"]


def test_a_summary_stands_for_a_text_that_is_not_there() -> None:
    parts = component(lines("Bells") + component(content("Foundry to reopen"), "Abstract"))
    assert good(item(parts)).text == "Foundry to reopen"


@pytest.mark.parametrize(
    "inner",
    [component(STYLE, "Main"), component(PHOTO), component(content("A bell"), "Caption"), LINK],
)
def test_what_is_no_text_is_counted(inner: str) -> None:
    articles, (problem,) = told(item(component(inner)))
    assert articles == []
    assert problem.what == "1 news item without a text left out"


NAMED = '<!DOCTYPE NewsML PUBLIC "urn:newsml:x" "http://127.0.0.1:9/NewsML.dtd" [{}]>'
DOCTYPES = [
    '<!DOCTYPE NewsML SYSTEM "NewsML.dtd">',
    NAMED.format('<!ENTITY % nitf SYSTEM "nitf-3-0.dtd"> %nitf;'),
    NAMED.format('<!ENTITY % a PUBLIC "x" "file:///etc/hostname">\n%a;<!ENTITY % b SYSTEM "b">'),
    NAMED.format('<!ENTITY % inline "INCLUDE"><!ENTITY nbsp "&#160;">'),
    NAMED.format('<!NOTATION gif SYSTEM "gif"><!ENTITY logo SYSTEM "logo.gif" NDATA gif>'),
]


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_a_dtd_from_elsewhere_is_ignored(doctype: str) -> None:
    assert good(item(PARTS["release"], doctype)).text == MAIN


def test_an_id_that_is_one_in_its_file_only_is_named_by_the_file() -> None:
    other = item(PARTS["release"], guid="")
    assert good(other).id == "wire/a.xml/i1"
    assert good(item(PARTS["release"], guid="4711")).id == "wire/a.xml/4711"


def test_components_in_each_other_take_linear_time() -> None:
    deep = "<NewsComponent>" * 40_000 + content(MAIN) + "</NewsComponent>" * 40_000
    begun = time.process_time()
    assert good(item(deep)).text == MAIN
    assert time.process_time() - begun < 10


def test_an_item_in_several_languages_is_an_article_in_each() -> None:
    parts = [
        component(lines("Bells") + component(content(MAIN), "Body"), "Text", 'xml:lang="en"'),
        component(
            lines("Cloches") + component(content("Cloches !"), "Body"), "Text", 'xml:lang="fr"'
        ),
        component(component(content("Klokken"), "Body"), "Text", 'xml:lang="nl"'),
        component(component(content("Eine Glocke"), "Caption"), "Photo", 'xml:lang="de"'),
    ]
    articles, problems = told(item(component("".join(parts))))
    assert problems == []
    guid = "urn:newsml:wire.example:20260302:5:1"
    assert [(a.id, a.text, a.title) for a in articles] == [
        (guid, MAIN, "Bells"),
        (f"{guid}:fr", "Cloches !", "Cloches"),
        (f"{guid}:nl", "Klokken", "Bells"),
    ]
    assert [article.lang for article in articles][1:] == ["fr", "nl"]

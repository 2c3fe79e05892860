"""Addresses: which are of one document, which are not, and whose site they are on."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.metadata.urls import fold, site, top

STORY = "https://www.herald.example/2024/03/rain-is-due"
SAME = [
    "http://www.herald.example/2024/03/rain-is-due",
    "https://herald.example/2024/03/rain-is-due/",
    "//herald.example/2024/03/rain-is-due",
    "HTTPS://WWW.Herald.Example./2024/03/rain-is-due",
    "https://www.herald.example:443/2024/03/rain-is-due",
    "http://reader@herald.example:80/2024/03/rain-is-due",
    "https://www2.herald.example/2024/03/rain-is-due",
    "https://m.herald.example/2024/03/rain-is-due",
    "https://mobile.herald.example/2024/03/rain-is-due",
    "https://amp.herald.example/2024/03/rain-is-due",
    "https://amp.www.herald.example/2024/03/rain-is-due",
    "https://www.herald.example/amp/2024/03/rain-is-due",
    "https://www.herald.example/m/2024/03/rain-is-due",
    "https://www.herald.example/mobile/2024/03/rain-is-due",
    "https://www.herald.example/2024/03/amp/rain-is-due",
    "https://www.herald.example/2024/03/rain-is-due/amp/",
    "https://www.herald.example/2024/03/rain-is-due/amp.html",
    "https://www.herald.example/2024/03/rain-is-due.amp",
    "https://www.herald.example/2024/03/rain-is-due?amp",
    "https://www.herald.example/2024/03/rain-is-due?amp=1",
    "https://www.herald.example/2024/03/rain-is-due?outputType=amp",
    "https://www.herald.example/2024/03/rain-is-due/print",
    "https://www.herald.example/2024/03/rain-is-due/print/",
    "https://www.herald.example/2024/03/rain-is-due?print=1",
    "https://www.herald.example/2024/03/rain-is-due?view=print",
    "https://www.herald.example/2024/03/rain-is-due?utm_source=x&utm_medium=y&fbclid=z&gclid=1",
    "https://www.herald.example/2024/03/rain-is-due?utm_source=x&amp;utm_medium=y",
    "https://www.herald.example/2024/03/rain-is-due?CMP=share&_ga=1.2&mc_cid=3&ns_campaign=4",
    "https://www.herald.example/2024/03/rain-is-due?",
    "https://www.herald.example/2024/03/rain-is-due#comments",
    "https://www.herald.example/2024/03/rain-is-due/index.html",
    "https://www.herald.example/2024/03/rain-is-due/index.php#top",
    "https://www.herald.example/2024//03/rain-is-due",
    "https://www.herald.example/2024/03/rain-is-due;jsessionid=12AB",
    "https://www.herald.example/2024/03/%72ain%2Dis%2ddue",
    " https://www.herald.example/2024/03/rain-\nis-due ",
    "https://www-herald-example.cdn.ampproject.org/c/s/www.herald.example/2024/03/rain-is-due/amp/",
    "https://x.cdn.ampproject.org/v/s/herald.example/2024/03/rain-is-due?amp_js_v=0.1#a=https%3A",
    "https://herald-example.cdn.ampproject.org/c/herald.example/2024/03/rain-is-due",
    "https://www.google.com/amp/s/www.herald.example/2024/03/rain-is-due",
    "https://www.google.co.uk/amp/amp.herald.example/2024/03/rain-is-due",
]

EQUAL = [
    ("https://müller.example/straße", "http://xn--mller-kva.example/stra%C3%9Fe"),
    ("https://herald.example/a?b=1&c=2", "https://herald.example/a?c=2&b=1"),
    ("https://herald.example/a?q=one+two", "https://herald.example/a?q=one%20two"),
    ("https://herald.example/?id=12", "https://herald.example/index.php?id=12&utm_term=x"),
    ("https://herald.example/خبر", "https://herald.example/%d8%ae%d8%a8%d8%b1"),
    ("https://herald.example/cafe\u0301", "https://herald.example/caf%C3%A9"),
    ("https://en.m.encyclopedia.example/Rain", "https://en.encyclopedia.example/Rain"),
    ("https://herald.example", "http://www.herald.example/index.html"),
    ("https://herald.example/#!/news/1", "http://www.herald.example/#!/news/1"),
]

NOT_SAME = [
    ("?id=12", "?id=13", "the number of an article"),
    ("?p=34", "?p=35", "the number of a post"),
    ("?p=34", "", "the front page"),
    ("a?page=2", "a", "another page of it"),
    ("a?sid=7", "a?sid=8", "may be the story's number"),
    ("a?cid=7", "a?cid=8", "may be the content's number"),
    ("a?ref=7", "a?ref=8", "may be its reference"),
    ("a?lang=en", "a?lang=fr", "another language"),
    ("a?m=2024", "a?m=2023", "a month"),
    ("a?view=12", "a?view=13", "a number"),
    ("a?format=pdf", "a", "another document"),
    ("#!/news/1", "#!/news/2", "pages by fragment"),
    ("#/news/1", "#/news/2", "pages by fragment"),
    ("News", "news", "paths tell capitals apart"),
    ("a%2Fb", "a/b", "an escaped slash is no folder"),
    ("a%3Fid=1", "a?id=1", "an escaped question mark begins no query"),
    ("a?b=1%262", "a?b=1&2", "an escaped mark divides nothing"),
    ("a?b=1%2B2", "a?b=1+2", "an escaped plus is no blank"),
    ("100%25", "100%", "an escaped percent sign"),
    ("%CE%C8%D1", "%CE%C8%D2", "words in windows-1256"),
    ("vacuum-tube-amp", "vacuum-tube", "a word of the headline"),
    ("amplifier/1", "lifier/1", "no folder of its own"),
    ("m", "", "may be a section"),
    ("print-is-dead", "", "a word of the headline"),
    ("blueprint", "blue", "part of a word"),
    ("index-of-prices.html", "", "part of a name"),
    ("a.html", "a", "may be another file"),
]

KEPT = [
    ("https://m.com/a", "m.com/a", "the label is the site's own name"),
    ("https://www.co.uk/a", "www.co.uk/a", "nothing would be left but a suffix"),
    ("https://amp.dev/a", "amp.dev/a", "the label is the site's own name"),
    ("https://sport.herald.example/a", "sport.herald.example/a", "a part of the site"),
    ("https://ampere.herald.example/a", "ampere.herald.example/a", "no mirror"),
    ("https://herald.example:8080/a", "herald.example:8080/a", "no default port"),
    ("https://www.google.com/amplify", "google.com/amplify", "no viewer"),
    ("http://127.0.0.1/a", "127.0.0.1/a", "an IP address"),
    ("http://[::1]:8000/a", "[::1]:8000/a", "an IP address"),
    (
        "urn:newsml:herald.example:20240308:rain",
        "urn:newsml:herald.example:20240308:rain",
        "no web",
    ),
    ("tag:herald.example,2024:1", "tag:herald.example,2024:1", "no web"),
    ("news/1.html", "news/1.html", "a path"),
    ("http://", "http://", "no host"),
    ("http://[bad/a", "http://[bad/a", "no host"),
    ("", "", "nothing"),
]


@pytest.mark.parametrize("url", SAME)
def test_variants_of_an_address_are_one(url: str) -> None:
    assert fold(url) == fold(STORY) == "herald.example/2024/03/rain-is-due"


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_ways_to_write_an_address_are_one(a: str, b: str) -> None:
    assert fold(a) == fold(b)


@pytest.mark.parametrize(("a", "b", "why"), NOT_SAME)
def test_addresses_of_other_documents_stay_apart(a: str, b: str, why: str) -> None:
    assert fold(f"https://herald.example/{a}") != fold(f"https://herald.example/{b}"), why


@pytest.mark.parametrize(("url", "key", "why"), KEPT)
def test_what_belongs_to_an_address_stays(url: str, key: str, why: str) -> None:
    assert fold(url) == key, why


@pytest.mark.parametrize("url", ["http://a\u2100b.example/", "http://xn--99999999.example/"])
def test_a_host_that_would_read_as_another_address_stays(url: str) -> None:
    assert fold(url) == url.removeprefix("http://").rstrip("/")


PIECES = [
    *("http://", "https://", "//", "www.", "m.", "amp.", "herald", ".example", ".com", ":80", ":8"),
    *("/", "/amp", "/print", "/m", "/index.html", ".amp", ".html", "?", "&", "=", "#", "#!", "%"),
    *(
        "utm_source=x",
        "amp=1",
        "id=12",
        "%2F",
        "%25",
        "%41",
        "%C3%A9",
        "%E9",
        "é",
        "xn--",
        " ",
        ";",
    ),
    *("c/s/", "cdn.ampproject.org", "google.com/amp/s/", "@", "[", "]", "+", "1", "\n", "%23"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=30))
def test_folding_raises_nothing_and_twice_is_once(url: str) -> None:
    assert fold(fold(url)) == fold(url)
    assert site(url) in (None, site(f"http://{site(url)}/"))


SITES = [
    ("https://www.herald.co.uk/a", "herald.co.uk"),
    ("http://sport.herald.com:8080/?a", "herald.com"),
    ("https://www-herald-com.cdn.ampproject.org/c/s/www.herald.com/a", "herald.com"),
    ("https://rain.blogspot.com/2024", "rain.blogspot.com"),
    ("https://news.herald.example/a", "herald.example"),
    ("https://xn--mller-kva.de/", "müller.de"),
    ("http://10.0.0.1/a", "10.0.0.1"),
    ("http://co.uk/a", "co.uk"),
    ("www.herald.com", "herald.com"),
    ("sport.herald.com", "herald.com"),
    ("www.herald.example", "herald.example"),
    ("Herald.COM", "herald.com"),
    # none
    ("herald", None),
    ("The Daily Herald", None),
    ("archive.2024", None),
    ("part.first", None),
    ("10.0.0.1", None),
    ("co.uk", None),
    ("http://localhost:8000/a", None),
    ("urn:newsml:herald.com:1", None),
    ("news/herald.com", None),
    ("", None),
]


@pytest.mark.parametrize(("given_", "expected"), SITES)
def test_a_site_is_a_registered_domain(given_: str, expected: str | None) -> None:
    assert site(given_) == expected


TOPS = [
    ("https://herald.example", True),
    ("https://www.herald.example/index.html?utm_source=x", True),
    ("https://herald.example/amp/", True),
    ("https://herald.example/news", True),
    ("https://herald.example/world/middle-east/", True),
    ("https://herald.example/rain-is-due-tomorrow", False),
    ("https://herald.example/news/12", False),
    ("https://herald.example/a.html", False),
    ("https://herald.example/?p=34", False),
    ("https://herald.example/#!/news/1", False),
    ("https://herald.example/news/world/europe", False),
    ("urn:rain", False),
]


@pytest.mark.parametrize(("url", "expected"), TOPS)
def test_front_pages_and_sections_are_told_from_articles(url: str, expected: bool) -> None:
    assert top(url) is expected


def test_the_list_of_suffixes_is_read_when_a_host_is_met() -> None:
    script = (
        "import sys, dedup.metadata.urls; print('publicsuffixlist' in sys.modules);"
        "dedup.metadata.urls.site('herald'); print('publicsuffixlist' in sys.modules);"
        "dedup.metadata.urls.site('herald.com'); print('publicsuffixlist' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert run.stdout.split() == ["False", "False", "True"]

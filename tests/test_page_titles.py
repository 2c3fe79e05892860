"""Headlines, names and sites of pages: what can be one, and where it is looked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from prose import BRIDGE, COMET, HERRING

import dedup
from dedup.metadata import plausible
from dedup.readers.page import fields

TEXT = "".join(f"<p>{text}</p>" for text in (BRIDGE, HERRING, COMET))


def page(title: str, head: str = "", heading: str = "<h1>Bridge closes</h1>", top: str = "") -> str:
    return (
        f"<!doctype html>{top}<html lang=en><head><title>{title}</title>{head}</head><body>"
        f"<article>{heading}{TEXT}</article></body></html>"
    )


def found(html: str, url: str | None = None) -> dict[str, str]:
    return fields(html.encode(), None, url)


TITLES = [
    "Owl leaves organ pipe",
    "Comments rain on the minister",
    "Home for the owl",
    "News from the weir",
    "Menu prices rise",
    "Search for the owl goes on",
    "404 owls counted at Mill Row",
    "Opening Bell 11.18.19",
    "July 2018 was the wettest",
    "雨",
    "Login page of the council fails again",
    "Commentaires du maire sur la pluie",
]
NO_TITLES = [
    *(
        "Write a reply or comment",
        "Leave a Reply",
        "Leave a comment!",
        "Comments (12)",
        "No Comments",
    ),
    *(
        "Related articles",
        "You may also like",
        "No Comments",
        "Most read",
        "Home",
        "Menu",
        "Search results",
    ),
    *("404 Not Found", "Page not found", "Just a moment...", "Access denied", "Untitled document"),
    *("Schreibe einen Kommentar", "Das könnte Sie auch interessieren", "Laisser un commentaire"),
    *("Deja un comentario", "Deixe um comentário", "Lascia un commento", "Geef een reactie"),
    *("Dodaj komentarz", "Yorum yaz", "Оставить комментарий", "اترك تعليقا", "発表", "関連記事"),
    *("4 March 2026", "Monday, March 2, 2026", "https://herald.example/a", "...", "", "x" * 401),
]
NO_TITLES.remove("発表")
AUTHORS = [
    *("Ana Ilić", "April Jones", "August Meyer", "Associated Press", "AFP", "Redaktion", "kei_eno"),
    *("Jan Marz", "By Ann Roe", "李雷", "Ann Roe and Jon Doe", "Ministry of Fish, Hills and Rain"),
]
NO_AUTHORS = [
    *("Username", "January", "Mai", "Monday", "Admin", "admin", "4 March 2026", "Leave a comment"),
    *(
        "https://herald.example/ana",
        "ana@herald.example",
        "@herald",
        "{{ author }}",
        "undefined",
        "12",
    ),
    *(
        "undefined",
        "Share",
        "Published",
        "",
        "The owl left the pipe in the second hymn of the day",
    ),
]


@pytest.mark.parametrize("text", TITLES)
def test_this_can_be_a_headline(text: str) -> None:
    assert plausible.title(text)


@pytest.mark.parametrize("text", NO_TITLES)
def test_this_can_be_none(text: str) -> None:
    assert not plausible.title(text)


@pytest.mark.parametrize("text", AUTHORS)
def test_this_can_be_a_name(text: str) -> None:
    assert plausible.author(text)


@pytest.mark.parametrize("text", NO_AUTHORS)
def test_this_can_be_no_name(text: str) -> None:
    assert not plausible.author(text)


LD = '<script type="application/ld+json">{"@type": "WebSite", "name": "Mill Row Echo"}</script>'


@pytest.mark.parametrize(
    ("html", "title"),
    [
        (page("Bridge closes - Town - Mill Row Echo"), "Bridge closes"),
        (page("Mill Row Echo: Bridge closes"), "Bridge closes"),
        (page("Bridge closes | Mill Row Echo", LD, ""), "Bridge closes"),
        (page("Bridge closes – herald", "", ""), "Bridge closes"),
        (page("Mill Row Echo", LD), "Bridge closes"),
        (
            page("Bridge closes", '<meta property="og:title" content="Leave a Reply">'),
            "Bridge closes",
        ),
        (page("Rain - and then more of it", "", ""), "Rain - and then more of it"),
        (page("", "", "<h3 id=reply-title>Write a reply or comment</h3>"), None),
    ],
)
def test_the_title_of_a_page_is_a_headline_without_its_site(html: str, title: str | None) -> None:
    assert found(html, "https://www.herald.example/bridge").get("title") == title


def test_names_of_forms_are_no_authors() -> None:
    html = page("Bridge closes", '<meta name="author" content="Username">')
    assert "author" not in found(html)


# Sites

SAVED = "https://www.herald.example/town/bridge.html"


def ld(**told: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(told)}</script>'


@pytest.mark.parametrize(
    ("html", "site"),
    [
        (page("a", top=f"<!-- saved from url=(0043){SAVED} -->"), "herald.example"),
        (page("a", top=f"<!--\n Page saved with SingleFile \n url: {SAVED} \n saved date: x\n-->"),
         "herald.example"),
        (page("a", top="<!-- Mirrored from herald.example/a.html by HTTrack Website Copier -->"),
         "herald.example"),
        (page("a", top="<!-- saved from url=(0014)about:internet -->"), "kept pages"),
        (page("a", '<meta property="og:site_name" content="The Herald">'), "The Herald"),
        (page("a", ld(**{"@type": "NewsArticle"}, publisher={"name": "The Herald"})), "The Herald"),
        (page("a", ld(**{"@type": "NewsArticle"},
                      publisher={"name": "The Herald", "url": "https://herald.example"})),
         "herald.example"),
        (page("a", ld(**{"@graph": [{"@type": "NewsArticle", "publisher": {"@id": "#p"}},
                                    {"@id": "#p", "@type": "Organization", "name": "Herald"}]})),
         "Herald"),
        (page("a", '<base href="https://www.herald.example/">'), "herald.example"),
        (page("a", '<base href="https://herald.example/"><link rel=canonical href="/x">'),
         "herald.example"),
        (page("a", '<link rel="canonical" href="https://web.archive.org/web/20240304050607/'
                   'https://www.herald.example/bridge">'), "herald.example"),
        (page("a", '<link rel="canonical" href="/web/20240304050607/http://herald.example/b">'),
         "herald.example"),
        (page("a"), "kept pages"),
    ],
)  # fmt: skip
def test_a_saved_page_is_of_the_site_that_it_names(tmp_path: Path, html: str, site: str) -> None:
    file = tmp_path / "kept pages" / "bridge.html"
    file.parent.mkdir()
    file.write_text(html, encoding="utf-8")
    (article,) = dedup.scan([tmp_path]).articles
    assert article.site == site


@pytest.mark.parametrize(
    ("url", "declared", "site"),
    [
        ("https://rain.wordpress.com/a", None, "rain.wordpress.com"),
        ("https://rain.substack.com/p/a", None, "rain.substack.com"),
        ("https://rain.blogspot.de/a", None, "rain.blogspot.com"),
        ("https://www.rain.blogspot.co.uk/a", None, "rain.blogspot.com"),
        ("https://rain.tumblr.com/a", None, "rain.tumblr.com"),
        ("https://www.wordpress.com/a", None, "wordpress.com"),
        ("https://rain.medium.com/a", None, "rain.medium.com"),
        ("https://medium.com/@ana/a-1b2c", None, "medium.com/@ana"),
        ("https://medium.com/the-weir/a-1b2c", "medium.com", "medium.com/the-weir"),
        ("https://sites.google.com/site/weir/a", None, "sites.google.com/site/weir"),
        ("https://web.archive.org/web/20240304/http://herald.example:80/a", None, "herald.example"),
        ("https://archive.ph/20240304050607/https://herald.example/a", None, "herald.example"),
        ("https://herald.example/20240304/https/a", None, "herald.example"),
        (None, "herald.example:8080", "herald.example"),
        (None, "www.herald.example:443", "herald.example"),
        (None, "localhost:8000", "localhost"),
        (None, "Radio 24:7", "Radio 24:7"),
    ],
)
def test_whose_site_an_address_is_on(url: str | None, declared: str | None, site: str) -> None:
    given = dedup.Article("a", BRIDGE, url=url, site=declared)
    assert [article.site for article in dedup.scan([given]).articles] == [site]

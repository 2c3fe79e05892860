"""The report in a real browser: what a reader does, on screen and phone, in light and dark."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from reports import HOSTILE, hostile, many
from test_html_report import SAMPLES, TOLD_TWICE

import dedup
from dedup import report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; apt-get install chromium"),
]

VIEWS = ("", "stories", "passages", "clusters", "articles", "sites", "standing", "about")
WIDE, PHONE = (1280, 800), (360, 740)

FIRST_VIEW, OPENING = 1.5, 0.1
"""Seconds until the first view stands, and until a story, cluster or article is open."""

SLOWER = 4
"""Times longer than on an idle machine that a test may wait: CI shares its cores."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@dataclass
class Watched:
    """A page, with all that went wrong in it."""

    page: Page
    file: Path
    wrong: list[str] = field(default_factory=list)

    def go(self, view: str) -> None:
        """Open a view from the start, as from a link that was sent."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.file.as_uri()}#/{view}")
        self.page.wait_for_selector("main h1, main h2, main .none")

    def stop(self, dialog: Dialog) -> None:
        """Note a dialog, which only a script of the data could open, and close it."""
        self.wrong.append(dialog.message)
        dialog.dismiss()

    def until(self, fits: Callable[[], bool]) -> None:
        """Wait until something is so; the page's policy forbids to wait inside of it."""
        end = time.monotonic() + 20
        while not fits():
            assert time.monotonic() < end, self.text()[:400]
            self.page.wait_for_timeout(20)

    def text(self) -> str:
        return self.page.inner_text("main")

    def rows(self) -> int:
        return self.page.locator("#rows > li").count()

    def overflows(self) -> int:
        found = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return int(found)


def watched(browser: Browser, file: Path, size: tuple[int, int], **options: Any) -> Watched:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    found = Watched(page, file)
    page.on("console", lambda said: found.wrong.append(said.text))
    page.on("pageerror", lambda error: found.wrong.append(str(error)))
    page.on("dialog", found.stop)
    page.on("popup", lambda popup: found.wrong.append(popup.url))
    page.on("request", lambda asked: found.wrong.append(asked.url) if _foreign(asked.url) else None)
    return found


def _foreign(url: str) -> bool:
    return not url.startswith(("file:", "about:"))


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("newsroom")
    dedup.scan(SAMPLES / "newsroom", outlets=SAMPLES / "outlets.toml").write(place / "out")
    report.write(place / "out", place / "report.html")
    return place / "report.html"


@pytest.fixture
def wide(browser: Browser, newsroom: Path) -> Iterator[Watched]:
    found = watched(browser, newsroom, WIDE)
    yield found
    assert found.wrong == []
    found.page.context.close()


# -- what a reader does -------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["screen", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_opens_without_an_error_and_fits_the_width(
    browser: Browser, newsroom: Path, size: tuple[int, int], scheme: str
) -> None:
    found = watched(browser, newsroom, size, color_scheme=scheme)
    places = ("story/0", "passage/within/0", "passage/across/0", "cluster/0", "article/0")
    for view in (*VIEWS, *places, "compare/0/1"):
        found.go(view)
        assert found.overflows() <= 0, view
        assert found.page.evaluate("document.documentElement.dataset.theme") == scheme
    assert found.wrong == []
    found.page.context.close()


def test_all_that_five_articles_repeat_is_in_the_first_view(
    browser: Browser, tmp_path: Path
) -> None:
    dedup.scan(SAMPLES / "told-twice").write(tmp_path / "out")
    report.write(tmp_path / "out", tmp_path / "report.html")
    found = watched(browser, tmp_path / "report.html", WIDE)
    found.go("")
    for text in TOLD_TWICE:
        box = found.page.get_by_text(text, exact=False).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= WIDE[1], text
    assert found.wrong == []


def test_search_and_filters_leave_the_stories_that_fit(wide: Watched) -> None:
    wide.go("stories")
    every = wide.rows()
    wide.page.fill("#search", "skerrin")
    wide.until(lambda: wide.rows() == 1)
    assert "Ferry with 212 aboard" in wide.text()
    wide.page.fill("#search", "")
    wide.page.select_option("select[name=agency]", "PR Newswire")
    wide.until(lambda: wide.rows() == 1)
    assert "Tolme Lanterns" in wide.text()
    wide.page.select_option("select[name=agency]", "")
    wide.page.fill("input[name=size]", "4")
    wide.until(lambda: wide.rows() == 1)
    wide.page.fill("#search", "no such words")
    wide.page.get_by_role("button", name="Clear the filters").click()
    assert wide.rows() == every > 4


@pytest.mark.parametrize(
    ("view", "name", "value", "all_rows_say"),
    [
        ("stories", "role", "revision", "CORRECTED"),
        ("stories", "role", "kept", "tunnel"),
        ("stories", "site", "northline", "Ferry"),
        ("stories", "since", "2025-10-16", "weir"),
        ("passages", "scope", "within", "duplicate"),
        ("passages", "relation", "quote", "quote"),
        ("passages", "least", "50", "words"),
        ("clusters", "kind", "standing", "standing text"),
        ("clusters", "scope", "2", "across sites"),
        ("articles", "role", "excerpt", "excerpt"),
        ("articles", "role", "kept", "kept"),
        ("articles", "agency", "PR Newswire", "PR Newswire"),
    ],
)
def test_each_filter_leaves_what_it_names(
    wide: Watched, view: str, name: str, value: str, all_rows_say: str
) -> None:
    wide.go(view)
    every = wide.rows()
    place = wide.page.locator(f"[name={name}]")
    if place.evaluate("node => node.tagName") == "SELECT":
        place.select_option(value)
    else:
        place.fill(value)
    wide.until(lambda: wide.rows() < every)
    assert 0 < wide.rows() < every
    rows = wide.page.locator("#rows > li").all_inner_texts()
    assert any(all_rows_say in row for row in rows)


def test_a_story_opens_to_its_members_and_two_versions_side_by_side(wide: Watched) -> None:
    wide.go("stories")
    wide.page.get_by_text("Ferry with 212 aboard").click()
    wide.page.wait_for_selector("table")
    text = wide.text()
    for said in ("the agency's own copy", "98% sure", "edited copy", "excerpt", "+6 ~1 −6"):
        assert said in text
    wide.page.select_option("select[name=left]", label="northline northline/ferry-aground.txt")
    wide.page.select_option(
        "select[name=right]", label="ostmere-today ostmere-today/pupils-home.txt"
    )
    pair = wide.page.locator(".pair")
    assert "stepped" in pair.locator("del").all_inner_texts()
    assert "was brought" in pair.locator("ins").all_inner_texts()
    wide.page.get_by_role("button", name="swap").click()
    assert "was brought" in pair.locator("del").all_inner_texts()


def test_the_article_to_keep_of_a_story_of_unknown_origin_is_called_so_once(wide: Watched) -> None:
    wide.go("stories")
    wide.page.get_by_text("Stray pile blamed").click()
    wide.page.wait_for_selector("table")
    roles = wide.page.locator("tbody tr > td:first-child").all_inner_texts()
    assert [role.split() for role in roles] == [["edited", "copy"], ["kept"]]


def test_marked_words_of_an_article_lead_to_their_sources(wide: Watched) -> None:
    wide.go("articles")
    wide.page.fill("#search", "ferry-rescue")
    wide.page.locator("#rows a").first.click()
    wide.page.locator("mark[role=button]").first.click()
    panel = wide.page.locator(".sources")
    assert "northline/ferry-aground.txt" in panel.inner_text()
    wide.page.locator("mark[role=button]").first.click()
    assert panel.count() == 0


def test_who_runs_whose_text_can_be_folded_by_owner_and_shown_without_agencies(
    wide: Watched,
) -> None:
    wide.go("sites")
    assert "averil-courier" in wide.text()
    assert wide.page.locator("svg path.edge").count() == 6
    wide.page.select_option("select[name=owners]", "folded")
    assert "Harbour Press" in wide.page.locator(".heat").inner_text()
    wide.page.select_option("select[name=agency]", "without")
    assert wide.page.locator("svg path.edge").count() == 2


def test_a_report_is_read_by_keyboard_alone(wide: Watched) -> None:
    wide.go("")
    keys = wide.page.keyboard
    keys.press("2")
    wide.page.wait_for_selector("#rows")
    keys.press("/")
    keys.type("weir")
    wide.until(lambda: wide.rows() == 1)
    keys.press("Escape")
    keys.press("j")
    keys.press("Enter")
    wide.page.wait_for_selector("table")
    assert "CORRECTED: Jammed weir gate" in wide.text()
    keys.press("j")
    wide.until(lambda: wide.page.url.endswith("#/story/2"))
    keys.press("Escape")
    wide.page.wait_for_selector("#rows")
    assert wide.page.input_value("#search") == "weir"
    keys.press("?")
    assert wide.page.locator("dialog").is_visible()


def test_everything_is_reached_by_tab_too(wide: Watched) -> None:
    wide.go("stories")
    reached = set()
    for _ in range(40):
        wide.page.keyboard.press("Tab")
        reached.add(wide.page.evaluate("document.activeElement.outerHTML.slice(0, 40)"))
    for part in (
        '<a class="skip"',
        '<a href="#/passages"',
        "<button",
        "<input",
        "<select",
        '<a class="row"',
    ):
        assert any(one.startswith(part) for one in reached), part


def test_the_switch_changes_the_colours_and_is_remembered(wide: Watched) -> None:
    wide.go("")
    before = wide.page.evaluate("getComputedStyle(document.body).backgroundColor")
    wide.page.click("#theme")
    after = wide.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    wide.go("about")
    assert wide.page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_the_way_back_leads_to_the_list_as_it_was(wide: Watched) -> None:
    wide.go("passages/within")
    wide.page.fill("#search", "bell")
    wide.until(lambda: wide.rows() < 5)
    shown = wide.rows()
    wide.page.locator("#rows a").first.click()
    wide.page.wait_for_selector(".pair")
    wide.page.go_back()
    wide.page.wait_for_selector("#rows")
    assert wide.rows() == shown


@pytest.mark.parametrize(
    "address", ["story/99999", "article/77777", "compare/1/99999", "nonsense/%"]
)
def test_an_address_of_nothing_says_so(wide: Watched, address: str) -> None:
    wide.go(address)
    assert wide.text().strip()


# -- hostile input ------------------------------------------------------------------------------


def test_nothing_that_articles_say_runs_or_breaks_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    dedup.scan(hostile()).write(tmp_path / "out")
    report.write(tmp_path / "out", tmp_path / "report.html", title=HOSTILE[2])
    found = watched(browser, tmp_path / "report.html", WIDE)
    counts = {"story": 3, "passage/within": 3, "passage/across": 3, "cluster": 3}
    places = [f"{what}/{n}" for what, many_of in counts.items() for n in range(many_of)]
    articles = [f"article/{n}" for n in range(len(HOSTILE) * 2)]
    found.go("")
    for view in (*VIEWS, *places, *articles, "compare/0/1", "compare/2/3"):
        found.page.evaluate("view => { location.hash = '#/' + view; }", view)
        found.page.wait_for_selector("main h1, main h2")
        assert "nothing at this address" not in found.text()[:80], view
        assert found.overflows() <= 0, view
    assert found.page.evaluate("window.pwned") is None
    links = found.page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.protocol)")
    assert set(links) <= {"file:", "https:", "http:"}
    assert found.wrong == []
    found.page.context.close()


def test_hostile_words_are_found_by_search_and_shown_as_they_are(
    browser: Browser, tmp_path: Path
) -> None:
    dedup.scan(hostile()).write(tmp_path / "out")
    report.write(tmp_path / "out", tmp_path / "report.html")
    found = watched(browser, tmp_path / "report.html", PHONE)
    found.go("articles")
    found.page.fill("#search", "<script>window.pwned=1</script>")
    found.until(lambda: found.rows() < 40)
    assert "<script>window.pwned=1</script>" in found.text()
    assert found.overflows() <= 0
    assert found.wrong == []
    found.page.context.close()


# -- speed --------------------------------------------------------------------------------------


@pytest.mark.xdist_group("time")
def test_a_large_report_and_what_is_in_it_open_at_once(browser: Browser, tmp_path: Path) -> None:
    dedup.scan(many(5000)).write(tmp_path / "out")
    report.write(tmp_path / "out", tmp_path / "report.html")
    found = watched(browser, tmp_path / "report.html", WIDE)
    begun = time.perf_counter()
    found.go("")
    assert time.perf_counter() - begun < FIRST_VIEW * SLOWER
    for address in ("#/cluster/7", "#/passage/across/7", "#/article/7"):
        assert found.page.evaluate(OPENED, address) < 1000 * OPENING * SLOWER, address
    found.page.context.close()


OPENED = """address => new Promise((done) => {
  const begun = performance.now();
  location.hash = address;
  requestAnimationFrame(function seen() {
    if (document.querySelector('main .prose')) done(performance.now() - begun);
    else requestAnimationFrame(seen);
  });
})"""
"""Returns the milliseconds until a text is drawn."""

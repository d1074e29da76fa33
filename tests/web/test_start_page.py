"""The page of a start in a real browser: on a desk, on a phone, by keyboard, on paper."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from rxvigil.casebook import record_of
from rxvigil.knowledge.book import RuleBook
from rxvigil.reports import start_to_html
from rxvigil.starting import Answers, Starter, StartRequest, facts_of

from .chromium import CHROMIUM
from .test_page import contrast, painted, sheets_of

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")

WIDTHS = (1280, 768, 390, 320)
LINES = (
    "condition crohns-disease since 2024-09-01", "allopurinol 300 mg/d from 2025-01-01", "alt 22 U/L on 2026-02-20",
    "weight 64 kg on 2026-02-20", "vaccine mmr 2026-02-25", "unreadable neutrophils on 2026-02-20",
    "condition pancreatitis since 2015-01-01 past",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with everything on it: blocks, things to settle, a contradiction, long words, vaccines, a calendar."""
    starter = Starter(book, "EU")
    items = [ready.item for ready in starter.items("azathioprine")]
    said = {"past-pancreatitis": "no", "smoking": "yes", "weight": "x" * 150}
    given = Answers(by="A. Nurse " + "y" * 120, on=date(2026, 3, 5), said=said)
    found = starter.assess(
        record_of(LINES, "female born 1991", book.vocabulary),
        date(2026, 3, 5),
        StartRequest(drug="azathioprine", indication="crohns-disease"),
        facts_of(given, items, book.vocabulary),
    )
    assert found.contradictions
    file: Path = tmp_path_factory.mktemp("start") / "start.html"
    file.write_text(start_to_html(found), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    found = browser.new_page(viewport={"width": getattr(request, "param", 1280), "height": 900})
    found.goto(address)
    yield found
    found.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_shows_without_error_and_asks_the_network_for_nothing(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert said == []
    assert asked == [address]
    page.close()


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_only_tables_scroll_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    outside = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(one =>
            !one.closest('.scroll, .skip, svg') && one.getBoundingClientRect().right > innerWidth + 1
        ).map(one => one.outerHTML.slice(0, 80))"""
    )
    assert outside == []


class TestAccessibility:
    def test_language_landmarks_and_headings(self, page: Page) -> None:
        assert page.get_attribute("html", "lang") == "en-GB"
        assert page.get_by_role("main").count() == 1
        assert page.get_by_role("heading", level=1).all_inner_texts() == ["Before the first tablet"]
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => Number(one.tagName[1]))")
        assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))

    def test_every_region_that_scrolls_has_a_name_and_is_reached_by_keyboard(self, page: Page) -> None:
        for region in page.locator(".scroll").all():
            assert region.get_attribute("tabindex") == "0"
            label = region.get_attribute("aria-labelledby")
            assert label
            assert page.locator(f"#{label}").inner_text()

    def test_ids_are_unique(self, page: Page) -> None:
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
        assert len(ids) == len(set(ids))

    @pytest.mark.parametrize("page", [1280, 390], indirect=True)
    def test_words_stand_out_from_what_is_behind_them(self, page: Page) -> None:
        weak = [(words, ink, paper) for words, ink, paper in painted(page) if contrast(ink, paper) < 4.5]
        assert weak == []

    def test_the_keyboard_reaches_the_skip_link_first(self, page: Page) -> None:
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to what is to be settled"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "first"

    def test_answers_are_words_not_colours(self, page: Page) -> None:
        assert set(page.locator(".answer").all_inner_texts()) == {"yes", "no", "cannot say"}
        assert page.locator(".verdict .summary").inner_text().strip().startswith("May not start")

    def test_words_twice_as_large_still_fit(self, page: Page) -> None:
        page.set_viewport_size({"width": 640, "height": 900})
        page.add_style_tag(content="html { font-size: 200% }")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


class TestPaper:
    def test_it_is_a4_and_no_sheet_is_blank(self, page: Page) -> None:
        pdf = page.pdf(prefer_css_page_size=True)
        boxes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf))
        assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(595, 842)}
        sheets = sheets_of(pdf)
        assert 5 <= len(sheets) <= 25
        assert min(len(sheet) for sheet in sheets) > 12

    def test_nothing_is_cut_at_the_right_edge(self, page: Page) -> None:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 695, "height": 900})
        wide = page.evaluate(
            """() => [...document.querySelectorAll('table, p, dd, li')].filter(one =>
                one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
            ).map(one => one.outerHTML.slice(0, 80))"""
        )
        assert wide == []

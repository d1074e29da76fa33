"""The page in a real browser: on a desk, on a phone, by keyboard, on paper. Skipped, saying so, without Chromium."""

import re
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page
from reports.sample import FINDINGS, sample_assessment, sample_record
from reports.sample_book import sample_book

from rxvigil.reports.page import to_html

from .chromium import CHROMIUM, WIDTHS

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with the sample, and one finding whose words are long and unbroken, as ids and addresses are."""
    long = msgspec.structs.replace(FINDINGS[1], cause="long", notes=("x" * 300, "https://example.org/" + "y" * 200))
    assessment = msgspec.structs.replace(sample_assessment(), findings=(*FINDINGS, long))
    file = tmp_path_factory.mktemp("page") / "review.html"
    file.write_text(to_html(assessment, sample_record(), sample_book()), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width = getattr(request, "param", 1280)
    found = browser.new_page(viewport={"width": width, "height": 900})
    found.goto(address)
    yield found
    found.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_shows_without_error_and_asks_the_network_for_nothing(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert said == []
    assert asked == [address]
    page.close()


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_the_page_never_scrolls_sideways_only_charts_and_tables_do(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    outside = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(one =>
            !one.closest('.scroll, .skip, svg') && one.getBoundingClientRect().right > innerWidth + 1
        ).map(one => one.outerHTML.slice(0, 80))"""
    )
    assert outside == []


@pytest.mark.parametrize("page", [1280, 320], indirect=True)
def test_no_words_overlap_in_a_chart(page: Page) -> None:
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
            const boxes = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect()]);
            return boxes.flatMap(([words, a], index) => boxes.slice(index + 1)
                .filter(([_, b]) => a.left < b.right - 1 && b.left < a.right - 1)
                .filter(([_, b]) => a.top < b.bottom - 4 && b.top < a.bottom - 4)
                .map(([other]) => [words, other]));
        })"""
    )
    assert overlapping == []


def test_words_in_a_chart_stay_inside_it(page: Page) -> None:
    cut = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
            const edge = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(one => {
                const box = one.getBoundingClientRect();
                return box.right > edge.right || box.left < edge.left || box.bottom > edge.bottom || box.top < edge.top;
            }).map(one => one.textContent);
        })"""
    )
    assert cut == []


class TestAccessibility:
    def test_language_landmarks_and_one_main_heading(self, page: Page) -> None:
        assert page.get_attribute("html", "lang") == "en-GB"
        assert page.get_by_role("banner").count() == 1
        assert page.get_by_role("main").count() == 1
        assert page.get_by_role("contentinfo").count() == 1
        assert page.get_by_role("heading", level=1).all_inner_texts() == ["Medicine safety review"]

    def test_headings_go_down_one_step_at_a_time(self, page: Page) -> None:
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => Number(one.tagName[1]))")
        assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))

    def test_every_drawing_has_a_name_or_is_decoration_beside_words(self, page: Page) -> None:
        nameless = page.evaluate(
            """() => [...document.querySelectorAll('svg, img')].filter(one =>
                one.getAttribute('aria-hidden') !== 'true' &&
                !(one.getAttribute('aria-labelledby') || '').split(' ').every(id => id && document.getElementById(id))
            ).length"""
        )
        assert nameless == 0
        assert page.get_by_role("img", name="Neutrophils over time").count() == 1

    def test_every_region_that_scrolls_has_a_name(self, page: Page) -> None:
        names = [
            region.get_attribute("aria-label") or region.get_attribute("aria-labelledby")
            for region in page.locator(".scroll").all()
        ]
        assert names
        assert all(names)

    @pytest.mark.parametrize("page", [1280, 375], indirect=True)
    def test_words_stand_out_from_what_is_behind_them(self, page: Page) -> None:
        """WCAG 2.2, 1.4.3: at least 4.5 to 1, computed from what the browser really paints."""
        weak = [
            (words, round(contrast(ink, paper), 2)) for words, ink, paper in painted(page) if contrast(ink, paper) < 4.5
        ]
        assert weak == []

    def test_the_measure_of_contrast_is_right(self) -> None:
        """The examples of the standard: black on white is 21, #777 on white is 4.48."""
        assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
        assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)

    def test_the_keyboard_reaches_the_skip_link_first_and_it_skips(self, page: Page) -> None:
        page.keyboard.press("Tab")
        link = page.locator(":focus")
        assert link.inner_text() == "Skip to what needs doing"
        box = link.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "first"

    @pytest.mark.parametrize("page", [375], indirect=True)
    def test_the_keyboard_reaches_a_chart_and_moves_it_sideways(self, page: Page) -> None:
        region = page.get_by_role("region", name="Chart of Neutrophils")
        for _ in range(200):
            page.keyboard.press("Tab")
            if region.evaluate("one => one === document.activeElement"):
                break
        assert region.evaluate("one => one === document.activeElement")
        outline = region.evaluate("one => getComputedStyle(one).outlineStyle + getComputedStyle(one).outlineWidth")
        assert outline == "solid3px"
        for _ in range(5):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(100)
        assert region.evaluate("one => one.scrollLeft") > 0

    @pytest.mark.parametrize("page", [1280], indirect=True)
    def test_no_meaning_hangs_on_colour_alone(self, page: Page) -> None:
        """In shades of grey each tier still has its word, and statuses are words."""
        assert {words.strip() for words in page.locator(".tally .tier").all_inner_texts()} == {
            "STOP",
            "ACT",
            "KNOW",
            "CANNOT SAY",
        }
        assert {"overdue", "due", "cannot say", "in date"} == set(page.locator(".status").all_inner_texts())

    @pytest.mark.parametrize("page", [320], indirect=True)
    def test_words_twice_as_large_still_fit(self, page: Page) -> None:
        page.set_viewport_size({"width": 640, "height": 900})
        page.add_style_tag(content="html { font-size: 200% }")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


class TestPaper:
    def test_no_sheet_is_blank_and_each_says_whose_it_is(self, page: Page) -> None:
        sheets = sheets_of(page.pdf(prefer_css_page_size=True))
        assert 3 <= len(sheets) <= 12
        running = min(len(sheet) for sheet in sheets)
        assert running > 12, "a sheet with little more than its running head and page number"

    def test_it_is_a4_upright(self, page: Page) -> None:
        boxes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True)))
        assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(595, 842)}

    def test_nothing_is_cut_at_the_right_edge(self, page: Page) -> None:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 695, "height": 900})  # A4 less its margins, at 96 dots per inch
        wide = page.evaluate(
            """() => [...document.querySelectorAll('svg, table, p, dd, li')].filter(one =>
                one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
            ).map(one => one.outerHTML.slice(0, 80))"""
        )
        assert wide == []

    def test_sources_and_open_questions_are_printed_and_the_skip_link_is_not(self, page: Page) -> None:
        page.emulate_media(media="print")
        assert page.locator(".skip").is_hidden()
        for heading in ("Sources", "What could not be said, and what would settle it", "Tests due"):
            assert page.get_by_role("heading", name=heading, exact=True).is_visible()


Colour = tuple[float, float, float]


def painted(page: Page) -> list[tuple[str, Colour, Colour]]:
    """Every element with words of its own: the words, their colour, and the first painted background behind them."""
    found: list[list[Any]] = page.evaluate(
        """() => {
            const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
            const paper = one => {
                for (let at = one; at; at = at.parentElement) {
                    const colour = numbers(getComputedStyle(at).backgroundColor);
                    if (colour.length === 3 || colour[3] > 0) return colour.slice(0, 3);
                }
                return [255, 255, 255];
            };
            const own = one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
            const look = (one, ink) => [one.textContent.trim().slice(0, 40), numbers(ink).slice(0, 3), paper(one)];
            const words = [...document.querySelectorAll('body *:not(svg *)')].filter(own);
            const behind = text => {
                const at = text.getBoundingClientRect();
                const across = box => box.left <= at.left && at.right <= box.right;
                const covers = box => across(box) && box.top <= at.top + 4 && at.bottom - 4 <= box.bottom;
                const under = [...text.ownerSVGElement.querySelectorAll('rect')].filter(one =>
                    covers(one.getBoundingClientRect()) && one.compareDocumentPosition(text) & 4);
                return under.length ? numbers(getComputedStyle(under.at(-1)).fill).slice(0, 3) : paper(text);
            };
            return words.map(one => look(one, getComputedStyle(one).color)).concat(
                [...document.querySelectorAll('figure svg text')].map(one =>
                    [one.textContent, numbers(getComputedStyle(one).fill).slice(0, 3), behind(one)]));
        }"""
    )
    assert len(found) > 100
    return [(words, tuple(ink), tuple(paper)) for words, ink, paper in found]


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (one / 255 for one in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def sheets_of(pdf: bytes) -> list[list[bytes]]:
    """The text-showing operations of each page of a PDF that Chromium wrote."""
    objects = {int(number): body for number, body in re.findall(rb"(?s)(\d+) 0 obj\n(.*?)endobj", pdf)}
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]
    contents = [objects[int(found.group(1))] for body in pages if (found := re.search(rb"/Contents (\d+) 0 R", body))]
    streams = [body.partition(b"stream\n")[2].rpartition(b"\nendstream")[0] for body in contents]
    return [re.findall(rb"T[jJ]\b", zlib.decompress(stream)) for stream in streams]

"""The worklist and the measures in a real browser: on a desk, on a phone, by keyboard, on paper."""

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from rxvigil.facts import said_of_patients
from rxvigil.reports import measures_to_html, worklist_to_html
from rxvigil.reports.measures import Measure, Measures
from rxvigil.reports.worklist import Entry, Item, Worklist
from rxvigil.screening.disclosure import Counted, breakdown, figure

from .chromium import CHROMIUM, WIDTHS

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}")

LATE = Item(
    tier="ACT", cause="overdue", says="Full blood count, albumin and ALT are overdue: due on 3 Jan 2026.",
    action="Arrange them.", verb="test", urgency="this week", strength="should", late_days=57, rule="a/b#" + "c" * 90,
)  # fmt: skip
LONG = "<b>" + "x" * 200
SIMULATED = said_of_patients(90, 45, ("import 1 (" + "y" * 120 + ".ndjson and 5 more files)",))


def worklist() -> Worklist:
    """Forty patients, of whom some have several things to do, and one has an id without an end."""
    entries = (
        Entry(
            patient=LONG if number == 3 else f"P{number}",
            items=(LATE,) * (1 + number % 3),
            open=("White cells",) * 9,
            simulated=number % 2 == 0,
        )
        for number in range(40)
    )
    return Worklist(
        on=date(2026, 3, 1), simulated=SIMULATED, jurisdiction="UK", entries=tuple(entries), patients=90, taking=60,
        unsaid=5, quiet=10,
        book="0" * 64, version="0",
    )  # fmt: skip


def measures() -> Measures:
    """Tables short and long, by month and otherwise."""
    months = [Counted(f"2026-{number:02d}", 40 + number, 90) for number in range(1, 13)]
    rules = [Counted(f"ACT monitoring/azathioprine/some-body#rule-{number}", number, 90) for number in range(50)]
    made = Measure(
        id="one", title="A measure", means="What it means.", numerator="those", denominator="these", source="here",
        whole=figure(Counted("", 45, 90), exact=False),
        breakdowns=(breakdown("month", months, exact=False), breakdown("rule", rules, exact=False, parts=False)),
    )  # fmt: skip
    return Measures(
        on=date(2026, 3, 1), simulated=SIMULATED, jurisdiction="UK", patients=90, measures=(made,),
        disclosure="Hidden.", exact=False,
        intervals="Wilson.", book="0" * 64, version="0",
    )  # fmt: skip


@pytest.fixture(scope="module", params=["worklist", "measures"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    file: Path = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    file.write_text(worklist_to_html(worklist()) if request.param == "worklist" else measures_to_html(measures()))
    return file.as_uri()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_asks_for_nothing_and_only_charts_and_tables_scroll_sideways(
    browser: Browser, address: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if request.url != address else None)
    page.goto(address)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(one =>
            !one.closest('.scroll, .skip, svg, thead') && one.getBoundingClientRect().right > innerWidth + 1
        ).map(one => one.outerHTML.slice(0, 80))"""
    )
    assert said == []
    assert outside == []
    page.close()


def test_every_table_names_its_columns_and_rows_and_whatever_scrolls_takes_the_focus(
    browser: Browser, address: str
) -> None:
    page = browser.new_page()
    page.goto(address)
    assert page.locator("html[lang='en-GB'] h1").count() == 1
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("table:not(:has(caption)), table:not(:has(thead))").count() == 0
    assert page.locator(".scroll:not([tabindex='0']), .scroll:not([aria-label])").count() == 0
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => +one.tagName[1])")
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.close()


def test_on_paper_a_page_ends_between_patients_and_repeats_the_headings(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.emulate_media(media="print")

    def breaks(selector: str, way: str) -> set[str]:
        script = f"all => all.map(one => getComputedStyle(one)['{way}'])"
        return set(page.locator(selector).evaluate_all(script))

    assert breaks("thead", "display") == {"table-header-group"}
    assert breaks("table.worklist, .beside.long, .beside.long table", "break-inside") == {"auto"}
    assert breaks(".worklist tbody, .beside:not(.long)", "break-inside") == {"avoid"}
    assert breaks(".worklist tr.leads", "break-after") <= {"auto"}, "one patient would hang on the next, and so on"
    assert breaks("tr", "break-inside") == {"avoid"}
    page.close()


def test_what_is_simulated_is_seen_first_and_on_every_printed_sheet(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(address)
    said = page.locator("header .simulated")
    assert said.inner_text().startswith("SIMULATED IN PART: 45 of the 90 patients do not exist")
    assert said.bounding_box()["y"] < 300
    assert "SIMULATED" in re.sub(
        r"\\\\([0-9a-f]+) ", lambda one: chr(int(one[1], 16)), page.content().split("@top-left")[-1]
    )
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_chart_bears_the_mark_apart_from_its_other_words(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(address)
    for chart in page.locator("figure svg").all():
        assert chart.locator("text", has_text="SIMULATED").count() == 1
        overlapping = chart.evaluate(
            """svg => {
                const all = [...svg.querySelectorAll('text')];
                const boxes = all.map(one => [one.textContent, one.getBoundingClientRect()]);
                const [_, a] = boxes.find(([words]) => words === 'SIMULATED');
                return boxes.filter(([words, b]) => words !== 'SIMULATED' && a.left < b.right && b.left < a.right &&
                    a.top < b.bottom - 2 && b.top < a.bottom - 2).map(([words]) => words);
            }"""
        )
        assert overlapping == []
    page.close()


def test_a_month_is_written_as_people_write_it() -> None:
    page = measures_to_html(measures())
    assert '<th scope="row">Jan 2026</th>' in page
    assert "2026-01<" not in page

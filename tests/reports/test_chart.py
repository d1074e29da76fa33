"""The drawings: every result is a mark, every drawing has a name, and the same record gives the same bytes."""

import re
from datetime import date
from xml.etree import ElementTree

import msgspec
import pytest

from reports.sample import HOSTILE, hostile, sample_assessment, sample_record
from reports.sample_book import sample_book
from rxvigil.reports.chart import panel_svg, strips_svg
from rxvigil.reports.drawing import Days
from rxvigil.reports.timeline import Panel, Timeline, timeline

SVG = "{http://www.w3.org/2000/svg}"


def shown() -> Timeline:
    return timeline(sample_assessment(), sample_record(), sample_book())


def panel(analyte: str) -> Panel:
    return next(one for group in shown().groups for one in group.panels if one.analyte == analyte)


def words_in(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def marks(svg: str, fill: str) -> int:
    """Symbols of one filling: results are drawn as paths with a filling of their own."""
    return len([one for one in ElementTree.fromstring(svg).iter(f"{SVG}path") if one.get("fill") == fill])


def test_every_drawing_has_a_title_and_tells_itself_in_words() -> None:
    for svg, title, says in (
        (panel_svg(panel("neutrophils"), shown()), "Neutrophils over time", "below the laboratory's range (2 to 7.5)"),
        (
            strips_svg(shown()),
            "Medicines, genotype and events over time",
            "Allopurinol: 100 mg/day, 10 Feb 2026, continuing.",
        ),
    ):
        root = ElementTree.fromstring(svg)
        named = {one.get("id"): one.text for one in root if one.tag in (f"{SVG}title", f"{SVG}desc")}
        assert root.get("role") == "img"
        assert set(str(root.get("aria-labelledby")).split()) == set(named)
        assert title in named.values()
        assert any(says in str(text) for text in named.values())


def test_each_result_is_one_mark_and_a_preliminary_one_is_hollow() -> None:
    solid, hollow = "#2f4858", "#ffffff"
    assert marks(panel_svg(panel("neutrophils"), shown()), solid) == 8
    platelets = panel_svg(panel("platelets"), shown())
    assert (marks(platelets, solid), marks(platelets, hollow)) == (7, 1)


def test_the_action_line_and_the_newest_value_stand_in_words_beside_the_chart() -> None:
    assert {"below 1.6: withhold", "1.4 on 20 Feb 2026"} <= set(words_in(panel_svg(panel("neutrophils"), shown())))


def test_labels_never_touch() -> None:
    svg = panel_svg(panel("alt"), shown())
    heights = sorted(
        float(found.group(1))
        for one in ElementTree.fromstring(svg).iter(f"{SVG}text")
        if re.search(r"20 Feb|above", "".join(one.itertext()))
        and (found := re.search(r",\s*([\d.]+)\)", str(one.get("transform"))))
    )
    assert len(heights) == 3
    assert all(below - above >= 12 for above, below in zip(heights, heights[1:], strict=False))


def test_a_gap_breaks_the_line() -> None:
    def strokes(svg: str) -> int:
        return len(
            re.findall(
                r'<path[^>]*stroke-width="1.6"[^>]*d="M[^"]*L|<path[^>]*d="M[^"]*L[^"]*"[^>]*stroke-width="1.6"', svg
            )
        )

    assert strokes(panel_svg(panel("neutrophils"), shown())) == 2
    assert strokes(panel_svg(panel("creatinine"), shown())) == 1


def test_all_drawings_share_the_days_of_the_axis() -> None:
    ticks = [
        [text for text in words_in(svg) if re.fullmatch(r"[A-Z][a-z]{2} \d{4}", text)]
        for svg in (panel_svg(panel("neutrophils"), shown()), panel_svg(panel("tgn"), shown()), strips_svg(shown()))
    ]
    assert ticks[0] == ["Jul 2025", "Sep 2025", "Nov 2025", "Jan 2026", "Mar 2026"]
    assert ticks[0] == ticks[1] == ticks[2]


@pytest.mark.parametrize(
    ("start", "end", "most"),
    [
        (date(2026, 2, 28), date(2026, 3, 1), 1),
        (date(2026, 2, 1), date(2026, 3, 1), 2),
        (date(2023, 3, 1), date(2026, 3, 1), 10),
        (date(2010, 1, 1), date(2026, 3, 1), 18),
    ],
)
def test_month_labels_are_as_many_as_fit(start: date, end: date, most: int) -> None:
    ticks = Days(start, end).ticks()
    assert 1 <= len(ticks) <= most
    assert all(0 <= at <= Days(start, end).length for at in ticks)


def test_the_same_drawing_is_the_same_bytes_however_many_were_drawn_before() -> None:
    first = panel_svg(panel("alt"), shown())
    for _ in range(3):
        strips_svg(shown())
    assert panel_svg(panel("alt"), shown()) == first


def test_ids_of_two_drawings_never_meet() -> None:
    one, other = panel_svg(panel("alt"), shown()), panel_svg(panel("albumin"), shown())
    assert not set(re.findall(r'id="([^"]+)"', one)).intersection(re.findall(r'id="([^"]+)"', other))


def test_hostile_words_are_words() -> None:
    assessment, record = hostile()
    svg = strips_svg(timeline(assessment, record, sample_book()))
    assert "<script" not in svg
    assert any(HOSTILE[:9] in text for text in words_in(svg.replace("\x1b", "")))


def test_a_single_result_without_range_or_limit_can_be_drawn() -> None:
    record = sample_record()
    one = msgspec.structs.replace(record.results[0], value=0.0, reference=None)
    found = timeline(sample_assessment(), msgspec.structs.replace(record, results=(one,)), sample_book())
    assert "0 on 28 May 2025" in words_in(panel_svg(found.groups[0].panels[0], found))

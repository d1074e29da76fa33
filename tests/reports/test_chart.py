"""The drawings: every result is a mark, every drawing has a name, and the same record gives the same bytes."""

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sample import HOSTILE, hostile, sample_assessment, sample_record
from reports.sample_book import sample_book
from rxvigil.reports.chart import panel_svg, strips_svg
from rxvigil.reports.drawing import LEFT, SYMBOLS, WIDTH, Days, levels
from rxvigil.reports.timeline import Panel, Timeline, timeline

SVG = "{http://www.w3.org/2000/svg}"


def shown() -> Timeline:
    return timeline(sample_assessment(), sample_record(), sample_book())


def panel(analyte: str) -> Panel:
    return next(one for group in shown().groups for one in group.panels if one.analyte == analyte)


def words_in(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def paths(svg: str, **looks: str) -> list[ElementTree.Element]:
    """The paths that have all of these looks."""
    found = ElementTree.fromstring(svg).iter(f"{SVG}path")
    return [one for one in found if all(one.get(name.replace("_", "-")) == value for name, value in looks.items())]


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


def test_each_result_is_one_mark_a_preliminary_one_hollow_one_beyond_the_line_ringed() -> None:
    neutrophils = panel_svg(panel("neutrophils"), shown())
    circles, ring = paths(neutrophils, d=SYMBOLS["circle"]), paths(neutrophils, d=SYMBOLS["ring"])
    assert (len(circles), len(ring)) == (8, 1)
    assert ring[0].get("transform") == circles[-1].get("transform")
    platelets = paths(panel_svg(panel("platelets"), shown()), d=SYMBOLS["circle"])
    assert [one.get("fill") for one in platelets] == ["#2f4858"] * 7 + ["#ffffff"]


def test_shapes_and_not_colours_tell_bounds_and_unread_results() -> None:
    assert len(paths(panel_svg(panel("mmp"), shown()), d=SYMBOLS["down"])) == 1
    assert len(paths(panel_svg(panel("neutrophils"), shown()), d=SYMBOLS["cross"])) == 1
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


def test_the_action_line_and_the_newest_value_stand_in_words_beside_the_chart() -> None:
    assert {"below 1.6: withhold", "1.4 on 20 Feb 2026"} <= set(words_in(panel_svg(panel("neutrophils"), shown())))


def test_labels_never_touch() -> None:
    labels = list(ElementTree.fromstring(panel_svg(panel("alt"), shown())).iter(f"{SVG}text"))
    heights = sorted(float(str(one.get("y"))) for one in labels if float(str(one.get("x"))) > LEFT + WIDTH)
    assert len(heights) == 3
    assert all(below - above >= 12 for above, below in pairwise(heights))


def test_a_gap_breaks_the_line() -> None:
    def joined(analyte: str) -> int:
        series = paths(panel_svg(panel(analyte), shown()), stroke="#2f4858", stroke_width="1.6", fill="none")
        return len([one for one in series if not one.get("transform")])

    assert joined("neutrophils") == 2
    assert joined("creatinine") == 1
    assert joined("tgn") == 0


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_numbers_at_the_side_are_round_few_and_inside(low: float, size: float) -> None:
    found = levels(low, low + size)
    assert 1 <= len(found) <= 6
    assert all(low - size * 1e-6 <= one <= low + size * (1 + 1e-6) for one in found)
    steps = {float(f"{later - earlier:.6g}") for earlier, later in pairwise(found)}
    assert len(steps) <= 1
    assert all(f"{step:.5e}"[0] in "125" for step in steps)


def test_a_value_stands_at_its_height_and_a_day_at_its_place() -> None:
    """Checked against the drawing's own numbers: 0 and 8 at the side, July and January below."""
    root = ElementTree.fromstring(panel_svg(panel("neutrophils"), shown()))
    side = {
        float("".join(one.itertext())): float(str(one.get("y"))) - 4
        for one in root.iter(f"{SVG}text")
        if one.get("text-anchor") == "end"
    }
    below = {
        "".join(one.itertext()): float(str(one.get("x")))
        for one in root.iter(f"{SVG}text")
        if one.get("text-anchor") == "middle"
    }
    low, high = min(side), max(side)
    ring = next(one for one in root.iter(f"{SVG}path") if one.get("d") == SYMBOLS["ring"])
    x, y = (float(one) for one in str(ring.get("transform"))[10:-1].split())
    per_unit = (side[high] - side[low]) / (high - low)
    assert y == pytest.approx(side[low] + 1.4 * per_unit, abs=0.2)
    per_day = (below["Jan 2026"] - below["Jul 2025"]) / (date(2026, 1, 1) - date(2025, 7, 1)).days
    assert x == pytest.approx(below["Jan 2026"] + 50 * per_day, abs=0.3)


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
        (date(2010, 1, 1), date(2026, 3, 1), 10),
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
    assert any(HOSTILE[:9] in text for text in words_in(svg))


@given(st.text(max_size=60) | st.sampled_from(["\x1b", "\x00", "\uffff", "\ud800", "]]>", "&", "<!--"]))
def test_no_name_in_a_record_can_spoil_a_drawing(words: str) -> None:
    record = sample_record()
    genotype = msgspec.structs.replace(record.genotypes[0], phenotype=None, written=words)
    found = timeline(sample_assessment(), msgspec.structs.replace(record, genotypes=(genotype,)), sample_book())
    ElementTree.fromstring(strips_svg(found))


def test_a_single_result_without_range_or_limit_can_be_drawn() -> None:
    record = sample_record()
    one = msgspec.structs.replace(record.results[0], value=0.0, reference=None)
    found = timeline(sample_assessment(), msgspec.structs.replace(record, results=(one,)), sample_book())
    assert "0 on 28 May 2025" in words_in(panel_svg(found.groups[0].panels[0], found))

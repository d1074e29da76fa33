"""The severity scales are what the National Cancer Institute prints, and the two versions differ where it says.

The tables below are the published bands, copied band by band ("<LLN - 1.5" is grade 1, "<1.5 - 1.0" grade 2 ...).
`boundaries` turns them into the outer boundary of each grade, which is how the rule book writes them.
"""

import re

import pytest

from rxvigil.knowledge.loader import parse_file, shipped_knowledge
from rxvigil.knowledge.rules import Grading
from rxvigil.knowledge.yamlfile import read_document

Boundary = tuple[str, float, str]
"""Operator, number and unit: ('<', 1.5, '10*9/L')."""
Row = tuple[str, str]
"""Analyte, and the baseline it holds for."""

COUNT = "10*9/L"
UNITS = {"haemoglobin": "g/L", "albumin": "g/L"}
"""Of absolute bands, where they are not counts."""
SAME_IN_BOTH: dict[Row, str] = {
    ("white-cells", "any"): "<LLN - 3.0 | <3.0 - 2.0 | <2.0 - 1.0 | <1.0",
    # Grade 4 is 'life-threatening consequences': no number.
    ("haemoglobin", "any"): "<LLN - 100 | <100 - 80 | <80",
    ("albumin", "any"): "<LLN - 30 | <30 - 20 | <20",
    ("alt", "normal"): ">ULN - 3.0 x ULN | >3.0 - 5.0 x ULN | >5.0 - 20.0 x ULN | >20.0 x ULN",
    ("ast", "normal"): ">ULN - 3.0 x ULN | >3.0 - 5.0 x ULN | >5.0 - 20.0 x ULN | >20.0 x ULN",
    ("ggt", "normal"): ">ULN - 2.5 x ULN | >2.5 - 5.0 x ULN | >5.0 - 20.0 x ULN | >20.0 x ULN",
    ("bilirubin", "normal"): ">ULN - 1.5 x ULN | >1.5 - 3.0 x ULN | >3.0 - 10.0 x ULN | >10.0 x ULN",
    # Without signs or symptoms, which is all a result knows: 2 to 5 times the limit stays grade 2.
    ("amylase", "any"): ">ULN - 1.5 x ULN | >1.5 - 5.0 x ULN | >5.0 x ULN",
    ("lipase", "any"): ">ULN - 1.5 x ULN | >1.5 - 5.0 x ULN | >5.0 x ULN",
}
ONLY_IN_5: dict[Row, str] = {
    ("neutrophils", "any"): "<LLN - 1.5 | <1.5 - 1.0 | <1.0 - 0.5 | <0.5",
    ("lymphocytes", "any"): "<LLN - 0.8 | <0.8 - 0.5 | <0.5 - 0.2 | <0.2",
    ("platelets", "any"): "<LLN - 75.0 | <75.0 - 50.0 | <50.0 - 25.0 | <25.0",
    ("alt", "abnormal"): "1.5 - 3.0 x baseline | >3.0 - 5.0 x baseline | >5.0 - 20.0 x baseline | >20.0 x baseline",
    ("ast", "abnormal"): "1.5 - 3.0 x baseline | >3.0 - 5.0 x baseline | >5.0 - 20.0 x baseline | >20.0 x baseline",
    ("alp", "normal"): ">ULN - 2.5 x ULN | >2.5 - 5.0 x ULN | >5.0 - 20.0 x ULN | >20.0 x ULN",
    ("alp", "abnormal"): "2.0 - 2.5 x baseline | >2.5 - 5.0 x baseline | >5.0 - 20.0 x baseline | >20.0 x baseline",
    ("ggt", "abnormal"): "2.0 - 2.5 x baseline | >2.5 - 5.0 x baseline | >5.0 - 20.0 x baseline | >20.0 x baseline",
    (
        "bilirubin",
        "abnormal",
    ): ">1.0 - 1.5 x baseline | >1.5 - 3.0 x baseline | >3.0 - 10.0 x baseline | >10.0 x baseline",
}
ONLY_IN_6: dict[Row, str] = {
    ("neutrophils", "any"): "<1.5 - 1.0 | <1.0 - 0.5 | <0.5 - 0.1 | <0.1",
    ("platelets", "any"): "<LLN - 75.0 | <75.0 - 50.0 | <50.0 - 10.0 | <10.0",
    ("alt", "abnormal"): "1.0 - 1.5 x baseline | >1.5 - 2.0 x baseline | >2.0 - 4.0 x baseline | >4.0 x baseline",
    ("ast", "abnormal"): "1.0 - 1.5 x baseline | >1.5 - 2.0 x baseline | >2.0 - 4.0 x baseline | >4.0 x baseline",
    # '>Baseline and ULN', and no higher grade.
    ("alp", "normal"): ">ULN",
    ("alp", "abnormal"): ">1.0 x baseline",
    ("ggt", "abnormal"): "1.0 - 1.5 x baseline | >1.5 - 3.0 x baseline | >3.0 - 10.0 x baseline | >10.0 x baseline",
    (
        "bilirubin",
        "abnormal",
    ): "1.0 - 1.5 x baseline | >1.5 - 2.5 x baseline | >2.5 - 10.0 x baseline | >10.0 x baseline",
    # The branch for a baseline below the lower limit has no form in the rule book and stands in its gaps.
    ("creatinine", "any"): ">ULN - 1.5 x ULN | >1.5 - 3.0 x ULN | >3.0 - 6.0 x ULN | >6.0 x ULN",
}


def boundaries(row: Row, bands: str) -> dict[str, tuple[Boundary, ...]]:
    """Grade -> outer boundary of its published band."""
    unit = UNITS.get(row[0], COUNT)
    return {str(number): (outer(band.strip(), unit),) for number, band in enumerate(bands.split("|"), 1)}


def outer(band: str, unit: str) -> Boundary:
    """'<1.5 - 1.0' -> below 1.5; '>3.0 - 5.0 x ULN' -> above 3 times; '1.5 - 3.0 x baseline' -> from 1.5 times on."""
    shape = re.match(r"(?P<operator>[<>]?)(?P<number>LLN|ULN|[\d.]+)", band)
    assert shape is not None, band
    operator, number = shape.group("operator"), shape.group("number")
    if number in ("LLN", "ULN"):
        return operator, 1.0, f"x{number}"
    multiple = "xULN" if "ULN" in band else "xbaseline" if "baseline" in band else unit
    return operator or ">=", float(number), multiple


def split(text: str) -> tuple[Boundary, ...]:
    """The boundary as the rule book writes it: '> 1.5 xULN or > 1.5 xbaseline'."""
    parts = [part.split(maxsplit=2) for part in text.split(" or ")]
    return tuple((operator, float(number), unit) for operator, number, unit in parts)


def shipped(name: str) -> Grading:
    model = parse_file(read_document(shipped_knowledge() / "grading" / f"{name}.yaml"))
    assert isinstance(model, Grading)
    return model


def rows(grading: Grading) -> dict[Row, dict[str, tuple[Boundary, ...]]]:
    found: dict[Row, dict[str, tuple[Boundary, ...]]] = {
        (row.analyte, row.when_baseline): {number: split(written) for number, written in row.grades.items()}
        for row in grading.rows
    }
    assert len(found) == len(grading.rows), "two rows for one analyte and baseline"
    return found


def grade(analyte: str, value: float, grading: Grading) -> int:
    """The highest grade whose absolute boundary the value is beyond; multiples are left aside."""
    reached = [
        int(number)
        for number, written in rows(grading)[(analyte, "any")].items()
        for operator, limit, unit in written
        if unit == COUNT and operator == "<" and value < limit
    ]
    return max(reached, default=0)


FIVE, SIX = shipped("ctcae-5"), shipped("ctcae-6")


@pytest.mark.parametrize(("row", "published"), [*SAME_IN_BOTH.items(), *ONLY_IN_5.items()], ids=str)
def test_version_5_is_the_published_table(row: Row, published: str) -> None:
    assert rows(FIVE)[row] == boundaries(row, published)


@pytest.mark.parametrize(("row", "published"), [*SAME_IN_BOTH.items(), *ONLY_IN_6.items()], ids=str)
def test_version_6_is_the_published_table(row: Row, published: str) -> None:
    assert rows(SIX)[row] == boundaries(row, published)


def test_version_5_grades_creatinine_against_baseline_or_upper_limit() -> None:
    """Published: >ULN - 1.5 x ULN | >1.5 - 3.0 x baseline or ULN | >3.0 x baseline, >3.0 - 6.0 x ULN | >6.0 x ULN."""
    assert rows(FIVE)[("creatinine", "any")] == {
        "1": ((">", 1.0, "xULN"),),
        "2": ((">", 1.5, "xULN"), (">", 1.5, "xbaseline")),
        "3": ((">", 3.0, "xULN"), (">", 3.0, "xbaseline")),
        "4": ((">", 6.0, "xULN"),),
    }


def test_nothing_else_is_graded() -> None:
    assert set(rows(FIVE)) == {*SAME_IN_BOTH, *ONLY_IN_5, ("creatinine", "any")}
    assert set(rows(SIX)) == {*SAME_IN_BOTH, *ONLY_IN_6}


def test_the_versions_differ_exactly_where_the_institute_changed_them() -> None:
    five, six = rows(FIVE), rows(SIX)
    assert {row for row in five.keys() | six.keys() if five.get(row) != six.get(row)} == {
        *ONLY_IN_5,
        ("creatinine", "any"),
    }


@pytest.mark.parametrize(
    ("neutrophils", "in_5", "in_6"), [(0.4, 4, 3), (0.5, 3, 2), (1.2, 2, 1), (1.5, 0, 0), (0.09, 4, 4), (0.1, 4, 3)]
)
def test_the_same_neutrophils_have_another_grade_in_each_version(neutrophils: float, in_5: int, in_6: int) -> None:
    """Above 1.5 only version 5 grades on, by the laboratory's own lower limit."""
    assert (grade("neutrophils", neutrophils, FIVE), grade("neutrophils", neutrophils, SIX)) == (in_5, in_6)


@pytest.mark.parametrize(("platelets", "in_5", "in_6"), [(20, 4, 3), (25, 3, 3), (9, 4, 4), (10, 4, 3), (60, 2, 2)])
def test_the_same_platelets_have_another_grade_in_each_version(platelets: float, in_5: int, in_6: int) -> None:
    assert (grade("platelets", platelets, FIVE), grade("platelets", platelets, SIX)) == (in_5, in_6)


@pytest.mark.parametrize("grading", [FIVE, SIX], ids=lambda one: one.version)
def test_a_worse_grade_never_has_a_milder_boundary(grading: Grading) -> None:
    for (analyte, baseline), grades in rows(grading).items():
        for unit in {unit for written in grades.values() for _, _, unit in written}:
            limits = [limit for g in sorted(grades) for _, limit, of in grades[g] if of == unit]
            low = any(operator.startswith("<") for written in grades.values() for operator, _, _ in written)
            assert limits == sorted(limits, reverse=low), (analyte, baseline, unit)
            assert len(set(limits)) == len(limits), (analyte, baseline, unit)


def test_the_version_stands_in_every_grade() -> None:
    assert (FIVE.version, SIX.version) == ("CTCAE 5.0", "CTCAE 6.0")


def test_what_could_not_be_written_is_said() -> None:
    """Version 6 has no row for low lymphocytes in the transcription that was read: a gap, not a silent omission."""
    assert "lymphocytes" not in {analyte for analyte, _ in rows(SIX)}
    assert any("Lymphocytes" in gap for gap in SIX.gaps)
    assert any("below the lower limit" in gap for gap in SIX.gaps)

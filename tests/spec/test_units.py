"""Units: what laboratories write, what it means, and what is refused.

Every result is brought to one unit for its analyte. Spaces never matter, µ may be u, and all-lower or all-upper
spelling is accepted where it cannot mean two things. Nothing is guessed: no unit, an unknown unit, or a unit that means
two things is refused with its reason, and the result counts as unreadable rather than as absent or normal.
"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.knowledge.loader import build, read_knowledge, shipped_knowledge
from rxvigil.knowledge.lookup import UnitProblem, Vocabulary

WORDS: Vocabulary = build(read_knowledge(shipped_knowledge() / "vocabulary")).vocabulary


# --------------------------------------------------------------------------------------------------- conversions


@pytest.mark.parametrize(
    ("written", "unit", "is_"),
    [
        (1.4, "10*9/L", 1.4),
        (1.4, "x10*9/L", 1.4),
        (1.4, "x10^9/L", 1.4),
        (1.4, "10^9/L", 1.4),
        (1.4, "10e9/L", 1.4),
        (1.4, "×10⁹/L", 1.4),
        (1.4, "x 109/L", 1.4),
        (1.4, "G/L", 1.4),
        (1.4, "giga/L", 1.4),
        (1.4, "10*3/uL", 1.4),
        (1.4, "K/uL", 1.4),
        (1.4, "K/mcL", 1.4),
        (1.4, "k/µL", 1.4),
        (1.4, "thou/uL", 1.4),
        (1.4, "k/cumm", 1.4),
        (1.4, "x10E3/uL", 1.4),
        (1400, "/uL", 1.4),
        (1400, "/mm3", 1.4),
        (1400, "/cumm", 1.4),
        (1400, "cells/mcL", 1.4),
        (1400, "10*6/L", 1.4),
        (14, "10*2/uL", 1.4),
    ],
)
def test_a_blood_count_is_read_however_the_laboratory_writes_ten_to_the_ninth(
    written: float, unit: str, is_: float
) -> None:
    assert WORDS.convert("neutrophils", written, unit) == is_


@pytest.mark.parametrize(
    ("analyte", "written", "unit", "is_"),
    [
        # Haemoglobin and albumin in g/L
        ("haemoglobin", 13.5, "g/dL", 135),
        ("haemoglobin", 13.5, "gm/dL", 135),
        ("haemoglobin", 13.5, "G/DL", 135),
        ("haemoglobin", 13.5, "g%", 135),
        ("albumin", 3.9, "g/dL", 39),
        ("albumin", 39, "G/L", 39),
        # Enzymes in U/L: 1 µkat is 60 U
        ("alt", 100, "U/l", 100),
        ("alt", 100, "IU/L", 100),
        ("alt", 100, "UNITS/L", 100),
        ("alt", 100, "E/L", 100),
        ("alt", 1.5, "µkat/L", 90),
        ("alt", 1.5, "ukat/l", 90),
        # Amounts of substance
        ("creatinine", 1.0, "mg/dL", 88.4),
        ("creatinine", 1.0, "MG/DL", 88.4),
        ("creatinine", 88, "mcmol/L", 88),
        ("creatinine", 0.088, "mmol/L", 88),
        ("bilirubin", 2.0, "mg/dL", 34.2),
        ("urate", 6.0, "mg/dL", 356.88),
        ("glucose", 100, "mg/dL", 5.55),
        ("potassium", 4.1, "mEq/L", 4.1),
        # The same mg/dL is another amount of urea than of urea nitrogen
        ("urea", 30, "mg/dL", 4.995),
        ("urea-nitrogen", 14, "mg/dL", 4.998),
        ("crp", 1.2, "mg/dL", 12),
        ("ferritin", 250, "ng/mL", 250),
        ("vitamin-b12", 500, "pg/mL", 369),
        # The rest of the blood count
        ("red-cells", 4.5, "million/mm3", 4.5),
        ("red-cells", 4.5, "10*6/uL", 4.5),
        ("haematocrit", 0.42, "L/L", 42),
        ("haematocrit", 0.42, "1", 42),
        ("mcv", 98, "um3", 98),
        ("esr", 20, "mm/hr", 20),
        ("platelets", 25, "10*4/uL", 250),
        # Kidney: an eGFR is per 1.73 m² even where the laboratory leaves it off
        ("egfr", 59, "mL/min/{1.73_m2}", 59),
        ("egfr", 59, "ml/min/1.73m²", 59),
        ("egfr", 59, "mL/min", 59),
        ("egfr", 1, "mL/s/{1.73_m2}", 60),
        # Thiopurine metabolites
        ("tgn", 250, "pmol/8x10(8) RBC", 250),
        ("tgn", 250, "pmol/8 x 10[8] RBC", 250),
        ("tgn", 250, "pmol/8x10e8 RBCs", 250),
        ("tgn", 250, "pmol/8x10^8 RBC", 250),
        ("tgn", 250, "pmol/8x10E8 RBC", 250),
        ("tgn", 31.25, "pmol/10^8 RBC", 250),
        # The body
        ("weight", 154, "lbs", 69.85322498),
        ("weight", 154, "[lb_av]", 69.85322498),
        ("weight", 11, "stone", 69.85322498),
        ("weight", 70_000, "g", 70),
        ("height", 70, "in", 177.8),
        ("height", 1.778, "m", 177.8),
        ("systolic-bp", 120, "mmHg", 120),
        ("temperature", 38.2, "degrees C", 38.2),
        ("tsh", 2.1, "mcU/mL", 2.1),
        ("inr", 2.5, "ratio", 2.5),
    ],
)
def test_a_value_is_brought_to_the_unit_of_its_analyte(analyte: str, written: float, unit: str, is_: float) -> None:
    assert WORDS.convert(analyte, written, unit) == is_


@pytest.mark.parametrize("unit", ["10 * 9 / L", " 10*9/L ", "10*9 /L"])
def test_spaces_in_a_unit_do_not_matter(unit: str) -> None:
    assert WORDS.convert("neutrophils", 2.1, unit) == 2.1


def test_ten_digits_are_kept_and_no_false_tail_added() -> None:
    assert WORDS.convert("neutrophils", "1100", "/uL") == 1.1
    assert WORDS.convert("neutrophils", "0.123456789", "10*9/L") == 0.123456789


# ------------------------------------------------------------------------------------------------------ refusals


def why(analyte: str, written: str | float, unit: str | None) -> str:
    answer = WORDS.convert(analyte, written, unit)
    assert isinstance(answer, UnitProblem)
    return answer.why


@pytest.mark.parametrize("unit", [None, "", "   "])
def test_a_number_without_a_unit_is_refused(unit: str | None) -> None:
    """1400 may be 1.4 and 1.4 may be 1400: the size of a number does not tell its unit."""
    assert why("neutrophils", 1.4, unit) == "it has no unit"


@pytest.mark.parametrize(
    ("analyte", "unit", "because"),
    [
        ("neutrophils", "%", "a percentage is another analyte"),
        ("neutrophils", "/[HPF]", "a field of a slide is no volume"),
        ("platelets", "M/uL", "millions are written for red cells only"),
        ("haemoglobin", "mmol/L", "16.1 g for one haem chain, 64.5 g for the whole molecule"),
        ("haemoglobin", "%", "a percentage of what"),
        ("creatinine", "Mmol/L", "M is mega, m is milli: mixed spelling could be either"),
        ("creatinine", "ng/mL", "not in use for it"),
        ("alt", "mg/dL", "an activity has no mass"),
        ("alt", "[pH]", "another quantity altogether"),
        ("tgn", "ng/mL", "needs a count of the red cells"),
        ("tgn", "nmol/mmol Hb", "needs the haemoglobin of a cell"),
        ("hbv-dna", "copies/mL", "the factor differs between assays"),
        ("temperature", "[degF]", "needs an offset, not a factor"),
        ("weight", "mg", "not in use for a person"),
        ("tpmt-activity", "mU/L", "each laboratory has its own unit and limits"),
        ("hbsag", "S/CO", "a ratio to a laboratory's own cut-off"),
        ("egfr", "mL", "no rate"),
    ],
)
def test_a_unit_that_does_not_belong_or_means_two_things_is_refused_by_name(
    analyte: str, unit: str, because: str
) -> None:
    name = WORDS.analytes[analyte].name.lower()
    assert why(analyte, 1, unit) == f"the unit '{unit}' is not one we know for {name}", because


@pytest.mark.parametrize("written", ["", "see comment", "1,4", "1.4.2", "NaN", "Infinity"])
def test_what_is_no_number_is_refused(written: str) -> None:
    assert why("neutrophils", written, "10*9/L")


def test_a_foreign_unit_in_a_message_is_cut_short() -> None:
    assert len(why("neutrophils", 1, "x" * 5000)) < 120


# -------------------------------------------------------------------------------------------- what is believed


@pytest.mark.parametrize(
    ("analyte", "number", "unit", "slip"),
    [
        ("neutrophils", 1400, "10*9/L", "a count per microlitre"),
        ("white-cells", 4500, "10*9/L", "a count per microlitre"),
        ("platelets", 250_000, "10*9/L", "a count per microlitre"),
        ("haemoglobin", 13.5, "g/L", "g/dL"),
        ("albumin", 4.2, "g/L", "g/dL"),
        ("creatinine", 1.1, "umol/L", "mg/dL"),
        ("creatinine", 68, "mmol/L", "umol/L"),
        ("haematocrit", 0.42, "%", "a fraction"),
        ("red-cells", 4500, "10*12/L", "10*9/L"),
        ("height", 1.75, "cm", "metres"),
        ("temperature", 98.6, "Cel", "Fahrenheit"),
        ("sodium", 14, "mmol/L", "a lost digit"),
    ],
)
def test_a_number_in_the_wrong_unit_is_not_believed(analyte: str, number: float, unit: str, slip: str) -> None:
    value = WORDS.convert(analyte, number, unit)
    assert isinstance(value, float)
    assert not WORDS.plausible(analyte, value), slip


@pytest.mark.parametrize(
    ("analyte", "number", "unit"),
    [
        ("neutrophils", 0, "10*9/L"),
        ("neutrophils", 0.01, "10*9/L"),
        ("white-cells", 380, "10*9/L"),
        ("platelets", 1, "10*9/L"),
        ("platelets", 2800, "10*9/L"),
        ("haemoglobin", 26, "g/L"),
        ("alt", 12_000, "U/L"),
        ("bilirubin", 900, "umol/L"),
        ("creatinine", 2100, "umol/L"),
        ("potassium", 9.2, "mmol/L"),
        ("tgn", 1800, "pmol/(8.10*8.{RBC})"),
        ("mmp", 40_000, "pmol/(8.10*8.{RBC})"),
    ],
)
def test_the_worst_real_disease_is_believed(analyte: str, number: float, unit: str) -> None:
    value = WORDS.convert(analyte, number, unit)
    assert isinstance(value, float)
    assert WORDS.plausible(analyte, value)


# ---------------------------------------------------------------------------------------- what always holds


@given(st.data())
def test_the_same_amount_reads_the_same_in_whichever_unit_it_was_written(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(key for key, one in WORDS.analytes.items() if one.dimension)))
    analyte = WORDS.analytes[key]
    assert analyte.dimension is not None
    units = sorted({*WORDS.dimensions[analyte.dimension].units, *analyte.units})
    amount = data.draw(st.floats(min_value=0.01, max_value=1000))
    for one, other in pairwise(units):
        first, second = WORDS.factor(key, one), WORDS.factor(key, other)
        assert first is not None
        assert second is not None
        read = WORDS.convert(key, repr(amount), one)
        reread = WORDS.convert(key, repr(amount * float(first) / float(second)), other)
        assert isinstance(read, float)
        assert reread == pytest.approx(read, rel=1e-9)


def test_a_spelling_in_small_or_capital_letters_never_changes_the_amount() -> None:
    for key, analyte in WORDS.analytes.items():
        family = WORDS.dimensions[analyte.dimension].units if analyte.dimension else {}
        for unit in (*family, *analyte.units, *(written for alias in WORDS.aliases for written in alias.written)):
            exact = WORDS.factor(key, unit)
            for spelling in (unit.lower(), unit.upper()):
                other = WORDS.factor(key, spelling)
                assert exact is None or other is None or exact == other, f"{key}: {unit} and {spelling}"


def test_what_a_laboratory_writes_means_one_amount_for_each_analyte() -> None:
    for key in WORDS.analytes:
        meanings: dict[str, set[str]] = {}
        for alias in WORDS.aliases:
            if WORDS.factor(key, alias.means) is not None:
                for written in alias.written:
                    meanings.setdefault("".join(written.split()), set()).add(str(WORDS.factor(key, alias.means)))
        assert {written: found for written, found in meanings.items() if len(found) > 1} == {}, key

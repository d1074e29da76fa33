"""What every intake shares: naming things, reading values, gathering a record."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.facts import Bounds, Condition, NotUnderstood, Origin, Patient, Result, on_day
from rxvigil.intake.reading import Coding, Doubt, Finder, Found, Gathering, Measured, NotOurs, finder_for
from rxvigil.intake.words import NearNames, clean, written_range, written_value
from rxvigil.knowledge.loader import build, read_knowledge

VOCABULARY = build(
    one for one in read_knowledge() if one.name.startswith(("vocabulary/", "sources/vocabulary"))
).vocabulary
FINDER = finder_for(VOCABULARY)
NEUTROPHILS = VOCABULARY.analytes["neutrophils"]
HERE = Origin("labs.csv", "row", 2)


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("5.2", ("", "5.2", "")),
        ("<5", ("<", "5", "")),
        ("≤ 0.1 mg/L", ("<=", "0.1", "mg/L")),
        ("> 60 mL/min", (">", "60", "mL/min")),
        ("12.3 H", ("", "12.3", "")),
        ("0.4 *", ("", "0.4", "")),
        ("1e3 /uL", ("", "1e3", "/uL")),
    ],
)
def test_a_number_with_what_stands_around_it(text: str, parts: tuple[str, str, str]) -> None:
    assert written_value(text) == parts


@pytest.mark.parametrize("text", ["", "negative", "1,4", "0-2", "<", "about 5", "--5", "5–7"])
def test_what_is_no_single_number(text: str) -> None:
    assert written_value(text) is None


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("2.0-7.5", ("2.0", "7.5", "")),
        ("0 to 40 U/L", ("0", "40", "U/L")),
        ("(2.0 – 7.5)", ("2.0", "7.5", "")),
        ("<40", (None, "40", "")),
        (">= 60 mL/min", ("60", None, "mL/min")),
    ],
)
def test_a_range_in_words(text: str, limits: tuple[str | None, str | None, str]) -> None:
    assert written_range(text) == limits


@given(st.text())
def test_clean_text_is_one_short_printable_line(text: str) -> None:
    assert clean(text).isprintable()
    assert len(clean(text)) <= 200


def test_near_names_are_slips_of_the_pen_and_nothing_else() -> None:
    near = NearNames(
        [("azathioprine", "aza"), ("wbc", "white-cells"), ("tpmt genotype", "tpmt"), ("citalopram", "cit")]
    )
    assert near.key_near("azathoprine") == "aza"
    assert near.key_near("azothiaprine") == "aza"
    assert near.key_near("tpmt genotpye") == "tpmt"
    assert near.key_near("azathioprine") is None
    assert near.key_near("rbc") is None
    assert near.key_near("escitalopram") is None
    assert near.key_near("azithromycin") is None


# --- naming --------------------------------------------------------------------------------------------------------


def test_a_finder_is_the_same_for_the_same_vocabulary() -> None:
    assert finder_for(VOCABULARY) is finder_for(VOCABULARY)


@pytest.mark.parametrize("system", ["loinc", "http://loinc.org", "http://loinc.org/", "urn:oid:2.16.840.1.113883.6.1"])
def test_a_code_system_under_any_of_its_addresses(system: str) -> None:
    found = FINDER.analyte([Coding(system, "751-8")])
    assert isinstance(found, Found)
    assert found.entry.key == "neutrophils"


def test_the_three_answers() -> None:
    assert isinstance(FINDER.drug([], "Imuran 50 mg"), Found)
    assert FINDER.drug([Coding("rxnorm", "0", "amoxicillin")]) == NotOurs("rxnorm", "0", "amoxicillin")
    assert FINDER.drug([], "") == Doubt("it has neither a code nor a name", ("any-drug",))


def test_a_code_without_a_system_means_nothing() -> None:
    assert isinstance(FINDER.analyte([Coding("", "751-8")]), NotOurs)


@pytest.mark.parametrize("unit", ["10*9/L", None])
def test_code_and_name_must_not_contradict(unit: str | None) -> None:
    found = FINDER.analyte([Coding("loinc", "751-8", "Platelets")], "", unit)
    assert isinstance(found, Doubt)
    assert found.affects == ("neutrophils", "platelets")


def test_the_unit_may_confirm_the_code_against_a_loose_name() -> None:
    found = FINDER.analyte([Coding("loinc", "770-8")], "Neutrophils", "%")
    assert isinstance(found, Found)
    assert found.entry.key == "neutrophils-percent"


def test_of_broader_and_narrower_words_the_narrower_counts() -> None:
    found = FINDER.concept("condition", [], "Crohn's disease")
    assert isinstance(found, Found)
    both = FINDER.concept("condition", [Coding("x", "1", "Inflammatory bowel disease")], "Crohn's disease")
    assert both == found


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (3.1, "10*9/L", Measured(3.1, "", None, "3.1 10*9/L")),
        ("3100", "/uL", Measured(3.1, "", None, "3100 /uL")),
        ("<0.1", "10*9/L", Measured(0.1, "<", None, "<0.1 10*9/L")),
        ("3.1 10*9/L", None, Measured(3.1, "", None, "3.1 10*9/L")),
    ],
)
def test_a_value_in_the_canonical_unit(value: float | str, unit: str | None, expected: Measured) -> None:
    assert FINDER.measured(NEUTROPHILS, value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (3.1, None), (3.1, "mg/dL"), (3.1, " "), (None, "10*9/L"), ("many", "10*9/L"), (float("nan"), "10*9/L"),
        (float("inf"), "10*9/L"), (True, "10*9/L"), (-1, "10*9/L"), (1e9, "10*9/L"), ("1,4", "10*9/L"),
        ("3.1 /uL", "10*9/L"), ("1e999", "10*9/L"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_affects_its_test(value: float | str | None, unit: str | None) -> None:
    found = FINDER.measured(NEUTROPHILS, value, unit)
    assert isinstance(found, Doubt)
    assert found.affects == ("neutrophils",)


@given(st.decimals("0.01", "80", places=2))
def test_conversion_is_exact(value: Decimal) -> None:
    per_microlitre = FINDER.measured(NEUTROPHILS, str(value * 1000), "/uL")
    assert isinstance(per_microlitre, Measured)
    assert per_microlitre.value == float(value)


def test_a_ratio_needs_no_unit() -> None:
    inr = FINDER.measured(VOCABULARY.analytes["inr"], 2.5, None)
    assert isinstance(inr, Measured)
    assert inr.value == 2.5


def test_a_qualitative_test_answers_in_its_own_words() -> None:
    hbsag = VOCABULARY.analytes["hbsag"]
    assert FINDER.measured(hbsag, "NEGATIVE", None) == Measured(None, "", "negative", "NEGATIVE")
    number = FINDER.measured(hbsag, 0.4, None)
    assert isinstance(number, Doubt)
    assert "words such as 'negative'" in number.why


def test_reference_ranges() -> None:
    assert FINDER.bounds(NEUTROPHILS, 2000, "7500", "/uL") == Bounds(2.0, 7.5)
    assert FINDER.bounds_in_words(NEUTROPHILS, "2.0-7.5", "10*9/L") == Bounds(2.0, 7.5)
    for doubtful in (FINDER.bounds(NEUTROPHILS, 8, 2, "10*9/L"), FINDER.bounds_in_words(NEUTROPHILS, "normal", "x")):
        assert isinstance(doubtful, Doubt)
        assert doubtful.affects == ()


def test_a_result_or_why_there_is_none() -> None:
    day = on_day(date(2026, 2, 20))
    good = FINDER.result(NEUTROPHILS, id="1", when=day, origin=HERE, value="3.1", unit="10*9/L")
    assert isinstance(good, Result)
    bad = FINDER.result(NEUTROPHILS, id="1", when=day, origin=HERE, value="3.1", unit=None)
    assert bad == NotUnderstood(
        origin=HERE, what="Neutrophils", why="it has no unit", affects=("neutrophils",), when=day
    )


# --- gathering -----------------------------------------------------------------------------------------------------


def count(number: str, value: float, day: int = 20) -> Result:
    return Result(id=number, analyte="neutrophils", when=on_day(date(2026, 2, day)), origin=HERE, value=value)


def test_copies_are_one_fact_and_counted() -> None:
    tray = Gathering()
    for one in (count("b", 1.4), count("a", 1.4), count("c", 1.5), count("d", 1.4, day=21)):
        tray.add(one)
    record = tray.record(Patient(id="p"))
    assert [one.id for one in record.results] == ["a", "c", "d"]
    assert record.unread == {"Result (a further copy)": 1}
    assert tray.record(Patient(id="p")) == record


@given(st.permutations([count(str(number), number / 10, day=number % 3 + 1) for number in range(1, 9)]))
def test_the_record_does_not_depend_on_the_order_of_reading(facts: list[Result]) -> None:
    tray, sorted_tray = Gathering(), Gathering()
    for one in facts:
        tray.add(one)
    for one in sorted(facts, key=lambda fact: fact.id):
        sorted_tray.add(one)
    assert tray.record(Patient(id="p")) == sorted_tray.record(Patient(id="p"))


def test_a_list_is_there_when_anything_stood_in_it() -> None:
    tray = Gathering()
    tray.outside("drug", NotOurs("rxnorm", "0", "amoxicillin"))
    tray.outside("drug", NotOurs("rxnorm", "0", "amoxicillin"))
    tray.add(Condition(id="c", concept="gout", origin=HERE, status="active"))
    tray.unread("Encounter", 3)
    record = tray.record(Patient(id="p"))
    assert record.lists == ("conditions", "prescriptions")
    assert record.outside[0].count == 2
    assert record.unread == {"Encounter": 3}


def test_finders_of_two_vocabularies_do_not_mix() -> None:
    other = type(VOCABULARY)(drugs=VOCABULARY.drugs)
    assert isinstance(finder_for(other), Finder)
    assert isinstance(finder_for(other).analyte([Coding("loinc", "751-8")]), NotOurs)
    assert finder_for(VOCABULARY) is finder_for(VOCABULARY)

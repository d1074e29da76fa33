"""Observations and reports: what becomes a result, and why something does not."""

from datetime import date

import pytest
from fhir_samples import (
    LOINC,
    NEUTROPHILS,
    SNOMED,
    Resource,
    coded,
    complaint,
    observation,
    quantity,
    read,
    without,
    words,
)
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.facts import Bounds

ALT = coded(LOINC, "1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma")
HBSAG = coded(LOINC, "5196-1", "Hepatitis B virus surface Ag [Presence] in Serum or Plasma by Immunoassay")


@pytest.mark.parametrize(
    ("value", "unit", "canonical"),
    [(3100, "/uL", 3.1), (3.1, "10*3/uL", 3.1), (3.1, "10*9/L", 3.1), (3.1, "K/uL", 3.1), (3.1, "x10^9/L", 3.1)],
)
def test_counts_are_one_number_whatever_unit_they_came_in(value: float, unit: str, canonical: float) -> None:
    record = read(observation(valueQuantity={"value": value, "unit": unit}))
    assert record.results[0].value == canonical


def test_a_comparator_is_kept() -> None:
    record = read(observation(valueQuantity=quantity(0.1, "10*9/L") | {"comparator": "<"}))
    assert (record.results[0].comparator, record.results[0].value, record.results[0].written) == (
        "<",
        0.1,
        "<0.1 10*9/L",
    )


@pytest.mark.parametrize("text", ["<0.1 10*9/L", "0.1 10*9/L L", "0.1 10*9/L"])
def test_a_value_in_words_is_read_with_its_unit(text: str) -> None:
    stated = without(observation(), "valueQuantity") | {"valueString": text}
    record = read(stated)
    if text.endswith("L L"):
        assert "not one we know" in complaint(record).why
    else:
        assert record.results[0].value == 0.1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"valueQuantity": {"value": 3.1}}, "it has no unit"),
        ({"valueQuantity": quantity(3.1, "furlong")}, "the unit 'furlong' is not one we know for Neutrophils"),
        ({"valueQuantity": quantity(3100, "10*9/L")}, "the value 3100 10*9/L is not believable"),
        ({"valueQuantity": quantity(-1, "10*9/L")}, "the value -1 10*9/L is not believable"),
        ({"valueQuantity": {"unit": "10*9/L"}}, "it has no value"),
        ({"valueQuantity": quantity(3.1, "10*9/L") | {"unit": "/uL"}}, "'/uL' in words and '10*9/L' in code"),
        ({"valueQuantity": quantity(3.1, "10*9/L") | {"comparator": "ad"}}, "comparator is none we know"),
        ({"valueQuantity": quantity(3.1, "10*9/L") | {"value": "3.1"}}, "value is not a number"),
        ({"valueQuantity": "3.1"}, "valueQuantity is not an object"),
        ({"valueString": "3.1 10*9/L"}, "value[x] is stated more than once"),
        ({"effectiveDateTime": None}, "the day of the sample is not stated"),
        ({"effectiveDateTime": "2026-02-30"}, "effectiveDateTime '2026-02-30' is not a date"),
        ({"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]}, "may change the meaning"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_says_why_and_what_it_affects(change: Resource, why: str) -> None:
    record = read(observation(**change))
    assert not record.results
    assert why in complaint(record).why
    assert complaint(record).affects == ("neutrophils",)
    assert complaint(record).origin.place.startswith("Observation/o1")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": "entered-in-error"}, "withdrawn by its author"),
        ({"status": "cancelled"}, "the test was cancelled"),
        ({"status": "registered", "valueQuantity": None}, "its result is not here yet"),
        ({"valueQuantity": None, "dataAbsentReason": coded("x", "not-performed", "Not performed")}, "was not done"),
        ({"focus": [{"reference": "Patient/fetus"}]}, "somebody or something other than the patient"),
    ],
)  # fmt: skip
def test_what_never_was_a_result_is_listed_and_affects_nothing(change: Resource, why: str) -> None:
    record = read(observation(**change))
    assert not record.results
    assert why in complaint(record).why
    assert complaint(record).affects == ()


def test_a_missing_value_with_another_reason_leaves_the_test_open() -> None:
    stated = observation(valueQuantity=None, dataAbsentReason=words("sample clotted"))
    assert complaint(read(stated)).affects == ("neutrophils",)


@pytest.mark.parametrize("status", ["unknown", "", "done"])
def test_a_result_of_unknown_status_may_alarm_but_not_reassure(status: str) -> None:
    record = read(observation(status=status))
    assert record.results[0].preliminary
    assert complaint(record).affects == ()


def test_a_preliminary_result_says_so() -> None:
    assert read(observation(status="preliminary")).results[0].preliminary


def test_the_day_is_the_day_where_the_blood_was_taken() -> None:
    record = read(observation(effectiveDateTime="2025-12-31T23:30:00-05:00"))
    assert record.results[0].when.first == date(2025, 12, 31)


def test_a_time_without_an_offset_is_only_a_day() -> None:
    assert read(observation(effectiveDateTime="2026-02-20T09:00:00")).results[0].when.precision == "day"


def test_a_collection_over_some_days_lies_within_them() -> None:
    period = {"start": "2026-02-19", "end": "2026-02-20"}
    record = read(without(observation(), "effectiveDateTime") | {"effectivePeriod": period})
    assert (record.results[0].when.first, record.results[0].when.last) == (date(2026, 2, 19), date(2026, 2, 20))


def test_the_day_may_stand_on_the_specimen_or_on_the_report() -> None:
    undated = without(observation(), "effectiveDateTime") | {"specimen": {"reference": "Specimen/s1"}}
    specimen = {
        "resourceType": "Specimen", "id": "s1", "subject": {"reference": "Patient/p1"},
        "collection": {"collectedDateTime": "2026-02-19"},
    }  # fmt: skip
    assert read(undated, specimen).results[0].when.first == date(2026, 2, 19)
    assert read(undated, report("o1", effectiveDateTime="2026-02-18")).results[0].when.first == date(2026, 2, 18)


def report(*members: str, **stated: object) -> Resource:
    return {
        "resourceType": "DiagnosticReport", "id": "r1", "status": "final", "subject": {"reference": "Patient/p1"},
        "code": coded(LOINC, "58410-2", "CBC panel - Blood by Automated count"),
        "result": [{"reference": f"Observation/{member}"} for member in members],
    } | stated  # fmt: skip


def test_results_of_one_report_belong_together() -> None:
    assert read(observation(), report("o1")).results[0].panel == "DiagnosticReport/r1"
    group = observation("g", valueQuantity=None, hasMember=[{"reference": "Observation/o1"}])
    assert read(observation(), group).results[0].panel == "Observation/g"


def test_results_inside_a_report_are_read() -> None:
    inside = without(observation("x"), "subject")
    record = read(report(contained=[inside], result=[{"reference": "#x"}]))
    assert [(one.analyte, one.panel) for one in record.results] == [("neutrophils", "DiagnosticReport/r1")]


def test_a_report_whose_results_are_missing_says_which_tests_that_concerns() -> None:
    record = read(report("gone", effectiveDateTime="2026-02-25"))
    assert set(complaint(record).affects) >= {"neutrophils", "platelets", "haemoglobin", "white-cells"}
    assert complaint(record).when is not None
    named = report(result=[{"reference": "Observation/gone", "display": "Neutrophils"}])
    assert complaint(read(named)).affects == ("neutrophils",)


def test_components_are_results_of_their_own() -> None:
    pressure = observation(
        code=coded(LOINC, "85354-9"),
        valueQuantity=None,
        component=[
            {"code": coded(LOINC, "8480-6"), "valueQuantity": quantity(120, "mm[Hg]")},
            {"code": coded(LOINC, "8462-4"), "valueQuantity": {"value": 80}},
        ],
    )
    record = read(pressure)
    assert [(one.analyte, one.id) for one in record.results] == [("systolic-bp", "Observation/o1#component[0]")]
    assert complaint(record).affects == ("diastolic-bp",)


def test_the_laboratory_s_own_range_comes_along_in_the_same_unit() -> None:
    limits = [{"low": quantity(2000, "/uL"), "high": quantity(7500, "/uL")}]
    assert read(observation(referenceRange=limits)).results[0].reference == Bounds(2.0, 7.5)
    assert read(observation(referenceRange=[{"text": "2.0-7.5"}])).results[0].reference == Bounds(2.0, 7.5)
    assert read(observation(referenceRange=[{"high": {"value": 7.5}}])).results[0].reference == Bounds(None, 7.5)


@pytest.mark.parametrize(
    "ranges",
    [
        [{"low": quantity(7.5, "10*9/L"), "high": quantity(2.0, "10*9/L")}],
        [{"low": quantity(2.0, "10*9/L"), "high": quantity(7.5, "g/L")}],
        [{"text": "see comment"}],
        [{"low": quantity(2.0, "10*9/L")}, {"low": quantity(1.0, "10*9/L")}],
    ],
)
def test_a_range_that_cannot_be_used_is_listed_and_the_result_stays(ranges: list[Resource]) -> None:
    record = read(observation(referenceRange=ranges))
    assert record.results[0].reference is None
    assert "reference range cannot be used" in complaint(record).why


def test_a_therapeutic_range_is_not_the_normal_one() -> None:
    ranges = [{"type": words("therapeutic"), "high": quantity(1.0, "10*9/L")}, {"high": quantity(7.5, "10*9/L")}]
    assert read(observation(referenceRange=ranges)).results[0].reference == Bounds(None, 7.5)


@pytest.mark.parametrize(
    "answer",
    [
        {"valueCodeableConcept": coded(SNOMED, "260385009", "Negative")},
        {"valueCodeableConcept": coded(LOINC, "LA6577-6")},
        {"valueCodeableConcept": words("NEGATIVE")},
        {"valueString": "Negative"},
        {"interpretation": [coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "NEG")]},
    ],
)
def test_a_qualitative_test_answers_in_a_category(answer: Resource) -> None:
    stated = without(observation(code=HBSAG), "valueQuantity") | answer
    assert read(stated).results[0].category == "negative"


def test_a_code_and_words_that_contradict_are_no_answer() -> None:
    stated = without(observation(code=HBSAG), "valueQuantity")
    record = read(stated | {"valueCodeableConcept": coded(SNOMED, "10828004", "Negative")})
    assert complaint(record).affects == ("hbsag",)


# --- which test is it? ---------------------------------------------------------------------------------------------


def test_a_code_we_do_not_know_is_counted() -> None:
    record = read(observation(code=coded(LOINC, "18262-6", "LDL cholesterol")))
    assert [(one.kind, one.system, one.code, one.count) for one in record.outside] == [
        ("result", "loinc", "18262-6", 1)
    ]
    assert record.lists == ("results",)


def test_a_name_alone_is_enough_where_it_is_the_whole_name() -> None:
    assert read(observation(code=words("Neutrophils"))).results[0].analyte == "neutrophils"
    assert read(observation(code=words("Neutrophils in sputum"))).results == ()


def test_a_percentage_is_not_a_count() -> None:
    record = read(observation(code=words("Neutrophils"), valueQuantity=quantity(62, "%")))
    assert record.results[0].analyte == "neutrophils-percent"


def test_our_name_under_a_standard_code_we_do_not_know_is_suspicious() -> None:
    urine = coded(LOINC, "2161-8", "Creatinine [Mass/volume] in Urine", "Creatinine")
    record = read(observation(code=urine, valueQuantity=quantity(1.0, "mg/dL")))
    assert complaint(record).affects == ("creatinine",)


def test_a_local_code_says_nothing_against_the_name() -> None:
    local = coded("https://lab.example.org/tests", "NEUT", "Neutrophils")
    assert read(observation(code=local)).results[0].analyte == "neutrophils"


def test_a_code_and_a_name_of_two_different_tests_are_never_decided() -> None:
    record = read(observation(code=NEUTROPHILS | {"text": "Platelets"}))
    assert complaint(record).affects == ("neutrophils", "platelets")


def test_a_name_that_is_nearly_ours_is_shown_to_a_person() -> None:
    assert complaint(read(observation(code=words("Neutrophills")))).affects == ("neutrophils",)


def test_urine_is_not_blood() -> None:
    specimen = {
        "resourceType": "Specimen", "id": "s1", "subject": {"reference": "Patient/p1"}, "type": words("Urine"),
    }  # fmt: skip
    stated = observation(code=words("Creatinine"), valueQuantity=quantity(1, "mg/dL"))
    record = read(stated | {"specimen": {"reference": "Specimen/s1"}}, specimen)
    assert not record.results


# --- the same result more than once --------------------------------------------------------------------------------


def test_copies_collapse_so_that_one_low_count_is_not_two() -> None:
    record = read(observation("a"), observation("b"), observation("b"))
    assert [one.id for one in record.results] == ["Observation/a"]
    assert record.unread == {"Observation (a further copy)": 1, "Result (a further copy)": 1}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"meta": {"versionId": "9"}}, {"meta": {"versionId": "10"}}),
        ({"meta": {"lastUpdated": "2026-02-21T00:00:00Z"}}, {"meta": {"lastUpdated": "2026-02-21T00:30:00Z"}}),
        ({}, {"status": "corrected"}),
    ],
)
def test_of_two_versions_the_newest_counts(older: Resource, newer: Resource) -> None:
    first = observation(valueQuantity=quantity(9.9, "10*9/L")) | older
    second = observation() | newer
    for order in ((first, second), (second, first)):
        assert [one.value for one in read(*order).results] == [3.1]


def test_versions_that_nobody_can_order_are_both_read_and_that_is_said() -> None:
    record = read(observation(), observation(valueQuantity=quantity(9.9, "10*9/L")))
    assert sorted(one.value or 0 for one in record.results) == [3.1, 9.9]
    assert "nothing says which is newest" in complaint(record).why


def test_a_correction_under_another_id_supersedes_the_result_of_that_moment() -> None:
    wrong = observation("a", valueQuantity=quantity(0.3, "10*9/L"))
    record = read(wrong, observation("b", status="corrected"))
    assert [one.id for one in record.results] == ["Observation/b"]
    assert complaint(record).why == "superseded by Observation/b, and left out"


def test_two_results_of_one_day_stay_two() -> None:
    first = observation("a", effectiveDateTime="2026-02-20", valueQuantity=quantity(0.3, "10*9/L"))
    record = read(first, observation("b", effectiveDateTime="2026-02-20", status="corrected"))
    assert len(record.results) == 2


@given(st.permutations([observation(str(day), effectiveDateTime=f"2026-02-{day:02}") for day in range(1, 8)]))
def test_the_order_of_the_input_does_not_matter(resources: list[Resource]) -> None:
    record = read(*resources)
    assert [one.when.first.day for one in record.results] == list(range(1, 8))

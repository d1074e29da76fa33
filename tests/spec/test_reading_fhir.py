"""Reading FHIR: what a record becomes that a hospital exports as FHIR R4. Read from top to bottom, this is the manual.

Every example is a real resource and what comes out of it.
"""

from collections.abc import Callable
from typing import Any

import pytest

from rxvigil.errors import PatientCountError, UnsupportedInput
from rxvigil.facts import Dose, Record
from rxvigil.intake import record_from_resources
from rxvigil.knowledge.book import RuleBook

Read = Callable[..., Record]

PATIENT = {"resourceType": "Patient", "id": "17", "gender": "female", "birthDate": "1980-05"}


@pytest.fixture
def read(book: RuleBook) -> Read:
    """The record of one woman with these resources."""

    def read(*resources: dict[str, Any]) -> Record:
        owned = [{"subject": {"reference": "Patient/17"}} | one for one in resources]
        return record_from_resources([PATIENT, *owned], book.vocabulary, "export.json")

    return read


def neutrophils(**stated: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "n1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "751-8"}]},
        "effectiveDateTime": "2026-02-20T09:15:00+01:00",
        "valueQuantity": {"value": 1400, "unit": "/uL", "system": "http://unitsofmeasure.org", "code": "/uL"},
    } | stated


def azathioprine(**stated: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Azathioprine 50 mg tablets"},
        "authoredOn": "2025-06-01",
    } | stated


def test_a_laboratory_result_comes_out_in_the_canonical_unit(read: Read) -> None:
    result = read(neutrophils()).results[0]
    assert (result.analyte, result.value, str(result.when)) == ("neutrophils", 1.4, "20 Feb 2026")
    assert result.written == "1400 /uL"
    assert str(result.origin) == "Observation/n1 (export.json)"


def test_a_prescription_gets_its_dose_from_structure_or_from_plain_words(read: Read) -> None:
    in_words = azathioprine(dosageInstruction=[{"text": "2 tablets every morning"}])
    assert read(in_words).prescriptions[0].dose == Dose(100, 100)
    structured = azathioprine(
        dosageInstruction=[
            {
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mg"}}],
            }
        ]
    )
    assert read(structured).prescriptions[0].dose == Dose(100, 100)


def test_a_dose_that_is_not_plain_is_unknown_never_guessed(read: Read) -> None:
    for words in ("as directed", "2 mg/kg daily", "50 mg daily, increasing"):
        assert read(azathioprine(dosageInstruction=[{"text": words}])).prescriptions[0].dose is None


def test_what_cannot_be_read_is_listed_with_its_place_and_what_it_may_change(read: Read) -> None:
    record = read(neutrophils(valueQuantity={"value": 1.4}))
    (listed,) = record.not_understood
    assert record.results == ()
    assert (listed.what, listed.why) == ("Neutrophils", "it has no unit")
    assert listed.affects == ("neutrophils",)
    assert str(listed.when) == "20 Feb 2026"


def test_a_medicine_nobody_can_name_may_be_any_medicine(read: Read) -> None:
    dangling = azathioprine(medicationReference={"reference": "Medication/9"})
    del dangling["medicationCodeableConcept"]
    assert read(dangling).not_understood[0].affects == ("any-drug",)


def test_a_code_and_a_name_that_mean_two_drugs_are_shown_to_a_person(read: Read) -> None:
    rxnorm = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1256", "display": "Azithromycin"}
    record = read(azathioprine(medicationCodeableConcept={"coding": [rxnorm]}))
    assert record.prescriptions == ()
    assert record.not_understood[0].affects == ("azathioprine", "azithromycin")


def test_codes_and_resources_that_say_nothing_to_the_rules_are_counted(read: Read) -> None:
    cholesterol = {"coding": [{"system": "http://loinc.org", "code": "2093-3", "display": "Cholesterol"}]}
    record = read(neutrophils(code=cholesterol), {"resourceType": "Encounter", "id": "e"})
    assert [(one.code, one.display, one.count) for one in record.outside] == [("2093-3", "Cholesterol", 1)]
    assert record.unread == {"Encounter": 1}


def test_a_withdrawn_result_is_left_out_and_a_correction_supersedes(read: Read) -> None:
    assert read(neutrophils(status="entered-in-error")).results == ()
    corrected = neutrophils(status="corrected", valueQuantity={"value": 2.4, "unit": "10*9/L"})
    assert [one.value for one in read(neutrophils(), corrected).results] == [2.4]


def test_what_is_delivered_twice_is_there_once(read: Read) -> None:
    assert len(read(neutrophils(), neutrophils(), neutrophils(id="n2")).results) == 1


def test_a_record_is_of_one_patient(read: Read) -> None:
    with pytest.raises(PatientCountError):
        read(neutrophils(), neutrophils(subject={"reference": "Patient/18"}))


def test_another_release_of_fhir_is_refused_not_misread(read: Read) -> None:
    with pytest.raises(UnsupportedInput, match="this is FHIR STU3, not R4"):
        read(neutrophils(context={"reference": "Encounter/1"}))


def test_lists_that_are_there_can_answer_no(read: Read) -> None:
    assert read(neutrophils()).lists == ("results",)
    nothing = {"coding": [{"system": "http://snomed.info/sct", "code": "716186003", "display": "No known allergy"}]}
    record = read({"resourceType": "AllergyIntolerance", "id": "a", "code": nothing})
    assert record.lists == ("allergies",)
    assert record.allergies[0].concept == "none-known"

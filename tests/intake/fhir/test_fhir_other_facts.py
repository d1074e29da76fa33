"""Diagnoses, allergies, vaccines, genotypes, pregnancy, symptoms, operations, and the patient."""

from datetime import date

import pytest
from fhir_samples import (
    LOINC,
    SNOMED,
    Resource,
    allergy,
    coded,
    complaint,
    condition,
    immunization,
    observation,
    patient,
    quantity,
    read,
    request,
    vocabulary,
    without,
    words,
)

from rxvigil.intake import record_from_resources
from rxvigil.intake.fhir.people import READ_TYPES
from rxvigil.intake.fhir.tray import READERS

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"


# --- diagnoses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ({}, "active"),
        ({"clinicalStatus": coded(CLINICAL, "remission")}, "active"),
        ({"clinicalStatus": coded(CLINICAL, "resolved")}, "past"),
        ({"clinicalStatus": coded(CLINICAL, "inactive")}, "past"),
        ({"verificationStatus": coded(VERIFICATION, "refuted")}, "refuted"),
        ({"verificationStatus": coded(VERIFICATION, "provisional")}, "uncertain"),
        ({"clinicalStatus": None}, "uncertain"),
        ({"clinicalStatus": None, "category": [coded("x", "problem-list-item")]}, "active"),
        ({"clinicalStatus": None, "abatementDateTime": "2020"}, "past"),
        ({"clinicalStatus": coded(CLINICAL, "somewhere-else")}, "uncertain"),
    ],
)
def test_how_a_diagnosis_stands(stated: Resource, status: str) -> None:
    assert [(one.concept, one.status) for one in read(condition(**stated)).conditions] == [("crohns-disease", status)]


def test_onset_and_end_keep_their_precision() -> None:
    record = read(condition(onsetDateTime="2019-03", abatementPeriod={"start": "2024-01-01", "end": "2024-06-30"}))
    assert (str(record.conditions[0].onset), str(record.conditions[0].ended)) == ("Mar 2019", "30 Jun 2024")
    assert complaint(read(condition(onsetString="in childhood"))).affects == ()


def test_two_codes_for_one_diagnosis_and_for_two() -> None:
    icd10 = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "K50.1"}
    assert (
        read(condition(code={"coding": [icd10], "text": "Crohn's disease"})).conditions[0].concept == "crohns-disease"
    )
    assert complaint(read(condition(code={"coding": [icd10], "text": "Psoriasis"}))).affects == (
        "crohns-disease",
        "psoriasis",
    )


def test_a_withdrawn_diagnosis_and_one_that_is_none_of_ours() -> None:
    withdrawn = read(condition(verificationStatus=coded(VERIFICATION, "entered-in-error")))
    assert complaint(withdrawn).affects == ()
    assert withdrawn.lists == ()
    other = read(condition(code=coded(SNOMED, "44465007", "Sprain of ankle")))
    assert [(one.kind, one.code) for one in other.outside] == [("condition", "44465007")]
    assert other.lists == ("conditions",)
    assert complaint(read(condition(code={}))).affects == ("any-condition",)


def test_no_information_is_not_an_empty_list() -> None:
    assert read(condition(code=coded(ABSENT, "no-problem-info"))).lists == ()
    assert read(condition(code=coded(ABSENT, "no-known-problems"))).lists == ("conditions",)


def test_a_document_may_state_that_a_list_is_empty() -> None:
    section = {"code": coded(LOINC, "10160-0"), "emptyReason": coded("x", "nilknown")}
    document = {"resourceType": "Composition", "id": "c", "subject": {"reference": "Patient/p1"}, "section": [section]}
    assert read(document).lists == ("prescriptions",)
    assert read(document | {"section": [section | {"emptyReason": coded("x", "unavailable")}]}).lists == ()
    taken = request(medicationCodeableConcept=coded(ABSENT, "no-medication-info"))
    assert read(taken).lists == ()


# --- allergies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Azathioprine", "Allergy to azathioprine", "Imuran"])
def test_an_allergy_to_a_drug(text: str) -> None:
    assert [(one.concept, one.status) for one in read(allergy(code=words(text))).allergies] == [
        ("azathioprine", "active")
    ]


def test_an_allergy_to_a_class() -> None:
    assert read(allergy(code=words("Thiopurine"))).allergies[0].concept == "thiopurine"


def test_reaction_and_seriousness() -> None:
    reaction = [{"manifestation": [words("Fever"), words("Rigors")], "severity": "severe"}]
    one = read(allergy(reaction=reaction)).allergies[0]
    assert (one.reaction, one.serious) == ("Fever; Rigors", True)
    assert read(allergy(criticality="low")).allergies[0].serious is False
    assert read(allergy()).allergies[0].serious is None


def test_an_allergy_named_only_by_the_substance_of_its_reaction() -> None:
    assert read(allergy(code=None, reaction=[{"substance": words("Azathioprine")}])).allergies[0].concept == (
        "azathioprine"
    )


@pytest.mark.parametrize(
    "code",
    [
        coded(SNOMED, "716186003", "No known allergy"),
        coded(SNOMED, "160244002"),
        coded(SNOMED, "409137002", "No known drug allergy"),
        coded(ABSENT, "no-known-allergies"),
        words("NKDA"),
    ],
)
def test_no_known_allergies_is_a_statement(code: Resource) -> None:
    assert [one.concept for one in read(allergy(code=code)).allergies] == ["none-known"]


def test_no_known_food_allergy_is_not() -> None:
    record = read(allergy(code=coded(SNOMED, "429625007", "No known food allergy")))
    assert not record.allergies
    assert record.outside[0].kind == "allergy"


@pytest.mark.parametrize(
    ("code", "status"), [("refuted", "refuted"), ("unconfirmed", "uncertain"), ("confirmed", "active")]
)
def test_an_allergy_may_be_refuted(code: str, status: str) -> None:
    assert read(allergy(verificationStatus=coded("x", code))).allergies[0].status == status


def test_an_allergy_that_cannot_be_read_may_be_any() -> None:
    assert complaint(read(allergy(code={}))).affects == ("any-allergy",)
    assert complaint(read(allergy(code="Azathioprine"))).affects == ("any-allergy",)


# --- vaccines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "meant"), [("completed", "given"), ("not-done", "not-given")])
def test_a_vaccine_given_or_not(status: str, meant: str) -> None:
    record = read(immunization(status=status))
    assert [(one.vaccine, one.status, str(one.when)) for one in record.immunisations] == [("mmr", meant, "1 Feb 2026")]


def test_a_vaccine_whose_day_or_status_is_not_stated_leaves_it_open() -> None:
    undated = without(immunization(), "occurrenceDateTime") | {"occurrenceString": "last winter"}
    assert complaint(read(undated)).affects == ("mmr",)
    assert complaint(read(immunization(status="planned?"))).affects == ("mmr",)


# --- genotypes -----------------------------------------------------------------------------------------------------


def genetic(gene: str, answer: Resource) -> Resource:
    return without(observation(code=words(gene)), "valueQuantity") | answer


@pytest.mark.parametrize(
    ("answer", "phenotype", "diplotype"),
    [
        ({"valueString": "Intermediate metabolizer"}, "intermediate", None),
        ({"valueString": "NUDT15 poor metaboliser"}, "poor", None),
        ({"valueString": "possible intermediate metabolizer"}, "possible-intermediate", None),
        ({"valueString": "Normal function"}, "normal", None),
        ({"valueString": "Indeterminate"}, "indeterminate", None),
        ({"valueString": "*1/*3"}, None, "*1/*3"),
        ({"valueString": "*1/*3 (intermediate metabolizer)"}, "intermediate", "*1/*3"),
        ({"valueCodeableConcept": coded(LOINC, "LA9657-3", "Poor metabolizer")}, "poor", None),
        ({"valueCodeableConcept": coded(LOINC, "LA10317-8")}, "intermediate", None),
    ],
)
def test_a_genotype_in_words_or_codes(answer: Resource, phenotype: str | None, diplotype: str | None) -> None:
    record = read(genetic("NUDT15 genotype", answer))
    assert [(one.gene, one.phenotype, one.diplotypes) for one in record.genotypes] == [
        ("nudt15", phenotype, (diplotype,) if diplotype else ())
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"valueString": "not a poor metabolizer"},
        {"valueString": "low activity"},
        {"valueString": "see report"},
        {"valueCodeableConcept": coded(LOINC, "LA9657-3", "Normal metabolizer")},
        {},
    ],
)
def test_a_genotype_that_is_not_plain_leaves_the_gene_open(answer: Resource) -> None:
    assert complaint(read(genetic("TPMT genotype", answer))).affects == ("tpmt",)


def test_the_gene_may_stand_beside_a_general_code() -> None:
    studied = {"code": coded(LOINC, "48018-6"), "valueCodeableConcept": words("TPMT")}
    general = genetic("Genotype display name", {"valueString": "*1/*3A", "component": [studied]})
    assert read(general).genotypes[0].gene == "tpmt"


# --- pregnancy, symptoms, operations -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (coded(SNOMED, "77386006", "Pregnant"), "happened"),
        (coded(LOINC, "LA15173-0"), "happened"),
        (coded(SNOMED, "60001007", "Not pregnant"), "not"),
        (coded(LOINC, "LA26683-5", "Not pregnant"), "not"),
    ],
)
def test_pregnancy_status(answer: Resource, status: str) -> None:
    stated = without(observation(code=coded(LOINC, "82810-3", "Pregnancy status")), "valueQuantity")
    record = read(stated | {"valueCodeableConcept": answer})
    assert [(one.kind, one.status, str(one.start)) for one in record.events] == [("pregnancy", status, "20 Feb 2026")]


def test_a_pregnancy_that_is_not_confirmed_leaves_it_open() -> None:
    stated = without(observation(code=coded(LOINC, "82810-3")), "valueQuantity")
    record = read(stated | {"valueCodeableConcept": coded(SNOMED, "152231000119106", "Pregnancy not yet confirmed")})
    assert complaint(record).affects == ("pregnancy",)


def test_pregnancy_and_symptoms_as_diagnoses() -> None:
    pregnancy = condition(code=coded(SNOMED, "77386006", "Pregnancy"), onsetDateTime="2026-01-10")
    assert [(one.kind, one.status) for one in read(pregnancy).events] == [("pregnancy", "happened")]
    throat = condition(code=words("Sore throat"), onsetDateTime="2026-02-27", abatementDateTime="2026-03-02")
    one = read(throat).symptoms[0]
    assert (one.concept, str(one.when), str(one.ended)) == ("sore-throat", "27 Feb 2026", "2 Mar 2026")


def test_symptoms_as_observations() -> None:
    fever = without(observation(code=words("Fever")), "valueQuantity")
    assert read(fever).symptoms[0].concept == "fever"
    assert read(fever | {"valueBoolean": True}).symptoms[0].concept == "fever"
    absent = read(fever | {"valueBoolean": False})
    assert not absent.symptoms
    assert not absent.not_understood
    assert complaint(read(fever | {"valueString": "maybe"})).affects == ("fever",)


@pytest.mark.parametrize(
    ("kind", "status", "day", "meant"),
    [
        ("Procedure", "completed", "performedDateTime", "happened"),
        ("Procedure", "preparation", "performedDateTime", "planned"),
        ("Procedure", "not-done", "performedDateTime", "not"),
        ("ServiceRequest", "active", "occurrenceDateTime", "planned"),
    ],
)
def test_operations_done_and_planned(kind: str, status: str, day: str, meant: str) -> None:
    stated = {
        "resourceType": kind, "id": "s", "status": status, "code": words("Surgical procedure"), day: "2026-04-01",
        "subject": {"reference": "Patient/p1"},
    }  # fmt: skip
    assert [(one.kind, one.status, str(one.start)) for one in read(stated).events] == [("surgery", meant, "1 Apr 2026")]


# --- the patient ---------------------------------------------------------------------------------------------------


def test_only_what_the_rules_need_is_taken_of_the_patient() -> None:
    stated = patient(name=[{"family": "Nobody"}], telecom=[{"value": "1"}], deceasedDateTime="2026-02-28T10:00:00Z")
    found = record_from_resources([stated, observation()], vocabulary()).patient
    assert (found.id, found.sex, found.born and found.born.first) == ("p1", "female", date(1980, 5, 1))
    assert str(found.died) == "28 Feb 2026"


@pytest.mark.parametrize(
    ("stated", "place"),
    [
        ({"birthDate": "1980-13-01"}, "birthDate"),
        ({"birthDate": 1980}, "birthDate"),
        ({"gender": "F"}, "gender"),
        ({"deceasedBoolean": True}, "deceasedBoolean"),
    ],
)
def test_what_cannot_be_read_of_the_patient_is_said(stated: Resource, place: str) -> None:
    record = record_from_resources([patient(**stated)], vocabulary())
    assert complaint(record).origin.place == f"Patient/p1#{place}"


def test_two_entries_for_one_patient_that_contradict_leave_everything_open() -> None:
    record = record_from_resources([patient(), patient(birthDate="1950-01-01"), observation()], vocabulary())
    assert record.patient.born is None
    assert any("any-drug" in one.affects for one in record.not_understood)


def test_every_type_that_is_read_must_say_whose_it_is() -> None:
    assert set(READERS) == READ_TYPES


def test_resources_that_say_nothing_to_the_rules_are_counted() -> None:
    record = read({"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p1"}}, request())
    assert record.unread == {"Encounter": 1}


@pytest.mark.parametrize("resource", [observation(), request(), condition(), allergy(), immunization()])
def test_what_does_not_say_whose_it_is_is_not_believed(resource: Resource) -> None:
    record = read(without(resource, "subject", "patient"))
    assert complaint(record).why == "it does not say whose it is"
    assert len(complaint(record).affects) == 1


def test_hostile_text_comes_out_on_one_line_without_direction_marks() -> None:
    text = "azathioprine \u202e\x00\n" + "x" * 1000
    record = read(request(medicationCodeableConcept=words(text), dosageInstruction=[{"text": "\x1b[31m" + text}]))
    shown = (record.prescriptions[0].product, record.prescriptions[0].written)
    assert all(one.isprintable() and len(one) <= 200 for one in shown)
    dirty = observation("\x07\u202eid", valueQuantity=quantity(3.1, "\x1bunit"))
    assert complaint(read(dirty)).why.isprintable()

"""Medicines: which drug, what dose a day, from when, until when."""

from datetime import date

import pytest
from fhir_samples import RXNORM, SNOMED, Resource, coded, complaint, quantity, read, request, without, words

from rxvigil.facts import Dose

DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}


def medication(number: str = "med", **stated: object) -> Resource:
    return {"resourceType": "Medication", "id": number, "code": words("Azathioprine 50 mg tablets")} | stated


def referring(reference: Resource, **stated: object) -> Resource:
    return without(request(**stated), "medicationCodeableConcept") | {"medicationReference": reference}


# --- which drug ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "concept",
    [
        coded(RXNORM, "197388", "azathioprine 50 MG Oral Tablet"),
        coded("http://www.whocc.no/atc", "L04AX01"),
        coded("https://dmd.nhs.uk", "372574004", "Azathioprine"),
        coded(SNOMED, "372574004"),
        coded("https://dmd.nhs.uk", "999999999999", "Azathioprine 50mg tablets (Example Ltd)"),
        words("azathioprine"),
        words("IMURAN 50 MG TABLETS"),
        words("Imuran (azathioprine)"),
    ],
)
def test_a_drug_is_known_by_code_or_by_its_name_in_whole_words(concept: Resource) -> None:
    assert [one.drug for one in read(request(medicationCodeableConcept=concept)).prescriptions] == ["azathioprine"]


def test_a_code_whose_name_says_another_drug_of_ours_is_never_decided() -> None:
    wrong = coded(RXNORM, "197388", "azithromycin 250 MG Oral Tablet")
    record = read(request(medicationCodeableConcept=wrong))
    assert not record.prescriptions
    assert complaint(record).affects == ("azathioprine", "azithromycin")


def test_two_codes_of_two_drugs_are_never_decided() -> None:
    both = {"coding": [{"system": RXNORM, "code": "1256"}, {"system": RXNORM, "code": "519"}]}
    record = read(request(medicationCodeableConcept=both))
    assert complaint(record).affects == ("allopurinol", "azathioprine")


@pytest.mark.parametrize(
    ("text", "affects"),
    [
        ("Azathioprine stopped", ("azathioprine",)),
        ("Azathioprine allergy", ("azathioprine",)),
        ("azathioprine or mercaptopurine", ("azathioprine", "mercaptopurine")),
        ("azathoprine 50 mg", ("azathioprine",)),
    ],
)
def test_words_that_leave_a_doubt_are_shown_to_a_person(text: str, affects: tuple[str, ...]) -> None:
    record = read(request(medicationCodeableConcept=words(text)))
    assert not record.prescriptions
    assert complaint(record).affects == affects


def test_other_drugs_are_counted() -> None:
    record = read(request(medicationCodeableConcept=coded(RXNORM, "308192", "Amoxicillin 500 MG Oral Tablet")))
    assert [(one.kind, one.code) for one in record.outside] == [("drug", "308192")]
    assert record.lists == ("prescriptions",)


def test_a_combination_is_all_of_its_drugs() -> None:
    concept = coded(RXNORM, "1049625", "Acetaminophen 325 MG / Oxycodone Hydrochloride 5 MG Oral Tablet")
    record = read(request(medicationCodeableConcept=concept))
    assert [one.drug for one in record.prescriptions] == ["oxycodone", "paracetamol"]
    assert [one.dose for one in record.prescriptions] == [None, None]


@pytest.mark.parametrize(
    ("reference", "elsewhere", "inside"),
    [
        ("Medication/med", medication(), None),
        ("https://ehr.example.org/fhir/Medication/med/_history/3", medication(), None),
        ("urn:uuid:med", medication(), None),
        ("#med", None, [medication()]),
    ],
)
def test_a_medicine_is_found_wherever_it_is_described(
    reference: str, elsewhere: Resource | None, inside: list[Resource] | None
) -> None:
    order = referring({"reference": reference}) | ({"contained": inside} if inside else {})
    record = read(order, *([elsewhere] if elsewhere else []))
    assert [one.drug for one in record.prescriptions] == ["azathioprine"]


def test_a_medicine_described_by_its_ingredient() -> None:
    tablet = without(medication(), "code") | {
        "ingredient": [
            {
                "itemCodeableConcept": coded(RXNORM, "1256"),
                "strength": {"numerator": quantity(50, "mg"), "denominator": {"value": 1, "unit": "tablet"}},
            }
        ]
    }
    dosage = [{"timing": DAILY, "doseAndRate": [{"doseQuantity": {"value": 3, "unit": "tablet"}}]}]
    record = read(referring({"reference": "Medication/med"}, dosageInstruction=dosage), tablet)
    assert record.prescriptions[0].dose == Dose(150, 150)


def test_a_medicine_that_is_not_there_may_be_any() -> None:
    assert complaint(read(referring({"reference": "Medication/gone"}))).affects == ("any-drug",)
    assert complaint(read(referring({"reference": "#gone"}, contained="x"))).affects == ("any-drug",)
    assert complaint(read(without(request(), "medicationCodeableConcept"))).affects == ("any-drug",)
    named = referring({"reference": "Medication/gone", "display": "Azathioprine 50 mg tablets"})
    assert read(named).prescriptions[0].drug == "azathioprine"


# --- how much a day ------------------------------------------------------------------------------------------------


def dose_of(*steps: Resource, concept: Resource | None = None) -> Dose | None:
    order = request(dosageInstruction=list(steps), medicationCodeableConcept=concept or words("azathioprine 50 mg"))
    return read(order).prescriptions[0].dose


def milligrams(low: float, high: float | None = None) -> list[Resource]:
    if high is None:
        return [{"doseQuantity": quantity(low, "mg")}]
    return [{"doseRange": {"low": quantity(low, "mg"), "high": quantity(high, "mg")}}]


@pytest.mark.parametrize(
    ("repeat", "times"),
    [
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, 1),
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, 2),
        ({"frequency": 1, "period": 12, "periodUnit": "h"}, 2),
        ({"period": 2, "periodUnit": "d"}, 0.5),
        ({"frequency": 1, "period": 1, "periodUnit": "wk"}, 1 / 7),
        ({"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"]}, 1 / 7),
        ({"dayOfWeek": ["mon", "wed", "fri"]}, 3 / 7),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["sat", "sun"]}, 2 / 7),
        ({"timeOfDay": ["08:00:00", "20:00:00"]}, 2),
        ({"when": ["MORN"], "frequency": 1, "period": 1, "periodUnit": "d"}, 1),
    ],
)
def test_how_often_a_day(repeat: Resource, times: float) -> None:
    dose = dose_of({"timing": {"repeat": repeat}, "doseAndRate": milligrams(70)})
    assert dose is not None
    assert dose.low == dose.high == pytest.approx(70 * times)


@pytest.mark.parametrize(
    ("code", "times"), [("BID", 2), ("TID", 3), ("QD", 1), ("QOD", 0.5), ("WK", 1 / 7), ("Q8H", 3), ("AM", 1)]
)
def test_how_often_by_code(code: str, times: float) -> None:
    timing = {"code": coded("http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation", code)}
    dose = dose_of({"timing": timing, "doseAndRate": milligrams(50)})
    assert dose is not None
    assert dose.high == pytest.approx(50 * times)


@pytest.mark.parametrize(
    "repeat",
    [
        {"frequency": 1, "period": 1, "periodUnit": "mo"},
        {"frequency": 1, "period": 0, "periodUnit": "d"},
        {"frequency": 1},
        {"frequency": 2, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"]},
        {"frequency": 3, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"]},
        {"frequency": 1, "period": 1, "periodUnit": "d", "duration": 2, "durationUnit": "h"},
        {},
    ],
)
def test_a_timing_that_does_not_settle_it_gives_no_dose(repeat: Resource) -> None:
    assert dose_of({"timing": {"repeat": repeat}, "doseAndRate": milligrams(50)}) is None


def test_ranges_of_dose_and_of_frequency_stay_ranges() -> None:
    assert dose_of({"timing": DAILY, "doseAndRate": milligrams(50, 100)}) == Dose(50, 100)
    often = {"repeat": {"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}}
    assert dose_of({"timing": often, "doseAndRate": milligrams(50)}) == Dose(50, 100)


def test_as_needed_may_be_nothing() -> None:
    assert dose_of({"timing": DAILY, "doseAndRate": milligrams(50), "asNeededBoolean": True}) == Dose(0, 50)


def test_tablets_count_by_the_strength_of_the_product() -> None:
    two = [{"doseQuantity": {"value": 2, "unit": "tablet"}}]
    assert dose_of({"timing": DAILY, "doseAndRate": two}) == Dose(100, 100)
    by_code = coded(RXNORM, "199310")
    assert dose_of({"timing": DAILY, "doseAndRate": two}, concept=by_code) == Dose(50, 50)
    assert dose_of({"timing": DAILY, "doseAndRate": two}, concept=words("azathioprine")) is None


def test_no_instruction_is_no_dose() -> None:
    assert read(request()).prescriptions[0].dose is None
    assert read(request(dosageInstruction=[])).prescriptions[0].dose is None


def test_a_dose_per_kilogram_is_no_dose_per_day() -> None:
    assert dose_of({"timing": DAILY, "doseAndRate": [{"doseQuantity": quantity(2, "mg/kg")}]}) is None


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("50 mg twice daily", Dose(100, 100)),
        ("Take TWO tablets daily with food", Dose(100, 100)),
        ("1-2 tablets daily", Dose(50, 100)),
        ("one tablet in the morning and two tablets at night", Dose(150, 150)),
        ("15 mg once weekly", Dose(2.142857143, 2.142857143)),
        ("2 x 50 mg tablets every day", Dose(100, 100)),
        ("50 mg daily as needed", Dose(0, 50)),
        ("as directed", None),
        ("2.5 mg/kg daily", None),
        ("50 mg daily for 2 weeks, then 100 mg daily", None),
        ("1,5 tablets daily", None),
        ("50 mg", None),
        ("one daily", None),
    ],
)
def test_instructions_in_words_are_read_whole_or_not_at_all(text: str, dose: Dose | None) -> None:
    assert dose_of({"text": text}) == dose


def test_structure_and_words_that_disagree_are_no_dose() -> None:
    step = {"text": "100 mg daily", "timing": DAILY, "doseAndRate": milligrams(50)}
    record = read(request(dosageInstruction=[step]))
    assert record.prescriptions[0].dose is None
    assert complaint(record).affects == ("azathioprine",)


def test_two_strengths_for_one_product_are_said() -> None:
    record = read(request(medicationCodeableConcept=coded(RXNORM, "199310", "azathioprine 50 mg tablet")))
    assert record.prescriptions[0].drug == "azathioprine"
    assert "different strengths" in complaint(record).why


def test_parts_of_one_day_add_up_and_other_steps_do_not() -> None:
    morning = {"timing": {"repeat": {"when": ["MORN"]}}, "doseAndRate": milligrams(50)}
    night = {"timing": {"repeat": {"when": ["NIGHT"]}}, "doseAndRate": milligrams(25)}
    assert dose_of(morning, night) == Dose(75, 75)
    assert dose_of(morning | {"sequence": 1}, night | {"sequence": 1}) == Dose(75, 75)
    assert dose_of(morning | {"sequence": 1}, night | {"sequence": 2}) is None
    assert dose_of({"timing": DAILY, "doseAndRate": milligrams(50)}, {"text": "75 mg daily"}) is None


def test_steps_with_dates_of_their_own_are_prescriptions_in_a_row() -> None:
    def step(low: float, start: str, end: str) -> Resource:
        bounds = {"boundsPeriod": {"start": start, "end": end}}
        return {"timing": {"repeat": DAILY["repeat"] | bounds}, "doseAndRate": milligrams(low)}

    order = request(dosageInstruction=[step(50, "2026-01-01", "2026-01-31"), step(100, "2026-02-01", "2026-12-31")])
    record = read(order)
    assert [(one.dose, str(one.start), str(one.end)) for one in record.prescriptions] == [
        (Dose(50, 50), "1 Jan 2026", "31 Jan 2026"),
        (Dose(100, 100), "1 Feb 2026", "31 Dec 2026"),
    ]


# --- when, and how it stands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "status", "kind"),
    [
        ({"status": "active"}, "active", "ordered"),
        ({"status": "on-hold"}, "on-hold", "ordered"),
        ({"status": "stopped"}, "ended", "ordered"),
        ({"status": "completed"}, "ended", "ordered"),
        ({"status": "draft"}, "planned", "ordered"),
        ({"status": "unknown"}, "unknown", "ordered"),
        ({"intent": "plan"}, "planned", "ordered"),
        ({"intent": "proposal"}, "planned", "ordered"),
        ({"intent": "plan", "reportedBoolean": True}, "active", "reported"),
    ],
)
def test_how_an_order_stands(stated: Resource, status: str, kind: str) -> None:
    record = read(request(**stated))
    assert [(one.status, one.kind) for one in record.prescriptions] == [(status, kind)]


@pytest.mark.parametrize("stated", [{"status": "cancelled"}, {"status": "entered-in-error"}, {"doNotPerform": True}])
def test_what_was_never_taken_is_listed(stated: Resource) -> None:
    record = read(request(**stated))
    assert not record.prescriptions
    assert complaint(record).affects == ()


def test_beginning_and_end() -> None:
    bounds = {"boundsPeriod": {"start": "2025-07-01", "end": "2025-12-31"}}
    record = read(request(dosageInstruction=[{"timing": {"repeat": bounds}}]))
    assert (str(record.prescriptions[0].start), str(record.prescriptions[0].end)) == ("1 Jul 2025", "31 Dec 2025")
    length = {"boundsDuration": quantity(7, "d")}
    record = read(request(dosageInstruction=[{"timing": {"repeat": length}}]))
    assert str(record.prescriptions[0].end) == "7 Jun 2025"


@pytest.mark.parametrize(
    ("supply", "last"),
    [
        ({"expectedSupplyDuration": quantity(28, "d")}, date(2025, 6, 28)),
        ({"expectedSupplyDuration": quantity(28, "d"), "numberOfRepeatsAllowed": 2}, date(2025, 8, 23)),
        ({"quantity": {"value": 56, "unit": "tablet"}}, date(2025, 6, 28)),
        ({"validityPeriod": {"start": "2025-06-01", "end": "2025-11-30"}}, date(2025, 11, 30)),
        ({"expectedSupplyDuration": quantity(10**9, "d")}, None),
        ({}, None),
    ],
)
def test_how_far_the_supply_reaches(supply: Resource, last: date | None) -> None:
    record = read(request(dispenseRequest=supply, dosageInstruction=[{"text": "2 tablets daily"}]))
    until = record.prescriptions[0].supply_until
    assert (until and until.last) == last


def taken(kind: str, **stated: object) -> Resource:
    return {
        "resourceType": kind, "id": "t1", "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": words("azathioprine 50 mg tablets"),
    } | stated  # fmt: skip


def test_what_the_patient_reports() -> None:
    period = {"start": "2025-06", "end": "2026-01-31"}
    record = read(taken("MedicationStatement", status="active", effectivePeriod=period, dosage=[{"text": "50 mg od"}]))
    assert [(one.kind, one.status, str(one.start), one.dose) for one in record.prescriptions] == [
        ("reported", "active", "Jun 2025", Dose(50, 50))
    ]
    assert read(taken("MedicationStatement", status="intended")).prescriptions[0].status == "planned"
    assert complaint(read(taken("MedicationStatement", status="not-taken"))).affects == ()


def test_what_was_supplied() -> None:
    supply = taken("MedicationDispense", status="completed", whenHandedOver="2026-02-01", daysSupply=quantity(28, "d"))
    one = read(supply).prescriptions[0]
    assert (one.kind, one.status, str(one.supply_until)) == ("supplied", "active", "28 Feb 2026")
    assert read(without(supply, "daysSupply")).prescriptions[0].status == "unknown"
    assert complaint(read(supply | {"status": "declined"})).affects == ()


def test_what_was_given_once() -> None:
    given = taken("MedicationAdministration", status="completed", effectiveDateTime="2026-02-01T10:00:00Z")
    one = read(given | {"dosage": {"text": "50 mg", "dose": quantity(50, "mg")}}).prescriptions[0]
    assert (one.kind, one.status, str(one.start), str(one.end), one.dose) == (
        "given",
        "ended",
        "1 Feb 2026",
        "1 Feb 2026",
        None,
    )


def test_a_vaccine_ordered_is_a_vaccine_planned() -> None:
    order = request(medicationCodeableConcept=coded("http://hl7.org/fhir/sid/cvx", "03", "MMR"))
    assert [(one.vaccine, one.status) for one in read(order).immunisations] == [("mmr", "planned")]

"""Whatever stands in a file, intake answers with a record or with a plain message, and nothing vanishes in silence."""

from contextlib import suppress
from typing import Any

import msgspec
from fhir_samples import (
    LOINC,
    allergy,
    bundle,
    coded,
    condition,
    immunization,
    observation,
    patient,
    quantity,
    request,
    vocabulary,
    words,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.errors import RxvigilError
from rxvigil.facts import Record
from rxvigil.intake import record_from_resources
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.entries import References, entry_of
from rxvigil.intake.fhir.plain import PlainReader
from rxvigil.intake.fhir.tray import outcomes_of
from rxvigil.intake.reading import finder_for

BUNDLE = bundle(
    patient(),
    observation("o1", referenceRange=[{"low": quantity(2.0, "10*9/L"), "high": quantity(7.5, "10*9/L")}]),
    observation("o2", code=coded(LOINC, "1742-6"), valueQuantity=quantity(30, "U/L") | {"comparator": "<"}),
    observation(
        "o3",
        code=coded(LOINC, "85354-9"),
        valueQuantity=None,
        component=[{"code": coded(LOINC, "8480-6"), "valueQuantity": quantity(120, "mm[Hg]")}],
    ),
    {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": words("Full blood count"),
        "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "Observation/o1"}],
    },
    request(
        "m1",
        dosageInstruction=[
            {
                "text": "100 mg daily",
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": None}},
                "doseAndRate": [{"doseQuantity": quantity(100, "mg")}],
            }
        ],
        dispenseRequest={"expectedSupplyDuration": quantity(28, "d"), "numberOfRepeatsAllowed": 2},
    ),
    request(
        "m2",
        medicationCodeableConcept=None,
        medicationReference={"reference": "#med"},
        contained=[{"resourceType": "Medication", "id": "med", "code": words("Allopurinol 100 mg tablets")}],
    ),
    condition(onsetDateTime="2019"),
    allergy(criticality="high", reaction=[{"manifestation": [words("Fever")], "severity": "severe"}]),
    immunization(),
)
RESOURCES = len(BUNDLE["entry"])

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=20)
    | st.sampled_from(["", "2026-02-30", "1e999", "\u202e\x00<b>", "Patient/p1", "#med", "unknown", "1.4"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def nodes(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every JSON node below the root."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, child in children:
        found += nodes(child, (*path, key))
    return found


def replaced(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """A copy with another value at the path."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: replaced(child, path[1:], new) if key == path[0] else child for key, child in value.items()}
    return [replaced(child, path[1:], new) if index == path[0] else child for index, child in enumerate(value)]


def accounted(record: Record) -> int:
    """How many resources the record accounts for, at least."""
    facts = (
        *record.results, *record.prescriptions, *record.conditions, *record.allergies, *record.immunisations,
        *record.genotypes, *record.symptoms, *record.events,
    )  # fmt: skip
    places = {fact.origin.place.partition("#")[0] for fact in facts}
    places |= {one.origin.place.partition("#")[0] for one in record.not_understood} - places
    return len(places) + sum(one.count for one in record.outside) + sum(record.unread.values())


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(nodes(BUNDLE)), new=JSON_VALUES)
def test_any_value_anywhere_gives_a_record_or_a_message(path: tuple[str | int, ...], new: Any) -> None:
    with suppress(RxvigilError):
        assert msgspec.json.encode(record_from_resources([replaced(BUNDLE, path, new)], vocabulary()))


@settings(max_examples=300, deadline=None)
@given(number=st.integers(1, RESOURCES - 1), data=st.data())
def test_no_resource_vanishes(number: int, data: st.DataObject) -> None:
    """Each resource of the Bundle is changed in one place: it is still a fact, listed, outside, or unread."""
    resource = BUNDLE["entry"][number]["resource"]
    path = data.draw(st.sampled_from([one for one in nodes(resource) if one[0] not in ("subject", "patient")]))
    changed = replaced(resource, path, data.draw(JSON_VALUES))
    with suppress(RxvigilError):
        assert accounted(record_from_resources([patient(), changed], vocabulary())) >= 1


@settings(max_examples=200, deadline=None)
@given(value=JSON_VALUES)
def test_any_json_is_a_record_or_a_message(value: Any) -> None:
    with suppress(RxvigilError):
        record_from_resources([value], vocabulary())


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(nodes(observation())), new=JSON_VALUES)
def test_a_result_is_there_or_named_as_what_may_be_missing(path: tuple[str | int, ...], new: Any) -> None:
    """A change beside the code, the status and the subject never hides that there was a neutrophil count."""
    if path[0] in ("code", "status", "subject", "resourceType", "id"):
        return
    record = record_from_resources([patient(), replaced(observation(), path, new)], vocabulary())
    affected = {key for one in record.not_understood for key in one.affects}
    assert [one.analyte for one in record.results] == ["neutrophils"] or "neutrophils" in affected


NUMBERS = st.floats(-1e6, 1e6) | st.integers(-1000, 10**6) | st.sampled_from([0, 1, True, 3.1, 2.0000000001, 1e-9])
UNITS = st.sampled_from(["10*9/L", "10*3/uL", "/uL", "U/L", "g/L", "g/dL", "mg/dL", "%", "", "furlong", "\u202emg"])
CODES = st.sampled_from(["751-8", "1742-6", "2160-0", "718-7", "770-8", "0-0"])
TEXTS = st.sampled_from(["", "Neutrophils", "ALT", "Platelets", "Creatinine", "something"])


@st.composite
def plain_observations(draw: st.DrawFn) -> dict[str, Any]:
    """Observations of the usual shape, right and wrong in the usual ways."""
    ends = {name: quantity(draw(NUMBERS), draw(UNITS)) for name in draw(st.sets(st.sampled_from(["low", "high"])))}
    extra = draw(st.dictionaries(st.sampled_from(["low", "high", "text", "type"]), JSON_VALUES, max_size=1))
    stated = {
        "status": draw(st.sampled_from(["final", "preliminary", "amended", ""])),
        "code": coded(LOINC, draw(CODES), draw(TEXTS), draw(TEXTS)),
        "valueQuantity": quantity(draw(NUMBERS), draw(UNITS)) | {"unit": draw(UNITS)},
        "effectiveDateTime": draw(st.sampled_from(["2026-02-20", "2026-02-20T23:30:00-05:00", "2026-02", "soon"])),
        "referenceRange": draw(st.sampled_from([None, [], [ends], [ends | extra], [ends, ends]])),
    }
    return observation("o1", **stated)


@settings(max_examples=400, deadline=None)
@given(resource=plain_observations(), data=st.data())
def test_the_short_way_answers_as_the_long_way(resource: dict[str, Any], data: st.DataObject) -> None:
    """Plain results are read by a faster path; it must not differ from the careful one in anything."""
    if data.draw(st.booleans()):
        resource = replaced(resource, data.draw(st.sampled_from(nodes(resource))), data.draw(JSON_VALUES))
    entry = entry_of(resource | {"resourceType": "Observation"}, "record")
    finder = finder_for(vocabulary())
    short = PlainReader(finder).outcome(entry, {})
    if short is not None:
        context = Context(finder, [entry], References([entry]))
        assert outcomes_of(entry, context) == [short]

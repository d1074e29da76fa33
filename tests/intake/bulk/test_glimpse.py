"""A plain result that is read from a glimpse of its bytes, in columns, says what the careful way says of all of it."""

import json
from typing import Any

from bulk_samples import LOINC, UCUM, observation, vocabulary
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.errors import UnreadableInput
from rxvigil.intake.bulk.plain_lines import Part, columns_of
from rxvigil.intake.bulk.plain_person import PlainOfOne, Unopened
from rxvigil.intake.bulk.plain_results import PlainResults
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.documents import read_document
from rxvigil.intake.fhir.entries import References
from rxvigil.intake.fhir.files import decode
from rxvigil.intake.fhir.glimpse import Glimpser
from rxvigil.intake.fhir.parts import Elsewhere, Outcome
from rxvigil.intake.fhir.plain import PlainReader
from rxvigil.intake.fhir.tray import outcomes_of
from rxvigil.intake.reading import finder_for

PLAIN = PlainReader(finder_for(vocabulary()))

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.sampled_from([3.1, 7, 7.0, -0.0, 1e-9])
UNITS = st.sampled_from(["10*9/L", "10*3/uL", "U/L", "g/dL", "mg/dL", "%", "", None, "furlong", 5, "\u202emg"])
CODES = st.sampled_from(["751-8", "1742-6", "2160-0", "718-7", "770-8", "0-0", ""])
TEXTS = st.sampled_from(["", "Neutrophils", "ALT", "TPMT", "Creatinine", "something", None])
ANYTHING = st.sampled_from(
    [None, True, 1, "x", "", [], {}, [{}], {"reference": "Patient/p1"}, [{"text": "H"}], "\ud83d\ude00"]
)
ELEMENTS = st.sampled_from(
    ["meta", "text", "language", "extension", "identifier", "basedOn", "partOf", "category", "subject", "encounter",
     "issued", "performer", "interpretation", "note", "device", "method", "specimen", "component", "comment", "context",
     "hasMember", "derivedFrom", "focus", "valueString", "dataAbsentReason", "modifierExtension", "implicitRules", "id",
     "status", "code", "effectiveDateTime", "effectivePeriod", "valueQuantity", "bodySite", "foo", "resourceType"]
)  # fmt: skip
SLIPS = st.sampled_from(
    [(b'"final"', b'"fin\xff"'), (b"Patient", b"Pat\xc3"), (b"3.1", b"1e999"), (b'"id"', b'"id":"z","id"'),
     (b'"text"', b'"te\xfft"'), (b"{", b"[{"), (b":", b" :\t"), (b'"status"', b'"status":"x","status"'), (b",", b",,"),
     (b'"unit"', b'"comparator":"<","unit"'), (b'"code"', b'"\\u0063ode"'), (b"2026", b"2o26"), (b"}", b"} "),
     (b'"loinc', b'"\\u006coinc')]
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """The bytes of an Observation that is plain, or nearly."""
    coding = {"system": draw(st.sampled_from([LOINC, "x", ""])), "code": draw(CODES), "display": draw(TEXTS)}
    quantity = {
        "value": draw(NUMBERS),
        "unit": draw(UNITS),
        "code": draw(UNITS),
        "system": draw(st.sampled_from([UCUM, "x"])),
    }
    stated: dict[str, Any] = {
        "code": {"coding": [coding] * draw(st.integers(0, 2)), "text": draw(TEXTS)},
        "valueQuantity": {key: value for key, value in quantity.items() if draw(st.booleans()) or key == "value"},
        "effectiveDateTime": draw(st.sampled_from(["2026-02-20", "2026-02-20T23:30:00-05:00", "2026-02", "soon", ""])),
    }
    if draw(st.booleans()):
        stated["referenceRange"] = [{"low": {"value": draw(NUMBERS), "unit": draw(UNITS)}}] * draw(st.integers(0, 2))
    for name in draw(st.lists(ELEMENTS, max_size=2)):
        stated[name] = draw(ANYTHING)
    body = json.dumps(observation(**{"number": "o1"}) | stated, ensure_ascii=draw(st.booleans()))
    found = body.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 3)) == 0:
        found = found.replace(*draw(SLIPS), draw(st.integers(1, 2)))
    return found


def in_columns(body: bytes) -> PlainResults | None:
    """What is glimpsed of one resource, as if it stood in a kept file; none where it is not plain."""
    found = Glimpser().glimpse_of(body)
    if found is None:
        return None
    seen, question = found
    line = (4, b"Patient/p1", seen.id, seen.taken, seen.quantity.value, question, body)
    part = Part(0, 0, "a.ndjson", 0, columns_of([line]), lambda: body)
    return PlainResults([part], PLAIN, lambda _: "Patient/p1", ())


def said_in(plain: PlainResults) -> list[Outcome]:
    """What they say; nothing where that is for the careful way."""
    outside = (Elsewhere("result", other) for other in PlainOfOne(plain, 0).outside.elements())
    return [*map(plain.result, plain.results_of(0)), *outside]


@settings(max_examples=1500, deadline=None)
@given(body=bodies())
def test_a_glimpse_says_what_the_careful_way_says(body: bytes) -> None:
    plain = in_columns(body)
    if plain is None:
        return
    try:
        [entry] = read_document(decode(body, "a.ndjson"), "a.ndjson", 4).entries
    except UnreadableInput as problem:
        raise AssertionError(f"the careful way reads none of it: {problem}") from None
    seen = Unopened(plain, 0)
    assert (seen.type, seen.place, seen.origin("x"), seen.resource, seen.has("note")) == (
        entry.type,
        entry.place,
        entry.origin("x"),
        entry.resource,
        entry.has("note"),
    )
    if said := said_in(plain):
        context = Context(PLAIN.finder, [entry], References([entry]))
        assert said == outcomes_of(entry, context)
        assert str(said) == str(outcomes_of(entry, context)), "3 and 3.0 are written differently"
    assert bool(said) != bool(plain.to_read)


def test_most_real_results_are_glimpsed() -> None:
    """Or the test above would prove nothing."""
    usual = observation(
        meta={"versionId": "1", "lastUpdated": "2026-03-01T00:00:00Z", "tag": [{"system": "s", "code": "c"}]},
        text={"status": "generated", "div": '<div>µmol, "quoted"</div>'},
        category=[{"coding": [{"system": "s", "code": "laboratory"}]}],
        encounter={"reference": "Encounter/1"},
        performer=[{"reference": "Organization/1"}],
        interpretation=[{"text": "H"}],
        referenceRange=[{"low": {"value": 2, "unit": "10*9/L"}, "high": {"value": 7.5, "unit": "10*9/L"}}],
    )
    for body in (json.dumps(observation()), json.dumps(usual), json.dumps(usual, ensure_ascii=False)):
        plain = in_columns(body.encode())
        assert plain is not None
        assert said_in(plain)

"""What every FHIR report shares: ids that follow from content, the Bundle, who says so and of whom, resting on what."""

import re
import uuid
from collections.abc import Callable, Iterable
from html import escape
from importlib.metadata import version
from typing import Any, Final

from rxvigil.engine.assessment import SourceShown
from rxvigil.facts import NotUnderstood
from rxvigil.facts.simulated import LABEL
from rxvigil.reports import words

Resource = dict[str, Any]
Identity = Callable[..., str]
"""Of one report: words for what it is for -> an id."""

SEVERITY: Final = {"STOP": "high", "ACT": "moderate", "KNOW": "low"}
"""Of a DetectedIssue, by tier."""
_FHIR_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:rxvigil:fhir")


def identity_of(*about: str) -> str:
    """An id that follows from what it is for: the same content gives the same id."""
    return str(uuid.uuid5(NAMESPACE, "\n".join(about)))


def url_of(resource: Resource) -> str:
    """The address of a resource within its Bundle."""
    return f"urn:uuid:{resource['id']}"


def bundle(identity: Identity, resources: Iterable[Resource], *, simulated: bool = False) -> Resource:
    """A collection of the resources, without what is empty. `simulated`: all of it is about nobody, and is labelled as
    HL7 labels test data."""
    whole: Resource = {
        "resourceType": "Bundle",
        "id": identity("Bundle"),
        "type": "collection",
        "entry": [{"fullUrl": url_of(one), "resource": bare(one)} for one in resources],
    }
    return _labelled(whole) if simulated else whole


def _labelled(whole: Resource) -> Resource:
    label = {"security": [{"system": LABEL[0], "code": LABEL[1], "display": "test health data"}]}
    entries = [one | {"resource": one["resource"] | {"meta": label}} for one in whole["entry"]]
    return whole | {"meta": label, "entry": entries}


def device(identity: Identity, digest: str) -> Resource:
    """Who says so: this software, with its version and the rule book's."""
    return {
        "resourceType": "Device",
        "id": identity("Device"),
        "deviceName": [{"name": "rxvigil", "type": "model-name"}],
        "version": [
            {"type": {"text": "software"}, "value": version("rxvigil")},
            {"type": {"text": "rule book, SHA-256"}, "value": digest},
        ],
    }


def subject(patient: str, *, as_resource: bool) -> Resource:
    """The patient: by reference where the record came as FHIR resources, by identifier where it did not."""
    if as_resource and _FHIR_ID.fullmatch(patient):
        return {"reference": f"Patient/{patient}", "type": "Patient"}
    return {"type": "Patient", "identifier": {"value": patient}}


def not_read(entries: Iterable[NotUnderstood]) -> list[Resource]:
    """Issues of an OperationOutcome for what was not understood."""
    return [
        {"severity": "warning", "code": "processing", "diagnostics": f"{one.what}: {one.why}. At {one.origin}."}
        for one in entries
    ]


def instant(day: str) -> str:
    """The first instant of a day, where FHIR demands an instant: no clock was read."""
    return f"{day}T00:00:00Z"


def provenance(identity: str, made: Iterable[Resource], day: str, by: Resource, rests_on: list[Resource]) -> Resource:
    """By whom the resources were made and what they rest on."""
    return {
        "resourceType": "Provenance",
        "id": identity,
        "target": [{"reference": url_of(one)} for one in made],
        "occurredDateTime": day,
        "recorded": instant(day),
        "agent": [{"who": {"reference": url_of(by)}}],
        "entity": rests_on,
    }


def rests_on_rule_book(digest: str) -> Resource:
    """The rule book as a source of a Provenance."""
    return entity("urn:rxvigil:rule-book", digest, "rule book, SHA-256")


def rests_on_source(source: SourceShown, known_by: str | None) -> Resource:
    """A publication as a source of a Provenance, `known_by` an address or a key."""
    return entity(None, known_by, f"{source.body}: {source.title}, {source.where} ({source.mark})")


def entity(system: str | None, value: str | None, display: str) -> Resource:
    """A source of a Provenance, by an identifier."""
    return {"role": "source", "what": {"identifier": {"system": system, "value": value}, "display": display}}


def narrative(says: str) -> Resource:
    """The text of a resource for people."""
    shown = escape(words.clean(says))
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{shown}</div>'}


def bare(value: Any) -> Any:
    """Without what is empty, which FHIR forbids, and with no character that hides or reorders."""
    match value:
        case dict():
            kept = {key: bare(one) for key, one in value.items()}
            return {key: one for key, one in kept.items() if one not in (None, "", [], {})}
        case list():
            return [one for one in map(bare, value) if one not in (None, "", [], {})]
        case str():
            return words.clean(value)
        case _:
            return value

"""AllergyIntolerance: an allergy to a drug or class of ours, or the statement that there is none."""

from collections.abc import Iterator
from typing import Literal

from rxvigil.facts import Allergy
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import Concept, Node, children_of, concept_of, concepts_of, text_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import Elsewhere, Outcome, Unread, code_of, refuse_modifiers, withdrawn
from rxvigil.intake.reading import Doubt, Finder, Found, NotOurs, clean

Status = Literal["active", "past", "refuted", "uncertain"]

NO_INFORMATION = "no-allergy-info"
NONE_KNOWN = "none-known"

NONE_CODES = ("716186003", "160244002", "409137002", "no-known-allergies", "no-known-medication-allergies")
"""No known allergy (716186003, before it 160244002), no known drug allergy (409137002) in SNOMED CT; the International
Patient Summary's own codes."""
NONE_WORDS = frozenset(
    ("no known allergies", "no known allergy", "no known drug allergies", "no known drug allergy", "nkda", "nka")
)
_STATUS: dict[str, Status] = {"": "active", "active": "active", "inactive": "past", "resolved": "past"}
_ANY_ALLERGY = ("any-allergy",)


def read_allergy(entry: Entry, context: Context) -> Iterator[Outcome]:
    """The allergy by its code and by the substances of its reactions; or why there is none."""
    resource = entry.resource
    code = concept_of(resource, "code")
    if code_of(resource, "verificationStatus") == "entered-in-error":
        yield withdrawn(entry, code.shown)
        return
    refuse_modifiers(resource)
    if code.has(NO_INFORMATION):
        yield Unread("AllergyIntolerance saying that nothing is known")
    elif code.has(*NONE_CODES) or code.text.strip(" .").lower() in NONE_WORDS:
        yield _allergy(entry, NONE_KNOWN)
    else:
        yield from _to_substances(entry, code, context)


def _to_substances(entry: Entry, code: Concept, context: Context) -> Iterator[Outcome]:
    reactions = [concept_of(one, "substance") for one in children_of(entry.resource, "reaction") if "substance" in one]
    named = [one for one in (code, *reactions) if one != Concept()]
    answers = [(one, _substance(one, context.finder)) for one in named or [code]]
    keys = sorted({key for _, key in answers if isinstance(key, str)})
    for key in keys:
        yield _allergy(entry, key)
    for one, answer in answers:
        if isinstance(answer, Doubt):
            yield answer.listed(one.shown or "an allergy", entry.origin())
        elif isinstance(answer, NotOurs) and not keys:
            yield Elsewhere("allergy", answer)


def _substance(concept: Concept, finder: Finder) -> str | NotOurs | Doubt:
    """The key of the drug or class of drugs that the words and codes mean."""
    for said in (concept.text, *(coding.display for coding in concept.codings)):
        group = finder.vocabulary.class_by_name(said) if said else None
        if group is not None:
            return group.key
    found = finder.drug(concept.codings, concept.text, allergy=True)
    if isinstance(found, Found):
        return found.entry.key
    if isinstance(found, Doubt) and found.affects == ("any-drug",):
        return Doubt(found.why, _ANY_ALLERGY)
    return found


def _allergy(entry: Entry, concept: str) -> Allergy:
    resource = entry.resource
    reactions = children_of(resource, "reaction")
    shown = (one.shown for reaction in reactions for one in concepts_of(reaction, "manifestation"))
    return Allergy(
        id=entry.place,
        concept=concept,
        origin=entry.origin(),
        status=_status(resource),
        reaction=clean("; ".join(filter(None, shown))),
        serious=_serious(resource, reactions),
    )


def _status(resource: Node) -> Status:
    verification = code_of(resource, "verificationStatus")
    if verification == "refuted":
        return "refuted"
    if verification in ("unconfirmed", "presumed"):
        return "uncertain"
    return _STATUS.get(code_of(resource, "clinicalStatus"), "uncertain")


def _serious(resource: Node, reactions: list[Node]) -> bool | None:
    if text_of(resource, "criticality") == "high" or any(text_of(one, "severity") == "severe" for one in reactions):
        return True
    return False if text_of(resource, "criticality") == "low" else None

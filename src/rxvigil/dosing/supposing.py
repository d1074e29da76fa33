"""What the rule book would say if the drug were started: the same rules as for a drug that is taken, not a second copy.

The record is assessed with one prescription more, at the dose in question. What those rules find about interactions,
contraindications, duplicates, genotype and dose is carried over; tests due and the like are not.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from rxvigil.engine import Evaluator
from rxvigil.engine.assessment import Finding
from rxvigil.facts import Dose, Origin, Prescription, Record, on_day

ALWAYS: Final = frozenset(
    {"interaction", "contraindication", "duplicate", "genotype", "dose", "precaution", "pregnancy", "vaccine"}
)
"""Kinds of rule that are carried over whatever they say."""
NEVER: Final = frozenset({"schedule", "baseline", "expected", "cannot-say"})
FORBIDDING: Final = frozenset({"emergency", "stop", "withhold", "avoid"})
"""Verbs of a rule about a drug taken that mean: not to be begun."""
PROPOSED: Final = "proposed-dose"


def suppose(record: Record, on: date, drug: str, mg: float | None, name: str) -> Record:
    """The record with the drug begun on the date; without an amount, at a dose that is not known."""
    proposed = Prescription(
        id=PROPOSED,
        drug=drug,
        origin=Origin("proposed", "the dose worked out here"),
        status="active",
        start=on_day(on),
        dose=None if mg is None else Dose(mg, mg),
        product=name,
        written="proposed",
    )
    return msgspec.structs.replace(record, prescriptions=(*record.prescriptions, proposed))


def carried_over(evaluator: Evaluator, record: Record, on: date, drug: str, mg: float | None) -> tuple[Finding, ...]:
    """The findings about starting the drug at this dose. A course that ended lately would join on to the new one, and
    what was tolerated then would excuse what is asked now: so they are asked without it too."""
    name = evaluator.book.vocabulary.show(drug)
    fresh = msgspec.structs.replace(
        record, prescriptions=tuple(one for one in record.prescriptions if one.drug != drug)
    )
    kinds = {identity: rule.kind for identity, rule in evaluator.book.rules()}
    note = "asked as if it were begun on this date" + (f" at {mg:g} mg/d" if mg is not None else "")
    found: dict[str, Finding] = {}
    for asked in [record] if fresh == record else [record, fresh]:
        for finding in evaluator.assess(suppose(asked, on, drug, mg, name), on).findings:
            if _concerns_the_start(finding, kinds):
                noted = msgspec.structs.replace(finding, notes=(*finding.notes, note))
                found.setdefault(f"{finding.rule} {finding.tier}", noted)
    return tuple(found.values())


def _concerns_the_start(one: Finding, kinds: Mapping[str, str]) -> bool:
    if one.kind == "cannot-say":
        return any(kinds.get(rule) in ALWAYS for rule in one.unanswered)
    return one.kind in ALWAYS or (one.kind not in NEVER and one.tier in ("STOP", "ACT"))


def forbids(one: Finding) -> bool:
    """Whether a finding means that the drug is not to be begun."""
    if one.tier == "STOP":
        return True
    return one.tier == "ACT" and one.action.verb in FORBIDDING and one.action.strength == "must"

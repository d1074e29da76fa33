"""What stands against a dose: findings of the rule book and of the doser together, and what of them forbids it."""

from dataclasses import dataclass
from typing import Final

from rxvigil.dosing.case import Case
from rxvigil.dosing.plan import Refusal
from rxvigil.dosing.reductions import Reduction
from rxvigil.dosing.supposing import carried_over, forbids
from rxvigil.engine.ask_drugs import is_active
from rxvigil.engine.assessment import ActionShown, Finding, Missing, Tier
from rxvigil.engine.findings import merge, order
from rxvigil.engine.kleene import NO, YES
from rxvigil.engine.wording import inside, opening

AT_ANY_DOSE = frozenset({"interaction", "duplicate", "contraindication", "genotype"})
"""Kinds of rule that forbid a drug by what else there is; a low enough dose may excuse them, a reduced one does not."""


@dataclass(frozen=True)
class Against:
    """Findings, and why no dose may be given."""

    findings: tuple[Finding, ...] = ()
    refused: tuple[Refusal, ...] = ()
    could_stop: tuple[Finding, ...] = ()
    """Of the findings those that could not be answered and could forbid the drug at any dose."""

    def found_only(self) -> "Against":
        """Without what is not known: where there is no sum, it is not the reason."""
        return Against(tuple(one for one in self.findings if one.tier != "CANNOT SAY"), self.refused)

    def without_genes(self) -> "Against":
        """Without what only repeats that a gene is not known."""
        kept = (one for one in self.findings if one.kind != "cannot-say" or not _of_genes(one))
        return Against(tuple(kept), self.refused, tuple(one for one in self.could_stop if not _of_genes(one)))


def _of_genes(one: Finding) -> bool:
    return all(rule.startswith("genotype/") for rule in one.unanswered)


def against(case: Case, full_mg: float | None, given_mg: float | None) -> Against:
    """What the rule book says of beginning the drug at the dose proposed, and at the dose before any reduction: a dose
    lowered for one reason must not slip under the limit of another."""
    found = list(carried_over(case.evaluator, case.record, case.state.on, case.drug, given_mg))
    if full_mg != given_mg:
        known = {one.rule for one in found if forbids(one)}
        full = carried_over(case.evaluator, case.record, case.state.on, case.drug, full_mg)
        found += [one for one in full if forbids(one) and one.kind in AT_ANY_DOSE and one.rule not in known]
    refused = tuple(_of_a_start(one) for one in found if forbids(one))
    stopping = {key for key, rule in case.book.rules() if rule.tier == "stop" and rule.kind in AT_ANY_DOSE}
    could = tuple(one for one in found if one.would_be == "STOP" and stopping.intersection(one.unanswered))
    return Against(tuple(found), (*_already_taken(case), *refused), could)


def _of_a_start(finding: Finding) -> Refusal:
    """A rule about treatment that forbids beginning it: its words are of somebody who takes the drug already."""
    return Refusal(
        reason=f"If it were begun: {inside(finding.says)}",
        do=f"Do not begin it. Of somebody who takes it the rule says: {inside(finding.action.says)}",
        tier="STOP",
        sources=finding.sources,
    )


def refusal_of(finding: Finding) -> Refusal:
    """A finding that forbids the dose, as a refusal."""
    return Refusal(reason=finding.says, do=finding.action.says, tier="STOP", sources=finding.sources)


def refusals_of(reductions: tuple[Reduction, ...]) -> tuple[Refusal, ...]:
    """Those that hold and mean: no dose."""
    forbidding = (one for one in reductions if one.certain and (one.kind == "avoid" or one.finding.tier == "STOP"))
    return tuple(refusal_of(one.finding) for one in forbidding)


def _already_taken(case: Case) -> tuple[Refusal, ...]:
    running = is_active(case.state, case.drug)
    if running.truth == NO or not case.state.exposure(case.drug).current:
        return ()
    name = inside(case.name)
    if running.truth == YES:
        reason = f"{name} is already being taken: a second start would double it"
        return (Refusal(reason=reason, do="ask for a change of dose instead", tier="STOP"),)
    return (Refusal(reason=f"whether {name} is still taken is not known", do="ask the patient or the pharmacy"),)


def together(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """One finding per cause, what needs somebody first."""
    return tuple(sorted(merge(found), key=order))


def combination(causes: tuple[str, ...]) -> Finding:
    """That several reductions hold and nobody says how they combine."""
    named = " and ".join(inside(cause) for cause in causes)
    return _cannot_say(
        "combined-reductions",
        "several reductions together",
        f"{opening(named)}: no source that was read says how these combine. They are not multiplied: "
        "the dose shown is the lowest single one, as an upper bound.",
        _A_SPECIALIST,
        Missing("the dose for the combination", "no source gives one", "ask a specialist"),
    )


def only_the_most(body: str, dose: str) -> Finding:
    """That the body says "up to", so that its number is no dose."""
    return _cannot_say(
        "only-the-most",
        "first dose chosen by the unit",
        f"{body} says 'up to {dose}': the most, and no dose of its own. What is shown is that ceiling.",
        ActionShown("discuss", "The unit's own scheme sets the first dose.", "now", "must"),
        Missing("the first dose", "the source says 'up to'", "ask the transplant unit for the first dose"),
    )


def no_number(causes: tuple[str, ...]) -> Finding:
    """That a source asks for less and names no number."""
    named = " and ".join(inside(cause) for cause in causes)
    return _cannot_say(
        "no-number",
        "less, without a number",
        f"{opening(named)}: the source asks for less and gives no number. What is shown is an upper bound.",
        _A_SPECIALIST,
        Missing("by how much the dose is lowered", "the source gives no number", "ask a specialist"),
    )


def not_made(mg: float, case: Case) -> Finding:
    """That nothing which exists, or was read to exist, gives the dose."""
    return _cannot_say(
        "nothing-made",
        "no product for this dose",
        f"No product was read for {case.place} that gives {mg:g} mg/d of {inside(case.name)} within the limits.",
        ActionShown("ask", "Ask the pharmacy what can be dispensed.", "soon", "should"),
        Missing("products", f"none that fits was read for {case.jurisdiction}", "ask the pharmacy"),
        would_be="KNOW",
    )


_A_SPECIALIST: Final = ActionShown("discuss", "A specialist sets the dose.", "this week", "should")


def _cannot_say(rule: str, cause: str, says: str, action: ActionShown, gap: Missing, would_be: Tier = "ACT") -> Finding:
    """What no source that was read answers about a dose."""
    return Finding(
        rule=f"dosing/{rule}",
        kind="cannot-say",
        tier="CANNOT SAY",
        cause=cause,
        says=says,
        action=action,
        missing=(gap,),
        would_be=would_be,
    )

"""A worse value never lowers an alarm.

For every analyte the vocabulary says which direction is worse. Whatever the patient, making the newest value of an
analyte worse leaves every rule that asks somebody to act at least as loud: what fired fires, what could not be said is
not suddenly fine, and no cause sinks to a milder tier.
"""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from property.answers import ORDER, outcomes, tiers
from property.patients import BOOK, WORDS, assessed, examples, patients
from rxvigil.facts import Record, Result
from rxvigil.knowledge.expression import Amount, Compare, parse
from rxvigil.knowledge.lookup import tidy
from rxvigil.knowledge.rules import Rule

STEPS = (0.999, 0.95, 0.8, 0.5, 0.1)
"""How much of a value is left where low is worse; the inverse where high is."""
FIRM = {identity for identity, rule in BOOK.rules() if rule.tier in ("stop", "act")}
PATTERNS = {"tgn", "mmp", "mmp-tgn-ratio"}
"""Metabolites are read as a pattern of two: more of one is not simply worse (see the spec of the tables)."""


def newest(record: Record, on: object) -> list[Result]:
    """Of each analyte whose values can be worse the newest number, where it is plain which one that is."""
    found: dict[str, Result] = {}
    for result in sorted(
        (one for one in record.results if one.when.last <= on), key=lambda one: (one.when.first, one.id)
    ):
        if WORDS.analytes[result.analyte].worse in ("low", "high") and result.value is not None:
            found[result.analyte] = result
    return [one for one in found.values() if one.analyte not in PATTERNS]


def calculates(analyte: str) -> bool:
    """Whether other analytes are calculated from this one: fewer white cells are also fewer eosinophils, which is
    better, and a new share of white cells rewrites older absolute counts. The percentages are left out beside it."""
    return any(analyte in one.parts for one in WORDS.analytes.values())


def worsened(result: Result, step: float) -> Result:
    """The same result with a worse value that is still one a laboratory could report."""
    value = result.value or 0.0
    low = WORDS.analytes[result.analyte].worse == "low"
    worse = tidy(value * step if low else value / step)
    return msgspec.structs.replace(result, value=worse if WORDS.plausible(result.analyte, worse) else value)


def excused_by(rule: Rule, analyte: str) -> bool:
    """Whether the worse direction of the analyte is the very exception that the rule makes."""
    if not rule.unless:
        return False
    exception = parse(rule.unless)
    return (
        isinstance(exception, Compare)
        and isinstance(exception.value, Amount)
        and exception.term.subject == analyte
        and exception.operator[0] == (">" if WORDS.analytes[analyte].worse == "high" else "<")
    )


def test_only_hys_law_is_excused_by_a_worse_value() -> None:
    """Hy's law is about liver injury *without* cholestasis: a high ALP takes a case out of it by definition. No other
    rule of the book is excused by a value in its worse direction, and the property below leaves out only this one."""
    excused = {
        (name, analyte) for name, rule in BOOK.rules() for analyte in WORDS.analytes if excused_by(rule, analyte)
    }
    assert excused == {("always/liver#hys-law", "alp")}


@examples(220)
@given(patients(), st.data())
def test_a_worse_newest_value_never_lowers_the_tier(patient, data):
    record, on, wanted = patient
    candidates = newest(record, on)
    if not candidates:
        return
    result = data.draw(st.sampled_from(candidates), label="made worse")
    if calculates(result.analyte):
        kept = tuple(one for one in record.results if not one.analyte.endswith("-percent"))
        record = msgspec.structs.replace(record, results=kept)
        if result not in kept:
            return
    worse = worsened(result, data.draw(st.sampled_from(STEPS), label="step"))
    changed = msgspec.structs.replace(record, results=tuple(worse if one is result else one for one in record.results))
    before, after = assessed(record, on, wanted), assessed(changed, on, wanted)
    excused = {name for name, rule in BOOK.rules() if excused_by(rule, result.analyte)}
    answers = outcomes(after)
    for rule, outcome in outcomes(before).items():
        if rule in FIRM - excused:
            assert ORDER[answers[rule]] >= ORDER[outcome], rule
    grave = tiers(after)
    for cause, tier in tiers(before).items():
        if cause != "liver injury with jaundice":
            assert grave.get(cause, 0) >= tier, cause

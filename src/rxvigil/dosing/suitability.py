"""Whether a body's dose is meant for this person at all."""

from rxvigil.dosing.case import Case
from rxvigil.dosing.limits import cited
from rxvigil.dosing.plan import Refusal
from rxvigil.engine.assessment import ActionShown, Finding
from rxvigil.engine.conditions import compile_condition
from rxvigil.engine.kleene import NO, YES
from rxvigil.engine.wording import inside
from rxvigil.knowledge.dosing import DosingProtocol
from rxvigil.knowledge.expression import parse


def unfit(protocol: DosingProtocol, case: Case) -> tuple[tuple[Refusal, ...], tuple[Finding, ...]]:
    """Why the body's dose may not be used here, or what of that is not known."""
    said = protocol.do_not_start
    if said is not None and said.source.mark != "memory":
        source = cited(said.source, case, protocol)
        return (Refusal(reason=said.says, do="Choose another drug.", tier="STOP", sources=(source,)),), ()
    if protocol.only_if is None:
        return (), ()
    answer = compile_condition(parse(protocol.only_if), case.words)(case.state, case.drug)
    if answer.truth == YES:
        return (), ()
    source = cited(protocol.weight.source, case, protocol)
    if answer.truth == NO:
        reason = f"the dose of {protocol.body} is meant where {protocol.only_if}, which does not hold here"
        return (Refusal(reason=reason, do="choose another body, or ask a specialist", sources=(source,)),), ()
    what = ", ".join(inside(gap.what) for gap in answer.missing)
    open_ = Finding(
        rule=f"{protocol.id}#only-if",
        kind="cannot-say",
        tier="CANNOT SAY",
        cause=f"whom the dose is for: {what}",
        says=f"The dose of {protocol.body} is meant where {protocol.only_if}, and that is not known here ({what}).",
        action=ActionShown("ask", f"Find out: {what}.", "today", "should"),
        missing=answer.missing,
        sources=(source,),
        would_be="ACT",
    )
    return (), (open_,)

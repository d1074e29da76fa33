"""Findings about tests: overdue, due, more often than asked, start unknown, never done before starting."""

from datetime import date
from typing import Final

from rxvigil.engine.answers import UNVERIFIED
from rxvigil.engine.assessment import ActionShown, Explained, Finding, Missing, SourceShown, Tier
from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.done import label, last_done, requirements
from rxvigil.engine.findings import overlaid, sources_shown
from rxvigil.engine.kleene import NO
from rxvigil.engine.monitoring import Clock, last_shown
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside, listed, opening
from rxvigil.facts import Duration, show_day
from rxvigil.knowledge.rules import BaselineTest, Protocol

RECENT_START: Final = Duration(12, "week")
"""House: a test that should have come before the first tablet needs action while treatment is this young."""


def clock_findings(found: list[Clock], state: State, ready: CompiledBook) -> list[Finding]:
    """At most one finding each for overdue, due, unknown and too frequent tests."""
    findings: list[Finding] = []
    for status in ("overdue", "due"):
        late = [clock for clock in found if clock.status == status]
        for firm in (True, False):
            group = [clock for clock in late if (clock.schedule.strength != "consider") == firm]
            if group:
                findings.append(_late(group, status, firm, state, ready))
    open_ = [clock for clock in found if clock.status == "cannot say"]
    if open_:
        findings.append(_open(open_, state, ready))
    often = [clock for clock in found if clock.often]
    if often and not any(clock.status in ("overdue", "due") for clock in found):
        findings.append(_often(often, state, ready))
    return findings


def clock_explained(found: list[Clock], state: State) -> list[Explained]:
    """One line per schedule: the worst of its clocks."""
    ranks = ("fires", "cannot say", "silent")
    worst: dict[str, Clock] = {}
    for clock in found:
        known = worst.get(clock.rule)
        if known is None or ranks.index(clock.outcome) < ranks.index(known.outcome):
            worst[clock.rule] = clock
    return [_explain_clock(rule, clock, state) for rule, clock in worst.items()]


def _explain_clock(rule: str, clock: Clock, state: State) -> Explained:
    due = f", due {show_day(clock.due.due)}" if clock.due else ""
    name = label(clock.requirement, state)
    return Explained(rule, clock.outcome, f"{name}: {last_shown(clock.last)}{due}: {clock.status}", clock.schedule.id)


def _late(late: list[Clock], status: str, firm: bool, state: State, ready: CompiledBook) -> Finding:
    """Tests that a body asks for and tests that it only suggests are two findings."""
    late.sort(key=lambda clock: (clock.due.overdue_after if clock.due else date.max, clock.rule))
    first = late[0]
    names = listed([label(clock.requirement, state) for clock in late])
    lasts = {clock.last for clock in late}
    days = _days(first, state.on, status)
    tier: Tier = "ACT" if status == "overdue" and firm else "KNOW"
    done = last_shown(lasts.pop()) if len(lasts) == 1 else "; ".join(_each(clock, state) for clock in late)
    verb = "are" if len(late) > 1 or names.endswith("s") else "is"
    because = first.due.because if first.due else ""
    since = f" since {show_day(first.due.due)}" if first.due else ""
    if status == "overdue" and first.due:
        since = (
            f": they were due on {show_day(first.due.due)}"
            if verb == "are"
            else f": it was due on {show_day(first.due.due)}"
        )
    return Finding(
        rule=first.rule,
        kind="schedule",
        tier=tier,
        cause=f"blood tests {status}" if firm else f"suggested tests {status}",
        says=f"{opening(names)} {verb} {status}{since} ({done}; {because}).",
        action=ActionShown(
            "test", f"Arrange {names}.", "this week" if status == "overdue" else "soon", first.schedule.strength
        ),
        sources=_sources(late, state, ready),
        missing=tuple(dict.fromkeys(gap for clock in late for gap in clock.missing)),
        notes=_notes(late, state.on, ready),
        also=tuple(sorted({clock.rule for clock in late} - {first.rule})),
        late_days=days,
    )


def _each(clock: Clock, state: State) -> str:
    return f"{inside(label(clock.requirement, state))} {last_shown(clock.last)}"


def _days(clock: Clock, on: date, status: str) -> int:
    if clock.due is None:
        return 0
    return (on - (clock.due.overdue_after if status == "overdue" else clock.due.due)).days


def _open(open_: list[Clock], state: State, ready: CompiledBook) -> Finding:
    first = open_[0]
    names = listed([label(clock.requirement, state) for clock in open_])
    gaps = tuple(dict.fromkeys(gap for clock in open_ for gap in clock.missing))
    why = "; ".join(dict.fromkeys(gap.why for gap in gaps))
    return Finding(
        rule=first.rule,
        kind="schedule",
        tier="CANNOT SAY",
        cause="when the next tests are due",
        says=f"Cannot say when {names} {'are' if len(open_) > 1 else 'is'} due: {why}.",
        action=ActionShown(
            "ask", opening("; ".join(dict.fromkeys(gap.settles for gap in gaps))) + ".", "this week", "should"
        ),
        sources=_sources(open_, state, ready),
        missing=gaps,
        notes=_notes(open_, state.on, ready),
        would_be="ACT",
        unanswered=tuple(sorted({clock.rule for clock in open_})),
    )


def _often(often: list[Clock], state: State, ready: CompiledBook) -> Finding:
    first = often[0]
    names = listed([label(clock.requirement, state) for clock in often])
    days = ", ".join(show_day(day) for day in first.often)
    return Finding(
        rule=first.rule,
        kind="schedule",
        tier="KNOW",
        cause="tests more often than asked",
        says=f"{opening(names)} were done more than twice as often as the protocol asks ({days}).",
        action=ActionShown(
            "discuss", "If there is no reason, return to the protocol's interval.", "routine", "consider"
        ),
        sources=_sources(often, state, ready),
        notes=_notes(often, state.on, ready),
        also=tuple(sorted({clock.rule for clock in often} - {first.rule})),
    )


def _sources(found: list[Clock], state: State, ready: CompiledBook) -> tuple[SourceShown, ...]:
    sources = dict.fromkeys(clock.schedule.source for clock in found)
    return sources_shown(sources, ready.book, state.on, min(clock.protocol.review_by for clock in found))


def _notes(found: list[Clock], on: date, ready: CompiledBook) -> tuple[str, ...]:
    notes: list[str] = []
    for clock in found:
        notes += [clock.note, *protocol_notes(clock.protocol, on), *overlaid(clock.rule, ready.book)]
    return tuple(dict.fromkeys(note for note in notes if note))


def protocol_notes(protocol: Protocol, on: date) -> tuple[str, ...]:
    """What must be said wherever a protocol is used: on that date it had been replaced."""
    superseded = protocol.superseded
    if superseded is None or (superseded.on is not None and on < superseded.on):
        return ()
    return (superseded.says,)


def unread_schedules(protocol: Protocol) -> list[Explained]:
    """Schedules that nobody has read at a source: they ask for nothing, and the explanation says so."""
    unread = [one for one in protocol.schedule if one.source.mark == "memory"]
    return [Explained(f"{protocol.id}#{one.id}", "not asked", UNVERIFIED) for one in unread]


def baseline(drug: str, protocol: Protocol, state: State, ready: CompiledBook) -> tuple[list[Finding], list[Explained]]:
    """Tests that the protocol asks for before starting and that were never done."""
    never: list[tuple[BaselineTest, list[str]]] = []
    explained: list[Explained] = []
    for test in protocol.baseline:
        rule = f"{protocol.id}#{test.id}"
        if test.source.mark == "memory":
            explained.append(Explained(rule, "not asked", UNVERIFIED))
            continue
        concerns = ready.conditions[test.only_if](state, drug) if test.only_if else None
        if concerns is not None and concerns.truth == NO:
            explained.append(Explained(rule, "silent", f"does not apply to this patient: {concerns.reason}"))
            continue
        absent = [label(one, state) for one in requirements(test.panel) if last_done(state, one) is None]
        if absent and not state.has_list("results"):
            explained.append(Explained(rule, "cannot say", "the record holds no results"))
        elif absent:
            never.append((test, absent))
            explained.append(Explained(rule, "fires", f"never found in the record: {listed(absent)}"))
        else:
            explained.append(Explained(rule, "silent", "found in the record"))
    findings = [_never(drug, protocol, never, state, ready)] if never else []
    return findings, explained


def _never(
    drug: str, protocol: Protocol, never: list[tuple[BaselineTest, list[str]]], state: State, ready: CompiledBook
) -> Finding:
    start = state.exposure(drug).start
    young = start is not None and RECENT_START.after(start) > state.on
    firm = [test for test, _ in never if test.strength != "consider"]
    names = listed([name for _, absent in never for name in absent])
    name = inside(state.words.show(drug))
    gap = Missing(names, "never found in the record", "look in older records, or test")
    sources = dict.fromkeys(test.source for test, _ in never)
    return Finding(
        rule=f"{protocol.id}#{never[0][0].id}",
        kind="baseline",
        tier="ACT" if young and firm else "KNOW",
        cause=f"tests before {name} not found",
        says=f"Asked for before {name} and never found in the record: {names}.",
        action=ActionShown(
            "test", f"Look for {names} in older records, or test now.", "soon" if young else "routine",
            "should" if firm else "consider",
        ),
        sources=sources_shown(sources, ready.book, state.on, protocol.review_by),
        missing=(gap,),
        notes=protocol_notes(protocol, state.on),
        also=tuple(sorted(f"{protocol.id}#{test.id}" for test, _ in never[1:])),
    )  # fmt: skip

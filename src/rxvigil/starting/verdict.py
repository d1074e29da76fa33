"""The verdict: what forbids the start, what is to be settled first, and how long the answer counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from rxvigil.dosing.plan import DosePlan
from rxvigil.engine.assessment import Finding
from rxvigil.engine.done import label, last_done
from rxvigil.engine.kleene import NO, Answer
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside
from rxvigil.facts import Denial, Patient, parse_duration, show_day
from rxvigil.starting.assessment import EarliestShown, ItemShown, SettleShown, TestShown, Verdict
from rxvigil.starting.checklist import ReadyItem, required


@dataclass(frozen=True)
class Judged:
    """The verdict in a word, a sentence and its grounds."""

    verdict: Verdict
    says: str
    blocks: tuple[str, ...]
    to_settle: tuple[SettleShown, ...]


def judge(
    items: tuple[ItemShown, ...],
    findings: tuple[Finding, ...],
    tests: tuple[TestShown, ...],
    earliest: EarliestShown | None,
    start: date,
    dose: DosePlan | None,
    patient: Patient,
) -> Judged:
    """A blocking concern outweighs everything; whatever must be settled comes next; silence is only "nothing found"."""
    blocks = tuple(_blocks(items, findings, dose, patient))
    settle = tuple(sorted(_to_settle(items, findings, tests, earliest, start, dose), key=_still_to_ask))
    weigh = [one for one in items if one.says == "yes" and one.weight == "advisory" and not one.deal_with_first]
    open_ = [one for one in items if one.says == "cannot say" and not one.holds_start]
    if blocks:
        return Judged("may not start", _forbidden(blocks, settle), blocks, settle)
    if settle:
        return Judged("not yet", _not_yet(settle), blocks, settle)
    return Judged("nothing found against it", _nothing(len(weigh), len(open_)), blocks, settle)


def _blocks(
    items: tuple[ItemShown, ...], findings: tuple[Finding, ...], dose: DosePlan | None, patient: Patient
) -> Iterator[str]:
    if patient.died:
        yield "the record says that the patient has died"
    forbidding = [one for one in items if one.says == "yes" and one.weight == "blocking"]
    yield from (one.name for one in forbidding)
    told = {rule for one in forbidding for rule in one.rules}
    stops = [one for one in findings if one.tier == "STOP" and one.rule not in told]
    yield from dict.fromkeys(inside(one.cause) for one in stops)
    if not forbidding and not stops and dose:
        yield from (inside(one.reason.rstrip(".")) for one in dose.refused if one.tier == "STOP")


def _to_settle(
    items: tuple[ItemShown, ...],
    findings: tuple[Finding, ...],
    tests: tuple[TestShown, ...],
    earliest: EarliestShown | None,
    start: date,
    dose: DosePlan | None,
) -> Iterator[SettleShown]:
    open_ = [one for one in items if one.says == "cannot say" and one.holds_start]
    for one in open_:
        yield SettleShown(kind=one.settled_by, what=one.question, why=one.why, do=one.do, item=one.id)
    covered = {one.id for one in open_}
    for test in tests:
        if test.strength == "must" and covered.isdisjoint(test.items):
            bodies = ", ".join(test.asked_by)
            yield SettleShown(kind="test", what=inside(test.name), why=test.why, do=f"Order it ({bodies}).")
    yield from _to_deal_with(items, findings)
    if earliest and earliest.on > start:
        yield SettleShown(
            kind="wait", what=f"start on {show_day(earliest.on)} or later", why=earliest.why, do="Move the start."
        )
    yield from _dose_open(dose, open_)


def _to_deal_with(items: tuple[ItemShown, ...], findings: tuple[Finding, ...]) -> Iterator[SettleShown]:
    """Concerns that no body here forbids and that must be dealt with all the same, by the list or by a rule."""
    there = [one for one in items if one.says == "yes"]
    for one in there:
        if one.weight == "advisory" and one.deal_with_first:
            yield SettleShown(kind="discuss", what=one.name, why=one.why, do=one.do, item=one.id)
    told = {rule for one in there if one.deal_with_first or one.weight == "blocking" for rule in one.rules}
    for finding in findings:
        if finding.tier == "ACT" and finding.rule not in told:
            why = f"if begun today: {finding.says.rstrip('.')}"
            yield SettleShown(kind="discuss", what=inside(finding.cause), why=why, do=finding.action.says)


def _dose_open(dose: DosePlan | None, open_: list[ItemShown]) -> Iterator[SettleShown]:
    """A dose that cannot be worked out, where no open item says why already."""
    if dose is None or open_ or not dose.refused:
        return
    for one in dose.refused:
        if one.tier == "CANNOT SAY":
            yield SettleShown(kind="dose", what="start dose", why=one.reason, do=one.do)


FOUND: Final = ("discuss", "wait")
"""Kinds of what is to be settled because it was found, not because nobody asked."""


def _still_to_ask(one: SettleShown) -> bool:
    """What was found stands before what is to be asked."""
    return one.kind not in FOUND


def _not_yet(settle: tuple[SettleShown, ...]) -> str:
    found = [inside(one.what) for one in settle if one.kind == "discuss"]
    already = f" Found already: {'; '.join(found)}." if found else ""
    return f"Not yet: {_things(len(settle))} to settle first.{already}"


def _forbidden(blocks: tuple[str, ...], settle: tuple[SettleShown, ...]) -> str:
    more = f" {_things(len(settle))} would have to be settled besides.".capitalize() if settle else ""
    return f"May not start: {'; '.join(blocks)}.{more}"


def _nothing(weigh: int, open_: int) -> str:
    parts = []
    if weigh:
        parts.append(f"{_concerns(weigh)} to weigh")
    if open_:
        parts.append(f"{_questions(open_)} that nobody here requires")
    rest = f" {' and '.join(parts)} {'remain' if weigh + open_ > 1 else 'remains'}." if parts else ""
    return f"Nothing was found that speaks against starting.{rest}"


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"


def _concerns(count: int) -> str:
    return "1 concern" if count == 1 else f"{count} concerns"


def _questions(count: int) -> str:
    return "1 open question" if count == 1 else f"{count} open questions"


def valid_until(asked: Iterable[tuple[ReadyItem, Answer]], state: State) -> tuple[date, str]:
    """How long the assessment counts: to the first day on which something it rests on has grown too old."""
    days: list[tuple[date, str]] = []
    for ready, answer in asked:
        days.append((parse_duration(ready.file.valid_for).after(state.on), f"at most {ready.file.valid_for} (house)"))
        if answer.truth != NO:
            continue
        for fact in answer.because:
            if isinstance(fact, Denial) and fact.until:
                days.append((fact.until, f"the answer about {ready.item.name} counts until then"))
        if ready.item.needs:
            days += _tests_grow_old(ready, state)
    return min((one for one in days if one[0] >= state.on), default=(state.on, "the rule book holds no checklist"))


def _tests_grow_old(ready: ReadyItem, state: State) -> Iterator[tuple[date, str]]:
    needs = ready.item.needs
    for requirement in required(needs) if needs else ():
        last = last_done(state, requirement)
        if needs and last and last != date.min:
            day = parse_duration(needs.within).after(last)
            yield day, f"{inside(label(requirement, state))} of {show_day(last)} is then {needs.within} old"

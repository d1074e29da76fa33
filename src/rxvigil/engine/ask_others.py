"""The measures of conditions, vaccines, symptoms, genes, events and the patient."""

from datetime import date
from typing import Final

from rxvigil.engine.ask_results import Ask
from rxvigil.engine.assessment import Missing
from rxvigil.engine.genotypes import groups_in_words, known_of
from rxvigil.engine.kleene import NO, YES, Answer, Fact, no, unknown, yes
from rxvigil.engine.state import State
from rxvigil.engine.wording import inside
from rxvigil.facts import Condition, Duration, Event, Immunisation, Symptom, When
from rxvigil.knowledge.expression import Operator

SYMPTOM_FRESH: Final = Duration(14, "day")
FERTILE_AGES: Final = (12, 55)
"""House limits: outside them, or in a man, pregnancy and breastfeeding are taken as absent unless recorded."""
PREGNANCY_LASTS: Final = Duration(10, "month")
BREASTFEEDING_LASTS: Final = Duration(24, "month")


def condition(subject: str, past_counts: bool) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        members = state.words.members(subject)
        mine = [one for one in state.record.conditions if one.concept in members and _begun(one, state.on)]
        held = [one for one in mine if _held(one, state.on, past_counts)]
        if held:
            return yes(*held)
        doubtful: tuple[Fact, ...] = tuple(one for one in mine if one.status == "uncertain")
        unread = state.unread_of(members, "any-condition")
        if doubtful or unread:
            name = state.words.show(subject)
            why = "the diagnosis is not confirmed" if doubtful else f"a diagnosis could not be read: {unread[0].why}"
            return unknown(Missing(f"whether there is {name}", why, "check the diagnosis list"), because=doubtful)
        if not state.has_list("conditions"):
            return unknown(Missing("diagnoses", "the record holds none", "supply the diagnosis list"))
        return no(why=lambda: f"{state.words.show(subject)} is not on the diagnosis list")

    return ask


def _begun(one: Condition, on: date) -> bool:
    return one.onset is None or one.onset.first <= on


def _held(one: Condition, on: date, past_counts: bool) -> bool:
    over = one.status == "past" or (one.ended is not None and one.ended.last < on)
    return one.status in ("active", "past") and (past_counts or not over)


def vaccine_given(subject: str, within: Duration | None) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        members = state.words.members(subject)
        opens = within.before(state.on) if within else date.min
        mine = [one for one in state.record.immunisations if one.vaccine in members and one.status == "given"]
        held = [one for one in mine if opens <= one.when.last and one.when.first <= state.on]
        return yes(*held) if held else _no_vaccine(state, subject, members)

    return ask


def vaccine_planned(subject: str) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        members = state.words.members(subject)
        plans: list[Immunisation] = [
            one for one in state.record.immunisations if one.vaccine in members and one.status == "planned"
        ]
        if plans:
            return yes(*plans)
        unread = state.unread_of(members)
        if unread:
            gap = Missing(f"planned {state.words.show(subject)}", unread[0].why, "read the original order")
            return unknown(gap)
        return no(why=lambda: f"no {state.words.show(subject)} planned")

    return ask


def _no_vaccine(state: State, subject: str, members: frozenset[str]) -> Answer:
    name = state.words.show(subject)
    unread = state.unread_of(members, "any-vaccine")
    if unread:
        gap = Missing(
            f"whether {name} was given", f"a vaccination could not be read: {unread[0].why}", "check the record"
        )
        return unknown(gap)
    if not state.has_list("immunisations"):
        return unknown(Missing("vaccinations", "the record holds none", "ask for the vaccination record"))
    return no(why=lambda: f"no {inside(name)} recorded")


def symptom(subject: str, within: Duration | None) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        members = state.words.members(subject)
        opens = (within or SYMPTOM_FRESH).before(state.on)
        held: list[Symptom] = [
            one for one in state.record.symptoms
            if one.concept in members and one.when.first <= state.on and one.when.last >= opens
            and (one.ended is None or one.ended.last >= state.on)
        ]  # fmt: skip
        if held:
            return yes(*held)
        unread = state.unread_of(members)
        if unread:
            gap = Missing(state.words.show(subject), unread[0].why, "ask the patient")
            return unknown(gap)
        return no(why=lambda: f"{inside(state.words.show(subject))} is not reported")

    return ask


def phenotype(gene: str, wanted: frozenset[str]) -> Ask:
    """The metaboliser group that the reports allow by the rules of the day; several leave it open where it matters."""

    def ask(state: State, this: str | None) -> Answer:
        known = known_of(state, gene)
        name = state.words.show(gene)
        if known.groups and (known.groups <= wanted or not known.groups & wanted):
            truth = YES if known.groups <= wanted else NO
            return Answer(truth, known.evidence, (), lambda: f"{name} {groups_in_words(known.groups)}")
        if known.gap:
            return unknown(known.gap, because=known.evidence)
        unread = state.unread.get(gene, [])
        if unread:
            return unknown(Missing(f"{name} phenotype", unread[0].why, "read the laboratory's report"))
        return unknown(Missing(f"{name} phenotype", "not in the record", f"find the {name} result or test for it"))

    return ask


def phenotype_known(gene: str) -> Ask:
    """Whether the record states a metaboliser group, or alleles that mean one; an unreadable report leaves it open."""

    def ask(state: State, this: str | None) -> Answer:
        known = known_of(state, gene)
        name = state.words.show(gene)
        if known.settled or any(one.phenotype for one in known.reports):
            return yes(*known.evidence)
        if known.gap and known.groups:
            return unknown(known.gap, because=known.evidence)
        if known.reports or state.unread.get(gene):
            return unknown(Missing(f"{name} phenotype", "a report could not be read", "read the laboratory's report"))
        return no(why=lambda: f"{name} phenotype is not in the record")

    return ask


def _known_by(when: When | None, on: date) -> bool:
    return when is None or when.first <= on


def event_present(kind: str) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        mine = _events(state, kind)
        going = [one for one in mine if one.status == "happened" and _going_on(one, state.on)]
        if going:
            return yes(*going)
        if _impossible(state, kind):
            return no(why=lambda: f"{inside(state.words.show(kind))} is ruled out by sex or age")
        if any(one.status == "not" for one in mine) or any(one.end and one.end.last < state.on for one in mine):
            return no(*mine, why=lambda: f"{inside(state.words.show(kind))} is recorded as absent or over")
        if kind in ("pregnancy", "breastfeeding"):
            name = state.words.show(kind)
            return unknown(Missing(name, "not recorded either way", f"ask about {inside(name)}"))
        return _event_absent(state, kind)

    return ask


def event_planned(kind: str) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        plans = [
            one for one in state.record.events
            if one.kind == kind and one.status == "planned" and (one.start is None or one.start.last >= state.on)
        ]  # fmt: skip
        return yes(*plans) if plans else _event_absent(state, kind)

    return ask


def event_since(kind: str, within: Duration) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        opens = within.before(state.on)
        mine = [
            one for one in _events(state, kind) if one.status == "happened" and one.start and one.start.last >= opens
        ]
        return yes(*mine) if mine else _event_absent(state, kind)

    return ask


def event_value(kind: str, wanted: frozenset[str]) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        mine = sorted((one for one in _events(state, kind) if one.value), key=_start_of)
        name = state.words.show(kind)
        if not mine:
            return unknown(Missing(name, "not recorded", f"record {inside(name)}"))
        newest = mine[-1]
        return Answer(YES if newest.value in wanted else NO, (newest,))

    return ask


def _events(state: State, kind: str) -> list[Event]:
    return [one for one in state.record.events if one.kind == kind and _known_by(one.start, state.on)]


def _start_of(one: Event) -> tuple[date, str]:
    return (one.start.first if one.start else date.min, one.id)


def _going_on(one: Event, on: date) -> bool:
    if one.end:
        return one.end.last >= on
    lasts = {"pregnancy": PREGNANCY_LASTS, "breastfeeding": BREASTFEEDING_LASTS}.get(one.kind)
    return lasts is None or one.start is None or lasts.after(one.start.last) >= on


def _impossible(state: State, kind: str) -> bool:
    if kind not in ("pregnancy", "breastfeeding"):
        return False
    patient = state.record.patient
    if patient.sex == "male":
        return True
    if patient.born is None:
        return False
    youngest, oldest = _age_range(patient.born, state.on)
    return oldest < FERTILE_AGES[0] or youngest > FERTILE_AGES[1]


def _event_absent(state: State, kind: str) -> Answer:
    unread = state.unread.get(kind, [])
    if unread:
        return unknown(Missing(state.words.show(kind), unread[0].why, "read the original entry"))
    return no(why=lambda: f"{inside(state.words.show(kind))} is not recorded")


def age(operator: Operator, limit: Duration) -> Ask:
    """Age in calendar units; a birth year alone leaves a range of a year."""

    def ask(state: State, this: str | None) -> Answer:
        born = state.record.patient.born
        if born is None:
            return unknown(Missing("date of birth", "not in the record", "find the date of birth"))
        truths = {_compare_age(day, operator, limit, state.on) for day in (born.first, born.last)}
        if len(truths) > 1:
            return unknown(Missing("date of birth", f"only known as {born}", "find the full date of birth"))
        return Answer(YES if truths == {True} else NO, (), (), lambda: f"born {born}")

    return ask


def _compare_age(born: date, operator: Operator, limit: Duration, on: date) -> bool:
    reached = limit.after(born)
    return {">=": on >= reached, ">": on > reached, "<": on < reached, "<=": on <= reached, "=": on == reached}[
        operator
    ]


def _age_range(born: When, on: date) -> tuple[int, int]:
    def years(day: date) -> int:
        return on.year - day.year - ((on.month, on.day) < (day.month, day.day))

    return years(born.last), years(born.first)


def sex(wanted: frozenset[str]) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        stated = state.record.patient.sex
        if stated == "unknown":
            return unknown(Missing("sex", "not in the record", "find the sex"))
        return Answer(YES if stated in wanted else NO, (), (), lambda: f"sex {stated}")

    return ask

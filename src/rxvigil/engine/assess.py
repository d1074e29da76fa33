"""One patient, one date, one rule book: the assessment.

    evaluator = Evaluator(book)
    assessment = evaluator.assess(record, on=date(2026, 3, 1))

Pure: no clock, no file, no global state. The same record, date and rule book give the same assessment.
"""

from dataclasses import dataclass, field, replace
from datetime import date

from rxvigil.engine.answers import Asked, ask_rules
from rxvigil.engine.ask_drugs import dose_since, is_active, per_kg
from rxvigil.engine.assessment import (
    SCHEMA,
    ActionShown,
    Assessment,
    BookShown,
    CourseShown,
    Explained,
    Finding,
    Missing,
    ProtocolShown,
)
from rxvigil.engine.choose import (
    ASSUMED,
    Choice,
    Wanted,
    check_wanted,
    choose,
    choose_table,
    combinations,
    in_place,
    specialties,
)
from rxvigil.engine.compiled import CompiledBook, CompiledRule, compile_book
from rxvigil.engine.courses import Exposure
from rxvigil.engine.findings import cannot_say, finding_of, merge, order, sources_shown
from rxvigil.engine.genotype_findings import genotype_findings
from rxvigil.engine.kleene import NO, UNKNOWN, YES, Answer, no
from rxvigil.engine.monitoring import Clock, clocks, due_tests, open_clocks
from rxvigil.engine.monitoring_findings import (
    baseline,
    clock_explained,
    clock_findings,
    protocol_notes,
    unread_schedules,
)
from rxvigil.engine.state import State
from rxvigil.engine.summary import summarise
from rxvigil.engine.table_findings import table_findings
from rxvigil.engine.wording import inside, listed
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import Protocol


@dataclass
class _Gathered:
    """What the parts of an assessment have found so far, and what they need to know of each other."""

    implied: frozenset[str]
    """Specialties that the diagnoses imply."""
    explain: bool
    asked: list[Asked] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    choices: dict[str, Choice] = field(default_factory=dict)


class Evaluator:
    """A rule book made ready once, for any number of patients."""

    def __init__(self, book: RuleBook, wanted: Wanted | None = None) -> None:
        self.wanted = wanted or Wanted()
        check_wanted(self.wanted, book)
        self.ready: CompiledBook = in_place(compile_book(book), self.wanted.jurisdiction or ASSUMED)
        self.book = book
        self._monitored = tuple(sorted(key for key, drug in book.vocabulary.drugs.items() if drug.monitored))
        self._rules = sum(1 for _ in book.rules())

    def assess(self, record: Record, on: date, *, explain: bool = False) -> Assessment:
        """Everything there is to say of this record on this date; with `explain`, every rule's answer."""
        state = State(record, on, self.book.vocabulary)
        gathered = _Gathered(frozenset(specialties(state)), explain)
        for drug in self._monitored:
            self._look_after(drug, state, gathered)
        self._combined(state, gathered)
        gathered.findings += clock_findings(gathered.clocks, state, self.ready)
        gathered.explained += clock_explained(gathered.clocks, state) if explain else []
        gathered.findings += genotype_findings(state, self.ready)
        self._unreadable_medicine(state, gathered)
        self._ask(self.ready.anybody, state, None, _CERTAIN, gathered)
        fired = [one for one in gathered.asked if one.outcome == "fires"]
        findings = merge([*(finding_of(one, state, self.ready) for one in fired), *gathered.findings])
        open_ = [one for one in gathered.asked if one.outcome == "cannot say"]
        findings = sorted([*findings, *cannot_say(open_, findings, state)], key=order)
        courses = tuple(self._course(drug, state) for drug in self._monitored if state.exposure(drug).active == YES)
        return Assessment(
            schema=SCHEMA,
            patient=record.patient,
            on=on,
            book=self._book_shown(),
            jurisdiction=self.wanted.jurisdiction or f"{ASSUMED} (assumed)",
            summary=summarise(record, findings, courses),
            courses=courses,
            protocols=tuple(self._protocol(drug, choice, state) for drug, choice in gathered.choices.items()),
            findings=tuple(findings),
            next_tests=due_tests(gathered.clocks, state),
            not_understood=record.not_understood,
            outside=record.outside,
            unread=record.unread,
            explained=tuple(_explanations(gathered)) if explain else (),
        )

    def _look_after(self, drug: str, state: State, gathered: _Gathered) -> None:
        exposure = state.exposure(drug)
        running = is_active(state, drug) if exposure.current or drug in state.unread else _NOT_TAKEN
        if running.truth != YES and (exposure.past or exposure.current):
            stopped = _CERTAIN if running.truth == NO else running
            self._ask(self.ready.after_stop.get(drug, ()), state, drug, stopped, gathered)
        if running.truth == NO:
            return
        self._ask(self.ready.course.get(drug, ()), state, drug, running, gathered)
        self._table(drug, running, state, gathered)
        choice = choose(drug, state, self.book, self.wanted)
        if choice is None:
            gathered.findings.append(_no_protocol(drug, state))
            return
        gathered.choices[drug] = choice
        self._thresholds(drug, choice, running, state, gathered)
        if running.truth == YES:
            self._tests(drug, choice, state, gathered)
        else:
            self._tests_in_doubt(drug, choice, running, state, gathered)

    def _ask(
        self,
        rules: tuple[CompiledRule, ...],
        state: State,
        this: str | None,
        gate: Answer,
        gathered: _Gathered,
        notes: tuple[str, ...] = (),
    ) -> None:
        asked = ask_rules(rules, state, this, gate, gathered.implied, notes, silent_too=gathered.explain)
        gathered.asked.extend(asked)

    def _thresholds(
        self,
        drug: str,
        choice: Choice,
        gate: Answer,
        state: State,
        gathered: _Gathered,
    ) -> None:
        protocol, notes = choice.protocol, protocol_notes(choice.protocol, state.on)
        self._ask(self.ready.thresholds[protocol.id], state, drug, gate, gathered, notes)
        borrowed = protocol.thresholds_from
        if borrowed and borrowed.protocol in self.ready.thresholds:
            lender = self.book.protocols[borrowed.protocol]
            said = (f"limit borrowed from {lender.title}: {borrowed.why}", *protocol_notes(lender, state.on))
            own = {bound for rule in self.ready.thresholds[protocol.id] for bound in rule.bounds}
            lent = tuple(rule for rule in self.ready.thresholds[lender.id] if own.isdisjoint(rule.bounds))
            self._ask(lent, state, drug, gate, gathered, said)

    def _borrowed_clocks(self, drug: str, protocol: Protocol, state: State) -> list[Clock]:
        """The clocks of the protocol whose schedule this one borrows, each saying why."""
        borrowed = protocol.schedule_from
        if borrowed is None or borrowed.protocol not in self.book.protocols:
            return []
        lender = self.book.protocols[borrowed.protocol]
        note = f"schedule borrowed from {lender.title}: {borrowed.why}"
        return [replace(clock, note=note) for clock in clocks(drug, lender, state, self.ready)]

    def _tests(self, drug: str, choice: Choice, state: State, gathered: _Gathered) -> None:
        found = clocks(drug, choice.protocol, state, self.ready)
        found += self._borrowed_clocks(drug, choice.protocol, state)
        if not found:
            gathered.findings.append(_no_schedule(drug, choice, state))
        gathered.clocks += found
        gathered.explained += unread_schedules(choice.protocol)
        findings, explained = baseline(drug, choice.protocol, state, self.ready)
        gathered.findings += findings
        gathered.explained += explained

    def _tests_in_doubt(self, drug: str, choice: Choice, running: Answer, state: State, gathered: _Gathered) -> None:
        """While nobody knows whether the drug is taken, nobody knows which of its tests are wanted."""
        gathered.clocks += open_clocks(drug, choice.protocol, state, running.missing)
        borrowed = choice.protocol.schedule_from
        if borrowed and borrowed.protocol in self.book.protocols:
            gathered.clocks += open_clocks(drug, self.book.protocols[borrowed.protocol], state, running.missing)
        _, explained = baseline(drug, choice.protocol, state, self.ready)
        gathered.explained += [_in_doubt(one, running) for one in explained]

    def _table(self, drug: str, running: Answer, state: State, gathered: _Gathered) -> None:
        table = choose_table(drug, state, self.ready, self.wanted)
        if table is None:
            return
        findings, explained = table_findings(table, state, drug, self.ready)
        taken = running.truth == YES
        gathered.findings += findings if taken else []
        gathered.explained += explained if taken else [_in_doubt(one, running) for one in explained]

    def _combined(self, state: State, gathered: _Gathered) -> None:
        """Protocols written for drugs taken together: their clocks and limits come on top of each drug's own."""
        for choice, taken in combinations(state, self.book, self.wanted):
            together = choice.protocol.applies.together
            drug = next((one for one in together if one in self._monitored), together[0])
            if taken.truth == YES:
                gathered.choices[" + ".join(together)] = choice
                gathered.clocks += clocks(drug, choice.protocol, state, self.ready)
            else:
                gathered.clocks += open_clocks(drug, choice.protocol, state, taken.missing)
            self._thresholds(drug, choice, taken, state, gathered)

    def _unreadable_medicine(self, state: State, gathered: _Gathered) -> None:
        """A medicine that nobody could read may be a monitored one; with one in use, its own rules say so."""
        unread = state.unread.get("any-drug", [])
        if not unread or gathered.choices:
            return
        names = listed(state.words.show(drug) for drug in self._monitored)
        gap = Missing("medicine list", f"{len(unread)} medicine entries could not be read", "read the medicine list")
        gathered.findings.append(
            Finding(
                rule="engine/unreadable-medicine",
                kind="cannot-say",
                tier="CANNOT SAY",
                cause="a medicine could not be read",
                says=f"A medicine could not be read, so {names} and interacting drugs cannot be excluded.",
                action=ActionShown("ask", "Read the medicine list at its source.", "this week", "should"),
                missing=(gap,),
                would_be="ACT",
            )
        )

    def _course(self, drug: str, state: State) -> CourseShown:
        exposure = state.exposure(drug)
        return CourseShown(
            drug=drug,
            name=state.words.show(drug),
            start=_as_stated(exposure),
            dose_mg_per_day=(exposure.dose.low, exposure.dose.high) if exposure.dose else None,
            dose_mg_per_kg_per_day=per_kg(exposure.dose, state),
            dose_since=dose_since(exposure),
            per=state.words.drugs[drug].per,
            held=any(one.status == "on-hold" for one in exposure.current),
        )

    def _protocol(self, drug: str, choice: Choice, state: State) -> ProtocolShown:
        protocol = choice.protocol
        sources = [schedule.source for schedule in protocol.schedule] or [rule.source for rule in protocol.thresholds]
        shown = sources_shown(sources[:1], self.book, state.on, protocol.review_by)
        return ProtocolShown(
            drug=drug,
            id=protocol.id,
            title=protocol.title,
            body=protocol.body,
            chosen_because=choice.because,
            status=" ".join(protocol_notes(protocol, state.on)),
            gaps=protocol.gaps,
            source=shown[0] if shown else None,
        )

    def _book_shown(self) -> BookShown:
        overlay = self.book.overlay
        return BookShown(
            digest=self.book.digest,
            rules=self._rules,
            overlay=f"{overlay.site}, by {overlay.by}" if overlay else None,
            changes=tuple(f"{one.rule} {one.field}: '{one.was}' -> '{one.now}'" for one in overlay.changes)
            if overlay
            else (),
        )


def _as_stated(exposure: Exposure) -> str | None:
    """The start of the course with the precision the record has it in: 2024-05 stays a month."""
    taken = (*exposure.current, *exposure.past)
    starts = [one.start for one in taken if one.start and one.start.first == exposure.start]
    return starts[0].iso if starts else None


_CERTAIN = Answer(YES)
_NOT_TAKEN = no(why="not taken")


def _in_doubt(explained: Explained, running: Answer) -> Explained:
    """What would fire is a question while nobody knows whether the drug is taken."""
    if explained.outcome != "fires":
        return explained
    return Explained(explained.rule, "cannot say", f"{running.reason}; {explained.why}")


def _no_protocol(drug: str, state: State) -> Finding:
    name = inside(state.words.show(drug))
    gap = Missing(f"monitoring protocol for {name}", "the rule book holds none", "use the local protocol")
    return Finding(
        rule=f"engine/no-protocol/{drug}",
        kind="schedule",
        tier="CANNOT SAY",
        cause=f"no monitoring protocol for {name}",
        says=f"The rule book holds no monitoring protocol for {name}: when tests are due cannot be said.",
        action=ActionShown("ask", "Follow the local protocol for this drug.", "this week", "should"),
        missing=(gap,),
        would_be="ACT",
    )


def _no_schedule(drug: str, choice: Choice, state: State) -> Finding:
    name = inside(state.words.show(drug))
    gap = Missing(f"blood test schedule for {name}", "the protocol chosen gives none", "use the local schedule")
    return Finding(
        rule=choice.protocol.id,
        kind="schedule",
        tier="CANNOT SAY",
        cause=f"no blood test schedule for {name}",
        says=f"{choice.protocol.title} gives no schedule of blood tests for {name}: when they are due cannot be said.",
        action=ActionShown("ask", "Follow the local schedule, or choose another protocol.", "this week", "should"),
        missing=(gap,),
        would_be="ACT",
    )


def _explanations(gathered: _Gathered) -> list[Explained]:
    found = [
        Explained(one.rule.id, one.outcome, one.answer.reason or _reason(one), one.rule.rule.when)
        for one in gathered.asked
    ]
    return sorted([*found, *gathered.explained], key=lambda one: one.rule)


def _reason(asked: Asked) -> str:
    if asked.answer.truth == UNKNOWN:
        return "; ".join(gap.why for gap in asked.answer.missing)
    return "the condition holds" if asked.answer.truth == YES else "the condition does not hold"

"""The assessment before the first tablet for a terminal: the verdict and what to settle first, then the plan."""

from typing import TYPE_CHECKING, Final

from rxvigil.engine.assessment import Finding, SourceShown
from rxvigil.engine.wording import opening
from rxvigil.facts import said_of_patient, show_day
from rxvigil.reports import start_words, words
from rxvigil.reports.citations import Cited, numbered
from rxvigil.reports.printing import LOOK, Printer
from rxvigil.starting.assessment import ItemShown, StartAssessment

if TYPE_CHECKING:
    from rich.console import Console

_ANSWER_LOOK: Final = {"yes": "bold yellow", "no": "", "cannot say": "bold magenta"}


def start_to_text(assessment: StartAssessment, console: "Console") -> None:
    """Print the assessment of a start."""
    report = StartReport(console, assessment)
    report.opening()
    report.settle()
    report.concerns()
    report.plan()
    report.calendar()
    report.tell()
    report.findings()
    report.checklist()
    report.strange()
    report.sources(report.cited.values())
    report.closing()


class StartReport(Printer):
    """Prints one section after another."""

    def __init__(self, console: "Console", assessment: StartAssessment) -> None:
        super().__init__(console)
        self.shown = assessment
        self.cited: dict[str, Cited] = numbered(start_words.all_sources(assessment))

    def number(self, source: SourceShown) -> int:
        """The number under which the source is listed."""
        return self.cited[source.ref].number

    def opening(self) -> None:
        """For whom, what, when, and the verdict in one sentence."""
        if simulated := said_of_patient(self.shown.patient):
            self.line(simulated, style="bold")
        self.line(f"{words.who(self.shown.patient)}; before the first tablet, as of {show_day(self.shown.on)}")
        self.line(start_words.about(self.shown))
        tier = start_words.VERDICT_TIER[self.shown.verdict]
        self.line(self.shown.says, style=LOOK[tier])
        self.line(f"Counts until {start_words.counts_until(self.shown)}")
        for author in self.shown.answered_by:
            self.line(f"With answers: {author}.")

    def settle(self) -> None:
        """What must be settled first."""
        if not self.shown.to_settle:
            return
        self.heading("To settle first")
        for number, one in enumerate(self.shown.to_settle, 1):
            self.labelled(f"{number:>2} {start_words.SETTLE_KINDS[one.kind]:<6}", start_words.settle_line(one))
            self.line(one.do, indent=2 if self.narrow else 10)

    def concerns(self) -> None:
        """What speaks against the start, what is to be weighed, and where answers and record disagree."""
        for title, found in (
            ("Speaks against the start", start_words.forbidding(self.shown)),
            ("To be weighed", start_words.weighing(self.shown)),
        ):
            if found:
                self.heading(title)
            for item in found:
                self.item(item)
        self.contradictions()

    def contradictions(self) -> None:
        """Where answers and record disagree."""
        if self.shown.contradictions:
            self.heading("Answers and record disagree")
        for one in self.shown.contradictions:
            self.line(one.says)
            for fact in one.evidence:
                self.line(start_words.evidence_line(fact), indent=2)

    def item(self, item: ItemShown) -> None:
        """One concern with its evidence, what to do and who says so."""
        self.concern(item)
        for one in start_words.asked_elsewhere(item):
            self.line(f"Elsewhere, {start_words.where(one)}: {one.body} ({one.weight}): {one.says}", indent=2)
        for other in item.disagrees:
            self.line(f"Compare {other.body}: {other.says} ({other.mark})", indent=2)

    def concern(self, item: ItemShown) -> None:
        """One concern as it is seen in this place."""
        self.line(f"{opening(item.name)}: {start_words.weight_says(item)}", style="bold")
        self.line(item.do, indent=2)
        for fact in item.evidence:
            self.line(f"Because: {start_words.evidence_line(fact)}", indent=2)
        for one in start_words.asked_here(item):
            number = self.number(one.source)
            self.line(f"{one.body} ({one.weight}, {one.strength}): {one.says} [{number}]", indent=2)

    def plan(self) -> None:
        """Tests, questions, vaccines and the dose."""
        plan = self.shown.plan
        if plan.tests:
            self.heading("Tests to order")
        for test in plan.tests:
            self.labelled(f"{test.strength:<8}", f"{test.name}: {start_words.test_why(test)}")
        questions = start_words.open_items(self.shown)
        if questions:
            self.heading("Questions to ask")
        for item in questions:
            self.labelled("first   " if item.holds_start else "also    ", f"{item.question} [{item.id}]")
        self.vaccines()
        self.dose()

    def vaccines(self) -> None:
        """What to give first, and the first day on which nothing asks for a longer wait."""
        plan = self.shown.plan
        if plan.vaccines or plan.earliest:
            self.heading("Vaccines first")
        for one in plan.vaccines:
            says = f"{one.says}{start_words.if_given_today(one)} [{self.number(one.source)}]"
            self.labelled(f"{one.strength:<8}", f"{one.name}: {says}")
        if plan.earliest:
            self.line(f"Earliest start {show_day(plan.earliest.on)}: {plan.earliest.why}.")

    def dose(self) -> None:
        """The start dose with its sum."""
        dose = list(start_words.dose_lines(self.shown))
        if dose:
            self.heading("Start dose")
        for line in dose:
            self.line(line)

    def calendar(self) -> None:
        """The blood tests of the first year."""
        self.heading("Calendar of the first year")
        self.line(self.shown.plan.calendar_says)
        for visit in self.shown.plan.calendar:
            self.labelled(f"{show_day(visit.on):<11}", f"{', '.join(visit.tests)} ({visit.strength})")
        if self.shown.plan.calendar:
            self.line(start_words.PROMISE)

    def tell(self) -> None:
        """What to tell the patient."""
        self.heading("What to tell the patient")
        for when, title in start_words.WHEN_TOLD.items():
            points = [one for one in self.shown.plan.tell if one.when == when]
            if points:
                self.line(title, style="bold")
            for point in points:
                number = self.number(point.sources[0])
                self.line(f"{point.name}. {point.says} [{number}]", indent=2)
                for other in point.disagrees:
                    self.line(f"Compare {other.body}: {other.says}", indent=4)

    def findings(self) -> None:
        """What the rules say, asked as if the drug were begun."""
        if not (self.shown.findings or self.shown.open_rules):
            return
        self.heading("What the rules say of this start")
        for finding in (*self.shown.findings, *self.shown.open_rules):
            self.finding(finding)

    def finding(self, finding: Finding) -> None:
        """One finding with its action and first sources."""
        self.labelled(finding.tier, finding.says, LOOK[finding.tier])
        indent = 2 if self.narrow else 6
        self.line(f"{words.when_to_act(finding.action)}: {finding.action.says}", indent, style="bold")
        for source in words.sources_once(finding.sources):
            self.line(f"Source [{self.number(source)}] {source.body}, {source.where} ({source.mark})", indent)
        for other in finding.disagrees:
            self.line(f"Compare {other.body}: {other.says} ({other.mark})", indent)

    def checklist(self) -> None:
        """Every question with its answer."""
        self.heading("The checklist")
        for subject, items in start_words.subjects(self.shown).items():
            self.line(subject, style="bold")
            for item in items:
                self.labelled(f"{item.says.upper():<10}", _answer(item), _ANSWER_LOOK[item.says])

    def strange(self) -> None:
        """What was not understood, and what the checklist does not hold."""
        self.heading("Not understood")
        for entry in self.shown.not_understood:
            self.line(f"{entry.what}: {entry.why}")
            self.line(f"at {entry.origin}", indent=2)
        if not self.shown.not_understood:
            self.line("Everything in the record and the answers that the checklist could need was understood.")
        self.heading("What this checklist does not hold")
        for gap in self.shown.gaps:
            self.line(f"- {gap}")

    def closing(self) -> None:
        """Which knowledge answered, and what it is for."""
        self.blank()
        book = self.shown.book
        self.line(f"Rule book {book.digest[:12]}, {book.rules} rules, {self.shown.jurisdiction}.")
        self.line(words.STRENGTH_MEANS)
        self.line(words.INTENDED_USE)


def _answer(item: ItemShown) -> str:
    facts = "; ".join(start_words.evidence_line(one) for one in item.evidence)
    return f"{item.name}: {facts or item.why}"

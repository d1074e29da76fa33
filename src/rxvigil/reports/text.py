"""The assessment for a terminal: what needs doing in the first lines, everything else below in order of use.

Meaning never hangs on colour, and every line survives 40 columns: findings are blocks of text, and the one table turns
into blocks where it would not fit. Text from records is made visible first: an escape sequence in a drug name must not
reach the terminal.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rxvigil.engine.assessment import Assessment, DueTest, Explained, Finding, SourceShown
from rxvigil.facts import said_of_patient, show_day
from rxvigil.reports import words
from rxvigil.reports.citations import Cited, citations
from rxvigil.reports.printing import LOOK, Printer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def to_text(assessment: Assessment, explain: bool, console: "Console") -> None:
    """Print the assessment; with `explain`, every rule that was asked with its answer and why."""
    cited = citations(assessment)
    report = _Report(console, assessment, cited)
    report.opening(assessment)
    report.first(assessment)
    report.tests(words.tests_in_order(assessment))
    report.unsaid(words.in_tier(assessment, "CANNOT SAY"))
    report.not_understood(assessment)
    report.protocols(assessment)
    if explain:
        report.explained(assessment.explained)
    report.sources(cited.values())
    report.closing(assessment)


class _Report(Printer):
    """Prints one section after another."""

    def __init__(self, console: "Console", assessment: Assessment, cited: dict[str, Cited]) -> None:
        super().__init__(console)
        self.assessment, self.cited = assessment, cited

    def opening(self, assessment: Assessment) -> None:
        """Who, on what, and the whole in one sentence: the first finding begins right below."""
        if simulated := said_of_patient(assessment.patient):
            self.line(simulated, style="bold")
        self.line(f"{words.who(assessment.patient)}; as of {show_day(assessment.on)}")
        for course in assessment.courses:
            self.line(words.course_line(course))
        if not assessment.courses:
            self.line("No blood-monitored medicine was found in the record.")
        self.line(assessment.summary, style="bold")

    def first(self, assessment: Assessment) -> None:
        """STOP and ACT, then what could be as grave and cannot be said, then KNOW."""
        urgent = (*words.in_tier(assessment, "STOP"), *words.in_tier(assessment, "ACT"))
        unsaid = words.in_tier(assessment, "CANNOT SAY")
        for index, finding in enumerate(urgent):
            if index:
                self.blank()
            self.finding(finding)
        if not urgent:
            self.line(_nothing(len(unsaid)))
        grave = [one for tier in ("STOP", "ACT") for one in unsaid if one.would_be == tier]
        if grave:
            self.blank()
        for finding in grave:
            self.labelled("CANNOT SAY", f"could be {finding.would_be}: {_in_short(finding)}", LOOK["CANNOT SAY"])
        for finding in words.in_tier(assessment, "KNOW"):
            self.blank()
            self.finding(finding)

    def finding(self, finding: Finding) -> None:
        self.labelled(finding.tier, finding.says, LOOK[finding.tier])
        indent = 2 if self.narrow else 6
        self.line(f"{words.when_to_act(finding.action)}: {finding.action.says}", indent, style="bold")
        for text in (*_grounds(finding, self.assessment), *self.sources_of(finding.sources)):
            self.line(text, indent)

    def sources_of(self, sources: Iterable[SourceShown]) -> Iterator[str]:
        for source in words.sources_once(sources):
            old = f"; superseded by {source.superseded_by}" if source.superseded_by else ""
            late = "; review of this value overdue" if source.review_overdue else ""
            yield f"Source [{self.cited[source.ref].number}] {source.body}, {source.where} ({source.mark}){old}{late}"

    def tests(self, tests: list[DueTest]) -> None:
        self.heading("Tests")
        if not tests:
            self.line("No monitoring test is asked for on this date by the protocol followed.")
        elif self.narrow:
            for test in tests:
                self.line(f"{test.name}: {words.due_line(test)}")
                self.line(f"last {_last(test)}; {test.because}", indent=2)
        else:
            self.console.print(_test_table(tests), highlight=False)

    def unsaid(self, findings: tuple[Finding, ...]) -> None:
        self.heading("Cannot say")
        for finding in findings:
            self.line(f"? {finding.says}")
            for text in (f"To settle it: {finding.action.says}", *words.further_gaps(finding)):
                self.line(text, indent=2)
        if not findings:
            self.line("Every rule that was asked could be answered.")

    def not_understood(self, assessment: Assessment) -> None:
        self.heading("Not understood")
        for entry in assessment.not_understood:
            self.line(f"{entry.what}: {entry.why}{f' ({entry.when})' if entry.when else ''}")
            self.line(f"at {entry.origin}", indent=2)
        if not assessment.not_understood:
            self.line("Everything in the record that the rules could need was understood.")
        for code in assessment.outside:
            self.line(
                f"No rule knows {code.kind} code {code.code} ({code.display or code.system}), seen {code.count} times."
            )
        if assessment.unread:
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(assessment.unread.items()))
            self.line(f"Not read, because no rule speaks of it: {kinds}.")

    def protocols(self, assessment: Assessment) -> None:
        self.heading("Protocols followed")
        for protocol in assessment.protocols:
            self.line(f"{protocol.title} ({protocol.body}). Why this one: {protocol.chosen_because}.")
            for text in (
                *([f"Status: {protocol.status}"] if protocol.status else []),
                *(f"Gap: {gap}" for gap in protocol.gaps),
            ):
                self.line(text, indent=2)
            for text in self.sources_of([protocol.source] if protocol.source else []):
                self.line(text, indent=2)
        if not assessment.protocols:
            self.line("No monitoring protocol applies.")
        for change in assessment.book.changes:
            self.line(f"Changed by {assessment.book.overlay}: {change}")

    def explained(self, explained: tuple[Explained, ...]) -> None:
        self.heading("Every rule and its answer")
        for one in explained:
            self.line(f"{one.outcome.upper()}: {one.rule}")
            for text in (f"because {one.why}", f"asked: {one.asked}" if one.asked else ""):
                if text:
                    self.line(text, indent=2)

    def closing(self, assessment: Assessment) -> None:
        self.blank()
        self.line(f"Rule book {assessment.book.digest[:12]}, {assessment.book.rules} rules, {assessment.jurisdiction}.")
        self.line(words.STRENGTH_MEANS)
        self.line(words.INTENDED_USE)


def _in_short(finding: Finding) -> str:
    return f"{words.headline(finding.says)} To settle it: {words.headline(finding.action.says)}"


def _nothing(unsaid: int) -> str:
    if unsaid:
        return f"No rule that could be answered asks for action, but {unsaid} could not be answered: not a reassurance."
    return "No rule asks for action, and every rule that was asked could be answered."


def _grounds(finding: Finding, assessment: Assessment) -> Iterator[str]:
    if finding.attest:
        yield f"First rule out: {'; '.join(finding.attest)}"
    for fact in finding.because:
        yield f"Because: {fact.says} [{fact.origin}]"
    for gap in words.further_gaps(finding):
        yield f"Not known: {gap}"
    for note in words.notes_once(finding, assessment):
        yield f"Note: {note}"
    for other in finding.disagrees:
        yield f"Compare {other.body}: {other.says} ({other.mark})"


def _last(test: DueTest) -> str:
    return show_day(test.last) if test.last else "never in this record"


def _test_table(tests: list[DueTest]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, pad_edge=False, show_edge=False)
    for name in ("Test", "Status", "Last done", "Why"):
        table.add_column(name)
    for test in tests:
        cells = (test.name, words.due_line(test), _last(test), test.because)
        table.add_row(*(Text(words.clean(cell)) for cell in cells))
    return table

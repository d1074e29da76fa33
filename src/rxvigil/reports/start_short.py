"""The assessment before the first tablet on a page or two: what blocks, what is not known, dose, tests to order.

Nothing that holds the start is left out. What is left out is counted at the end.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rxvigil.engine.assessment import SourceShown
from rxvigil.engine.wording import listed, opening
from rxvigil.facts import show_day
from rxvigil.reports import start_words, words
from rxvigil.reports.printing import LOOK
from rxvigil.reports.start_text import StartReport
from rxvigil.starting.assessment import ItemShown, StartAssessment

if TYPE_CHECKING:
    from rich.console import Console

MOST_NOT_UNDERSTOOD: Final = 5
"""Entries that were not understood and are shown one by one."""


def start_in_short(assessment: StartAssessment, console: "Console") -> None:
    """Print what has to be known before anything else of a start."""
    report = _ShortReport(console, assessment)
    report.opening()
    report.against()
    report.contradictions()
    report.settle()
    report.rules()
    report.unknown()
    report.weigh()
    report.dose()
    report.tests()
    report.vaccines()
    report.visits()
    report.not_understood()
    report.named()
    report.closing()


class _ShortReport(StartReport):
    """Prints one section after another, and remembers which sources it named."""

    def __init__(self, console: "Console", assessment: StartAssessment) -> None:
        super().__init__(console, assessment)
        self.used: dict[str, dict[str, None]] = {}
        """Key of a publication -> the places in it that were named, with their marks."""

    def number(self, source: SourceShown) -> int:
        """The number under which the source is listed here and in the whole report."""
        self.used.setdefault(source.ref, {})[f"{source.where} ({source.mark})"] = None
        return super().number(source)

    def against(self) -> None:
        """What forbids the start."""
        found = start_words.forbidding(self.shown)
        if found:
            self.heading("Speaks against the start")
        for item in found:
            self.concern(item)

    def rules(self) -> None:
        """What the rules say of the start that needs somebody, and what they could not answer."""
        urgent = [one for one in self.shown.findings if one.tier != "KNOW"]
        found = [*urgent, *self.shown.open_rules]
        if found:
            self.heading("What the rules say of this start")
        for one in found:
            numbers = "".join(f" [{self.number(source)}]" for source in words.sources_once(one.sources)[:1])
            self.labelled(one.tier, f"{one.says}{numbers}", LOOK[one.tier])
            self.line(f"{words.when_to_act(one.action)}: {one.action.says}", 2 if self.narrow else 6)

    def unknown(self) -> None:
        """What else the record does not say; it does not hold the start."""
        found = list(_also_unknown(self.shown))
        if found:
            self.heading("Also not known")
            self.line(f"None of it holds the start here: {'; '.join(one.name for one in found)}.")

    def weigh(self) -> None:
        """What is there and does not forbid the start."""
        found = start_words.weighing(self.shown)
        if found:
            self.heading("To be weighed")
        for item in found:
            first = " (first)" if item.deal_with_first else ""
            numbers = "".join(f" [{self.number(one.source)}]" for one in start_words.asked_here(item)[:1])
            self.line(f"{opening(item.name)}{first}. {item.do}{numbers}")

    def dose(self) -> None:
        """The start dose with its sum and whose it is, or every reason why there is none."""
        dose = self.shown.plan.dose
        if dose is None:
            return
        self.heading("Start dose")
        summary, *rest = start_words.dose_lines(self.shown)
        for line in rest if len(dose.refused) > 1 else (summary, *rest):
            self.line(line)
        if dose.followed and not dose.refused:
            numbers = "".join(f" [{self.number(source)}]" for source in dose.followed.sources[:1])
            self.line(f"By {dose.followed.body}.{numbers}")

    def tests(self) -> None:
        """Tests to order before the start."""
        if self.shown.plan.tests:
            self.heading("Tests to order")
        for test in self.shown.plan.tests:
            self.labelled(f"{test.strength:<8}", f"{test.name}: {test.why}")

    def visits(self) -> None:
        """How many blood tests the first year brings, and the first of them, where it may begin."""
        visits = self.shown.plan.calendar
        if visits and self.shown.verdict != "may not start":
            self.heading("Calendar of the first year")
            first = visits[0]
            self.line(f"{len(visits)} days with tests; the first on {show_day(first.on)}: {', '.join(first.tests)}.")

    def not_understood(self) -> None:
        """What could not be read: it may matter."""
        found = self.shown.not_understood
        if found:
            self.heading("Not understood")
        for one in found[:MOST_NOT_UNDERSTOOD]:
            self.line(f"{one.what}: {one.why} (at {one.origin})")
        if len(found) > MOST_NOT_UNDERSTOOD:
            self.line(f"and {len(found) - MOST_NOT_UNDERSTOOD} more")

    def named(self) -> None:
        """The sources named above with the places used, and what is left out."""
        if self.used:
            self.heading("Sources")
        for ref, one in self.cited.items():
            if ref in self.used:
                old = f" Superseded by {one.superseded_by}." if one.superseded_by else ""
                self.line(f"[{one.number}] {one.title}, {one.body}.{old} {'; '.join(self.used[ref])}.")
        self.heading("Left out here")
        rest = listed([*_left_out(self.shown), f"further sources ({len(self.cited) - len(self.used)})"])
        self.line(f"{opening(rest)}. All of it: --full, or --format html.")


def _also_unknown(assessment: StartAssessment) -> Iterator[ItemShown]:
    settled = {one.item for one in assessment.to_settle}
    yield from (one for one in assessment.items if one.says == "cannot say" and one.id not in settled)


def _left_out(assessment: StartAssessment) -> Iterator[str]:
    """What the whole report holds besides, counted."""
    elsewhere = sum(len(start_words.asked_elsewhere(one)) for one in assessment.items)
    cleared = sum(one.says == "no" for one in assessment.items)
    known = sum(one.tier == "KNOW" for one in assessment.findings)
    counts = (
        (cleared, "cleared questions"),
        (len(start_words.open_items(assessment)), "questions to ask in the words of the checklist"),
        (known, "rules that tell something for information"),
        (len(assessment.plan.tell), "points to tell the patient"),
        (elsewhere, "positions of other places"),
        (len(assessment.gaps), "gaps of the checklist"),
    )
    yield from (f"{what} ({number})" for number, what in counts if number)

"""Doses for a terminal: the answer first, then what stands against it, then the sum to be checked by hand."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from rxvigil.dosing import ChangePlan, ConversionPlan, DosePlan, TaperPlan
from rxvigil.engine.assessment import Finding, SourceShown
from rxvigil.engine.wording import opening
from rxvigil.facts import show_day
from rxvigil.facts.simulated import THIS_PATIENT
from rxvigil.reports import dose_words as say
from rxvigil.reports import words
from rxvigil.reports.citations import Cited, numbered
from rxvigil.reports.printing import LOOK, Printer

if TYPE_CHECKING:
    from rich.console import Console

    from rxvigil.dosing.plan import BodyShown, InputShown, Refusal, StepShown

_MARGIN: Final = 15
"""Columns of the words in the margin."""


def plan_text(plan: DosePlan | ChangePlan | TaperPlan | ConversionPlan, console: "Console") -> None:
    """Print whichever the doser answered."""
    if plan.simulated:
        Printer(console).line(THIS_PATIENT, style="bold")
    match plan:
        case DosePlan():
            dose_text(plan, console)
        case ChangePlan():
            change_text(plan, console)
        case TaperPlan():
            taper_text(plan, console)
        case ConversionPlan():
            conversion_text(plan, console)


def dose_text(plan: DosePlan, console: "Console") -> None:
    """Print a start dose."""
    page = _Page(console, say.sources_of_start(plan))
    page.opening(plan.name, "start dose", plan.on, plan.jurisdiction, plan.summary)
    if plan.refused:
        page.refusals(plan.refused)
    else:
        for label, text in say.dose_lines(plan):
            page.beside(label, text)
        page.ways(plan)
    page.findings(plan.findings)
    if not plan.refused:
        page.rises(plan)
    page.steps("The sum as far as it went: no dose to give" if plan.refused else "The sum, step by step", plan.steps)
    page.inputs(plan.inputs)
    page.bodies(plan.followed, plan.beside, plan.genes_elsewhere)
    page.closing(plan.digest)


def change_text(plan: ChangePlan, console: "Console") -> None:
    """Print a change of dose."""
    page = _Page(console, say.sources_of_change(plan))
    page.opening(plan.name, "change of dose", plan.on, plan.jurisdiction, plan.summary)
    for label, text in say.change_lines(plan):
        page.beside(label, text)
    page.refusals(plan.refused)
    page.findings(plan.findings)
    page.steps("The sum, step by step", plan.steps)
    page.inputs(plan.inputs)
    page.bodies(plan.followed, (), ())
    page.closing(plan.digest)


def taper_text(plan: TaperPlan, console: "Console") -> None:
    """Print a withdrawal."""
    page = _Page(console, say.sources_of_taper(plan))
    page.opening(plan.name, "withdrawal", plan.on, plan.jurisdiction, plan.summary)
    if plan.steps:
        page.heading("Steps, each only while the disease stays quiet")
    for step in plan.steps:
        given = f": {step.option.says}" if step.option else ""
        page.beside(show_day(step.earliest), f"{step.target_mg:g} mg/d{given}" if step.target_mg else "none: the end")
    page.said("What the sources say of stopping", plan.says)
    page.refusals(plan.refused)
    page.findings(plan.findings)
    page.inputs(plan.inputs)
    page.closing(plan.digest)


def conversion_text(plan: ConversionPlan, console: "Console") -> None:
    """Print a conversion."""
    page = _Page(console, say.sources_of_conversion(plan))
    page.line(f"Conversion, {show_day(plan.on)}")
    page.line(plan.summary, style="bold")
    if plan.check_by_hand:
        page.beside("Check by hand", plan.check_by_hand)
    page.said("What the sources say", plan.says)
    page.refusals(plan.refused)
    page.findings(plan.findings)
    page.closing(plan.digest)


class _Page(Printer):
    """Prints one section after another."""

    def __init__(self, console: "Console", sources: Iterable[SourceShown]) -> None:
        super().__init__(console)
        self.cited: dict[str, Cited] = numbered(sources)

    def opening(self, name: str, what: str, on: date, jurisdiction: str, summary: str) -> None:
        """What is asked, and the whole answer in one sentence."""
        self.line(f"{name}: {what}; as of {show_day(on)}; {jurisdiction}")
        self.line(summary, style="bold")

    def beside(self, label: str, text: str) -> None:
        """A word in the margin, and its text."""
        self.labelled(label.ljust(_MARGIN), text)

    def cite(self, sources: Iterable[SourceShown]) -> str:
        """The numbers of sources with their marks: " [1 verified] [2 house]"."""
        once = dict.fromkeys((self.cited[one.ref].number, one.mark) for one in sources)
        return "".join(f" [{number} {mark}]" for number, mark in once)

    def ways(self, plan: DosePlan) -> None:
        """The dose both ways for what is not known."""
        if not plan.ways:
            return
        self.heading("Both ways")
        for way in plan.ways:
            used = "  <- used" if way.used else ""
            says = f" ({way.says})" if way.says else ""
            amount = say.in_words(way.range) if way.range else "no dose"
            self.line(f"If {way.if_}: {amount}{says}{used}", indent=2)

    def refusals(self, refused: "Iterable[Refusal]") -> None:
        """Every reason why no dose is given."""
        for one in refused:
            self.blank()
            self.labelled(one.tier, f"Refused: {one.reason}", LOOK[one.tier])
            self.line(f"{opening(one.do)}{self.cite(one.sources)}", indent=6)

    def findings(self, findings: tuple[Finding, ...]) -> None:
        """What needs somebody first; then, short, what is to be settled."""
        for tier in words.TIERS:
            for finding in (one for one in findings if one.tier == tier and tier != "CANNOT SAY"):
                self.blank()
                self.labelled(finding.tier, finding.says, LOOK[finding.tier])
                self.line(f"{words.when_to_act(finding.action)}: {finding.action.says}", indent=6)
                for text in self._grounds(finding):
                    self.line(text, indent=6)
        self._open([one for one in findings if one.tier == "CANNOT SAY"])

    def _open(self, findings: list[Finding]) -> None:
        """What cannot be said, each with how grave it could be and how to settle it."""
        if findings:
            self.heading("Cannot be said, and must be settled")
        for finding in findings:
            could = f" (could be {finding.would_be})" if finding.would_be else ""
            self.labelled("CANNOT SAY", f"{finding.says}{could}{self.cite(finding.sources)}", LOOK["CANNOT SAY"])
            self.line(f"To settle: {finding.action.says}", indent=6)

    def _grounds(self, finding: Finding) -> Iterator[str]:
        if finding.attest:
            yield f"First rule out: {'; '.join(finding.attest)}"
        for fact in finding.because:
            yield f"Because: {fact.says} [{fact.origin}]"
        for other in finding.disagrees:
            yield f"Compare {other.body}: {other.says} ({other.mark})"
        if finding.sources:
            yield f"Source{self.cite(finding.sources)}: {finding.sources[0].body}, {finding.sources[0].where}"

    def rises(self, plan: DosePlan) -> None:
        """The calendar of rises, and when to judge the effect."""
        if not (plan.titration or plan.titration_says or plan.judge_response_from):
            return
        self.heading("Afterwards")
        for rise in plan.titration:
            until = f" to {show_day(rise.latest)}" if rise.latest else ""
            given = f": {rise.option.says}" if rise.option else ""
            self.line(
                f"Rise {rise.number}, not before {show_day(rise.earliest)}{until}: {rise.target_mg:g} mg/d{given}"
            )
        if plan.titration:
            self.line(f"Each {plan.titration[0].says}.", indent=2)
        if plan.titration_says:
            self.line(plan.titration_says)
        if plan.judge_response_from:
            self.line(f"Judge the effect from {show_day(plan.judge_response_from)}. {plan.judge_response_says}")

    def steps(self, title: str, steps: "tuple[StepShown, ...]") -> None:
        """Every step of arithmetic with its source."""
        if not steps:
            return
        self.heading(title)
        for step in steps:
            self.line(f"{step.label}: {step.formula}{self.cite([step.source] if step.source else [])}", indent=2)

    def inputs(self, inputs: "tuple[InputShown, ...]") -> None:
        """The facts it rests on, and how old they are."""
        if inputs:
            self.heading("Rests on")
        for one in inputs:
            self.line(say.input_line(one), indent=2)

    def said(self, title: str, says: tuple[str, ...]) -> None:
        """Sentences of sources."""
        if says:
            self.heading(title)
            for text in says:
                self.line(text, indent=2)

    def bodies(self, followed: "BodyShown | None", beside: "tuple[BodyShown, ...]", genes: tuple[str, ...]) -> None:
        """Whose dose this is, with its gaps; and what others say."""
        if followed:
            self.heading("Body followed")
            self.line(f"{followed.title} ({followed.body}).{self.cite(followed.sources)}")
            self.line(f"Why this one: {followed.because}.", indent=2)
            for text in (*say.body_lines(followed), *followed.notes, *(f"Gap: {gap}" for gap in followed.gaps)):
                self.line(text, indent=2)
        if beside or genes:
            self.heading("Beside it")
        for one in beside:
            self.line(f"{one.title}: {say.body_short(one)}{self.cite(one.sources)}", indent=2)
        for text in genes:
            self.line(text, indent=2)

    def closing(self, digest: str) -> None:
        """The sources in full, and what this is for."""
        self.sources(self.cited.values())
        self.blank()
        self.line(f"Rule book {digest[:12]}.")
        self.line(words.INTENDED_USE)

"""A patient in a few lines: what needs doing first, for lists of patients and the demonstration."""

from typing import TYPE_CHECKING

from rxvigil.engine.assessment import Assessment, Finding
from rxvigil.facts import Patient, parse_when, said_of_patient

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from rxvigil.starting import StartAssessment

MOST = 5
"""Findings shown of one patient."""
MARKS = {"STOP": "■ STOP", "ACT": "▲ ACT", "KNOW": "● KNOW", "CANNOT SAY": "? CANNOT SAY"}
"""Shape and word: the tier is never told by colour alone."""


def to_brief(assessment: Assessment, console: "Console") -> None:
    """Summary, then each finding that needs somebody, with its action and first source."""
    from rich.padding import Padding
    from rich.text import Text

    _simulated(assessment.patient, console)
    console.print(Text(assessment.summary, style="bold"))
    for course in assessment.courses:
        dose = f" {course.dose_mg_per_day[0]:g} mg/day" if course.dose_mg_per_day else ", dose not known"
        since = f" since {parse_when(course.start)}" if course.start else ""
        console.print(Text(f"{course.name}{dose}{since}", style="dim"))
    urgent = [one for one in assessment.findings if one.tier in ("STOP", "ACT") or one.would_be in ("STOP", "ACT")]
    for finding in urgent[:MOST]:
        console.print(Padding(_lines(finding), (0, 0, 0, 2)))
    rest = len(assessment.findings) - len(urgent[:MOST])
    if rest:
        console.print(Text(f"  and {rest} more: see the whole assessment", style="dim"))
    console.print()


def start_to_brief(assessment: "StartAssessment", console: "Console") -> None:
    """The verdict on a start, and what must be settled first."""
    from rich.padding import Padding
    from rich.text import Text

    from rxvigil.reports import start_words

    _simulated(assessment.patient, console)
    console.print(Text(assessment.says, style="bold"))
    console.print(Text(start_words.about(assessment), style="dim"))
    for one in assessment.to_settle[:MOST]:
        kind = start_words.SETTLE_KINDS[one.kind]
        line = Text.assemble((f"{kind}:", "bold"), f" {start_words.settle_line(one)}")
        console.print(Padding(line, (0, 0, 0, 2)))
    rest = len(assessment.to_settle) - MOST
    if rest > 0:
        console.print(Text(f"  and {rest} more: see the whole assessment", style="dim"))
    console.print()


def _simulated(patient: Patient, console: "Console") -> None:
    from rich.text import Text

    if says := said_of_patient(patient):
        console.print(Text(says, style="bold"))


def _lines(finding: Finding) -> "Text":
    from rich.text import Text

    lines = Text.assemble((MARKS[finding.tier], "bold"), f"  {finding.says}\n  → {finding.action.says}")
    if finding.sources:
        source = finding.sources[0]
        lines.append(f"\n  {source.title}, {source.where} ({source.mark})", style="dim")
    return lines

"""The assessment before the first tablet as one page: self-contained HTML for a screen, a phone or paper.

As the page of a review: nothing is fetched, nothing runs, and title and addresses hold no patient value.
"""

from importlib.resources import files
from typing import TYPE_CHECKING

from rxvigil.facts import said_of_patient, show_day
from rxvigil.reports import start_words, words
from rxvigil.reports.citations import numbered
from rxvigil.reports.page import css_string, environment, marked
from rxvigil.starting.assessment import StartAssessment

if TYPE_CHECKING:
    from markupsafe import Markup


def start_to_html(assessment: StartAssessment) -> str:
    """The page. The same assessment gives the same bytes."""
    return (
        environment()
        .get_template("start.html.j2")
        .render(
            assessment=assessment,
            simulated=said_of_patient(assessment.patient),
            words=words,
            say=start_words,
            tier=start_words.VERDICT_TIER[assessment.verdict],
            cited=numbered(start_words.all_sources(assessment)),
            dose=list(start_words.dose_lines(assessment)),
            css=_style(assessment),
        )
    )


def _style(assessment: StartAssessment) -> "Markup":
    """The style sheets, with who and when at the head of every printed page: loose sheets get lost."""
    from markupsafe import Markup

    folder = files("rxvigil.reports") / "static"
    sheets = "".join((folder / name).read_text(encoding="utf-8") for name in ("page.css", "start.css"))
    before = marked(simulated=assessment.patient.simulated)
    running = f"{before}Patient {assessment.patient.id[:60]}, before the first tablet, {show_day(assessment.on)}"
    return Markup(f"{sheets}@page {{ @top-left {{ content: {css_string(running)}; }} }}\n")

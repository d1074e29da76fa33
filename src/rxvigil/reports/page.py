"""One page for one patient: self-contained HTML to read on a screen, a phone or paper.

Nothing is fetched, nothing runs: style and charts stand in the page, and its own content policy forbids the rest. The
title and the addresses hold no patient value, because browsers and print queues keep both.
"""

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rxvigil.engine.assessment import Assessment
from rxvigil.facts import Record, said_of_patient, show_day
from rxvigil.facts.simulated import WORD
from rxvigil.knowledge.book import RuleBook
from rxvigil.reports import words
from rxvigil.reports.chart import panel_svg, strips_svg
from rxvigil.reports.citations import citations
from rxvigil.reports.flowsheet import flowsheet
from rxvigil.reports.timeline import Timeline, timeline

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup


def to_html(assessment: Assessment, record: Record, book: RuleBook) -> str:
    """The page. The same assessment, record and rule book give the same bytes."""
    shown = timeline(assessment, record, book)
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            assessment=assessment,
            simulated=said_of_patient(assessment.patient),
            words=words,
            counts=words.counts(assessment),
            first=[finding for tier in ("STOP", "ACT") for finding in words.in_tier(assessment, tier)],
            know=words.in_tier(assessment, "KNOW"),
            unsaid=words.in_tier(assessment, "CANNOT SAY"),
            cited=citations(assessment),
            shown=shown,
            charts=_charts(shown),
            flowsheets={group.title: flowsheet(group) for group in shown.groups},
            names={key: book.vocabulary.show(key) for entry in assessment.not_understood for key in entry.affects},
            css=_style(assessment),
        )
    )


def environment() -> "jinja2.Environment":
    """Templates that escape whatever they print and fail on a name that is not there."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rxvigil.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = show_day
    environment.filters["named"] = lambda keys, names: ", ".join(names[key] for key in keys)
    environment.tests["address"] = words.is_address
    return environment


def _visible(value: Any) -> Any:
    """Whatever a template prints: text from records without characters that hide or reorder, markup as it is."""
    return value if hasattr(value, "__html__") else words.clean(str(value))


def _charts(shown: Timeline) -> dict[str, "Markup"]:
    from markupsafe import Markup

    drawn = {panel.analyte: panel_svg(panel, shown) for group in shown.groups for panel in group.panels}
    if shown.strips:
        drawn["medicines"] = strips_svg(shown)
    return {name: Markup(words.clean(svg)) for name, svg in drawn.items()}


def _style(assessment: Assessment) -> "Markup":
    """The style sheet, with who and when at the head of every printed page: loose sheets get lost."""
    from markupsafe import Markup

    sheet = (files("rxvigil.reports") / "static" / "page.css").read_text(encoding="utf-8")
    before = marked(simulated=assessment.patient.simulated)
    running = f"{before}Patient {assessment.patient.id[:60]}, reviewed as of {show_day(assessment.on)}"
    return Markup(f"{sheet}@page {{ @top-left {{ content: {css_string(running)}; }} }}\n")


def marked(*, simulated: bool) -> str:
    """What begins the head of a printed page."""
    return f"{WORD}. " if simulated else ""


def css_string(text: str) -> str:
    """A quoted CSS string in which nothing but letters and digits stands for itself."""
    return (
        '"' + "".join(one if one.isascii() and one.isalnum() else f"\\{ord(one):x} " for one in words.clean(text)) + '"'
    )

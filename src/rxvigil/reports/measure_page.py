"""Measures as one page: self-contained HTML, each chart with its table beside it.

As the page of a review: nothing is fetched, nothing runs.
"""

from typing import TYPE_CHECKING

from rxvigil.facts import show_day
from rxvigil.facts.simulated import WORD
from rxvigil.reports import measures as say
from rxvigil.reports import words
from rxvigil.reports.measure_chart import over_months, side_by_side
from rxvigil.reports.measures import Breakdown, Measure, Measures
from rxvigil.reports.page import environment, marked
from rxvigil.reports.worklist_page import style

if TYPE_CHECKING:
    from markupsafe import Markup

_MOST_DRAWN = 40
"""Rows of a chart; a longer breakdown is a table alone."""


def measures_to_html(made: Measures) -> str:
    """The page. The same measures give the same bytes."""
    charts = {
        (one.id, found.by): _chart(one, found, made)
        for one in made.measures
        for found in one.breakdowns
        if _drawn(found)
    }
    return (
        environment()
        .get_template("measures.html.j2")
        .render(
            made=made,
            say=say,
            words=words,
            charts=charts,
            css=style(f"{marked(simulated=bool(made.simulated))}Monitoring as of {show_day(made.on)}", "measures.css"),
        )
    )


def _drawn(found: Breakdown) -> bool:
    return 0 < len(found.rows) <= _MOST_DRAWN and (found.by != "month" or len(found.rows) > 1)


def _chart(one: Measure, found: Breakdown, made: Measures) -> "Markup":
    from markupsafe import Markup

    name, title = f"chart-{one.id}-{found.by}", f"{one.title}, by {found.by}"
    mark = WORD if made.simulated else ""
    drawn = over_months(found, name, title, mark) if found.by == "month" else side_by_side(found, name, title, mark)
    return Markup(words.clean(drawn))

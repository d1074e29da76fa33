"""A rehearsal as one page: self-contained HTML for those who decide whether a rule book is switched on."""

from rxvigil.facts import show_day
from rxvigil.reports import rehearsal as say
from rxvigil.reports import words
from rxvigil.reports.page import environment, marked
from rxvigil.reports.rehearsal import Rehearsal
from rxvigil.reports.rehearsal_text import colophon
from rxvigil.reports.worklist_page import style


def rehearsal_to_html(made: Rehearsal) -> str:
    """The page. The same rehearsal gives the same bytes."""
    return (
        environment()
        .get_template("rehearsal.html.j2")
        .render(
            made=made,
            say=say,
            words=words,
            colophon=list(colophon(made)),
            css=style(
                f"{marked(simulated=bool(made.simulated))}Rehearsal of a rule book, {show_day(made.on)}", "measures.css"
            ),
        )
    )

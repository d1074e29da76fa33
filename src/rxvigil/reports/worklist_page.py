"""The worklist as one page: self-contained HTML to read on a screen or a phone, or to print and tick off.

As the page of a review: nothing is fetched, nothing runs, and title and addresses hold no patient value.
"""

from importlib.resources import files
from typing import TYPE_CHECKING

from rxvigil.facts import show_day
from rxvigil.reports import words
from rxvigil.reports import worklist as say
from rxvigil.reports.page import css_string, environment, marked
from rxvigil.reports.worklist import Worklist
from rxvigil.reports.worklist_text import colophon

if TYPE_CHECKING:
    from markupsafe import Markup


def worklist_to_html(worklist: Worklist) -> str:
    """The page. The same worklist gives the same bytes."""
    before = marked(simulated=bool(worklist.simulated))
    return (
        environment()
        .get_template("worklist.html.j2")
        .render(
            worklist=worklist,
            say=say,
            words=words,
            counts=say.counted(worklist),
            marks={item.mark for entry in worklist.entries for item in entry.items},
            colophon=colophon(worklist),
            css=style(f"{before}Worklist as of {show_day(worklist.on)}", "worklist.css"),
        )
    )


def style(running: str, *more: str) -> "Markup":
    """The style sheets, with what this is at the head of every printed page."""
    from markupsafe import Markup

    folder = files("rxvigil.reports") / "static"
    sheets = "".join((folder / name).read_text(encoding="utf-8") for name in ("page.css", *more))
    heads = f"@page {{ @top-left {{ content: {css_string(running)}; }} @top-right {{ content: none; }} }}\n"
    return Markup(f"{sheets}{heads}")

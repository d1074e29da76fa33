"""What is counted of a population: the definition of each measure with its source."""

from reference.markdown import citation, code, file_link, page, table, text
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.coverage import Coverage, CoverageFile


def pages(book: RuleBook) -> dict[str, str]:
    """One page."""
    lines = [
        "What `rxvigil measure` counts by a definition of its own. What it counts by each patient's protocol needs",
        "none: the intervals are those of the [protocols](protocols.md). No rule reads anything on this page.",
    ]
    for file in book.measures.values():
        lines += ["", *_file(file, book)]
    return {"measures.md": page("Measures of a population", lines)}


def _file(file: CoverageFile, book: RuleBook) -> list[str]:
    shown = ", ".join(map(str, file.action.shown))
    return [
        f"{code(file.id)}, {file_link(file.id, '')}. Review by {show_day(file.review_by)}.",
        "",
        *(f"- Gap: {text(gap)}" for gap in file.gaps),
        "",
        *_coverage(file.coverage, book),
        "",
        "## time-to-action",
        "",
        f"Results are followed for {file.action.followed} days; the shares acted on within {shown} days are shown.",
        "",
        citation(file.action.source, book, ""),
    ]


def _coverage(of: Coverage, book: RuleBook) -> list[str]:
    further = "; ".join(f"{one.drug}: also {', '.join(one.panels)}" for one in of.further)
    rows = (
        ("Counted", of.numerator),
        ("Of", of.denominator),
        ("Drugs, one alone", ", ".join(of.drugs)),
        ("Supplied", f"in the last {of.supplied.recent} months and in the {of.supplied.before} before those"),
        ("Ages, years", f"{of.ages.first} to {of.ages.last}; bands from {', '.join(map(str, of.bands))}"),
        ("Each within months", f"{of.within}: {', '.join(of.panels)}{'; ' + further if further else ''}"),
        ("Differences here", of.differs),
    )
    return [
        f"## {of.id}",
        "",
        f"**{text(of.title)}.** {text(of.means)}",
        "",
        *table(("", ""), ((name, text(value)) for name, value in rows)),
        "",
        citation(of.source, book, ""),
    ]

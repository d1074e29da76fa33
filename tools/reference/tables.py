"""Decision tables over several values, and the severity scales."""

from reference.markdown import citation, code, file_link, page, plural, table, text
from reference.rules import action_says, disagreements
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import DecisionTable, Grading


def pages(book: RuleBook) -> dict[str, str]:
    """An overview and a page per table and per scale."""
    made = {f"tables/{one.id.replace('/', '-')}.md": _table(one, book) for one in book.tables.values()}
    made |= {f"tables/{one.id.replace('/', '-')}.md": _grading(one, book) for one in book.gradings.values()}
    return made | {"tables.md": _overview(book)}


def _overview(book: RuleBook) -> str:
    rows = [
        (
            f"[{text(one.title)}](tables/{one.id.replace('/', '-')}.md)",
            text(one.body),
            ", ".join(entry.jurisdiction for entry in one.default_for) or "asked for by `--protocol` only",
        )
        for _, one in sorted(book.tables.items())
    ]
    scales = [
        f"- [{text(one.title)}](tables/{one.id.replace('/', '-')}.md)" for _, one in sorted(book.gradings.items())
    ]
    lines = [
        "A decision table gives advice for a combination of values, such as two metabolites. Rows and stated gaps",
        "cover every combination exactly once, and `rxvigil rules lint` proves it. Where a value is missing, every",
        "reading that is still possible is shown and the answer is *cannot say*.",
        "",
        *table(("Table", "Body", "Default for"), rows),
        "",
        "Severity scales are printed beside a result, with their version; nothing fires on a grade, because the",
        "versions disagree:",
        "",
        *scales,
    ]
    return page("Decision tables and severity scales", lines)


def _table(one: DecisionTable, book: RuleBook) -> str:
    lines = [f"{code(one.id)}, {file_link(one.id, '../')}. {text(one.body)}. Review by {show_day(one.review_by)}.", ""]
    if one.assay:
        lines += [f"Assay: {text(one.assay)}", ""]
    if one.methods:
        lines += [f"Methods whose numbers the limits hold for: {text(', '.join(one.methods))}", ""]
    for axis in one.axes:
        bands = "; ".join(f"{text(band.name)} {text(band.range or band.category or '')}" for band in axis.bands)
        unit = f" in {code(axis.unit)}" if axis.unit else ""
        lines.append(f"- Axis *{text(axis.name)}*, {code(axis.of)}{unit}: {bands}")
    lines += [f"- Note: {text(note)}" for note in one.notes]
    rows = [
        (text(row.id), *(_bands(row.when, axis.name) for axis in one.axes), row.tier.upper(), text(row.says))
        for row in one.rows
    ]
    rows += [
        ("*gap*", *(_bands(gap.when, axis.name) for axis in one.axes), "CANNOT SAY", text(gap.says)) for gap in one.gaps
    ]
    lines += ["", *table(("Row", *(text(axis.name) for axis in one.axes), "Tier", "Says"), rows)]
    for row in one.rows:
        lines += ["", f"## {row.id}", "", f"- {action_says(row.action)}"]
        if row.attest:
            lines.append(f"- A person must first exclude: {text('; '.join(row.attest))}.")
        if row.gives_way_to:
            lines.append(f"- Gives way, while one of them fires, to: {', '.join(map(code, row.gives_way_to))}.")
        lines += [f"- Source: {citation(row.source, book, '../')}", *disagreements(row.disagrees, book, "../")]
    return page(one.title, lines)


def _bands(when: dict[str, tuple[str, ...]], axis: str) -> str:
    return text(" or ".join(when[axis])) if axis in when else "any"


def _grading(one: Grading, book: RuleBook) -> str:
    rows = [
        (
            text(book.vocabulary.show(row.analyte)),
            text(row.term),
            "" if row.when_baseline == "any" else row.when_baseline,
            *(text(row.grades.get(grade, "")) for grade in ("1", "2", "3", "4")),
            citation(row.source, book, "../"),
        )
        for row in one.rows
    ]
    lines = [
        f"{text(one.version)}. {code(one.id)}, {file_link(one.id, '../')}. Review by {show_day(one.review_by)}.",
        f"{plural(len(one.rows), 'row')}. Multiples are of the laboratory's own limits (xULN, xLLN) or of the value",
        "before treatment (xbaseline).",
        "",
        *(f"- Gap: {text(gap)}" for gap in one.gaps),
        "",
        *table(("Analyte", "Term", "Baseline", "1", "2", "3", "4", "Source"), rows),
    ]
    return page(one.title, lines)

"""Every publication, and how many values of the rule book rest on it."""

from collections import Counter

from reference.markdown import page, plural, table, text
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lint.provenance import sources_in
from rxvigil.knowledge.provenance import Publication

MARKS = ("verified", "secondary", "derived", "house", "memory")


def pages(book: RuleBook) -> dict[str, str]:
    """One page."""
    uses = _uses(book)
    marks = Counter(mark for (_, mark), count in uses.items() for _ in range(count))
    lines = [
        f"{plural(len(book.publications), 'publication')}. The numbers count values of the rule book that name the\n"
        "publication, by how they were read: "
        + ", ".join(f"{marks[mark]} {mark}" for mark in MARKS)
        + ". See [marks and sources](../explanation/marks-and-sources.md).",
        "",
        *table(
            ("Publication", *MARKS),
            (
                (_publication(one, book), *(str(uses[key, mark] or "") for mark in MARKS))
                for key, one in sorted(book.publications.items())
            ),
        ),
    ]
    return {"sources.md": page("Sources", lines)}


def _uses(book: RuleBook) -> Counter[tuple[str, str]]:
    kinds = (
        book.topics, book.protocols, book.tables, book.gradings, book.releases, book.activities, book.dosing,
        book.adjustments, book.dose_changes, book.products, book.checklists, book.counselling, book.measures,
    )  # fmt: skip
    files = [file for kind in kinds for file in kind.values()]
    return Counter((source.ref, source.mark) for file in files for _, source in sources_in(file))


def _publication(one: Publication, book: RuleBook) -> str:
    year = f", {one.year}" if one.year else ""
    lines = [f'<a id="{one.id}"></a>**{text(one.title)}**, {text(one.body)}{year}']
    lines += [one.url] if one.url else []
    lines += [f"doi:{one.doi}"] if one.doi else []
    if one.superseded_by:
        newer = book.publications.get(one.superseded_by)
        lines.append(f"Superseded by {text(newer.title) if newer else one.superseded_by}.")
    lines += [text(one.note)] if one.note else []
    return "\n".join(lines)

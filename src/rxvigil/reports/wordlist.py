"""The vocabulary for readers: every key that rules and mapping files may use."""

from collections.abc import Iterator

from rxvigil.knowledge.book import RuleBook


def word_lines(book: RuleBook, contains: str = "") -> Iterator[str]:
    """One line per key: kind, key, name, unit or class; only those whose key or name contains the text."""
    wanted = contains.lower()
    return (line for line in _every_line(book) if wanted in line.lower())


def _every_line(book: RuleBook) -> Iterator[str]:
    words = book.vocabulary
    for key, analyte in sorted(words.analytes.items()):
        unit = words.dimensions[analyte.dimension].canonical if analyte.dimension else "words, no unit"
        yield f"analyte    {key}  {analyte.name}, {analyte.specimen}, {unit}"
    for key, drug in sorted(words.drugs.items()):
        classes = f" ({', '.join(drug.classes)})" if drug.classes else ""
        yield f"drug       {key}  {drug.name}{classes}{', monitored' if drug.monitored else ''}"
    for key, group in sorted(words.classes.items()):
        yield f"class      {key}  {group.name}: {', '.join(sorted(words.members(key) - {key}))}"
    for key, panel in sorted(words.panels.items()):
        tests = [*panel.all, *(" or ".join(group) for group in panel.any)]
        yield f"panel      {key}  {panel.name}: {', '.join(tests)}"
    for kind, entries in sorted(words.concepts.items()):
        for key, entry in sorted(entries.items()):
            values = f": {', '.join(entry.values)}" if entry.values else ""
            yield f"{kind:<10} {key}  {entry.name}{values}"

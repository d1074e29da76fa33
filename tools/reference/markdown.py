"""Markdown that says exactly what the data says: escaped text, tables, citations."""

import re
from collections.abc import Iterable

from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.provenance import Source

HEAD = "<!-- Made by tools/make_reference.py from the code and the rule book: change those, then `make docs`. -->"

_SPECIAL = re.compile(r"([*_<>|\[\]])")


def text(words: str) -> str:
    """Words of the rule book as Markdown text: nothing in them is taken for markup, but `code` stays code and
    addresses stay whole."""
    parts = " ".join(words.split()).split("`")
    if len(parts) % 2 == 0:
        return _plain(" ".join(words.split()).replace("`", "'"))
    return "`".join(part if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(words: str) -> str:
    return " ".join(word if word.startswith(("http://", "https://")) else _escaped(word) for word in words.split(" "))


def _escaped(word: str) -> str:
    return _SPECIAL.sub(r"\\\1", word)


def inside(name: str) -> str:
    """A name as it stands inside a sentence: 'azathioprine', but 'ALT'."""
    return text(name if name[:2].isupper() else name[:1].lower() + name[1:])


def code(words: str) -> str:
    """A condition or id in code letters."""
    return f"`{words}`"


def cell(words: str) -> str:
    """Text that may stand in a table cell."""
    return words.replace("\n", "<br>") or "–"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table; cells must be Markdown already. A bar inside code letters is escaped, as tables ask."""
    names = list(heads)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(cell(one) for one in row)} |" for row in rows]
    return lines


def page(title: str, lines: Iterable[str]) -> str:
    """A whole page."""
    return "\n".join([HEAD, "", f"# {title}", "", *lines]).rstrip() + "\n"


def plural(count: int, one: str, many: str = "") -> str:
    """'1 rule', '3 rules'."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def citation(source: Source, book: RuleBook, up: str) -> str:
    """One citation in a line: publication, place, mark, when it was compared, where it was read, note."""
    publication = book.publications.get(source.ref)
    body = publication.body if publication else source.ref
    year = f" {publication.year}" if publication and publication.year else ""
    via = f"; read in {text(source.via)}" if source.via else ""
    said = f"[{text(body)}{year}]({up}sources.md#{source.ref}), {text(source.where)}"
    note = f" {text(source.note).rstrip('.')}." if source.note else ""
    return f"{said} ({source.mark}, checked {show_day(source.checked)}{via}).{note}"


def file_link(identity: str, up: str) -> str:
    """A link to the knowledge file of a topic, protocol or table."""
    name = f"src/rxvigil/knowledge/data/{identity}.yaml"
    return f"[{name}]({up}../../{name})"

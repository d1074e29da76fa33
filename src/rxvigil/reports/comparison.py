"""The monitoring protocols of all bodies for one drug, side by side: never averaged."""

from typing import TYPE_CHECKING, Final

from rxvigil.errors import RxvigilError
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import All, Amount, AnyOf, Compare, Expression, parse
from rxvigil.knowledge.rules import Protocol
from rxvigil.reports.rulebook import phase_says

if TYPE_CHECKING:
    from rich.table import Table

LIMITS: Final = (
    "white-cells", "neutrophils", "lymphocytes", "platelets", "mcv", "eosinophils", "alt", "ast", "albumin", "egfr",
)  # fmt: skip


class NoSuchDrug(RxvigilError):
    """No protocol of the rule book is about this drug."""

    exit_code = 2


def protocols_for(book: RuleBook, drug: str) -> list[Protocol]:
    """The protocols about a drug, by id. Raises `NoSuchDrug`."""
    found = [one for _, one in sorted(book.protocols.items()) if drug in one.applies.drugs and not one.applies.together]
    if not found:
        known = sorted({drug for one in book.protocols.values() for drug in one.applies.drugs})
        raise NoSuchDrug(f"no protocol is about '{drug}'", do=f"choose one of: {', '.join(known)}")
    return found


def limits(protocol: Protocol, book: RuleBook) -> dict[str, str]:
    """Analyte -> the protocol's simple limits with the verb each asks for."""
    found: dict[str, list[str]] = {}
    for rule in protocol.thresholds:
        for analyte, operator, limit in _simple(parse(rule.when)):
            unit = "" if book.vocabulary.factor(analyte, limit.unit) == 1 else f" {limit.unit}"
            found.setdefault(analyte, []).append(f"{operator}{limit.value:g}{unit}: {rule.action.verb}")
    return {key: "\n".join(dict.fromkeys(values)) for key, values in found.items()}


def comparison(book: RuleBook, drug: str) -> "Table":
    """A table with a row per body: its schedule, its limits, its status."""
    from rich.table import Table

    words = book.vocabulary
    table = Table(title=f"Monitoring of {words.show(drug)}, body by body", show_lines=True)
    table.add_column("protocol")
    table.add_column("tests")
    found = protocols_for(book, drug)
    shown = [key for key in LIMITS if any(key in limits(one, book) for one in found)]
    for key in shown:
        table.add_column(f"{words.show(key)} {words.unit_shown(key)}")
    for one in found:
        own = limits(one, book)
        status = "\n(superseded)" if one.superseded else ""
        table.add_row(f"{one.title}{status}", _tests(one), *(own.get(key, "-") for key in shown))
    return table


def _tests(protocol: Protocol) -> str:
    lines = [f"{one.id}: {'; '.join(phase_says(phase) for phase in one.phases)}" for one in protocol.schedule]
    return "\n".join(lines) or "none could be read"


def _simple(expression: Expression) -> list[tuple[str, str, Amount]]:
    match expression:
        case All(items) | AnyOf(items):
            return [one for item in items for one in _simple(item)]
        case Compare(term, operator, Amount() as limit) if term.measure == "latest":
            return [(term.subject, operator, limit)]
    return []

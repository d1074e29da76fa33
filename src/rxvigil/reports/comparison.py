"""The monitoring protocols of all bodies for one drug, side by side: never averaged."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rxvigil.errors import RxvigilError
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import All, Amount, AnyOf, Compare, Expression, parse
from rxvigil.knowledge.rules import Protocol, Schedule
from rxvigil.reports.rulebook import asked_for, phase_says

if TYPE_CHECKING:
    from rich.console import Group


class NoSuchDrug(RxvigilError):
    """No protocol of the rule book is about this drug."""

    exit_code = 2


def comparison(book: RuleBook, drug: str) -> "Group":
    """Two tables: what each body tests and when; and for each analyte, who acts at which limit."""
    from rich.console import Group
    from rich.table import Table

    found = protocols_for(book, drug)
    schedules = Table(title=f"{book.vocabulary.show(drug)}: tests, body by body", show_lines=True, title_justify="left")
    schedules.add_column("body", ratio=2)
    schedules.add_column("tests and rhythm", ratio=3)
    for one in found:
        status = "\n(superseded)" if one.superseded else ""
        schedules.add_row(f"{_short(one)}\n{one.title}{status}", "\n".join(_tests(one, book)) or "none could be read")
    limits = Table(title=f"{book.vocabulary.show(drug)}: limits, body by body", show_lines=True, title_justify="left")
    limits.add_column("result", ratio=1)
    limits.add_column("limit, what is asked for, and by whom", ratio=3)
    for analyte, lines in limits_by_analyte(found, book).items():
        words = book.vocabulary
        limits.add_row(f"{words.show(analyte)} {words.unit_shown(analyte)}".strip(), "\n".join(lines))
    return Group(schedules, limits)


def protocols_for(book: RuleBook, drug: str) -> list[Protocol]:
    """The protocols about a drug, by id. Raises `NoSuchDrug`."""
    found = [one for _, one in sorted(book.protocols.items()) if drug in one.applies.drugs and not one.applies.together]
    if not found:
        known = sorted({drug for one in book.protocols.values() for drug in one.applies.drugs})
        raise NoSuchDrug(f"no protocol is about '{drug}'", do=f"choose one of: {', '.join(known)}")
    return found


def limits_by_analyte(protocols: list[Protocol], book: RuleBook) -> dict[str, list[str]]:
    """Analyte -> lines such as '< 1.6 discuss: bsr-2017, lothian-gi', the bodies that agree in one line."""
    bodies: dict[str, dict[tuple[str, float, str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for protocol in protocols:
        for rule in protocol.thresholds:
            for analyte, operator, limit in _simple(parse(rule.when)):
                unit = "" if book.vocabulary.factor(analyte, limit.unit) == 1 else f" {limit.unit}"
                bodies[analyte][(operator, limit.value, unit, asked_for(rule.action))].append(_short(protocol))
    return {
        analyte: [
            f"{operator} {value:g}{unit} {verb}: {', '.join(dict.fromkeys(names))}"
            for (operator, value, unit, verb), names in sorted(by_limit.items(), key=lambda item: (item[0][2], item[0]))
        ]
        for analyte, by_limit in sorted(bodies.items())
    }


def _short(protocol: Protocol) -> str:
    return protocol.id.rpartition("/")[2]


def _tests(protocol: Protocol, book: RuleBook) -> Iterator[str]:
    for one in protocol.schedule:
        yield f"{_panel(one, book)}: {'; then '.join(phase_says(phase) for phase in one.phases)}"


def _panel(schedule: Schedule, book: RuleBook) -> str:
    shown = [book.vocabulary.show(key) for key in schedule.panel.all]
    shown += [" or ".join(book.vocabulary.show(key) for key in group) for group in schedule.panel.any]
    return ", ".join(shown)


def _simple(expression: Expression) -> list[tuple[str, str, Amount]]:
    match expression:
        case All(items) | AnyOf(items):
            return [one for item in items for one in _simple(item)]
        case Compare(term, operator, Amount() as limit) if term.measure == "latest":
            return [(term.subject, operator, limit)]
    return []

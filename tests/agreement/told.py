"""What an evaluation says of one patient, in the same words whichever evaluator said it: what is compared.

Five comparisons for each patient: every rule's answer, what was found, what cannot be said, tests and protocols.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rxvigil.engine import Assessment
from rxvigil.knowledge.book import RuleBook

OUTCOMES: Final = {1: "cannot say", 2: "fires"}
STANDING: Final = ("overdue", "due", "cannot say", "in date", "not required")
SEVERITY: Final = ("STOP", "ACT", "KNOW", "CANNOT SAY")
Row = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """One patient's answers. Each field is one comparison."""

    rules: tuple[tuple[str, str, int], ...]
    """Rule, outcome (fires or cannot say) and of how many drugs."""
    findings: tuple[tuple[Any, ...], ...]
    unanswered: tuple[tuple[str, ...], str]
    """Every rule that cannot be answered, and the worst that it might say."""
    tests: tuple[tuple[Any, ...], ...]
    protocols: tuple[tuple[str, str], ...]


def by_engine(assessment: Assessment) -> Told:
    """What the evaluator of one patient says."""
    explained = Counter((one.rule, one.outcome) for one in assessment.explained if one.outcome in OUTCOMES.values())
    open_ = [one for one in assessment.findings if one.tier == "CANNOT SAY"]
    return Told(
        rules=_counted(explained),
        findings=_in_order(
            (one.rule, one.kind, one.tier, one.cause, one.also, one.late_days, one.action.verb, one.action.urgency,
             one.action.strength)
            for one in assessment.findings if one.kind != "cannot-say"
        ),
        unanswered=_unanswered((one.unanswered for one in open_), (one.would_be for one in open_)),
        tests=_in_order(
            (one.test, one.status, one.due, one.overdue_after, one.last, one.strength) for one in assessment.next_tests
        ),
        protocols=tuple(sorted((one.drug, one.id) for one in assessment.protocols)),
    )  # fmt: skip


def by_plan(rows: dict[str, list[Row]], book: RuleBook) -> Told:
    """What the rows of one patient in the steps of a plan say."""
    findings = rows["findings"]
    open_ = [one for one in findings if one["tier"] == "CANNOT SAY"]
    return Told(
        rules=_counted(_outcomes(rows)),
        findings=_in_order(
            (one["rule"], one["kind"], one["tier"], one["cause"], tuple(sorted(one["also"] or ())),
             one["late_days"] or 0, one["verb"], one["urgency"], one["strength"])
            for one in findings if one["kind"] != "cannot-say"
        ),
        unanswered=_unanswered((one["unanswered"] or () for one in open_), (one["would_be"] for one in open_)),
        tests=_in_order(_lines(rows["clocks"], book)),
        protocols=tuple(sorted(_protocols(rows["choices"], book))),
    )  # fmt: skip


def _counted(found: "Counter[tuple[str, str]]") -> tuple[tuple[str, str, int], ...]:
    return tuple(sorted((rule, outcome, count) for (rule, outcome), count in found.items()))


def _in_order(found: Iterable[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(sorted(found, key=repr))


def _unanswered(rules: Iterable[Iterable[str]], tiers: Iterable[str | None]) -> tuple[tuple[str, ...], str]:
    named = tuple(sorted({one for group in rules for one in group}))
    return named, min((tier for tier in tiers if tier), key=SEVERITY.index, default="")


# ---------------------------------------------------------------------------------------------- answers of every rule


def _outcomes(rows: dict[str, list[Row]]) -> "Counter[tuple[str, str]]":
    found: Counter[tuple[str, str]] = Counter()
    for one in (*rows["answers"], *rows["baseline"]):
        if one["outcome"]:
            found[one["rule"], OUTCOMES[one["outcome"]]] += 1
    for one in rows["table_answers"]:
        if one["row"] is not None and one["outcome"]:
            found[f"{one['table']}#{one['row']}", OUTCOMES[one["outcome"]]] += 1
    for rule, statuses in _statuses(rows["clocks"]).items():
        if statuses & {"due", "overdue"}:
            found[rule, "fires"] += 1
        elif "cannot say" in statuses:
            found[rule, "cannot say"] += 1
    return found


def _statuses(clocks: list[Row]) -> dict[str, set[str]]:
    """A schedule is explained once, by the worst of its clocks."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in clocks:
        found[one["rule"]].add(one["status"])
    return found


# ------------------------------------------------------------------------------------------------- tests and protocols


def _lines(clocks: list[Row], book: RuleBook) -> Iterable[tuple[Any, ...]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for one in sorted(clocks, key=lambda one: _asked(one, book)):
        groups[one["test"]].append(one)
    for test, group in groups.items():
        first = min(group, key=lambda one: (STANDING.index(one["status"]), one["due"] or date.max))
        soft = all(one["strength"] == "consider" for one in group)
        strength = "consider" if soft else first["strength"]
        yield (test, first["status"], first["due"], first["overdue_after"], first["last"], strength)


def _asked(clock: Row, book: RuleBook) -> tuple[bool, str, bool, int]:
    """The order in which the evaluator of one patient asks: of two that are due on a day the first speaks."""
    identity, _, schedule = clock["rule"].rpartition("#")
    protocol = book.protocols[identity]
    place = next(number for number, one in enumerate(protocol.schedule) if one.id == schedule)
    together = bool(protocol.applies.together) and not clock["borrowed"]
    return (together, identity if together else clock["drug"], clock["borrowed"], place)


def _protocols(choices: list[Row], book: RuleBook) -> Iterable[tuple[str, str]]:
    """Of two protocols for the same drugs taken together an assessment names the last."""
    named: dict[str, str] = {}
    for one in sorted(choices, key=lambda one: str(one["protocol"])):
        protocol = one["protocol"]
        if protocol is not None and not one["together"]:
            named[one["drug"]] = protocol
        elif protocol is not None and one["taken"] == 2:
            named[" + ".join(book.protocols[protocol].applies.together)] = protocol
    return named.items()

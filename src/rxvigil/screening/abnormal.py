"""Results beyond a limit of the protocol, and how soon somebody acted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rxvigil.engine import Wanted
from rxvigil.engine.choose import ASSUMED, default_of, in_force
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import All, Amount, AnyOf, Compare, Expression, parse
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Protocol


@dataclass(frozen=True)
class Limit:
    """A limit of a protocol in the unit in which results are kept."""

    drug: str
    analyte: str
    below: bool
    value: float
    protocol: str


def limits(book: RuleBook, wanted: Wanted, on: date) -> list[Limit]:
    """The simple limits that ask for something, of the protocol used for each monitored drug where the specialty is not
    known, or of the one asked for."""
    found: list[Limit] = []
    for drug in sorted(key for key, one in book.vocabulary.drugs.items() if one.monitored):
        protocol = _protocol(drug, book, wanted, on)
        for rule in protocol.thresholds if protocol else ():
            if protocol and rule.tier in ("stop", "act") and rule.source.mark != "memory":
                found += _simple(parse(rule.when), drug, protocol, book.vocabulary)
    return found


def _protocol(drug: str, book: RuleBook, wanted: Wanted, on: date) -> Protocol | None:
    mine = [one for one in book.protocols.values() if drug in one.applies.drugs and not one.applies.together]
    asked = [one for one in mine if one.id in wanted.protocols]
    here = [one for one in mine if in_force(one, on)]
    return asked[0] if asked else default_of(here, wanted.jurisdiction or ASSUMED, None)


def _simple(expression: Expression, drug: str, protocol: Protocol, words: Vocabulary) -> list[Limit]:
    match expression:
        case All(items):
            return [one for item in items for one in _simple(item, drug, protocol, words)]
        case AnyOf(items):
            return [one for item in items for one in _simple(item, drug, protocol, words)]
        case Compare(term, operator, Amount() as amount) if term.measure == "latest":
            factor = words.factor(term.subject, amount.unit)
            if factor is None or operator[0] not in "<>":
                return []
            value = amount.value * float(factor)
            return [Limit(drug, term.subject, operator[0] == "<", value, protocol.title)]
    return []


def in_words(found: list[Limit]) -> str:
    """Which protocols the limits are of."""
    return "; ".join(dict.fromkeys(one.protocol for one in found)) or "none in the rule book"


_EVENTS: Final = """
WITH supplied AS (
    SELECT person, drug, start_first AS start, dose_low,
           least(coalesce(end_last, supply_until_last, CASE WHEN status = 'active' THEN $on ELSE start_first END), $on)
           AS until,
           coalesce(end_last IS NOT NULL AND end_last <= $on, false) AS ended
    FROM prescriptions WHERE start_first <= $on AND status <> 'planned'
),
beyond AS (
    SELECT r.person, r.analyte, r.when_first AS day, l.drug, any_value(s.dose_low) AS dose
    FROM results r
    JOIN limits l ON l.analyte = r.analyte
        AND ((l.below AND r.high < l.value) OR (NOT l.below AND r.low > l.value))
    JOIN supplied s ON s.person = r.person AND s.drug = l.drug AND r.when_first BETWEEN s.start AND s.until
    WHERE r.when_first BETWEEN $first AND $last AND NOT r.made AND NOT coalesce(r.preliminary, false)
    GROUP BY ALL
),
repeated AS (
    SELECT b.person, b.analyte, b.day, b.drug, min(r.when_first) AS next
    FROM beyond b JOIN results r ON r.person = b.person AND r.analyte = b.analyte AND r.when_first > b.day
        AND r.when_first <= $on
    GROUP BY ALL
),
changed AS (
    SELECT b.person, b.analyte, b.day, b.drug, min(s.start) AS next
    FROM beyond b JOIN supplied s ON s.person = b.person AND s.drug = b.drug AND s.start > b.day
        AND s.dose_low IS DISTINCT FROM b.dose
    GROUP BY ALL
),
stopped AS (
    SELECT b.person, b.analyte, b.day, b.drug, max(s.until) AS next
    FROM beyond b JOIN supplied s ON s.person = b.person AND s.drug = b.drug
    GROUP BY ALL HAVING bool_and(s.ended) AND max(s.until) >= b.day
)
SELECT min(least(r.next, c.next, s.next) - b.day)
FROM beyond b
LEFT JOIN repeated r USING (person, analyte, day, drug)
LEFT JOIN changed c USING (person, analyte, day, drug)
LEFT JOIN stopped s USING (person, analyte, day, drug)
GROUP BY b.person, b.analyte, b.day
"""


def waits(con: Any, found: list[Limit], on: date, followed: int) -> Iterator[float]:
    """Days from each result to the first action; infinite where none was seen until the date. Results of the year that
    ended `followed` days before it."""
    from datetime import timedelta

    con.execute("CREATE OR REPLACE TEMP TABLE limits (drug TEXT, analyte TEXT, below BOOLEAN, value DOUBLE)")
    if found:
        con.executemany(
            "INSERT INTO limits VALUES (?, ?, ?, ?)", [(one.drug, one.analyte, one.below, one.value) for one in found]
        )
    last = on - timedelta(days=followed)
    rows = con.execute(_EVENTS, {"on": on, "first": last - timedelta(days=365), "last": last}).fetchall()
    return (float("inf") if days is None else float(days) for (days,) in rows)


def period(on: date, followed: int) -> str:
    """The results that are looked at, in words."""
    from datetime import timedelta

    last = on - timedelta(days=followed)
    return f"{show_day(last - timedelta(days=365))} to {show_day(last)}"

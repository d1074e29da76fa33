"""A rule book rehearsed on a population before it is switched on: who becomes flagged, who no longer, whose tier
changes.

Two screens are made outside the store, under the rules of today and under the new ones; nothing of them is kept.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rxvigil.knowledge.book import RuleBook
from rxvigil.population import person_number
from rxvigil.population.store import Store
from rxvigil.reports.rehearsal import Change, Rehearsal, RuleChange, Side
from rxvigil.screening.account import Account
from rxvigil.screening.one_by_one import Setup
from rxvigil.screening.run import Request, screen_into
from rxvigil.screening.working import WHOLE

_RANK: Final = "CASE tier WHEN 'STOP' THEN 0 WHEN 'ACT' THEN 1 WHEN 'KNOW' THEN 2 ELSE 3 END"
_LED: Final = """
CREATE TEMP TABLE {side}_led AS
SELECT patient, practice, lower(cause) AS matter, cause, tier, rule, says, action, urgency, {rank} AS rank
FROM {side} WHERE kind <> 'cannot-say'
QUALIFY row_number() OVER (PARTITION BY patient, lower(cause) ORDER BY severity, rule) = 1
"""
_OPEN: Final = """
CREATE TEMP TABLE {side}_open AS
SELECT patient, any_value(practice) AS practice, unnest(unanswered) AS rule FROM {side} WHERE kind = 'cannot-say'
GROUP BY patient, unanswered
"""
_CHANGES: Final = """
SELECT coalesce(b.patient, a.patient) AS patient, coalesce(b.practice, a.practice, '') AS practice,
       coalesce(b.cause, a.cause) AS cause, a.tier AS tier_before, b.tier AS tier_after, a.rule AS rule_before,
       b.rule AS rule_after, coalesce(b.says, a.says) AS says, coalesce(b.action, a.action) AS action
FROM before_led a FULL JOIN after_led b USING (patient, matter)
WHERE a.tier IS DISTINCT FROM b.tier
ORDER BY least(coalesce(a.rank, 9), coalesce(b.rank, 9)), b.rank NULLS LAST, coalesce(b.rule, a.rule), patient, cause
"""
_TURNED: Final = """
SELECT DISTINCT patient FROM {one} WHERE tier IN ('STOP', 'ACT')
EXCEPT SELECT patient FROM {other} WHERE tier IN ('STOP', 'ACT') ORDER BY patient
"""
_UNANSWERED: Final = """
SELECT rule, count(*) FILTER (WHERE side = 'after') - count(*) FILTER (WHERE side = 'before') AS more FROM (
    SELECT DISTINCT 'before' AS side, patient, rule FROM before_open
    UNION ALL SELECT DISTINCT 'after' AS side, patient, rule FROM after_open
) GROUP BY rule HAVING more <> 0 ORDER BY abs(more) DESC, rule
"""


def rehearse(store: Store, now: Setup, new: RuleBook, request: Request) -> Rehearsal:
    """Compare the findings under `now.book` with those under the new rule book."""
    with tempfile.TemporaryDirectory(prefix="rxvigil-rehearsal-") as folder:
        before = screen_into(store, now, request, Path(folder) / "before")
        after = screen_into(store, replace(now, book=new), request, Path(folder) / "after")
        with _tables(Path(folder)) as con:
            return _compared(con, store, before, after)


def _tables(folder: Path) -> Any:
    import duckdb

    con = duckdb.connect()
    for side in ("before", "after"):
        place = str(folder / side / WHOLE / "findings.parquet").replace("'", "''")
        con.execute(f"CREATE VIEW {side} AS SELECT * FROM read_parquet('{place}', hive_partitioning = false)")
        con.execute(_LED.format(side=side, rank=_RANK))
        con.execute(_OPEN.format(side=side))
    return con


def _compared(con: Any, store: Store, before: Account, after: Account) -> Rehearsal:
    made_up = store.simulated()
    changes = tuple(_change(row, made_up) for row in con.sql(_CHANGES).to_arrow_table().to_pylist())
    return Rehearsal(
        on=before.on,
        jurisdiction=before.jurisdiction,
        simulated=store.manifest.says,
        patients=before.patients,
        before=_side(before),
        after=_side(after),
        flagged=_turned(con, "after", "before"),
        unflagged=_turned(con, "before", "after"),
        changes=changes,
        rules=tuple(_by_rule(changes)),
        unanswered=dict(con.execute(_UNANSWERED).fetchall()),
        version=before.version,
    )


def _turned(con: Any, one: str, other: str) -> tuple[str, ...]:
    found = con.execute(_TURNED.format(one=one, other=other)).fetchall()
    return tuple(patient for (patient,) in found)


def _side(account: Account) -> Side:
    tiers = {tier: tally.patients for tier, tally in account.tiers.items()}
    return Side(book=account.book, rules=account.rules, overlay=account.overlay, tiers=tiers)


def _change(row: dict[str, Any], made_up: frozenset[int]) -> Change:
    return Change(
        patient=row["patient"],
        simulated=person_number(row["patient"]) in made_up,
        practice=row["practice"],
        cause=row["cause"],
        before=row["tier_before"],
        after=row["tier_after"],
        rule=row["rule_after"] or row["rule_before"],
        says=row["says"],
        action=row["action"],
    )


def _by_rule(changes: tuple[Change, ...]) -> Iterator[RuleChange]:
    """The rules that lead the findings which come, go, or change their tier; those with most changes first."""
    found: dict[str, list[Change]] = {}
    for one in changes:
        found.setdefault(one.rule, []).append(one)
    for rule, mine in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield RuleChange(
            rule=rule,
            comes=sum(1 for one in mine if one.before is None),
            goes=sum(1 for one in mine if one.after is None),
            changes=sum(1 for one in mine if one.before is not None and one.after is not None),
        )

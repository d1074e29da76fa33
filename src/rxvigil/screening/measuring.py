"""Measures of how a population is monitored, from the facts of a store and from its screen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rxvigil.engine import Wanted
from rxvigil.facts import said_of_some
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.coverage import Action
from rxvigil.population import COLUMNS, arrow_schema
from rxvigil.population.store import Store
from rxvigil.reports.measures import Measure, Measures, Waiting
from rxvigil.screening import abnormal, coverage
from rxvigil.screening.account import Account
from rxvigil.screening.columns import FILES
from rxvigil.screening.disclosure import EXACT, MOST_HIDDEN, SAYS, Counted, breakdown, figure, rounded
from rxvigil.screening.places import is_current
from rxvigil.screening.reading import SCREEN_AGAIN, check_columns, reading
from rxvigil.screening.statistics import SAYS as INTERVALS
from rxvigil.screening.statistics import median, median_ranks

_MOST_RULES: Final = 60


@dataclass(frozen=True)
class Population:
    """What is measured: a store, its screen, and the rule book it was screened with."""

    store: Store
    folder: Path
    account: Account
    book: RuleBook
    wanted: Wanted
    months: int
    exact: bool
    notes: tuple[str, ...] = ()
    """What else is to be said of the screen."""


def measured(of: Population) -> Measures:
    """Every measure."""
    with reading(of.store.path), _connection(of) as con:
        made = tuple(_all(con, of))
    return Measures(
        on=of.account.on,
        jurisdiction=of.account.jurisdiction,
        simulated=_simulated(of),
        patients=of.account.patients if of.exact else rounded(of.account.patients),
        measures=made,
        disclosure=EXACT if of.exact else SAYS,
        exact=of.exact,
        intervals=INTERVALS,
        notes=tuple(_notes(of)),
        book=of.account.book,
        overlay=of.account.overlay,
        version=of.account.version,
    )


def _simulated(of: Population) -> str:
    """How many of a mix are real is a small number to be hidden like any other."""
    manifest = of.store.manifest
    mixed = 0 < manifest.simulated < manifest.patients
    return said_of_some(manifest.brought_simulated) if mixed and not of.exact else manifest.says


def _notes(of: Population) -> Iterator[str]:
    yield from of.notes
    if not is_current(of.account, of.store):
        yield (
            "The store has changed since this screen: tests and prescriptions are counted as they are now, findings "
            "and tests due as they were. Screen again before relying on the two together."
        )
    if of.account.opened.disagreed:
        yield "The plan and the evaluator of one patient differ on some patients: screen.json names them."


def _connection(of: Population) -> Any:
    import duckdb

    con = duckdb.connect(config={"temp_directory": str(of.folder / ".measuring"), "memory_limit": "4GB"})
    for name in ("patients", "prescriptions", "results"):
        _facts(con, of.store, name)
    for name in ("findings", "clocks", "courses"):
        check_columns(of.folder / f"{name}.parquet", FILES[name], SCREEN_AGAIN)
        place = str(of.folder / f"{name}.parquet").replace("'", "''")
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{place}', hive_partitioning = false)")
    con.execute("CREATE TEMP TABLE taking AS SELECT DISTINCT person, drug FROM courses WHERE active = 2")
    return con


def _facts(con: Any, store: Store, name: str) -> None:
    """A table of the store; empty before the first import."""
    files = [str(path) for bucket in store.buckets for path in store.tables(bucket)[name]]
    for path in files:
        check_columns(Path(path), COLUMNS[name])
    if files:
        names = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{names}], hive_partitioning = false)")
    else:
        con.register(name, arrow_schema(name).empty_table())


def _all(con: Any, of: Population) -> Iterator[Measure]:
    defined = next(iter(of.book.measures.values()), None)
    if defined:
        yield from coverage.published(con, of.account, defined.coverage, of.book, of.months, exact=of.exact)
    yield from coverage.by_protocol(con, of.account, defined.coverage if defined else None, exact=of.exact)
    if defined:
        yield _acted_on(con, of, defined.action)
    yield _alerts(con, of)


def _acted_on(con: Any, of: Population, action: Action) -> Measure:
    """How soon somebody acts on an abnormal result."""
    limits = abnormal.limits(of.book, of.wanted, of.account.on)
    days = sorted(abnormal.waits(con, limits, of.account.on, action.followed))
    rows = [
        Counted(f"within {limit} days", sum(1 for one in days if one <= limit), len(days)) for limit in action.shown
    ]
    return Measure(
        id="time-to-action",
        title="From an abnormal result to the next action",
        means=(
            "Days from a result beyond a limit of the protocol, while the drug was taken, to the first of: the next "
            "result of the same test; a prescription of the drug with another dose; its end. Results from "
            f"{abnormal.period(of.account.on, action.followed)}: each could be followed for {action.followed} days. A "
            "call, a visit or a decision to wait leaves no trace in these facts and is not seen."
        ),
        numerator="results with an action within so many days",
        denominator="results beyond a limit",
        source=f"rxvigil's own definition; the limits: {abnormal.in_words(limits)}",
        breakdowns=(breakdown("days", rows, exact=of.exact, parts=False),),
        waiting=_waiting(days, action.followed, exact=of.exact),
    )


def _waiting(days: list[float], followed: int, *, exact: bool) -> Waiting:
    if not exact and 1 <= len(days) <= MOST_HIDDEN:
        return Waiting(events=None)
    ranks = median_ranks(len(days))
    ends = [days[rank - 1] for rank in ranks] if ranks else [None, None]
    return Waiting(
        events=len(days) if exact else rounded(len(days)),
        median=_within(median(days), followed) if days else None,
        low=_within(ends[0], followed),
        high=_within(ends[1], followed),
        looked_at=followed,
    )


def _within(days: float | None, followed: int) -> int | None:
    return int(days) if days is not None and days <= followed else None


_ALERTS: Final = (
    "SELECT rule, tier, count(DISTINCT person) AS persons FROM findings "
    "WHERE person IN (SELECT person FROM taking) AND tier <> 'CANNOT SAY' GROUP BY rule, tier "
    "ORDER BY min(severity), persons DESC, rule LIMIT ?"
)


_ANY: Final = (
    "SELECT count(DISTINCT person) FROM findings "
    "WHERE person IN (SELECT person FROM taking) AND tier IN ('STOP', 'ACT')"
)


def _alerts(con: Any, of: Population) -> Measure:
    """How often each rule speaks."""
    (people,) = con.execute("SELECT count(DISTINCT person) FROM taking").fetchone()
    found = con.execute(_ALERTS, [_MOST_RULES]).fetchall()
    rows = [Counted(f"{tier} {rule}", persons, people) for rule, tier, persons in found]
    (anybody,) = con.execute(_ANY).fetchone()
    return Measure(
        id="alerts-per-100",
        title="Patients per 100 with an alert",
        means=(
            "Patients who take a blood-monitored medicine and for whom the rule leads a finding on the date of the "
            "screen; of findings with one cause, the gravest leads. The whole: patients with any STOP or ACT. Of more "
            f"than {_MOST_RULES} rules, the gravest and most frequent are shown."
        ),
        numerator="patients with the finding",
        denominator="patients who take a blood-monitored medicine",
        source="rxvigil's own definition",
        whole=figure(Counted("any STOP or ACT", anybody, people), exact=of.exact),
        breakdowns=(breakdown("rule", rows, exact=of.exact, parts=False),),
    )

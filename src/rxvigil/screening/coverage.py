"""Who is monitored: by the published national measure, and by each patient's own protocol."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final

from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.coverage import Coverage
from rxvigil.reports.measures import Breakdown, Measure
from rxvigil.screening.account import Account
from rxvigil.screening.disclosure import Counted, breakdown, figure

_SEEN: Final = """
CREATE OR REPLACE TEMP TABLE seen AS
SELECT DISTINCT person, analyte, year(when_first) * 12 + month(when_first) AS month
FROM results WHERE when_first IS NOT NULL AND when_first <= $on AND list_contains($analytes, analyte)
"""
_SUPPLIED: Final = """
CREATE OR REPLACE TEMP TABLE supplied AS
SELECT person, drug, year(start_first) * 12 + month(start_first) AS first,
       year(until) * 12 + month(until) AS last
FROM (
    SELECT person, drug, start_first,
           least(coalesce(end_last, supply_until_last, CASE WHEN status = 'active' THEN $on ELSE start_first END), $on)
           AS until
    FROM prescriptions
    WHERE start_first <= $on AND status <> 'planned' AND list_contains($drugs, drug)
)
"""
_ELIGIBLE: Final = """
CREATE OR REPLACE TEMP TABLE eligible AS
WITH recent AS (
    SELECT m.month, s.person, s.drug,
           bool_or(s.first <= m.month - 1 AND s.last >= m.month - $recent) AS now,
           bool_or(s.first <= m.month - $recent - 1 AND s.last >= m.month - $recent - $before) AS before
    FROM months m JOIN supplied s ON s.first <= m.month - 1 AND s.last >= m.month - $recent - $before
    GROUP BY ALL
), alone AS (
    SELECT *, count(*) FILTER (now) OVER (PARTITION BY month, person) AS drugs FROM recent
)
SELECT a.month, m.day, a.person, a.drug, p.practice,
       date_sub('year', p.born_first, m.day - 1) AS age
FROM alone a JOIN months m USING (month) JOIN patients p USING (person)
WHERE a.now AND a.before AND a.drugs = 1 AND (p.died_first IS NULL OR p.died_first >= m.day)
"""
_MONITORED: Final = """
CREATE OR REPLACE TEMP TABLE monitored AS
SELECT *, {done} AS done
FROM (
    SELECT e.month, e.day, e.person, e.drug, e.practice, e.age, {flags}
    FROM eligible e LEFT JOIN seen s ON s.person = e.person AND s.month BETWEEN e.month - $within AND e.month - 1
    WHERE e.age BETWEEN $youngest AND $oldest
    GROUP BY ALL
)
"""


def published(
    con: Any, account: Account, of: Coverage, book: RuleBook, months: int, *, exact: bool
) -> Iterator[Measure]:
    """A published measure of monitoring, month by month, and for the last month by practice, drug, age and test."""
    _prepare(con, account.on, months, of, book)
    last = con.execute("SELECT max(day) FROM months").fetchone()[0]
    now = f"day = DATE '{last.isoformat()}'"
    yield Measure(
        id=of.id,
        title=of.title,
        means=of.means,
        numerator=of.numerator,
        denominator=of.denominator,
        source=cited(of, book),
        url=(paper.url if (paper := book.publications.get(of.source.ref)) else None) or "",
        whole=figure(_whole(_counts(con, "''", now)), exact=exact),
        breakdowns=(
            breakdown("month", _counts(con, "strftime(day, '%Y-%m')", "true"), exact=exact, parts=False),
            breakdown("drug", [_named(one, account) for one in _counts(con, "drug", now)], exact=exact),
            breakdown("age", _counts(con, ages(of), now), exact=exact),
            *_practices(con, now, exact=exact),
            breakdown("test", _tests(con, of, now), exact=exact, parts=False),
        ),
        notes=(f"By drug, age, practice and test: of {show_day(last)}.",),
    )


def cited(of: Coverage, book: RuleBook) -> str:
    """Where a definition stands, how it was read, and where rxvigil counts otherwise."""
    paper = book.publications.get(of.source.ref)
    named = f"{paper.title}. {paper.body}" if paper else of.source.ref
    read = f"{of.source.mark}, {of.source.where.rstrip('.')}, read {show_day(of.source.checked)}"
    return f"{named} ({read}). Differences here: {of.differs}"


def ages(of: Coverage) -> str:
    """The label of the band in which `age` lies, as SQL."""
    bands = list(zip(of.bands, of.bands[1:], strict=False))
    cases = " ".join(f"WHEN age < {above} THEN '{low} to {above - 1}'" for low, above in bands)
    return f"CASE {cases} ELSE '{of.bands[-1]} and over' END"


def _groups(panel: str, book: RuleBook) -> list[tuple[str, ...]]:
    """What must have been measured: one of each group."""
    found = book.vocabulary.panels[panel]
    return [*((one,) for one in found.all), *found.any]


def _done(groups: list[tuple[str, ...]]) -> str:
    return " AND ".join(f"coalesce(bool_or(s.analyte IN ({_quoted(group)})), false)" for group in groups)


def _quoted(keys: tuple[str, ...]) -> str:
    return ", ".join(f"'{key}'" for key in keys)


def _column(key: str) -> str:
    return key.replace("-", "_")


def _prepare(con: Any, on: date, months: int, of: Coverage, book: RuleBook) -> None:
    groups = {key: _groups(key, book) for key in _panels(of)}
    analytes = sorted({one for parts in groups.values() for part in parts for one in part})
    con.execute(
        "CREATE OR REPLACE TEMP TABLE months AS SELECT day::DATE AS day, year(day) * 12 + month(day) AS month FROM "
        f"generate_series(date_trunc('month', DATE '{on.isoformat()}') - INTERVAL {months - 1} MONTH, "
        f"date_trunc('month', DATE '{on.isoformat()}'), INTERVAL 1 MONTH) AS t(day)"
    )
    con.execute(_SEEN, {"on": on, "analytes": analytes})
    con.execute(_SUPPLIED, {"on": on, "drugs": list(of.drugs)})
    con.execute(_ELIGIBLE, {"recent": of.supplied.recent, "before": of.supplied.before})
    flags = ", ".join(f"{_done(parts)} AS {_column(key)}" for key, parts in groups.items())
    done = [_column(key) for key in of.panels]
    done += [f"(drug <> '{one.drug}' OR {_column(panel)})" for one in of.further for panel in one.panels]
    counted = {"within": of.within, "youngest": of.ages.first, "oldest": of.ages.last}
    con.execute(_MONITORED.format(flags=flags, done=" AND ".join(done)), counted)


def _panels(of: Coverage) -> list[str]:
    return list(dict.fromkeys((*of.panels, *(panel for one in of.further for panel in one.panels))))


def _counts(con: Any, label: str, which: str) -> list[Counted]:
    query = (
        f"SELECT {label} AS label, count(*) FILTER (done), count(*) FROM monitored WHERE {which} "
        "GROUP BY label ORDER BY label"
    )
    return [Counted(str(one or "not known"), done, people) for one, done, people in con.execute(query).fetchall()]


def _named(one: Counted, account: Account) -> Counted:
    return replace(one, label=account.names.get(one.label, one.label))


def _whole(rows: list[Counted]) -> Counted:
    return rows[0] if rows else Counted("", 0, 0)


def _practices(con: Any, which: str, *, exact: bool) -> Iterator[Breakdown]:
    """Only where any practice is known."""
    rows = _counts(con, "practice", which)
    if any(one.label != "not known" for one in rows):
        yield breakdown("practice", rows, exact=exact)


def _tests(con: Any, of: Coverage, which: str) -> list[Counted]:
    names = ", ".join(f"count(*) FILTER ({_column(key)})" for key in of.panels)
    *found, people = con.execute(f"SELECT {names}, count(*) FROM monitored WHERE {which}").fetchone()
    labels = (key.replace("-", " ") for key in of.panels)
    return [Counted(label, number, people) for label, number in zip(labels, found, strict=True)]


# ---------------------------------------------------------------------------------------- by each patient's protocol

_STANDING: Final = """
CREATE OR REPLACE TEMP TABLE standing AS
WITH people AS (SELECT DISTINCT person FROM taking),
tests AS (
    SELECT person, bool_or(status = 'overdue' AND coalesce(strength, '') <> 'consider') AS overdue,
           bool_or(status = 'cannot say') AS unsaid
    FROM clocks GROUP BY person
),
often AS (SELECT DISTINCT person FROM findings WHERE cause = 'tests more often than asked')
SELECT w.person, p.practice, coalesce(t.overdue, false) AS overdue,
       t.person IS NULL OR (t.unsaid AND NOT t.overdue) AS unsaid, o.person IS NOT NULL AS often,
       coalesce(date_sub('year', p.born_first, $on), -1) AS age
FROM people w JOIN patients p USING (person) LEFT JOIN tests t USING (person) LEFT JOIN often o USING (person)
"""
_KINDS: Final = (
    ("in-date", "All tests in date by the patient's own protocol", "NOT overdue AND NOT unsaid",
     "patients none of whose tests asked for is overdue, and of none of whom it cannot be said"),
    ("overdue", "Tests overdue by the patient's own protocol", "overdue", "patients with a test asked for overdue"),
    ("not-known", "Cannot say when tests are due", "unsaid",
     "patients with nothing overdue that could be said, and a test of which it cannot be said, or without a schedule"),
    ("too-often", "Tests more than twice as often as asked", "often",
     "patients whose last tests were done more than twice as often as the protocol asks, with no reason in the record"),
)  # fmt: skip


def by_protocol(con: Any, account: Account, of: Coverage | None, *, exact: bool) -> Iterator[Measure]:
    """Tests in date, overdue, not known and done too often, on the date of the screen; by age in the bands of the
    published measure, where the rule book has one."""
    con.execute(_STANDING, {"on": account.on})
    labels = {"drug": "''", "age": _bands(of) if of else "'not known'", "practice": "practice"}
    for identity, title, condition, numerator in _KINDS:
        rows = {by: _standing(con, label, condition) for by, label in labels.items()}
        yield Measure(
            id=identity,
            title=title,
            means=f"On {show_day(account.on)}, by the protocol chosen for each patient.",
            numerator=numerator,
            denominator="patients who take a blood-monitored medicine",
            source="rxvigil's own definition; the intervals are those of each protocol in the rule book",
            whole=figure(_whole(rows["drug"]), exact=exact),
            breakdowns=(
                breakdown("drug", _by_drug(con, condition, account), exact=exact, parts=False),
                *(
                    breakdown(by, rows[by], exact=exact)
                    for by in ("age", "practice")
                    if any(one.label != "not known" for one in rows[by])
                ),
            ),
        )


def _bands(of: Coverage) -> str:
    """As `ages`, of everybody."""
    return (
        f"CASE WHEN age < 0 THEN 'not known' WHEN age < {of.ages.first} THEN 'under {of.ages.first}' "
        f"ELSE {ages(of)} END"
    )


def _standing(con: Any, label: str, condition: str) -> list[Counted]:
    query = (
        f"SELECT {label} AS label, count(*) FILTER ({condition}), count(*) FROM standing GROUP BY label ORDER BY label"
    )
    return [Counted(str(one or "not known"), number, people) for one, number, people in con.execute(query).fetchall()]


def _by_drug(con: Any, condition: str, account: Account) -> list[Counted]:
    query = (
        f"SELECT drug, count(*) FILTER ({condition}), count(*) FROM standing JOIN taking USING (person) "
        "GROUP BY drug ORDER BY drug"
    )
    found = con.execute(query).fetchall()
    return [Counted(account.names.get(drug, drug), number, people) for drug, number, people in found]

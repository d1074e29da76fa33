"""A rule book rehearsed, and the plan written out for a warehouse and run there."""

import io
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from rxvigil.engine import Wanted
from rxvigil.errors import UnwritableOutput
from rxvigil.knowledge import load_rule_book
from rxvigil.knowledge.book import RuleBook
from rxvigil.population.store import Store
from rxvigil.reports import rehearsal_to_csv, rehearsal_to_html, rehearsal_to_text
from rxvigil.reports.rehearsal import Rehearsal
from rxvigil.screening import Request, Screen
from rxvigil.screening.databases import NEEDED
from rxvigil.screening.export_sql import DIALECTS, scripts, write_scripts
from rxvigil.screening.rehearsing import rehearse

from .conftest import ON, setup_of

OVERLAY = """
kind: overlay
site: here
by: somebody
on: 2026-01-01
changes:
  - rule: monitoring/azathioprine/bsr-2017#white-cells-low
    set: {when: white-cells.latest < 50 10*9/L, says: "White cells {white-cells.latest} are below 50."}
    because: a limit that everybody is below
"""
ALONE = Request(backend="engine", explain=0, workers=1)


@pytest.fixture(scope="module")
def rehearsed(clinic: Store, book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    path = tmp_path_factory.mktemp("overlay") / "here.yaml"
    path.write_text(OVERLAY, encoding="utf-8")
    return rehearse(clinic, setup_of(clinic, book), load_rule_book(None, path), ALONE)


def test_who_becomes_flagged(rehearsed: Rehearsal, one_by_one: Screen) -> None:
    comes = [one for one in rehearsed.changes if one.rule.endswith("bsr-2017#white-cells-low")]

    assert comes
    assert all((one.before, one.after) == (None, "ACT") for one in comes)
    assert set(rehearsed.flagged) <= {one.patient for one in comes}
    assert rehearsed.unflagged == ()
    assert rehearsed.before.tiers["ACT"] == one_by_one.account.tiers["ACT"].patients
    assert rehearsed.after.tiers["ACT"] > rehearsed.before.tiers["ACT"]


def test_every_form_of_it(rehearsed: Rehearsal) -> None:
    from rich.console import Console

    text = io.StringIO()
    rehearsal_to_text(rehearsed, Console(file=text, width=100, no_color=True))
    table = rehearsal_to_csv(rehearsed).decode("utf-8-sig")

    assert "Nothing of this is kept as a screen" in text.getvalue()
    assert "<script" not in rehearsal_to_html(rehearsed)
    assert not any(line.startswith(("=", "+", "-", "@")) for line in table.splitlines())


def test_the_same_rules_change_nothing(clinic: Store, book: RuleBook) -> None:
    made = rehearse(clinic, setup_of(clinic, book), book, ALONE)
    assert (made.changes, made.rules, made.unanswered) == ((), (), {})


def files(book: RuleBook, dialect: str) -> dict[str, str]:
    made = scripts(book, Wanted("UK"), ON, dialect, frozenset({"azathioprine"}))
    return {one.name: one.text for one in made}


def findings(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


COLUMNS = "patient, rule, tier, cause"


def test_duckdb_runs_the_files_and_finds_what_a_screen_finds(clinic: Store, book: RuleBook, one_by_one: Screen) -> None:
    import duckdb

    made = files(book, "duckdb")
    with duckdb.connect() as con:
        con.execute(made["1-facts.sql"])
        for name in NEEDED:
            con.execute(
                f'INSERT INTO "{name}" SELECT * FROM read_parquet($1, hive_partitioning = false)', [clinic.glob(name)]
            )
        con.execute(made["2-sayings.sql"])
        con.execute(made["3-steps.sql"])
        asked = f"SELECT {COLUMNS} FROM findings WHERE kind <> 'cannot-say'"
        found = findings(con.sql(asked).fetchall())
        singly = {person for (person,) in con.sql("SELECT person FROM singly").fetchall()}
        screen = str(one_by_one.folder / "findings.parquet")
        expected = con.sql(
            f"SELECT {COLUMNS}, person FROM read_parquet('{screen}') WHERE kind <> 'cannot-say'"
        ).fetchall()
    assert found == findings([row[:4] for row in expected if row[4] not in singly])
    assert len(found) > 20


@pytest.mark.xdist_group("postgres")
def test_postgres_runs_the_files(clinic: Store, book: RuleBook, postgres: Any) -> None:
    import psycopg
    from pyarrow import parquet

    made = files(book, "postgres")
    own = psycopg.connect(postgres.con.info.dsn, autocommit=True)
    with own, own.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS exported CASCADE")
        cursor.execute("CREATE SCHEMA exported")
        cursor.execute("SET search_path TO exported")
        cursor.execute(made["1-facts.sql"])
        for name in NEEDED:
            with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                for bucket in clinic.buckets:
                    for path in clinic.tables(bucket)[name]:
                        for row in parquet.read_table(path, partitioning=None).to_pylist():
                            copy.write_row(list(row.values()))
        cursor.execute(made["2-sayings.sql"])
        for statement in made["3-steps.sql"].split(";\n\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM findings")
        assert cursor.fetchone()[0] > 20
        cursor.execute("DROP SCHEMA exported CASCADE")


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one not in ("duckdb", "postgres")])
def test_the_other_dialects_parse(dialect: str, book: RuleBook) -> None:
    made = files(book, dialect)
    steps = sqlglot.parse(made["3-steps.sql"], read=dialect)

    assert len([one for one in steps if one is not None]) > 20
    assert "`singly`" in made["README.md"]
    assert ("Nobody has run" in made["README.md"]) == (dialect != "spark")


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(UnwritableOutput, match="not empty"):
        write_scripts(iter(()), tmp_path)

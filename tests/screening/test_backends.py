"""`rxvigil screen` on each database there is: the same findings, to the byte."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rxvigil.cli.app import app
from rxvigil.screening.databases import NotThere

from .little import rule_book, source

ON = "2026-03-01"
Screened = Callable[..., dict[str, bytes]]


def rxvigil(*arguments: str | Path) -> str:
    """What a command prints; it may not fail."""
    done = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rule_book(tmp_path_factory.mktemp("rules"), 1.0)


@pytest.fixture(scope="module")
def clinic(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two buckets of patients, in a folder whose name is full of what databases take for patterns."""
    folder = tmp_path_factory.mktemp("clinic")
    store = folder / "it's {our} [clinic] *.store"
    rxvigil("import", source(folder, range(12)), store, "--rules", rules, "--workers", "1", "--buckets", "2")
    return store


@pytest.fixture(scope="module")
def smaller(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One bucket: on Spark each takes a while."""
    folder = tmp_path_factory.mktemp("smaller")
    rxvigil("import", source(folder, range(12)), folder / "[1].store", "--rules", rules, "--workers", "1")
    return folder / "[1].store"


@pytest.fixture
def screened(clinic: Path, rules: Path, tmp_path: Path) -> Screened:
    """Screens a copy of the clinic and gives the files of the screen."""

    def screen(*more: str, clinic: Path = clinic) -> dict[str, bytes]:
        store = tmp_path / f"{clinic.name}{'-'.join(more).replace('/', '')}"
        shutil.copytree(clinic, store)
        said = rxvigil("screen", store, "--on", ON, "--rules", rules, "-j", "UK", "--workers", "1", *more)
        assert "12 patients as of 1 Mar 2026" in said
        (found,) = store.glob("findings/2*")
        return {path.name: path.read_bytes() for path in found.iterdir()}

    return screen


def test_the_engine_alone_says_the_same(screened: Screened, tmp_path: Path) -> None:
    """Not to the byte: it names no protocol's rule beside a test. But everybody has the same findings."""
    plan, alone = screened(), screened("--backend", "engine")
    assert told(plan, tmp_path) == told(alone, tmp_path)


def told(files: dict[str, bytes], folder: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    (folder / "findings.parquet").write_bytes(files["findings.parquet"])
    columns = ["patient", "tier", "cause", "rule", "says", "action", "late_days"]
    found: list[dict[str, Any]] = parquet.read_table(folder / "findings.parquet", columns=columns).to_pylist()
    return sorted(
        (one | {"late_days": one["late_days"] or 0} for one in found if one["tier"] in ("STOP", "ACT")), key=repr
    )


def test_who_is_found_late_to_need_the_engine_is_told_of_once(clinic: Path, rules: Path, tmp_path: Path) -> None:
    """A schedule whose fixed days are not in the order of time: the plan has laid out everybody's courses and clocks
    before it finds that it cannot tell them."""
    shutil.copytree(rules, tmp_path / "rules")
    protocol = tmp_path / "rules" / "protocol.yaml"
    turned = protocol.read_text().replace("[{every", "[{at: [8 weeks, 4 weeks]}, {every")
    protocol.write_text(turned)
    shutil.copytree(clinic, tmp_path / "a.store")
    arguments = ("screen", tmp_path / "a.store", "--on", ON, "--rules", tmp_path / "rules", "--workers", "1")
    said = [rxvigil(*arguments), rxvigil(*arguments, "--backend", "engine")]
    plan, alone = (tables(tmp_path / "a.store", one) for one in said)

    assert "a schedule with fixed days that are not in the order of time" in said[0]
    assert len(plan["singly"]) == len({row["patient"] for row in plan["singly"]}) == 12
    assert plan["courses"] == alone["courses"]
    assert plan["clocks"] == alone["clocks"]
    assert plan["findings"] == alone["findings"]


def test_a_rule_book_that_asks_nothing_of_anybody_here(rules: Path, tmp_path: Path) -> None:
    """It is of azathioprine, and nobody takes that: a plan all the same, and no finding."""
    lines = source(tmp_path, range(6)).joinpath("all.ndjson").read_text().splitlines(keepends=True)
    (tmp_path / "all.ndjson").write_text("".join(line for line in lines if "MedicationRequest" not in line))
    rxvigil("import", tmp_path / "all.ndjson", tmp_path / "a.store", "--rules", rules, "--workers", "1")
    said = rxvigil("screen", tmp_path / "a.store", "--on", ON, "--rules", rules, "--workers", "1")

    assert "6 patients as of 1 Mar 2026" in said
    assert "6  patients without any finding" in said


def tables(store: Path, said: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of the screen that was told of."""
    from pyarrow import parquet

    (folder,) = (one for one in store.glob("findings/2*") if str(one) in said)
    return {path.stem: parquet.read_table(path).to_pylist() for path in folder.glob("*.parquet")}


@pytest.mark.xdist_group("postgres")
def test_postgres(screened: Screened, postgres: Any) -> None:
    address = f"postgresql://rxvigil@/postgres?host={postgres.con.info.host}"
    assert screened("--backend", "postgres", "--url", address) == screened()


@pytest.mark.xdist_group("postgres")
def test_a_role_that_may_make_nothing_is_told_what_it_needs(clinic: Path, rules: Path, postgres: Any) -> None:
    arguments = ["screen", str(clinic), "--on", ON, "--rules", str(rules), "--backend", "postgres", "--url"]
    with postgres.con.cursor() as cursor:
        cursor.execute("CREATE ROLE guest LOGIN")
        cursor.execute("REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC")
        postgres.con.commit()
        try:
            address = f"postgresql://guest@/postgres?host={postgres.con.info.host}"
            with pytest.raises(NotThere, match="refused a statement") as refused:
                CliRunner().invoke(app, [*arguments, address], catch_exceptions=False)
        finally:
            cursor.execute("GRANT TEMPORARY ON DATABASE postgres TO PUBLIC")
            cursor.execute("DROP ROLE guest")
            postgres.con.commit()
    assert "TEMPORARY" in refused.value.do


@pytest.mark.xdist_group("spark")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # PySpark leaves sockets open
def test_spark(screened: Screened, smaller: Path, spark: Any) -> None:
    """In the session that is open already, which stays open."""
    assert screened("--backend", "spark", clinic=smaller) == screened(clinic=smaller)
    assert spark._session.range(3).count() == 3

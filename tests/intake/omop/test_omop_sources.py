"""Where an OMOP database may be, and what is refused: every source of the same rows makes the same records."""

import gzip
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rxvigil.errors import RxvigilError, UnreadableInput
from rxvigil.intake.omop import looks_like_omop, opening, rows
from rxvigil.intake.omop.databases import shown

from .cdm import ALT, read, table, write

DAY = "2026-03-05"
ROW = {"measurement_concept_id": ALT, "measurement_date": DAY, "value_as_number": 38, "unit_source_value": "U/L"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(
        tmp_path / "cdm",
        person=[{"person_id": number, "year_of_birth": 1980} for number in (1, 2)],
        measurement=[{**ROW, "person_id": 1}, {**ROW, "person_id": 2, "value_as_number": 40}],
        visit_occurrence=[{"visit_occurrence_id": 1, "person_id": 2}],
    )


def facts(source: str | Path) -> list[tuple[object, ...]]:
    records, _ = read(source)
    return [
        (one.patient, [(each.analyte, each.value, each.when, each.id) for each in one.results], one.unread)
        for one in records
    ]


def test_a_zip(folder: Path, tmp_path: Path) -> None:
    """Also with folders inside, which never become paths, and with what a Mac adds."""
    packed = tmp_path / "cdm.zip"
    with zipfile.ZipFile(packed, "w") as file:
        for one in folder.iterdir():
            file.write(one, f"../../export/{one.name}")
        file.writestr("__MACOSX/._PERSON.csv", b"\0")
        file.writestr("/etc/README.txt", "no table")
    assert looks_like_omop(packed)
    assert facts(packed) == facts(folder)
    assert not (tmp_path.parent / "export").exists()


def test_packed_and_tab_separated_files(folder: Path) -> None:
    before = facts(folder)
    text = (folder / "PERSON.csv").read_text()
    (folder / "PERSON.csv").unlink()
    (folder / "person.tsv").write_text(text.replace(",", "\t"))
    (folder / "measurement.csv.gz").write_bytes(gzip.compress((folder / "MEASUREMENT.csv").read_bytes()))
    (folder / "MEASUREMENT.csv").unlink()
    assert facts(folder) == before


def test_parquet_in_one_file_and_in_parts(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "parquet"
    (target / "measurement").mkdir(parents=True)
    for name in ("person", "visit_occurrence"):
        _to_parquet(folder / f"{name.upper()}.csv", "true", target / f"{name}.parquet")
    for part in (1, 2):
        _to_parquet(folder / "MEASUREMENT.csv", f"person_id = {part}", target / "measurement" / f"{part}.parquet")
    assert facts(target) == facts(folder)


def _to_parquet(source: Path, where: str, target: Path) -> None:
    duckdb.sql(f"copy (select * from read_csv('{source}') where {where}) to '{target}' (format parquet)")


def test_a_duckdb_file(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "cdm.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema cdm.cdm")
        for one in folder.iterdir():
            con.execute(f"create table cdm.cdm.{one.stem} as select * from read_csv('{one}')")
    assert facts(f"duckdb://{path}?schema=cdm") == facts(folder)
    with pytest.raises(UnreadableInput, match="no PERSON table"):
        read(f"duckdb://{path}")


def test_a_sqlite_file(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "cdm.sqlite"
    with sqlite3.connect(path) as con:
        for one in folder.iterdir():
            header, *lines = one.read_text().splitlines()
            con.execute(f"create table {one.stem} ({header})")
            con.executemany(f"insert into {one.stem} values ({','.join('?' * len(header.split(',')))})",
                            [line.split(",") for line in lines])  # fmt: skip
    con.close()
    assert facts(f"sqlite://{path}") == facts(folder)


def test_a_postgres_database(folder: Path, postgres: Any) -> None:
    """With the schema in the address; the same records as from the files."""
    con = postgres.con
    with con.cursor() as cursor:
        cursor.execute("drop schema if exists cdm cascade; create schema cdm")
        for one in folder.iterdir():
            header, *lines = one.read_text().splitlines()
            columns = ", ".join(f"{name} {'integer' if name.endswith('_id') else 'text'}" for name in header.split(","))
            cursor.execute(f"create table cdm.{one.stem.lower()} ({columns})")
            for line in lines:
                cells = [cell or None for cell in line.split(",")]
                cursor.execute(f"insert into cdm.{one.stem.lower()} values ({','.join(['%s'] * len(cells))})", cells)
    con.commit()
    about = con.info
    address = f"postgres://{about.user}@/{about.dbname}?host={about.host}&schema=cdm"
    assert facts(address) == facts(folder)


@pytest.mark.parametrize(
    "address",
    ["postgres://u:geheim@localhost:1/cdm", "oracle://u:geheim@h/cdm", "duckdb://nowhere", "sqlite://nowhere"],
)
def test_a_database_that_cannot_be_reached_is_a_message_without_the_password(address: str) -> None:
    with pytest.raises(RxvigilError) as refusal:
        read(address)
    assert "geheim" not in str(refusal.value)


def test_the_address_is_kept_without_user_and_password() -> None:
    assert shown("postgres://u:geheim@h:5432/cdm?schema=x&password=geheim") == "postgres://h:5432/cdm"


# --- what is refused, and what is quarantined


def refusal_of(source: Path) -> str:
    with pytest.raises(RxvigilError) as refusal:
        read(source)
    return str(refusal.value)


def test_an_empty_folder_and_an_empty_zip(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no PERSON table" in refusal_of(tmp_path / "empty")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    assert not looks_like_omop(tmp_path / "empty.zip")
    assert "no PERSON table" in refusal_of(tmp_path / "empty.zip")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"person_id,year_of_birth\n"])
def test_what_is_no_zip(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert "not a zip" in refusal_of(tmp_path / "x.zip")
    assert not looks_like_omop(tmp_path / "x.zip")


def test_a_zip_that_unpacks_without_end(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_SMALL", 1000)
    packed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("PERSON.csv", "person_id,year_of_birth\n" + "1,1980\n" * 2_000_000)
    assert "unpacks to far more" in refusal_of(packed)


def test_the_same_table_twice(folder: Path, tmp_path: Path) -> None:
    (folder / "measurement.tsv").write_text("x")
    assert "is there twice" in refusal_of(folder)


@pytest.mark.parametrize("column", ["person_id", "measurement_id", "measurement_concept_id", "measurement_date"])
def test_a_column_that_is_not_there(folder: Path, column: str) -> None:
    path = folder / "MEASUREMENT.csv"
    path.write_text(path.read_text().replace(column, "other", 1))
    said = refusal_of(folder)
    assert f"no column '{column}'" in said
    assert "MEASUREMENT.csv:1" in said


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xff\xfe\x00", b"a,a\n1,2\n", b",,\n", b"\x89PNG\r\n\x1a\n" + b"\0" * 90]
)
def test_a_file_that_is_no_table(folder: Path, content: bytes) -> None:
    (folder / "MEASUREMENT.csv").write_bytes(content)
    assert "MEASUREMENT.csv" in refusal_of(folder)


def test_a_parquet_file_that_is_none(folder: Path) -> None:
    (folder / "MEASUREMENT.csv").unlink()
    (folder / "measurement.parquet").write_bytes(b"PAR1 and nothing more")
    assert "measurement.parquet" in refusal_of(folder)


def test_a_packed_file_that_is_cut_short(folder: Path) -> None:
    whole = gzip.compress((folder / "MEASUREMENT.csv").read_bytes() * 50)
    (folder / "MEASUREMENT.csv").unlink()
    (folder / "measurement.csv.gz").write_bytes(whole[: len(whole) // 2])
    assert "measurement.csv.gz" in refusal_of(folder)


def test_rows_that_cannot_be_taken_apart_are_quarantined_with_their_line(folder: Path) -> None:
    good = (folder / "MEASUREMENT.csv").read_bytes()
    header = good.splitlines()[0]
    extra = b"\n".join(
        [b"7,1,2", b"8" + b",1" * 20, b"9,1," + b"\xff" * 6 + b",2026-01-01,1,x", b"10,1," + b"z" * 2_000_000 + b",,,"]
    )
    (folder / "MEASUREMENT.csv").write_bytes(good + extra + b"\n")
    records, totals = read(folder)
    nobody = records[0]
    assert [(entry.origin.line, entry.why) for entry in nobody.not_understood] == [
        (4, "the row has too few cells: columns may be shifted; it could be anybody's"),
        (5, "the row has too many cells: columns may be shifted; it could be anybody's"),
        (6, "the row is not UTF-8; it could be anybody's"),
        (7, "the row is longer than 1,000,000 bytes; it could be anybody's"),
    ]
    assert header.count(b",") == 5
    assert (totals.kept, totals.quarantined, totals.all) == (4, 4, 9)


def test_a_quotation_mark_that_is_never_closed_refuses_the_file(folder: Path) -> None:
    """It may have swallowed any number of rows."""
    path = folder / "MEASUREMENT.csv"
    path.write_text(path.read_text() + f'3,1,{ALT},{DAY},39,"U/L\n4,1,{ALT},{DAY},40,U/L\n')
    assert "MEASUREMENT.csv:4: not a readable row" in refusal_of(folder)


def test_a_file_that_is_wrong_all_through_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_MOST_REJECTED", 3)
    path = folder / "MEASUREMENT.csv"
    path.write_text(path.read_text() + "1,2\n" * 4)
    assert "more than 3 of its rows" in refusal_of(folder)


def test_a_wrong_delimiter_is_seen_from_the_header(folder: Path) -> None:
    before = facts(folder)
    path = folder / "MEASUREMENT.csv"
    path.write_text(path.read_text().replace(",", ";"))
    assert facts(folder) == before


def test_formulas_and_endless_cells_are_only_text(folder: Path) -> None:
    path = folder / "MEASUREMENT.csv"
    lines = [f"5,1,0,{DAY},38,=CMD()", f"6,1,0,{DAY},38,{'x' * 400_000}", f"7,1,{ALT},{DAY},=1+1,U/L"]
    path.write_text(path.read_text() + "\n".join(lines) + "\n")
    records, _ = read(folder)
    assert [entry.why for entry in records[0].not_understood if entry.affects == ("alt",)] == [
        "its number is not a number"
    ]
    assert all(len(entry.what) + len(entry.why) < 700 for record in records for entry in record.not_understood)


def test_no_message_holds_a_value_of_a_patient(folder: Path) -> None:
    secret = "Zyxwvut-4711"
    for name, content in (("PERSON.csv", f"person_id\n{secret}\n"), ("MEASUREMENT.csv", f'{secret}\n"{secret}\n')):
        kept = (folder / name).read_text()
        (folder / name).write_text(content)
        assert secret not in refusal_of(folder)
        (folder / name).write_text(kept)


def test_more_persons_than_are_fetched_at_once(tmp_path: Path) -> None:
    """Every row of every person once, whatever the sizes of the pieces that are read."""
    count = 12_345
    source = write(tmp_path, person=[], measurement=[])
    (tmp_path / "PERSON.csv").write_text("person_id,year_of_birth\n" + "".join(f"{n},1980\n" for n in range(count)))
    body = "".join(f"{n},{(n * 7919) % count},{ALT},{DAY},{20 + n % 50},U/L\n" for n in range(count))
    header = table("measurement", []).splitlines()[0]
    (tmp_path / "MEASUREMENT.csv").write_text(f"{header}\n{body}")
    records, totals = read(source)
    assert len(records) == count
    assert totals.kept == 2 * count
    assert all(len(record.results) == 1 for record in records)
    assert [int(record.patient.id) for record in records] == list(range(count))

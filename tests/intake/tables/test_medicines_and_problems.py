"""Medicines, conditions, allergies and vaccinations from tables."""

from datetime import date
from pathlib import Path

import pytest

from rxvigil.facts import Dose, Prescription, Record

from .desk import read

MEDICINES = """\
kind: mapping
title: medicines
patient: pid
tables:
  - file: meds.csv
    holds: prescriptions
    drug: {code: code, system: rxnorm, name: drug}
    status: {column: status, words: {on: active, stopped: ended, wrong: withdrawn, "": unknown}}
    start: start
    end: end
    instruction: sig
    dose: {amount: amount, unit: unit, times: times, per: {column: per, words: {day: day, week: week}}}
    days_supplied: days
    refills: refills
"""
FIFTY = "Azathioprine 50 MG Oral Tablet"
COLUMNS = ("code", "drug", "status", "start", "end", "sig", "amount", "unit", "times", "per", "days", "refills")


def medicines(folder: Path, **cells: str) -> Record:
    row = ",".join(["A17", *(f'"{cells.get(column, "")}"' for column in COLUMNS)])
    (record,) = read(folder, MEDICINES, {"meds.csv": f"pid,{','.join(COLUMNS)}\n{row}\n"})
    return record


def medicine(folder: Path, **cells: str) -> Prescription:
    (found,) = medicines(folder, **{"drug": "Azathioprine", "status": "on", **cells}).prescriptions
    return found


@pytest.mark.parametrize(
    ("cells", "dose"),
    [
        ({"amount": "150", "unit": "mg", "times": "1", "per": "day"}, Dose(150, 150)),
        ({"amount": "0.05", "unit": "g", "times": "3", "per": "day"}, Dose(150, 150)),
        ({"amount": "3", "unit": "{tablet}", "times": "1", "per": "day", "drug": FIFTY}, Dose(150, 150)),
        ({"amount": "3", "unit": "tablet", "times": "1", "per": "day"}, None),
        ({"amount": "70", "unit": "mg", "times": "1", "per": "week"}, Dose(10, 10)),
        ({"amount": "1-2", "unit": "mg", "times": "1", "per": "day"}, None),
        ({"amount": "150", "unit": "drops", "times": "1", "per": "day"}, None),
        ({"amount": "150", "unit": "mg", "times": "1", "per": "fortnight"}, None),
        ({"sig": "50 mg twice daily"}, Dose(100, 100)),
        ({"sig": "as directed"}, None),
        ({"amount": "100", "unit": "mg", "times": "1", "per": "day", "sig": "50 mg twice daily"}, Dose(100, 100)),
    ],
)  # fmt: skip
def test_the_dose_in_milligrams_a_day(tmp_path: Path, cells: dict[str, str], dose: Dose | None) -> None:
    assert medicine(tmp_path, **cells).dose == dose


def test_a_dose_that_columns_and_instruction_tell_differently_is_not_known(tmp_path: Path) -> None:
    record = medicines(
        tmp_path, drug="Azathioprine", status="on", amount="150", unit="mg", times="1", per="day", sig="50 mg daily"
    )
    assert record.prescriptions[0].dose is None
    assert record.not_understood[0].affects == ("azathioprine",)


def test_a_code_that_contradicts_the_name_is_no_medicine(tmp_path: Path) -> None:
    """1256 is azathioprine in RxNorm; the row says azithromycin. Neither is chosen, and both are in doubt."""
    record = medicines(tmp_path, code="1256", drug="Azithromycin 250 mg", status="on")
    assert record.prescriptions == ()
    assert set(record.not_understood[0].affects) == {"azathioprine", "azithromycin"}


def test_a_status_without_a_meaning_leaves_the_medicine_open(tmp_path: Path) -> None:
    record = medicines(tmp_path, drug="Azathioprine", status="perhaps")
    assert (record.prescriptions, record.not_understood[0].affects) == ((), ("azathioprine",))
    assert medicine(tmp_path, status="").status == "unknown"


def test_a_withdrawn_prescription_is_counted(tmp_path: Path) -> None:
    assert medicines(tmp_path, drug="Azathioprine", status="wrong").unread == {"withdrawn prescription": 1}


def test_an_end_that_cannot_be_read_leaves_open_whether_it_is_taken(tmp_path: Path) -> None:
    record = medicines(tmp_path, drug="Azathioprine", status="on", start="2025-06-01", end="soon")
    assert record.prescriptions[0].status == "unknown"
    assert record.not_understood[0].affects == ("azathioprine",)


def test_the_last_day_of_a_supply_counts_every_refill(tmp_path: Path) -> None:
    found = medicine(tmp_path, start="2026-01-01", days="30", refills="1")
    assert found.supply_until is not None
    assert found.supply_until.first == date(2026, 3, 1), "60 days from 1 January 2026"
    assert medicine(tmp_path, start="2026-01", days="30").supply_until is None, "no day to count from"
    assert medicine(tmp_path, start="2026-01-01", days="99999").supply_until is None, "nobody is supplied for life"


def one(folder: Path, table: str, content: str) -> Record:
    mapping = f"kind: mapping\ntitle: one table\npatient: pid\ntables:\n  - {table}\n"
    (record,) = read(folder, mapping, {"table.csv": content})
    return record


CONDITIONS = "{file: table.csv, holds: conditions, condition: {name: what}, status: {constant: active}, onset: since}"
ALLERGIES = (
    "{file: table.csv, holds: allergies, substance: {name: what, means: {NKDA: none-known}}, "
    "status: {column: status, words: {A: active, R: refuted}}, reaction: how, "
    "severity: {column: grade, words: {severe: serious, mild: not-serious}}}"
)
VACCINES = (
    "{file: table.csv, holds: immunisations, vaccine: {name: what}, date: on, "
    "status: {column: status, words: {done: given, booked: planned}}}"
)


def test_conditions(tmp_path: Path) -> None:
    record = one(
        tmp_path, CONDITIONS, "pid,what,since\nA17,Gout,2019\nA17,Gout,long ago\nA17,Otitis media,2020\nA17,,\n"
    )
    assert [(found.concept, found.onset and found.onset.precision) for found in record.conditions] == [
        ("gout", None),
        ("gout", "year"),
    ]
    assert [(entry.origin.line, entry.affects) for entry in record.not_understood] == [
        (3, ("gout",)),
        (5, ("any-condition",)),
    ]
    assert [outside.display for outside in record.outside] == ["Otitis media"]


def test_allergies(tmp_path: Path) -> None:
    record = one(
        tmp_path,
        ALLERGIES,
        "pid,what,status,how,grade\nA17,Azathioprine,A,fever,severe\nA17,Allopurinol,R,rash,\n"
        "A17,NKDA,A,,\nA17,Peanut,A,rash,mild\nA17,Mesalazine,?,,\nA17,,A,,\n",
    )
    assert {(found.concept, found.status, found.serious) for found in record.allergies} == {
        ("azathioprine", "active", True),
        ("allopurinol", "refuted", None),
        ("none-known", "active", None),
    }
    assert [outside.display for outside in record.outside] == ["Peanut"]
    assert [entry.affects for entry in record.not_understood] == [("mesalazine",), ("any-allergy",)]


def test_vaccinations(tmp_path: Path) -> None:
    record = one(
        tmp_path,
        VACCINES,
        "pid,what,on,status\nA17,MMR,2010-05-05,done\nA17,Yellow fever,2026-04-01,booked\n"
        "A17,BCG,,done\nA17,Varicella,2010-05-05,perhaps\n",
    )
    assert {(found.vaccine, found.status) for found in record.immunisations} == {
        ("mmr", "given"),
        ("yellow-fever", "planned"),
    }
    assert [entry.affects for entry in record.not_understood] == [("bcg",), ("varicella",)]


def test_a_list_is_there_also_when_nothing_of_it_is_ours(tmp_path: Path) -> None:
    """A problem list with only an ear infection shows that there is no gout; no problem list shows nothing."""
    assert one(tmp_path, CONDITIONS, "pid,what,since\nA17,Otitis media,2020\n").lists == ("conditions",)
    unclear = one(tmp_path, CONDITIONS, "pid,what,since\nA17,,2020\n")
    assert (unclear.lists, unclear.not_understood[0].affects) == (("conditions",), ("any-condition",))

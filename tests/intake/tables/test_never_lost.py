"""Every row ends somewhere: in a fact, in the list of what was not understood, or in a count. The sums are held."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.facts import Record

from .desk import LABS, labs, read

VALUES = st.sampled_from(
    ["4.2", "<0.1", ">100", "neg", "positive", "haemolysed", "*", "see comment", "", "NA", "1,5", "1'000", "=1+1", "@x",
     "-", "NaN", "inf", "1e400", "0-2", "2+", "425, 430", "4.2 H", "4.2 mg/L", "9" * 400, "\u202e4.2", "½", "٣"]
)  # fmt: skip
TESTS = st.sampled_from(["ALT", "Neutrophils", "HBsAg", "Neutrofils", "CK", "", "white cells", "WBC urine", "INR"])
UNITS = st.sampled_from(["U/L", "10*9/L", "%", "", "k/cumm", "furlong", "/[HPF]", "mg/L"])
DATES = st.sampled_from(["2026-03-05", "2026-03", "2026", "", "2026-02-30", "soon", "2026-03-05T08:00:00"])
PEOPLE = st.sampled_from(["A17", "B18", "", "1.23E+11", "=X"])
ROWS = st.lists(st.tuples(PEOPLE, DATES, TESTS, VALUES, UNITS, st.sampled_from(["", ",surplus"])), max_size=12)


def accounted(records: list[Record]) -> Counter[int]:
    """How many rows are told of: by line where a fact or an entry names it, and by number where they are counted."""
    lines = {fact.origin.line for record in records for fact in record.results}
    lines |= {entry.origin.line for record in records for entry in record.not_understood if entry.what != "patient id"}
    counted = sum(outside.count for record in records for outside in record.outside)
    counted += sum(count for record in records for count in record.unread.values())
    return Counter(named=len(lines), counted=counted)


MISSING = "result marked as missing"


@settings(max_examples=200, deadline=None)
@given(rows=ROWS)
def test_facts_and_listed_and_counted_rows_are_all_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    text = [f'{pid},{day},{test},"{value}",{unit}{extra}' for pid, day, test, value, unit, extra in rows]
    found = accounted(labs(tmp_path_factory.mktemp("t"), *text, mapping=LABS + "missing: [NA]\n"))
    assert found["named"] + found["counted"] == len(rows)


@settings(max_examples=100, deadline=None)
@given(cells=st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6))
def test_every_filled_cell_of_a_wide_table_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    mapping = LABS.split("tables:")[0] + (
        "missing: [NA]\ntables:\n  - {file: w.csv, holds: panels, date: date, "
        "analytes: {alt: {analyte: alt, unit: U/L}, crp: {analyte: crp, unit: mg/L}}}\n"
    )
    rows = [f'P{number},2026-03-05,"{alt}","{crp}"' for number, (alt, crp) in enumerate(cells)]
    records = read(tmp_path_factory.mktemp("t"), mapping, {"w.csv": "\n".join(["pid,date,alt,crp", *rows])})
    told = sum(len(record.results) + len(record.not_understood) for record in records)
    told += sum(record.unread.get(MISSING, 0) for record in records)
    assert told == sum(1 for pair in cells for cell in pair if cell)


def test_a_row_delivered_twice_is_one_result_and_counted(tmp_path: Path) -> None:
    (record,) = labs(tmp_path, *["A17,2026-03-05,ALT,38,U/L"] * 3)
    assert (len(record.results), list(record.unread.values())) == (1, [2])


def test_a_withdrawn_sample_counts_each_of_its_results(tmp_path: Path) -> None:
    mapping = LABS.split("tables:")[0] + (
        "tables:\n  - {file: w.csv, holds: panels, date: date, "
        "status: {column: state, words: {X: withdrawn, F: final}}, "
        "analytes: {alt: {analyte: alt, unit: U/L}, crp: {analyte: crp, unit: mg/L}}}\n"
    )
    rows = "pid,date,alt,crp,state\nA17,2026-03-05,38,5,X\nA17,2026-03-06,38,5,F\nA17,2026-03-07,38,,?\n"
    (record,) = read(tmp_path, mapping, {"w.csv": rows})
    assert (len(record.results), record.unread, len(record.not_understood)) == (2, {"withdrawn result": 2}, 1)


def test_two_different_results_of_one_day_are_both_kept(tmp_path: Path) -> None:
    (record,) = labs(tmp_path, "A17,2026-03-05,ALT,38,U/L", "A17,2026-03-05,ALT,380,U/L")
    assert [result.value for result in record.results] == [38, 380]


def test_a_reference_range_that_cannot_be_read_leaves_the_result_and_is_listed(tmp_path: Path) -> None:
    (record,) = labs(
        tmp_path,
        "A17,2026-03-05,ALT,38,U/L,0,forty",
        "A17,2026-03-06,ALT,39,U/L,40,0",
        header="pid,date,test,value,unit,low,high",
        mapping=LABS + "    reference: {low: low, high: high}\n",
    )
    assert [(result.value, result.reference) for result in record.results] == [(38, None), (39, None)]
    assert [(entry.origin.line, entry.affects) for entry in record.not_understood] == [(2, ()), (3, ())]


def test_a_result_in_words_has_no_reference_range(tmp_path: Path) -> None:
    """Laboratories fill "0" to "0" beside a negative test; that is no range and nothing to complain of."""
    (record,) = labs(
        tmp_path,
        "A17,2026-03-05,HBsAg,negative,,0,0",
        header="pid,date,test,value,unit,low,high",
        mapping=LABS + "    reference: {low: low, high: high}\n",
    )
    assert (record.results[0].category, record.results[0].reference, record.not_understood) == ("negative", None, ())


def test_a_stated_unit_serves_only_rows_without_their_own(tmp_path: Path) -> None:
    mapping = LABS + "    stated_units: {alt: U/L}\n"
    (record,) = labs(tmp_path, "A17,2026-03-05,ALT,38,", "A17,2026-03-06,ALT,39,mg/L", mapping=mapping)
    assert [result.value for result in record.results] == [38]
    assert "mg/L" in record.not_understood[0].why


def test_neutrophils_in_percent_are_the_percentage(tmp_path: Path) -> None:
    (record,) = labs(tmp_path, "A17,2026-03-05,Neutrophils,40,%", "A17,2026-03-05,Neutrophils,1.4,10*9/L")
    assert {result.analyte: result.value for result in record.results} == {
        "neutrophils-percent": 40,
        "neutrophils": 1.4,
    }

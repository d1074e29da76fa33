"""The tables of a screen on disk: the same rows make the same bytes, and come back."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rxvigil.errors import UnreadableInput
from rxvigil.screening.columns import FILES, Row, table_of
from rxvigil.screening.keeping import read, write, write_one_after_another

_TEXTS = st.sampled_from(["", "a", "ä", "alt", "azathioprine", "Z"])
_VALUES = {
    "text": st.none() | _TEXTS,
    "texts": st.none() | st.lists(_TEXTS, max_size=3),
    "number": st.none() | st.floats(0, 5).map(lambda value: round(value, 1)),
    "whole": st.none() | st.integers(-1, 2),
    "flag": st.none() | st.booleans(),
    "day": st.none() | st.dates(),
}


def _rows(name: str) -> st.SearchStrategy[list[Row]]:
    """Rows no two of which are alike in what is ordered by: lists are not."""
    columns = {column: _VALUES[shape] for column, shape in FILES[name]}
    ordered_by = [column for column, shape in FILES[name] if shape != "texts"]
    return st.lists(
        st.fixed_dictionaries(columns), max_size=6, unique_by=lambda row: repr([row[n] for n in ordered_by])
    )


def _same(rows: list[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_same_rows_in_any_order_make_the_same_bytes(tmp_path: Path, name: str, data: st.DataObject) -> None:
    rows = data.draw(_rows(name))
    again = data.draw(st.permutations(rows))
    at = data.draw(st.integers(0, len(rows)))
    in_parts = pa.concat_tables([table_of(again[at:], FILES[name]), table_of(again[:at], FILES[name])])
    write(name, table_of(rows, FILES[name]), tmp_path / "one")
    write(name, in_parts, tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    found = read(name, tmp_path / "one")
    assert _same(found.to_pylist()) == _same(rows)
    write(name, found, tmp_path / "read again")
    assert (tmp_path / "read again").read_bytes() == (tmp_path / "one").read_bytes()


def test_what_a_reader_looks_for_comes_first(tmp_path: Path) -> None:
    known: dict[str, Any] = {"patient": "p", "severity": 2, "late_days": 0, "firmness": 1, "rule": "r", "drug": None}
    others = ({"drug": "d"}, {"rule": "q"}, {"firmness": 0}, {"late_days": 9}, {"severity": 1}, {"patient": "o"})
    rows = [known, *(known | other for other in others)]
    write("findings", table_of(rows, FILES["findings"]), tmp_path / "file")
    found = [{name: row[name] for name in known} for row in read("findings", tmp_path / "file").to_pylist()]
    assert found == [*(known | other for other in reversed(others)), known]


def test_files_are_plain_to_any_other_reader(tmp_path: Path) -> None:
    from pyarrow import parquet

    write("findings", table_of([{"patient": "p", "rule": "r", "also": ["q"]}], FILES["findings"]), tmp_path / "file")
    schema = parquet.read_schema(tmp_path / "file")
    assert schema.field("rule").type == pa.string()
    assert schema.field("also").type == pa.list_(pa.string())


@pytest.mark.parametrize("name", FILES)
def test_parts_follow_one_another_as_they_are(tmp_path: Path, name: str) -> None:
    column = "reason" if name == "singly" else "drug"
    parts = [[{"person": 2, "patient": "b", column: "y"}], [], [{"person": 1, "patient": "a", column: "x"}]]
    write_one_after_another(name, (table_of(rows, FILES[name]) for rows in parts), tmp_path / "whole")
    assert read(name, tmp_path / "whole")["patient"].to_pylist() == ["b", "a"]


def test_a_damaged_file_is_a_message_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "findings.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(UnreadableInput) as problem:
        read("findings", tmp_path / "findings.parquet")
    assert "findings.parquet" in str(problem.value)

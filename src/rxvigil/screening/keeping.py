"""The tables of a screen on disk. The same answers make the same bytes: rows and the texts they share are written in an
order that no database decides."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rxvigil.population.schema import Shape
from rxvigil.screening.columns import FILES, held_schema
from rxvigil.screening.reading import SCREEN_AGAIN, reading

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST: Final[dict[str, dict[str, str]]] = {
    "findings": dict.fromkeys(("patient", "severity", "late_days", "firmness", "rule", "drug"), "ascending")
    | {"late_days": "descending"},
    "clocks": dict.fromkeys(("patient", "drug", "rule", "protocol", "test"), "ascending"),
    "courses": dict.fromkeys(("patient", "drug"), "ascending"),
    "singly": dict.fromkeys(("patient", "reason"), "ascending"),
}
"""How the rows are ordered: first what a reader looks for, then every other column."""


def write(name: str, table: "pa.Table", path: Path) -> None:
    """Write one of the tables of a screen, in order."""
    from pyarrow import parquet

    parquet.write_table(in_order(name, table), path, compression="zstd", store_schema=False)


def write_one_after_another(name: str, tables: "Iterable[pa.Table]", path: Path) -> None:
    """Write tables, each in order already, into one file."""
    from pyarrow import parquet

    schema = held_schema(FILES[name])
    with parquet.ParquetWriter(path, schema, compression="zstd", store_schema=False) as writer:
        for table in tables:
            writer.write_table(table)


def read(name: str, path: Path) -> "pa.Table":
    """Read one of the tables of a screen. Raises `UnreadableInput`."""
    from pyarrow import parquet

    shared = [f"{column}{_WITHIN[shape]}" for column, shape in FILES[name] if shape in _WITHIN]
    with reading(path, SCREEN_AGAIN):
        found = parquet.read_table(path, partitioning=None, read_dictionary=shared)
        return found.cast(held_schema(FILES[name])).unify_dictionaries()


_WITHIN: Final[dict[Shape, str]] = {"text": "", "texts": ".list.element"}


def in_order(name: str, table: "pa.Table") -> "pa.Table":
    """The rows in their fixed order, with the texts they share in the order in which they first come."""
    import pyarrow as pa
    from pyarrow import compute as pc

    whole = table.unify_dictionaries().combine_chunks()
    plain = [column for column, shape in FILES[name] if shape != "texts"]
    keys = pa.table({column: _sortable(whole[column].combine_chunks()) for column in plain})
    order = _FIRST[name] | {column: "ascending" for column in plain if column not in _FIRST[name]}
    rows = whole.take(pc.sort_indices(keys, sort_keys=list(order.items())))
    return pa.table([_anew(column.combine_chunks()) for column in rows.columns], schema=whole.schema)


def _sortable(column: "pa.Array") -> "pa.Array":
    """Of texts that are held once, their rank."""
    import pyarrow as pa
    from pyarrow import compute as pc

    if not pa.types.is_dictionary(column.type):
        return column
    return pc.rank(column.dictionary, tiebreaker="dense").take(column.indices)


def _anew(column: "pa.Array") -> "pa.Array":
    """Texts that are held once, in the order in which they first come; those that no row has any more go."""
    import pyarrow as pa

    if pa.types.is_list(column.type):
        texts = _anew(column.values)
        return pa.ListArray.from_arrays(column.offsets, texts, mask=column.is_null() if column.null_count else None)
    return _renumbered(column) if pa.types.is_dictionary(column.type) else column


def _renumbered(column: Any) -> "pa.DictionaryArray":
    import pyarrow as pa
    from pyarrow import compute as pc

    used = pc.drop_null(pc.unique(column.indices))
    places = pc.index_in(column.indices, value_set=used, skip_nulls=True)
    return pa.DictionaryArray.from_arrays(places, column.dictionary.take(used))

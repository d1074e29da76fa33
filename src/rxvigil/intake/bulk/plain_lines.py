"""Plain results on their way through a kept file: what they say in columns, beside their JSON."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

PlainLine = tuple[int, bytes, str, str, float, bytes, bytes]
"""Line in its file, owner as a kept line names it, id, `effectiveDateTime`, value, question (`fhir.glimpse`), JSON."""


def columns_of(results: Sequence[PlainLine]) -> bytes:
    """Everything but the JSON, as an Arrow stream."""
    import pyarrow as pa

    lines, owners, ids, taken, values, questions, bodies = zip(*results, strict=True)
    known = {question: number for number, question in enumerate(dict.fromkeys(questions))}
    numbers = pa.array([known[one] for one in questions], pa.int32())
    columns = {
        "line": pa.array(lines, pa.int64()),
        "owner": pa.array(owners, pa.binary()),
        "id": pa.array(ids, pa.string()),
        "taken": pa.array(taken, pa.string()),
        "value": pa.array(values, pa.float64()),
        "whole": pa.array([type(one) is int for one in values], pa.bool_()),
        "size": pa.array(map(len, bodies), pa.int32()),
        "question": pa.DictionaryArray.from_arrays(numbers, pa.array(list(known), pa.binary())),
    }
    return _stream(pa.RecordBatch.from_pydict(columns))


def _stream(batch: Any) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def bodies_of(results: Sequence[PlainLine]) -> bytes:
    """The JSON of one after another."""
    return b"".join([one[-1] for one in results])


def _table_of(columns: bytes) -> "pa.Table":
    import pyarrow as pa

    return pa.ipc.open_stream(columns).read_all()


class Part(NamedTuple):
    """Plain results that stand together in a kept file."""

    brought: int
    """Number of the import."""
    file: int
    """Number of the source file in its import."""
    source: str
    """Its name."""
    kept: int
    """Number of the kept file."""
    columns: bytes
    """As `columns_of` made them."""
    bodies: Callable[[], bytes]
    """As `bodies_of` made it; seldom asked for."""


class Answers(NamedTuple):
    """What is different among many, and which of it each one is (an array of numbers)."""

    each: list[Any]
    which: Any

    def mapped(self, answers: Sequence[Any], kind: Any) -> Any:
        """For each one, the answer of its kind, as an array."""
        import numpy as np

        return np.array(answers, dtype=kind)[self.which]


def different(column: Any) -> Answers:
    """A column as its different values and their numbers."""
    import pyarrow as pa

    one = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = one if isinstance(one, pa.DictionaryArray) else one.dictionary_encode()
    return Answers(coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False))


def joined(parts: Sequence[Part]) -> "pa.Table":
    """What all parts say, in columns, with the number of its part and where its JSON begins there."""
    import numpy as np
    import pyarrow as pa

    tables = []
    for number, part in enumerate(parts):
        table = _table_of(part.columns)
        ends = np.cumsum(table["size"].to_numpy())
        table = table.append_column("part", pa.array(np.full(len(table), number, dtype=np.int32)))
        tables.append(table.append_column("start", pa.array(ends - table["size"].to_numpy())))
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()

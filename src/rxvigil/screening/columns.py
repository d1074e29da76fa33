"""The columns of a screen's files: who needs somebody, which tests are due, which courses run, who was asked singly."""

from typing import TYPE_CHECKING, Any, Final

from rxvigil.population.schema import Shape

if TYPE_CHECKING:
    import pyarrow as pa

Columns = tuple[tuple[str, Shape], ...]
Row = dict[str, Any]

FINDINGS: Final[Columns] = (
    ("person", "whole"), ("patient", "text"), ("practice", "text"), ("drug", "text"), ("rule", "text"),
    ("kind", "text"), ("tier", "text"), ("cause", "text"), ("says", "text"), ("verb", "text"), ("action", "text"),
    ("urgency", "text"), ("strength", "text"), ("also", "texts"), ("would_be", "text"), ("unanswered", "texts"),
    ("late_days", "whole"), ("due", "day"), ("overdue_after", "day"), ("tests", "texts"), ("severity", "whole"),
    ("firmness", "whole"), ("ref", "text"), ("where", "text"), ("mark", "text"), ("since", "day"), ("because", "texts"),
    ("because_at", "texts"), ("missing", "texts"), ("by", "text"),
)  # fmt: skip
"""Those of the plan's findings (`cohort.findings.COLUMNS`), and what is known of a row that was opened: `says` with the
patient's own values, `because` and where each of these facts stands, `missing` with the way to settle it, `since` (the
day from which every fact it rests on was there; of overdue tests, the last acceptable day). `by`: 'plan', or 'both'
where the evaluator of one patient was asked too and said the same, or 'engine' where it alone speaks."""

CLOCKS: Final[Columns] = (
    ("person", "whole"), ("patient", "text"), ("drug", "text"), ("protocol", "text"), ("rule", "text"),
    ("test", "text"), ("status", "text"), ("due", "day"), ("overdue_after", "day"), ("last", "day"),
    ("strength", "text"), ("often", "flag"), ("borrowed", "flag"),
)  # fmt: skip
"""One row for each test of each schedule. Of patients asked singly, one row a test, as their page shows it: `rule` is
empty there, `protocol` names the first that asks."""

COURSES: Final[Columns] = (
    ("person", "whole"), ("patient", "text"), ("practice", "text"), ("drug", "text"), ("active", "whole"),
    ("start", "day"), ("stopped", "day"), ("dose_low", "number"), ("dose_high", "number"), ("dose_since", "day"),
)  # fmt: skip
"""One row for each patient and monitored drug on file. `active`: 0 no, 1 not known, 2 yes; doses in mg a day."""

SINGLY: Final[Columns] = (("person", "whole"), ("patient", "text"), ("reason", "text"))
"""Who was left to the evaluator of one patient, and why."""

FILES: Final[dict[str, Columns]] = {"findings": FINDINGS, "clocks": CLOCKS, "courses": COURSES, "singly": SINGLY}
"""Every file of a screen with its columns."""


def schema_of(columns: Columns) -> "pa.Schema":
    """The Arrow schema of these columns."""
    import pyarrow as pa

    return _schema(columns, pa.string())


def held_schema(columns: Columns) -> "pa.Schema":
    """The schema in which the tables of a screen are held: a text is there once, and rows point to it."""
    import pyarrow as pa

    return _schema(columns, pa.dictionary(pa.int32(), pa.string()))


def _schema(columns: Columns, text: "pa.DataType") -> "pa.Schema":
    import pyarrow as pa

    types: dict[Shape, pa.DataType] = {
        "text": text,
        "texts": pa.list_(text),
        "number": pa.float64(),
        "whole": pa.int64(),
        "flag": pa.bool_(),
        "day": pa.date32(),
    }
    return pa.schema([(name, types[shape]) for name, shape in columns])


def table_of(rows: "list[Row]", columns: Columns) -> "pa.Table":
    """Rows as a table of a screen; what a row does not say is null."""
    import pyarrow as pa

    return pa.Table.from_pylist(rows, schema=held_schema(columns))

"""Reading the files of a store and of a screen: what is damaged or out of reach becomes a message that names it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rxvigil.errors import RxvigilError, UnreadableInput

if TYPE_CHECKING:
    import pyarrow as pa

    from rxvigil.screening.columns import Columns

IMPORT_AGAIN: Final = "import the sources again into a new folder"
SCREEN_AGAIN: Final = "screen again: rxvigil screen STORE --again"


@contextmanager
def reading(place: Path, do: str = IMPORT_AGAIN) -> Iterator[None]:
    """Whatever cannot be read in here is a file of this place, which `do` makes anew. Raises `UnreadableInput`."""
    import duckdb
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as problem:
        raise unreadable(problem, place, do) from None
    except duckdb.Error as problem:
        raise (unreadable(problem, place, do) if is_damage(problem) else problem) from None


def is_damage(problem: Exception) -> bool:
    """Whether DuckDB complains of a file. Anything else that it refuses is a defect of ours."""
    import duckdb

    said = str(problem).partition("\n")[0].lower()
    of_a_file = any(word in said for word in ("parquet", "magic bytes", "decompress"))
    return isinstance(problem, duckdb.IOException) or type(problem) is duckdb.Error or of_a_file


def unreadable(problem: Exception, place: Path, do: str = IMPORT_AGAIN) -> RxvigilError:
    """The message for a file that could not be read."""
    if isinstance(problem, PermissionError):
        return UnreadableInput("it may not be read", str(place), "ask for the right to read it")
    return UnreadableInput("it is damaged, missing in part, or cannot be read", str(place), do)


def check_columns(path: Path, columns: "Columns", do: str = IMPORT_AGAIN) -> None:
    """Raise `UnreadableInput` for a Parquet file whose footer cannot be read, or that lacks one of these columns."""
    from pyarrow import parquet

    with reading(path, do):
        there = set(parquet.read_schema(path).names)
    if missing := [name for name, _ in columns if name not in there]:
        raise UnreadableInput(f"the column {missing[0]} is missing", str(path), do)


def columns_of(path: Path, columns: list[str] | None = None, do: str = IMPORT_AGAIN) -> "pa.Table":
    """These columns of a Parquet file, or all. Raises `UnreadableInput`."""
    from pyarrow import parquet

    with reading(path, do):
        return parquet.read_table(path, columns=columns, partitioning=None)

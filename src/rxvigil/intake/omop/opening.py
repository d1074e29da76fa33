"""Where the tables of an OMOP database are: a folder or zip of CSV or Parquet files, or a database by its address."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple

from rxvigil.errors import RxvigilError, UnreadableInput, UnwritableOutput
from rxvigil.intake.omop.layout import NAMES

_ENDINGS: Final = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
_MOST_UNPACKED: Final = 200
"""How many times its packed size a zip may unpack to; tables of text reach about 20."""
_SMALL: Final = 100_000_000
"""Bytes that may always be unpacked."""
_PIECE: Final = 1 << 20


class Files(NamedTuple):
    """The files of the tables that are there."""

    tables: dict[str, tuple[Path, ...]]
    """Name of the table -> its CSV file, or its Parquet files."""
    sources: tuple[Path, ...]
    """What the user gave, for hashing: the files themselves, or the zip."""
    room: Path
    """A folder for what does not fit in memory."""
    beside: str = ""
    """Address of the database, without a password."""


def is_address(source: str) -> bool:
    """Whether the source is the address of a database."""
    return "://" in source


def looks_like_omop(source: str | Path) -> bool:
    """Whether an OMOP database is here, by content: an address of a database, or a folder or zip with PERSON."""
    if is_address(str(source)):
        return not str(source).lower().startswith(("http://", "https://"))
    path = Path(source)
    try:
        if path.is_dir():
            return any(table_named(one.name, one.is_dir()) == "person" for one in path.iterdir())
        if not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as packed:
            return any(_member(one) == "person" for one in packed.infolist())
    except (OSError, zipfile.BadZipFile):
        return False


@contextmanager
def opened(source: str | Path) -> Iterator[Files]:
    """The files of the source, for as long as they are read. Raises `UnreadableInput`, `UnwritableOutput`."""
    with tempfile.TemporaryDirectory(prefix="rxvigil-omop-") as name:
        room = Path(name)
        if is_address(str(source)):
            from rxvigil.intake.omop.databases import copied

            yield copied(str(source), room)
        elif Path(source).is_dir():
            tables = _in_folder(Path(source))
            yield Files(tables, _flat(tables), room)
        else:
            yield Files(_unpacked(Path(source), room), (Path(source),), room)


def table_named(name: str, is_folder: bool = False) -> str | None:
    """The table of ours that a file (or a folder of Parquet files) of this name holds."""
    plain = name.lower()
    if is_folder:
        return plain.removesuffix(".parquet") if plain.removesuffix(".parquet") in NAMES else None
    for ending in _ENDINGS:
        if plain.endswith(ending):
            stem = plain.removesuffix(ending)
            return stem if stem in NAMES else None
    return None


def _in_folder(path: Path) -> dict[str, tuple[Path, ...]]:
    found: dict[str, tuple[Path, ...]] = {}
    try:
        entries = sorted(path.iterdir())
    except OSError as problem:
        raise UnreadableInput(f"cannot be read: {problem.strerror}", str(path), "check the path") from None
    for one in entries:
        table = table_named(one.name, one.is_dir())
        files = tuple(sorted(one.glob("*.parquet"))) if table and one.is_dir() else (one,)
        if table is None or not files:
            continue
        if table in found:
            raise UnreadableInput(f"the table {table} is there twice", str(path), "leave one of its files")
        found[table] = files
    return _checked(found, path)


def _checked(found: dict[str, tuple[Path, ...]], path: Path) -> dict[str, tuple[Path, ...]]:
    if "person" not in found:
        do = "name the folder or zip of an OMOP CDM 5.4 export: PERSON.csv, MEASUREMENT.csv and so on"
        raise UnreadableInput("there is no PERSON table", str(path), do)
    return found


def _flat(tables: dict[str, tuple[Path, ...]]) -> tuple[Path, ...]:
    return tuple(file for _, files in sorted(tables.items()) for file in files)


# --- zip ---------------------------------------------------------------------------------------------------------


def _member(info: zipfile.ZipInfo) -> str | None:
    """The table that a member holds. Only the last part of its name counts, and it never becomes a path of ours."""
    name = info.filename.replace("\\", "/")
    if info.is_dir() or name.startswith("__MACOSX/"):
        return None
    return table_named(name.rsplit("/", 1)[-1])


def _unpacked(path: Path, room: Path) -> dict[str, tuple[Path, ...]]:
    try:
        with zipfile.ZipFile(path) as packed:
            members = _members(packed, path)
            return {table: (_extracted(packed, info, room, path),) for table, info in members.items()}
    except FileNotFoundError:
        raise UnreadableInput("there is no such file", str(path), "check the path") from None
    except (zipfile.BadZipFile, EOFError, RuntimeError):
        do = "name a folder of OMOP CDM 5.4 tables, a zip of them, or the address of a database"
        raise UnreadableInput("it is not a zip that can be read, or it is damaged", str(path), do) from None


def _members(packed: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in packed.infolist():
        table = _member(info)
        if table is None:
            continue
        if table in members:
            raise UnreadableInput(f"the table {table} is there twice", str(path), "leave one of its files")
        if info.flag_bits & 1:
            raise UnreadableInput("it is protected by a password", str(path), "unpack it, and name the folder")
        members[table] = info
    _checked(dict.fromkeys(members, ()), path)
    return members


def _extracted(packed: zipfile.ZipFile, info: zipfile.ZipInfo, room: Path, path: Path) -> Path:
    """A member, whose own name is one of ours and no path; its stated size is not believed."""
    target = room / info.filename.replace("\\", "/").rsplit("/", 1)[-1]
    most = max(_SMALL, _MOST_UNPACKED * info.compress_size)
    with packed.open(info) as source, target.open("wb") as file:
        _copied(source, file, most, path)
    return target


def _copied(source: IO[bytes], file: BinaryIO, most: int, path: Path) -> None:
    written = 0
    while piece := source.read(_PIECE):
        written += len(piece)
        if written > most:
            what = "it unpacks to far more than tables of text do, and was not read on"
            raise UnreadableInput(what, str(path), "unpack it yourself, and name the folder, if you trust it")
        try:
            file.write(piece)
        except OSError as problem:
            raise no_room(problem) from None


def no_room(problem: OSError) -> RxvigilError:
    """Where the temporary folder is full."""
    free = shutil.disk_usage(tempfile.gettempdir()).free // 1_000_000
    what = f"the temporary folder cannot be written to: {problem.strerror or problem} ({free:,} MB free)"
    return UnwritableOutput(what, tempfile.gettempdir(), "make room there, or set TMPDIR to a folder with room")

"""A store: the facts of a population as partitioned Parquet files in a folder, which DuckDB, Spark or pandas read.

```text
STORE/store.json                                    where the facts come from (the manifest); written last
STORE/facts/TABLE/bucket=000/part-0.parquet         one folder a table, one file a bucket of patients
STORE/kept/import-0001/...                          the resources themselves, so that corrections of later
                                                    imports and a new vocabulary can be read against them
STORE/nobody.json                                   what the sources held of nobody by name
STORE/staging/                                      an import that is not finished; nothing of it counts yet
```

Every table of `rxvigil.population.COLUMNS` has one file for each bucket, sorted by person and then by place in the
record; a patient is in one bucket only. `not_understood` is the quarantine. Nothing is ever changed in place.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rxvigil.errors import PatientCountError, RuleBookError, UnreadableInput, UnsupportedInput, UnwritableOutput
from rxvigil.facts import Origin, Record
from rxvigil.population.durable import unwritable, write_durably
from rxvigil.population.manifest import FORMAT, Import, Kind, Manifest
from rxvigil.population.records import records_of
from rxvigil.population.rows import person_number
from rxvigil.population.schema import COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

    from rxvigil.knowledge.lookup import Vocabulary

MANIFEST: Final = "store.json"
FACTS: Final = "facts"
KEPT: Final = "kept"
NOBODY: Final = "nobody.json"
STAGING: Final = "staging"
JOURNAL: Final = "commit.json"
"""In `staging`: an import that is finished and is being put in place."""
MOST_BUCKETS: Final = 4096
_LATER: Final = frozenset(("simulated",))
"""Tables that a store of an older version does not have."""
_QUOTED: Final = re.compile(r"'[^']*\d[^']*'")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why entries are in quarantine: what they are, why they could not be used, how many, and where one of them is."""

    what: str
    why: str
    count: int
    example: str


def reasons_among(entries: Iterable[tuple[str, str, str]]) -> list[Reason]:
    """What, why and where of entries, by reason, the most frequent first."""
    found: Counter[tuple[str, str]] = Counter()
    example: dict[tuple[str, str], str] = {}
    for what, why, origin in entries:
        key = (what, _without_figures(why))
        found[key] += 1
        example.setdefault(key, origin)
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [Reason(*key, count, example[key]) for key, count in ordered]


class Store:
    """A store that is there. Reading never changes it."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest

    @classmethod
    def create(cls, path: Path, vocabulary: "Vocabulary", *, buckets: int = 1, kind: Kind = "fhir") -> "Store":
        """An empty store in a folder that is new or empty. The number of buckets stays: take about one for each
        100 MB of source. Raises `UnwritableOutput`."""
        if not 1 <= buckets <= MOST_BUCKETS:
            raise UnwritableOutput(f"{buckets} buckets are not possible", str(path), f"take 1 to {MOST_BUCKETS}")
        manifest = Manifest(kind=kind, buckets=buckets, vocabulary=digest_of(vocabulary))
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise UnwritableOutput("the folder is not empty, and is no store", str(path), "name a new folder")
        except OSError as problem:
            raise unwritable(problem, path) from None
        write_durably(path / MANIFEST, encode(manifest))
        return cls(path, manifest)

    @classmethod
    def open(cls, path: Path) -> "Store":
        """The store in this folder. Raises `UnreadableInput` where there is none, or where an import was cut off while
        it was being put in place; `UnsupportedInput` for one of another layout."""
        if (path / STAGING / JOURNAL).exists():
            do = "give the command of the import again: it ends what is left of it"
            raise UnreadableInput("an import is being put in place, or was cut off in it", str(path), do)
        return cls(path, read_manifest(path))

    @property
    def buckets(self) -> range:
        """The numbers of the buckets."""
        return range(self.manifest.buckets)

    @property
    def vocabulary_digest(self) -> str:
        """Of the vocabulary that the codes were read with."""
        return self.manifest.vocabulary

    @property
    def imports(self) -> tuple[Import, ...]:
        """What was imported, in order."""
        return self.manifest.imports

    def tables(self, bucket: int) -> dict[str, list[Path]]:
        """The files of a bucket, by table. Before the first import there are none."""
        return {name: _existing(self.path / part_of(name, bucket)) for name in COLUMNS}

    def glob(self, table: str) -> str:
        """The pattern that names every file of a table, for `read_parquet`."""
        return str(self.path / FACTS / table / "bucket=*" / "part-*.parquet")

    def bucket_of(self, patient: str) -> int:
        """The bucket in which a patient's facts stand."""
        return person_number(patient) % self.manifest.buckets

    def record(self, patient: str) -> Record:
        """The record of the patient of this id. Raises `PatientCountError`."""
        return next(self.records([patient]))

    def records(self, patients: Iterable[str] | None = None) -> Iterator[Record]:
        """The records of these patients, or of all, bucket by bucket. Raises `PatientCountError` for one who is not
        in the store."""
        if patients is None:
            for bucket in self.buckets:
                yield from records_of(self._read(bucket, None))
            return
        wanted: defaultdict[int, list[str]] = defaultdict(list)
        for patient in dict.fromkeys(patients):
            wanted[self.bucket_of(patient)].append(patient)
        for bucket, names in sorted(wanted.items()):
            yield from self._chosen(bucket, names)

    def simulated(self) -> frozenset[int]:
        """The numbers (`person_number`) of the patients who do not exist."""
        from pyarrow import parquet

        if not self.manifest.simulated:
            return frozenset()
        files = (path for bucket in self.buckets for path in self.tables(bucket)["simulated"])
        return frozenset(
            person for path in files for person in parquet.read_table(path, partitioning=None)["person"].to_pylist()
        )

    def nobody(self) -> Record | None:
        """What the sources hold of nobody by name, where there is something in it that a person should look at."""
        path = self.path / NOBODY
        return msgspec.json.decode(path.read_bytes(), type=Record) if path.exists() else None

    def quarantine(self) -> list[Reason]:
        """What could not be understood, the most frequent reason first; that of nobody by name among it."""
        return reasons_among(self._not_understood())

    def _not_understood(self) -> Iterator[tuple[str, str, str]]:
        from pyarrow import parquet

        columns = ["what", "why", "origin_source", "origin_place", "origin_line"]
        for bucket in self.buckets:
            for path in self.tables(bucket)["not_understood"]:
                for row in parquet.read_table(path, columns=columns, partitioning=None).to_pylist():
                    yield row["what"], row["why"], str(Origin(*(row[name] for name in columns[2:])))
        nobody = self.nobody()
        for one in nobody.not_understood if nobody else ():
            yield one.what, one.why, str(one.origin)

    def require(self, vocabulary: "Vocabulary") -> None:
        """Raise `RuleBookError` where the store was read with another vocabulary than this."""
        if digest_of(vocabulary) != self.vocabulary_digest:
            what = "the rule book's vocabulary has changed since the store was written"
            raise RuleBookError(what, str(self.path), f"bring it up to date: rxvigil import {self.path}")

    def _chosen(self, bucket: int, names: list[str]) -> Iterator[Record]:
        found = {one.patient.id: one for one in records_of(self._read(bucket, [*map(person_number, names)]))}
        for name in names:
            if name not in found:
                raise PatientCountError("no patient of that id is in the store", str(self.path), "check the id")
            yield found[name]

    def _read(self, bucket: int, persons: list[int] | None) -> "dict[str, pa.Table]":
        from pyarrow import parquet

        chosen: Any = None if persons is None else [("person", "in", persons)]
        files = {name: paths for name, paths in self.tables(bucket).items() if paths}
        if len(files.keys() - _LATER) < len(COLUMNS.keys() - _LATER):
            return _empty()
        return _empty() | {
            name: parquet.read_table(paths[0], filters=chosen, partitioning=None) for name, paths in files.items()
        }


def is_store(path: Path) -> bool:
    """Whether this folder holds a store."""
    return (path / MANIFEST).is_file()


def part_of(table: str, bucket: int) -> Path:
    """The file of a bucket of a table, inside the store."""
    return Path(FACTS, table, f"bucket={bucket:03d}", "part-0.parquet")


def read_manifest(path: Path) -> Manifest:
    """The manifest of the store in this folder. Raises as `Store.open`."""
    try:
        found = msgspec.json.decode((path / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        if (path / STAGING).is_dir():
            do = "wait until it has ended; if it was cut off, give its command again: it goes on"
            raise UnreadableInput("its first import is not finished", str(path), do) from None
        raise UnreadableInput("it is no store", str(path), "make one: rxvigil import SOURCE STORE") from None
    except OSError as problem:
        raise UnreadableInput(f"it cannot be read: {problem.strerror}", str(path), "check the path") from None
    except msgspec.DecodeError:
        what = f"its {MANIFEST} is damaged"
        raise UnreadableInput(what, str(path), "import the sources again into a new folder") from None
    if found.format != FORMAT:
        what = f"the store has layout {found.format}, and this version reads {FORMAT}"
        raise UnsupportedInput(what, str(path), "import the sources again into a new folder")
    return found


def encode(value: Any) -> bytes:
    """JSON as a person may want to read it, the same bytes each time."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"


_DIGESTS: list[tuple["Vocabulary", str]] = []
_MOST_DIGESTS = 8


def digest_of(vocabulary: "Vocabulary") -> str:
    """What names exactly this vocabulary: a change of any code, name, unit or factor makes another digest."""
    for known, digest in _DIGESTS:
        if known is vocabulary:
            return digest
    parts = vars(vocabulary).items()
    written = {name: value for name, value in parts if name in vocabulary.__dataclass_fields__}
    digest = sha256(msgspec.json.encode(written, order="sorted", enc_hook=_plain)).hexdigest()
    _DIGESTS.insert(0, (vocabulary, digest))
    del _DIGESTS[_MOST_DIGESTS:]
    return digest


def _plain(value: Any) -> Any:
    """A part of the vocabulary as plain data: its entries are pydantic models."""
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else sorted(map(str, value))


def _without_figures(why: str) -> str:
    """A reason without what differs from entry to entry, so that like stands with like."""
    return _QUOTED.sub("'...'", why)


def _existing(path: Path) -> list[Path]:
    return [path] if path.exists() else []


def _empty() -> "dict[str, pa.Table]":
    from rxvigil.population.schema import arrow_schema

    return {name: arrow_schema(name).empty_table() for name in COLUMNS}

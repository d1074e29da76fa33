"""What a store says of itself: where its facts come from, and with which vocabulary they were read.

Nothing in it depends on when or where an import ran: the same sources make the same bytes.
"""

from typing import Literal

import msgspec

from rxvigil.facts import said_of_patients

FORMAT = 1
"""Number of the folder layout and of the columns. A store of another number is not read."""

Kind = Literal["fhir", "records"]
"""What the imports of a store brought: resources, which are kept and can be read again; or finished records."""
Mode = Literal["adds", "replaces"]
"""How finished records meet those of earlier imports: facts are put beside them, or the whole patient is replaced."""


class SourceFile(msgspec.Struct, frozen=True):
    """One file that was read."""

    name: str
    size: int
    """Bytes, as they lay on disk."""
    sha256: str


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Where every row or resource that was read ended, in exactly one of these."""

    kept: int = 0
    """At least one fact of it is in the store."""
    quarantined: int = 0
    """No fact, and an entry says why not."""
    ignored: dict[str, int] = {}
    """Of a kind that says nothing to the rules, by kind."""
    superseded: int = 0
    """An older version, a further copy, or a result that a corrected one replaces."""
    outside: int = 0
    """Its code is none of our vocabulary; counted by code in the table `outside`."""

    @property
    def all(self) -> int:
        """Everything that was read."""
        return self.kept + self.quarantined + sum(self.ignored.values()) + self.superseded + self.outside

    def __add__(self, other: "Totals") -> "Totals":
        kinds = sorted(self.ignored | other.ignored)
        return Totals(
            kept=self.kept + other.kept,
            quarantined=self.quarantined + other.quarantined,
            ignored={kind: self.ignored.get(kind, 0) + other.ignored.get(kind, 0) for kind in kinds},
            superseded=self.superseded + other.superseded,
            outside=self.outside + other.outside,
        )


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """One import: its files, and how many rows or resources they held."""

    number: int
    files: tuple[SourceFile, ...]
    read: int
    """Rows or resources."""
    mode: Mode = "adds"
    beside: str = ""
    """What else decided how the files were read, as a digest or address: a mapping file, a database."""
    exported: str = ""
    """The moment that a bulk manifest says its data are of (`transactionTime`)."""
    simulated: int = 0
    """Patients of whom its files say that they do not exist."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `store.json`."""

    format: int = FORMAT
    kind: Kind = "fhir"
    buckets: int = 1
    vocabulary: str
    """Digest of the vocabulary that codes, names and units were read with."""
    imports: tuple[Import, ...] = ()
    patients: int = 0
    simulated: int = 0
    """Patients who do not exist, by the word of the records."""
    totals: Totals = Totals()
    """Of all imports together, as the store stands now."""

    @property
    def says(self) -> str:
        """What must be said wherever something of this store is shown; '' where nobody in it is simulated."""
        return said_of_patients(self.patients, self.simulated, self.brought_simulated)

    @property
    def brought_simulated(self) -> tuple[str, ...]:
        """The imports that brought patients who do not exist, in words."""
        return tuple(f"import {one.number} ({_files_of(one)})" for one in self.imports if one.simulated)


def _files_of(one: Import) -> str:
    names = [file.name for file in one.files]
    more = f" and {len(names) - 1:,} more {'file' if len(names) == 2 else 'files'}" if len(names) > 1 else ""
    return f"{names[0] if names else one.beside}{more}"

"""Inputs of any length: NDJSON files and folders, joined by patient without holding them in memory.

A first pass notes for every line (or whole document) whose it is and where it stands; records are then read one
patient at a time. What is held is some 20 bytes a line.
"""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from gzip import GzipFile
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from rxvigil.errors import UnreadableInput
from rxvigil.facts import NotUnderstood, Origin
from rxvigil.intake.fhir.documents import Document, read_document
from rxvigil.intake.fhir.entries import Entry, address_in
from rxvigil.intake.fhir.files import LONGEST_LINE, NOT_JSON, decode, kind_of, opened, read_whole, unpacked_copy
from rxvigil.intake.fhir.holdings import NOBODY, identity_of
from rxvigil.intake.fhir.parts import ANYTHING
from rxvigil.intake.fhir.people import READ_TYPES, SHARED, UNSAID, People, owner_of
from rxvigil.intake.fhir.record import Material

ENDINGS = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz", ".jsonl.gz")
_HEAD = 1 << 16
_SUBJECT = re.compile(rb'"(?:subject|patient)"\s*:\s*\{[^{}]*"reference"\s*:\s*"([^"\\]{1,200})"')
"""Whose a line is that cannot be read, as far as it shows."""
_WHOLE = -1
_DOCUMENTS_KEPT = 2
FINDABLE_TYPES = frozenset(("Medication", "Specimen"))
"""What others refer to, and belongs to nobody."""


class _Reference(msgspec.Struct):
    reference: str = ""


class _Glance(msgspec.Struct):
    """As much of a resource as says whose it is."""

    kind: str = msgspec.field(default="", name="resourceType")
    subject: _Reference | None = None
    patient: _Reference | None = None


_GLANCE = msgspec.json.Decoder(_Glance)


class Place(NamedTuple):
    """Where a line stands: number of the file, first byte (`_WHOLE` for a whole document), line counted from 1."""

    file: int
    offset: int
    line: int


class IndexedHoldings:
    """NDJSON and JSON files read together. A context manager: it keeps files open until left."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._open = ExitStack()
        self._files: list[BinaryIO | Path] = []
        self._sources: list[str] = []
        self._names = People()
        self._patients: dict[str, None] = {}
        self._places: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        self._complaints: defaultdict[str, list[NotUnderstood]] = defaultdict(list)
        self._deleted: dict[str, Origin] = {}
        self._medicines: dict[str, Place] = {}
        self._shared: Counter[str] = Counter()
        self._kept: dict[int, Document] = {}
        self._called: dict[str, list[str]] | None = None

    def __enter__(self) -> "IndexedHoldings":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    # --- the first pass ------------------------------------------------------------------------------------

    def add_file(self, path: Path) -> None:
        """Note what a file holds. In a folder, a file that cannot be read is listed, not fatal."""
        with opened(path) as stream:
            first = stream.readline(LONGEST_LINE)
            rest = stream.read(_HEAD)
            kind = kind_of(first + rest, len(rest) < _HEAD, path.name)
            stream.seek(0)
            if kind != "ndjson":
                self._add_document(path, decode(read_whole(stream, path.name), path.name))
            elif isinstance(stream, GzipFile):
                self.add_lines(self._open.enter_context(unpacked_copy(stream, path.name)), path.name)
            else:
                self.add_lines(self._open.enter_context(path.open("rb")), path.name)

    def add_lines(self, stream: BinaryIO, source: str) -> None:
        """Note what the lines of a seekable NDJSON stream hold; it must stay open as long as this."""
        self._files.append(stream)
        self._sources.append(source)
        number = len(self._files) - 1
        for offset, line, data in _lines(stream):
            self._add_line(Place(number, offset, line), data)

    def cannot_read(self, source: str, why: str) -> None:
        """A file that could not be read at all may have been about anybody."""
        self._complain(UNSAID, Origin(source, source), "a file", why)

    def _add_document(self, path: Path, data: Any) -> None:
        document = read_document(data, path.name)
        self._files.append(path)
        self._sources.append(path.name)
        self._note(document, Place(len(self._files) - 1, _WHOLE, 0))

    def _add_line(self, place: Place, data: bytes | None) -> None:
        source = self._sources[place.file]
        if data is not None and (owner := _owner_at_a_glance(data)):
            self._places[owner].extend(place)
            return
        if data is None:
            origin = Origin(source, f"line {place.line}", place.line)
            self._complain(UNSAID, origin, "a line", f"it is longer than {LONGEST_LINE // 1_000_000} MB")
            return
        try:
            self._note(read_document(decode(data, source), source, place.line), place)
        except UnreadableInput as problem:
            self._complain(named_on(data), Origin(source, f"line {place.line}", place.line), "a line", problem.what)

    def _note(self, document: Document, place: Place) -> None:
        owners: set[str] = set()
        for entry in document.entries:
            owner = owner_of(entry)
            if entry.type == "Patient":
                self._names.learn(entry)
                self._patients[owner] = None
            if owner == SHARED:
                self._shared[entry.type] += 1
                self._remember_medicine(entry, place)
            elif owner not in owners:
                owners.add(owner)
                self._places[owner].extend(place)
        self._deleted |= document.deleted
        for owner in owners or (UNSAID,):
            self._complaints[owner] += document.complaints

    def _remember_medicine(self, entry: Entry, place: Place) -> None:
        if entry.type in FINDABLE_TYPES:
            for address in filter(None, (entry.place, entry.full_url)):
                self._medicines.setdefault(address, place)

    def _complain(self, owner: str, origin: Origin, what: str, why: str) -> None:
        self._complaints[owner].append(NotUnderstood(origin=origin, what=what, why=why, affects=ANYTHING))

    # --- the second pass -----------------------------------------------------------------------------------

    def people(self) -> list[str]:
        """Patients with an entry of their own first, then those only referred to."""
        return [name for name in self._owners() if name not in (SHARED, UNSAID)]

    def material(self, person: str) -> Material:
        """What is held of this patient."""
        documents = self._documents_of(person)
        entries = self._among(documents, person)
        torn = [complaint for one in documents if not one.entries for complaint in one.complaints]
        return Material(
            identity=identity_of(person),
            own=[entry for entry in entries if entry.type == "Patient"],
            entries=[entry for entry in entries if entry.type != "Patient"],
            complaints=[*self._complaints_of(person), *torn],
            deleted=self._deleted,
            elsewhere=self._elsewhere,
            source=self.source,
        )

    def of_nobody(self) -> Material:
        """Hospitals and medicines, lines that cannot be read, and what does not say whose it is."""
        return Material(
            identity=NOBODY,
            shared=self._shared,
            unsaid=self._among(self._documents_of(UNSAID), UNSAID),
            complaints=self._complaints_of(UNSAID),
            elsewhere=self._elsewhere,
            source=self.source,
        )

    def _owners(self) -> dict[str, list[str]]:
        """Each patient with every name the input uses; those with an entry of their own first."""
        if self._called is None:
            self._called = {}
            for name in dict.fromkeys((*self._patients, *self._places, *self._complaints)):
                self._called.setdefault(self._names.called(name), []).append(name)
        return self._called

    def _complaints_of(self, person: str) -> list[NotUnderstood]:
        names = self._owners().get(person, [])
        return [complaint for name in names for complaint in self._complaints.get(name, ())]

    def _documents_of(self, person: str) -> list[Document]:
        names = self._owners().get(person, [])
        places = sorted({place for name in names for place in _triples(self._places.get(name))})
        return [self._document(place) for place in places]

    def _among(self, documents: list[Document], person: str) -> list[Entry]:
        every = (entry for document in documents for entry in document.entries)
        return [entry for entry in every if self._names.owner(entry) == person]

    def _elsewhere(self, address: str) -> Entry | None:
        place = self._medicines.get(address)
        if place is None:
            return None
        return next((one for one in self._document(place).entries if address in (one.place, one.full_url)), None)

    def _document(self, place: Place) -> Document:
        stream, source = self._files[place.file], self._sources[place.file]
        if isinstance(stream, Path):
            return self._whole_document(place.file, stream)
        stream.seek(place.offset)
        try:
            return read_document(decode(stream.readline(LONGEST_LINE), source), source, place.line)
        except UnreadableInput as problem:
            torn = Document(source)
            torn.complain(f"line {place.line}", "a line", problem.what, place.line)
            return torn

    def _whole_document(self, number: int, path: Path) -> Document:
        if number not in self._kept:
            while len(self._kept) >= _DOCUMENTS_KEPT:
                self._kept.pop(next(iter(self._kept)))
            with opened(path) as stream:
                self._kept[number] = read_document(decode(read_whole(stream, path.name), path.name), path.name)
        return self._kept[number]


def named_on(line: bytes) -> str:
    """Whom a line that cannot be decoded is about, as far as its bytes tell; a name that is not UTF-8 names nobody."""
    subject = _SUBJECT.search(line)
    try:
        return address_in(subject.group(1).decode()) if subject else UNSAID
    except UnicodeDecodeError:
        return UNSAID


def _owner_at_a_glance(data: bytes) -> str:
    """Whose the one resource on a line is, where that shows without decoding all of it; '' where it does not."""
    try:
        glance = _GLANCE.decode(data)
    except NOT_JSON:
        return ""
    subject = glance.subject or glance.patient
    if glance.kind not in READ_TYPES or subject is None:
        return ""
    return address_in(subject.reference) if subject.reference.startswith(("Patient/", "urn:")) else ""


def _triples(numbers: "array[int] | None") -> Iterator[Place]:
    for start in range(0, len(numbers or ()), 3):
        if numbers is not None:
            yield Place(*numbers[start : start + 3])


def _lines(stream: BinaryIO) -> Iterator[tuple[int, int, bytes | None]]:
    """Offset, number and bytes of every line that is not blank; none for the bytes of a line that is too long."""
    offset = number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        start, data = offset, raw
        offset += len(raw)
        if len(raw) >= LONGEST_LINE and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST_LINE)
                offset += len(raw)
            yield start, number, None
        elif line := data.strip():
            yield start, number, line

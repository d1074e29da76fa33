"""The second pass: from kept files to everything that the imports of a store hold of one patient."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from rxvigil.errors import UnreadableInput
from rxvigil.facts import NotUnderstood, Origin
from rxvigil.intake.bulk.kept import DOCUMENTS, FINDABLE, NAMES, NOBODY, Kept, name_of
from rxvigil.intake.bulk.plain_lines import Part
from rxvigil.intake.bulk.plain_person import PlainOfOne
from rxvigil.intake.bulk.plain_results import Line, PlainResults
from rxvigil.intake.bulk.spilling import usual_name
from rxvigil.intake.fhir import NOBODY as NOBODY_BY_NAME
from rxvigil.intake.fhir.documents import Document, read_document
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.files import decode
from rxvigil.intake.fhir.holdings import identity_of, with_absence
from rxvigil.intake.fhir.people import UNSAID, People, owner_of
from rxvigil.intake.fhir.plain import PlainReader
from rxvigil.intake.fhir.record import Material
from rxvigil.population import person_number
from rxvigil.population.manifest import SourceFile


class Brought(NamedTuple):
    """What one import brought: its kept files in order, and its source files."""

    kept: tuple[Path, ...]
    sources: tuple[SourceFile, ...]


class Gathered:
    """All imports of a store together."""

    def __init__(self, brought: Sequence[Brought], buckets: int, reader: PlainReader) -> None:
        self._brought = brought
        self._buckets = buckets
        self._reader = reader
        self._kept = [(number, Kept(path)) for number, one in enumerate(brought) for path in one.kept]
        self._documents: dict[tuple[int, int, int], Document] = {}

    @cached_property
    def shared(self) -> Counter[str]:
        """What belongs to nobody, by type."""
        return sum((Counter(kept.about.shared) for _, kept in self._kept), Counter[str]())

    @cached_property
    def _deleted(self) -> dict[str, tuple[int, Origin]]:
        """What was stated to be deleted: by which import last, and where it says so."""
        return {
            address: (number, Origin(*where))
            for number, kept in self._kept
            for address, where in sorted(kept.about.deleted.items())
        }

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Names in use that mean another patient than they seem to."""
        odd = {name for _, kept in self._kept for name in kept.about.odd}
        found: dict[str, str] = {}
        for _, kept in self._kept:
            for line in kept.lines(NAMES):
                name, place = msgspec.json.decode(line, type=tuple[str, str])
                if name in odd or name.startswith("urn:"):
                    found.setdefault(name, place)
        return found

    @cached_property
    def _from_elsewhere(self) -> dict[int, set[int]]:
        """Bucket -> the other buckets in which lines of its patients stand under another name."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for name, place in self.renamed.items():
            old, new = self._bucket_of(usual_name(name)), self._bucket_of(place)
            if old != new:
                found[new].add(old)
        return found

    def _bucket_of(self, person: str) -> int:
        return person_number(identity_of(person)) % self._buckets

    def plain(self, bucket: int) -> PlainResults | None:
        """The plain results of everybody in a bucket."""
        parts = [part for stream in self._streams(bucket) for part in self._parts(stream)]
        return PlainResults(parts, self._reader, partial(self._in_bucket, bucket), self._deleted) if parts else None

    def people(self, bucket: int, plain: PlainResults | None) -> Iterator["OfOne"]:
        """Everybody in a bucket, by the number that stands for them, with all that is held of them."""
        lines: defaultdict[str, list[Line]] = defaultdict(list)
        called: dict[bytes, list[Line]] = {}
        for stream in self._streams(bucket):
            for owner, line in self._lines(stream):
                if (mine := called.get(owner)) is None:
                    mine = called[owner] = lines[self._called(owner)]
                mine.append(line)
        here = {one for one in lines if self._bucket_of(one) == bucket}
        for person in sorted(here | set(plain.people if plain else ()), key=_order):
            number = plain.number_of(person) if plain else None
            beside = PlainOfOne(plain, number) if plain is not None and number is not None else None
            yield OfOne(self, person, lines.pop(person, []), beside)

    def _streams(self, bucket: int) -> tuple[int, ...]:
        return (bucket, *sorted(self._from_elsewhere.get(bucket, ())))

    def _called(self, owner: bytes) -> str:
        """Whom the name in a kept line means."""
        name = name_of(owner)
        return self.renamed.get(name) or usual_name(name)

    def _in_bucket(self, bucket: int, owner: bytes) -> str | None:
        person = self._called(owner)
        return person if self._bucket_of(person) == bucket else None

    def _parts(self, stream: int) -> Iterator[Part]:
        for which, (number, kept) in enumerate(self._kept):
            for file, columns, bodies in kept.plain(stream):
                source = self._brought[number].sources[file].name
                yield Part(number, file, source, which, kept.unpacked(columns), partial(kept.unpacked, bodies))

    def nobody(self) -> Material:
        """Hospitals and medicines, lines that cannot be read, and what does not say whose it is."""
        found = self.material(UNSAID, [line for _, line in self._lines(NOBODY)])
        return replace(
            found, identity=NOBODY_BY_NAME, own=[], entries=[], deleted={}, shared=self.shared, unsaid=found.entries
        )

    def _lines(self, stream: int) -> Iterator[tuple[bytes, Line]]:
        """Every line of a stream, with the name of its owner as it stands there."""
        for which, (number, kept) in enumerate(self._kept):
            for line in kept.lines(stream):
                file, place, owner, body = line.split(b" ", 3)
                yield owner, (number, int(file), int(place), body, which)

    def material(self, person: str, lines: list[Line]) -> Material:
        """What these lines say of a person."""
        complaints: list[NotUnderstood] = []
        entries: list[tuple[int, Entry]] = []
        seen: set[tuple[int, int, int]] = set()
        for line in sorted(lines):
            number, file, place, body, _ = line
            if body.startswith(b"!"):
                complaints.append(msgspec.json.decode(body[1:], type=NotUnderstood))
                continue
            if (number, file, place) in seen:
                continue
            seen.add((number, file, place))
            source = self._brought[number].sources[file].name
            document = self._document(line, source)
            complaints += [] if document.entries else document.complaints
            entries += [(number, one) for one in self._among(document, person)]
        there, deleted, gone = self._without_deleted(entries)
        return Material(
            identity=identity_of(person),
            own=[one for one in there if one.type == "Patient"],
            entries=[one for one in there if one.type != "Patient"],
            complaints=complaints,
            deleted=deleted,
            gone=gone,
            elsewhere=self._elsewhere,
        )

    def _without_deleted(self, entries: list[tuple[int, Entry]]) -> tuple[list[Entry], dict[str, Origin], Counter[str]]:
        """A deletion is of what came with it or before it: what a later import brings under the same address stays,
        and what was there before it is gone."""
        gone: Counter[str] = Counter()
        if not self._deleted:
            return [one for _, one in entries], {}, gone
        since = {address: number for address, (number, _) in self._deleted.items()}
        back = {one.place for number, one in entries if number > since.get(one.place, number)}
        there: list[Entry] = []
        for number, one in entries:
            if one.place in back and number <= since[one.place] and one.type != "Patient":
                gone[one.type] += 1
            else:
                there.append(one)
        places = {one.place for one in there} - back
        return there, {place: self._deleted[place][1] for place in places if place in self._deleted}, gone

    def _document(self, line: Line, source: str) -> Document:
        body, place = line[3], line[2] or None
        if body.startswith(b"*"):
            return self._shared_document(line, source, int(body[1:]))
        try:
            return read_document(decode(body, source), source, place)
        except UnreadableInput as problem:
            torn = Document(source)
            torn.complain(f"line {place}", "a line", problem.what, place)
            return torn

    def _shared_document(self, line: Line, source: str, frame: int) -> Document:
        """A document of several patients, remembered until the next one."""
        key = line[:3]
        if key not in self._documents:
            self._documents.clear()
            data = self._kept[line[4]][1].frame(DOCUMENTS, frame)
            self._documents[key] = read_document(decode(data, source), source, line[2] or None)
        return self._documents[key]

    def _among(self, document: Document, person: str) -> list[Entry]:
        if len(document.entries) == 1 and person != UNSAID:
            return document.entries
        names = People(one for one in document.entries if one.type == "Patient")
        return [one for one in document.entries if self._person(owner_of(one), names) == person]

    def _person(self, name: str, names: People) -> str:
        """Whom a name means: over all imports, else in this document, else as it says itself."""
        return self.renamed.get(name) or names.called(name)

    # --- what everybody refers to ---------------------------------------------------------------------------

    def _at(self, line: Line) -> Document:
        return self._document(line, self._brought[line[0]].sources[line[1]].name)

    @cached_property
    def _findable(self) -> dict[str, Line]:
        found: dict[str, Line] = {}
        for _, line in self._lines(FINDABLE):
            for entry in self._at(line).entries:
                for address in filter(None, (entry.place, entry.full_url)):
                    found.setdefault(address, line)
        return found

    def _elsewhere(self, address: str) -> Entry | None:
        line = self._findable.get(address)
        if line is None:
            return None
        return next((one for one in self._at(line).entries if address in (one.place, one.full_url)), None)


class OfOne:
    """All that is held of one person. Their plain results stand in columns, beside which the rest is read; what the
    rest bears upon is read with it."""

    def __init__(self, gathered: Gathered, person: str, lines: list[Line], plain: PlainOfOne | None) -> None:
        self._gathered = gathered
        self._person = person
        self._lines = lines
        self.plain = plain

    def whole(self) -> Material:
        """All of it, for the careful way."""
        if self.plain is not None:
            self.plain.leave_all()
        return with_absence(self._rest())

    def rest(self) -> Material:
        """What is for the careful way, beside what is plain. Nothing is plain of a patient without an entry of their
        own, nor what another entry has the address of."""
        material = self._rest()
        if self.plain is None:
            return with_absence(material)
        if not material.own:
            return self.whole()
        if self.plain.leave_named(material.entries):
            material = self._rest()
        return replace(material, beside=self.plain)

    def _rest(self) -> Material:
        plain = self.plain.lines_to_read if self.plain is not None else []
        return self._gathered.material(self._person, [*self._lines, *plain])


def _order(person: str) -> tuple[int, str]:
    return (person_number(identity_of(person)), person)

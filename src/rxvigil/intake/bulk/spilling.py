"""The first pass over a source: every line goes to the bucket of the patient it is about.

Whose a line is shows at a glance for nearly all of them; the others are read as `intake.fhir` reads documents. What
the second pass needs to answer exactly as the one-patient intake is noted on the way.
"""

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

import msgspec

from rxvigil.errors import UnreadableInput
from rxvigil.facts import NotUnderstood, Origin
from rxvigil.intake.bulk.chunks import Chunk, lines_of
from rxvigil.intake.bulk.kept import DOCUMENTS, FINDABLE, NAMES, NOBODY, About, KeptWriter, head
from rxvigil.intake.bulk.plain_lines import PlainLine
from rxvigil.intake.bulk.work import without_collecting
from rxvigil.intake.fhir.documents import Document, read_document
from rxvigil.intake.fhir.entries import Entry, address_in
from rxvigil.intake.fhir.files import LONGEST_LINE, NOT_JSON, decode, opened, read_whole
from rxvigil.intake.fhir.glimpse import Glimpser
from rxvigil.intake.fhir.holdings import identity_of
from rxvigil.intake.fhir.index import FINDABLE_TYPES, named_on
from rxvigil.intake.fhir.parts import ANYTHING
from rxvigil.intake.fhir.people import SHARED, UNSAID, names_in, owner_of
from rxvigil.intake.fhir.simulated import is_simulated
from rxvigil.population import person_number

_BOM: Final = b"\xef\xbb\xbf"
_MOST_REMEMBERED: Final = 500_000
_FEW_WAITING, _OF_A_BUCKET, _MOST_WAITING = 8_000_000, 256_000, 48_000_000
"""Bytes of plain results that wait to be put away together: no more than need be, so that memory is used again."""
_LINE_ENDS: Final = re.compile(rb"[\r\n]")
_OWN_WAY: Final = frozenset(("Patient", "Bundle", ""))
"""Types of which a glance does not say whose they are."""


class _Reference(msgspec.Struct):
    reference: str = ""


class _Glance(msgspec.Struct):
    """As much of a resource as says whose it is."""

    kind: str = msgspec.field(default="", name="resourceType")
    subject: _Reference | None = None
    patient: _Reference | None = None


_GLANCE: Final = msgspec.json.Decoder(_Glance)


def usual_name(owner: str) -> str:
    """The name of the patient whom `owner` means where no Patient resource says otherwise."""
    return f"Patient/{owner.rpartition(':')[2]}" if owner.startswith("urn:") else owner


def spill(chunk: Chunk, buckets: int, target: Path) -> int:
    """Write the kept file of a chunk; how many resources (and lines that cannot be read) it holds. Raises
    `UnreadableInput`, `UnsupportedInput`, `UnwritableOutput`."""
    with without_collecting(), KeptWriter(target, chunk.file) as kept:
        spilling = _Spilling(chunk, buckets, kept)
        if chunk.shape == "document":
            spilling.whole_document()
        else:
            spilling.lines()
        about = spilling.about()
        kept.end(about)
    return about.read


class _Spilling:
    """One chunk on its way."""

    def __init__(self, chunk: Chunk, buckets: int, kept: KeptWriter) -> None:
        self._chunk = chunk
        self._source = chunk.path.name
        self._buckets = buckets
        self._kept = kept
        self._ways: dict[str, tuple[int, bytes]] = {}
        self._results: defaultdict[int, list[PlainLine]] = defaultdict(list)
        self._read = 0
        self._torn = 0
        self._simulated = 0
        self._shared: Counter[str] = Counter()
        self._deleted: dict[str, Origin] = {}
        self._odd: set[str] = set()

    def about(self) -> About:
        """What the chunk holds beside its lines."""
        return About(
            read=self._read,
            shared=dict(sorted(self._shared.items())),
            deleted={address: (one.source, one.place, one.line) for address, one in sorted(self._deleted.items())},
            odd=sorted(self._odd),
            simulated=self._simulated,
            torn=self._torn,
        )

    def lines(self) -> None:
        """Every line to where it belongs."""
        glimpse, ways, results, size = Glimpser().glimpse_of, self._ways, self._results, 0
        most = min(_MOST_WAITING, max(_FEW_WAITING, _OF_A_BUCKET * self._buckets))
        for number, line in lines_of(self._chunk):
            found = glimpse(line) if line is not None else None
            if line is None or found is None:
                self._line_at_a_glance(number, line)
                continue
            seen, question = found
            way = ways.get(seen.subject.reference) or self._way(seen.subject.reference)
            if way is None:
                self._line_by_the_long_way(number, line)
                continue
            plain = (number, way[1], seen.id, seen.taken, seen.quantity.value, question, line)
            results[way[0]].append(plain)
            size += len(line)
            if size > most:
                self._put_plain()
                size = 0
        self._put_plain()

    def _put_plain(self) -> None:
        for bucket, results in sorted(self._results.items()):
            self._read += len(results)
            self._kept.put_plain(bucket, results)
        self._results.clear()

    def _line_at_a_glance(self, number: int, line: bytes | None) -> None:
        try:
            seen = _GLANCE.decode(line) if line is not None else None
        except NOT_JSON:
            seen = None
        subject = (seen.subject or seen.patient) if seen is not None else None
        known = subject is not None and seen is not None and seen.kind not in _OWN_WAY
        way = self._ways.get(subject.reference) or self._way(subject.reference) if known and subject else None
        if way is None or line is None:
            self._line_by_the_long_way(number, line)
        else:
            self._read += 1
            self._kept.put(way[0], b"%d %d %s %s" % (self._chunk.file, number, way[1], line))

    def whole_document(self) -> None:
        """The one document of the chunk. Raises `UnreadableInput` for a packed file that is damaged."""
        if self._chunk.why:
            self._cannot_read(self._chunk.why)
            return
        with opened(self._chunk.path) as stream:
            data = read_whole(stream, self._source)
        try:
            document = read_document(decode(data, self._source), self._source)
        except UnreadableInput as problem:
            self._cannot_read(problem.what)
            return
        self._note(document, 0, _LINE_ENDS.sub(b" ", data.removeprefix(_BOM)))

    def _cannot_read(self, why: str) -> None:
        """A file that could not be read at all may have been about anybody."""
        self._lost(UNSAID, 0, Origin(self._source, self._source), "a file", why)

    def _way(self, reference: str) -> tuple[int, bytes] | None:
        """Bucket and written name of the patient a reference means; none where that is not plain to see."""
        if not reference.startswith(("Patient/", "urn:")):
            return None
        owner = address_in(reference)
        if len(self._ways) >= _MOST_REMEMBERED:
            self._ways.clear()
        way = self._ways[reference] = self._way_to(owner)
        return way

    def _way_to(self, owner: str) -> tuple[int, bytes]:
        if owner == UNSAID:
            return NOBODY, head(0, 0, owner).split()[2]
        if not owner.startswith(("Patient/", "urn:uuid:")):
            self._odd.add(owner)
        bucket = person_number(identity_of(usual_name(owner))) % self._buckets
        return bucket, head(0, 0, owner).split()[2]

    def _line_by_the_long_way(self, number: int, line: bytes | None) -> None:
        where = Origin(self._source, f"line {number}", number)
        if line is None:
            self._lost(UNSAID, number, where, "a line", f"it is longer than {LONGEST_LINE // 1_000_000} MB")
            return
        try:
            document = read_document(decode(line, self._source), self._source, number)
        except UnreadableInput as problem:
            self._lost(named_on(line), number, where, "a line", problem.what)
            return
        self._note(document, number, _LINE_ENDS.sub(b" ", line.removeprefix(_BOM)))

    def _note(self, document: Document, line: int, body: bytes) -> None:
        """A document into the bucket of everybody in it."""
        owners: dict[str, None] = {}
        for entry in document.entries:
            owner = owner_of(entry)
            self._learn(entry)
            if owner == SHARED:
                self._shared[entry.type] += 1
            else:
                owners[owner] = None
        self._read += len(document.entries)
        self._deleted |= document.deleted
        if any(one.type in FINDABLE_TYPES and owner_of(one) == SHARED for one in document.entries):
            self._put(FINDABLE, UNSAID, line, body)
        self._share_out(list(owners), line, body)
        for owner in owners or (UNSAID,):
            for complaint in document.complaints:
                self._complain(owner, line, complaint)

    def _share_out(self, owners: list[str], line: int, body: bytes) -> None:
        if len(owners) > 1:
            body = b"*%d" % self._kept.put_alone(DOCUMENTS, body)
        for owner in owners:
            self._put(self._way_to(owner)[0], owner, line, body)

    def _learn(self, entry: Entry) -> None:
        """Names of a patient that do not show by themselves whom they mean, and whether there is such a patient."""
        if entry.type == "Patient":
            self._simulated += is_simulated(entry.resource)
            for name in names_in(entry):
                if usual_name(name) != entry.place and address_in(name) != entry.place:
                    self._kept.put(NAMES, msgspec.json.encode((name, entry.place)))

    def _lost(self, owner: str, line: int, where: Origin, what: str, why: str) -> None:
        """What could not be read at all may have been anything."""
        self._read += 1
        self._torn += 1
        self._complain(owner, line, NotUnderstood(origin=where, what=what, why=why, affects=ANYTHING))

    def _complain(self, owner: str, line: int, complaint: NotUnderstood) -> None:
        self._put(self._way_to(owner)[0], owner, line, b"!" + msgspec.json.encode(complaint))

    def _put(self, stream: int, owner: str, line: int, body: bytes) -> None:
        self._kept.put(stream, head(self._chunk.file, line, owner) + body)

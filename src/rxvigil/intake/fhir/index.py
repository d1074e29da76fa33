"""Inputs of any length: NDJSON files and folders, joined by patient without holding them in memory.

A first pass notes for every line (or whole document) whose it is and where it stands; records are then read one
patient at a time. What is held is some 20 bytes a line.
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rxvigil.errors import UnreadableInput
from rxvigil.facts import NotUnderstood, Origin
from rxvigil.intake.fhir.context import ANYTHING
from rxvigil.intake.fhir.documents import Document, read_document
from rxvigil.intake.fhir.entries import Entry, address_in
from rxvigil.intake.fhir.files import LONGEST_LINE, decode, kind_of, opened, read_whole, unpacked_copy
from rxvigil.intake.fhir.holdings import NOBODY, identity_of
from rxvigil.intake.fhir.people import SHARED, UNSAID, People, owner_of
from rxvigil.intake.fhir.record import Material

ENDINGS = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz", ".jsonl.gz")
_HEAD = 1 << 16
_SUBJECT = re.compile(rb'"(?:subject|patient)"\s*:\s*\{[^{}]*"reference"\s*:\s*"([^"\\]{1,200})"')
_WHOLE = -1
_DOCUMENTS_KEPT = 2


class Place(NamedTuple):
    """Where a line stands: number of the file, first byte (`_WHOLE` for a whole document), line counted from 1."""

    file: int
    offset: int
    line: int


class IndexedHoldings:
    """NDJSON and JSON files read together. Use as a context manager: it keeps files open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._open = ExitStack()
        self._files: list[BinaryIO | Path] = []
        self._sources: list[str] = []
        self._names = People()
        self._places: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        self._complaints: list[NotUnderstood] = []
        self._unattributed: defaultdict[str, list[NotUnderstood]] = defaultdict(list)
        self._deleted: dict[str, Origin] = {}
        self._medicines: dict[str, Place] = {}
        self._kept: dict[int, Document] = {}

    def __enter__(self) -> "IndexedHoldings":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

"""One resource with where it stood, and finding the resource that a reference means."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property

import msgspec

from rxvigil.facts import Origin
from rxvigil.intake.fhir.elements import Node, children_of
from rxvigil.intake.words import clean

_ADDRESS = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9\-._]+)(?:/_history/[^/]*)?/?$")
LONGEST_ID = 80
"""Characters of a type or id that are kept."""
_URN = ("urn:uuid:", "urn:oid:")


class Entry(msgspec.Struct, eq=False):
    """A resource as it stood in the input."""

    resource: Node
    type: str
    source: str
    place: str
    """`Type/id`, or `Type (entry 3)` where it has no id."""
    line: int | None = None
    full_url: str = ""

    def has(self, element: str) -> bool:
        """Whether the resource has this element."""
        return element in self.resource

    def origin(self, element: str = "") -> Origin:
        """Where it stood, for a fact or a complaint."""
        return Origin(self.source, f"{self.place}#{element}" if element else self.place, self.line)


def entry_of(resource: Node, source: str, number: int = 1, line: int | None = None, full_url: str = "") -> Entry:
    """The entry for a resource; `number` is its position in the input, counted from 1."""
    kind, identity = resource.get("resourceType"), resource.get("id")
    if type(kind) is not str or not kind:
        kind = "(no resourceType)"
    elif not kind.isalnum() or len(kind) > LONGEST_ID:
        kind = clean(kind, LONGEST_ID)
    if type(identity) is str and identity:
        if not identity.isprintable() or len(identity) > LONGEST_ID:
            identity = clean(identity, LONGEST_ID)
        return Entry(resource, kind, source, f"{kind}/{identity}", line, full_url)
    place = f"{kind} (entry {number})" if line is None else f"{kind} (line {line})"
    return Entry(resource, kind, source, place, line, full_url)


def address_in(reference: str) -> str:
    """`Type/id` in a relative, absolute or versioned reference; a urn stays as it is."""
    if reference.startswith(_URN):
        return reference
    shape = _ADDRESS.search(reference)
    return f"{shape.group(1)}/{shape.group(2)}" if shape else reference


class References:
    """The resources of one input by the addresses they can be referred to by; `elsewhere` finds what all patients
    share."""

    def __init__(self, entries: Sequence[Entry], elsewhere: Callable[[str], Entry | None] = lambda _: None) -> None:
        self._entries = entries
        self._elsewhere = elsewhere

    @cached_property
    def _by_address(self) -> dict[str, Entry]:
        """The first of two with one address stays."""
        found: dict[str, Entry] = {}
        for entry in self._entries:
            found.setdefault(entry.place, entry)
            if entry.full_url:
                found.setdefault(entry.full_url, entry)
        return found

    def find(self, reference: str, kind: str, inside: Entry) -> Entry | None:
        """The resource of this kind that a reference inside `inside` means, or none."""
        if reference.startswith("#"):
            return self._contained(reference[1:], kind, inside)
        found = next((one for address in _addresses(reference, kind) if (one := self._at(address))), None)
        return found if found is not None and found.type == kind else None

    def _at(self, address: str) -> Entry | None:
        return self._by_address.get(address) or self._elsewhere(address)

    def _contained(self, identity: str, kind: str, inside: Entry) -> Entry | None:
        for resource in children_of(inside.resource, "contained"):
            if resource.get("id") == identity and resource.get("resourceType") == kind:
                return Entry(resource, kind, inside.source, f"{inside.place}#{clean(identity, 80)}", inside.line)
        return None


def _addresses(reference: str, kind: str) -> tuple[str, ...]:
    if reference.startswith(_URN):
        return (reference, f"{kind}/{reference.rpartition(':')[2]}")
    return (reference, address_in(reference))

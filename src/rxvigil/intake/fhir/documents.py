"""From one decoded JSON document (a Bundle of any type, a resource, a list of resources) to its entries, and what
the document itself says about being incomplete."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rxvigil.errors import UnreadableInput
from rxvigil.facts import NotUnderstood, Origin
from rxvigil.intake.fhir.elements import Node
from rxvigil.intake.fhir.entries import Entry, address_in, entry_of
from rxvigil.intake.fhir.parts import ANYTHING
from rxvigil.intake.fhir.versions import other_release
from rxvigil.intake.words import clean

_DEEPEST = 8


@dataclass
class Document:
    """What a document holds: its resources, what it says was deleted, and what of it could not be read."""

    source: str
    entries: list[Entry] = field(default_factory=list)
    deleted: dict[str, Origin] = field(default_factory=dict)
    complaints: list[NotUnderstood] = field(default_factory=list)

    def complain(self, place: str, what: str, why: str, line: int | None = None) -> None:
        """Something of this document is missing, and nobody knows what."""
        origin = Origin(self.source, place, line)
        self.complaints.append(NotUnderstood(origin=origin, what=what, why=why, affects=ANYTHING))


def read_document(data: Any, source: str, line: int | None = None) -> Document:
    """The resources of a decoded document. Raises `UnreadableInput` where it is no FHIR at all."""
    document = Document(source)
    if isinstance(data, list):
        for number, one in enumerate(data, 1):
            _take(one, document, number, line, "", 0)
    elif isinstance(data, dict) and isinstance(data.get("resourceType"), str):
        _take(data, document, 1, line, "", 0)
    else:
        raise UnreadableInput(
            "this JSON is not FHIR: it has no resourceType", source, "give a FHIR R4 Bundle, resource or NDJSON file"
        )
    return document


def _take(data: Any, document: Document, number: int, line: int | None, full_url: str, depth: int) -> None:
    if not isinstance(data, dict):
        document.complain(f"entry {number}", "a resource", "it is not an object", line)
    elif data.get("resourceType") == "Bundle":
        _open_bundle(data, document, line, depth)
    else:
        document.entries.append(entry_of(data, document.source, number, line, full_url))


def _open_bundle(bundle: Node, document: Document, line: int | None, depth: int) -> None:
    if depth > _DEEPEST:
        document.complain("Bundle", "a Bundle", f"it lies inside more than {_DEEPEST} other Bundles", line)
        return
    listed = bundle.get("entry")
    if listed is not None and not isinstance(listed, list):
        document.complain("Bundle", "the entries of a Bundle", "entry is not a list", line)
    for number, one in enumerate(listed if isinstance(listed, list) else (), 1):
        _open_entry(one, document, number, line, depth)
    for why in _missing_pages(bundle):
        document.complain("Bundle", "the rest of a search", why, line)


def _open_entry(one: Any, document: Document, number: int, line: int | None, depth: int) -> None:
    if not isinstance(one, dict):
        document.complain(f"Bundle.entry[{number - 1}]", "an entry of a Bundle", "it is not an object", line)
        return
    resource, full_url = one.get("resource"), one.get("fullUrl")
    if resource is not None:
        _take(resource, document, number, line, full_url if isinstance(full_url, str) else "", depth + 1)
    elif isinstance(one.get("content"), dict):
        raise other_release("DSTU1", "content", f"Bundle.entry[{number - 1}]", document.source)
    elif (address := _deleted(one)) is not None:
        document.deleted[address] = Origin(document.source, address, line)
    elif "response" not in one and not _asks(one):
        document.complain(f"Bundle.entry[{number - 1}]", "an entry of a Bundle", "it holds no resource", line)


def _asks(one: Node) -> bool:
    """Whether a transaction entry only asks for something, and so holds nothing."""
    request = one.get("request")
    return isinstance(request, dict) and request.get("method") in ("GET", "HEAD")


def _deleted(one: Node) -> str | None:
    """The address that a history or transaction entry says was deleted."""
    request = one.get("request")
    if not isinstance(request, dict) or request.get("method") != "DELETE":
        return None
    url = request.get("url")
    return clean(address_in(url)) if isinstance(url, str) else None


def _missing_pages(bundle: Node) -> Iterator[str]:
    """A search result can be one page of many: what is on the others is not "absent"."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            yield "this is one page of a search result, and there are further pages"
            return
    total = bundle.get("total")
    if bundle.get("type") == "searchset" and isinstance(total, int) and total > _matches(bundle):
        yield f"the search found {total} resources, and not all of them are here"


def _matches(bundle: Node) -> int:
    """Entries that were found, without those that only came along."""
    listed = bundle.get("entry")
    return sum(_search_mode(one) in ("", "match") for one in (listed if isinstance(listed, list) else ()))


def _search_mode(one: Any) -> str:
    search = one.get("search") if isinstance(one, dict) else None
    mode = search.get("mode") if isinstance(search, dict) else None
    return mode if isinstance(mode, str) else ""

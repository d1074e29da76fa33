"""Shapes that every FHIR report shares: ids that follow from content, addresses, narrative, nothing empty."""

import uuid
from html import escape
from typing import Any, Final

from rxvigil.reports import words

Resource = dict[str, Any]

NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:rxvigil:fhir")


def identity_of(*about: str) -> str:
    """An id that follows from what it is for: the same content gives the same id."""
    return str(uuid.uuid5(NAMESPACE, "\n".join(about)))


def url_of(resource: Resource) -> str:
    """The address of a resource within its Bundle."""
    return f"urn:uuid:{resource['id']}"


def narrative(says: str) -> Resource:
    """The text of a resource for people."""
    shown = escape(words.clean(says))
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{shown}</div>'}


def bare(value: Any) -> Any:
    """Without what is empty, which FHIR forbids, and with no character that hides or reorders."""
    match value:
        case dict():
            kept = {key: bare(one) for key, one in value.items()}
            return {key: one for key, one in kept.items() if one not in (None, "", [], {})}
        case list():
            return [one for one in map(bare, value) if one not in (None, "", [], {})]
        case str():
            return words.clean(value)
        case _:
            return value

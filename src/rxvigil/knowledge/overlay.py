"""A site's own changes to the rule book: whole fields of named rules, each with a reason, the difference kept.

kind: overlay
site: St Elsewhere rheumatology
by: J. Smith, lead pharmacist
on: 2026-10-01
changes:
  - rule: monitoring/azathioprine/bsr-2017#neutrophils-low
    set: {when: neutrophils.latest < 2.0 10*9/L}
    because: agreed locally, minutes of 3 Sep 2026
"""

import copy
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import ValidationError

from rxvigil.errors import RuleBookError
from rxvigil.knowledge.book import Change, Overlay, RuleBook
from rxvigil.knowledge.lint import lint_book
from rxvigil.knowledge.loader import build
from rxvigil.knowledge.provenance import Strict, Text
from rxvigil.knowledge.yamlfile import Document, read_document

CHANGEABLE = frozenset(
    {"when", "unless", "tier", "says", "action", "phases", "every", "within", "strength", "panel", "on", "modifiers"}
)
"""Fields a site may set. Sources, ids and marks are not among them: what a body said is not a local matter."""


class SiteChange(Strict):
    rule: Text
    set: dict[str, Any]
    because: Text


class OverlayFile(Strict):
    kind: Literal["overlay"]
    site: Text
    by: Text
    on: date
    changes: tuple[SiteChange, ...]


def with_overlay(documents: list[Document], path: Path) -> RuleBook:
    """The rule book of these files with a site's changes. Raises `RuleBookError` naming the place in the overlay."""
    document = read_document(path)
    overlay = _parse(document)
    changed = {one.name: Document(one.name, copy.deepcopy(one.data), one.lines) for one in documents}
    changes: list[Change] = []
    for index, change in enumerate(overlay.changes):
        place = document.place(("changes", index))
        target = _find(changed.values(), change.rule, place)
        for field, value in change.set.items():
            if field not in CHANGEABLE:
                allowed = ", ".join(sorted(CHANGEABLE))
                raise RuleBookError(f"'{field}' cannot be changed by a site", place, f"a site may set: {allowed}")
            changes.append(Change(change.rule, field, _shown(target.get(field)), _shown(value), change.because))
            target[field] = value
    book = build(changed.values())
    _check(changed, {change.rule.partition("#")[0] for change in changes}, book, document)
    return replace(book, overlay=Overlay(overlay.site, overlay.by, overlay.on, tuple(changes)))


def _check(changed: dict[str, Document], homes: set[str], book: RuleBook, overlay: Document) -> None:
    """What a site writes is checked as strictly as what is shipped."""
    touched = [one for one in changed.values() if one.data.get("id") in homes]
    for problem in lint_book(touched, book):
        if problem.level == "error":
            raise RuleBookError(f"with the overlay, {problem.place}: {problem.what}", overlay.name, problem.do)


def _parse(document: Document) -> OverlayFile:
    try:
        return OverlayFile.model_validate(document.data)
    except ValidationError as problem:
        first = problem.errors()[0]
        path = tuple(first["loc"])
        what = f"{'.'.join(map(str, path))}: {first['msg']}"
        raise RuleBookError(what, document.place(path), "write kind, site, by, on and changes") from None


def _find(documents: Iterable[Document], rule: str, place: str) -> dict[str, Any]:
    """The raw entry of a rule, schedule, baseline test or table row."""
    home, _, name = rule.partition("#")
    for document in documents:
        if document.data.get("id") != home:
            continue
        for part in ("rules", "thresholds", "schedule", "baseline", "rows"):
            for entry in document.data.get(part, ()):
                if entry.get("id") == name:
                    return cast(dict[str, Any], entry)
    raise RuleBookError(f"there is no rule '{rule}'", place, "`rxvigil rules list` names every rule")


def _shown(value: Any) -> str:
    """A value as a person would write it, without the marks of a programming language."""
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False).replace('"', "")

"""From files to a rule book. Every error names file and line and what to do."""

import hashlib
import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from rxvigil.errors import RuleBookError
from rxvigil.knowledge.activity import ActivityFile
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.coverage import CoverageFile
from rxvigil.knowledge.dosing import AdjustmentsFile, ChangesFile, DosingProtocol, ProductsFile
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import Release
from rxvigil.knowledge.provenance import Publication
from rxvigil.knowledge.rules import DecisionTable, Grading, Protocol, RulesFile, SourcesFile
from rxvigil.knowledge.simulation import ClinicScenario
from rxvigil.knowledge.starting import ChecklistFile, CounsellingFile
from rxvigil.knowledge.vocabulary import (
    AnalytesFile,
    ConceptsFile,
    DrugsFile,
    PanelsFile,
    SpecialtiesFile,
    UnitsFile,
)
from rxvigil.knowledge.yamlfile import Document, read_document

KINDS: dict[str, type[BaseModel]] = {
    "sources": SourcesFile,
    "units": UnitsFile,
    "analytes": AnalytesFile,
    "drugs": DrugsFile,
    "panels": PanelsFile,
    "specialties": SpecialtiesFile,
    **dict.fromkeys(("conditions", "vaccines", "symptoms", "genes", "events"), ConceptsFile),
    "rules": RulesFile,
    "protocol": Protocol,
    "table": DecisionTable,
    "grading": Grading,
    "pharmacogenes": Release,
    "enzyme-activity": ActivityFile,
    "dosing": DosingProtocol,
    "dose-adjustments": AdjustmentsFile,
    "dose-changes": ChangesFile,
    "products": ProductsFile,
    "checklist": ChecklistFile,
    "counselling": CounsellingFile,
    "simulation": ClinicScenario,
    "population-measures": CoverageFile,
}


def shipped_knowledge() -> Path:
    """The folder of knowledge files that comes with the package."""
    return Path(str(files("rxvigil.knowledge") / "data"))


def knowledge_files(folder: Path | None = None) -> list[tuple[Path, str]]:
    """Every knowledge file below a folder (the shipped one by default), with its name within it."""
    root = folder or shipped_knowledge()
    found = sorted(root.rglob("*.yaml"))
    if not found:
        raise RuleBookError("there is no knowledge file (*.yaml)", str(root), "name the folder of a rule book")
    return [(path, path.relative_to(root).as_posix()) for path in found]


def read_knowledge(folder: Path | None = None) -> list[Document]:
    """Every knowledge file below a folder, read."""
    return [read_document(path, name) for path, name in knowledge_files(folder)]


def build(documents: Iterable[Document]) -> RuleBook:
    """Check each file against its model and put them together. Raises `RuleBookError`."""
    parts = [(document, parse_file(document)) for document in documents]
    return RuleBook(
        vocabulary=_vocabulary(parts),
        publications=_publications(parts),
        topics=_by_id(parts, RulesFile),
        protocols=_by_id(parts, Protocol),
        tables=_by_id(parts, DecisionTable),
        gradings=_by_id(parts, Grading),
        releases=_by_id(parts, Release),
        activities=_by_id(parts, ActivityFile),
        dosing=_by_id(parts, DosingProtocol),
        adjustments=_by_id(parts, AdjustmentsFile),
        dose_changes=_by_id(parts, ChangesFile),
        products=_by_id(parts, ProductsFile),
        simulations=_by_id(parts, ClinicScenario),
        checklists=_by_id(parts, ChecklistFile),
        counselling=_by_id(parts, CounsellingFile),
        measures=_by_id(parts, CoverageFile),
        digest=_digest(document for document, _ in parts),
        places=dict(_places(parts)),
    )


def parse_file(document: Document) -> BaseModel:
    """One file as its model."""
    kind = document.data.get("kind") if isinstance(document.data, dict) else None
    if kind not in KINDS:
        raise RuleBookError(
            f"'kind' is {kind!r}", document.place(("kind",)), f"write kind: one of {', '.join(sorted(KINDS))}"
        )
    try:
        return KINDS[kind].model_validate(document.data)
    except ValidationError as problem:
        raise RuleBookError(*_first_problem(problem, document)) from None


def _first_problem(problem: ValidationError, document: Document) -> tuple[str, str, str]:
    errors = problem.errors()
    first = errors[0]
    path = tuple(first["loc"])
    more = f" (and {len(errors) - 1} more in this file)" if len(errors) > 1 else ""
    what = f"{'.'.join(map(str, path))}: {first['msg']}{more}"
    return what, document.place(path), "mend the file; `rxvigil rules lint` lists every problem"


Parts = list[tuple[Document, BaseModel]]


def _vocabulary(parts: Parts) -> Vocabulary:
    units = [model for _, model in parts if isinstance(model, UnitsFile)]
    drugs = [model for _, model in parts if isinstance(model, DrugsFile)]
    return Vocabulary(
        dimensions={dimension.key: dimension for model in units for dimension in model.dimensions},
        aliases=tuple(alias for model in units for alias in model.aliases),
        analytes=_by_key(parts, AnalytesFile, "analytes"),
        drugs=_by_key(parts, DrugsFile, "drugs"),
        classes={group.key: group for model in drugs for group in model.classes},
        concepts={
            kind: _by_key([part for part in parts if _kind_of(part[1]) == f"{kind}s"], ConceptsFile, "concepts")
            for kind in ("condition", "vaccine", "symptom", "gene", "event")
        },
        panels=_by_key(parts, PanelsFile, "panels"),
        specialties=_by_key(parts, SpecialtiesFile, "specialties"),
        releases=_by_id(parts, Release),
        activities=_by_id(parts, ActivityFile),
    )


def _kind_of(model: BaseModel) -> str:
    return str(getattr(model, "kind", ""))


def _by_key(parts: Parts, model_class: type[Any], entries: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for document, model in parts:
        if isinstance(model, model_class):
            for entry in getattr(model, entries):
                _add(found, entry.key, entry, document)
    return found


def _add(found: dict[str, Any], key: str, entry: Any, document: Document) -> None:
    if key in found:
        raise RuleBookError(f"'{key}' is defined twice", document.name, "rename or remove one of the two")
    found[key] = entry


def _publications(parts: Parts) -> dict[str, Publication]:
    found: dict[str, Publication] = {}
    for document, model in parts:
        if isinstance(model, SourcesFile):
            for entry in model.publications:
                _add(found, entry.id, entry, document)
    return found


def _by_id(parts: Parts, model_class: type[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for document, model in parts:
        if isinstance(model, model_class):
            _add(found, model.id, model, document)
    return found


def _places(parts: Parts) -> Iterable[tuple[str, str]]:
    lists = (
        "rules", "thresholds", "schedule", "baseline", "rows", "advice", "adjustments", "presentations", "conversions",
        "tapers", "items", "points",
    )  # fmt: skip
    for document, model in parts:
        identity = getattr(model, "id", None)
        if identity is None:
            continue
        yield identity, document.place(("id",))
        for name in lists:
            for index, entry in enumerate(getattr(model, name, ())):
                yield f"{identity}#{getattr(entry, 'id', index)}", document.place((name, index))


def _digest(documents: Iterable[Document]) -> str:
    """SHA-256 over the files' meaning, not their layout: comments and order of keys do not change it."""
    total = hashlib.sha256()
    for document in sorted(documents, key=lambda one: one.name):
        total.update(document.name.encode())
        total.update(json.dumps(document.data, sort_keys=True, default=str, ensure_ascii=False).encode())
    return total.hexdigest()

"""From a mapping file to a checked mapping. Every error names file and line, and what to write instead."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from rxvigil.errors import RuleBookError, UnreadableInput
from rxvigil.intake.tables.mapping import (
    AllergiesTable,
    ConditionsTable,
    GenotypesTable,
    ImmunisationsTable,
    Mapping,
    PanelsTable,
    PrescriptionsTable,
    ResultsTable,
)
from rxvigil.intake.tables.parts import NONE_KNOWN, OUTSIDE, Named
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.yamlfile import Document, Path_, read_document

TO_FILL_IN: Final = "?"
"""What a suggested mapping holds where only a person can know."""


@dataclass(frozen=True)
class MappingFile:
    """A checked mapping, and the file it was read from for messages."""

    mapping: Mapping
    document: Document


def load_mapping(path: Path, vocabulary: Vocabulary) -> MappingFile:
    """Read and check a mapping file. Raises `UnreadableInput`."""
    try:
        document = read_document(path)
    except RuleBookError as problem:
        raise UnreadableInput(problem.what, problem.where, problem.do) from None
    _refuse_open_questions(document)
    try:
        mapping = Mapping.model_validate(document.data)
    except ValidationError as problem:
        raise _first_problem(problem, document) from None
    for place, what, remedy in _unknown_words(mapping, vocabulary):
        raise UnreadableInput(what, document.place(place), remedy)
    return MappingFile(mapping, document)


def _refuse_open_questions(document: Document) -> None:
    for path, value in _leaves(document.data, ()):
        if value == TO_FILL_IN:
            raise UnreadableInput(
                f"'{path[-1]}' is still a question mark", document.place(path), "write what the data mean there"
            )


def _leaves(data: object, path: Path_) -> Iterator[tuple[Path_, object]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _leaves(value, (*path, index))
    elif path:
        yield path, data


def _first_problem(problem: ValidationError, document: Document) -> UnreadableInput:
    errors = problem.errors()
    path: Path_ = ()
    for step in errors[0]["loc"]:
        if (*path, step) in document.lines:
            path = (*path, step)
    name = errors[0]["loc"][-1] if errors[0]["loc"] else "the mapping"
    what = f"{name}: {errors[0]['msg'].removeprefix('Value error, ')}"
    more = f" (and {len(errors) - 1} more in this file)" if len(errors) > 1 else ""
    return UnreadableInput(what + more, document.place(path), "docs/how-to/map-a-spreadsheet.md shows every part")


def _unknown_words(mapping: Mapping, vocabulary: Vocabulary) -> Iterator[tuple[Path_, str, str]]:
    """Keys that are not in the vocabulary and units that are not the analyte's: where, what, what to do."""
    for number, table in enumerate(mapping.tables):
        here: Path_ = ("tables", number)
        match table:
            case ResultsTable():
                yield from _unknown_meanings(table.analyte, vocabulary.analytes, "analyte", (*here, "analyte"))
                for analyte, unit in table.stated_units.items():
                    yield from _unfit_unit(vocabulary, analyte, unit, (*here, "stated_units", analyte))
            case PanelsTable():
                for column, spec in table.analytes.items():
                    yield from _unfit_unit(vocabulary, spec.analyte, spec.unit, (*here, "analytes", column))
            case PrescriptionsTable():
                yield from _unknown_meanings(table.drug, vocabulary.drugs, "drug", (*here, "drug"))
            case ConditionsTable():
                conditions = vocabulary.concepts["condition"]
                yield from _unknown_meanings(table.condition, conditions, "condition", (*here, "condition"))
            case AllergiesTable():
                substances = {**vocabulary.drugs, **vocabulary.classes, NONE_KNOWN: None}
                yield from _unknown_meanings(table.substance, substances, "drug or class", (*here, "substance"))
            case ImmunisationsTable():
                vaccines = vocabulary.concepts["vaccine"]
                yield from _unknown_meanings(table.vaccine, vaccines, "vaccine", (*here, "vaccine"))
            case GenotypesTable():
                yield from _unknown_meanings(table.gene, vocabulary.concepts["gene"], "gene", (*here, "gene"))


def _unknown_meanings(named: Named, known: Collection[str], kind: str, here: Path_) -> Iterator[tuple[Path_, str, str]]:
    stated: dict[Path_, str] = {("means", written): key for written, key in named.means.items() if key != OUTSIDE}
    if named.constant is not None:
        stated[("constant",)] = named.constant
    for path, key in stated.items():
        if key not in known:
            yield (*here, *path), f"'{key}' is no {kind} of our vocabulary", _nearest(key, known)


def _unfit_unit(vocabulary: Vocabulary, key: str, unit: str | None, here: Path_) -> Iterator[tuple[Path_, str, str]]:
    analyte = vocabulary.analytes.get(key)
    if analyte is None:
        yield here, f"'{key}' is no analyte of our vocabulary", _nearest(key, vocabulary.analytes)
    elif unit is not None and vocabulary.factor(key, unit) is None:
        shown = vocabulary.unit_shown(key) or "no unit: its results are words"
        yield here, f"'{unit}' is no unit of {analyte.name.lower()} that we know", f"ours is {shown}"
    elif unit is None and not analyte.categories:
        yield (
            here,
            f"{analyte.name} has no unit",
            f"state the unit of this column, for example {vocabulary.unit_shown(key)}",
        )


def _nearest(key: str, known: Collection[str]) -> str:
    near = get_close_matches(key, known, n=3)
    return f"did you mean {' or '.join(near)}?" if near else "the keys are in knowledge/data/vocabulary"

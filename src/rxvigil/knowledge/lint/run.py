"""Lint over a whole folder of knowledge: every problem, with file and line."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ValidationError

from rxvigil.errors import RuleBookError
from rxvigil.knowledge.activity import ActivityFile
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.coverage import CoverageFile
from rxvigil.knowledge.dosing import AdjustmentsFile
from rxvigil.knowledge.lint.conditions import check_condition
from rxvigil.knowledge.lint.coverage import check_coverage, check_one_file
from rxvigil.knowledge.lint.dosing import check_dosing, check_one_default
from rxvigil.knowledge.lint.monitoring import (
    check_defaults,
    check_grading,
    check_panel,
    check_phases,
    check_references,
)
from rxvigil.knowledge.lint.pharmacogenes import check_activity, check_one_in_force, check_release
from rxvigil.knowledge.lint.problem import Problem
from rxvigil.knowledge.lint.provenance import check_source, sources_in
from rxvigil.knowledge.lint.simulation import check_scenario
from rxvigil.knowledge.lint.starting import check_ids, check_item, check_point
from rxvigil.knowledge.lint.tables import check_table, check_way
from rxvigil.knowledge.lint.words import check_vocabulary
from rxvigil.knowledge.loader import KINDS, build, knowledge_files, parse_file
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import Release
from rxvigil.knowledge.rules import DecisionTable, Grading, Protocol, Rule, RulesFile
from rxvigil.knowledge.sentences import FILLS, holes
from rxvigil.knowledge.simulation import ClinicScenario
from rxvigil.knowledge.starting import ChecklistFile, CounsellingFile
from rxvigil.knowledge.yamlfile import Document, Path_, read_document

_MEND = "mend the file"


def lint(folder: Path | None = None, today: date | None = None) -> list[Problem]:
    """Every problem of the knowledge files below a folder. `today` lets reviews fall due."""
    problems: list[Problem] = []
    good: list[Document] = []
    for path, name in knowledge_files(folder):
        try:
            document = read_document(path, name)
        except RuleBookError as problem:
            problems.append(Problem(problem.where, problem.what, problem.do))
            continue
        found = list(_shape(document))
        problems += found
        if not found:
            good.append(document)
    try:
        book = build(good)
    except RuleBookError as problem:
        return [*problems, Problem(problem.where, problem.what, problem.do)]
    return sorted([*problems, *lint_book(good, book, today)])


def lint_book(documents: list[Document], book: RuleBook, today: date | None = None) -> list[Problem]:
    """Problems that need the whole book."""
    problems = [Problem("vocabulary", what, _MEND) for what in check_vocabulary(book.vocabulary)]
    problems += [Problem(book.places.get(one, one), what, "leave one default") for one, what in check_defaults(book)]
    problems += [Problem(book.places.get(one, one), what, _MEND) for one, what in check_ids(book)]
    problems += [Problem(book.places.get(one, one), what, "leave one default") for one, what in check_one_default(book)]
    problems += [Problem(book.places.get(one, one), what, _MEND) for one, what in check_one_in_force(book)]
    problems += [Problem(book.places.get(one, one), what, "leave one file") for one, what in check_one_file(book)]
    for document in documents:
        problems += list(_file(document, parse_file(document), book, today))
    return problems


def _shape(document: Document) -> Iterator[Problem]:
    kind = document.data.get("kind") if isinstance(document.data, dict) else None
    if kind not in KINDS:
        yield Problem(document.place(("kind",)), f"'kind' is {kind!r}", f"write one of {', '.join(sorted(KINDS))}")
        return
    try:
        KINDS[kind].model_validate(document.data)
    except ValidationError as problem:
        for error in problem.errors():
            path = tuple(error["loc"])
            yield Problem(document.place(path), f"{'.'.join(map(str, path))}: {error['msg']}", _MEND)


def _file(document: Document, model: BaseModel, book: RuleBook, today: date | None) -> Iterator[Problem]:
    for path, source in sources_in(model):
        for what in check_source(source, book, today):
            yield Problem(document.place(path), what, "name the source, or mark the value as what it is")
    yield from (Problem(document.place(at), what, _MEND) for at, what in check_dosing(model, book.vocabulary))
    match model:
        case RulesFile():
            yield from _rules(model.rules, "rules", document, book)
        case Protocol():
            yield from _protocol(model, document, book)
        case DecisionTable():
            yield from _plain(check_table(model, book.vocabulary), document, ("axes",))
            for index, row in enumerate(model.rows):
                yield from _plain(_check_holes((row.says, row.action.says), book.vocabulary), document, ("rows", index))
                yield from _plain(check_way(row, book), document, ("rows", index, "gives_way_to"))
        case ClinicScenario():
            yield from _plain(check_scenario(model, book), document, ("id",))
        case Grading():
            yield from _plain(check_grading(model, book.vocabulary), document, ("rows",))
        case ChecklistFile():
            for index, item in enumerate(model.items):
                yield from _plain(check_item(item, book), document, ("items", index))
        case CounsellingFile():
            for index, point in enumerate(model.points):
                yield from _plain(check_point(point, book), document, ("points", index))
        case CoverageFile():
            yield from _plain(check_coverage(model, book.vocabulary), document, ("coverage",))
        case AdjustmentsFile():
            for index, adjustment in enumerate(model.adjustments):
                said = (adjustment.says, adjustment.cause, adjustment.action.says)
                yield from _plain(_check_holes(said, book.vocabulary), document, ("adjustments", index))
        case Release():
            yield from (Problem(document.place(at), what, _MEND) for at, what in check_release(model, book.vocabulary))
        case ActivityFile():
            yield from _plain(check_activity(model, book.vocabulary), document, ("caveats",))
    review_by = getattr(model, "review_by", None)
    if today and review_by and review_by < today:
        yield Problem(document.place(("review_by",)), f"review was due {review_by}", "review the file", "remark")


def _protocol(protocol: Protocol, document: Document, book: RuleBook) -> Iterator[Problem]:
    words = book.vocabulary
    yield from _rules(protocol.thresholds, "thresholds", document, book)
    yield from _plain(check_references(protocol, book), document, ("id",))
    if protocol.applies.only_if:
        yield from _plain(check_condition(protocol.applies.only_if, words), document, ("applies",))
    for index, test in enumerate(protocol.baseline):
        yield from _plain(check_panel(test.panel, words), document, ("baseline", index))
        if test.only_if:
            yield from _plain(check_condition(test.only_if, words), document, ("baseline", index, "only_if"))
    for index, schedule in enumerate(protocol.schedule):
        path: Path_ = ("schedule", index)
        yield from _plain(check_panel(schedule.panel, words), document, path)
        yield from _plain(check_phases(schedule.phases), document, (*path, "phases"))
        if schedule.only_if:
            yield from _plain(check_condition(schedule.only_if, words), document, (*path, "only_if"))
        for number, modifier in enumerate(schedule.modifiers):
            yield from _plain(check_condition(modifier.when, words), document, (*path, "modifiers", number))


def _rules(rules: tuple[Rule, ...], name: str, document: Document, book: RuleBook) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        path: Path_ = (name, index)
        if rule.id in seen:
            yield Problem(document.place(path), f"the rule id '{rule.id}' stands twice", "rename one")
        seen.add(rule.id)
        for part in ("when", "unless"):
            text = getattr(rule, part)
            if text:
                yield from _plain(check_condition(text, book.vocabulary), document, (*path, part))
        if rule.applies.only_if:
            yield from _plain(check_condition(rule.applies.only_if, book.vocabulary), document, (*path, "applies"))
        yield from _plain(_check_rule(rule, book.vocabulary), document, path)


def _check_rule(rule: Rule, words: Vocabulary) -> Iterator[str]:
    for drug in rule.applies.drugs:
        if words.kind_of(drug) != "drug":
            yield f"'{drug}' is not a drug of the vocabulary"
    monitored = [key for drug in rule.applies.drugs for key in words.members(drug) if key in words.drugs]
    if rule.during != "any" and monitored and not any(words.drugs[key].monitored for key in monitored):
        yield "none of its drugs is monitored, so the rule is never asked: mark the drug `monitored` or use during: any"
    if not rule.applies.drugs and "this." in f"{rule.when} {rule.unless or ''}":
        yield "it speaks of 'this' but names no drug in applies"
    yield from _check_holes((rule.says, rule.cause, rule.action.says), words)


def _check_holes(sentences: tuple[str, ...], words: Vocabulary) -> Iterator[str]:
    for sentence in sentences:
        for subject, what in holes(sentence):
            kind = words.kind_of(subject)
            if kind is None:
                yield f"'{{{subject}}}' in a sentence is not in the vocabulary"
            elif what and what not in FILLS.get(kind, frozenset()):
                offers = ", ".join(sorted(FILLS.get(kind, ())))
                yield f"'{{{subject}.{what}}}' cannot be filled; a {kind} offers {offers}"
        if "{" in _without_holes(sentence):
            yield f"a brace in '{sentence[:60]}' is not a hole that can be filled"


def _without_holes(sentence: str) -> str:
    for subject, what in holes(sentence):
        sentence = sentence.replace("{" + subject + (f".{what}" if what else "") + "}", "")
    return sentence


def _plain(found: Iterator[str], document: Document, path: Path_) -> Iterator[Problem]:
    for what in found:
        yield Problem(document.place(path), what, _MEND)

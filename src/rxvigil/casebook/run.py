"""Running worked patients: every rule has one that fires, one that is silent, one that cannot say - and they do."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from rxvigil.casebook.shorthand import ShorthandError, record_of
from rxvigil.casebook.starting import item_outcome, items_needing_cases
from rxvigil.engine import Assessment, Evaluator, Wanted
from rxvigil.errors import RuleBookError
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.casefile import Case, CasesFile, Expected, expected_of
from rxvigil.knowledge.yamlfile import Document, read_document
from rxvigil.starting import Starter

OUTCOME_OF: dict[str, Expected] = {
    "fires": "fires", "silent": "silent", "not asked": "silent", "cannot say": "cannot-say",
}  # fmt: skip


@dataclass(frozen=True)
class WorkedCase:
    """One case ready to be run."""

    rule: str
    name: str
    record: Record
    case: Case
    place: str
    cases: CasesFile


@dataclass(frozen=True)
class Verdict:
    """What a case promised and what the engine answered."""

    worked: WorkedCase
    expected: Expected
    answered: str
    why: str

    @property
    def holds(self) -> bool:
        return OUTCOME_OF.get(self.answered) == self.expected


def shipped_cases() -> Path:
    """The folder of worked patients that comes with the package."""
    return Path(str(files("rxvigil.knowledge") / "cases"))


def read_cases(book: RuleBook, folder: Path | None = None) -> Iterator[WorkedCase]:
    """Every case below a folder. Raises `RuleBookError` with file and line."""
    root = folder or shipped_cases()
    for path in sorted(root.rglob("*.yaml")):
        yield from _cases_of(read_document(path, path.relative_to(root).as_posix()), book)


def _cases_of(document: Document, book: RuleBook) -> Iterator[WorkedCase]:
    try:
        cases = CasesFile.model_validate(document.data)
    except ValidationError as problem:
        first = problem.errors()[0]
        path = tuple(first["loc"])
        raise RuleBookError(
            f"{'.'.join(map(str, path))}: {first['msg']}", document.place(path), "mend the case"
        ) from None
    for rule, named in cases.cases.items():
        for name, entry in named.items():
            case = entry if isinstance(entry, Case) else Case(facts=entry)
            lines = case.facts if case.alone else (*cases.base.facts, *case.facts)
            place = document.place(("cases", rule, name))
            try:
                record = record_of(lines, case.patient or cases.base.patient, book.vocabulary)
            except (ShorthandError, ValueError) as problem:
                raise RuleBookError(str(problem), place, "mend the fact line") from None
            yield WorkedCase(f"{cases.of}#{rule}", name, record, case, place, cases)


class Runner:
    """Runs cases against one rule book; an evaluator per protocol and jurisdiction is made once."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self._evaluators: dict[Wanted, Evaluator] = {}
        self._starter = Starter(book)

    def judge(self, worked: WorkedCase) -> Verdict:
        """The verdict on one case: the rule's outcome among all that the assessment explains."""
        on = worked.case.on or worked.cases.base.on
        if worked.cases.of in self.book.checklists:
            return Verdict(
                worked, expected_of(worked.name), *item_outcome(self._starter, worked.rule, worked.record, on)
            )
        assessment = self._evaluator(worked).assess(worked.record, on, explain=True)
        answered, why = _outcome(assessment, worked.rule)
        return Verdict(worked, expected_of(worked.name), answered, why)

    def _evaluator(self, worked: WorkedCase) -> Evaluator:
        wanted = self._wanted(worked)
        if wanted not in self._evaluators:
            self._evaluators[wanted] = Evaluator(self.book, wanted)
        return self._evaluators[wanted]

    def _wanted(self, worked: WorkedCase) -> Wanted:
        """The rule's own protocol or table, in a jurisdiction where the rule holds."""
        home = worked.cases.of
        protocols = (home,) if home in self.book.protocols or home in self.book.tables else ()
        rule = next((rule for identity, rule in self.book.rules() if identity == worked.rule), None)
        places = rule.applies.jurisdictions if rule else ()
        if not places and home in self.book.protocols:
            places = self.book.protocols[home].applies.jurisdictions
        if not places and rule and rule.applies.except_in:
            places = tuple(one for one in ("UK", "EU") if one not in rule.applies.except_in)
        return Wanted(places[0] if places else None, protocols)


def _outcome(assessment: Assessment, rule: str) -> tuple[str, str]:
    """The strongest outcome of a rule, asked perhaps of several drugs."""
    found = [one for one in assessment.explained if one.rule == rule]
    for outcome in ("fires", "cannot say", "silent", "not asked"):
        for one in found:
            if one.outcome == outcome:
                return outcome, one.why
    return "not asked", "the rule was not asked of this patient"


def missing_cases(book: RuleBook, cases: list[WorkedCase]) -> list[str]:
    """Rules that lack a case of one of the three outcomes; one that never fires needs only a silent case."""
    have: dict[str, set[Expected]] = {}
    for worked in cases:
        have.setdefault(worked.rule, set()).add(expected_of(worked.name))
    lacking: list[str] = []
    for rule, wanted in (*_rules_needing_cases(book), *items_needing_cases(book)):
        absent = sorted(wanted - have.get(rule, set()))
        if absent:
            lacking.append(f"{rule} ({book.places.get(rule, '?')}): no case {', '.join(absent)}")
    return lacking


_ALL: Final[set[Expected]] = {"fires", "silent", "cannot-say"}
_SILENT: Final[set[Expected]] = {"silent"}
"""A rule that nobody has read at a source never fires."""


def _rules_needing_cases(book: RuleBook) -> Iterator[tuple[str, set[Expected]]]:
    for identity, rule in book.rules():
        yield identity, _SILENT if rule.source.mark == "memory" else _ALL
    for protocol in book.protocols.values():
        for schedule in protocol.schedule:
            yield f"{protocol.id}#{schedule.id}", _ALL
        for test in protocol.baseline:
            yield f"{protocol.id}#{test.id}", _ALL
    for table in book.tables.values():
        for row in table.rows:
            yield f"{table.id}#{row.id}", _ALL


@dataclass(frozen=True)
class CaseReport:
    """All verdicts of a rule book's cases."""

    verdicts: tuple[Verdict, ...]
    lacking: tuple[str, ...]

    @property
    def wrong(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if not verdict.holds)

    @property
    def held(self) -> int:
        return len(self.verdicts) - len(self.wrong)

    def lines(self) -> Iterator[str]:
        """What does not hold, what is missing, and the count."""
        for verdict in self.wrong:
            worked = verdict.worked
            yield f"{worked.place}: {worked.rule} [{worked.name}] answered '{verdict.answered}': {verdict.why}"
        yield from (f"missing: {line}" for line in self.lacking)
        yield f"{self.held} of {len(self.verdicts)} worked patients hold, {len(self.lacking)} rules lack a case"


def judge_all(book: RuleBook, folder: Path | None = None) -> CaseReport:
    """Run every worked patient of a folder (the shipped one by default)."""
    cases = list(read_cases(book, folder))
    runner = Runner(book)
    return CaseReport(tuple(runner.judge(worked) for worked in cases), tuple(missing_cases(book, cases)))

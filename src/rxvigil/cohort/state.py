"""The state of a whole population on a date: one row for each person, every condition of the rule book a column of it.

Each part of the state (results, courses of drugs, everything else) brings its own columns; here they are joined, and
conditions are asked of the joined row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from rxvigil.cohort.courses import CoursesPart
from rxvigil.cohort.results import ResultsPart

from rxvigil.cohort.atoms import Atom, atoms, evaluate
from rxvigil.cohort.others import OthersPart
from rxvigil.cohort.part import Context, Part, column
from rxvigil.knowledge.expression import parse
from rxvigil.knowledge.lookup import Vocabulary

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

Question = tuple[str, str | None, bool]
"""A condition as the rule writes it, the drug it is asked about, and whether it has to be proven (exceptions)."""
_OF_A_SAMPLE = frozenset({"stable-at-sample", "time-on-at-sample", "dose-changed-since"})


@dataclass(frozen=True)
class PopulationState:
    """The joined columns, and what asks conditions of them."""

    context: Context
    table: "ir.Table"
    courses: "ir.Table"
    dose_steps: "ir.Table"
    newest: "ir.Table"
    parts: tuple[Part, ...]

    def ask(self, condition: str, this: str | None, *, proof: bool = False, row: "ir.Table | None" = None) -> "Truth":
        """The truth of a condition for each row of `table`, or of `row`: the same columns, filtered or joined on."""
        of = self.table if row is None else row
        return evaluate(parse(condition), this, self.context.words, lambda atom: self.truth(atom, of), proof=proof)

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """The truth of one atom for each row."""
        return self.parts[_part_of(atom, self.context.words)].truth(atom, row)

    def left_to_the_engine(self) -> "tuple[tuple[str, ir.BooleanValue], ...]":
        """Reasons, each with whom it holds of, why patients are assessed one by one."""
        reasons = [reason for part in self.parts for reason in part.singly(self.table)]
        return (*reasons, ("an answer that denies", self.table["denied"]))


def build_state(
    context: Context,
    questions: Iterable[Question],
    drugs: tuple[str, ...],
    measured: frozenset[str],
    steps: "Steps",
) -> PopulationState:
    """Work out the state that these questions need. `drugs`: monitored drugs; `measured`: analytes of which only the
    day of the newest result is needed."""
    asked = asked_atoms(questions, context.words)
    mine: tuple[list[Atom], list[Atom], list[Atom]] = ([], [], [])
    for atom in asked:
        mine[_part_of(atom, context.words)].append(atom)
    sampled = [atom for atom in mine[1] if context.words.kind_of(atom.subject) == "analyte"]
    courses = CoursesPart(context, mine[1], drugs)
    of_courses = courses.relation(steps)
    made = {step.name: step.relation.schema() for step in steps}
    results = ResultsPart(context, [*mine[0], *sampled], measured, _table(made, "courses"))
    others = OthersPart(context, mine[2], tuple(sorted(context.words.specialties)))
    parts: tuple[Part, ...] = (results, courses, others)
    relations = [of_courses, results.relation(steps), others.relation(steps), _unread(drugs, context), _denied(context)]
    table = steps.add("state", _joined(context.facts.patients, [one for one in relations if one is not None]))
    made = {step.name: step.relation.schema() for step in steps}
    return PopulationState(
        context, table, _table(made, "courses"), _table(made, "dose_steps"), _table(made, "newest"), parts
    )


def _part_of(atom: Atom, words: Vocabulary) -> int:
    """Which part answers an atom: 0 results, 1 courses, 2 everything else."""
    match words.kind_of(atom.subject):
        case "analyte":
            return 1 if atom.measure in _OF_A_SAMPLE else 0
        case "drug":
            return 2 if atom.measure == "allergy" else 1
    return 2


def asked_atoms(questions: Iterable[Question], words: Vocabulary) -> list[Atom]:
    """Every atom that the questions are made of, once."""
    found = {
        atom: None for condition, this, proof in questions for atom in atoms(parse(condition), this, words, proof=proof)
    }
    return list(found)


def _table(schemas: dict[str, "ir.Schema"], name: str) -> "ir.Table":
    import ibis

    return ibis.table(schemas[name], name=name)


def _joined(patients: "ir.Table", relations: "list[ir.Table]") -> "ir.Table":
    import ibis

    listed = [name for name in patients.columns if name.endswith("_listed")]
    who = patients.select("person", "patient", "practice", "sex", "born_first", "born_last", *listed)
    joined = reduce(lambda left, right: left.left_join(right, "person").drop("person_right"), relations, who)
    flags = [name for name in joined.columns if name == "denied" or name.endswith("__unread")]
    return joined.mutate(**{name: ibis.coalesce(joined[name], False) for name in flags})


def _unread(drugs: tuple[str, ...], context: Context) -> "ir.Table":
    """Whether an entry that could not be read may be one of the monitored drugs, or any medicine."""
    doubts = context.facts.doubts
    keys = (*drugs, "any-drug")
    flags = {column(key, "unread"): (doubts.key == key).any() for key in keys}
    return doubts.filter(doubts.key.isin(keys)).group_by("person").aggregate(**flags)


def _denied(context: Context) -> "ir.Table":
    """Somebody's own answers weigh against entries in ways that only the evaluator of one patient knows."""
    denials = context.facts.denials
    return denials.group_by("person").aggregate(denied=denials.person.notnull().any())

"""The state of a whole population on a date: one row for each person, every condition of the rule book a column of it.

Each part of the state (results, courses of drugs, everything else) brings its own columns; here they are joined, and
conditions are asked of the joined row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rxvigil.cohort.atoms import Atom, atoms, evaluate
from rxvigil.cohort.medicines import CoursesPart
from rxvigil.cohort.newest import side_by_side
from rxvigil.cohort.others import OthersPart
from rxvigil.cohort.part import Answers, Context, Part, column
from rxvigil.cohort.results import ResultsPart
from rxvigil.cohort.samples import OF_A_SAMPLE, SamplesPart
from rxvigil.knowledge.expression import parse
from rxvigil.knowledge.lookup import Vocabulary

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

Question = tuple[str, str | None, bool]
"""A condition as the rule writes it, the drug it is asked about, and whether it has to be proven (exceptions)."""


@dataclass(frozen=True)
class PopulationState:
    """The joined columns, and what asks conditions of them."""

    context: Context
    table: "ir.Table"
    courses: "ir.Table"
    dose_steps: "ir.Table"
    newest: "ir.Table"
    parts: tuple[Answers, ...]
    """Results, medicines, samples, everything else: as `_part_of` numbers them."""

    def ask(self, condition: str, this: str | None) -> "Truth":
        """The truth of a condition for each row of `table`."""
        return evaluate(parse(condition), this, self.context.words, lambda atom: self.truth(atom, self.table))

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """The truth of one atom for each row."""
        return self.parts[_part_of(atom, self.context.words)].truth(atom, row)

    def left_to_the_engine(self) -> "tuple[tuple[str, ir.BooleanValue], ...]":
        """Reasons, each with whom it holds of, why patients are assessed one by one."""
        reasons = [reason for part in self.parts if isinstance(part, Part) for reason in part.singly(self.table)]
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
    of_results, of_courses, of_samples, of_others = _sorted(asked_atoms(questions, context.words), context.words)
    medicines = CoursesPart(context, of_courses, drugs)
    relations = [medicines.relation(steps)]
    courses, dose_steps = steps.table("courses"), steps.table("dose_steps")
    of_results = [atom for atom in of_results if context.may_be_on_file(atom.subject)]
    further = frozenset(filter(context.may_be_on_file, measured.union(atom.subject for atom in of_samples)))
    results = ResultsPart(context, of_results, further, courses)
    relations.append(results.relation(steps))
    newest = steps.table("newest")
    samples = SamplesPart(context, of_samples, newest, dose_steps, medicines)
    others = OthersPart(context, of_others, tuple(sorted(context.words.specialties)))
    relations += [samples.relation(), others.relation(steps), _unread(drugs, context), _denied(context)]
    table = steps.add("state", _joined(context.facts.patients, relations))
    return PopulationState(context, table, courses, dose_steps, newest, (results, medicines, samples, others))


def _sorted(asked: Iterable[Atom], words: Vocabulary) -> tuple[list[Atom], list[Atom], list[Atom], list[Atom]]:
    mine: tuple[list[Atom], list[Atom], list[Atom], list[Atom]] = ([], [], [], [])
    for atom in asked:
        mine[_part_of(atom, words)].append(atom)
    return mine


def _part_of(atom: Atom, words: Vocabulary) -> int:
    """Which part answers an atom: 0 results, 1 medicines, 2 samples, 3 everything else."""
    match words.kind_of(atom.subject):
        case "analyte":
            return 2 if atom.measure in OF_A_SAMPLE else 0
        case "drug":
            return 3 if atom.measure == "allergy" else 1
    return 3


def asked_atoms(questions: Iterable[Question], words: Vocabulary) -> list[Atom]:
    """Every atom that the questions are made of, once."""
    found = {
        atom: None for condition, this, proof in questions for atom in atoms(parse(condition), this, words, proof=proof)
    }
    return list(found)


def _joined(patients: "ir.Table", relations: "list[ir.Table | None]") -> "ir.Table":
    import ibis

    listed = [name for name in patients.columns if name.endswith("_listed")]
    who = patients.select("person", "patient", "practice", "sex", "born_first", "born_last", *listed)
    joined = side_by_side(who, relations)
    flags = [name for name in joined.columns if name == "denied" or name.endswith("__unread")]
    return joined.mutate(**{name: ibis.coalesce(joined[name], ibis.literal(False)) for name in flags})


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

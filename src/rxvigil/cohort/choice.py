"""Which body's protocol holds for each patient of a population: `engine.choose` as relations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rxvigil.cohort.part import Context, column
from rxvigil.cohort.steps import stacked
from rxvigil.cohort.truth import always, both, holds
from rxvigil.engine.choose import ASSUMED, Wanted, default_of, in_force, is_usual
from rxvigil.engine.kleene import NO, YES
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

    Asks = Callable[[str, str | None], Truth]
    """The truth of a condition, asked about a drug, for each row of the state."""


@dataclass(frozen=True, slots=True)
class Choosable:
    """A protocol that may hold for somebody: for one drug, or for drugs taken together (then `drug` is the first
    monitored one of them, from which its clocks count)."""

    drug: str
    protocol: Protocol
    together: bool = False


@dataclass(frozen=True, slots=True)
class Defaults:
    """The protocols of one drug: by specialty, in the order in which specialties are asked, and for everybody else."""

    by_specialty: tuple[tuple[str, str], ...] = ()
    otherwise: str | None = None

    @property
    def protocols(self) -> tuple[str, ...]:
        found = [protocol for _, protocol in self.by_specialty]
        return tuple(dict.fromkeys([*found, *([self.otherwise] if self.otherwise else [])]))


def defaults(drug: str, book: RuleBook, wanted: Wanted, on: date | None = None) -> Defaults:
    """What `engine.choose.choose` answers for one drug on a date, as a table over specialties; without a date,
    whatever had been issued by then."""
    mine = [one for one in book.protocols.values() if drug in one.applies.drugs and not one.applies.together]
    asked = next((one for one in mine if one.id in wanted.protocols), None)
    if asked:
        return Defaults(otherwise=asked.id)
    mine = [one for one in mine if on is None or in_force(one, on)]
    jurisdiction = wanted.jurisdiction or ASSUMED
    named = {key: default_of(mine, jurisdiction, key) for key in sorted(book.vocabulary.specialties)}
    otherwise = default_of(mine, jurisdiction, None) or default_of(mine, ASSUMED, None)
    by_specialty = tuple((key, one.id) for key, one in named.items() if one)
    return Defaults(by_specialty, otherwise.id if otherwise else None)


def combined(book: RuleBook, wanted: Wanted, drugs: tuple[str, ...]) -> Iterator[Choosable]:
    """Protocols for drugs taken together that hold in the jurisdiction or were asked for."""
    monitored = {key for key, drug in book.vocabulary.drugs.items() if drug.monitored}
    for _, one in sorted(book.protocols.items()):
        together = one.applies.together
        mine = together and (one.id in wanted.protocols or is_usual(one, wanted.jurisdiction or ASSUMED))
        if mine and all(drug in drugs for drug in together if drug in monitored):
            yield Choosable(next((drug for drug in together if drug in monitored), together[0]), one, True)


def choosable(book: RuleBook, wanted: Wanted, drugs: tuple[str, ...], on: date | None = None) -> tuple[Choosable, ...]:
    """Every protocol that may hold for somebody with one of these monitored drugs."""
    alone = [
        Choosable(drug, book.protocols[key])
        for drug in drugs
        for key in defaults(drug, book, wanted, on).protocols
    ]  # fmt: skip
    return (*alone, *combined(book, wanted, drugs))


def monitored_in(state: "ir.Table", book: RuleBook) -> tuple[str, ...]:
    """The monitored drugs of which the state has columns."""
    drugs = sorted(key for key, drug in book.vocabulary.drugs.items() if drug.monitored)
    return tuple(key for key in drugs if column(key, "unread") in state.columns)


def conditions_asked(book: RuleBook, wanted: Wanted, drugs: tuple[str, ...]) -> set[tuple[str, str | None]]:
    """Every condition that choices, clocks and baseline tests ask, with the drug it is asked about."""
    found: set[tuple[str, str | None]] = {(_active(drug), None) for drug in drugs}
    for one in choosable(book, wanted, drugs):
        found |= {(_active(drug), None) for drug in one.protocol.applies.together}
        found |= {(text, one.drug) for text in _conditions(one, book)}
    return found


def _conditions(one: Choosable, book: RuleBook) -> Iterator[str]:
    for schedule in (schedule for protocol in lenders(one, book) for schedule in protocol.schedule):
        yield from (modifier.when for modifier in schedule.modifiers)
        yield from (schedule.only_if,) if schedule.only_if else ()
    yield from (test.only_if for test in one.protocol.baseline if test.only_if)


def lenders(one: Choosable, book: RuleBook) -> tuple[Protocol, ...]:
    """The protocol itself and the one whose schedule it borrows; combinations borrow none."""
    borrowed = one.protocol.schedule_from
    if one.together or borrowed is None or borrowed.protocol not in book.protocols:
        return (one.protocol,)
    return (one.protocol, book.protocols[borrowed.protocol])


def choices(
    context: Context,
    book: RuleBook,
    wanted: Wanted,
    state: "ir.Table",
    courses: "ir.Table",
    ask: "Asks",
    steps: "Steps",
) -> "ir.Table":
    """Step `choices`: (person, drug, protocol, taken, together), one row for each monitored drug that is taken or may
    be, and for each combination. `protocol` is null where the rule book holds none for the drug."""

    drugs = monitored_in(state, book)
    alone = [_alone(drug, defaults(drug, book, wanted, context.on), state, ask) for drug in drugs]
    together = [_together(one, context, state, courses, ask) for one in combined(book, wanted, drugs)]
    found = [*alone, *together] or [_nobody(state)]
    return steps.add("choices", stacked(found))


def _active(drug: str) -> str:
    return f"{drug}.active"


def _alone(drug: str, among: Defaults, state: "ir.Table", ask: "Asks") -> "ir.Table":
    import ibis

    mentioned = holds(state[column(drug, "has_current")]) | holds(state[column(drug, "unread")])
    taken = ibis.cases((mentioned, ask(_active(drug), None)), else_=always(NO)).cast("int8")
    rows = state.select("person", drug=ibis.literal(drug), protocol=_chosen(among, state), taken=taken)
    return rows.filter(rows.taken != NO).mutate(together=ibis.literal(False))


def _chosen(among: Defaults, state: "ir.Table") -> "ir.StringValue":
    import ibis

    otherwise = ibis.literal(among.otherwise) if among.otherwise else ibis.null("string")
    named = [(holds(state[column("specialty", key)]), ibis.literal(one)) for key, one in among.by_specialty]
    return ibis.cases(*named, else_=otherwise) if named else otherwise


def _together(one: Choosable, context: Context, state: "ir.Table", courses: "ir.Table", ask: "Asks") -> "ir.Table":
    """Those whose record says, or leaves open, that all of the drugs are taken."""
    import ibis

    subjects = one.protocol.applies.together
    rows = state.select("person", taken=both(ask(_active(drug), None) for drug in subjects).cast("int8"))
    for subject in subjects:
        rows = rows.semi_join(_in_record(context.words.members(subject), courses), "person")
    return rows.filter(rows.taken != NO).select(
        "person",
        drug=ibis.literal(one.drug),
        protocol=ibis.literal(one.protocol.id),
        taken=rows.taken,
        together=ibis.literal(True),
    )


def _in_record(drugs: frozenset[str], courses: "ir.Table") -> "ir.Table":
    return courses.filter(courses.drug.isin(sorted(drugs)) & holds(courses.has_current)).select("person").distinct()


def _nobody(state: "ir.Table") -> "ir.Table":
    import ibis

    rows = state.filter(ibis.literal(False)).select("person", drug=ibis.literal(""), protocol=ibis.null("string"))
    return rows.mutate(taken=always(YES), together=ibis.literal(False))

"""Protocols: panels that exist, phases that lead somewhere, defaults that do not collide, limits that can be shown."""

from collections import defaultdict
from collections.abc import Iterator

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Grading, Panel, Phase, Protocol


def check_panel(panel: Panel, words: Vocabulary) -> Iterator[str]:
    """Keys that are neither a test nor a panel of tests."""
    keys = [*panel.all, *panel.consider, *(key for group in panel.any for key in group)]
    for key in keys:
        if key not in words.panels and words.kind_of(key) not in ("analyte", "gene", "event", "vaccine"):
            yield f"'{key}' is neither a test nor a panel of tests"
    if not keys:
        yield "the panel asks for nothing"


def check_phases(phases: tuple[Phase, ...]) -> Iterator[str]:
    """Phases that never end before another begins, or that leave the time after them without a rule."""
    for index, phase in enumerate(phases[:-1]):
        if not (phase.for_ or phase.until or phase.at):
            yield f"phase {index + 1} never ends, so the phases after it are unreachable"
    last = phases[-1]
    if not last.stop and (last.for_ or last.until or last.at):
        yield "the schedule runs out: say what holds afterwards ('every' without an end, or 'stop: true')"


def check_defaults(book: RuleBook) -> Iterator[tuple[str, str]]:
    """(protocol, problem) where two protocols claim the same drug, jurisdiction and specialty."""
    claims: dict[tuple[str, str, str | None], list[str]] = defaultdict(list)
    for protocol in book.protocols.values():
        if protocol.applies.together:
            continue
        for drug in protocol.applies.drugs:
            for entry in protocol.default_for:
                claims[(drug, entry.jurisdiction, entry.specialty)].append(protocol.id)
    for (drug, jurisdiction, specialty), ids in sorted(claims.items(), key=str):
        if len(ids) > 1:
            where = f"{drug}, {jurisdiction}, {specialty or 'no specialty'}"
            yield ids[1], f"{' and '.join(ids)} are both the default for {where}"


def check_references(protocol: Protocol, book: RuleBook) -> Iterator[str]:
    """Names of specialties, successors and lenders that do not exist."""
    words = book.vocabulary
    named = [*protocol.applies.specialties, *(entry.specialty for entry in protocol.default_for if entry.specialty)]
    for specialty in named:
        if specialty not in words.specialties:
            yield f"the specialty '{specialty}' is not in the vocabulary"
    if protocol.superseded and protocol.superseded.by not in book.publications:
        yield f"the successor '{protocol.superseded.by}' is in no sources file"
    yield from _borrowing(protocol, book)
    for drug in (*protocol.applies.drugs, *protocol.applies.together):
        if words.kind_of(drug) != "drug":
            yield f"'{drug}' is not a drug of the vocabulary"


def _borrowing(protocol: Protocol, book: RuleBook) -> Iterator[str]:
    """Lenders that do not exist, and schedules that would count from the wrong day: a combination's from the day the
    last of its drugs was added, a drug's own from its first dose."""
    for borrowed in (protocol.thresholds_from, protocol.schedule_from):
        if borrowed and borrowed.protocol not in book.protocols:
            yield f"there is no protocol '{borrowed.protocol}' to borrow from"
    if protocol.schedule_from is None:
        return
    lender = book.protocols.get(protocol.schedule_from.protocol)
    if protocol.applies.together:
        yield "drugs taken together cannot borrow a schedule: write theirs out under 'schedule'"
    elif lender and lender.applies.together:
        yield f"'{lender.id}' is for drugs taken together, so its schedule cannot be borrowed: write it out"


def check_grading(grading: Grading, words: Vocabulary) -> Iterator[str]:
    """Boundaries that cannot be read, or whose unit is not the analyte's."""
    for row in grading.rows:
        if words.kind_of(row.analyte) != "analyte":
            yield f"'{row.analyte}' is not an analyte"
            continue
        for boundary in row.grades.values():
            for part in boundary.split(" or "):
                operator, _, rest = part.strip().partition(" ")
                number, _, unit = rest.partition(" ")
                known = unit in ("xULN", "xLLN", "xbaseline") or words.factor(row.analyte, unit) is not None
                if operator not in ("<", "<=", ">", ">=") or not number.replace(".", "", 1).isdigit() or not known:
                    yield f"'{boundary}' of {row.analyte} is not a boundary, such as '< 1.5 10*9/L' or '> 3 xULN'"

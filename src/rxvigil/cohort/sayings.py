"""What each rule says when it fires or cannot be answered: the words of findings, as rows of a table."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from rxvigil.cohort.given import Coded, Given, Row, Said, Speaks, names_of, numbered
from rxvigil.engine.assessment import Tier
from rxvigil.engine.compiled import CompiledBook, CompiledRule
from rxvigil.engine.done import requirements
from rxvigil.engine.findings import RANK, TIERS, URGENCY, VERBS
from rxvigil.engine.wording import inside
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.provenance import Source
from rxvigil.knowledge.rules import Action, DecisionTable, Protocol, Schedule
from rxvigil.knowledge.sentences import HOLE
from rxvigil.population.schema import Shape

COLUMNS: Final[tuple[tuple[str, Shape], ...]] = (
    ("drug", "text"),
    ("kind", "text"),
    ("tier", "text"),
    ("tier_rank", "whole"),
    ("would_be", "text"),
    ("cause", "text"),
    ("cause_number", "whole"),
    ("alone", "flag"),
    ("says", "text"),
    ("verb", "text"),
    ("action", "text"),
    ("urgency", "text"),
    ("strength", "text"),
    ("severity", "whole"),
    ("firmness", "whole"),
    ("ref", "text"),
    ("where", "text"),
    ("mark", "text"),
    ("place", "whole"),
    ("name", "whole"),
)
"""`cause_number`: the same for causes that differ only in capitals. `alone`: of one person no other finding has this
cause, and this one is found once at most. `name`: the number of the rule's id in `names`. `place`: of schedules and
tests before starting, their order in the protocol; of combinations a thousand on for each.
`would_be`: of a rule, the tier it has when it cannot be answered; of a finding that cannot say, what it could have
been. `severity` orders by tier, then urgency; `firmness` by the verb."""

COMBINED: Final = 1_000
LATE: Final = ("overdue", "due")
FIRMNESS: Final = ("asked for", "suggested")
_SETTLE: Final = Action(
    verb="ask", says="Settle it, or discuss with the specialist.", urgency="soon", strength="should"
)
COULD_BE: Final[dict[Tier | None, int]] = {"STOP": 3, "ACT": 5}
WORTH_KNOWING: Final = 7
"""Where a finding that cannot say stands, by what it could have been (`engine.findings.order`)."""
NOT_ANSWERED: Final = "engine/left-open"
LEFT_OPEN: Final[tuple[Tier, ...]] = ("STOP", "ACT", "KNOW")
URGENCY_STEPS: Final = 10
"""`severity` is rank x this + urgency."""


def sayings(
    book: RuleBook, ready: CompiledBook, drugs: tuple[str, ...], protocols: tuple[str, ...], repeated: frozenset[Speaks]
) -> tuple[Coded, Given]:
    """Everything that may be said of these drugs under these protocols; and `names`, to which findings refer by number.
    `repeated`: rules that may be asked of one person twice."""
    said = dict(_all(book, ready, book.vocabulary, drugs, protocols))
    names = names_of("names", _names(book, said, drugs, protocols))
    return numbered("sayings", COLUMNS, _counted(said, names, repeated)), names


def _names(book: RuleBook, said: Iterable[Speaks], drugs: Iterable[str], protocols: Iterable[str]) -> Iterator[str]:
    """Ids of rules, drugs, and tests that schedules ask for."""
    yield from (speaks.rule for speaks in said)
    yield from drugs
    for key in protocols:
        for schedule in book.protocols[key].schedule:
            yield from ("|".join(one) for one in requirements(schedule.panel))


def _counted(said: dict[Speaks, Row], names: Given, repeated: frozenset[Speaks]) -> Iterator[Said]:
    """With what is known only when everything that may be said is: the number of each cause and whether it is said by
    one voice alone, and of each rule's name."""
    at, of_name = _PLACES["cause"], {name: number for number, name in names.rows}
    voices: dict[str, set[Any]] = defaultdict(set)
    for speaks, row in said.items():
        voices[row[at].lower()].add(_voice(speaks, row, repeated))
    causes = {cause: number for number, cause in enumerate(sorted(voices))}
    for speaks, row in said.items():
        cause = row[at].lower()
        alone = len(voices[cause]) == 1 and None not in voices[cause]
        yield speaks, (*row[: at + 1], causes[cause], alone, *row[at + 1 :], of_name[speaks.rule])


_PLACES: Final = {name: place for place, (name, _) in enumerate(COLUMNS)}


def _voice(speaks: Speaks, row: Row, repeated: frozenset[Speaks]) -> Any:
    """Who says it, of whom one person hears it once at most; none where they may hear it twice. All schedules are one
    voice, and so are the tests before starting a drug: `found_tests` makes one finding of theirs."""
    kind = row[_PLACES["kind"]]
    if kind == "metabolites" or speaks in repeated:
        return None
    of_tests = kind == "schedule" or (kind == "baseline" and speaks.about.endswith(FIRMNESS))
    return "tests" if of_tests else speaks


def _all(
    book: RuleBook, ready: CompiledBook, words: Vocabulary, drugs: tuple[str, ...], protocols: tuple[str, ...]
) -> Iterator[Said]:
    yield from (_rule(rule, None, words) for rule in ready.anybody)
    for drug in drugs:
        rules = (*ready.course.get(drug, ()), *ready.after_stop.get(drug, ()))
        yield from (_rule(rule, drug, words) for rule in rules)
        thresholds = (rule for key in protocols for rule in ready.thresholds[key])
        yield from (_rule(rule, drug, words) for rule in thresholds)
        yield _no_protocol(drug, words)
        for key in protocols:
            yield from _baseline(book.protocols[key], drug, words)
            yield _no_schedule(book.protocols[key], drug, words)
        tables = (one for one in book.tables.values() if drug in one.applies.drugs)
        yield from (said for table in tables for said in _table(table, drug, words))
    for nth, key in enumerate(protocols, 1):
        first = nth * COMBINED if book.protocols[key].applies.together else 0
        for place, schedule in enumerate(book.protocols[key].schedule, first):
            yield from _schedule(book.protocols[key], schedule, place)
    yield _unreadable_medicine(words, drugs)
    yield from (_left_open(would_be, urgency) for would_be in LEFT_OPEN for urgency in URGENCY)


def _rule(ready: CompiledRule, drug: str | None, words: Vocabulary) -> Said:
    rule = ready.rule
    would_be: Tier = "KNOW" if rule.kind in ("trend", "pregnancy") else TIERS[rule.tier]
    said = _said(
        drug, rule.kind, TIERS[rule.tier], named(rule.cause, words, drug), named(rule.says, words, drug), rule.action,
        rule.source, would_be, words,
    )  # fmt: skip
    return Speaks(ready.id, drug or ""), said


def _schedule(protocol: Protocol, schedule: Schedule, place: int) -> Iterator[Said]:
    rule = f"{protocol.id}#{schedule.id}"
    for status in LATE:
        for firmness in FIRMNESS:
            firm = firmness == "asked for"
            tier: Tier = "ACT" if status == "overdue" and firm else "KNOW"
            cause = f"blood tests {status}" if firm else f"suggested tests {status}"
            urgency = "this week" if status == "overdue" else "soon"
            action = _action("test", "Arrange the tests.", urgency, schedule.strength)
            says = f"{cause.capitalize()}."
            said = _said(None, "schedule", tier, cause, says, action, schedule.source, place=place)
            yield Speaks(rule, late(status, firmness)), said
    ask = _action("ask", "Find out what is missing.", "this week", "should")
    says = "Cannot say when the next tests are due."
    cause = "when the next tests are due"
    yield (
        Speaks(rule, "open"),
        _said(None, "schedule", "CANNOT SAY", cause, says, ask, schedule.source, "ACT", place=place),
    )
    often = _action("discuss", "If there is no reason, return to the protocol's interval.", "routine", "consider")
    says = "Tests were done more than twice as often as the protocol asks."
    cause = "tests more often than asked"
    yield Speaks(rule, "often"), _said(None, "schedule", "KNOW", cause, says, often, schedule.source, place=place)


Words = TypeVar("Words", str, Any)
"""A text, or a column of texts."""


def late(status: Words, firmness: Words) -> Words:
    """In what respect a schedule speaks of late tests: whether overdue or due, asked for or only suggested."""
    return status + ", " + firmness


def _baseline(protocol: Protocol, drug: str, words: Vocabulary) -> Iterator[Said]:
    """A finding of tests never done is led by the first of them; how grave it is depends on how young the course is and
    on whether any of the tests is asked for firmly."""
    name = inside(words.show(drug))
    cause, says = f"tests before {name} not found", f"Tests asked for before {name} were never found in the record."
    for place, test in enumerate(protocol.baseline):
        for course in ("young", "settled"):
            for firmness in FIRMNESS:
                young, firm = course == "young", firmness == "asked for"
                action = _action(
                    "test",
                    "Look for them in older records, or test now.",
                    "soon" if young else "routine",
                    "should" if firm else "consider",
                )
                tier: Tier = "ACT" if young and firm else "KNOW"
                said = _said(drug, "baseline", tier, cause, says, action, test.source, place=place)
                yield Speaks(f"{protocol.id}#{test.id}", never(drug, course, firmness)), said


def never(drug: Words, course: Words, firmness: Words) -> Words:
    """In what respect a test before starting is missed: in a young or a settled course, asked for or suggested."""
    return drug + ", " + course + ", " + firmness


def _table(table: DecisionTable, drug: str, words: Vocabulary) -> Iterator[Said]:
    for row in table.rows:
        cause, says = named(row.cause, words, drug), named(row.says, words, drug)
        said = _said(drug, "metabolites", TIERS[row.tier], cause, says, row.action, row.source, TIERS[row.tier], words)
        yield Speaks(f"{table.id}#{row.id}", drug), said
    source = table.rows[0].source
    discuss = _action("discuss", "Discuss with the specialist; the table gives no advice.", "soon", "should")
    gap = "metabolite pattern without published advice"
    yield Speaks(table.id, f"{drug}, gap"), _said(drug, "metabolites", "CANNOT SAY", gap, gap, discuss, source, "ACT")
    says = "Several readings of the metabolites are possible."
    open_: tuple[Tier | None, ...] = ("STOP", "ACT", "KNOW", None)
    for would_be in open_:
        said = _said(drug, "metabolites", "CANNOT SAY", "metabolite pattern open", says, _SETTLE, source, would_be)
        yield Speaks(table.id, several(drug, would_be or "")), said


def several(drug: Words, would_be: Words) -> Words:
    """In what respect a table leaves several readings open: the worst tier of those that are possible."""
    return drug + ", several, " + would_be


def _no_protocol(drug: str, words: Vocabulary) -> Said:
    name = inside(words.show(drug))
    cause = f"no monitoring protocol for {name}"
    says = f"The rule book holds no monitoring protocol for {name}: when tests are due cannot be said."
    action = _action("ask", "Follow the local protocol for this drug.", "this week", "should")
    said = _said(drug, "schedule", "CANNOT SAY", cause, says, action, None, "ACT")
    return Speaks(f"engine/no-protocol/{drug}", drug), said


def _no_schedule(protocol: Protocol, drug: str, words: Vocabulary) -> Said:
    name = inside(words.show(drug))
    cause = f"no blood test schedule for {name}"
    says = f"The protocol chosen gives no blood test schedule for {name}."
    action = _action("ask", "Follow the local schedule for this drug.", "this week", "should")
    return Speaks(protocol.id, drug), _said(drug, "schedule", "CANNOT SAY", cause, says, action, None, "ACT")


def _unreadable_medicine(words: Vocabulary, drugs: tuple[str, ...]) -> Said:
    says = "A medicine could not be read, so monitored and interacting drugs cannot be excluded."
    action = _action("ask", "Read the medicine list at its source.", "this week", "should")
    said = _said(None, "cannot-say", "CANNOT SAY", "a medicine could not be read", says, action, None, "ACT")
    return Speaks("engine/unreadable-medicine"), said


def _left_open(would_be: Tier, urgency: str) -> Said:
    """What is said of rules that could not be answered: by the tier they could have, and the soonest they would ask."""
    says = "Rules that could not be answered; open the patient to see what is missing."
    action = _action("ask", "Open the patient: what would settle each is named there.", urgency, "should")
    cause = "not known: what these rules need"
    said = _said(None, "cannot-say", "CANNOT SAY", cause, says, action, None, would_be)
    return Speaks(NOT_ANSWERED, f"{would_be}, {urgency}"), said


def _action(verb: str, says: str, urgency: str, strength: str) -> Action:
    return Action.model_validate({"verb": verb, "says": says, "urgency": urgency, "strength": strength})


def _said(
    drug: str | None,
    kind: str,
    tier: Tier,
    cause: str,
    says: str,
    action: Action,
    source: Source | None,
    would_be: Tier | None = None,
    words: Vocabulary | None = None,
    place: int = 0,
) -> tuple[Any, ...]:
    rank = COULD_BE.get(would_be, WORTH_KNOWING) if tier == "CANNOT SAY" else RANK[tier] * 2
    told = named(action.says, words, drug) if words else action.says
    severity = rank * URGENCY_STEPS + URGENCY.index(action.urgency)
    cited = (source.ref, source.where, source.mark) if source else (None, None, None)
    return (
        drug, kind, tier, RANK[tier], would_be, cause, says, action.verb, told, action.urgency,
        action.strength, severity, VERBS.index(action.verb), *cited, place,
    )  # fmt: skip


def named(template: str, words: Vocabulary, drug: str | None) -> str:
    """A rule's sentence with names filled in; a patient's own values stand as `…` until the row is opened."""

    def fill(found: re.Match[str]) -> str:
        subject, what = found.group(1), found.group(2)
        name = words.show(drug if subject == "this" and drug else subject)
        opens = not template[: found.start()].rstrip() or template[: found.start()].rstrip().endswith((".", "?"))
        return f"{name if opens else inside(name)}{' …' if what else ''}"

    return HOLE.sub(fill, template)

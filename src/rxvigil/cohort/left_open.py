"""Rules that could not be answered: for each person one finding for each tier that they could have had."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rxvigil.cohort.bits import every_bit
from rxvigil.cohort.found import shaped
from rxvigil.cohort.given import Coded, Given
from rxvigil.cohort.outcome_words import Place, Places, only_open, read, some, which
from rxvigil.cohort.sayings import NOT_ANSWERED, URGENCY_STEPS
from rxvigil.cohort.sets import gathered, members

if TYPE_CHECKING:
    import ibis.expr.types as ir

_EVERY_BIT = 2**63 - 1


def silences(coded: Coded, places: Places) -> Given:
    """(code, which, keep): a cause that was found at its tier or a graver one is not also left open
    (`engine.findings.cannot_say`). `keep`: the bits of the packed answers that stay when this was found."""
    columns = ("code", "which", "keep")
    return Given("silences", tuple((name, "whole") for name in columns), tuple(_silences(coded, places)))


def _silences(coded: Coded, places: Places) -> Iterator[tuple[int, int, int]]:
    causes, tiers = coded.given.column("cause_number"), coded.given.column("tier_rank")
    times, of_cause = Counter(place.code for place in places), defaultdict[int, list[Place]](list)
    for place in places:
        of_cause[causes[place.code]].append(place)
    for code, (cause, tier) in enumerate(zip(causes, tiers, strict=True)):
        bits: dict[int, int] = defaultdict(int)
        for place in of_cause[cause]:
            itself = place.code == code and times[code] == 1
            if tier <= tiers[place.code] and not itself:
                bits[place.which] |= place.unknown
        yield from ((code, number, _EVERY_BIT - silent) for number, silent in bits.items())


def open_sets(answers: "ir.Table", found: "ir.Table", silences_: "ir.Table") -> "ir.Table":
    """(person, open): the packed answers of rules that are left open, as a set. `found`: one row for each cause."""
    import ibis

    known = found.inner_join(silences_, "code")
    known = known.group_by("person", "which").aggregate(keep=every_bit(known.keep))
    rows = answers.mutate(packed=only_open(answers.packed), which=which(answers.packed))
    rows = rows.left_join(known, ["person", "which"], rname="{name}__known")
    rows = rows.select("person", packed=rows.packed & ibis.coalesce(rows.keep, _EVERY_BIT))
    rows = rows.filter(some(rows.packed))
    return rows.group_by("person").aggregate(open=rows.packed.collect().sort())


def left_open(sets: "ir.Table", places: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """Findings that stand for rules that could not be answered, with `words`."""
    meanings = _meanings(members(sets, "open").rename(packed="member"), places, sayings)
    rows = sets.inner_join(meanings, "open")
    return shaped(rows, code=rows.code, unanswered=rows.unanswered, words=rows.words)


def _meanings(sets: "ir.Table", places: "ir.Table", sayings: "ir.Table") -> "ir.Table":
    """(open, code, unanswered, words): of each set the rules by the tier they could have, and the soonest they ask."""
    rows = read(sets, places).inner_join(sayings.select("code", "would_be", "severity", "name"), "code")
    groups = rows.group_by("open", "would_be").aggregate(
        code=rows.code.min(), unanswered=gathered(rows.name), soonest=(rows.severity % URGENCY_STEPS).min()
    )
    mine = sayings.filter(sayings.rule == NOT_ANSWERED)
    words = mine.select("would_be", words="code", soonest=mine.severity % URGENCY_STEPS)
    return groups.inner_join(words, ["would_be", "soonest"])

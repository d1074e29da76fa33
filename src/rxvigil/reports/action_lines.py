"""Where the rule book draws its lines: the limits a chart shows, and how often a test is expected.

Only limits that stand alone are lines ("neutrophils.latest < 1.6 10*9/L"). A limit that counts only together with
something else is a rule for a reader, not a line to compare a value with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rxvigil.engine.assessment import Assessment
from rxvigil.engine.kleene import YES
from rxvigil.engine.numbers import compare, of_result
from rxvigil.engine.wording import number
from rxvigil.facts import Duration, Result, parse_duration, parse_range
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.expression import All, Amount, AnyOf, Compare, Expression, Operator, parse, terms
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.rules import Panel, Protocol, Rule, Schedule
from rxvigil.reports.words import verb_says

_BEYOND = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}
_LOWER_END = re.compile(r"^(>=|>|)\s*(\d+(?:\.\d+)?)")
"""The lower end of a band: '235 to 450', '> 450', '>= 5700'; '< 235' has none."""
_FROM = {"": "from", ">=": "from", ">": "above"}
_OF_RANGE = {"xULN": ("high", "upper limit"), "xLLN": ("low", "lower limit")}


@dataclass(frozen=True)
class ActionLine:
    """One limit of an analyte, in its canonical unit, and who set it."""

    at: float
    operator: Operator
    says: str
    """"below 1.6" or "above 2 × upper limit (80)"."""
    do: str
    """What the body says to do beyond it, as firmly as it says so."""
    bodies: tuple[str, ...]

    def crossed_by(self, result: Result) -> bool:
        """Whether the result is certainly beyond the line; "<5" is not certainly below 3."""
        measured = of_result(result)
        return measured is not None and compare(measured, self.operator, self.at) == YES


def action_lines(analyte: str, series: list[Result], assessment: Assessment, book: RuleBook) -> tuple[ActionLine, ...]:
    """The limits of one analyte in the chosen protocols and in the rules that fired, lowest first."""
    bodies: dict[tuple[float, Operator, str, str], dict[str, None]] = {}
    for body, rule in _rules(assessment, book):
        for limits in _limits(parse(rule.when), analyte):
            place = _line(limits, analyte, series, book.vocabulary)
            if place is not None:
                do = verb_says(rule.action.verb, rule.action.strength)
                bodies.setdefault((place.at, place.operator, place.says, do), {})[body] = None
    return tuple(ActionLine(*line, tuple(names)) for line, names in sorted(bodies.items()))


class _Place(NamedTuple):
    """A limit in the canonical unit, with its words."""

    at: float
    operator: Operator
    says: str


@dataclass(frozen=True)
class BandEdge:
    """Where a band of a published table begins, in the canonical unit."""

    at: float
    says: str


def band_edges(analyte: str, assessment: Assessment, book: RuleBook) -> tuple[BandEdge, ...]:
    """The bands of the tables that findings come from ("therapeutic from 235"), lowest first."""
    tables = dict.fromkeys(finding.rule.partition("#")[0] for finding in assessment.findings)
    edges = {
        BandEdge(float(low) * float(factor), f"{band.name.replace('-', ' ')} {_FROM[sign]} {low}")
        for key in tables
        if key in book.tables
        for axis in book.tables[key].axes
        if axis.of == f"{analyte}.latest"
        if (factor := book.vocabulary.factor(analyte, axis.unit or "")) is not None
        for band in axis.bands
        for sign, low in _LOWER_END.findall(band.range or "")
    }
    return tuple(sorted(edges, key=lambda edge: (edge.at, edge.says)))


def spoken_of(assessment: Assessment, book: RuleBook) -> frozenset[str]:
    """Analytes that a chosen protocol's limits or schedule, or a finding's rule, speaks of."""
    keys: set[str] = set()
    for _, rule in _rules(assessment, book):
        keys.update(_analytes_of(rule, book.vocabulary))
    for schedule in _schedules(assessment, book):
        keys.update(analytes_in(schedule.panel, book.vocabulary))
    return frozenset(keys)


def expected_every(analyte: str, assessment: Assessment, book: RuleBook) -> Duration:
    """The time the chosen protocols leave between two results of this analyte once treatment is settled (of any, where
    none names it), the shortest counting; without a protocol, how long a result of it stays fresh."""
    settled = [
        (parse_range(phase.every).high, analytes_in(schedule.panel, book.vocabulary))
        for schedule in _schedules(assessment, book)
        for phase in schedule.phases[-1:]
        if phase.every
    ]
    named = [every for every, tests in settled if analyte in tests] or [every for every, _ in settled]
    fresh = parse_duration(book.vocabulary.analytes[analyte].fresh_for)
    return min(named, key=lambda duration: duration.nominal_days, default=fresh)


def analytes_in(panel: Panel, words: Vocabulary) -> frozenset[str]:
    """The analytes of a panel, with panels inside it unfolded."""
    named = (*panel.all, *(key for group in panel.any for key in group), *panel.consider)
    return frozenset(analyte for key in named for analyte in _unfolded(key, words))


def _unfolded(key: str, words: Vocabulary) -> Iterator[str]:
    panel = words.panels.get(key)
    if panel is None:
        yield key
        return
    yield from panel.all
    for group in panel.any:
        yield from group


def _chosen(assessment: Assessment, book: RuleBook) -> tuple[Protocol, ...]:
    named = dict.fromkeys(protocol.id for protocol in assessment.protocols)
    return tuple(book.protocols[key] for key in named if key in book.protocols)


def _schedules(assessment: Assessment, book: RuleBook) -> Iterator[Schedule]:
    """The clocks of the chosen protocols, borrowed ones included."""
    for protocol in _chosen(assessment, book):
        lender = book.protocols.get(protocol.schedule_from.protocol) if protocol.schedule_from else None
        yield from (lender or protocol).schedule


def _rules(assessment: Assessment, book: RuleBook) -> Iterator[tuple[str, Rule]]:
    """Limits of the chosen protocols, borrowed ones under the lender's name, then rules that fired elsewhere."""
    seen: set[str] = set()
    for full_id, body, rule in (*_protocol_rules(assessment, book), *_fired_rules(assessment, book)):
        if full_id not in seen and rule.source.mark != "memory":
            seen.add(full_id)
            yield body, rule


def _protocol_rules(assessment: Assessment, book: RuleBook) -> Iterator[tuple[str, str, Rule]]:
    for protocol in _chosen(assessment, book):
        lender = book.protocols.get(protocol.thresholds_from.protocol) if protocol.thresholds_from else None
        for one in (protocol, *([lender] if lender else [])):
            for rule in one.thresholds:
                if _for_this_patient(rule, assessment):
                    yield f"{one.id}#{rule.id}", one.body, rule


def _fired_rules(assessment: Assessment, book: RuleBook) -> Iterator[tuple[str, str, Rule]]:
    answered = [finding for finding in assessment.findings if finding.tier != "CANNOT SAY"]
    fired = {rule for finding in answered for rule in (finding.rule, *finding.also)}
    for full_id, rule in book.rules():
        if full_id in fired:
            publication = book.publications.get(rule.source.ref)
            yield full_id, publication.body if publication else rule.source.ref, rule


def _for_this_patient(rule: Rule, assessment: Assessment) -> bool:
    taken = {course.drug for course in assessment.courses}
    places = rule.applies.jurisdictions
    place = assessment.jurisdiction.partition(" ")[0]  # "UK (assumed)" is the UK
    return (
        rule.applies.only_if is None
        and (not rule.applies.drugs or bool(taken.intersection(rule.applies.drugs)))
        and (not places or place in places)
    )


def _limits(expression: Expression, analyte: str) -> Iterator[tuple[Compare, ...]]:
    """Comparisons of the newest value that hold by themselves, each with those of the same value that must hold too.
    That something was measured is no further condition: what is drawn was measured."""
    match expression:
        case Compare(term, operator, Amount()) if operator in _BEYOND and str(term) == f"{analyte}.latest":
            yield (expression,)
        case AnyOf(items):
            for item in items:
                yield from _limits(item, analyte)
        case All(items):
            deciding = [item for item in items if any(term.measure != "measured" for term in terms(item))]
            found = [list(_limits(item, analyte)) for item in deciding]
            if found and all(len(limits) == 1 for limits in found):
                yield tuple(limit for limits in found for limit in limits[0])
        case _:
            return


def _line(limits: tuple[Compare, ...], analyte: str, series: list[Result], words: Vocabulary) -> _Place | None:
    """Where limits that must all be passed are passed: at the furthest in the direction of the first."""
    placed = [_place(limit, analyte, series, words) for limit in limits]
    same_way = [place for place in placed if place and place.operator[0] == limits[0].operator[0]]
    if None in placed or not same_way:
        return None
    return (min if limits[0].operator[0] == "<" else max)(same_way, key=lambda place: place.at)


def _place(limit: Compare, analyte: str, series: list[Result], words: Vocabulary) -> _Place | None:
    """A limit in the canonical unit, with its words; none where the unit cannot be placed."""
    if not isinstance(limit.value, Amount):
        return None
    beyond, decimals = _BEYOND[limit.operator], words.analytes[analyte].decimals
    if limit.value.unit in _OF_RANGE:
        return _place_by_range(limit.value, limit.operator, series, decimals)
    factor = words.factor(analyte, limit.value.unit)
    if factor is None:
        return None
    at = limit.value.value * float(factor)
    return _Place(at, limit.operator, f"{beyond} {number(at, decimals)}")


def _place_by_range(amount: Amount, operator: Operator, series: list[Result], decimals: int) -> _Place | None:
    """Multiples of a laboratory's own limit, at the newest result that came with one."""
    end, name = _OF_RANGE[amount.unit]
    bounds = [getattr(result.reference, end) for result in reversed(series) if result.reference]
    limit = next((bound for bound in bounds if bound is not None), None)
    if limit is None:
        return None
    at = amount.value * limit
    return _Place(at, operator, f"{_BEYOND[operator]} {number(amount.value)} × {name} ({number(at, decimals)})")


def _analytes_of(rule: Rule, words: Vocabulary) -> frozenset[str]:
    named = {term.subject for term in terms(parse(rule.when))}
    return frozenset(named & words.analytes.keys())

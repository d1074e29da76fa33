"""The measures of an analyte: latest, last, falls, rises, rise, fall, since the start, measured.

Each function makes the question once, from the rule's text, and returns what asks it of a patient. A comparison
that holds is taken as the alarm: it stands however old the value is. One that does not hold reassures only if
the value is fresh, final and nothing newer was unreadable. With `proof` (exceptions in `unless`) it is the other
way about: the comparison must be shown by a fresh value.
"""

from collections.abc import Callable
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

from rxvigil.engine.assessment import Missing
from rxvigil.engine.kleene import NO, UNKNOWN, YES, Answer, Truth, both, either, no, unknown, yes
from rxvigil.engine.numbers import Range, compare, of_result
from rxvigil.engine.state import YEAR, State, split_newest
from rxvigil.engine.wording import dated, inside, number
from rxvigil.facts import Duration, Result, parse_duration
from rxvigil.knowledge.expression import Amount, Operator, Word
from rxvigil.knowledge.lookup import Vocabulary

Ask = Callable[[State, str | None], Answer]
"""A question of a state, about `this` drug."""

APART: Final = Duration(3, "day")
WITHIN: Final = Duration(12, "month")


class Limit(NamedTuple):
    """What a result is compared with: a canonical amount, or a multiple of the result's own reference limit."""

    value: float
    of: str = ""
    """'', 'xULN' or 'xLLN'."""
    shown: str = ""


def limit_of(literal: Amount, analyte: str, words: Vocabulary) -> Limit:
    """The literal of a rule in canonical units. Raises `ValueError` where the unit is not one of the analyte's."""
    if literal.unit in ("xULN", "xLLN"):
        return Limit(literal.value, literal.unit, str(literal))
    factor = words.factor(analyte, literal.unit)
    if factor is None:
        raise ValueError(f"'{literal.unit}' is not a unit of {analyte}")
    return Limit(float(f"{literal.value * float(factor):.10g}"), "", str(literal))


def latest(analyte: str, operator: Operator, limit: Limit, proof: bool) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        found = state.latest(analyte, this)
        if not found.results:
            return unknown(found.doubt) if found.doubt else unknown()
        weigh_up = both if proof else either
        answer = weigh_up(_one(state, result, operator, limit) for result in found.results)
        return _weigh(answer, found.doubt, proof)

    return ask


def latest_category(analyte: str, wanted: frozenset[str], proof: bool) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        found = state.latest(analyte, this)
        if not found.results:
            return unknown(found.doubt) if found.doubt else unknown()
        weigh_up = both if proof else either
        answer = weigh_up(_category(state, result, wanted) for result in found.results)
        return _weigh(answer, found.doubt, proof)

    return ask


def last(analyte: str, times: int, operator: Operator, limit: Limit) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        within = [result for result in state.series.get(analyte, ()) if result.when.last >= state.reach(this)]
        moments = [list(group) for _, group in groupby(within, key=lambda result: result.when)][-times:]
        newest = [result for moment in moments for result in moment]
        answers = [either(_one(state, result, operator, limit) for result in moment) for moment in moments]
        if any(answer.truth == NO for answer in answers):
            return next(answer for answer in answers if answer.truth == NO)
        if len(moments) < times:
            return unknown(_too_few(state, analyte, len(moments), times), because=tuple(newest))
        truth = min(answer.truth for answer in answers)
        gaps = tuple(gap for answer in answers for gap in answer.missing)
        return Answer(truth, tuple(newest), gaps if truth == UNKNOWN else ())

    return ask


def steps(analyte: str, falling: bool, times: int, each: float, apart: Duration, within: Duration) -> Ask:
    """Successive falls (or rises), each by more than `each` percent of the value before."""

    def ask(state: State, this: str | None) -> Answer:
        newest = _spaced(state.series.get(analyte, []), apart, within, state.reach(this), times + 1)
        name = state.words.show(analyte)
        for earlier, later in zip(newest, newest[1:], strict=False):
            if not _moved(earlier, later, falling, each):
                return no(earlier, later, why=lambda: f"{name} did not {'fall' if falling else 'rise'} at every step")
        if len(newest) < times + 1:
            return unknown(_too_few(state, analyte, len(newest), times + 1), because=tuple(newest))
        return yes(*newest)

    return ask


def change(analyte: str, rising: bool, over: Duration, operator: Operator, limit: Amount) -> Ask:
    """Newest result against the lowest (or highest) earlier one within `over` before it."""

    def ask(state: State, this: str | None) -> Answer:
        found = state.latest(analyte, this)
        if not found.results:
            return unknown(found.doubt) if found.doubt else unknown()
        newest = _extreme(found.results, rising)
        opens = over.before(newest.when.first)
        _, older = split_newest(state.series[analyte])
        before = [one for one in older if one.value is not None]
        window = [one for one in before if one.when.last >= opens]
        if window:
            baseline = min(window, key=_value) if rising else max(window, key=_value)
            return _weigh(_changed(state, baseline, newest, rising, operator, limit), found.doubt, False)
        return _weigh(_without_window(state, before, newest, rising, over, operator, limit), found.doubt, False)

    return ask


def since_start(analyte: str, rising: bool, operator: Operator, limit: Amount) -> Ask:
    """Newest result against the last one in the twelve months up to the start of this drug."""

    def ask(state: State, this: str | None) -> Answer:
        found = state.latest(analyte, this)
        if not found.results:
            return unknown(found.doubt) if found.doubt else unknown()
        start = state.exposure(this).start if this else None
        if start is None:
            return unknown(
                Missing("start of treatment", "the record does not say when it began", "find the start date")
            )
        before = [
            one for one in state.series[analyte]
            if one.value is not None and start - YEAR <= one.when.last <= start
        ]  # fmt: skip
        if not before:
            name = state.words.show(analyte)
            return unknown(
                Missing(f"{name} before treatment", "no result in the year before the start", "find an earlier result")
            )
        newest = _extreme(found.results, rising)
        if newest.when.first <= start:
            return no(newest, why=lambda: f"no {inside(state.words.show(analyte))} measured since the start")
        return _weigh(_changed(state, before[-1], newest, rising, operator, limit), found.doubt, False)

    return ask


def measured(analyte: str, within: Duration | None) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        opens = within.before(state.on) if within else date.min
        found = [one for one in state.series.get(analyte, ()) if one.when.last >= opens]
        if found:
            return yes(found[-1])
        unread = [
            one for one in state.unread.get(analyte, ())
            if one.when is None or (opens <= one.when.last and one.when.first <= state.on)
        ]  # fmt: skip
        if unread:
            name = state.words.show(analyte)
            return unknown(Missing(name, f"a result could not be read ({unread[-1].why})", "read the original report"))
        if not state.has_list("results"):
            return unknown(
                Missing(state.words.show(analyte), "the record holds no results at all", "supply the results")
            )
        return no(why=lambda: f"no {state.words.show(analyte)}" + (f" within {within}" if within else " in the record"))

    return ask


def _one(state: State, result: Result, operator: Operator, limit: Limit) -> Answer:
    measured_ = of_result(result)
    if measured_ is None:
        return _undetectable(state, result, operator, limit)
    bound = _bound(result, limit)
    if bound is None:
        which = "upper" if limit.of == "xULN" else "lower"
        name = state.words.show(result.analyte)
        return unknown(
            Missing(
                f"{which} limit of {name}",
                f"the result of {result.when} came without the laboratory's {which} limit",
                "ask the laboratory for its reference range",
            ),
            because=(result,),
        )
    truth = compare(measured_, operator, bound)
    if truth == UNKNOWN:
        return unknown(
            Missing(
                state.words.show(result.analyte), f"'{dated(result, state.words)}' leaves it open", "repeat the test"
            ),
            because=(result,),
        )
    return Answer(truth, (result,), (), lambda: f"{state.words.show(result.analyte)} {dated(result, state.words)}")


def _undetectable(state: State, result: Result, operator: Operator, limit: Limit) -> Answer:
    """'Undetectable' is a number too: below any limit a rule could name."""
    if result.category == "undetectable" and not limit.of and limit.value > 0:
        why = f"{state.words.show(result.analyte)} {dated(result, state.words)}"
        return Answer(compare(Range(0, 0), operator, limit.value), (result,), (), why)
    name = state.words.show(result.analyte)
    return unknown(Missing(name, f"the result of {result.when} is not a number", "read the original report"))


def _bound(result: Result, limit: Limit) -> float | None:
    if not limit.of:
        return limit.value
    if result.reference is None:
        return None
    own = result.reference.high if limit.of == "xULN" else result.reference.low
    return None if own is None else float(f"{own * limit.value:.10g}")


def _category(state: State, result: Result, wanted: frozenset[str]) -> Answer:
    if result.category is None:
        name = state.words.show(result.analyte)
        return unknown(Missing(name, f"the result of {result.when} is not a category", "read the original report"))
    why = f"{state.words.show(result.analyte)} {dated(result, state.words)}"
    return Answer(YES if result.category in wanted else NO, (result,), (), why)


def _weigh(answer: Answer, doubt: Missing | None, proof: bool) -> Answer:
    """A doubtful value may alarm but not reassure; as a proof it may not excuse."""
    settled: Truth = YES if proof else NO
    if doubt is not None and answer.truth == settled:
        return unknown(doubt, because=answer.because)
    return answer


def _value(result: Result) -> float:
    return result.value if result.value is not None else float("nan")


def _extreme(results: tuple[Result, ...], rising: bool) -> Result:
    numeric = [one for one in results if one.value is not None] or list(results)
    return max(numeric, key=_value) if rising else min(numeric, key=_value)


def _changed(state: State, baseline: Result, newest: Result, rising: bool, operator: Operator, limit: Amount) -> Answer:
    if newest.value is None or baseline.value is None or newest.comparator or baseline.comparator:
        name = state.words.show(newest.analyte)
        return unknown(Missing(name, "a value is not an exact number", "repeat the test"), because=(baseline, newest))
    moved = (newest.value - baseline.value) * (1 if rising else -1)
    if limit.unit == "%":
        if baseline.value == 0:
            return unknown(Missing(state.words.show(newest.analyte), "the earlier value is nought", "compare by hand"))
        moved = moved / abs(baseline.value) * 100
        bound = limit.value
    else:
        bound = limit_of(limit, newest.analyte, state.words).value
    moved = float(f"{moved:.10g}")
    why = f"{state.words.show(newest.analyte)} {dated(baseline, state.words)}, then {dated(newest, state.words)}"
    return Answer(compare(Range(moved, moved), operator, bound), (baseline, newest), (), why)


def _without_window(
    state: State, before: list[Result], newest: Result, rising: bool, over: Duration, operator: Operator, limit: Amount
) -> Answer:
    """No earlier result in the window: an older one that shows no such change settles it, otherwise it is open."""
    name = state.words.show(newest.analyte)
    if before:
        older = _changed(state, before[-1], newest, rising, operator, limit)
        if older.truth == NO:
            return older._replace(why=lambda: f"no {name} within {over} before; no such change since {before[-1].when}")
    why = f"no earlier result within {over} before {newest.when}"
    settles = f"find an earlier {inside(name)} or repeat it"
    return unknown(Missing(f"earlier {inside(name)}", why, settles), because=(newest,))


def _too_few(state: State, analyte: str, have: int, need: int) -> Missing:
    name = state.words.show(analyte)
    return Missing(f"trend of {inside(name)}", f"{need} results are needed, {have} there", f"repeat {inside(name)}")


def _spaced(series: list[Result], apart: Duration, within: Duration, reach: date, most: int) -> list[Result]:
    """The newest `most` numeric results far enough apart to be a trend; of one moment the lowest counts."""
    kept: list[Result] = []
    opens = reach
    for one in reversed(series):
        if one.value is None or one.comparator:
            continue
        if one.when.last < opens:
            break
        if not kept:
            kept.append(one)
            opens = max(reach, within.before(one.when.first))
        elif one.when == kept[-1].when:
            kept[-1] = min(one, kept[-1], key=_value)
        elif len(kept) == most:
            break
        elif apart.after(one.when.first) <= kept[-1].when.first:
            kept.append(one)
    return kept[::-1]


def _moved(earlier: Result, later: Result, falling: bool, each: float) -> bool:
    if falling:
        return round(_value(later) / _value(earlier) * 100, 8) < 100 - each if _value(earlier) > 0 else False
    return _value(earlier) > 0 and round(_value(later) / _value(earlier) * 100, 8) > 100 + each


def duration_argument(
    arguments: dict[str, Amount | Word], name: str, default: Duration | None = None
) -> Duration | None:
    """A duration argument of a term, for example within: 6 weeks."""
    literal = arguments.get(name)
    return parse_duration(f"{number(literal.value)} {literal.unit}") if isinstance(literal, Amount) else default

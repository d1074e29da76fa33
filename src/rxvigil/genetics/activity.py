"""TPMT activity in red cells, judged by the laboratory's own word or its own range in its own unit, by nothing else."""

import math
from collections.abc import Iterator
from typing import Final

import msgspec

from rxvigil.facts import parse_duration
from rxvigil.genetics.ranges import ActivityGroup, Range, read_ranges
from rxvigil.knowledge.activity import ActivityCaveat, ActivityFile, Circumstance
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup

AS_METABOLISER: Final[dict[ActivityGroup, MetaboliserGroup]] = {
    "deficient": "poor",
    "intermediate": "intermediate",
    "normal": "normal",
    "high": "normal",
}
_BELOW_NORMAL: Final[frozenset[ActivityGroup]] = frozenset({"deficient", "intermediate"})


class ActivityContext(msgspec.Struct, frozen=True, kw_only=True):
    """What is known around the sample. None: not known."""

    days_since_transfusion: int | None = None
    """Red cells; none where nobody is known to have given any."""
    no_transfusion: bool = False
    """Somebody stated that there was none within the time that matters."""
    on_thiopurine: bool | None = None
    leukaemia: bool | None = None
    """At the diagnosis of leukaemia."""
    drugs: frozenset[str] = frozenset()
    """Drugs of the vocabulary taken within the time that matters before the sample."""


class ActivityReading(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a measured activity means by the laboratory's own words."""

    groups: frozenset[ActivityGroup] = frozenset()
    """Empty: cannot say, `why_not` says why. Two where the laboratory leaves open which."""
    unit: str = ""
    by: str = ""
    """What it was judged by: the laboratory's word, its ranges, or its reference interval."""
    caveats: tuple[ActivityCaveat, ...] = ()
    """Circumstances that hold and mislead the activity."""
    ask: tuple[Circumstance, ...] = ()
    """Circumstances of which it is not known whether they hold."""
    why_not: str | None = None

    @property
    def may_hide_deficiency(self) -> bool:
        """A circumstance holds that can make a deficient person read higher."""
        return any(caveat.reads in ("higher", "either") for caveat in self.caveats)

    @property
    def shown_not_to_hide(self) -> bool:
        """It is known that no circumstance that makes a deficient person read higher holds: nothing is left to ask."""
        return not self.may_hide_deficiency and not {"transfused", "on-thiopurine"} & set(self.ask)

    @property
    def metabolisers(self) -> frozenset[MetaboliserGroup]:
        """The groups as phenotypes; high activity counts as normal."""
        return frozenset(AS_METABOLISER[group] for group in self.groups)


def read_activity(
    value: float | None,
    unit: str,
    ranges: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    comparator: str = "",
    category: str | None = None,
    knowledge: ActivityFile,
    context: ActivityContext | None = None,
) -> ActivityReading:
    """An activity by the laboratory's word (`category`: deficient, intermediate, normal, high), else by the `ranges` it
    printed, else by its reference interval (`low`, `high`, in the value's unit). `comparator` is '<' or '>' where the
    result was reported so."""
    judged = _judged(value, unit, ranges, low, high, comparator, category)
    around = context or ActivityContext()
    caveats = tuple(one for one in knowledge.caveats if _holds(one, around))
    ask = tuple(_unknown(knowledge.caveats, around))
    return msgspec.structs.replace(judged, unit=unit, caveats=caveats, ask=ask)


def _judged(
    value: float | None,
    unit: str,
    ranges: str,
    low: float | None,
    high: float | None,
    comparator: str,
    category: str | None,
) -> ActivityReading:
    word = next((group for group in AS_METABOLISER if group == (category or "").strip().lower()), None)
    if word:
        return ActivityReading(groups=frozenset({word}), by="the laboratory's word")
    if value is None:
        return ActivityReading(why_not="neither a value nor a word of the laboratory that is known")
    if not math.isfinite(value) or value < 0:
        return ActivityReading(why_not="not a possible activity")
    if not unit.strip():
        return ActivityReading(why_not="the unit is not given, so it cannot be told which range it belongs to")
    if comparator not in ("", "<", "<=", ">", ">="):
        return ActivityReading(why_not="the sign before the value is not known")
    if ranges.strip():
        return _by_ranges(value, comparator, read_ranges(ranges, unit))
    return _by_interval(value, comparator, low, high)


def _by_ranges(value: float, comparator: str, ranges: tuple[Range, ...] | str) -> ActivityReading:
    if isinstance(ranges, str):
        return ActivityReading(why_not=ranges)
    holding = {one.group for one in ranges if _lies_in(value, comparator, one)}
    if len(holding) == 1:
        return ActivityReading(groups=frozenset(holding), by="the ranges the laboratory printed")
    why = "more than one of the printed ranges holds it" if holding else "no printed range holds it: they leave a gap"
    return ActivityReading(why_not=why)


def _lies_in(value: float, comparator: str, one: Range) -> bool:
    """The whole of what was reported lies in the range: '<5' is every value below 5."""
    if comparator.startswith("<"):
        return one.low == 0 and (value < one.high or (value == one.high and (one.high_in or comparator == "<")))
    if comparator.startswith(">"):
        return math.isinf(one.high) and (value > one.low or (value == one.low and (one.low_in or comparator == ">")))
    return one.holds(value)


def _by_interval(value: float, comparator: str, low: float | None, high: float | None) -> ActivityReading:
    by = "the laboratory's reference interval"
    if low is None or (high is not None and high < low):
        return ActivityReading(why_not="the laboratory's range is not given")
    if comparator.startswith("<"):
        below = value < low or (value == low and comparator == "<")
        return ActivityReading(groups=_BELOW_NORMAL, by=by) if below else ActivityReading(why_not=_ACROSS)
    if value < low:
        return ActivityReading(why_not=_ACROSS) if comparator else ActivityReading(groups=_BELOW_NORMAL, by=by)
    if comparator and high is not None and value < high:
        return ActivityReading(groups=frozenset({"normal", "high"}), by=by)
    above = high is not None and (value > high or (value == high and comparator == ">"))
    return ActivityReading(groups=frozenset({"high" if above else "normal"}), by=by)


_ACROSS: Final = "what was reported lies on both sides of the laboratory's limit"


def _holds(caveat: ActivityCaveat, context: ActivityContext) -> bool:
    match caveat.when:
        case "transfused":
            days = context.days_since_transfusion
            within = parse_duration(caveat.within).nominal_days if caveat.within else math.inf
            return days is not None and 0 <= days <= within
        case "on-thiopurine":
            return bool(context.on_thiopurine)
        case "leukaemia":
            return bool(context.leukaemia)
        case "interfering-drug":
            return bool(context.drugs & set(caveat.drugs))


def _unknown(caveats: tuple[ActivityCaveat, ...], context: ActivityContext) -> Iterator[Circumstance]:
    """What nobody said and can be asked; drugs are what the record holds."""
    said = {
        "transfused": context.no_transfusion or context.days_since_transfusion is not None,
        "on-thiopurine": context.on_thiopurine is not None,
        "leukaemia": context.leukaemia is not None,
        "interfering-drug": True,
    }
    yield from (caveat.when for caveat in caveats if not said[caveat.when])

"""What was taken and what else happened, as strips over the time axis: doses, interacting drugs, genotype, events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rxvigil.engine.assessment import Assessment
from rxvigil.engine.courses import exposure
from rxvigil.engine.wording import dose_range, show
from rxvigil.facts import Dose, Event, Genotype, Immunisation, Prescription, Record, Symptom, show_day
from rxvigil.knowledge.lookup import Vocabulary

_Mark = Genotype | Immunisation | Symptom | Event


@dataclass(frozen=True)
class Span:
    """One stretch of a strip. An open end is drawn to the edge and said in words."""

    start: date | None
    end: date | None
    shown: str
    height: float
    """Share of the strip's height: the dose against the highest one; 1 where it is not known."""
    known: bool
    """Whether the dose is known; drawn hollow where it is not."""
    days: str
    """From when to when, in words."""


@dataclass(frozen=True)
class Strip:
    """One lane: the doses of a monitored drug, the time of an interacting one, or single marks."""

    kind: Literal["dose", "drug", "mark"]
    name: str
    spans: tuple[Span, ...]

    @property
    def last_day(self) -> date:
        """The latest day that something begins or ends."""
        return max(day for span in self.spans for day in (span.start, span.end, date.min) if day)


def strips(assessment: Assessment, record: Record, words: Vocabulary) -> tuple[Strip, ...]:
    """Doses of the monitored drugs first, then drugs a finding rests on, then genotype and other marks."""
    monitored = [course.drug for course in assessment.courses]
    cited = {fact.id for finding in assessment.findings for fact in finding.because}
    others = sorted({one.drug for one in record.prescriptions if one.id in cited and one.drug not in monitored})
    lanes = [
        *(_doses(drug, record, assessment.on, words) for drug in dict.fromkeys(monitored)),
        *(_other_drug(drug, record, assessment.on, words) for drug in others),
        *_marks(record, cited, assessment.on, words),
    ]
    return tuple(lane for lane in lanes if lane.spans)


@dataclass(frozen=True)
class _Taken:
    """A stretch of one dose; an end that is not known is none."""

    start: date | None
    end: date | None
    dose: Dose | None


def _doses(drug: str, record: Record, on: date, words: Vocabulary) -> Strip:
    """The steps of dose as the rules see them, after earlier courses as prescribed."""
    read = exposure([one for one in record.prescriptions if one.drug == drug], on)
    earlier = [one for one in read.past if not (read.start and one.start and one.start.first >= read.start)]
    as_prescribed = earlier if read.steps else [*earlier, *read.current]
    ends = [step.since - timedelta(days=1) for step in read.steps[1:]] + [on]
    taken = [_prescribed(one, on) for one in sorted(as_prescribed, key=_begins)]
    taken += [_Taken(step.since, end, step.dose) for step, end in zip(read.steps, ends, strict=False)]
    highest = max((one.dose.high for one in taken if one.dose), default=1.0)
    return Strip("dose", words.show(drug), tuple(_span(one, highest, _per(drug, words), on) for one in taken))


def _other_drug(drug: str, record: Record, on: date, words: Vocabulary) -> Strip:
    mine = sorted((one for one in record.prescriptions if one.drug == drug), key=_begins)
    taken = [_prescribed(one, on) for one in mine]
    return Strip("drug", words.show(drug), tuple(_span(one, 0.0, _per(drug, words), on) for one in taken))


def _per(drug: str, words: Vocabulary) -> str:
    return words.drugs[drug].per if drug in words.drugs else "day"


def _begins(one: Prescription) -> tuple[date, str]:
    return (one.start.first if one.start else date.min, one.id)


def _prescribed(one: Prescription, on: date) -> _Taken:
    start = one.start.first if one.start else None
    if one.end:
        return _Taken(start, one.end.last, one.dose)
    if one.status == "ended":
        return _Taken(start, one.supply_until.last if one.supply_until else start, one.dose)
    if one.status == "planned" or (start and start > on):
        return _Taken(start, None, one.dose)
    return _Taken(start, on, one.dose)


def _span(taken: _Taken, highest: float, per: str, on: date) -> Span:
    times = 7 if per == "week" else 1
    dose = taken.dose
    shown = dose_range(dose.low * times, dose.high * times, f"mg/{per}") if dose else "dose not known"
    height = dose.high / highest if dose and highest else 1.0
    return Span(taken.start, taken.end, shown, height, dose is not None, _days_in_words(taken, on))


def _days_in_words(taken: _Taken, on: date) -> str:
    begin = show_day(taken.start) if taken.start else "start not recorded"
    if taken.end is None:
        return f"planned from {begin}"
    return f"{begin} to {show_day(taken.end)}" if taken.end < on else f"{begin}, continuing"


def _marks(record: Record, cited: set[str], on: date, words: Vocabulary) -> Iterator[Strip]:
    """Genotypes always; vaccines, symptoms and events where a finding rests on them."""
    facts: list[_Mark] = list(record.genotypes)
    facts += [one for one in record.immunisations if one.id in cited]
    facts += [one for one in record.symptoms if one.id in cited]
    facts += [one for one in record.events if one.id in cited]
    for fact in facts:
        start = _mark_day(fact)
        shown = show(fact, words).says
        days = show_day(start) if start else "date not recorded"
        if start is None or start <= on:
            yield Strip("mark", shown, (Span(start, start, shown, 1.0, True, days),))


def _mark_day(fact: _Mark) -> date | None:
    when = fact.start if isinstance(fact, Event) else fact.when
    return when.first if when else None

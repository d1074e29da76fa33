"""The state of one patient on one date: what the measures are computed from, each part once and on demand."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from rxvigil.engine.assessment import Missing
from rxvigil.engine.courses import NEVER, Exposure, exposure
from rxvigil.engine.kleene import Answer
from rxvigil.engine.series import results_by_analyte
from rxvigil.facts import Denial, Duration, NotUnderstood, Prescription, Record, Result, When, parse_duration
from rxvigil.knowledge.lookup import Vocabulary

YEAR: Final = timedelta(days=365)


class Latest(NamedTuple):
    """The newest result(s) of an analyte and whether they may reassure."""

    results: tuple[Result, ...]
    doubt: Missing | None
    """Why a reassuring value would not count: stale, preliminary, or a newer result could not be read."""


class State:
    """One record read as of one date. Holds caches and nothing else; the record is never changed."""

    def __init__(self, record: Record, on: date, vocabulary: Vocabulary) -> None:
        self.record = record
        self.on = on
        self.words = vocabulary
        self._exposures: dict[str, Exposure] = {}
        self._latest: dict[tuple[str, str | None], Latest] = {}
        self.taken: dict[str, Answer] = {}
        """Whether each drug asked about is taken: kept by `ask_drugs.is_active`."""

    @cached_property
    def series(self) -> dict[str, list[Result]]:
        """Results by analyte, oldest first."""
        return results_by_analyte(self.record, self.on, self.words)

    @cached_property
    def unread(self) -> dict[str, list[NotUnderstood]]:
        """What was not understood, by the key it may affect; what may be newest last."""
        found: dict[str, list[NotUnderstood]] = defaultdict(list)
        for entry in sorted(self.record.not_understood, key=_age):
            for key in entry.affects:
                found[key].append(entry)
        return dict(found)

    @cached_property
    def _prescriptions(self) -> dict[str, list[Prescription]]:
        found: dict[str, list[Prescription]] = defaultdict(list)
        for one in self.record.prescriptions:
            found[one.drug].append(one)
        return dict(found)

    def denied(self, subject: str, measure: str) -> tuple[Denial, ...]:
        """Answers that deny this of the subject, or of a class it belongs to, and still count on the date."""
        if not self.record.denials:
            return ()
        keys = {subject, *self.words.classes_of(subject)}
        return tuple(one for one in self.record.denials if one.subject in keys and _denies(one, measure, self.on))

    def unread_of(self, keys: frozenset[str], otherwise: str = "") -> list[NotUnderstood]:
        """Entries that could not be read and may be one of these; `otherwise` is the key for 'any of this kind'."""
        if not self.unread:
            return []
        return [entry for key in (*sorted(keys), otherwise) for entry in self.unread.get(key, ())]

    def unread_drug(self, keys: frozenset[str]) -> list[NotUnderstood]:
        """Medicines that could not be read and may be one of these."""
        found = self.unread_of(keys, "any-drug")
        return [entry for entry in found if not entry.origin.place.startswith("AllergyIntolerance")]

    def exposure(self, drug: str) -> Exposure:
        """Everything the record says of one drug."""
        if drug not in self._exposures:
            mine = self._prescriptions.get(drug)
            self._exposures[drug] = exposure(mine, self.on) if mine else NEVER
        return self._exposures[drug]

    def exposures(self, subject: str) -> list[tuple[str, Exposure]]:
        """The same for a drug, or for each drug of a class that the record mentions."""
        mentioned = self.words.members(subject) & self._prescriptions.keys()
        return [(drug, self.exposure(drug)) for drug in sorted(mentioned)] if mentioned else []

    def latest(self, analyte: str, this: str | None) -> Latest:
        """The newest result within reach, with a doubt where a reassuring value would not count."""
        key = (analyte, this)
        if key not in self._latest:
            self._latest[key] = self._find_latest(analyte, min(self.reach(this), self.fresh_since(analyte)))
        return self._latest[key]

    def reach(self, this: str | None) -> date:
        """How far back a worrying value stands at least: the start of treatment, or a year if that is longer."""
        start = self.exposure(this).start if this else None
        year = self.on - YEAR
        return min(start, year) if start else year

    def _find_latest(self, analyte: str, reach: date) -> Latest:
        series = self.series.get(analyte, ())
        unread = [entry for entry in self.unread.get(analyte, ()) if self._counts(entry, reach)]
        if not series or series[-1].when.last < reach:
            return Latest((), self._absent(analyte, unread))
        results, _ = split_newest(series)
        return Latest(results, self._doubt(analyte, results, unread))

    def _counts(self, entry: NotUnderstood, reach: date) -> bool:
        return entry.when is None or reach <= entry.when.last <= self.on

    def _absent(self, analyte: str, unread: list[NotUnderstood]) -> Missing:
        name = self.words.show(analyte)
        if unread:
            return Missing(name, f"a result could not be read ({unread[-1].why})", _ASK_LABORATORY)
        older = self.series.get(analyte)
        why = f"the last result is from {older[-1].when}" if older else self._never(analyte)
        return Missing(name, why, "find or take a result")

    def _never(self, analyte: str) -> str:
        later = [one.when for one in self.record.results if one.analyte == analyte and one.when.first > self.on]
        first = min(later, key=lambda when: when.sort_key, default=None)
        return f"the only result is dated {first}, after this assessment" if first else "no result in the record"

    def _doubt(self, analyte: str, results: tuple[Result, ...], unread: list[NotUnderstood]) -> Missing | None:
        name, newest = self.words.show(analyte), results[-1]
        later = [entry for entry in unread if entry.when is None or entry.when.last >= newest.when.first]
        if later:
            return Missing(name, f"a result could not be read ({later[-1].why})", _ASK_LABORATORY)
        if all(one.preliminary for one in results if one.when == newest.when):
            return Missing(name, f"the result of {newest.when} is preliminary", "wait for the final result")
        if newest.when.first < self.fresh_since(analyte):
            return Missing(name, f"the last result is from {newest.when}", "repeat the test")
        return None

    def fresh_since(self, analyte: str) -> date:
        """The oldest day from which a reassuring value of this analyte still counts."""
        return fresh_for(self.words, analyte).before(self.on)

    def has_list(self, kind: str) -> bool:
        """Whether the input held any entry of this kind, so that absence means no."""
        return kind in self.record.lists


def split_newest(series: Sequence[Result]) -> tuple[tuple[Result, ...], list[Result]]:
    """The results that may be the newest, and those that are certainly older, both oldest first.

    Several may be: those of one moment, and those of a bare day or month beside others of that day or month."""
    last = series[-1].when
    begin = _same_day(series) if all(one.when.precision in _TO_THE_DAY for one in series) else 0
    newest = tuple(one for one in series[begin:] if not _certainly_before(one.when, last))
    older = [*series[:begin], *(one for one in series[begin:] if _certainly_before(one.when, last))]
    return newest, older


def _same_day(series: Sequence[Result]) -> int:
    """Where the results of the last day begin."""
    begin = len(series) - 1
    while begin and series[begin - 1].when.first == series[-1].when.first:
        begin -= 1
    return begin


_TO_THE_DAY: Final = frozenset({"day", "instant"})


def _certainly_before(one: When, other: When) -> bool:
    if one.instant and other.instant:
        return one.sort_key < other.sort_key
    return one.last < other.first


def _age(entry: NotUnderstood) -> tuple[date, str, str, str]:
    return (entry.when.last if entry.when else date.max, str(entry.origin), entry.what, entry.why)


_IMPLIED_BY_NEVER: Final = frozenset({"active", "present", "given", "since", "started"})


def _denies(one: Denial, measure: str, on: date) -> bool:
    counts = one.when.first <= on and (one.until is None or on <= one.until)
    return counts and (one.measure == measure or (one.measure == "ever" and measure in _IMPLIED_BY_NEVER))


_ASK_LABORATORY: Final = "ask the laboratory for value and unit, or read the original report"


def fresh_for(words: Vocabulary, analyte: str) -> Duration:
    """How long a reassuring value of the analyte counts."""
    return parse_duration(words.analytes[analyte].fresh_for)

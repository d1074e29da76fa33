"""DRUG_EXPOSURE: what was prescribed, supplied, given or reported; vaccines stand here too.

The model requires an end date, and ETLs work one out where the source has none (OHDSI Themis: start + days of supply,
or start + 29 days, or the start itself). So `drug_exposure_end_date` is how far the supply reaches, and only
`verbatim_end_date`, or a reason for stopping, is an end.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, Literal, NamedTuple

from rxvigil.facts import Dose, Immunisation, Prescription, When, on_day
from rxvigil.intake.fhir.dosage import Strength, in_milligrams, strength_in
from rxvigil.intake.fhir.parts import Elsewhere, Outcome
from rxvigil.intake.instructions import amount_in_words
from rxvigil.intake.omop.cells import NO_DAY, count_in, day_in, known
from rxvigil.intake.omop.concepts import Concepts, Meaning
from rxvigil.intake.omop.rows import Cells
from rxvigil.intake.omop.tray import Where
from rxvigil.intake.reading import Doubt, Finder, Found, NotOurs, clean
from rxvigil.knowledge.vocabulary import Drug

Kind = Literal["ordered", "supplied", "given", "reported"]
Status = Literal["active", "ended", "unknown"]

_KINDS: Final[dict[str, Kind]] = {
    "32838": "ordered", "32869": "supplied", "32818": "given", "32865": "reported",
}  # fmt: skip
"""`drug_type_concept_id` as OHDSI's ETL documents and Themis use them: EHR prescription, pharmacy claim, EHR
administration record, patient self-report. Others are recognised by the name that CONCEPT gives."""
_KIND_WORDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("administration", "given"), ("administered", "given"), ("dispens", "supplied"), ("pharmacy claim", "supplied"),
    ("self-report", "reported"), ("patient reported", "reported"),
)  # fmt: skip
_LONGEST_SUPPLY: Final = 3660
"""Days: longer supplies are slips of the pen, or stand for 'no end'."""


class Course(NamedTuple):
    """When a medicine was taken, as far as one row says."""

    start: When | None
    end: When | None
    supply_until: When | None
    status: Status


class Drugs:
    """Reads rows of DRUG_EXPOSURE."""

    def __init__(self, concepts: Concepts, finder: Finder) -> None:
        self._concepts = concepts
        self._finder = finder

    def read(self, row: Cells, where: Where) -> Iterator[Outcome]:
        """The prescription or vaccination, or why there is none."""
        (_, concept, start, end, verbatim, type_, stopped, refills, days, sig, source, own) = row
        meaning = self._concepts.meaning(concept, own, source)
        began = day_in(start) or NO_DAY
        found = self._finder.drugs(meaning.codings, meaning.text)
        if isinstance(found, NotOurs):
            yield self._vaccine_or_other(meaning, found, began, where)
        elif isinstance(found, Doubt):
            yield where.listed(meaning.shown or "a medicine", found.why, found.affects, known(began))
        else:
            kind = self._kind(type_)
            dates = {"start": began, "end": day_in(end), "verbatim end": day_in(verbatim)}
            yield from self._unread_dates(dates, found, where)
            course = _course(kind, dates, stopped, count_in(days), count_in(refills) or 0)
            for one in found:
                yield self._prescription(one, meaning, sig, course, kind, where, len(found) > 1)

    def _unread_dates(
        self, dates: dict[str, When | Doubt | None], drugs: tuple[Found[Drug], ...], where: Where
    ) -> Iterator[Outcome]:
        """A date that cannot be read is listed, and the medicine kept: forgetting it would be worse."""
        for name, date in dates.items():
            if isinstance(date, Doubt):
                keys = tuple(sorted(one.entry.key for one in drugs))
                yield where.listed(f"{drugs[0].entry.name}, {name}", date.why, keys)

    def _prescription(
        self, found: Found[Drug], meaning: Meaning, sig: str, course: Course, kind: Kind, where: Where, combined: bool
    ) -> Prescription:
        element = found.entry.key if combined else ""
        return Prescription(
            id=f"{where.place}#{element}" if element else where.place,
            drug=found.entry.key,
            origin=where.origin(element),
            status=course.status,
            start=course.start,
            end=course.end,
            supply_until=course.supply_until,
            dose=None if combined else _dose(found, meaning, sig),
            product=meaning.shown,
            written=clean(sig),
            kind=kind,
        )

    def _kind(self, type_: str) -> Kind:
        name = self._concepts.name(type_).lower()
        by_name: Kind = next((kind for word, kind in _KIND_WORDS if word in name), "ordered")
        return _KINDS.get(type_, by_name)

    def _vaccine_or_other(self, meaning: Meaning, other: NotOurs, when: When | Doubt, where: Where) -> Outcome:
        """A concept that nobody can tell the meaning of may be any medicine: without that, its absence from the list
        would look like not being taken."""
        vaccine = self._finder.concept("vaccine", meaning.codings, meaning.text)
        if isinstance(vaccine, Found) and isinstance(when, When):
            return Immunisation(id=where.place, vaccine=vaccine.entry.key, when=when, origin=where.origin())
        if isinstance(vaccine, Found):
            return where.listed(vaccine.entry.name, when.why if isinstance(when, Doubt) else "", (vaccine.entry.key,))
        if not meaning.told:
            return where.listed(meaning.shown or "a medicine", UNTOLD, ("any-drug",), known(when))
        return Elsewhere("drug", other)


UNTOLD: Final = (
    "what is meant cannot be told: the CONCEPT table does not name its concept, and its source value no word"
)


def _course(kind: Kind, dates: dict[str, When | Doubt | None], stopped: str, days: int | None, refills: int) -> Course:
    start, worked_out, end = (known(dates[name]) for name in ("start", "end", "verbatim end"))
    if kind == "given":
        over = end or worked_out or start
        return Course(start, over, None, "ended" if over else "unknown")
    if end is None and stopped and stopped != "0":
        end = worked_out
    if end is not None or isinstance(dates["verbatim end"], Doubt):
        return Course(start, end, None, "ended" if end is not None else "unknown")
    supply = _supply(start, worked_out, days, refills)
    return Course(start, None, supply, "active" if supply is not None else "unknown")


def _supply(start: When | None, worked_out: When | None, days: int | None, refills: int) -> When | None:
    """The last day that the supply reaches; none where the worked-out end is only the start again."""
    if start is None:
        return None
    reaches = [worked_out] if worked_out is not None and worked_out.first > start.first else []
    if days and 1 <= days * (1 + refills) <= _LONGEST_SUPPLY:
        reaches.append(on_day(start.first + timedelta(days=days * (1 + refills) - 1)))
    last = max(reaches, key=lambda one: one.first, default=None)
    return last if last is not None and (last.first - start.first).days <= _LONGEST_SUPPLY else None


def _dose(found: Found[Drug], meaning: Meaning, sig: str) -> Dose | None:
    """Milligrams a day, from the words of the instruction. Quantity and days of supply are no dose: they say what was
    handed over, not what is taken."""
    said = [found.product.strength or found.product.name] if found.product else []
    said += [meaning.text, *(coding.display for coding in meaning.codings)]
    strengths: set[Strength] = {each for one in said if one and (each := strength_in(one)) is not None}
    return in_milligrams(amount_in_words(sig), strengths.pop() if len(strengths) == 1 else None)

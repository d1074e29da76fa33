"""Medicines: one prescription, supply or reported medicine per row."""

import re
from datetime import timedelta
from typing import Final

from rxvigil.facts import Dose, Prescription, When, on_day
from rxvigil.intake.fhir.dosage import Strength, strength_in
from rxvigil.intake.instructions import amount_in_words
from rxvigil.intake.reading import Doubt, Found, NotOurs, clean
from rxvigil.intake.tables.mapping import Course, PrescriptionsTable
from rxvigil.intake.tables.parts import DateCell
from rxvigil.intake.tables.reader import Reader, Subject, known, listed, origin
from rxvigil.intake.tables.textfile import Row
from rxvigil.intake.tables.tray import Tray
from rxvigil.knowledge.lookup import tidy
from rxvigil.knowledge.vocabulary import Drug

_UNITS: Final[dict[str, tuple[float, str]]] = {
    **dict.fromkeys(("mg", "milligram", "milligrams"), (1.0, "mg")),
    **dict.fromkeys(("g", "gram", "grams"), (1000.0, "mg")),
    **dict.fromkeys(("ug", "µg", "mcg", "microgram", "micrograms"), (0.001, "mg")),
    **dict.fromkeys(("tablet", "tablets", "tab", "tabs", "capsule", "capsules", "cap", "caps"), (1.0, "each")),
    "ml": (1.0, "mL"),
}
"""Unit of a dose column -> how many of it, in milligrams ('mg'), tablets or capsules ('each') or millilitres."""
_PLAIN: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})?")
_LONGEST_SUPPLY_IN_DAYS: Final = 3660


class PrescriptionsReader(Reader[PrescriptionsTable]):
    """Medicines tables."""

    LIST = "prescriptions"
    COULD_BE = ("any-drug",)

    def read(self, row: Row, tray: Tray) -> None:
        """One prescription, or why not."""
        subject = self.subject(self.table.drug, row)
        meant = subject.meant(self.vocabulary.drugs, lambda: self.finder.drug(subject.codings, subject.name))
        status = self.cells.word(self.table.status, row)
        if isinstance(meant, NotOurs):
            tray.gathering.outside("drug", meant)
        elif isinstance(meant, Doubt):
            tray.gathering.add(meant.listed(subject.shown, origin(row, subject.column)))
        elif isinstance(status, Doubt):
            where = origin(row, subject.column)
            tray.gathering.add(listed(status, meant.entry.name, where, (meant.entry.key,)))
        elif status == "withdrawn":
            tray.gathering.unread("withdrawn prescription")
        else:
            tray.gathering.add(self._prescription(meant, subject, status, row, tray))

    def _prescription(self, meant: Found[Drug], subject: Subject, status: Course, row: Row, tray: Tray) -> Prescription:
        """A date that cannot be read is listed, and the medicine kept: forgetting it would be worse."""
        start = self._date(self.table.start, meant.entry, row, tray)
        end = self._date(self.table.end, meant.entry, row, tray)
        unsure = isinstance(end, Doubt) and status == "active"
        return Prescription(
            id=row.place,
            drug=meant.entry.key,
            origin=origin(row, subject.column),
            status="unknown" if unsure else status,
            start=known(start),
            end=known(end),
            supply_until=self._supply(known(start), row),
            dose=self._dose(meant, subject, row, tray),
            product=clean(subject.product),
            written=clean(self.cells.text(self.table.instruction, row)),
            kind=self.table.kind,
        )

    def _date(self, part: DateCell | None, drug: Drug, row: Row, tray: Tray) -> When | Doubt | None:
        found = self.cells.date(part, row)
        if isinstance(found, Doubt) and part is not None:
            tray.gathering.add(listed(found, drug.name, origin(row, part.column), (drug.key,)))
        return found

    def _supply(self, start: When | None, row: Row) -> When | None:
        """The last day covered by what was supplied, with every refill that was allowed."""
        days = self.cells.count(self.table.days_supplied, row)
        refills = self.cells.count(self.table.refills, row) or 0
        if start is None or start.first != start.last or not days or days * (1 + refills) > _LONGEST_SUPPLY_IN_DAYS:
            return None
        return on_day(start.first + timedelta(days=int(days * (1 + refills)) - 1))

    def _dose(self, meant: Found[Drug], subject: Subject, row: Row, tray: Tray) -> Dose | None:
        """Milligrams per day, from the columns of the dose or the words of the instruction. Where both tell it and
        differ, neither is believed."""
        said_of = (meant.product.strength or meant.product.name) if meant.product else subject.name
        strength = strength_in(said_of)
        words = amount_in_words(self.cells.text(self.table.instruction, row))
        stated = self._stated(strength, row)
        said = _daily(words.low, words.high, words.unit, strength) if words is not None else None
        if stated is not None and said is not None and abs(stated.high - said.high) > 0.01 * stated.high:
            doubt = Doubt("its dose columns and its instruction say different doses", ())
            where = origin(row, self.table.instruction or "row")
            tray.gathering.add(listed(doubt, meant.entry.name, where, (meant.entry.key,)))
            return None
        if stated is not None and said is not None:
            return Dose(min(stated.low, said.low), stated.high)
        return stated or said

    def _stated(self, strength: Strength | None, row: Row) -> Dose | None:
        columns = self.table.dose
        if columns is None:
            return None
        amount = _number(self.cells.number(self.cells.stated(columns.amount, row)))
        times = _number(self.cells.number(self.cells.stated(columns.times, row)))
        per = self.cells.word(columns.per, row)
        unit = _UNITS.get(self.cells.stated(columns.unit, row).strip("{}").casefold())
        if amount is None or times is None or unit is None or isinstance(per, Doubt):
            return None
        daily = amount * times * unit[0] / (7 if per == "week" else 1)
        return _daily(daily, daily, unit[1], strength)


def _number(written: str | Doubt) -> float | None:
    return float(written) if isinstance(written, str) and _PLAIN.fullmatch(written) else None


def _daily(low: float, high: float, unit: str, strength: Strength | None) -> Dose | None:
    """An amount per day in milligrams; tablets and millilitres tell only where their strength is known."""
    if unit != "mg" and (strength is None or strength.per != unit):
        return None
    each = 1.0 if unit == "mg" or strength is None else strength.mg
    return Dose(tidy(low * each), tidy(high * each)) if high > 0 else None

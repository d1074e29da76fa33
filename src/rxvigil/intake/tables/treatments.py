"""Medicines: one prescription, supply or reported medicine per row."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Final

from rxvigil.facts import Dose, Prescription, When, on_day
from rxvigil.intake.reading import Doubt, Found, NotOurs, clean
from rxvigil.intake.tables.mapping import Course, PrescriptionsTable
from rxvigil.intake.tables.parts import DateCell
from rxvigil.intake.tables.reader import Reader, Subject, known, listed, origin
from rxvigil.intake.tables.textfile import Row
from rxvigil.intake.tables.tray import Tray
from rxvigil.knowledge.lookup import tidy
from rxvigil.knowledge.vocabulary import Drug

_MILLIGRAMS: Final = {
    "mg": Decimal(1), "milligram": Decimal(1), "milligrams": Decimal(1), "g": Decimal(1000), "gram": Decimal(1000),
    "mcg": Decimal("0.001"), "ug": Decimal("0.001"), "µg": Decimal("0.001"), "microgram": Decimal("0.001"),
}  # fmt: skip
_PIECES: Final = frozenset(("tablet", "tablets", "tab", "tabs", "capsule", "capsules", "cap", "caps"))
_STRENGTH: Final = re.compile(r"^(\d+(?:\.\d+)?) ?mg$", re.IGNORECASE)
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
            dose=self._dose(meant, row),
            product=clean(subject.name),
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

    def _dose(self, meant: Found[Drug], row: Row) -> Dose | None:
        """Milligrams per day, where the columns give amount, unit and how often, all of them readable."""
        columns = self.table.dose
        if columns is None:
            return None
        amount, times = (
            _number(self.cells.number(self.cells.stated(part, row))) for part in (columns.amount, columns.times)
        )
        one = _milligrams(self.cells.stated(columns.unit, row), meant)
        per = self.cells.word(columns.per, row)
        if amount is None or times is None or one is None or isinstance(per, Doubt):
            return None
        daily = tidy(amount * times * one / (7 if per == "week" else 1))
        return Dose(daily, daily)


def _number(written: str | Doubt) -> Decimal | None:
    plain = isinstance(written, str) and _PLAIN.fullmatch(written)
    return Decimal(written) if plain and isinstance(written, str) else None


def _milligrams(unit: str, meant: Found[Drug]) -> Decimal | None:
    """How many milligrams one unit is; a tablet tells only where the product's strength is known by its code."""
    word = unit.strip("{}").casefold()
    strength = _STRENGTH.match(meant.product.strength or "") if meant.product else None
    if word in _PIECES and strength is not None:
        return Decimal(strength.group(1))
    return _MILLIGRAMS.get(word)

"""Who the patients are: one person per row."""

from datetime import timedelta
from typing import Final

from rxvigil.facts import Sex, When, on_day
from rxvigil.intake.reading import Doubt
from rxvigil.intake.tables.mapping import PatientsTable
from rxvigil.intake.tables.parts import DateCell
from rxvigil.intake.tables.reader import Reader, known, listed, origin
from rxvigil.intake.tables.textfile import Row
from rxvigil.intake.tables.tray import Tray

_OLDEST_IN_DAYS: Final = 45_000
"""123 years: an age beyond is a slip of the pen."""


class PatientsReader(Reader[PatientsTable]):
    """Patients tables: only what the rules need, never names or addresses."""

    def read(self, row: Row, tray: Tray) -> None:
        """Date of birth, date of death and sex, as far as they can be read."""
        born = self._date(self.table.born, "date of birth", row, tray) or self._from_age(row, tray)
        died = self._date(self.table.died, "date of death", row, tray)
        tray.describe(origin(row, "row"), born=born, died=died, sex=self._sex(row, tray))

    def _sex(self, row: Row, tray: Tray) -> Sex | None:
        if self.table.sex is None:
            return None
        sex = self.cells.word(self.table.sex, row)
        if isinstance(sex, Doubt):
            tray.gathering.add(listed(sex, "sex", origin(row, self.table.sex.column or ""), ()))
            return None
        return sex

    def _from_age(self, row: Row, tray: Tray) -> When | None:
        age = self.table.age
        if age is None or not self.cells.text(age.days, row):
            return None
        days = self.cells.count(age.days, row)
        if days is None or days > _OLDEST_IN_DAYS:
            doubt = Doubt(f"it is not a number of days up to {_OLDEST_IN_DAYS:,}", ())
            tray.gathering.add(listed(doubt, "age in days", origin(row, age.days), ()))
            return None
        return on_day(age.on - timedelta(days=int(days)))

    def _date(self, part: DateCell | None, what: str, row: Row, tray: Tray) -> When | None:
        found = self.cells.date(part, row)
        if isinstance(found, Doubt) and part is not None:
            tray.gathering.add(listed(found, what, origin(row, part.column), ()))
        return known(found)

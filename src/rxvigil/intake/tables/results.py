"""Results: one per row (long tables), or one sample per row with a column per analyte (wide tables)."""

from dataclasses import dataclass
from typing import Final, cast

from rxvigil.errors import UnreadableInput
from rxvigil.facts import Bounds, Comparator, NotUnderstood, Result, When, show_day
from rxvigil.intake.activities import Printed, activity_group, is_activity
from rxvigil.intake.fhir.values import unit_of
from rxvigil.intake.reading import Doubt, Found, NotOurs, named_method
from rxvigil.intake.tables.genotypes import genotype_said
from rxvigil.intake.tables.mapping import PanelsTable, ResultsTable, ResultStatus
from rxvigil.intake.tables.parts import Words
from rxvigil.intake.tables.reader import AnyTable, Reader, Subject, known, listed, origin
from rxvigil.intake.tables.textfile import Header, Row
from rxvigil.intake.tables.tray import Tray
from rxvigil.knowledge.vocabulary import Analyte, ConceptEntry

_COMPARATORS: Final = ("", "<", "<=", ">", ">=")


@dataclass(frozen=True)
class _Cell:
    """One cell that holds a result, and what the row says around it."""

    analyte: Analyte
    column: str
    unit: str
    when: When | Doubt
    panel: str | None
    reference: Bounds | None = None
    method: str = ""
    limits: tuple[str, str] = ("", "")
    """Ends of the reference interval as written, in the unit of the value."""
    comparator: str = ""
    """Of a column of its own."""


class _Samples(Reader[AnyTable]):
    """What both shapes have in common: from a cell to a result."""

    LIST = "results"

    def _read_cell(self, cell: _Cell, status: Words[ResultStatus] | None, row: Row, tray: Tray) -> None:
        meaning: ResultStatus | Doubt = "final" if status is None else self.cells.word(status, row)
        if meaning == "withdrawn":
            tray.gathering.unread("withdrawn result")
        elif row.cell(cell.column) and not self.cells.text(cell.column, row):
            tray.gathering.unread("result marked as missing")
        else:
            tray.gathering.add(self._result(cell, meaning, row))

    def _result(self, cell: _Cell, status: ResultStatus | Doubt, row: Row) -> Result | NotUnderstood:
        value = self.cells.number(self.cells.text(cell.column, row))
        if isinstance(cell.when, Doubt):
            return _unusable(cell.when, cell, row)
        if isinstance(status, Doubt):
            return _unusable(status, cell, row)
        if isinstance(value, Doubt):
            return _unusable(value, cell, row)
        if cell.comparator not in _COMPARATORS:
            return _unusable(Doubt("its comparator is none we know", ()), cell, row)
        if (
            value
            and is_activity(self.finder, cell.analyte)
            and (number := _number(f"{cell.comparator}{value}")) is not None
        ):
            return self._activity(cell, number, cell.when, preliminary=status == "preliminary", row=row)
        return self.finder.result(
            cell.analyte,
            id=f"{row.place}:{cell.column}",
            when=cell.when,
            origin=origin(row, cell.column),
            value=value or None,
            unit=cell.unit or None,
            comparator=cast(Comparator, cell.comparator),
            reference=cell.reference,
            preliminary=status == "preliminary",
            panel=cell.panel,
            assay=cell.method or None,
        )

    def _activity(
        self, cell: _Cell, number: tuple[str, float], when: When, *, preliminary: bool, row: Row
    ) -> Result | NotUnderstood:
        """An enzyme activity by its laboratory's own interval."""
        low, high = map(self._limit, cell.limits)
        comparator, value = number
        found = activity_group(self.finder, cell.analyte, value, comparator, cell.unit, Printed(low=low, high=high))
        if isinstance(found, Doubt):
            return _unusable(found, cell, row)
        return Result(
            id=f"{row.place}:{cell.column}",
            analyte=cell.analyte.key,
            when=when,
            origin=origin(row, cell.column),
            category=found.category,
            written=found.written,
            preliminary=preliminary,
            panel=cell.panel,
            assay=cell.method or None,
        )

    def _limit(self, written: str) -> float | None:
        """An end of a reference interval; none where it is not a plain number."""
        text = self.cells.number(written)
        found = _number(text) if isinstance(text, str) else None
        return found[1] if found and not found[0] else None


def _number(written: str) -> tuple[str, float] | None:
    """The sign before a number, and the number; none for words."""
    bare = written.lstrip("<>=")
    sign = written[: len(written) - len(bare)]
    try:
        return (sign, float(bare)) if sign in ("", "<", "<=", ">", ">=") else None
    except ValueError:
        return None


def _unusable(doubt: Doubt, cell: _Cell, row: Row) -> NotUnderstood:
    where = origin(row, cell.column)
    return listed(doubt, cell.analyte.name, where, (cell.analyte.key,), known(cell.when))


class ResultsReader(_Samples[ResultsTable]):
    """Long tables: one result per row."""

    COULD_BE = ("any-result",)

    def read(self, row: Row, tray: Tray) -> None:
        """One result, or why not."""
        unit = self.cells.stated(self.table.unit, row)
        ucum = self.cells.text(self.table.ucum, row)
        subject = self.subject(self.table.analyte, row)
        meant = subject.meant(
            self.vocabulary.analytes, lambda: self.finder.analyte(subject.codings, subject.name, ucum or unit or None)
        )
        when = self.cells.sampled(self.table.date, row)
        if isinstance(meant, Found):
            self._read_test(meant.entry, subject, unit, when, row, tray)
        elif isinstance(gene := self.finder.concept("gene", subject.codings, subject.name), Found):
            self._read_gene(gene.entry, when, row, tray)
        elif isinstance(meant, NotOurs):
            tray.gathering.outside("result", meant)
        else:
            tray.gathering.add(meant.listed(subject.shown, origin(row, self.table.value), known(when)))

    def _answer_column(self, row: Row) -> str:
        """Where the answer stands: under the value, or where that is blank under one of the columns for words."""
        columns = (self.table.value, *self.table.otherwise)
        return next((column for column in columns if row.cell(column)), self.table.value)

    def _read_test(
        self, analyte: Analyte, subject: Subject, unit: str, when: When | Doubt, row: Row, tray: Tray
    ) -> None:
        unit = unit or self.table.stated_units.get(analyte.key, "")
        column = self._answer_column(row)
        meant = unit_of(self.finder, analyte, self.cells.text(self.table.ucum, row), unit)
        if isinstance(meant, Doubt):
            tray.gathering.add(listed(meant, analyte.name, origin(row, column), (analyte.key,), known(when)))
            return
        unit = meant
        reference = self._reference(analyte, unit, row, tray)
        panel = self.cells.text(self.table.panel, row) or None
        method = self.cells.text(self.table.method, row) or named_method(analyte, subject.shown)
        comparator = self.cells.text(self.table.comparator, row)
        cell = _Cell(analyte, column, unit, when, panel, reference, method, self._limits(row), comparator)
        self._read_cell(cell, self.table.status, row, tray)

    def _read_gene(self, gene: ConceptEntry, when: When | Doubt, row: Row, tray: Tray) -> None:
        """A genotype among the results of a laboratory: words, and no number. It may stand without a day."""
        status: ResultStatus | Doubt = "final"
        if self.table.status is not None:
            status = self.cells.word(self.table.status, row)
        column = self._answer_column(row)
        where, text = origin(row, column), self.cells.text(column, row)
        if status == "withdrawn":
            tray.gathering.unread("withdrawn result")
        elif row.cell(column) and not text:
            tray.gathering.unread("result marked as missing")
        elif isinstance(status, Doubt):
            tray.gathering.add(listed(status, gene.name, where, (gene.key,), known(when)))
        else:
            said = [text] if text else []
            identity = f"{row.place}:{column}"
            tray.gathering.add(genotype_said(gene, said, self.vocabulary, identity, where, known(when)))

    def _limits(self, row: Row) -> tuple[str, str]:
        columns = self.table.reference
        return (self.cells.text(columns.low, row), self.cells.text(columns.high, row)) if columns else ("", "")

    def _reference(self, analyte: Analyte, unit: str, row: Row, tray: Tray) -> Bounds | None:
        """The laboratory's range. One that cannot be read is listed and left out: the result stands without it."""
        columns = self.table.reference
        if columns is None or analyte.dimension is None:
            return None
        low, high = (self.cells.number(self.cells.text(column, row)) for column in (columns.low, columns.high))
        if not low and not high:
            return None
        bounds = (
            Doubt("a limit of its reference range is not a number", ())
            if isinstance(low, Doubt) or isinstance(high, Doubt)
            else self.finder.bounds(analyte, low or None, high or None, unit)
        )
        if isinstance(bounds, Doubt):
            where = origin(row, columns.low or columns.high or "")
            tray.gathering.add(listed(bounds, f"{analyte.name}, reference range", where, ()))
            return None
        return bounds


class PanelsReader(_Samples[PanelsTable]):
    """Wide tables: one sample per row."""

    def affects(self) -> tuple[str, ...]:
        """Every analyte of the table."""
        return tuple(sorted(spec.analyte for spec in self.table.analytes.values()))

    def check(self, header: Header) -> None:
        """Also, that no column named like an analyte of ours is passed over."""
        super().check(header)
        for name in header.columns.keys() - self.used - set(self.table.ignore):
            analyte = self.vocabulary.analyte_by_name(name)
            if analyte is not None:
                raise UnreadableInput(
                    f"the column '{name}' is named like {analyte.name}, and the mapping does not use it",
                    f"{header.source}:1",
                    "add it under `analytes`, or under `ignore` where it is something else",
                )

    def read(self, row: Row, tray: Tray) -> None:
        """One result for every filled cell of an analyte; a blank cell is a test that was not done."""
        when = self.cells.sampled(self.table.date, row)
        for column, spec in self.table.analytes.items():
            if row.cell(column):
                analyte = self.vocabulary.analytes[spec.analyte]
                method = spec.method or named_method(analyte, column)
                cell = _Cell(analyte, column, spec.unit or "", when, row.place, method=method)
                self._read_cell(cell, self.table.status, row, tray)
        if self.table.date.nominal is not None:
            self._say_that_the_date_is_nominal(row, tray)

    def _say_that_the_date_is_nominal(self, row: Row, tray: Tray) -> None:
        day = show_day(self.table.date.nominal) if self.table.date.nominal else ""
        why = f"the file does not say when it was taken; the mapping sets it to {day}, so its age means nothing"
        tray.gathering.add(NotUnderstood(origin=origin(row, "row"), what="date of the sample", why=why))

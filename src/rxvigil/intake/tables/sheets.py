"""Opening a table, whatever it is kept in: a delimited file, or a sheet of a workbook."""

from pathlib import Path

from rxvigil.intake.tables.mapping import Mapping, Table
from rxvigil.intake.tables.textfile import Sheet, open_textfile
from rxvigil.intake.tables.workbook import is_workbook, open_workbook


def open_sheet(path: Path, mapping: Mapping, table: Table) -> Sheet:
    """The header and the rows of a table. Raises `UnreadableInput`."""
    if is_workbook(path):
        return open_workbook(path, table.sheet, table.header_row, mapping.numbers.decimal)
    return open_textfile(path, mapping, table.header_row)

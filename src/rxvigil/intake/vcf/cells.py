"""One sample's cell of a record: its genotype, or why there is none. Each distinct cell is read once."""

import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from rxvigil.intake.vcf.record import Malformed

CellStatus = Literal["called", "missing", "filtered", "not-diploid"]
NO_CALL: Final = -1
WITHOUT_SET: Final = "contig"
"""The phase set of phased calls that name none: VCF gives them one for the whole contig."""
_GENOTYPE: Final = re.compile(rb"[/|]?(\d{1,6}|\.)(?:[/|](\d{1,6}|\.))*\Z")
_ALLELES: Final = re.compile(rb"\d+|\.")


class Cell(NamedTuple):
    """A genotype: two allele numbers (`NO_CALL` for '.'), and the phase set they are in, if any."""

    status: CellStatus
    alleles: tuple[int, int] = (NO_CALL, NO_CALL)
    phase: str = ""


class CellTable:
    """Every distinct cell of the files read together, and its number."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self._codes: dict[Cell, int] = {}

    def code(self, cell: Cell) -> int:
        """The number of a cell."""
        code = self._codes.get(cell)
        if code is None:
            code = self._codes[cell] = len(self.cells)
            self.cells.append(cell)
        return code


class Layout(NamedTuple):
    """Where in a cell the parts stand that matter."""

    genotype: int | None
    filter: int | None
    phase_set: int | None
    depths: tuple[int, ...]
    """Quality and depth: a nought says that nothing was seen, whatever the genotype says."""

    @property
    def plain(self) -> bool:
        """Only the genotype matters."""
        return self.filter is None and self.phase_set is None and not self.depths


@lru_cache(maxsize=256)
def layout(format_: bytes) -> Layout:
    """The layout of a FORMAT column."""
    keys = format_.rstrip(b"\r").split(b":")
    place = {key: index for index, key in reversed(list(enumerate(keys)))}
    depths = tuple(place[key] for key in (b"DP", b"MIN_DP", b"GQ", b"RGQ") if key in place)
    return Layout(place.get(b"GT"), place.get(b"FT"), place.get(b"PS"), depths)


def read_cell(cell: bytes, where: Layout, alternatives: int) -> Cell:
    """What one cell says. Raises `Malformed` where it is no genotype or names an allele the record has not."""
    if where.genotype is None:
        return Cell("missing")
    if where.plain and where.genotype == 0:
        return _read_genotype(cell.partition(b":")[0], b"", alternatives)
    parts = cell.split(b":")
    found = _read_genotype(_part(parts, where.genotype), _part(parts, where.phase_set), alternatives)
    if found.status != "called":
        return found
    if _part(parts, where.filter).upper() not in (b"", b".", b"PASS"):
        return Cell("filtered")
    if any(_part(parts, index) in (b"0", b"0.0") for index in where.depths):
        return Cell("missing")
    return found


def _part(parts: list[bytes], index: int | None) -> bytes:
    return parts[index] if index is not None and index < len(parts) else b""


@lru_cache(maxsize=4096)
def _read_genotype(text: bytes, phase_set: bytes, alternatives: int) -> Cell:
    if not _GENOTYPE.match(text):
        raise Malformed("a genotype is not written as VCF writes one")
    alleles = [NO_CALL if one == b"." else int(one) for one in _ALLELES.findall(text)]
    if max(alleles) > alternatives:
        raise Malformed("a genotype names an allele that the record does not have")
    if all(one == NO_CALL for one in alleles):
        return Cell("missing")
    if len(alleles) != 2:
        return Cell("not-diploid")
    phased = b"|" in text[1:] and alleles[0] != alleles[1]
    named = phase_set.decode("ascii", "replace") if phase_set not in (b"", b".") else WITHOUT_SET
    return Cell("called", (alleles[0], alleles[1]), named if phased else "")

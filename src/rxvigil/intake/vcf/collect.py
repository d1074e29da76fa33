"""From lines to columns: the records near a site are kept, every other line is passed over."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from rxvigil.intake.vcf.calls import Column
from rxvigil.intake.vcf.cells import CellTable, layout, read_cell
from rxvigil.intake.vcf.evidence import Evidence
from rxvigil.intake.vcf.lines import Lines
from rxvigil.intake.vcf.locus import NEARBY
from rxvigil.intake.vcf.record import Malformed, VariantRecord, position_of, reaches, read_record

MOST_RECORDS: Final = 20_000
"""Records about our sites that are kept: far more than any caller writes, so that memory has a bound."""


@dataclass(frozen=True)
class Region:
    """The bases of one chromosome between the first and last site, on whichever build."""

    chromosome: str
    first: int
    last: int


@dataclass
class Collector:
    """Keeps what matters of each line."""

    samples: int
    chosen: tuple[int, ...] | None
    """Which samples to keep; None for all."""
    evidence: Evidence
    regions: Mapping[bytes, Region]
    """By the name of the contig."""
    table: CellTable
    columns: list[Column] = field(default_factory=list)

    def read(self, lines: Lines) -> None:
        """Every line to the end."""
        beginnings = tuple(name + b"\t" for name in self.regions)
        for line in lines:
            if line.startswith(beginnings):
                self.line(line, lines)

    def read_region(self, lines: Lines, contig: bytes) -> None:
        """The lines of one contig, sorted by position, to the end of its region."""
        beginning = contig + b"\t"
        for line in lines:
            if not line.startswith(beginning) or not self.line(line, lines):
                return

    def line(self, line: bytes, lines: Lines) -> bool:
        """One line of a contig of ours; false where it lies beyond the region."""
        name, _, rest = line.partition(b"\t") if len(line) < 4096 else _beginning(line)
        region = self.regions[name]
        position = rest[: rest.find(b"\t")]
        try:
            if position_of(position) > region.last:
                return False
            self._near(line, region, int(position), lines)
            return True
        except Malformed as problem:
            where = f"the record at {name.decode('ascii', 'replace')}:{position[:12].decode('ascii', 'replace')}"
            raise lines.wrong(str(problem), "check the file with bcftools view, or export it again", where) from None

    def _near(self, line: bytes, region: Region, position: int, lines: Lines) -> None:
        fields = line.split(b"\t", 9)
        if len(fields) < 9:
            raise Malformed("the record has fewer than nine columns")
        if position < region.first and not reaches(fields, region.first):
            return
        record = read_record(region.chromosome, fields[:9])
        where = f"line {lines.number}" if lines.numbered else f"{region.chromosome}:{position}"
        if self.evidence.add(record, where):
            self._keep(record, fields[9] if len(fields) > 9 else None)

    def _keep(self, record: VariantRecord, cells: bytes | None) -> None:
        if len(self.columns) >= MOST_RECORDS:
            raise Malformed(f"there are more than {MOST_RECORDS} records about the sites of TPMT and NUDT15")
        given = cells.rstrip(b"\r").split(b"\t") if cells is not None else []
        if len(given) != self.samples:
            raise Malformed(f"the record has {len(given)} sample columns, the header has {self.samples}")
        self.columns.append(Column(record, self._coded(record, self._wanted(given))))

    def _wanted(self, cells: list[bytes]) -> Sequence[bytes]:
        if self.chosen is None:
            return cells
        return [cells[self.chosen[0]]] if len(self.chosen) == 1 else itemgetter(*self.chosen)(cells)

    def _coded(self, record: VariantRecord, cells: Sequence[bytes]) -> "array[int]":
        """Each distinct cell is read once; the cells themselves are not kept."""
        where = layout(record.format)
        if where.plain and where.genotype == 0 and b":" in record.format:
            cells = [cell.partition(b":")[0] for cell in cells]
        codes: dict[bytes, int] = {}
        for cell in set(cells):
            try:
                codes[cell] = self.table.code(read_cell(cell, where, len(record.alts)))
            except Malformed as problem:
                column = cells.index(cell)
                column = self.chosen[column] if self.chosen else column
                raise Malformed(f"{problem} (sample column {column + 1})") from None
        return array("I", map(codes.__getitem__, cells))


def _beginning(line: bytes) -> tuple[bytes, bytes, bytes]:
    """Contig and position of a long line without copying it."""
    return line[:4096].partition(b"\t")


def regions(evidence: Evidence, names: Mapping[str, Sequence[str]]) -> dict[bytes, Region]:
    """For each name of a contig, the bases that matter on any build."""
    found: dict[bytes, Region] = {}
    for chromosome, aliases in names.items():
        loci = [locus for all_loci in evidence.loci.values() for locus in all_loci if locus.chromosome == chromosome]
        region = Region(chromosome, min(x.start for x in loci) - NEARBY, max(x.end for x in loci) + NEARBY)
        found |= {alias.encode(): region for alias in aliases}
    return found

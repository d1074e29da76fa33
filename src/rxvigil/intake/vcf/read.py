"""A VCF file, or several that hold the same samples, read for the sites of a release.

A file is read to its end, even when the last site has been passed: only then is it known that it is whole and that no
later record speaks of the same sites. With a tabix index only the regions are read.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from rxvigil.errors import PatientCountError, UnreadableInput
from rxvigil.genetics import ReadyGene, ready_genes
from rxvigil.intake.vcf.assembly import BUILDS, Build, names_of
from rxvigil.intake.vcf.calls import VcfCalls, gene_cells
from rxvigil.intake.vcf.cells import CellTable
from rxvigil.intake.vcf.chunks import bgzip_blocks, check_end_marker, is_bgzip, unpacked
from rxvigil.intake.vcf.collect import Collector, regions
from rxvigil.intake.vcf.evidence import Evidence
from rxvigil.intake.vcf.header import Header, read_header, refuse_other_kinds
from rxvigil.intake.vcf.lines import Lines
from rxvigil.intake.vcf.locus import Locus, locus_of
from rxvigil.intake.vcf.tabix import index_of, read_index
from rxvigil.knowledge.pharmacogenes import Release

_SNIFFED: Final = 1 << 16
Progress = Callable[[int], None]
"""Called with the number of packed bytes just read."""


def read_vcf(
    path: Path | None,
    release: Release,
    *,
    build: Build | None = None,
    absent_is_reference: bool = False,
    samples: Sequence[str] = (),
    more: Sequence[Path] = (),
    progress: Progress | None = None,
) -> VcfCalls:
    """What a file (None: standard input) says of its samples, or of those named, at the sites of a release.

    `more` are files with the same samples and other chromosomes. With `absent_is_reference` a site that no record
    covers is taken for the reference in every sample: right only for a joint call set that leaves out sites at which
    everybody is reference. It holds only for genes that the file has records of.

    Raises `UnreadableInput`, `UnsupportedInput`, `PatientCountError` where a sample named is not there.
    """
    genes = ready_genes(release)
    table = CellTable()
    readings = [_Reading(one, genes, samples, table, progress) for one in (path, *more)]
    first = readings[0]
    for other in readings[1:]:
        if other.header.samples != first.header.samples:
            what = "the sample columns differ from those of the first file"
            raise UnreadableInput(what, other.name, "give files that hold the same samples in the same order")
    known = [reading.evidence.build(reading.header.stated, build, reading.name) for reading in readings]
    if len({one for one, _ in known}) > 1:
        raise UnreadableInput("the files are of different builds", first.name, "call them one by one")
    return _calls(genes, readings, *known[0], absent_is_reference=absent_is_reference)


def _calls(
    genes: dict[str, ReadyGene], readings: "Sequence[_Reading]", build: Build, how: str, *, absent_is_reference: bool
) -> VcfCalls:
    names = readings[0].kept_samples
    columns = [column for reading in readings for column in reading.collector.columns]
    found = {
        key: gene_cells(
            gene,
            gene.gene.grch37_offset if build == "GRCh37" else 0,
            columns,
            readings[0].collector.table.cells,
            len(names),
            absent_is_reference=absent_is_reference,
        )
        for key, gene in genes.items()
    }
    without = tuple(key for key, cells in found.items() if not cells.columns)
    records = sum(len(cells.columns) for cells in found.values())
    return VcfCalls(names, build, how, absent_is_reference, found, records, without)


class _Reading:
    """One file, read."""

    def __init__(
        self,
        path: Path | None,
        genes: dict[str, ReadyGene],
        samples: Sequence[str],
        table: CellTable,
        progress: Progress | None,
    ) -> None:
        self.name = path.name if path else "standard input"
        self.evidence = Evidence({build: tuple(_loci(genes, build)) for build in BUILDS})
        with _opened(path, progress) as file:
            first = file.read(_SNIFFED)
            lines = self._lines(file, first)
            self.header = read_header(lines)
            chosen = _chosen(self.header, samples, self.name)
            self.kept_samples = tuple(self.header.samples[n] for n in chosen) if chosen else self.header.samples
            wanted = {gene.gene.chromosome: names_of(gene.gene.chromosome) for gene in genes.values()}
            contigs = regions(self.evidence, wanted)
            self.collector = Collector(len(self.header.samples), chosen, self.evidence, contigs, table)
            self._read(path, file, first, lines)

    def _lines(self, file: "_Source", first: bytes) -> Lines:
        chunks = unpacked(file, first)
        lines = Lines(chunks, self.name)
        refuse_other_kinds(lines.peek(), self.name)
        return lines

    def _read(self, path: Path | None, file: "_Source", first: bytes, lines: Lines) -> None:
        index = read_index(found) if path and is_bgzip(first) and (found := index_of(path)) else None
        if path is None or index is None:
            self.collector.read(lines)
            return
        check_end_marker(path)
        for contig, region in self.collector.regions.items():
            offset = index.start(contig, region.first)
            if offset is not None:
                file.seek(offset >> 16)
                self.collector.read_region(_after(file, offset & 0xFFFF, self.name), contig)


def _after(file: "_Source", skip: int, name: str) -> Lines:
    """The lines from a place within the bgzip block at which the file stands."""
    blocks = bgzip_blocks(file)
    return Lines(chain((next(blocks, b"")[skip:],), blocks), name, numbered=False)


def _loci(genes: dict[str, ReadyGene], build: Build) -> Iterator[Locus]:
    for gene in genes.values():
        offset = gene.gene.grch37_offset if build == "GRCh37" else 0
        yield from (locus_of(site, gene.gene.chromosome, offset) for site in gene.sites)


class _Source:
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, progress: Progress | None) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        """As of any binary file."""
        found = self._file.read(size)
        if self._progress is not None:
            self._progress(len(found))
        return found

    def seek(self, place: int, whence: int = 0) -> int:
        """As of any binary file."""
        return self._file.seek(place, whence)


@contextmanager
def _opened(path: Path | None, progress: Progress | None) -> "Iterator[_Source]":
    if path is None:
        yield _Source(sys.stdin.buffer, progress)
        return
    try:
        file = path.open("rb")
    except OSError as problem:
        what = (
            "there is no such file"
            if isinstance(problem, FileNotFoundError)
            else f"cannot be opened: {problem.strerror}"
        )
        raise UnreadableInput(what, str(path), "check the name") from None
    with file:
        yield _Source(file, progress)


def _chosen(header: Header, samples: Sequence[str], name: str) -> tuple[int, ...] | None:
    """The columns of the samples named; their names are not repeated in a message."""
    if not samples:
        return None
    place = {sample: number for number, sample in enumerate(header.samples)}
    missing = [number for number, sample in enumerate(samples, 1) if sample not in place]
    if missing:
        what = f"sample {missing[0]} of those asked for is not in the file, which has {len(header.samples)}"
        raise PatientCountError(what, name, "see the last line of the header for the names")
    return tuple(place[sample] for sample in dict.fromkeys(samples))

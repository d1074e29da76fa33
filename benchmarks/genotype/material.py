"""Large VCF files made of real people: the columns of the public panel, repeated until there are enough."""

import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pysam

ROOT: Final = Path(__file__).resolve().parents[2]
PANEL: Final = ROOT.parent / "shared" / "data" / "pgx" / "kg1000_third_GRCh38"
"""1,021 phased people of the 1000 Genomes Project, both genes; not part of this repository."""
GENES: Final = ("TPMT", "NUDT15")


def unavailable() -> str:
    """Why nothing can be measured here; empty where it can."""
    return "" if PANEL.is_dir() else f"the public panel is not at {PANEL.parent.name}/{PANEL.name} beside the project"


def rows(gene: str) -> Iterator[list[str]]:
    """Lines of the panel by column; header lines whole."""
    with gzip.open(PANEL / f"{gene}.vcf.gz", "rt") as file:
        for line in file:
            yield [line] if line.startswith("##") else line.rstrip("\n").split("\t")


def write(target: Path, samples: int, *, rich: bool = False, genes: tuple[str, ...] = GENES) -> int:
    """A bgzip file with that many samples; the number of its records. With `rich` every cell holds depth, quality and
    likelihoods beside the genotype, no two alike, as a variant caller writes them."""
    dice = random.Random(6)
    records = 0
    with pysam.BGZFile(str(target), "wb") as out:
        out.write(b"##fileformat=VCFv4.2\n##contig=<ID=chr6,length=170805979>\n##contig=<ID=chr13,length=114364328>\n")
        for gene in genes:
            for row in rows(gene):
                if len(row) == 1 or (row[0] == "#CHROM" and gene != genes[0]):
                    continue
                if row[0] == "#CHROM":
                    out.write(_line([*row[:9], *(f"S{number}" for number in range(samples))]))
                    continue
                cells = (row[9:] * (samples // (len(row) - 9) + 1))[:samples]
                out.write(_line([*row[:8], "GT:AD:DP:GQ:PL", *_rich(cells, dice)] if rich else [*row[:9], *cells]))
                records += 1
    return records


def _rich(cells: list[str], dice: random.Random) -> Iterator[str]:
    for cell in cells:
        depth = dice.randrange(12, 60)
        yield f"{cell}:{depth},0:{depth}:{dice.randrange(20, 99)}:0,{dice.randrange(30, 900)},{dice.randrange(900)}"


def _line(fields: list[str]) -> bytes:
    return ("\t".join(fields) + "\n").encode()

"""The least that anybody must do in this language: unpack the file, find the lines about the sites, split them.

python -m benchmarks.genotype.limit FILE
"""

import sys
from pathlib import Path

from rxvigil.intake.vcf.chunks import unpacked
from rxvigil.intake.vcf.lines import Lines
from rxvigil.knowledge.loader import parse_file, shipped_knowledge
from rxvigil.knowledge.pharmacogenes import Release
from rxvigil.knowledge.yamlfile import read_document


def sites() -> frozenset[tuple[bytes, bytes]]:
    """Contig and position of every site."""
    path = shipped_knowledge() / "pharmacogenes" / "cpic-2026-05.yaml"
    release = parse_file(read_document(path, path.name))
    assert isinstance(release, Release)
    return frozenset(
        (f"chr{gene.chromosome}".encode(), str(site.position).encode()) for gene in release.genes for site in gene.sites
    )


def main(name: str) -> int:
    """Cells of the lines about the sites."""
    wanted = sites()
    cells = 0
    with Path(name).open("rb") as file:
        for line in Lines(unpacked(file, file.read(1 << 16)), name):
            if line.startswith(b"chr") and tuple(line[:64].split(b"\t", 2)[:2]) in wanted:
                cells += len(line.split(b"\t")) - 9
    return cells


if __name__ == "__main__":
    print(main(sys.argv[1]))

"""CPIC's allele table as the public test data has it, and its phenotype rules written by hand: the oracle of the tests.

Nothing here reads the project's own files.
"""

import csv
import re
from pathlib import Path
from typing import NamedTuple

FUNCTIONS = {
    "Normal function": "normal",
    "Decreased function": "decreased",
    "No function": "no",
    "Uncertain function": "uncertain",
    "Unknown function": "unknown",
    "(not assigned)": "unassigned",
}
COLUMN = {"A": "function_2025-11", "B": "function_2026-05", "C": "function_2026-05"}
NEW_IN_2026 = {"*45", "*46", "*47"}
REPEATS = {"A": "2", "AGGAGTC": "3", "AGGAGTCGGAGTC": "4"}


class Row(NamedTuple):
    gene: str
    name: str
    changes: dict[int, tuple[str, tuple[str, ...]]]
    """Position -> reference and what the allele may carry there; repeats as numbers."""
    function: str


def table(data: Path, version: str) -> dict[tuple[str, str], Row]:
    """(gene, allele) -> row, as the alleles stood in that version."""
    path = data / "pgx" / "cpic_allele_function_2025-11_vs_2026-05.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [_row(line, version) for line in csv.DictReader(file, delimiter="\t")]
    return {(row.gene, row.name): row for row in rows if row is not None}


def _row(line: dict[str, str], version: str) -> Row | None:
    function = FUNCTIONS.get(line[COLUMN[version]])
    if function is None or (version == "A" and line["gene"] == "TPMT" and line["allele"] in NEW_IN_2026):
        return None
    changes = {}
    for part in (
        line["definition_GRCh38_plus_strand"].split(";") if line["definition_GRCh38_plus_strand"] != "reference" else ()
    ):
        shape = re.match(r"chr\d+:(\d+):([ACGT]+)>([ACGT|]+)\(", part)
        assert shape, part
        position, reference, carried = int(shape[1]), shape[2], tuple(shape[3].split("|"))
        if reference == "AGGAGTC":
            # In version A NUDT15*3 is told from *2 by the repeats; its row in the table is the merged one of 2026.
            if version == "A" and len(carried) > 1:
                continue
            reference, carried = REPEATS[reference], tuple(REPEATS[one] for one in carried)
        changes[position] = (reference, carried)
    return Row(line["gene"].lower(), line["allele"], changes, function)


def phenotype(gene: str, version: str, one: str, other: str) -> str:
    """The phenotype of two functions, as the guideline's table has it."""
    pair = {one, other}
    if pair & {"uncertain", "unknown", "unassigned"}:
        return "possible-intermediate" if "no" in pair else "indeterminate"
    if pair == {"no"}:
        return "poor"
    if pair in ({"normal", "no"}, {"decreased"}):
        return "intermediate"
    if pair == {"decreased", "no"}:
        return {"nudt15": "poor", "tpmt": "possible-intermediate" if version == "B" else "intermediate"}[gene]
    return "normal"

"""Genotypes as TSV, one row for each sample, safe to open in a spreadsheet; and as JSON with its published schema."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from rxvigil.reports import genotype_words as say
from rxvigil.reports import words
from rxvigil.reports.as_json import as_bytes
from rxvigil.reports.genotype_result import SCHEMA, CallShown, GenotypeResult, PairShown

SCHEMA_ID: Final = "urn:rxvigil:schema:genotype:1"
COLUMNS: Final = (
    "sample",
    "tpmt", "tpmt_phenotypes", "tpmt_dose_by", "tpmt_not_called", "tpmt_minimum_panel_open", "tpmt_by_minimum_panel",
    "nudt15", "nudt15_phenotypes", "nudt15_dose_by", "nudt15_not_called", "nudt15_minimum_panel_open",
    "nudt15_by_minimum_panel",
    "advice",
    "rules", "on", "build", "assumed",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@")
"""A spreadsheet takes a cell that begins so for a formula."""


def genotype_tsv(result: GenotypeResult) -> Iterator[bytes]:
    """Lines of UTF-8 with a line feed, the names of the columns first."""
    yield _line(COLUMNS)
    fixed = (
        result.release.id,
        result.on.isoformat(),
        result.input.build or "",
        say.assumptions_in_short(result),
    )
    by_pair = ["\t".join(map(_safe, (*_cells(result, pair), *fixed))) for pair in result.pairs]
    for one in result.samples:
        yield f"{_safe(one.sample)}\t{by_pair[one.pair]}\n".encode("utf-8", "replace")


def _cells(result: GenotypeResult, pair: PairShown) -> Iterator[str]:
    for gene in ("tpmt", "nudt15"):
        yield from _gene_cells(result, result.call(pair, gene))
    yield " | ".join(
        f"{advice.body}: {row.says}" if (row := say.used_row(advice)) else f"{advice.body}: nothing read for this"
        for advice in pair.advice
    )


def _gene_cells(result: GenotypeResult, call: CallShown | None) -> tuple[str, ...]:
    if call is None:
        return ("not tested", "", "", "", "", "")
    counted = result.counted(call)
    names = " or ".join(one.name for one in counted) if len(counted) <= say.MOST_NAMED else say.possible(counted)
    return (
        "too many to name" if call.too_many else names,
        " or ".join(say.phenotypes(result.groups(call))),
        result.dose_by(call),
        str(len(call.sites)),
        " ".join(call.minimum_panel_open),
        say.on_the_panel(result, call),
    )


def _line(cells: tuple[str, ...]) -> bytes:
    return ("\t".join(map(_safe, cells)) + "\n").encode("utf-8", "replace")


def _safe(cell: str) -> str:
    """No tab, no line break, no formula."""
    shown = words.clean(cell)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def genotype_json(result: GenotypeResult) -> bytes:
    """UTF-8, laid out with two blanks, `schema` first. What is empty is left out."""
    return as_bytes(msgspec.to_builtins(result, order="deterministic"))


def genotype_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `genotype_json` writes, made from the types themselves."""
    made = msgspec.json.schema(GenotypeResult)
    made["$defs"]["GenotypeResult"]["properties"]["schema"] = {"const": SCHEMA}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": f"Genotypes of one or more samples under one release of rules ({SCHEMA})",
        **made,
    }


def genotype_schema_file() -> bytes:
    """The schema as the file `schemas/genotype-1.schema.json` holds it."""
    return as_bytes(genotype_schema())

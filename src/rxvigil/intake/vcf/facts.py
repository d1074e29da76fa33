"""A genotype of a VCF as a fact of a record, so that the rules can ask about it."""

from collections.abc import Iterator
from pathlib import Path

from rxvigil.errors import PatientCountError
from rxvigil.facts import Genotype, Origin
from rxvigil.genetics import GeneCall, call_gene
from rxvigil.intake.vcf.assembly import Build
from rxvigil.intake.vcf.read import read_vcf
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import Release


def genotypes_from_vcf(
    path: Path | None,
    release: Release,
    vocabulary: Vocabulary,
    sample: str | None = None,
    *,
    build: Build | None = None,
    absent_is_reference: bool = False,
    untested_as_reference: bool = False,
) -> tuple[Genotype, ...]:
    """What a file says of TPMT and NUDT15 of one sample; `sample` must be named where the file holds several.

    A gene of which the file has no record gives no fact. With `untested_as_reference` sites outside the minimum panel
    that were not seen count as reference; `written` says so. Raises as `read_vcf`, and `PatientCountError` where it
    is not clear which sample is meant.
    """
    calls = read_vcf(
        path,
        release,
        build=build,
        absent_is_reference=absent_is_reference,
        samples=[sample] if sample is not None else (),
    )
    source = path.name if path else "standard input"
    if len(calls.samples) != 1:
        what = f"the file holds {len(calls.samples)} samples"
        raise PatientCountError(what, source, "say which of them the patient is")
    assumed = _assumptions(absent_is_reference, untested_as_reference)
    found = {key: next(cells.each(call_gene)) for key, cells in calls.genes.items() if cells.columns}
    return tuple(
        _fact(call, vocabulary.show(key), source, assumed, untested=untested_as_reference)
        for key, call in found.items()
    )


def _fact(call: GeneCall, name: str, source: str, assumed: str, *, untested: bool) -> Genotype:
    """One phenotype where the data allow no other, and the pairs that are possible; neither where there are too many to
    say anything. Pairs with a strand like no named allele are left out where the named ones allow every phenotype."""
    pairs = call.as_tested if untested else call.diplotypes
    groups = call.phenotypes_as_tested if untested else call.phenotypes
    named = [pair for pair in pairs if pair.named]
    shown = named if {pair.phenotype for pair in named} == groups else pairs
    count = "too many" if call.too_many else str(len(pairs))
    return Genotype(
        id=f"{source}#{call.gene}",
        gene=call.gene,
        origin=Origin(source, f"sites of {name}"),
        phenotype=next(iter(groups)) if len(groups) == 1 else None,
        diplotypes=tuple(pair.name for pair in shown),
        written=f"{count} possible diplotypes from {source}, {len(call.notes)} sites not called{assumed}",
    )


def _assumptions(absent: bool, untested: bool) -> str:
    def made() -> Iterator[str]:
        if absent:
            yield "absent sites taken for the reference"
        if untested:
            yield "untested sites outside the minimum panel taken for the reference"

    return "".join(f"; {one}" for one in made())

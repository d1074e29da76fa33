"""The options by which a command takes a patient's VCF beside the record."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rxvigil.cli.common import BadOption

if TYPE_CHECKING:
    from rxvigil.facts import Genotype, Record
    from rxvigil.knowledge.book import RuleBook
    from rxvigil.knowledge.pharmacogenes import Release


class BuildName(StrEnum):
    """Reference genome of a file."""

    grch37 = "GRCh37"
    grch38 = "GRCh38"


VcfFile = Annotated[Path | None, typer.Option("--vcf", help="VCF of this patient, for TPMT and NUDT15.")]
VcfSample = Annotated[
    str | None, typer.Option("--sample", help="Which sample of the VCF the patient is, where it holds several.")
]
VcfBuild = Annotated[
    BuildName | None,
    typer.Option("--build", help="VCF: reference genome, where the file does not tell.", case_sensitive=False),
]
VcfAbsent = Annotated[
    bool,
    typer.Option("--absent-is-reference", help="VCF: take sites that no record covers for the reference. Always said."),
]
VcfUntested = Annotated[
    bool,
    typer.Option(
        "--untested-as-reference",
        help="VCF: take unseen sites outside the minimum panel for the reference. Always said.",
    ),
]


@dataclass(frozen=True)
class VcfGiven:
    """A VCF, and how it is to be read."""

    path: Path
    sample: str | None = None
    build: BuildName | None = None
    absent_is_reference: bool = False
    untested_as_reference: bool = False


def vcf_given(
    path: Path | None, sample: str | None, build: BuildName | None, *, absent: bool, untested: bool
) -> VcfGiven | None:
    """The VCF asked for, if any. Raises `BadOption` for an option about a VCF that was not named."""
    if path is not None:
        return VcfGiven(path, sample, build, absent, untested)
    asked = {
        "--sample": sample, "--build": build, "--absent-is-reference": absent, "--untested-as-reference": untested,
    }  # fmt: skip
    for name, given in asked.items():
        if given:
            raise BadOption("it says how to read a VCF, and no VCF is named", name, "name the file with --vcf")
    return None


def genotypes_of(given: VcfGiven, on: date, book: "RuleBook") -> "tuple[Genotype, ...]":
    """What the file says of the patient's two genes, under the rules in force on the date."""
    from rxvigil.intake.vcf import genotypes_from_vcf

    return genotypes_from_vcf(
        given.path,
        release_on(on, book),
        book.vocabulary,
        given.sample,
        build=given.build.value if given.build else None,
        absent_is_reference=given.absent_is_reference,
        untested_as_reference=given.untested_as_reference,
    )


def with_vcf(record: "Record", given: VcfGiven | None, on: date, book: "RuleBook") -> "Record":
    """The record with the genotypes of the file."""
    from msgspec.structs import replace

    if given is None:
        return record
    return replace(record, genotypes=(*record.genotypes, *genotypes_of(given, on, book)))


def release_on(on: date, book: "RuleBook") -> "Release":
    """The release that defines alleles, in force on a date. Raises `BadOption` where there was none yet."""
    from rxvigil.genetics import defining, in_force

    found = in_force(defining(book.releases), on)
    if not found:
        raise BadOption("no pharmacogenetic rules were in force on that date", "--on", "use a later date")
    return found[0]

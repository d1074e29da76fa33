"""`rxvigil genotype`: a VCF, or a laboratory's words, to possible genotypes and what each body advises."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rxvigil.cli.common import BadOption, load_book, read_day, read_dose, write_text, write_whole
from rxvigil.cli.forms import WITHOUT, form_of
from rxvigil.cli.vcf_options import BuildName

if TYPE_CHECKING:
    from rxvigil.intake.vcf import Build, VcfCalls
    from rxvigil.intake.vcf.read import Progress
    from rxvigil.knowledge.book import RuleBook
    from rxvigil.knowledge.pharmacogenes import Release
    from rxvigil.reports.genotype_make import Asked, Maker


class Format(StrEnum):
    """What to write."""

    text = "text"
    json = "json"
    tsv = "tsv"
    fhir = "fhir"


_LONG = 20_000_000
"""Bytes. A file longer than this shows how far it is read."""

AbsentOption = Annotated[
    bool,
    typer.Option(
        "--absent-is-reference",
        help="Take sites that no record covers for the reference: only for a joint call set that leaves out sites "
        "without variant. Printed in every output.",
    ),
]
UntestedOption = Annotated[
    bool,
    typer.Option(
        "--untested-as-reference",
        help="Take sites outside the minimum panel that were not seen for the reference, as laboratories that test a "
        "panel do. Printed in every output.",
    ),
]


def genotype(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...",
            help="A VCF, plain or compressed with gzip or bgzip; several that hold the same samples. '-' reads "
            "standard input.",
        ),
    ] = None,
    tpmt: Annotated[str | None, typer.Option(help="Laboratory's words on TPMT, for example '*1/*3A'.")] = None,
    nudt15: Annotated[str | None, typer.Option(help="Laboratory's words on NUDT15.")] = None,
    sample: Annotated[
        list[str] | None, typer.Option("--sample", help="Only this sample; may be repeated. Default: all.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="Date of the rules, YYYY-MM-DD. Default: today.")] = None,
    rules_of: Annotated[
        str | None,
        typer.Option(help="Id of another release of rules, for example pharmacogenes/cpic-2024. Default: in force."),
    ] = None,
    build: Annotated[
        BuildName | None, typer.Option(help="Reference genome, where the file does not tell.", case_sensitive=False)
    ] = None,
    absent_is_reference: AbsentOption = False,
    untested_as_reference: UntestedOption = False,
    drug: Annotated[
        str, typer.Option("--drug", "-d", help="azathioprine, mercaptopurine or tioguanine.")
    ] = "azathioprine",
    intended: Annotated[str | None, typer.Option(help="Intended start dose, for example '2 mg/kg/d'.")] = None,
    malignant: Annotated[bool, typer.Option("--malignant", help="Advice for malignant disease.")] = False,
    format_: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="text, json, tsv or fhir." + WITHOUT),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of the screen.")] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="Folder of another rule book.")] = None,
) -> None:
    """Call TPMT and NUDT15: every diplotype that the data allow, its phenotype, what would settle it, and the starting
    dose that each body advises.

    Example: rxvigil genotype sample.vcf.gz --drug azathioprine --intended "2 mg/kg/d"
    """
    if bool(files) == bool(tpmt or nudt15):
        raise BadOption(
            "give a VCF file, or the laboratory's words with --tpmt and --nudt15", "genotype", "one of both"
        )
    book = load_book(rules, None)
    asked = _asked(book, read_day(on), rules_of, drug, intended, malignant=malignant)
    if files:
        found = _from_files(
            files, asked, sample or [], build, absent=absent_is_reference, untested=untested_as_reference, book=book
        )
    else:
        found = _from_words(tpmt, nudt15, asked, untested=untested_as_reference, book=book)
    _write(found, form_of(format_, output, Format), output)


class _Found:
    """The result, and for one sample the calls it was made of."""

    def __init__(self, maker: "Maker") -> None:
        self.maker = maker
        self.last: tuple[Any, Any] = (None, None)

    def add(self, sample: str, tpmt: Any, nudt15: Any) -> None:
        self.last = (tpmt, nudt15)
        self.maker.add(sample, tpmt, nudt15)


def _asked(
    book: "RuleBook", on: date, rules_of: str | None, drug: str, intended: str | None, *, malignant: bool
) -> "Asked":
    from rxvigil.reports.genotype_make import Asked

    release = _release(book, on, rules_of)
    drugs = sorted({row.drug for one in book.releases.values() for row in one.advice})
    if drug not in drugs:
        raise BadOption(f"no rule speaks of '{drug}'", "--drug", f"use one of {', '.join(drugs)}")
    wanted = read_dose(intended, "--intended") if intended else None
    return Asked(release, on, drug, wanted, "malignant" if malignant else "non-malignant")


def _release(book: "RuleBook", on: date, rules_of: str | None) -> "Release":
    """The release asked for, or that in force: of those that define alleles."""
    from rxvigil.genetics import defining, in_force

    known = defining(book.releases)
    if rules_of is not None:
        if rules_of not in known:
            raise BadOption(f"'{rules_of}' defines no alleles", "--rules-of", f"use one of {', '.join(sorted(known))}")
        return known[rules_of]
    current = in_force(known, on)
    if not current:
        raise BadOption(f"no release of rules was in force on {on}", "--on", "name one with --rules-of")
    return current[0]


def _from_files(
    files: list[Path],
    asked: "Asked",
    samples: list[str],
    build: "Build | BuildName | None",
    *,
    absent: bool,
    untested: bool,
    book: "RuleBook",
) -> _Found:
    from rxvigil.intake.vcf import read_vcf

    first, *others = (None if str(path) == "-" else path for path in files)
    if None in others:
        raise BadOption("standard input can only be the first file", "genotype", "put '-' first")
    with _progress(files) as progress:
        calls = read_vcf(
            first,
            asked.release,
            build=build.value if isinstance(build, BuildName) else build,
            absent_is_reference=absent,
            samples=samples,
            more=[path for path in others if path],
            progress=progress,
        )
    return _called(calls, files, asked, untested=untested, book=book)


def _called(calls: "VcfCalls", files: list[Path], asked: "Asked", *, untested: bool, book: "RuleBook") -> _Found:
    from rxvigil.genetics import call_gene
    from rxvigil.reports.genotype_make import Maker
    from rxvigil.reports.genotype_result import InputShown

    read = InputShown(
        kind="vcf",
        files=tuple("standard input" if str(path) == "-" else path.name for path in files),
        build=calls.build,
        build_known=calls.build_known,
        records=calls.records,
        genes_without_records=calls.without_records,
        absent_is_reference=calls.absent_is_reference,
        untested_as_reference=untested,
    )
    found = _Found(Maker(book, asked, read))
    each = [
        cells.each(call_gene) if (cells := calls.genes[gene]).columns else repeat(None, len(calls.samples))
        for gene in ("tpmt", "nudt15")
    ]
    for sample, tpmt, nudt15 in zip(calls.samples, *each, strict=True):
        found.add(sample, tpmt, nudt15)
    return found


def _from_words(tpmt: str | None, nudt15: str | None, asked: "Asked", *, untested: bool, book: "RuleBook") -> _Found:
    from rxvigil.genetics import read_statement
    from rxvigil.reports.genotype_make import Maker
    from rxvigil.reports.genotype_result import InputShown

    said = [
        read_statement(text, gene, asked.release) if text else None
        for gene, text in (("tpmt", tpmt), ("nudt15", nudt15))
    ]
    found = _Found(Maker(book, asked, InputShown(kind="statement", untested_as_reference=untested)))
    found.add("", *said)
    return found


@contextmanager
def _progress(files: list[Path]) -> "Iterator[Progress | None]":
    """How far a long file is read, where somebody watches."""
    sizes = [path.stat().st_size for path in files if path.is_file()]
    if len(sizes) < len(files) or sum(sizes) < _LONG or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=sum(sizes))
        yield lambda read: bar.advance(task, read)


def _write(found: _Found, format_: Format, output: Path | None) -> None:
    from rxvigil.reports.genotype_table import genotype_json, genotype_tsv
    from rxvigil.reports.genotype_text import genotype_text

    match format_:
        case Format.text:
            write_text(partial(genotype_text, found.maker.result()), output)
        case Format.json:
            write_whole(genotype_json(found.maker.result()), output)
        case Format.tsv:
            write_whole(b"".join(genotype_tsv(found.maker.result())), output)
        case Format.fhir:
            write_whole(_fhir(found), output)


def _fhir(found: _Found) -> bytes:
    from rxvigil.genetics import GeneCall
    from rxvigil.reports import as_bytes
    from rxvigil.reports.genomics import GenotypeReported, to_genomics

    maker = found.maker
    if len(maker.samples) != 1:
        raise BadOption("FHIR is written for one sample", "--format", "choose it with --sample")
    calls = tuple(one for one in found.last if isinstance(one, GeneCall))
    if not calls:
        raise BadOption("FHIR is written from a VCF", "--format", "give a file")
    reported = GenotypeReported(
        patient=maker.samples[0].sample,
        on=maker.asked.on,
        calls=calls,
        untested_as_reference=maker.input.untested_as_reference,
        absent_as_reference=maker.input.absent_is_reference,
        advice=maker.advice_of(*found.last, untested=maker.input.untested_as_reference),
    )
    return as_bytes(to_genomics(reported, maker.book))

"""`rxvigil assess`: one record in, one assessment out."""

from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rxvigil.cli.common import load_book, read_day, write_text, write_whole
from rxvigil.cli.forms import WITHOUT, form_of
from rxvigil.cli.place import Place, read_place
from rxvigil.cli.vcf_options import VcfAbsent, VcfBuild, VcfFile, VcfSample, VcfUntested, vcf_given, with_vcf

if TYPE_CHECKING:
    from rxvigil.engine import Assessment
    from rxvigil.facts import Record
    from rxvigil.knowledge.book import RuleBook


class Format(StrEnum):
    """What to write."""

    text = "text"
    json = "json"
    fhir = "fhir"
    html = "html"


Shape = Annotated[Format | None, typer.Option("--format", "-f", help="text, json, fhir or html." + WITHOUT)]
RecordArgument = Annotated[
    Path,
    typer.Argument(
        help="A FHIR R4 Bundle or resource (JSON), NDJSON (.gz too), a folder of them, or with --mapping a CSV, TSV "
        "or XLSX file or a folder. '-' reads standard input."
    ),
]


def assess(
    record: RecordArgument,
    on: Annotated[str | None, typer.Option(help="Date to assess for, YYYY-MM-DD. Default: today.")] = None,
    format_: Shape = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of the screen.")] = None,
    patient: Annotated[str | None, typer.Option(help="Id of the patient, where the input holds several.")] = None,
    jurisdiction: Place = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option("--protocol", "-p", help="Protocol id to use instead of the one chosen; may be repeated."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also show every rule that stayed silent, and why.")
    ] = False,
    mapping: Annotated[
        Path | None, typer.Option(help="Mapping file for CSV, TSV or XLSX input; see `rxvigil map`.")
    ] = None,
    vcf: VcfFile = None,
    sample: VcfSample = None,
    build: VcfBuild = None,
    absent_is_reference: VcfAbsent = False,
    untested_as_reference: VcfUntested = False,
    rules: Annotated[Path | None, typer.Option("--rules", help="Folder of another rule book.")] = None,
    overlay: Annotated[Path | None, typer.Option(help="Your site's overlay file; what it changes is shown.")] = None,
) -> None:
    """Assess one patient: what needs doing, why, by which source, and what cannot be said.

    Example: rxvigil assess record.json --on 2026-03-01 --output review.html
    """
    shape, book, day = form_of(format_, output, Format), load_book(rules, overlay), read_day(on)
    file = vcf_given(vcf, sample, build, absent=absent_is_reference, untested=untested_as_reference)
    found = with_vcf(read_record(record, patient, mapping, book), file, day, book)
    assessment = evaluate(book, found, day, read_place(jurisdiction), tuple(protocol or ()), explain=explain)
    write(assessment, found, book, shape, output, explain=explain)


def read_record(path: Path, patient: str | None, mapping: Path | None, book: "RuleBook") -> "Record":
    """The one patient of the input."""
    from rxvigil.intake import read_patient

    source = None if str(path) == "-" else path
    return read_patient(source, book.vocabulary, patient=patient, mapping=mapping)


def evaluate(
    book: "RuleBook",
    record: "Record",
    on: date,
    place: str | None = None,
    protocols: tuple[str, ...] = (),
    *,
    explain: bool = False,
) -> "Assessment":
    """The assessment of one record."""
    from rxvigil.engine import Evaluator, Wanted

    return Evaluator(book, Wanted(place, protocols)).assess(record, on, explain=explain)


def write(
    assessment: "Assessment", record: "Record", book: "RuleBook", format_: Format, output: Path | None, *, explain: bool
) -> None:
    """Write an assessment in one of the formats."""
    from rxvigil import reports

    match format_:
        case Format.text:
            write_text(partial(reports.to_text, assessment, explain), output)
        case Format.json:
            write_whole(reports.to_json(assessment), output)
        case Format.fhir:
            write_whole(reports.as_bytes(reports.to_fhir(assessment, record, book)), output)
        case Format.html:
            write_whole(reports.to_html(assessment, record, book).encode(), output)

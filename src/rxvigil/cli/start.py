"""`rxvigil start`: before the first tablet, one record in, one assessment of the start out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rxvigil.cli.assess import Format, RecordArgument, Shape, read_record
from rxvigil.cli.common import BadOption, load_book, read_day, write_text, write_whole
from rxvigil.cli.forms import form_of
from rxvigil.cli.place import Place, read_place
from rxvigil.cli.vcf_options import VcfAbsent, VcfBuild, VcfFile, VcfSample, VcfUntested, vcf_given, with_vcf

if TYPE_CHECKING:
    from datetime import date

    from rxvigil.facts import Record
    from rxvigil.knowledge.book import RuleBook
    from rxvigil.starting import Answered, StartAssessment, Starter


Full = Annotated[
    bool, typer.Option("--full", help="Text with everything: checklist, calendar, what to tell, every source.")
]


def start(
    record: RecordArgument,
    drug: Annotated[str, typer.Option(help="The drug that is to be started, by key or name.")] = "azathioprine",
    indication: Annotated[
        str | None, typer.Option(help='What it is for, by key or name: crohns-disease, "Crohn\'s disease" ...')
    ] = None,
    on: Annotated[str | None, typer.Option(help="Date of the assessment, YYYY-MM-DD. Default: today.")] = None,
    start_date: Annotated[
        str | None, typer.Option(help="Intended day of the first tablet. Default: the date of the assessment.")
    ] = None,
    jurisdiction: Place = None,
    answers: Annotated[Path | None, typer.Option(help="Answers file; `--questions` writes an empty one.")] = None,
    questions: Annotated[
        bool, typer.Option("--questions", help="Write an answers file with the open questions, and nothing else.")
    ] = False,
    format_: Shape = None,
    full: Full = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of the screen.")] = None,
    calendar: Annotated[Path | None, typer.Option(help="Also write the plan as an iCalendar file (.ics).")] = None,
    calendar_title: Annotated[
        str, typer.Option(help="Words before each entry of the calendar file; without it nobody is named.")
    ] = "",
    protocol: Annotated[
        list[str] | None,
        typer.Option("--protocol", "-p", help="Monitoring protocol id to use instead of the one chosen."),
    ] = None,
    patient: Annotated[str | None, typer.Option(help="Id of the patient, where the input holds several.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="Mapping file for CSV/TSV input; see `rxvigil map`.")] = None,
    vcf: VcfFile = None,
    sample: VcfSample = None,
    build: VcfBuild = None,
    absent_is_reference: VcfAbsent = False,
    untested_as_reference: VcfUntested = False,
    rules: Annotated[Path | None, typer.Option("--rules", help="Folder of another rule book.")] = None,
    overlay: Annotated[Path | None, typer.Option(help="Your site's overlay file; what it changes is shown.")] = None,
) -> None:
    """Assess a start before the first tablet: what forbids it, what to settle first, dose, calendar, what to tell.

    Example: rxvigil start record.json --drug azathioprine --indication crohns-disease --answers answers.yaml
    """
    from rxvigil.starting import Starter, StartRequest

    book, day, shape = load_book(rules, overlay), read_day(on), form_of(format_, output, Format)
    if full and (questions or shape is not Format.text):
        raise BadOption("only the text has a short form", "--full", "leave it out: this holds everything anyway")
    starter = Starter(book, read_place(jurisdiction))
    drug, indication = _keys(drug, indication, book)
    answered = _answered(answers, starter, drug, day)
    file = vcf_given(vcf, sample, build, absent=absent_is_reference, untested=untested_as_reference)
    found = with_vcf(read_record(record, patient, mapping, book), file, day, book)
    first = _start_day(start_date, day)
    request = StartRequest(drug=drug, indication=indication, start=first, protocols=tuple(protocol or ()))
    assessment = starter.assess(found, day, request, answered)
    if questions:
        return _write_questions(assessment, starter, drug, output)
    _write(assessment, found, book, shape, output, full=full)
    if calendar:
        _write_calendar(assessment, calendar_title, calendar)
    return None


def _keys(drug: str, indication: str | None, book: "RuleBook") -> tuple[str, str | None]:
    """Keys of the vocabulary for names as people write them; what is neither is left for the starter to refuse."""
    medicine = book.vocabulary.drug_by_name(drug)
    disease = book.vocabulary.concept_by_name("condition", indication) if indication else None
    return medicine.key if medicine else drug, disease.key if disease else indication


def _start_day(text: str | None, on: "date") -> "date | None":
    if text is None:
        return None
    day = read_day(text, "--start-date")
    if day < on:
        raise BadOption(
            "the first tablet would lie before the assessment", "--start-date", "give a later day, or `--on` an earlier"
        )
    return day


def _answered(path: Path | None, starter: "Starter", drug: str, on: "date") -> "Answered | None":
    from rxvigil.facts import show_day
    from rxvigil.intake.answers import read_answers
    from rxvigil.starting import facts_of

    if path is None:
        return None
    items = [ready.item for ready in starter.items(drug)]
    given = read_answers(path, items)
    if given.on > on:
        raise BadOption(
            f"the answers are of {show_day(given.on)}, after the date of the assessment", "--answers", "check `--on`"
        )
    return facts_of(given, items, starter.book.vocabulary)


def _write_questions(assessment: "StartAssessment", starter: "Starter", drug: str, output: Path | None) -> None:
    from rxvigil.reports import open_questions

    text = open_questions(assessment, [ready.item for ready in starter.items(drug)])
    write_whole(text.encode(), output)


def _write(
    assessment: "StartAssessment", record: "Record", book: "RuleBook", format_: Format, output: Path | None, *,
    full: bool,
) -> None:  # fmt: skip
    from rxvigil import reports

    match format_:
        case Format.text:
            show = reports.start_to_text if full else reports.start_in_short
            write_text(partial(show, assessment), output)
        case Format.json:
            write_whole(reports.start_to_json(assessment), output)
        case Format.fhir:
            write_whole(reports.as_bytes(reports.start_to_fhir(assessment, record, book)), output)
        case Format.html:
            write_whole(reports.start_to_html(assessment).encode(), output)


def _write_calendar(assessment: "StartAssessment", title: str, target: Path) -> None:
    from rxvigil.reports import start_to_calendar

    write_whole(start_to_calendar(assessment, title), target)
    if assessment.verdict == "may not start":
        typer.echo(f"{target}: holds no tablet and no test, because the verdict is 'may not start'.", err=True)

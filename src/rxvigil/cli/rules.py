"""`rxvigil rules`: read, check and compare the rule book."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from rxvigil.cli.common import BadOption, load_book
from rxvigil.errors import RuleBookError

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Read, check and compare the rule book: every rule with its source.",
)

RulesOption = Annotated[Path | None, typer.Option("--rules", help="Folder of another rule book.")]
OverlayOption = Annotated[Path | None, typer.Option("--overlay", help="Your site's overlay file.")]


@app.command("list")
def list_rules(
    contains: Annotated[str, typer.Argument(help="Only ids that contain this, for example 'allopurinol'.")] = "",
    rules: RulesOption = None,
    overlay: OverlayOption = None,
) -> None:
    """List every rule, schedule, baseline test and table row with tier, mark and source."""
    from rxvigil.reports import rule_lines

    for line in rule_lines(load_book(rules, overlay), contains):
        typer.echo(line)


@app.command("words")
def list_words(
    contains: Annotated[str, typer.Argument(help="Only keys or names that contain this, for example 'neutro'.")] = "",
    rules: RulesOption = None,
) -> None:
    """List the vocabulary: the keys of analytes, drugs, conditions ... that rules and mapping files use."""
    from rxvigil.reports import word_lines

    for line in word_lines(load_book(rules, None), contains):
        typer.echo(line)


@app.command("show")
def show_rule(
    rule: Annotated[str, typer.Argument(help="Full id, as `rules list` gives it, or a protocol's id.")],
    rules: RulesOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Show one rule, protocol or table whole: condition, action, source with mark, disagreement, file and line."""
    from rxvigil.reports import rule_page

    book = load_book(rules, overlay)
    page = rule_page(book, rule)
    if page is None:
        raise BadOption(f"there is no rule '{rule}'", do="`rxvigil rules list` names every rule")
    typer.echo(page)


@app.command("lint")
def lint_rules(
    rules: RulesOption = None,
    cases: Annotated[bool, typer.Option(help="Also run the worked patients.")] = True,
) -> None:
    """Check the rule book: names, units, sources, tables without gaps, reviews due - and every worked patient."""
    from rxvigil.clock import today
    from rxvigil.knowledge.lint import lint

    problems = lint(rules, today())
    for problem in problems:
        typer.echo(str(problem))
    errors = sum(1 for problem in problems if problem.level == "error")
    wrong = _run_cases(rules) if cases and not errors else 0
    typer.echo(f"{'1 error' if errors == 1 else f'{errors} errors'}, {len(problems) - errors} reviews due")
    if errors or wrong:
        raise typer.Exit(RuleBookError.exit_code)


def _run_cases(rules: Path | None) -> int:
    from rxvigil.casebook import judge_all

    folder = rules.parent / "cases" if rules else None
    if folder is not None and not folder.exists():
        typer.echo(f"no worked patients: there is no folder {folder}")
        return 0
    report = judge_all(load_book(rules, None), folder)
    for line in report.lines():
        typer.echo(line)
    return len(report.wrong) + len(report.lacking)


@app.command("diff")
def diff_rules(
    before: Annotated[Path, typer.Argument(help="Folder of a rule book, or an overlay file.")],
    after: Annotated[Path | None, typer.Argument(help="The other; default: the shipped rule book.")] = None,
) -> None:
    """Show what differs between two rule books, or what an overlay changes: advice first."""
    from rxvigil.reports import book_differences

    first = load_book(None, before) if before.is_file() else load_book(before, None)
    second = load_book(after, None) if after else load_book(None, None)
    if first.overlay:
        for change in first.overlay.changes:
            typer.echo(
                f"{change.rule}\n  {change.field}: '{change.was}' -> '{change.now}'\n  because: {change.because}"
            )
        return
    lines = list(book_differences(first, second))
    for line in lines:
        typer.echo(line)
    typer.echo(f"{len(lines)} differences")


@app.command("compare")
def compare_bodies(
    drug: Annotated[str, typer.Argument(help="Drug, for example azathioprine.")] = "azathioprine",
    rules: RulesOption = None,
) -> None:
    """Put the monitoring protocols of all bodies side by side: schedules and limits, never averaged."""
    from rich.console import Console

    from rxvigil.reports import comparison

    Console().print(comparison(load_book(rules, None), drug))


@app.command("schema")
def schema(
    kind: Annotated[
        str, typer.Argument(help="File kind: protocol, rules, table, drugs ..., 'assessment', 'start' or 'dose'.")
    ],
) -> None:
    """Print the JSON Schema of a knowledge file kind (for editors), or of the output of assess or start."""
    import json
    from functools import partial

    from rxvigil.knowledge.schemas import SCHEMA_KINDS, file_schema
    from rxvigil.reports import assessment_schema, dose_schema, start_schema
    from rxvigil.reports.dose_json import SHAPES

    doses = {name: partial(dose_schema, name) for name in SHAPES}
    outputs: dict[str, Callable[[], dict[str, Any]]] = {
        "assessment": assessment_schema,
        "start": start_schema,
        **doses,
    }
    if kind not in outputs and kind not in SCHEMA_KINDS:
        known = ", ".join((*outputs, *SCHEMA_KINDS))
        raise BadOption(f"'{kind}' is not a kind of file", do=f"use one of {known}")
    typer.echo(json.dumps(outputs[kind]() if kind in outputs else file_schema(kind), indent=2))

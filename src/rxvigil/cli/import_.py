"""`rxvigil import`: the exports of a whole population into a store of facts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rxvigil.cli.common import BadOption, load_book

if TYPE_CHECKING:
    from rxvigil.intake.bulk import Sources
    from rxvigil.intake.bulk.server import Export
    from rxvigil.knowledge.book import RuleBook
    from rxvigil.population.manifest import Manifest, Mode, Totals
    from rxvigil.population.store import Store

_MOST_WORKERS: Final = 64
_SHOWN_REASONS: Final = 25


SourceArgument = Annotated[
    str,
    typer.Argument(
        help="Folder of FHIR R4 NDJSON (.ndjson.gz too) or Bundles, one such file, or the manifest of a bulk "
        "export; OMOP CDM 5.4 as a folder or zip of CSV or Parquet, or the address of its database "
        "(duckdb://, postgres://, sqlite://); with --mapping a table or a folder of them. With --server, or to "
        "bring a store up to date: the store itself."
    ),
]
StoreArgument = Annotated[
    Path | None, typer.Argument(help="Folder of the store; made where it is not there.", show_default=False)
]
Mapping = Annotated[Path | None, typer.Option(help="Mapping file for CSV, TSV or XLSX tables; see `rxvigil map`.")]
Adds = Annotated[
    bool, typer.Option("--adds", help="Tables or OMOP into a store that is there: put their facts beside its own.")
]
Replaces = Annotated[
    bool, typer.Option("--replaces", help="The same, in the place of what it knows of these patients.")
]
Server = Annotated[
    str | None, typer.Option(help="Fetch a bulk export first: address of the FHIR server, or of its $export.")
]
TokenUrl = Annotated[str | None, typer.Option("--token-url", help="Where the server gives out tokens.")]
ClientId = Annotated[str | None, typer.Option("--client-id", help="The name we have there.")]
Key = Annotated[Path | None, typer.Option(help="Our private key: a JWK, or PEM (RSA or P-384).")]
Since = Annotated[str | None, typer.Option(help="Only what changed since this instant (_since).")]
Types = Annotated[str | None, typer.Option(help="Only these resource types, with commas (_type).")]
WorkersOption = Annotated[int, typer.Option(help="Processes that read at the same time.")]
Buckets = Annotated[
    int | None, typer.Option(help="Of a new store: into how many parts patients are dealt. Default: by size.")
]
ShowQuarantine = Annotated[
    bool, typer.Option("--show-quarantine", help="Only show what a store could not understand, by reason.")
]


def import_(
    source: SourceArgument,
    store: StoreArgument = None,
    mapping: Mapping = None,
    adds: Adds = False,
    replaces: Replaces = False,
    server: Server = None,
    token_url: TokenUrl = None,
    client_id: ClientId = None,
    key: Key = None,
    since: Since = None,
    types: Types = None,
    workers: WorkersOption = 2,
    buckets: Buckets = None,
    show_quarantine: ShowQuarantine = False,
    rules: Annotated[Path | None, typer.Option("--rules", help="Folder of another rule book.")] = None,
    overlay: Annotated[Path | None, typer.Option(help="Your site's overlay file.")] = None,
) -> None:
    """Bring the exports of a whole population into a store, from which many patients are assessed at once.

    What was cut off goes on when the same command is given again; files that the store already holds change nothing.

    Example: rxvigil import export/ clinic.store
    """
    if not 1 <= workers <= _MOST_WORKERS:
        raise BadOption(f"{workers} processes are not possible", "--workers", f"write 1 to {_MOST_WORKERS}")
    from rxvigil.population.store import MOST_BUCKETS, Store

    if buckets is not None and not 1 <= buckets <= MOST_BUCKETS:
        raise BadOption(f"{buckets} parts are not possible", "--buckets", f"write 1 to {MOST_BUCKETS}")
    target = store or Path(source)
    if show_quarantine:
        _show_quarantine(Store.open(target))
        return
    from rxvigil.intake.bulk import Sources, import_fhir

    book = load_book(rules, overlay)
    if store is not None and server is None and _is_finished(source, mapping):
        typer.echo(_summary(_import_finished(source, store, mapping, _mode(adds, replaces), buckets, book), store))
        return
    if mapping is not None or adds or replaces:
        do = "leave them out: newer versions of FHIR resources take the place of older ones"
        raise BadOption("--mapping, --adds and --replaces are for tables and OMOP", "", do)
    export = _export(server, token_url, client_id, key, since, types)
    with _progress() as progress:
        if export is not None:
            found = _fetched(export, target, progress)
        else:
            found = Sources(()) if store is None else _sources(Path(source))
        manifest = import_fhir(found, target, book.vocabulary, buckets=buckets, workers=workers, progress=progress)
    if export is not None:
        _forget(target)
    typer.echo(_summary(manifest, target))


def _is_finished(source: str, mapping: Path | None) -> bool:
    from rxvigil.intake.omop import looks_like_omop

    return mapping is not None or looks_like_omop(source)


def _mode(adds: bool, replaces: bool) -> "Mode | None":
    if adds and replaces:
        raise BadOption("--adds and --replaces contradict each other", "", "give one of them")
    return "adds" if adds else "replaces" if replaces else None


def _import_finished(
    source: str, store: Path, mapping: Path | None, mode: "Mode | None", buckets: int | None, book: "RuleBook"
) -> "Manifest":
    """Tables and OMOP, whose readers make finished records."""
    from rxvigil.intake.bulk import import_records
    from rxvigil.intake.bulk.finished import finished_records

    with _progress() as progress, finished_records(source, mapping, book.vocabulary) as found:
        return import_records(
            store,
            found.records,
            found.files,
            book.vocabulary,
            mode=mode,
            beside=found.beside,
            buckets=buckets,
            totals=found.totals,
            progress=progress,
        )


def _sources(source: Path) -> "Sources":
    from rxvigil.intake.bulk import sources_at

    return sources_at(source)


def _export(
    server: str | None,
    token_url: str | None,
    client_id: str | None,
    key: Path | None,
    since: str | None,
    types: str | None,
) -> "Export | None":
    if server is None:
        if any((token_url, client_id, key, since, types)):
            raise BadOption("this option is for a server, and none is named", "--server", "give the server's address")
        return None
    from rxvigil.intake.bulk.server import Export, key_from

    if (token_url, client_id, key) == (None, None, None):
        return Export(server, None, since, types)
    if token_url is None or client_id is None or key is None:
        do = "give --token-url, --client-id and --key together"
        raise BadOption("a part of what proves who we are is missing", "--server", do)
    return Export(server, key_from(token_url, client_id, key), since, types)


def _fetched(export: "Export", store: Path, progress: Callable[[str, int, int], None]) -> "Sources":
    from rxvigil.intake.bulk.server import fetch

    return fetch(export, store, progress)


def _forget(store: Path) -> None:
    from rxvigil.intake.bulk.server import forget_fetched

    forget_fetched(store)


# --- what was done ---------------------------------------------------------------------------------------------


def _summary(manifest: "Manifest", store: Path) -> str:
    read = sum(one.read for one in manifest.imports)
    what = "resources" if manifest.kind == "fhir" else "rows"
    lines = [
        *filter(None, [manifest.says]),
        f"{store}: {manifest.patients:,} patients from {len(manifest.imports):,} "
        f"{'import' if len(manifest.imports) == 1 else 'imports'}; {read:,} {what} were read",
        *_ends(manifest.totals),
    ]
    if manifest.totals.quarantined:
        lines.append(f"What was not understood, and why: rxvigil import {store} --show-quarantine")
    return "\n".join(lines)


def _ends(totals: "Totals") -> Iterator[str]:
    yield f"  {totals.kept:>12,}  became facts"
    yield f"  {totals.quarantined:>12,}  not understood (quarantine)"
    yield f"  {totals.outside:>12,}  outside our vocabulary (counted by code)"
    yield f"  {totals.superseded:>12,}  older versions, copies and deletions"
    ignored = ", ".join(f"{kind} {count:,}" for kind, count in totals.ignored.items())
    yield f"  {sum(totals.ignored.values()):>12,}  of kinds that no rule asks about{f': {ignored}' if ignored else ''}"
    yield f"  {totals.all:>12,}  together"


def _show_quarantine(store: "Store") -> None:
    reasons = store.quarantine()
    if not reasons:
        typer.echo("Nothing is in quarantine: every row was understood.")
        return
    typer.echo(f"{sum(one.count for one in reasons):,} entries are not understood, for these reasons:\n")
    for one in reasons[:_SHOWN_REASONS]:
        typer.echo(f"{one.count:>10,}  {one.what}: {one.why}\n{'':>12}for example {one.example}")
    if len(reasons) > _SHOWN_REASONS:
        typer.echo(f"\n... and {len(reasons) - _SHOWN_REASONS:,} further reasons.")
    typer.echo(f"\nAll of them, as a table: {store.glob('not_understood')}")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Bars with rate and time left on a terminal; nothing where nobody is looking."""
    import sys

    if not sys.stderr.isatty():
        from rxvigil.intake.bulk.work import silent

        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, int] = {}

        def show(stage: str, done: int, whole: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=whole or None, rate="")
            task = next(one for one in bars.tasks if one.id == tasks[stage])
            rate = f"{_size(done, whole)}{f', {_size(task.speed, whole)}/s' if task.speed else ''}"
            bars.update(task.id, completed=done, rate=rate)

        yield show


def _size(amount: float, whole: int) -> str:
    """Bytes as megabytes where the stage is that long; else a count."""
    return f"{amount / 1e6:,.1f} MB" if whole > 1_000_000 else f"{amount:,.0f}"

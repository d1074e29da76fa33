"""Finished records into a store: kept by bucket as they came, folded over all imports, written as tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from rxvigil.errors import RuleBookError, UnreadableInput, UnsupportedInput
from rxvigil.facts import Record
from rxvigil.intake.bulk.building import Built, account_of, accounts, write_bucket
from rxvigil.intake.bulk.chunks import Stamp, check_unchanged, hashed, stamp_of
from rxvigil.intake.bulk.folding import merged
from rxvigil.intake.bulk.importing import BUCKET
from rxvigil.intake.bulk.kept import About, Kept, KeptWriter, head, piece_of
from rxvigil.intake.bulk.nothing import NothingUnderstood, Sense
from rxvigil.intake.bulk.sources import Source
from rxvigil.intake.bulk.staging import Commit, Plan, begin, clear, commit, complete, fresh, locked
from rxvigil.intake.bulk.work import Counted, Progress, silent, without_collecting
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population import person_number
from rxvigil.population.manifest import Import, Manifest, Mode, SourceFile, Totals
from rxvigil.population.store import KEPT, MOST_BUCKETS, digest_of, is_store, read_manifest

_ONE_FILE: Final = "records.kept"


class Given(NamedTuple):
    """What an import of records was asked for with."""

    store: Path
    records: Iterable[tuple[Record, str | None]]
    files: Sequence[Path]
    vocabulary: Vocabulary
    mode: Mode | None
    beside: str
    totals: Callable[[], Totals] | None
    progress: Progress


class _Brought(msgspec.Struct):
    """A record as it is kept."""

    practice: str | None
    record: Record


def write_records(
    store: Path,
    records: Iterable[tuple[Record, str | None]],
    files: Sequence[Path],
    vocabulary: Vocabulary,
    mode: Mode | None,
    beside: str,
    buckets: int | None,
    totals: Callable[[], Totals] | None,
    progress: Progress | None,
) -> Manifest:
    """See `import_records`."""
    if not is_store(store) and not fresh(store):
        raise UnreadableInput("the folder is not empty, and is no store", str(store), "name a new folder")
    given = Given(store, records, files, vocabulary, mode, beside, totals, progress or silent)
    with locked(store):
        complete(store)
        weight = sum(stamp_of(path).size for path in files)
        count = buckets or min(MOST_BUCKETS, 1 + weight // BUCKET)
        empty = Manifest(kind="records", buckets=count, vocabulary=digest_of(vocabulary))
        return _run(given, read_manifest(store) if is_store(store) else empty)


def _run(given: Given, before: Manifest) -> Manifest:
    stamps = [(path, stamp_of(path)) for path in given.files]
    files = _hashed(given)
    if any(one.files == files and one.beside == given.beside for one in before.imports):
        clear(given.store)
        return before
    _check(given, before)
    number = len(before.imports) + 1
    new = Import(number=number, files=files, read=0, mode=given.mode or "adds", beside=given.beside)
    plan = Plan(new=new, vocabulary=before.vocabulary, buckets=before.buckets)
    staged = begin(given.store, plan)
    kept = staged / KEPT / _ONE_FILE
    if not kept.exists():
        try:
            _keep(given, before.buckets, kept, stamps)
        except NothingUnderstood:
            clear(given.store)
            raise
    about = Kept(kept).about
    ended = about.totals or Totals()
    new = msgspec.structs.replace(new, read=ended.all, simulated=about.simulated)
    after = msgspec.structs.replace(before, imports=(*before.imports, new), totals=before.totals + ended)
    return _build(given, staged, after, kept)


def _hashed(given: Given) -> tuple[SourceFile, ...]:
    done = Counted(given.progress, "hashing", sum(stamp_of(path).size for path in given.files))
    return tuple(hashed(Source(path, "document"), 0, done.add)[0] for path in given.files)


def _check(given: Given, before: Manifest) -> None:
    if before.kind != "records":
        do = "import them into a store of their own"
        raise UnsupportedInput("the store holds FHIR resources, which do not mix with tables", str(given.store), do)
    if before.imports and before.vocabulary != digest_of(given.vocabulary):
        what = "the rule book's vocabulary has changed since the store was written, and its sources are not kept"
        raise RuleBookError(what, str(given.store), "import all of them again into a new folder")
    if before.imports and given.mode is None:
        what = "the store already holds an import: say whether this one adds to it or replaces it"
        do = "--adds puts its facts beside those there are; --replaces puts its patients in the place of what is known"
        raise UnsupportedInput(what, str(given.store), do)


def _keep(given: Given, buckets: int, target: Path, stamps: list[tuple[Path, Stamp]]) -> None:
    """Every record to its bucket, once; nothing is kept where a file changed meanwhile, or nothing was understood."""
    counted, sense, simulated = Totals(), Sense(), 0
    encode = msgspec.json.Encoder().encode
    with KeptWriter(target) as kept:
        for number, (record, practice) in enumerate(given.records, 1):
            patient = record.patient.id
            line = head(0, number, patient) + encode(_Brought(practice, record))
            kept.put(person_number(patient) % buckets, line)
            counted += _counted(record)
            sense.look(record)
            simulated += record.patient.simulated
            given.progress("reading", number, 0)
        for path, stamp in stamps:
            check_unchanged(path, stamp)
        sense.require(given.store)
        ended = given.totals() if given.totals else counted
        kept.end(About(read=ended.all, totals=ended, simulated=simulated))


def _counted(record: Record) -> Totals:
    """A record's own entries as rows."""
    kinds = ("results", "prescriptions", "conditions", "allergies", "immunisations", "genotypes", "symptoms", "events",
             "denials")  # fmt: skip
    return Totals(
        kept=1 + sum(len(getattr(record, kind)) for kind in kinds),
        quarantined=len(record.not_understood),
        ignored=dict(record.unread),
        outside=sum(one.count for one in record.outside),
    )


def _build(given: Given, staged: Path, after: Manifest, new: Path) -> Manifest:
    older = [given.store / KEPT / f"import-{one.number:04d}" / _ONE_FILE for one in after.imports[:-1]]
    kept = [Kept(path) for path in (*older, new)]
    touched = kept[-1].buckets if older else list(range(after.buckets))
    done = Counted(given.progress, "writing", len(touched))
    for bucket in touched:
        if not account_of(bucket, staged).exists():
            with without_collecting():
                write_bucket(_records_in(kept, after.imports, bucket), given.vocabulary, bucket, staged)
        done.add(1)
    there = dict(accounts(given.store, range(after.buckets))) | dict(accounts(staged, range(after.buckets)))
    patients = sum(one.patients for one in there.values())
    if not patients:
        raise UnreadableInput("the sources hold no patient", str(given.store), "check the mapping and the files")
    simulated = sum(one.simulated for one in there.values())
    after = msgspec.structs.replace(after, patients=patients, simulated=simulated)
    commit(given.store, Commit(manifest=after, number=after.imports[-1].number, buckets=tuple(touched), nobody=False))
    return after


def _records_in(kept: list[Kept], imports: tuple[Import, ...], bucket: int) -> Iterator[Built]:
    """The records of a bucket over all imports, by the number of the patient."""
    found: defaultdict[str, list[_Brought]] = defaultdict(list)
    for one, file in zip(imports, kept, strict=True):
        now: defaultdict[str, list[_Brought]] = defaultdict(list)
        for line in file.lines(bucket):
            brought = msgspec.json.decode(piece_of(line).body, type=_Brought)
            now[brought.record.patient.id].append(brought)
        for patient, records in now.items():
            found[patient] = records if one.mode == "replaces" else [*found[patient], *records]
    for patient in sorted(found, key=lambda name: (person_number(name), name)):
        records = found[patient]
        practice = next((one.practice for one in reversed(records) if one.practice), None)
        yield Built(merged([one.record for one in records]), practice, Totals())

"""An import of FHIR resources from end to end: hash, sort into buckets, read, account for, put in place."""

from functools import lru_cache, partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from rxvigil.errors import RxvigilError, UnreadableInput, UnsupportedInput
from rxvigil.intake.bulk.building import Account, accounts, build_bucket, read_material
from rxvigil.intake.bulk.chunks import Chunk, Stamp, check_unchanged, hashed, stamp_of
from rxvigil.intake.bulk.kept import Kept
from rxvigil.intake.bulk.nothing import complaints_in, no_patient, nothing_understood
from rxvigil.intake.bulk.people import Brought, Gathered
from rxvigil.intake.bulk.sources import Source, Sources
from rxvigil.intake.bulk.spilling import spill
from rxvigil.intake.bulk.staging import Commit, Plan, begin, clear, commit, complete, fresh, locked
from rxvigil.intake.bulk.work import Counted, Progress, Workers, silent
from rxvigil.intake.fhir.plain import plain_reader_for
from rxvigil.intake.reading import Finder, finder_for
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.population.durable import write_durably
from rxvigil.population.manifest import Import, Manifest, SourceFile, Totals
from rxvigil.population.store import KEPT, MOST_BUCKETS, NOBODY, digest_of, encode, is_store, read_manifest

BUCKET: Final = 100_000_000
"""Bytes of source for one bucket."""
_FEW_BUCKETS: Final = 4
"""Enough for two processes to have the same to do."""
_WORTH_WORKERS: Final = 30_000_000
"""Bytes of source below which starting processes takes longer than they save."""


class DoesNotAddUp(RxvigilError):
    """What was read and what became of it are not the same number: a defect."""

    exit_code = 1


class Job(NamedTuple):
    """What an import works with."""

    store: Path
    vocabulary: Vocabulary
    workers: Workers
    progress: Progress


def import_fhir(
    sources: Sources,
    store: Path,
    vocabulary: Vocabulary,
    *,
    buckets: int | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> Manifest:
    """Bring FHIR R4 resources into the store, which is made where it is not there; its manifest afterwards.

    Files that the store already holds are not read again; where nothing is new, nothing changes. Raises
    `UnreadableInput` (also where nothing at all of the source could be understood), `PatientCountError` (a first import
    without a patient), `UnsupportedInput`, `UnwritableOutput`; the store is then as it was before, and the same command
    goes on from what is finished.
    """
    if not is_store(store) and not fresh(store):
        raise UnreadableInput("the folder is not empty, and is no store", str(store), "name a new folder")
    with locked(store):
        complete(store)
        before = read_manifest(store) if is_store(store) else _new(store, sources, vocabulary, buckets)
        if before.kind != "fhir":
            do = "import FHIR into a store of its own"
            raise UnsupportedInput("the store holds finished records, which FHIR does not mix with", str(store), do)
        with Workers(workers if sources.weight > _WORTH_WORKERS else 1) as everybody:
            if not before.imports:
                everybody.start()
            return _run(Job(store, vocabulary, everybody, progress or silent), sources, before)


def _new(store: Path, sources: Sources, vocabulary: Vocabulary, buckets: int | None) -> Manifest:
    if not sources.files:
        raise UnreadableInput("it is no store", str(store), "make one: rxvigil import SOURCE STORE")
    few = min(_FEW_BUCKETS, 1 + sources.weight // _WORTH_WORKERS)
    count = buckets or min(MOST_BUCKETS, max(few, 1 + sources.weight // BUCKET))
    return Manifest(kind="fhir", buckets=count, vocabulary=digest_of(vocabulary))


def _run(job: Job, sources: Sources, before: Manifest) -> Manifest:
    stamps = [stamp_of(one.path) for one in sources.files]
    files, chunks = _new_files(job, sources, before)
    digest = digest_of(job.vocabulary)
    if not files and digest == before.vocabulary:
        clear(job.store)
        return before
    number = len(before.imports) + 1
    new = Import(number=number, files=tuple(files), read=0, exported=sources.exported) if files else None
    staged = begin(job.store, Plan(new=new, vocabulary=digest, buckets=before.buckets))
    read = _spill(job, staged, chunks, before.buckets)
    for source, stamp in zip(sources.files, stamps, strict=True):
        _check(source, stamp, chunks, staged)
    new_ones = [staged / KEPT / one.name for one in chunks]
    if len(files) == len(sources.files):
        _refuse_torn(job.store, [Kept(path) for path in new_ones], read)
    simulated = sum(Kept(path).about.simulated for path in new_ones)
    brought = (msgspec.structs.replace(new, read=read, simulated=simulated),) if new else ()
    imports = (*before.imports, *brought)
    after = msgspec.structs.replace(before, imports=imports, vocabulary=digest)
    return _build(job, staged, before, after, new_ones)


def _new_files(job: Job, sources: Sources, before: Manifest) -> tuple[list[SourceFile], list[Chunk]]:
    """What the store does not hold yet, hashed, and the chunks it is read in."""
    known = {file.sha256 for one in before.imports for file in one.files}
    whole = sum(one.path.stat().st_size for one in sources.files)
    done = Counted(job.progress, "hashing", whole)
    files: list[SourceFile] = []
    chunks: list[Chunk] = []
    for source in sources.files:
        file, pieces = hashed(source, len(files), done.add)
        if file.sha256 not in known:
            files.append(file)
            chunks += pieces
    return files, chunks


# --- the first pass ----------------------------------------------------------------------------------------------


def _refuse_torn(store: Path, kept: list[Kept], read: int) -> None:
    """Raise `UnreadableInput` where nothing at all of a source could be read: whoever waits for its data must know."""
    if read and sum(one.about.torn for one in kept) == read:
        problem = nothing_understood(complaints_in(kept), store)
        clear(store)
        raise problem


def _spill(job: Job, staged: Path, chunks: list[Chunk], buckets: int) -> int:
    """Every chunk that has not been spilled yet; how much was read in all of them."""
    folder = staged / KEPT
    done = Counted(job.progress, "sorting by patient", sum(_size(one) for one in chunks))
    left = []
    for chunk in chunks:
        if (folder / chunk.name).exists():
            done.add(_size(chunk))
        else:
            left.append(chunk)
    for chunk, _ in job.workers.each(partial(_spill_one, folder, buckets), left):
        done.add(_size(chunk))
    return sum(Kept(folder / one.name).about.read for one in chunks)


def _size(chunk: Chunk) -> int:
    return chunk.end - chunk.start


def _spill_one(folder: Path, buckets: int, chunk: Chunk) -> int:
    return spill(chunk, buckets, folder / chunk.name)


def _check(source: Source, stamp: Stamp, chunks: list[Chunk], staged: Path) -> None:
    """Nothing is kept of a file that changed while it was read."""
    try:
        check_unchanged(source.path, stamp)
    except UnreadableInput:
        for chunk in chunks:
            if chunk.path == source.path:
                (staged / KEPT / chunk.name).unlink(missing_ok=True)
        raise


# --- the second pass ---------------------------------------------------------------------------------------------


class Shelf(NamedTuple):
    """All kept files of a store, for whoever builds a bucket of it."""

    brought: tuple[Brought, ...]
    buckets: int


def shelf_of(store: Path, manifest: Manifest, new: list[Path]) -> Shelf:
    """Kept files of all imports; those of the last one where it is not in place yet."""
    brought: list[Brought] = []
    for one in manifest.imports:
        folder = store / KEPT / f"import-{one.number:04d}"
        kept = sorted(folder.glob("*.kept")) if folder.exists() else new
        brought.append(Brought(tuple(kept), one.files))
    return Shelf(tuple(brought), manifest.buckets)


def _build(job: Job, staged: Path, before: Manifest, after: Manifest, new: list[Path]) -> Manifest:
    shelf = shelf_of(job.store, after, new)
    gathered = Gathered(*shelf, plain_reader_for(finder_for(job.vocabulary)))
    touched = _touched(before, after, gathered, new)
    done = Counted(job.progress, "reading", len(touched))
    there = dict(accounts(staged, range(after.buckets)))
    left = [bucket for bucket in touched if bucket not in there]
    done.add(len(touched) - len(left))
    for _ in job.workers.each(partial(_build_one, shelf, job.vocabulary, staged), left):
        done.add(1)
    everything = dict(accounts(job.store, range(after.buckets))) | dict(accounts(staged, range(after.buckets)))
    rest, nobody = _nobody(job, gathered, everything, staged)
    after = msgspec.structs.replace(
        after,
        patients=sum(one.patients for one in everything.values()),
        simulated=sum(one.simulated for one in everything.values()),
        totals=sum((one.totals for one in everything.values()), rest),
    )
    _check_totals(after)
    number = after.imports[-1].number if len(after.imports) > len(before.imports) else 0
    commit(job.store, Commit(manifest=after, number=number, buckets=tuple(touched), nobody=nobody))
    return after


def _touched(before: Manifest, after: Manifest, gathered: Gathered, new: list[Path]) -> list[int]:
    """The buckets in which something may be different from before."""
    if before.patients < 2 or before.vocabulary != after.vocabulary or not before.imports:
        return list(range(after.buckets))
    fresh_ones = [Kept(path) for path in new]
    if gathered.renamed or any(one.about.deleted or one.shares for one in fresh_ones):
        return list(range(after.buckets))
    return sorted({bucket for one in fresh_ones for bucket in one.buckets})


def _build_one(shelf: Shelf, vocabulary: Vocabulary, staged: Path, bucket: int) -> Account:
    finder = finder_for(_same(vocabulary))
    return build_bucket(_gathered(shelf, finder), bucket, finder, staged)


@lru_cache(maxsize=1)
def _gathered(shelf: Shelf, finder: Finder) -> Gathered:
    return Gathered(*shelf, plain_reader_for(finder))


_VOCABULARIES: list[Vocabulary] = []


def _same(vocabulary: Vocabulary) -> Vocabulary:
    """One object for what comes to a worker with every task, so that what was looked up is remembered."""
    if not _VOCABULARIES or digest_of(_VOCABULARIES[0]) != digest_of(vocabulary):
        _VOCABULARIES[:] = [vocabulary]
    return _VOCABULARIES[0]


def _nobody(job: Job, gathered: Gathered, found: dict[int, Account], staged: Path) -> tuple[Totals, bool]:
    """What belongs to nobody by name: a record of its own, or a part of that of the only patient."""
    finder = finder_for(job.vocabulary)
    (staged / NOBODY).unlink(missing_ok=True)
    with_people = [bucket for bucket, one in found.items() if one.patients]
    if sum(one.patients for one in found.values()) == 1:
        found[with_people[0]] = build_bucket(gathered, with_people[0], finder, staged, only=True)
        return Totals(), False
    (record, _), totals = read_material(gathered.nobody(), finder)
    if not with_people:
        clear(job.store)
        raise no_patient(record.not_understood, job.store)
    if record.not_understood:
        write_durably(staged / NOBODY, encode(record))
    return totals, bool(record.not_understood)


def _check_totals(manifest: Manifest) -> None:
    read = sum(one.read for one in manifest.imports)
    if read != manifest.totals.all:
        what = f"{read:,} resources were read, and {manifest.totals.all:,} are accounted for"
        raise DoesNotAddUp(what, "", "this is a defect in rxvigil; please report it. The store is as it was before")

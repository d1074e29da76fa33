"""An import that is killed, runs out of disk or meets a damaged or changing file: nothing lost, nothing doubled, a
clear message, and a second try that ends in the same bytes."""

import gzip
import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENTS, RESULTS = 120, 25
TIMES_KILLED = 20

LAUNCHER = """
import json, math, os, resource, signal, sys, time
from pathlib import Path
from rxvigil.errors import RxvigilError
from rxvigil.intake.bulk import import_fhir, sources_at
from rxvigil.knowledge import load_rule_book
import pyarrow.parquet, pandas
words = load_rule_book(None, None).vocabulary
def run(source, store, limit):
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        import_fhir(sources_at(Path(source)), Path(store), words, buckets=3, workers=1)
    except RxvigilError as problem:
        print(json.dumps(str(problem)), flush=True)
        os._exit(problem.exit_code)
    except BaseException as problem:
        print(json.dumps("defect: " + repr(problem)), flush=True)
        os._exit(1)
    print(json.dumps(""), flush=True)
    os._exit(0)
TICKS = os.sysconf("SC_CLK_TCK")
def used(process):
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return math.inf if fields[0] == "Z" else (int(fields[11]) + int(fields[12])) / TICKS
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    moment = task.pop("moment")
    child = os.fork()
    if not child:
        run(**task)
    while moment and used(child) < moment:
        time.sleep(0.001)
    if moment:
        os.kill(child, signal.SIGKILL)
    _, status, spent = os.wait4(child, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), spent.ru_utime + spent.ru_stime]), flush=True)
"""
"""Starts each import in a process of its own, without paying for the start of Python each time."""


class Launcher:
    """Imports in processes that can be killed."""

    seconds = 0.0
    """Of processor, that the last import took."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._read() == "ready"

    def _read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def run(self, source: Path, store: Path, killed_after: float | None = None, limit: int = 0) -> tuple[int, str]:
        """Exit code and message; SIGKILL after so many seconds of processor (what else the machine does has no part in
        them), where they are given."""
        assert self._process.stdin is not None
        task = {"source": str(source), "store": str(store), "limit": limit, "moment": killed_after}
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        said = ""
        while isinstance(found := self._read(), str):
            said = found
        status, self.seconds = found
        return int(status), said

    def end(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    found = Launcher()
    yield found
    found.end()


def observation(patient: int, number: int) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": f"o{patient}-{number}", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "751-8"}], "text": "Neutrophils"},
        "subject": {"reference": f"Patient/p{patient}"},
        "effectiveDateTime": f"2025-{1 + number % 12:02d}-{1 + patient % 28:02d}T0{number % 10}:00:00Z",
        "valueQuantity": {"value": 2 + (patient * 7 + number * 3) % 50 / 10, "unit": "10*9/L"},
    }  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    people = [{"resourceType": "Patient", "id": f"p{number}", "birthDate": "1980-05-01"} for number in range(PATIENTS)]
    (folder / "Patient.ndjson").write_text("".join(json.dumps(one) + "\n" for one in people))
    results = [observation(patient, number) for number in range(RESULTS) for patient in range(PATIENTS)]
    for part in range(4):
        text = "".join(json.dumps(one) + "\n" for one in results[part::4])
        (folder / f"Observation.{part}.ndjson").write_text(text)
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


Whole = tuple[dict[str, bytes], float]


@pytest.fixture(scope="module")
def whole(launcher: Launcher, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The bytes of an import that nothing disturbed, and the seconds of processor it took."""
    store = tmp_path_factory.mktemp("whole") / "store"
    assert launcher.run(source, store) == (0, "")
    return content_of(store), launcher.seconds


def test_killed_at_twenty_moments(launcher: Launcher, source: Path, whole: Whole, tmp_path: Path) -> None:
    """Each kill comes at a moment drawn over the length of an import; half of the stores are completed at once, the
    others are killed again and again."""
    expected, seconds = whole
    moments = random.Random(4)
    killed = 0
    for number in range(TIMES_KILLED):
        store = tmp_path / f"store{number // 2}"
        status, _ = launcher.run(source, store, killed_after=moments.uniform(0.02, 1.0) * seconds)
        killed += status == -signal.SIGKILL
        if number % 2:
            assert launcher.run(source, store) == (0, "")
            assert content_of(store) == expected
    assert killed > TIMES_KILLED // 2


@pytest.mark.parametrize("number", [0, 1])
def test_given_twice_it_changes_nothing(
    launcher: Launcher, source: Path, whole: Whole, tmp_path: Path, number: int
) -> None:
    store = tmp_path / "store"
    for _ in range(2 + number):
        assert launcher.run(source, store) == (0, "")
    assert content_of(store) == whole[0]


@pytest.mark.parametrize("limit", [100, 3000, 10_000, 20_000])
def test_a_full_disk(launcher: Launcher, source: Path, whole: Whole, tmp_path: Path, limit: int) -> None:
    """No file may grow beyond the limit, as on a full disk: a message, no store; with room again it goes on."""
    store = tmp_path / "store"
    status, said = launcher.run(source, store, limit=limit)
    assert status == 13
    assert "no room left" in said
    assert "give the same command again" in said
    assert not (store / "store.json").exists()
    assert launcher.run(source, store) == (0, "")
    assert content_of(store) == whole[0]


def test_a_disk_that_is_really_full(
    launcher: Launcher, source: Path, whole: Whole, small_disk: Callable[[str], Path]
) -> None:
    store = small_disk("150k") / "store"
    status, said = launcher.run(source, store)
    assert (status, "no room left" in said) == (13, True)
    small_disk("50m")
    assert launcher.run(source, store) == (0, "")
    assert content_of(store) == whole[0]


def test_a_packed_file_that_is_cut_short(launcher: Launcher, source: Path, tmp_path: Path) -> None:
    """Nothing of it is kept; what is finished of the others need not be read again, and the mended file is."""
    folder, store = tmp_path / "in", tmp_path / "store"
    shutil.copytree(source, folder)
    packed = gzip.compress((folder / "Observation.3.ndjson").read_bytes())
    (folder / "Observation.3.ndjson").unlink()
    (folder / "Observation.3.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    status, said = launcher.run(folder, store)
    assert status == 10
    assert "Observation.3.ndjson.gz: the gzip file is damaged or cut short" in said
    assert not (store / "store.json").exists()
    (folder / "Observation.3.ndjson.gz").write_bytes(packed)
    assert launcher.run(folder, store) == (0, "")
    assert json.loads((store / "store.json").read_bytes())["totals"]["kept"] == PATIENTS * (RESULTS + 1)


def test_a_file_that_changes_while_it_is_read(source: Path, tmp_path: Path) -> None:
    """A line more while the import runs: an error, and nothing of the file is kept."""
    from rxvigil.errors import UnreadableInput
    from rxvigil.intake.bulk import import_fhir, sources_at
    from rxvigil.knowledge import load_rule_book
    from rxvigil.population.store import is_store

    folder, store = tmp_path / "in", tmp_path / "store"
    shutil.copytree(source, folder)
    words = load_rule_book(None, None).vocabulary

    def append(stage: str, done: int, whole: int) -> None:
        if stage == "sorting by patient" and done == whole:
            with (folder / "Observation.1.ndjson").open("a") as file:
                file.write(json.dumps(observation(1, 99)) + "\n")

    with pytest.raises(UnreadableInput, match="changed while it was read"):
        import_fhir(sources_at(folder), store, words, buckets=3, workers=1, progress=append)
    assert not is_store(store)
    assert not list((store / "staging" / "kept").glob("00001-*"))
    manifest = import_fhir(sources_at(folder), store, words, buckets=3, workers=1)
    assert manifest.totals.kept == PATIENTS * (RESULTS + 1) + 1

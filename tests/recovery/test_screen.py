"""A screen that is killed, stopped, runs out of disk, meets another screen, or whose store changes meanwhile: nothing
lost, nothing doubled, nothing of two states mixed, a clear message, and a second try that ends in the same bytes."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from screening.little import rule_book, source

PATIENTS, BUCKETS, TIMES_KILLED = 24, 3, 20
ON, LATER = "2026-03-01", "2026-04-01"

LAUNCHER = """
import json, math, os, resource, signal, sys, time
from datetime import date
from pathlib import Path
import duckdb, ibis, pyarrow.parquet
from rxvigil.cli.app import main
from rxvigil.cohort import plan as planning
from rxvigil.engine import Wanted
from rxvigil.knowledge import load_rule_book
from rxvigil.screening import databases, run

making, writing, plans, queries = planning.make_plan, databases.written_out, {}, {}
def make_plan(book, wanted, on, *, fast, on_file):
    key = (book.digest, wanted, on, fast, on_file)
    if key not in plans:
        plans[key] = making(book, wanted, on, fast=fast, on_file=on_file)
    return plans[key]
def written_out(plan, dialect):
    key = (id(plan), dialect)
    if key not in queries:
        queries[key] = writing(plan, dialect)
    return queries[key]
planning.make_plan, run.written_out = make_plan, written_out
book, on = load_rule_book(Path(sys.argv[1]), None), date.fromisoformat(sys.argv[2])
written_out(make_plan(book, Wanted("UK"), on, fast=True, on_file=frozenset(["azathioprine", "neutrophils"])), "duckdb")

def run_command(arguments, limit, said):
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    sys.argv = ["rxvigil", *arguments]
    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        os._exit(ended.code or 0)
    except BaseException:
        import traceback
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(99)
    os._exit(0)
TICKS = os.sysconf("SC_CLK_TCK")
def used(process):
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return math.inf if fields[0] == "Z" else (int(fields[11]) + int(fields[12])) / TICKS
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    moment, until, how = task.pop("moment"), task.pop("until"), task.pop("signal")
    child = os.fork()
    if not child:
        run_command(**task)
    while moment and used(child) < moment:
        time.sleep(0.001)
    while until and not list(Path(until[0]).glob(until[1])):
        time.sleep(0.001)
    if moment or until:
        os.kill(child, how)
    _, status, spent = os.wait4(child, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), spent.ru_utime + spent.ru_stime]), flush=True)
"""
"""Runs each command in a process of its own, without paying each time for the start of Python and for writing the plan
as SQL, which takes far longer than running it on a few patients."""


class Launcher:
    """Commands in processes that can be killed."""

    seconds = 0.0
    """Of processor, that the last command took."""

    def __init__(self, rules: Path, folder: Path) -> None:
        self._said = folder / "said.txt"
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(rules), ON], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._read() == "ready"

    def _read(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def run(
        self,
        *arguments: str | Path,
        after: float | None = None,
        until: tuple[Path, str] | None = None,
        by: int = signal.SIGKILL,
        limit: int = 0,
    ) -> tuple[int, str]:
        """Exit code and all it said. A signal comes after so many seconds of processor (what else the machine does has
        no part in them), or once the folder holds what the pattern names; no file can grow beyond the limit."""
        assert self._process.stdin is not None
        when = {"moment": after, "until": until and [*map(str, until)], "signal": by}
        task = {"arguments": [*map(str, arguments)], "limit": limit, "said": str(self._said)}
        self._process.stdin.write(json.dumps(task | when) + "\n")
        self._process.stdin.flush()
        status, self.seconds = self._read()
        return status, self._said.read_text()

    def end(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rule_book(tmp_path_factory.mktemp("rules"), 1.0)


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rule_book(tmp_path_factory.mktemp("stricter"), 2.0)


@pytest.fixture(scope="module")
def launcher(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    found = Launcher(rules, tmp_path_factory.mktemp("launcher"))
    yield found
    found.end()


@pytest.fixture(scope="module")
def clinic(launcher: Launcher, rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clinic")
    status, said = launcher.run(
        "import", source(folder, range(PATIENTS)), folder / "a.store", "--buckets", str(BUCKETS), "--rules", rules
    )
    assert status == 0, said
    return folder / "a.store"


def asked(store: Path, rules: Path, *more: str) -> tuple[str | Path, ...]:
    """Bucket by bucket, so that there is something to go on from."""
    return ("screen", store, "--on", ON, "-j", "UK", "--rules", rules, "--workers", "1", "--at-once", "1", *more)


ALONE = ("--backend", "engine")
"""The evaluator of one patient asked of everybody: no plan need be written for another day or rule book."""


def copy_of(store: Path, folder: Path) -> Path:
    shutil.copytree(store, folder / "copy.store", ignore=shutil.ignore_patterns("findings"))
    return folder / "copy.store"


def screens(store: Path) -> dict[str, bytes]:
    """Everything that a store has of its screens, finished or not."""
    folder = store / "findings"
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def parts_of(store: Path) -> int:
    """How many shares of an unfinished screen are answered."""
    return len(list(store.glob("findings/.*/parts/share=*")))


def undisturbed(launcher: Launcher, store: Path, folder: Path, rules: Path, *more: str) -> dict[str, bytes]:
    """What a screen leaves that nothing came between."""
    copied = copy_of(store, folder)
    status, said = launcher.run(*asked(copied, rules, *more))
    assert status == 0, said
    return screens(copied)


class Whole(NamedTuple):
    """A screen that nothing disturbed: its bytes, and the seconds of processor it took."""

    files: dict[str, bytes]
    seconds: float


@pytest.fixture(scope="module")
def whole(launcher: Launcher, clinic: Path, rules: Path, tmp_path_factory: pytest.TempPathFactory) -> "Wholes":
    """By what is asked besides: the plan, or the evaluator of one patient alone."""
    found = {}
    for more in ((), ALONE):
        files = undisturbed(launcher, clinic, tmp_path_factory.mktemp("whole"), rules, *more)
        found[more] = Whole(files, launcher.seconds)
        assert len(found[more].files) == 5, "four tables and their account"
    return found


Wholes = dict[tuple[str, ...], Whole]


def killed_half_way(launcher: Launcher, store: Path, rules: Path, *more: str) -> None:
    """Kill a screen when one share is answered and another not."""
    for _ in range(5):
        launcher.run(*asked(store, rules, *more), until=(store, "findings/.*/parts/share=*"))
        if parts_of(store) < BUCKETS:
            return
        shutil.rmtree(store / "findings")
    pytest.fail("no kill came before the last share was answered")


def test_what_is_screened_here_has_every_kind_of_row(whole: Wholes) -> None:
    account = json.loads(next(content for name, content in whole[()].files.items() if name.endswith("screen.json")))

    assert account["patients"] == PATIENTS
    assert {"STOP", "ACT", "CANNOT SAY"} <= set(account["tiers"])
    assert sum(account["singly"].values()) > 0
    assert account["opened"]["agreed"] == account["opened"]["patients"] > 0


def test_killed_at_twenty_moments(launcher: Launcher, clinic: Path, rules: Path, whole: Wholes, tmp_path: Path) -> None:
    """Each kill comes at a moment drawn over the length of a screen; half of the screens are completed at once, the
    others are killed again first. A worklist never takes what is not finished for a screen."""
    moments = random.Random(4)
    killed, stages = 0, set()
    for number in range(TIMES_KILLED):
        more = ALONE if number // 2 % 3 else ()
        folder = tmp_path / f"{number // 2}"
        store = folder / "copy.store" if folder.exists() else copy_of(clinic, folder)
        status, said = launcher.run(*asked(store, rules, *more), after=moments.uniform(0.02, 1.1) * whole[more].seconds)
        assert status in (0, -signal.SIGKILL), said
        killed += status < 0
        stages.add(parts_of(store) if status else "finished")
        if status and not number % 4:
            assert launcher.run("worklist", store)[0] == (0 if list(store.glob("findings/2*")) else 10)
        if number % 2:
            status, said = launcher.run(*asked(store, rules, *more))
            assert status == 0, said
            assert screens(store) == whole[more].files
    assert killed > TIMES_KILLED // 2
    assert len(stages) > 2, "the moments were not spread"


@pytest.mark.parametrize("share", [0.4, 0.8])
def test_stopped_with_ctrl_c(
    launcher: Launcher, clinic: Path, rules: Path, whole: Wholes, tmp_path: Path, share: float
) -> None:
    """A message and the exit code of its own, and the same command goes on."""
    store = copy_of(clinic, tmp_path)
    status, said = launcher.run(*asked(store, rules), after=share * whole[()].seconds, by=signal.SIGINT)
    if status:
        assert status == 130, said
        assert said.startswith("rxvigil: stopped\n  What to do: give the command again")
        assert "Traceback" not in said
    assert launcher.run(*asked(store, rules))[0] == 0
    assert screens(store) == whole[()].files


@pytest.mark.parametrize("lock", [True, False])
def test_what_a_kill_left_beside_a_finished_screen_is_thrown_away(
    launcher: Launcher, clinic: Path, rules: Path, whole: Wholes, tmp_path: Path, lock: bool
) -> None:
    store = copy_of(clinic, tmp_path)
    assert launcher.run(*asked(store, rules, *ALONE))[0] == 0
    (screen,) = store.glob("findings/*")
    left = screen.with_name(f".{screen.name}.working") / "parts" / "share=000"
    left.mkdir(parents=True)
    (left / "counts.json").write_text("[")
    if lock:
        (left.parents[1] / ".lock").write_text("")
    assert launcher.run(*asked(store, rules, *ALONE))[0] == 0
    assert screens(store) == whole[ALONE].files


def test_what_is_finished_is_not_asked_again(launcher: Launcher, clinic: Path, rules: Path, tmp_path: Path) -> None:
    """The facts of the answered share are spoilt meanwhile: whoever asked it again would stumble."""
    store, alone = copy_of(clinic, tmp_path), (*ALONE, "--explain", "0")
    killed_half_way(launcher, store, rules, *alone)
    (answered,) = store.glob("findings/.*/parts/share=*")
    bucket = answered.name.replace("share", "bucket")
    (store / "facts" / "symptoms" / bucket / "part-0.parquet").write_bytes(b"")
    status, said = launcher.run(*asked(store, rules, *alone))
    assert status == 0, said
    assert screens(store) == undisturbed(launcher, clinic, tmp_path / "fresh", rules, *alone)


@pytest.mark.parametrize("limit", [2500, 9000, 20_000])
def test_a_full_disk(launcher: Launcher, clinic: Path, rules: Path, whole: Wholes, tmp_path: Path, limit: int) -> None:
    """No file may grow beyond the limit, as on a full disk: a message, no screen; with room again it goes on."""
    store = copy_of(clinic, tmp_path)
    status, said = launcher.run(*asked(store, rules, *ALONE), limit=limit)
    assert status == 13, said
    assert "no room left" in said
    assert "give the same command again" in said
    assert launcher.run("worklist", store)[0] == 10
    assert launcher.run(*asked(store, rules, *ALONE))[0] == 0
    assert screens(store) == whole[ALONE].files


def test_a_disk_that_is_really_full(
    launcher: Launcher, clinic: Path, rules: Path, whole: Wholes, small_disk: Callable[[str], Path]
) -> None:
    disk = small_disk("50m")
    store = copy_of(clinic, disk)
    free = shutil.disk_usage(disk).free
    (disk / "ballast").write_bytes(bytes(free - 60_000))
    status, said = launcher.run(*asked(store, rules, *ALONE))
    assert (status, "no room left" in said) == (13, True), said
    (disk / "ballast").unlink()
    assert launcher.run(*asked(store, rules, *ALONE))[0] == 0
    assert screens(store) == whole[ALONE].files


def test_two_at_once(launcher: Launcher, clinic: Path, rules: Path, whole: Wholes, tmp_path: Path) -> None:
    """The second is told that the first is at work; what the first leaves is right."""
    store = copy_of(clinic, tmp_path)
    command = [str(Path(sys.executable).with_name("rxvigil")), *map(str, asked(store, rules, *ALONE))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as first:
        while not list(store.glob("findings/.*.working/.lock")) and first.poll() is None:
            time.sleep(0.01)
        status, said = launcher.run(*asked(store, rules, *ALONE))
        assert (status, "another process is making this very screen" in said) == (13, True), said
        first.communicate()
        assert first.returncode == 0
    assert screens(store) == whole[ALONE].files


def test_an_import_between_kill_and_resume(launcher: Launcher, clinic: Path, rules: Path, tmp_path: Path) -> None:
    """What was answered before is of another store: nothing of it is used, and nothing of it stays."""
    store = copy_of(clinic, tmp_path)
    killed_half_way(launcher, store, rules, *ALONE)
    (tmp_path / "more").mkdir()
    more = source(tmp_path / "more", range(PATIENTS - 4, PATIENTS + 2))
    status, said = launcher.run("import", more, store, "--rules", rules)
    assert status == 0, said
    status, said = launcher.run(*asked(store, rules, *ALONE))
    assert status == 0, said
    assert f"{PATIENTS + 2} patients" in said
    assert screens(store) == undisturbed(launcher, store, tmp_path / "fresh", rules, *ALONE)


@pytest.mark.parametrize("kept", [True, False], ids=["in place", "being put in place"])
def test_an_import_in_the_middle_of_a_screen(
    launcher: Launcher, clinic: Path, rules: Path, tmp_path: Path, kept: bool
) -> None:
    """Nothing that was read while the facts changed is kept."""
    from rxvigil.engine import Wanted
    from rxvigil.errors import UnreadableInput
    from rxvigil.intake.bulk import import_fhir, sources_at
    from rxvigil.knowledge import load_rule_book
    from rxvigil.population.store import JOURNAL, STAGING, Store
    from rxvigil.screening import Request, Setup, screen

    store, book = copy_of(clinic, tmp_path), load_rule_book(rules, None)
    (tmp_path / "more").mkdir()
    more = source(tmp_path / "more", range(PATIENTS, PATIENTS + 3))
    journal = store / STAGING / JOURNAL

    def meanwhile(stage: str, done: int, whole: int) -> None:
        if (stage, done) == ("screening", 1) and kept:
            import_fhir(sources_at(more), store, book.vocabulary, workers=1)
        elif (stage, done) == ("screening", 1):
            journal.parent.mkdir()
            journal.write_text("{}")

    setup = Setup(store, book, Wanted("UK"), date.fromisoformat(ON))
    with pytest.raises(UnreadableInput, match="an import changed the store"):
        screen(Store.open(store), setup, Request(backend="engine", at_once=1, workers=1, progress=meanwhile))
    assert parts_of(store) == 1
    if not kept:
        shutil.rmtree(journal.parent)
    status, said = launcher.run(*asked(store, rules, *ALONE))
    assert status == 0, said
    assert screens(store) == undisturbed(launcher, store, tmp_path / "fresh", rules, *ALONE)


def test_another_day_or_rule_book_between_kill_and_resume(
    launcher: Launcher, clinic: Path, rules: Path, stricter: Path, whole: Wholes, tmp_path: Path
) -> None:
    """The last `--on` counts; what was cut off is gone on with by its own command alone."""
    store, later = copy_of(clinic, tmp_path), (*ALONE, "--on", LATER)
    killed_half_way(launcher, store, rules, *ALONE)
    assert launcher.run(*asked(store, rules, *later))[0] == 0
    assert launcher.run(*asked(store, stricter, *ALONE))[0] == 0
    assert parts_of(store) > 0, "the first is still there to go on with"
    assert launcher.run(*asked(store, rules, *ALONE))[0] == 0
    other_day = undisturbed(launcher, clinic, tmp_path / "later", rules, *later)
    other_book = undisturbed(launcher, clinic, tmp_path / "stricter", stricter, *ALONE)
    together = whole[ALONE].files | other_day | other_book
    assert len({name.partition("/")[0] for name in together}) == 3
    assert screens(store) == together


def test_again_begins_anew_and_keeps_the_old_until_the_new_is_there(
    launcher: Launcher, clinic: Path, rules: Path, tmp_path: Path
) -> None:
    store = copy_of(clinic, tmp_path)
    assert launcher.run(*asked(store, rules, *ALONE))[0] == 0
    before = screens(store)
    launcher.run(*asked(store, rules, *ALONE, "--again"), until=(store, "findings/.*/parts/share=*"))
    assert before.items() <= screens(store).items()
    for spoilt in store.glob("findings/.*/parts/share=*/*"):
        spoilt.write_bytes(b"")
    status, said = launcher.run(*asked(store, rules, *ALONE, "--again"))
    assert status == 0, said
    assert screens(store) == before


def test_answers_that_were_spoilt_on_disk_are_a_message(
    launcher: Launcher, clinic: Path, rules: Path, whole: Wholes, tmp_path: Path
) -> None:
    store = copy_of(clinic, tmp_path)
    killed_half_way(launcher, store, rules, *ALONE)
    for spoilt in store.glob("findings/.*/parts/share=*/*"):
        spoilt.write_bytes(spoilt.read_bytes()[:-20])
    status, said = launcher.run(*asked(store, rules, *ALONE))
    assert (status, "--again" in said) == (10, True), said
    assert launcher.run(*asked(store, rules, *ALONE, "--again"))[0] == 0
    assert screens(store) == whole[ALONE].files

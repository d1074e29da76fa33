"""How commands end when nobody reads along, nothing can be written, or somebody presses Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from rxvigil.samples import samples

RXVIGIL = str(Path(sys.executable).with_name("rxvigil"))
RECORD = str(next(one.path for one in samples() if one.name.startswith("4")))
FULL = Path("/dev/full")

SAYING_SOMETHING = [
    ("--help",),
    ("dose", "--help"),
    ("rules", "list"),
    ("rules", "compare", "azathioprine"),
    ("assess", RECORD, "--on", "2026-03-02"),
    ("assess", RECORD, "--on", "2026-03-02", "-f", "json"),
    ("start", RECORD, "--on", "2026-03-02"),
]
"""Commands that write in each of the ways there are: as help, lines, tables, a page for the terminal, bytes."""


def run(*arguments: str, out: int, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [RXVIGIL, *arguments], stdout=out, stderr=subprocess.PIPE, check=False, timeout=120, env=os.environ | more
    )


@pytest.mark.parametrize("arguments", SAYING_SOMETHING, ids=" ".join)
def test_nobody_reads_along(arguments: tuple[str, ...]) -> None:
    """As with `| head -1`: the end is quiet, and no failure."""
    reader, writer = os.pipe()
    os.close(reader)
    done = run(*arguments, out=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not FULL.is_char_device(), reason="this system has no device that is always full")
@pytest.mark.parametrize("arguments", SAYING_SOMETHING[2:], ids=" ".join)
def test_there_is_no_room_for_the_answer(arguments: tuple[str, ...]) -> None:
    with FULL.open("wb") as full:
        done = run(*arguments, out=full.fileno())
    assert done.returncode == 13
    assert done.stderr.startswith(b"rxvigil: standard output: cannot be written: No space left on device")


def test_standard_output_is_closed() -> None:
    command = f'"{RXVIGIL}" assess "{RECORD}" --on 2026-03-02 -f json >&-'
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (13, False)
    assert b"--output" in done.stderr


def test_a_pipe_or_device_named_as_output_stays_what_it_is(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    done = run("assess", RECORD, "--on", "2026-03-02", "-f", "json", "-o", str(pipe), out=subprocess.DEVNULL)
    reader.join(timeout=60)
    assert done.returncode == 0
    assert pipe.is_fifo()
    assert read[0].startswith(b"{")


def test_a_link_named_as_output_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "there" / "report.json")
    done = run("assess", RECORD, "--on", "2026-03-02", "-f", "json", "-o", str(link), out=subprocess.DEVNULL)
    assert done.returncode == 0
    assert link.is_symlink()
    assert (tmp_path / "there" / "report.json").read_bytes().startswith(b"{")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_letters_that_the_terminal_does_not_have(encoding: str) -> None:
    arguments = ("assess", RECORD, "--on", "2026-03-02")
    done = run(*arguments, out=subprocess.PIPE, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u201cMust\\u201d" in done.stdout, "none of these has the quotation marks of print"


def test_ctrl_c_is_a_message_and_an_exit_code_of_its_own(tmp_path: Path) -> None:
    """Pressed while a command reads a record that does not end."""
    pipe = tmp_path / "record.json"
    os.mkfifo(pipe)
    with subprocess.Popen([RXVIGIL, "assess", str(pipe)], stderr=subprocess.PIPE) as command, pipe.open("wb"):
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=60)
    assert command.returncode == 130
    assert said.startswith(b"rxvigil: stopped\n  What to do: give the command again")
    assert b"Traceback" not in said


AT_WORK = """
import time
from rxvigil.intake.bulk.work import Workers
with Workers(3) as everybody:
    for done in everybody.each(time.sleep, [1.0] * 8 + [0.01] * 80):
        print(done, flush=True)
"""


@pytest.mark.parametrize("milliseconds", [0, 15, 110, 330])
def test_ctrl_c_is_not_answered_by_each_process_at_work(milliseconds: int) -> None:
    """A terminal tells it to all of them; the one that the user began says so, once, and waits for nobody: pressed
    while pieces of work are given out, it left locks held for which the end of the command then waited."""
    with subprocess.Popen(
        [sys.executable, "-c", AT_WORK], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as command:
        assert command.stdout is not None
        command.stdout.readline()
        time.sleep(milliseconds / 1000)
        os.killpg(command.pid, signal.SIGINT)
        _, said = command.communicate(timeout=60)
    assert said.count(b"Traceback") == 1
    assert said.rstrip().endswith(b"KeyboardInterrupt")

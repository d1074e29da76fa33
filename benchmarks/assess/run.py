"""Patients per second, and milliseconds per patient: rxvigil and cql-execution on the same bundles, in turns.

    python -m benchmarks.assess.run [--patients 200] [--rounds 7] [--commands 11] [--output RESULTS.md]

Writes the results as a page, and every single time beside it (dist/times.json).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.assess import bundles, peer
from benchmarks.assess.long_record import long_bundle
from benchmarks.assess.measuring import Process, Side, as_json, in_turns, load, run_command
from benchmarks.assess.ours import Ours, questions_book, record_in, shipped_book
from benchmarks.assess.page import Agreement, Commands, Findings, page
from rxvigil.errors import RxvigilError

HERE: Final = Path(__file__).parent
QUESTIONS: Final = "rxvigil, three questions"
WHOLE: Final = "rxvigil, whole rule book"
LONG: Final = "rxvigil, long records"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the page."""
    options = _options(arguments)
    if reason := peer.unavailable():
        say(reason)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options, Path(folder))
    options.output.write_text(page(found), encoding="utf-8")
    (HERE / "dist" / "times.json").write_text(as_json(found.passes | found.long), encoding="utf-8")
    say(f"written: {options.output}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assess.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--patients", type=int, default=200, help="simulated patients (default 200)")
    parser.add_argument("--rounds", type=int, default=7, help="timed rounds, after one to warm up (default 7)")
    parser.add_argument("--commands", type=int, default=11, help="runs of each command (default 11)")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md", help="the page to write")
    return parser.parse_args(arguments)


def measure(options: argparse.Namespace, folder: Path) -> Findings:
    """Everything the page shows."""
    before = load()
    text = bundles.ndjson(options.patients)
    file = folder / "bundles.ndjson"
    file.write_bytes(text)
    whole = shipped_book()
    lines = text.splitlines()
    questions = Ours(QUESTIONS, questions_book(), lines, bundles.ON)
    everything = Ours(WHOLE, whole, lines, bundles.ON)
    long = [json.dumps(long_bundle(number)).encode() for number in range(max(20, options.patients // 4))]
    with peer.Peer(peer.translate(HERE / "dist" / "monitoring.json"), file, bundles.ON) as cql:
        say("the same answers?")
        agreement = _agreement(questions, cql)
        say("in turns:")
        sides: list[Side] = [questions, cql, everything]
        passes = in_turns(sides, options.rounds, say)
        say("long records:")
        long_passes = in_turns([Ours(LONG, whole, long, bundles.ON)], options.rounds, say)
    say("whole commands:")
    commands = _commands(options.commands, file, folder)
    return Findings(
        command=f"python -m benchmarks.assess.run --patients {options.patients} --rounds {options.rounds} "
        f"--commands {options.commands}",
        load=(before, load()),
        peer_versions=peer.versions(),
        book=whole,
        questions=QUESTIONS,
        whole=WHOLE,
        peer=cql.name,
        passes=passes,
        long=long_passes,
        long_facts=_facts(long[0], everything),
        agreement=agreement,
        commands=commands,
    )


def _agreement(ours: Ours, cql: peer.Peer) -> Agreement:
    mine, theirs = ours.answers(), cql.answers()
    pairs = [(one, other) for who, given in mine.items() for one, other in zip(given, theirs[who], strict=True)]
    counts = {truth: sum(1 for one, _ in pairs if one is truth) for truth in (True, False, None)}
    return Agreement(sum(1 for one, other in pairs if one is other), len(pairs), counts)


def _facts(text: bytes, side: Ours) -> int:
    record = record_in(json.loads(text), side.book)
    kinds = (record.results, record.prescriptions, record.conditions, record.allergies, record.immunisations)
    return sum(map(len, kinds))


def _commands(runs: int, patients: Path, folder: Path) -> Commands:
    """Each command in turn, in a process of its own; the files are in the disk cache, as on a machine in use."""
    one = folder / "patient.json"
    one.write_bytes(patients.read_bytes().splitlines()[0])
    program = str(Path(sys.executable).with_name("rxvigil"))
    lines = {
        "rxvigil --help": [program, "--help"],
        "rxvigil assess patient.json": [program, "assess", str(one), "--on", bundles.ON.isoformat()],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    found: dict[str, list[Process]] = {name: [] for name in lines}
    for number in range(runs + 1):
        for name, line in lines.items():
            process = run_command(line)
            if number:
                found[name].append(process)
    return found


def say(line: str) -> None:
    """What is going on, for whoever waits."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RxvigilError as problem:
        say(str(problem))
        sys.exit(problem.exit_code)

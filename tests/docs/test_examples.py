"""What the documents show is what happens: commands are run, Python is run, YAML is loaded."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docs.blocks import ROOT, Block, blocks, documents, name_of
from rxvigil.intake.answers import AnswersFile
from rxvigil.intake.tables.mapping import Mapping
from rxvigil.knowledge import provenance, rules, starting
from rxvigil.knowledge.casefile import CasesFile
from rxvigil.knowledge.loader import KINDS
from rxvigil.knowledge.overlay import OverlayFile
from rxvigil.knowledge.yamlfile import parse_document

MODELS = {**KINDS, "cases": CasesFile, "overlay": OverlayFile, "mapping": Mapping, "answers": AnswersFile}
LANGUAGES = {"console", "python", "yaml", "text", "json", "csv", ""}
DOCUMENTS = [pytest.param(path, id=name_of(path)) for path in documents()]
WITH_EXAMPLES = [
    pytest.param(path, id=name_of(path))
    for path in documents()
    if any(block.language in ("console", "python") for block in blocks(path))
]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder like a fresh clone, to work in: the sources are there, what is written stays here."""
    for name in ("src", "examples", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.mark.parametrize("path", WITH_EXAMPLES)
def test_examples_do_what_the_document_says(path: Path, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    names: dict[str, Any] = {}
    for block in blocks(path):
        if block.word == "file":
            target = desk / block.said
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.word != "not run" and block.language == "console":
            run_console(block, desk)
        elif block.word != "not run" and block.language == "python":
            run_python(block, names, f"{path.name}:{block.line}")


def run_console(block: Block, desk: Path) -> None:
    """Each `$ command` ends well and prints what follows it; `...` stands for anything."""
    for command, expected in sessions(block.text):
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=desk, text=True, check=False, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "PATH": path, "COLUMNS": "100"},
        )  # fmt: skip
        shown = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
        assert done.returncode == 0, f"line {block.line}: `{command}` ended with {done.returncode}:\n{shown}"
        assert like(expected).fullmatch(shown), (
            f"line {block.line}: `{command}` printed\n{shown}\n\nand not\n{expected}"
        )


def sessions(text: str) -> list[tuple[str, str]]:
    """Pairs of a command (a trailing backslash goes on) and the output shown for it."""
    found: list[tuple[str, list[str]]] = []
    goes_on = False
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif goes_on:
            found[-1] = (f"{found[-1][0]}\n{line}", [])
        else:
            found[-1][1].append(line.rstrip())
        goes_on = (line.startswith("$ ") or goes_on) and line.endswith("\\")
    return [(command, "\n".join(lines).strip()) for command, lines in found]


def like(expected: str) -> re.Pattern[str]:
    """The output as shown, however its lines are wrapped; nothing shown means that anything may be printed."""
    parts = [r"\s+".join(map(re.escape, part.split())) for part in expected.split("...")] if expected else ["", ""]
    return re.compile(r"\s*.*?\s*".join(parts), re.DOTALL)


def run_python(block: Block, names: dict[str, Any], place: str) -> None:
    """A block with prompts is a doctest; one without is run as it stands."""
    if ">>>" not in block.text:
        exec(compile(block.text, place, "exec"), names)
        return
    example = doctest.DocTestParser().get_doctest(block.text, names, place, place, block.line)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    failed = runner.run(example, out=report.append, clear_globs=False).failed
    names.update(example.globs)
    assert not failed, "".join(report)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_yaml_examples_load_with_the_real_models(path: Path) -> None:
    for block in blocks(path):
        if block.language != "yaml" or block.word == "not run":
            continue
        place = f"{path.name}:{block.line}"
        if block.word == "part":
            check_part(block, place)
            continue
        data = parse_document(block.text, place).data
        kind = data.get("kind") if isinstance(data, dict) else None
        assert kind in MODELS, f"{place}: say what this is: a whole file with 'kind', or <!-- part: Model -->"
        MODELS[kind].model_validate(data)


def check_part(block: Block, place: str) -> None:
    """A piece of a file, or a list of such pieces, against the named model."""
    model = getattr(rules, block.said, None) or getattr(starting, block.said, None) or getattr(provenance, block.said)
    data = parse_document(block.text, place).data
    for entry in data if isinstance(data, list) else [data]:
        model.model_validate(entry)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_block_is_of_a_language_that_is_tested_or_plain(path: Path) -> None:
    for block in blocks(path):
        assert block.language in LANGUAGES, f"{path.name}:{block.line}: {block.language}"
    fences = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip().startswith("```")]
    assert len(fences) == 2 * sum(1 for _ in blocks(path)), f"{path.name}: a fence that is never closed"


def test_a_wrong_example_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="and not"):
        run_console(Block("console", "$ echo two\nthree\n", 1), tmp_path)
    with pytest.raises(AssertionError, match="ended with 3"):
        run_console(Block("console", "$ exit 3\n", 1), tmp_path)
    with pytest.raises(AssertionError, match="Expected"):
        run_python(Block("python", ">>> 1 + 1\n3\n", 1), {}, "here")
    run_console(Block("console", "$ printf 'one\\ntwo\\nthree\\n'\none\n...\nthree\n", 1), tmp_path)

"""The repository speaks of the product alone, and everything it promises is there."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKPLACE = re.compile(r"(^|[^A-Za-z0-9_.~])/(work|root|home/[a-z]+)/")
ADDRESS = re.compile(r"\"resolved\"|index-url|--find-links|file://|@ https?://")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_path_of_a_machine_is_committed() -> None:
    for path in tracked():
        if path.suffix in (".svg", ".png", ".gz"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not WORKPLACE.search(line), f"{path.relative_to(ROOT)}:{number}"


def test_locks_name_no_address() -> None:
    for path in tracked():
        if "lock" in path.name:
            assert not ADDRESS.search(path.read_text(encoding="utf-8")), path.name


def test_no_check_is_silenced() -> None:
    silenced = re.compile(r"#\s*(type: ignore|noqa|pragma: no cover)|NotImplementedError|\bTODO\b|\bFIXME\b")
    for path in tracked():
        if path.suffix == ".py" and path != Path(__file__):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                assert not silenced.search(line), f"{path.relative_to(ROOT)}:{number}: {line.strip()}"


def test_the_documents_are_there() -> None:
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "GLOSSARY.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "LICENSE",
        "safety/intended-use.md",
    ):
        assert (ROOT / name).stat().st_size > 400, name


def test_no_file_is_large() -> None:
    for path in tracked():
        assert path.stat().st_size < 1_000_000, f"{path.relative_to(ROOT)} is too large to review"

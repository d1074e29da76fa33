"""Imports run one way: cli → reports, intake, casebook → starting → dosing → engine → genetics → knowledge → facts;
errors, clock and formulae are leaves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "rxvigil"
LEVELS = {
    "errors": 0, "clock": 0, "formulae": 1, "facts": 1, "knowledge": 2, "genetics": 3, "engine": 4, "dosing": 5,
    "starting": 6, "population": 6, "cohort": 7, "casebook": 8, "reports": 8, "intake": 8, "samples": 8,
    "simulation": 8, "screening": 9, "cli": 10,
}  # fmt: skip
HEAVY = {"altair", "vl_convert", "jinja2", "rich", "typer", "yaml", "duckdb", "ibis", "pyarrow", "pyspark", "fastapi"}
HOME_OF_HEAVY = {"typer": {"cli"}, "yaml": {"knowledge"}}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, at the top of the file?) of every import; those only for type checkers do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((name.name, id(node) in top) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) in top


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_imports_only_from_below(path: Path) -> None:
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    for module, _ in imports(path):
        if not module.startswith("rxvigil.") or own == "__init__":
            continue
        other = module.split(".")[1]
        below = LEVELS[other] < LEVELS[own]
        assert below or other == own, f"{own} may not import {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_heavy_libraries_are_imported_where_used(path: Path) -> None:
    own = path.relative_to(SOURCE).parts[0]
    for module, at_top in imports(path):
        library = module.split(".")[0]
        if library in HEAVY and own not in HOME_OF_HEAVY.get(library, set()):
            assert not at_top, (
                f"{library} is imported at the top of {path.name}: import it in the function that uses it"
            )


def test_intake_and_reports_do_not_know_each_other() -> None:
    for path in FILES:
        own = path.relative_to(SOURCE).parts[0]
        for module, _ in imports(path):
            assert not (own == "intake" and module.startswith("rxvigil.reports"))
            assert not (own == "reports" and module.startswith("rxvigil.intake"))


def test_the_pure_core_reads_no_clock_and_no_file() -> None:
    forbidden = {"open", "print", "input", "today", "now", "time", "random", "environ", "getenv"}
    pure = ("facts", "formulae", "genetics", "engine", "dosing", "starting")
    for path in (path for name in pure for path in (SOURCE / name).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                assert name not in forbidden, f"{path.name}:{node.lineno} calls {name}"
        used = {module.split(".")[0] for module, _ in imports(path)}
        assert not used & {"os", "sys", "pathlib", "io", "random", "time", "socket", "logging"}, path.name


def test_only_the_clock_module_asks_the_date() -> None:
    for path in FILES:
        if path.name == "clock.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in ("today", "now", "utcnow"):
                raise AssertionError(f"{path.relative_to(SOURCE)}:{node.lineno} asks the date itself")

"""A file that a person reads in one sitting, functions that fit on a screen."""

import ast
from pathlib import Path
from statistics import median

SOURCE = Path(__file__).resolve().parents[2] / "src" / "rxvigil"
MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 60
MEDIAN_LINES_OF_FUNCTIONS = 10


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]


def length(function: ast.FunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    for path in SOURCE.rglob("*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= MOST_LINES_IN_A_FILE, f"{path.relative_to(SOURCE)} has {lines} lines"


def test_no_function_is_longer_than_a_screen() -> None:
    for path in SOURCE.rglob("*.py"):
        for function in functions(path):
            assert length(function) <= MOST_LINES_IN_A_FUNCTION, (
                f"{path.name}: {function.name} is {length(function)} lines"
            )


def test_most_functions_are_small() -> None:
    assert median(length(one) for path in SOURCE.rglob("*.py") for one in functions(path)) <= MEDIAN_LINES_OF_FUNCTIONS

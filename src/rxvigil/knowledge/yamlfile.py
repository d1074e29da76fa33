"""Knowledge files as plain data, with the line every value stood on.

YAML 1.1 turns the words yes, no, on and off into truth values and lets a key stand twice; in a clinical file
both are accidents waiting to happen, so words stay words and a repeated key is an error.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from rxvigil.errors import RuleBookError

Path_ = tuple[str | int, ...]

_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_NUMBER: Final = re.compile(r"^-?(0|[1-9]\d*)(\.\d+)?$")
_DATE: Final = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Document:
    """One file: its data, and for each path into the data the line it began on."""

    name: str
    data: Any
    lines: dict[Path_, int]

    def place(self, path: Path_) -> str:
        """`file:line` of the value at `path`, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def read_document(path: Path, name: str | None = None) -> Document:
    """Read one file. Raises `RuleBookError` with file and line for anything that is not clean YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise RuleBookError(f"cannot be read: {problem}", str(path), "check the path and that it is UTF-8") from None
    return parse_document(text, name or str(path))


def parse_document(text: str, name: str) -> Document:
    """Read YAML from a string; `name` is used in messages."""
    try:
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise RuleBookError(f"not valid YAML: {problem.problem}", f"{name}:{line}", "mend the YAML") from None
    except yaml.YAMLError as problem:
        raise RuleBookError(f"not valid YAML: {problem}", name, "mend the YAML") from None
    lines: dict[Path_, int] = {}
    data = None if node is None else _plain(node, (), lines, name)
    return Document(name, data, lines)


def _plain(node: yaml.Node, path: Path_, lines: dict[Path_, int], name: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, name)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), lines, name) for index, item in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode):
        raise RuleBookError(
            f"a {node.tag} cannot stand here", f"{name}:{lines[path]}", "write text, a list or a mapping"
        )
    return _scalar(node, lines[path], name)


def _mapping(node: yaml.MappingNode, path: Path_, lines: dict[Path_, int], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in found:
            raise RuleBookError(f"the key '{key}' stands twice", f"{name}:{line}", "remove one of the two")
        found[key] = _plain(value_node, (*path, key), lines, name)
    return found


def _scalar(node: yaml.ScalarNode, line: int, name: str) -> Any:
    """A quoted value is text. A bare one is what it looks like: true, false, a number, a date, nothing, or text."""
    text = str(node.value)
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.match(text):
        return int(text) if text.lstrip("-").isdigit() else float(text)
    if _DATE.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise RuleBookError(f"'{text}' is not a date", f"{name}:{line}", "write YYYY-MM-DD") from None
    return text

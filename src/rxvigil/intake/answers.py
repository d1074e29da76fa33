"""Answers files: what somebody answered before the first tablet, read from YAML with file and line.

    kind: answers
    by: A. Nurse, clinic
    on: 2026-03-05
    answers:
      past-pancreatitis: no
      weight: 70 kg

What the answers stand for is `rxvigil.starting.facts_of`'s job; a form may call it without a file. A message never
holds an answer.
"""

import difflib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError, field_validator

from rxvigil.errors import RuleBookError, UnreadableInput
from rxvigil.knowledge.provenance import Key, Strict, Text
from rxvigil.knowledge.starting import Item
from rxvigil.knowledge.yamlfile import Document, parse_document
from rxvigil.starting import Answers

MOST_BYTES: Final = 1_000_000
"""An answers file is a page of text; what is larger is something else."""


_EMPTY_FILE: Final = "`rxvigil start RECORD --questions` writes a file to fill in"


class AnswersFile(Strict):
    """A person's answers to the checklist."""

    kind: Literal["answers"]
    by: Text = Field(description="who answered: name and place")
    on: date = Field(description="the day of the answers")
    answers: dict[Key, str | None] = Field(description="item id: yes, no, an amount, a date or a word; empty: open")

    @field_validator("answers", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        """Numbers and dates as text: what an answer means is the item's business."""
        return {key: _text(one) for key, one in value.items()} if isinstance(value, dict) else value


def _text(one: Any) -> Any:
    return str(one) if isinstance(one, int | float | date) and not isinstance(one, bool) else one


def read_answers(path: Path, items: Iterable[Item]) -> Answers:
    """The answers in a file. Raises `UnreadableInput` with file and line for anything that is not one."""
    document = _document(path)
    try:
        file = AnswersFile.model_validate(document.data)
    except ValidationError as problem:
        raise _refused(problem, document) from None
    known = {item.id for item in items}
    for identity in file.answers:
        if identity not in known:
            raise _unknown(identity, known, document.place(("answers", identity)))
    said = {identity: answer for identity, answer in file.answers.items() if answer is not None and answer.strip()}
    places = {identity: document.place(("answers", identity)) for identity in said}
    return Answers(by=file.by, on=file.on, said=said, places=places)


def _document(path: Path) -> Document:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableInput("is too large for answers", str(path), "name an answers file, not a record")
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise UnreadableInput(f"cannot be read: {problem.strerror}", str(path), "check the path") from None
    except UnicodeDecodeError:
        raise UnreadableInput("is not UTF-8 text", str(path), "save it as UTF-8") from None
    try:
        return parse_document(text, path.name)
    except RuleBookError as problem:
        raise UnreadableInput(
            problem.what, problem.where, "mend the YAML; `--questions` writes an empty file"
        ) from None
    except RecursionError:
        raise UnreadableInput("is nested too deeply", path.name, _EMPTY_FILE) from None


def _refused(problem: ValidationError, document: Document) -> UnreadableInput:
    """What the file lacks. An answer may stand in pydantic's own message, so only its kind is used."""
    first = problem.errors(include_input=False, include_url=False)[0]
    place = tuple(first["loc"])
    field = ".".join(map(str, place[:2])) or "the file"
    what = {
        "missing": f"'{field}' is not there",
        "extra_forbidden": f"'{field}' is not a field of an answers file",
        "literal_error": "'kind' is not 'answers'",
    }.get(first["type"], f"'{field}' cannot be read")
    return UnreadableInput(
        what, document.place(place), "write kind: answers, by:, on: (YYYY-MM-DD) and answers:, one line per question"
    )


def _unknown(identity: str, known: set[str], place: str) -> UnreadableInput:
    near = difflib.get_close_matches(identity, sorted(known), n=3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return UnreadableInput(f"no question has the id '{identity}'", place, f"{hint}`--questions` lists them")

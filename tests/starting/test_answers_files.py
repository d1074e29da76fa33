"""Answers files: what is wrong, where, and what to do; never a traceback, never an answer in a message."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.errors import UnreadableInput
from rxvigil.intake.answers import read_answers
from rxvigil.starting import Starter

SECRET = "Zyxwvut-Mustermann-7731"
GOOD = "kind: answers\nby: A. Nurse, clinic\non: 2026-03-05\nanswers:\n  past-pancreatitis: no\n"


@pytest.fixture(scope="module")
def items(book):
    return [ready.item for ready in Starter(book).items("azathioprine")]


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "answers.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_a_good_file(tmp_path, items):
    text = GOOD + "  weight: 70.5 kg\n  cervical-screening: 2024-05-02\n  smoking:\n  tpmt: normal\n"
    found = read_answers(written(tmp_path, text), items)
    assert found.by == "A. Nurse, clinic"
    assert found.said == {
        "past-pancreatitis": "no", "weight": "70.5 kg", "cervical-screening": "2024-05-02", "tpmt": "normal",
    }  # fmt: skip
    assert found.places["weight"] == "answers.yaml:6"


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        (GOOD.replace("kind: answers", "kind: rules"), "'kind' is not 'answers'", ":1"),
        (GOOD.replace("by: A. Nurse, clinic\n", ""), "'by' is not there", ":1"),
        (GOOD.replace("A. Nurse, clinic", ""), "'by' cannot be read", ":2"),
        (GOOD.replace("2026-03-05", "yesterday"), "'on' cannot be read", ":3"),
        (GOOD.replace("2026-03-05", "2026-02-30"), "is not a date", ":3"),
        (GOOD + f"  smoking: [{SECRET}]\n", "'answers.smoking' cannot be read", ":6"),
        (GOOD + "  past-pancreatitus: no\n", "no question has the id 'past-pancreatitus'", ":6"),
        (GOOD + "  past-pancreatitis: yes\n", "stands twice", ":6"),
        (GOOD + f"comment: {SECRET}\n", "'comment' is not a field", ":6"),
        (GOOD + "  smoking: 'yes\n", "not valid YAML", ""),
        ("", "cannot be read", ""),
        ("- 1\n", "cannot be read", ""),
        (b"\xff\xfe\x00", "is not UTF-8 text", ""),
        (b"kind: answers\n" + b"# x\n" * 400_000, "is too large", ""),
        ("[" * 5000, "", ""),
    ],
)
def test_a_bad_file_is_refused_with_file_and_line(tmp_path, items, text, what, line):
    with pytest.raises(UnreadableInput) as refused:
        read_answers(written(tmp_path, text), items)
    assert what in str(refused.value)
    assert f"answers.yaml{line}" in str(refused.value)
    assert refused.value.do
    assert SECRET not in str(refused.value)


def test_a_near_miss_is_named(tmp_path, items):
    with pytest.raises(UnreadableInput, match="did you mean past-pancreatitis"):
        read_answers(written(tmp_path, GOOD + "  past-pancreatitus: no\n"), items)


def test_a_file_that_is_not_there(tmp_path, items):
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_answers(tmp_path / "none.yaml", items)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return tmp_path_factory.mktemp("answers")


BYTES = st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda one: (GOOD + one).encode(errors="ignore")))


def test_whatever_is_in_the_file_it_is_read_or_refused(desk, items):
    @settings(max_examples=150, deadline=None)
    @given(BYTES)
    def holds(content):
        with suppress(UnreadableInput):
            read_answers(written(desk, content), items)

    holds()

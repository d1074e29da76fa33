"""A torn line costs what stands on it, wherever it stands; what is no list of lines is not taken for one."""

import gzip
import json
from pathlib import Path

import pytest
from fhir_samples import Resource, bundle, observation, patient, request, vocabulary

from rxvigil.errors import UnreadableInput
from rxvigil.intake import read_patient
from rxvigil.intake.fhir.parts import ANYTHING


def put(folder: Path, name: str, content: bytes | str) -> Path:
    raw = content.encode() if isinstance(content, str) else content
    path = folder / name
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def lines(*resources: Resource) -> str:
    return "".join(json.dumps(one) + "\n" for one in resources)


TORN = {
    "cut in the middle": b'{"resourceType": "Observation", "id": "o9", "status": "fin',
    "cut before a value": b'{"resourceType": "Observation", "subject":',
    "cut at its front": b'us": "final", "id": "o9"}',
    "an object too many": b"{}}",
    "cut inside a list": b'{"resourceType": "Bundle", "entry": [{"resource":',
}


@pytest.mark.parametrize("name", ["o.ndjson", "o.ndjson.gz"])
@pytest.mark.parametrize("torn", TORN.values(), ids=TORN)
def test_of_a_torn_first_line_the_others_are_read(tmp_path: Path, torn: bytes, name: str) -> None:
    """As of a torn line in the middle: it is listed with its line, and could be about anything."""
    whole = lines(patient(), observation(), request()).encode()
    first = read_patient(put(tmp_path, name, torn + b"\n" + whole), vocabulary())
    (tmp_path / "among").mkdir()
    split = whole.index(b"\n") + 1
    amid = read_patient(put(tmp_path / "among", name, whole[:split] + torn + b"\n" + whole[split:]), vocabulary())
    assert [one.value for one in first.results] == [one.value for one in amid.results] != []
    assert [(one.what, one.affects, one.origin.line) for one in first.not_understood] == [("a line", ANYTHING, 1)]
    assert [(one.what, one.affects, one.origin.line) for one in amid.not_understood] == [("a line", ANYTHING, 2)]


def test_of_a_torn_first_line_before_one_longer_than_what_is_looked_at(tmp_path: Path) -> None:
    long = observation(note=[{"text": "x" * 100_000}])
    record = read_patient(put(tmp_path, "o.ndjson", TORN["cut at its front"].decode() + "\n" + lines(long, patient())),
                          vocabulary())  # fmt: skip
    assert [one.id for one in record.results] == ["Observation/o1"]


def test_a_document_laid_out_like_lines_is_one_document(tmp_path: Path) -> None:
    """A Bundle whose resources stand on lines of their own, shorter or longer than what is looked at."""
    for many in (2, 900):
        inside = '\n},{"resource":\n'.join(map(json.dumps, [patient(), *map(observation, map(str, range(many)))]))
        content = f'{{"resourceType": "Bundle", "type": "collection", "entry": [{{"resource":\n{inside}\n}}]}}'
        record = read_patient(put(tmp_path, "b.json", content), vocabulary())
        assert len(record.results) + record.unread.get("Result (a further copy)", 0) == many
        assert record.not_understood == ()


def test_a_damaged_document_is_not_taken_for_lines(tmp_path: Path) -> None:
    damaged = json.dumps(bundle(patient(), observation()), indent=1).replace('"final",', '"final"')
    with pytest.raises(UnreadableInput, match="not valid JSON"):
        read_patient(put(tmp_path, "b.json", damaged), vocabulary())

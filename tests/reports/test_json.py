"""JSON: the same bytes for the same assessment, in the shape that is published."""

import json
from pathlib import Path

import msgspec
from jsonschema import Draft202012Validator

from reports.sample import hostile, sample_assessment
from rxvigil.engine.assessment import SCHEMA, Assessment, BookShown
from rxvigil.facts import Patient
from rxvigil.reports.as_json import assessment_schema, schema_file, to_json

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "schemas" / "assessment-1.schema.json"


def bare() -> Assessment:
    assessment = sample_assessment()
    return Assessment(
        schema=SCHEMA,
        patient=Patient("1"),
        on=assessment.on,
        book=BookShown("d", 0),
        jurisdiction="UK",
        summary="Nothing is recorded.",
    )


def test_it_names_its_own_shape_first() -> None:
    assert next(iter(json.loads(to_json(bare())))) == "schema"
    assert json.loads(to_json(bare()))["schema"] == "rxvigil.assessment/1"


def test_the_same_assessment_gives_the_same_bytes_whatever_order_its_parts_came_in() -> None:
    assessment = sample_assessment()
    reordered = msgspec.structs.replace(assessment, unread=dict(reversed(assessment.unread.items())))
    assert to_json(assessment) == to_json(reordered)


def test_an_assessment_survives_the_journey() -> None:
    for assessment in (sample_assessment(), bare(), hostile()[0]):
        assert msgspec.json.decode(to_json(assessment), type=Assessment) == assessment


def test_what_is_written_fits_the_published_schema() -> None:
    validator = Draft202012Validator(assessment_schema())
    for assessment in (sample_assessment(), bare(), hostile()[0]):
        assert list(validator.iter_errors(json.loads(to_json(assessment)))) == []


def test_the_schema_is_itself_sound_and_notices_a_wrong_tier_and_a_missing_schema() -> None:
    schema = assessment_schema()
    Draft202012Validator.check_schema(schema)
    written = json.loads(to_json(sample_assessment()))
    written["findings"][0]["tier"] = "FINE"
    del written["schema"]
    problems = [problem.message for problem in Draft202012Validator(schema).iter_errors(written)]
    assert any("FINE" in message for message in problems)
    assert any("'schema' is a required property" in message for message in problems)


def test_every_part_of_the_schema_has_a_title() -> None:
    schema = assessment_schema()
    assert schema["title"]
    assert [name for name, part in schema["$defs"].items() if not part.get("title")] == []


def test_the_published_file_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_bytes() == schema_file(), (
        'write it anew: python -c "import pathlib, rxvigil.reports.as_json as r; '
        "pathlib.Path('schemas/assessment-1.schema.json').write_bytes(r.schema_file())\""
    )

"""Which lines a chart draws: limits that stand alone, in the unit of the chart, in the words of their body."""

from datetime import date
from typing import Any

import msgspec
import pytest

from reports.sample import sample_assessment
from reports.sample_book import sample_book
from rxvigil.engine.assessment import ProtocolShown
from rxvigil.facts import Bounds, Origin, Result, on_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.rules import Borrowed, Protocol
from rxvigil.reports.action_lines import ActionLine, action_lines, analytes_in, expected_every, spoken_of

PROTOCOL = "monitoring/azathioprine/bsr-2017"


def result(analyte: str, value: float, **more: Any) -> Result:
    return Result(
        id="1",
        analyte=analyte,
        when=on_day(date(2026, 2, 1)),
        origin=Origin("f", "p"),
        value=value,
        **more,
    )


def lines(analyte: str, series: list[Result] | None = None, book: RuleBook | None = None) -> tuple[ActionLine, ...]:
    """As drawn for a patient in whom nothing fired: a rule that fired is drawn whatever else holds."""
    quiet = msgspec.structs.replace(sample_assessment(), findings=())
    return action_lines(analyte, series or [], quiet, book or sample_book())


def with_rule(when: str, **changes: object) -> RuleBook:
    """The sample book with one limit only."""
    book = sample_book()
    protocol = book.protocols[PROTOCOL]
    rule = protocol.thresholds[0].model_copy(update={"when": when, **changes})
    changed = protocol.model_copy(update={"thresholds": (rule,)})
    return RuleBook(book.vocabulary, book.publications, {}, {PROTOCOL: changed}, {}, {}, "d")


def test_a_limit_is_drawn_where_its_body_put_it() -> None:
    (line,) = lines("neutrophils")
    assert (line.at, line.says, line.do) == (1.6, "below 1.6", "withhold")
    assert line.bodies == ("British Society for Rheumatology",)


def test_a_limit_in_another_unit_is_converted() -> None:
    (line,) = lines("platelets")
    assert (line.at, line.says) == (140, "below 140")


def test_alternatives_are_two_lines_and_multiples_of_a_range_need_a_range() -> None:
    assert [line.says for line in lines("alt")] == ["above 100"]
    with_range = [result("alt", 30, reference=Bounds(None, 40))]
    assert [line.says for line in lines("alt", with_range)] == ["above 100", "above 3 × upper limit (120)"]


def test_the_newest_range_counts() -> None:
    series = [
        result("alt", 30, reference=Bounds(None, 40)),
        result("alt", 30, reference=Bounds(None, 50)),
        result("alt", 30),
    ]
    assert [line.at for line in lines("alt", series)] == [100, 150]


def test_a_limit_that_needs_something_else_as_well_is_no_line() -> None:
    assert lines("bilirubin", [result("bilirubin", 9, reference=Bounds(None, 20))]) == ()


def test_a_limit_nobody_has_read_is_no_line() -> None:
    assert lines("mcv") == ()


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("alt.latest > 100 U/L and (alt.measured or not albumin.measured)", ["above 100"]),
        ("alt.latest >= 75 U/L and alt.latest > 200 U/L", ["above 200"]),
        ("neutrophils.latest < 2 10*9/L and neutrophils.latest >= 1 10*9/L", ["below 2"]),
        ("neutrophils.latest < 1 10*9/L and sore-throat.reported", []),
        ("neutrophils.falls(times: 3, each: 10 %)", []),
        ("not neutrophils.measured", []),
    ],
)
def test_what_stands_beside_a_limit_decides(when: str, says: list[str]) -> None:
    analyte = "alt" if "alt" in when else "neutrophils"
    assert [line.says for line in lines(analyte, book=with_rule(when))] == says


def test_a_rule_for_other_drugs_or_places_draws_nothing() -> None:
    applies = sample_book().protocols[PROTOCOL].applies
    when = "neutrophils.latest < 1 10*9/L"
    for change in ({"drugs": ("methotrexate",)}, {"jurisdictions": ("FR",)}, {"only_if": "sore-throat.reported"}):
        assert lines("neutrophils", book=with_rule(when, applies=applies.model_copy(update=change))) == ()
    assert lines("neutrophils", book=with_rule(when, applies=applies.model_copy(update={"jurisdictions": ("UK",)})))


def test_a_rule_that_fired_is_drawn_from_whatever_file_it_came() -> None:
    without = msgspec.structs.replace(sample_assessment(), protocols=())
    (line,) = action_lines("neutrophils", [], without, sample_book())
    assert line.says == "below 1.6"


def test_a_softer_source_is_drawn_as_softly() -> None:
    action = sample_book().protocols[PROTOCOL].thresholds[0].action
    softer = with_rule(
        "alt.latest > 100 U/L", action=action.model_copy(update={"strength": "consider", "verb": "stop"})
    )
    assert [line.do for line in lines("alt", book=softer)] == ["consider stopping"]


def test_a_borrowed_limit_stands_under_its_lenders_name() -> None:
    book = sample_book()
    lender = book.protocols[PROTOCOL]
    source = lender.thresholds[0].source
    borrower: Protocol = lender.model_copy(
        update={
            "id": "monitoring/azathioprine/borrower",
            "body": "Borrower",
            "thresholds": (),
            "thresholds_from": Borrowed(protocol=PROTOCOL, why="its own were not read", source=source),
        }
    )
    both = RuleBook(book.vocabulary, book.publications, {}, {PROTOCOL: lender, borrower.id: borrower}, {}, {}, "d")
    shown = ProtocolShown(drug="azathioprine", id=borrower.id, title="t", body="Borrower", chosen_because="asked for")
    assessment = msgspec.structs.replace(sample_assessment(), protocols=(shown,))
    (line,) = action_lines("neutrophils", [], assessment, both)
    assert line.bodies == ("British Society for Rheumatology",)


def test_a_result_crosses_a_line_only_if_it_surely_does() -> None:
    (line,) = lines("neutrophils")
    assert line.crossed_by(result("neutrophils", 1.5))
    assert not line.crossed_by(result("neutrophils", 1.6))
    assert line.crossed_by(result("neutrophils", 1.6, comparator="<"))
    assert not line.crossed_by(result("neutrophils", 2.0, comparator="<"))


def test_the_expected_time_is_that_of_the_settled_schedule_for_every_analyte() -> None:
    assert str(expected_every("neutrophils", sample_assessment(), sample_book())) == "12 weeks"
    assert str(expected_every("mcv", sample_assessment(), sample_book())) == "12 weeks"
    without = msgspec.structs.replace(sample_assessment(), protocols=())
    assert str(expected_every("mcv", without, sample_book())) == "14 weeks"


def test_panels_are_unfolded_to_what_is_measured() -> None:
    panel = sample_book().protocols[PROTOCOL].schedule[0].panel
    assert analytes_in(panel, sample_book().vocabulary) == {
        "haemoglobin", "white-cells", "neutrophils", "platelets", "alt", "creatinine", "albumin",
    }  # fmt: skip
    assert "bilirubin" in spoken_of(sample_assessment(), sample_book())

"""The dosing files themselves: findable, unambiguous, and speaking of nothing the vocabulary does not hold."""

from collections import Counter
from collections.abc import Iterable

import pytest

from rxvigil.knowledge import RuleBook, load_rule_book
from rxvigil.knowledge.dosing import Adjustment, DosingProtocol
from rxvigil.knowledge.lint.conditions import check_condition


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return load_rule_book()


def test_a_file_is_found_where_its_id_says(book: RuleBook) -> None:
    for identity in (*book.dosing, *book.adjustments, *book.products, *book.dose_changes):
        assert f"{identity}.yaml" in book.places[identity]


def test_one_default_for_each_drug_place_and_disease(book: RuleBook) -> None:
    keys = [
        (one.drug, default.jurisdiction, default.specialty, indication)
        for one in book.dosing.values()
        for default in one.default_for
        for indication in one.indications or ("any",)
    ]
    assert [key for key, times in Counter(keys).items() if times > 1] == []


def test_a_default_holds_in_its_own_place(book: RuleBook) -> None:
    for one in book.dosing.values():
        assert {default.jurisdiction for default in one.default_for} <= set(one.jurisdictions), one.id


def test_every_name_is_in_the_vocabulary(book: RuleBook) -> None:
    for kind, key in _names(book.dosing.values(), _adjustments(book)):
        assert book.vocabulary.kind_of(key) == kind, key


def _adjustments(book: RuleBook) -> list[Adjustment]:
    return [one for file in book.adjustments.values() for one in file.adjustments]


def _names(protocols: Iterable[DosingProtocol], adjustments: Iterable[Adjustment]) -> Iterable[tuple[str, str]]:
    for protocol in protocols:
        yield from (("drug", key) for key in (protocol.drug, *protocol.together))
        yield from (("condition", key) for key in protocol.indications)
    for adjustment in adjustments:
        yield from (("drug", key) for key in adjustment.drugs)
        yield from (("condition", key) for key in adjustment.indications)


def test_every_condition_can_be_asked(book: RuleBook) -> None:
    texts = [one.when for one in _adjustments(book)] + [one.only_if for one in book.dosing.values() if one.only_if]
    assert [what for text in texts for what in check_condition(text, book.vocabulary)] == []


def test_a_protocol_gives_a_start_or_says_why_not(book: RuleBook) -> None:
    for one in book.dosing.values():
        assert one.start or one.do_not_start or one.gaps, one.id


def test_a_start_lies_within_every_maximum_of_the_same_unit(book: RuleBook) -> None:
    for one in book.dosing.values():
        for most in one.maximum:
            if one.start and one.start.dose.split()[-1] == most.dose.split()[-1]:
                assert float(one.start.dose.split()[0]) <= float(most.dose.split()[0]), one.id


def test_no_dose_rests_on_a_page_that_is_no_source(book: RuleBook) -> None:
    for publication in book.publications.values():
        assert "droracle" not in (publication.url or "")

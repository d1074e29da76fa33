"""Every item has its worked patients and they hold; every real record runs through; the data say who asks."""

from collections import Counter
from datetime import date

import pytest

from rxvigil.casebook.run import Runner, missing_cases, read_cases
from rxvigil.intake import read_patients
from rxvigil.knowledge.lint.starting import check_item
from rxvigil.knowledge.starting import Item
from rxvigil.starting import Starter, StartRequest

ASKED = (
    "thiopurine-allergy", "past-hypersensitivity", "past-pancreatitis", "infection-now", "tuberculosis",
    "hepatitis-b", "hepatitis-c", "hiv", "varicella-immunity", "ebv", "pregnancy", "pregnancy-wish",
    "partner-pregnancy-wish", "contraception", "breastfeeding", "live-vaccine-recent", "live-vaccine-planned",
    "influenza-vaccine", "pneumococcal-vaccine", "liver-disease", "kidney-disease", "marrow", "cancer",
    "past-alkylator", "pulmonary-fibrosis", "hprt-deficiency", "alcohol", "smoking", "xanthine-oxidase-inhibitor",
    "ribavirin", "warfarin", "aminosalicylate", "ace-inhibitor", "marrow-medicines", "clozapine",
    "thiopurine-taken", "other-immunosuppressants", "cervical-screening", "skin-check", "tpmt", "nudt15", "weight",
    "height", "blood-pressure", "blood-test-attendance",
)  # fmt: skip
"""What a pharmacist asks before the first tablet."""


def test_every_worked_patient_holds_and_every_item_has_three(book):
    cases = [one for one in read_cases(book) if one.cases.of in book.checklists]
    runner = Runner(book)
    wrong = [(one.worked.place, one.answered, one.why) for one in map(runner.judge, cases) if not one.holds]
    assert wrong == []
    assert [line for line in missing_cases(book, cases) if line.startswith("starting/")] == []
    assert len(cases) > 150


def test_everything_a_pharmacist_asks_is_in_the_list(book):
    assert set(ASKED) <= {ready.item.id for ready in Starter(book).items("azathioprine")}


@pytest.mark.parametrize("drug", ["azathioprine", "mercaptopurine"])
@pytest.mark.parametrize("place", ["UK", "US", "EU", "FR", "CH", "DE", "IT", "DK", "FI", "NL", "AU", "NZ", "CA"])
def test_in_every_place_somebody_asks_for_the_grave_questions(book, drug, place):
    """Whatever the place: hypersensitivity, a second thiopurine, an infection and a gout medicine hold the start."""
    from rxvigil.casebook import record_of

    record = record_of(("no list conditions",), "unknown", book.vocabulary)
    found = Starter(book, place).assess(record, date(2026, 3, 5), StartRequest(drug=drug))
    blocking = {one.id for one in found.items if one.weight == "blocking" and one.holds_start}
    assert {"past-hypersensitivity", "thiopurine-taken", "infection-now", "xanthine-oxidase-inhibitor"} <= blocking
    assert found.verdict != "nothing found against it"


def test_a_value_nobody_has_read_neither_blocks_nor_holds(book):
    for file in book.checklists.values():
        for item in file.items:
            assert all(one.source.mark != "memory" for one in item.asked_by), item.id


def test_real_records_run_through(book, data):
    """400 synthetic people, none on a thiopurine: each gets a verdict, and none is told that all is well."""
    starter = Starter(book, "UK")
    request = StartRequest(drug="azathioprine", indication="rheumatoid-arthritis")
    verdicts: Counter[str] = Counter()
    for record in read_patients(data / "fhir-synthea-bulk", book.vocabulary):
        found = starter.assess(record, date(2026, 3, 5), request)
        verdicts[found.verdict] += 1
        if record.patient.died:
            assert found.verdict == "may not start"
    assert sum(verdicts.values()) == 400
    assert verdicts["nothing found against it"] == 0, "nobody was asked about allergies, infection or plans"


HOUSE = {"ref": "house", "where": "here", "mark": "house", "checked": "2026-03-01", "note": "because"}

VACCINE = {"vaccine": "weight", "strength": "must", "says": "First.", "source": HOUSE}


class TestLint:
    """What lint refuses in a checklist."""

    def good(self, **changes: object) -> Item:
        base = {
            "id": "one", "name": "a concern", "question": "Is it there?", "concern": "pancreatitis.ever",
            "asked_by": [{"weight": "advisory", "strength": "should", "says": "Ask.", "source": HOUSE}],
            "if_present": "Do.", "settle": {"how": "ask", "says": "Ask."}, "answer_lasts": "3 months",
        }  # fmt: skip
        return Item.model_validate(base | changes)

    @pytest.mark.parametrize(
        ("changes", "what"),
        [
            ({}, None),
            ({"concern": "pancreatitus.ever"}, "'pancreatitus' is not in the vocabulary"),
            ({"cleared_by": "pancreatitis.latest = positive"}, "has no measure"),
            ({"answer_no": [{"kind": "denial", "of": "pancreatitis", "measure": "never"}]}, "has no measure"),
            ({"answer_no": [{"kind": "denial", "of": "live-vaccine", "measure": "given"}]}, None),
            ({"answer_yes": [{"kind": "drug", "of": "pancreatitis"}]}, "is not a drug"),
            ({"answer_with": {"form": "amount", "of": "tpmt", "kind": "result"}}, "is no analyte"),
            ({"rules": ["before/nothing"]}, "there is no rule or topic"),
            ({"vaccine_first": [VACCINE]}, "is not a vaccine"),
        ],
    )  # fmt: skip
    def test_names_that_do_not_exist(self, book, changes, what):
        problems = list(check_item(self.good(**changes), book))
        assert (problems == []) if what is None else any(what in one for one in problems), problems

    def test_an_item_must_ask_something(self):
        with pytest.raises(ValueError, match="asks for a concern"):
            self.good(concern=None)

    def test_somebody_must_ask_for_it(self):
        with pytest.raises(ValueError, match="at least 1 item"):
            self.good(asked_by=[])

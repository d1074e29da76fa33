"""A plan keeps only the steps that lead to what is wanted, and its tables no longer than they are needed."""

from typing import Any

import ibis
import pytest

from rxvigil.cohort.steps import Steps


@pytest.fixture
def steps() -> Steps:
    """Two outputs that share a beginning, and a step that leads nowhere."""
    made = Steps()
    facts = ibis.table({"person": "int64", "value": "int64"}, name="facts")
    state = made.add("state", facts.filter(facts.value > 0))
    doubled = made.add("doubled", state.mutate(value=state.value * 2))
    made.add("aside", doubled.select("person"))
    made.add("sums", doubled.group_by("person").aggregate(total=doubled.value.sum()))
    made.add("people", state.select("person").distinct())
    return made


def _names(steps: Any) -> list[str]:
    return [step.name for step in steps]


def test_a_step_names_the_tables_it_is_made_of(steps: Steps) -> None:
    assert [sorted(step.needs) for step in steps] == [["facts"], ["state"], ["doubled"], ["doubled"], ["state"]]


def test_only_what_leads_to_the_wanted_steps_is_left_in_its_order(steps: Steps) -> None:
    assert _names(steps.leading_to(["people"])) == ["state", "people"]
    assert _names(steps.leading_to(["people", "sums"])) == ["state", "doubled", "sums", "people"]


def test_a_step_that_does_not_exist_cannot_be_wanted(steps: Steps) -> None:
    with pytest.raises(KeyError, match="findings"):
        steps.leading_to(["people", "findings"])


def test_a_table_goes_after_the_last_step_that_needs_it_unless_it_is_wanted(steps: Steps) -> None:
    assert steps.done_with(["sums", "people"]) == {
        "state": (), "doubled": (), "aside": ("aside",), "sums": ("doubled",), "people": ("state",)
    }  # fmt: skip
    assert steps.done_with(["sums", "people", "doubled"])["sums"] == ()

"""Courses and steps of dose as the plan of a population lays them out, beside what is said of one patient."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rxvigil.engine.ask_drugs import dose_since
from rxvigil.engine.courses import Exposure
from rxvigil.engine.kleene import YES
from rxvigil.engine.state import State
from rxvigil.facts import Dose
from rxvigil.population.rows import person_number

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Exposures:
    """Rows of the steps `courses` and `dose_steps`."""

    courses: dict[tuple[int, str], dict[str, Any]]
    steps: dict[tuple[int, str], Rows]

    @classmethod
    def of(cls, rows: dict[str, Rows]) -> "Exposures":
        steps: dict[tuple[int, str], Rows] = defaultdict(list)
        for row in sorted(rows["dose_steps"], key=lambda row: row["since"]):
            steps[row["person"], row["drug"]].append(row)
        return cls({(row["person"], row["drug"]): row for row in rows["courses"]}, steps)

    def same(self, state: State, drugs: Iterable[str]) -> Counter[str]:
        """Compare with the evaluator of one patient; how many courses and steps were alike."""
        found, person = Counter[str](), person_number(state.record.patient.id)
        for drug in drugs:
            expected, row = state.exposure(drug), self.courses.get((person, drug))
            if row is None:
                assert not any(one.drug == drug for one in state.record.prescriptions), state.record
                continue
            assert _told(row) == _expected(expected), (drug, state.record)
            steps = self.steps[person, drug]
            taken = [(one.since, one.dose) for one in expected.steps]
            assert [(one["since"], _dose(one)) for one in steps] == taken, (drug, state.record)
            following = [*(one.since for one in expected.steps[1:]), None][: len(steps)]
            assert [one["next_since"] for one in steps] == following, (drug, state.record)
            found.update(courses=1, steps=len(steps))
        return found


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("active", "start", "stopped", "has_past", "has_current", "planned", "dose_since")
    return (*(row[name] for name in names), _dose(row), row["products"] if row["active"] == YES else None)


def _expected(one: Exposure) -> tuple[Any, ...]:
    products = len({each.product for each in one.current}) if one.active == YES else None
    return (
        one.active, one.start, one.stopped, bool(one.past), bool(one.current), bool(one.planned), dose_since(one),
        one.dose, products,
    )  # fmt: skip


def _dose(row: dict[str, Any]) -> Dose | None:
    return None if row["dose_high"] is None else Dose(row["dose_low"], row["dose_high"])

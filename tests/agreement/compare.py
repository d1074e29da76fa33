"""The evaluator of one patient and the plan of a population, asked of the same patients: where do they differ?"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from agreement.told import Row, Told, by_engine, by_plan
from rxvigil.engine import Evaluator, Wanted
from rxvigil.facts import Record
from rxvigil.knowledge.book import RuleBook
from rxvigil.population import person_number

TABLES = ("choices", "clocks", "baseline", "answers", "table_answers", "findings")
"""Steps of a plan whose rows are compared, person by person; `singly` names who is left out of them."""
SPOKEN = ("answers", "table_answers", "findings")
"""Those in which nobody may stand who is left to the evaluator of one patient; the others lead to them."""
OUTPUTS = frozenset({*TABLES, "singly"})


@dataclass(frozen=True)
class Disagreement:
    """One comparison of one patient that does not come out alike."""

    patient: str
    what: str
    """rules, findings, unanswered, tests or protocols."""
    engine: tuple[Any, ...]
    """What the evaluator of one patient says and the plan does not."""
    plan: tuple[Any, ...]

    def __str__(self) -> str:
        mine = "".join(f"\n    engine: {one}" for one in self.engine)
        return f"{self.patient}, {self.what}:{mine}" + "".join(f"\n    plan:   {one}" for one in self.plan)


@dataclass
class Tally:
    """What has been compared so far."""

    patients: int = 0
    singly: "Counter[str]" = field(default_factory=Counter)
    """Reason -> patients that the plan leaves to the evaluator of one patient."""
    agreed: int = 0
    """Comparisons that came out alike: five for each patient."""
    answers: int = 0
    """Rules, rows and schedules that fire or cannot say, the same in both."""
    findings: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count the other's too."""
        for one in fields(self):
            mine, its = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, mine + its)

    def __str__(self) -> str:
        alone = sum(self.singly.values())
        return (
            f"{self.agreed:,} comparisons agreed for {self.patients:,} patients ({self.answers:,} answers of rules, "
            f"{self.findings:,} findings); {alone:,} more were left to the evaluator of one patient"
        )


def compare(
    records: list[Record], on: date, wanted: Wanted, book: RuleBook, rows: dict[str, list[Row]],
    evaluator: Evaluator | None = None,
) -> Tally:  # fmt: skip
    """Compare what the rows of a plan say of these patients with what the evaluator of one patient says of each."""
    evaluator = evaluator or Evaluator(book, wanted)
    tally, of_person = Tally(), _by_person(rows)
    left_out = {one["person"]: one["reason"] for one in rows["singly"]}
    strangers = of_person.keys() - {person_number(record.patient.id) for record in records}
    assert not strangers, f"the plan speaks of {len(strangers)} persons that nobody asked about"
    for record in records:
        person = person_number(record.patient.id)
        if person in left_out:
            tally.singly[left_out[person]] += 1
            spoken = [name for name in SPOKEN if of_person[person][name]]
            if spoken:
                tally.disagreements.append(
                    Disagreement(record.patient.id, "left out", (left_out[person],), tuple(spoken))
                )
            continue
        told = by_engine(evaluator.assess(record, on, explain=True))
        _judge(record.patient.id, told, by_plan(of_person[person], book), tally)
    return tally


def disagreements(
    records: list[Record], on: date, wanted: Wanted, book: RuleBook, rows: dict[str, list[Row]]
) -> list[Disagreement]:
    """Only what differs."""
    return compare(records, on, wanted, book, rows).disagreements


def _judge(patient: str, told: Told, planned: Told, tally: Tally) -> None:
    tally.patients += 1
    for one in fields(Told):
        mine, its = getattr(told, one.name), getattr(planned, one.name)
        if mine == its:
            tally.agreed += 1
        else:
            tally.disagreements.append(Disagreement(patient, one.name, _beyond(mine, its), _beyond(its, mine)))
    if told.rules == planned.rules:
        tally.answers += len(told.rules)
    if told.findings == planned.findings:
        tally.findings += len(told.findings)


def _beyond(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    more = Counter(map(repr, one)) - Counter(map(repr, other))
    return tuple(part for part in one if repr(part) in more)


def _by_person(rows: dict[str, list[Row]]) -> dict[int, dict[str, list[Row]]]:
    found: dict[int, dict[str, list[Row]]] = defaultdict(lambda: {name: [] for name in TABLES})
    for name in TABLES:
        for row in rows[name]:
            found[row["person"]][name].append(row)
    return found

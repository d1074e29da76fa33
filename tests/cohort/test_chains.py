"""Lists of prescriptions on a narrow grid of days, where everything coincides with everything: what one pass in their
order tells of courses and doses is what reading them day by day tells."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any, Final, cast

from agreement.people import numbered
from backends import load, run
from hypothesis import given
from hypothesis import strategies as st
from property.patients import WORDS, examples

from cohort.exposures import Exposures
from rxvigil.cohort.courses import included
from rxvigil.cohort.doses import changes, doses, steps
from rxvigil.cohort.facts import fact_tables
from rxvigil.cohort.medicines import CoursesPart
from rxvigil.cohort.part import Context
from rxvigil.cohort.steps import Steps
from rxvigil.engine.state import State
from rxvigil.facts import Dose, Origin, Patient, Prescription, PrescriptionStatus, Record, on_day
from rxvigil.population import tables_of

ON: Final = date(2026, 3, 1)
DRUG: Final = "azathioprine"
_STATUSES: Final = ("active", "active", "ended", "ended", "ended", "unknown", "planned")
_LASTS: Final = (-1, 0, 1, 2, 3, 28, 89, 90, 91)
_NEXT: Final = (0, 1, 1, 1, 2, 3, 28, 89, 90, 91, 92, 93)


class _Plan:
    """The steps that lead to courses and doses, with those of chained courses read day by day besides."""

    def __init__(self) -> None:
        self.given, self.steps = (), Steps()
        context = Context(fact_tables(), ON, WORDS)
        CoursesPart(context, (), (DRUG,)).relation(self.steps)
        sums, begun = self.steps.table("course_sums"), self.steps.table("courses_begun")
        chained = included(self.steps.table("prescribed"), sums.filter(sums.chained))
        known = begun.filter(begun.start.notnull())
        self.steps.add("day_by_day", steps(doses(changes(context, chained, known))))
        self.steps.add("simple", sums.filter(sums.chained))


PLAN: Final = _Plan()
OUTPUTS: Final = frozenset({"courses", "dose_steps", "course_sums", "day_by_day", "simple"})


def compare(con: Any, records: Iterable[Record]) -> Counter[str]:
    """Courses and steps of dose as of one patient, and chained ones also as the plan reads others."""
    asked = numbered(list(records))
    load(con, tables_of(asked, WORDS))
    rows = run(con, PLAN, OUTPUTS)
    told, found = Exposures.of(rows), Counter[str]()
    for record in asked:
        found += told.same(State(record, ON, WORDS), (DRUG,))
    simple = {row["person"] for row in rows["simple"]}
    assert _ordered(rows["day_by_day"]) == _ordered(row for row in rows["dose_steps"] if row["person"] in simple)
    astray = sum(row["astray"] for row in rows["course_sums"])
    return found + Counter(chained=len(simple), astray=astray, day_by_day=len(rows["day_by_day"]))


def _ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["person"], row["since"]))


def one_list(draw: Random) -> Record:
    """A list of one to six prescriptions. Half of the lists are orderly: each follows the one before."""
    orderly, dosed = draw.random() < 0.5, draw.random() < 0.6
    product = draw.choice(("", DRUG))
    found, day = [], ON - timedelta(days=draw.choice((0, 1, 28, 90, 200, 400)))
    for number in range(draw.choice((1, 2, 3, 4, 6))):
        last = day + timedelta(days=draw.choice(_LASTS[1:] if orderly else _LASTS))
        status = "ended" if orderly and last < ON else draw.choice(_STATUSES)
        amount = draw.choice((50.0, 50.0, 100.0))
        found.append(
            Prescription(
                id=f"p{number}", drug=DRUG, origin=Origin("made-up", f"MedicationRequest/{number}"),
                status=cast(PrescriptionStatus, status),
                start=on_day(day) if orderly or draw.random() < 0.9 else None,
                end=on_day(last) if draw.random() < (0.9 if orderly else 0.5) else None,
                supply_until=on_day(last) if draw.random() < 0.4 else None,
                dose=Dose(amount, amount + draw.choice((0.0, 0.0, 25.0))) if dosed or draw.random() < 0.7 else None,
                product=product if orderly or draw.random() < 0.6 else draw.choice(("", DRUG, f"{DRUG} 25")),
            )
        )  # fmt: skip
        day = (last if orderly else day) + timedelta(days=draw.choice(_NEXT))
    draw.shuffle(found)
    return Record(patient=Patient(id="somebody"), prescriptions=tuple(found), lists=("prescriptions",))


def test_many_lists(duckdb: Any) -> None:
    draw = Random(7)
    found = compare(duckdb, [one_list(draw) for _ in range(3000)])
    print(found)
    assert found["courses"] > 2000
    assert min(found["chained"], found["astray"], found["courses"] - found["chained"] - found["astray"]) > 300


@given(st.lists(st.randoms(use_true_random=False), min_size=20, max_size=20))
@examples(10)
def test_any_list(duckdb: Any, draws: list[Random]) -> None:
    compare(duckdb, [one_list(draw) for draw in draws])


def test_the_order_in_which_doses_are_added_up_is_no_change_of_dose(duckdb: Any) -> None:
    """0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1 in the last digit: three products, renewed in the other order."""
    amounts = {"A": 0.1, "B": 0.2, "C": 0.3}
    first, renewed = date(2026, 1, 1), date(2026, 2, 1)
    orders = [(f"1{product}", product, first, renewed - timedelta(days=1)) for product in "ABC"]
    orders += [(f"2{place}", product, renewed, None) for place, product in enumerate("CBA")]
    record = Record(
        patient=Patient(id="p"),
        prescriptions=tuple(
            Prescription(
                id=identity,
                drug=DRUG,
                origin=Origin("made-up", identity),
                status="active",
                start=on_day(start),
                product=product,
                end=on_day(end) if end else None,
                dose=Dose(amounts[product], amounts[product]),
            )
            for identity, product, start, end in orders
        ),
        lists=("prescriptions",),
    )

    (step,) = State(record, ON, WORDS).exposure(DRUG).steps
    assert step.dose == Dose(0.6, 0.6)
    compare(duckdb, [record])

"""The true value of a sample as a laboratory reports it: its code, unit, digits and reference range."""

from typing import Final

from rxvigil.formulae import OutsideValidity, egfr_ckd_epi_2021
from rxvigil.knowledge.simulation import LaboratoryStyle, LaboratoryTest
from rxvigil.simulation.course import Course
from rxvigil.simulation.draws import Draws
from rxvigil.simulation.facts import Measured, Reported
from rxvigil.simulation.people import YEAR, Person
from rxvigil.simulation.plan import Ready

_BLOOD_COUNT: Final = frozenset(
    ("white-cells", "neutrophils", "lymphocytes", "monocytes", "eosinophils", "platelets", "haemoglobin", "mcv")
)
_ACTIVITY: Final = {
    "normal": "Normal",
    "indeterminate": "Normal",
    "intermediate": "Intermediate",
    "possible-intermediate": "Intermediate",
    "poor": "Deficient",
}


CLINIC: Final = "clinic"
"""Where what is measured or asked in the clinic comes from."""
_UNITS: Final = {"weight": "kg", "height": "cm", "systolic-bp": "mm[Hg]", "diastolic-bp": "mm[Hg]"}
_SEROLOGY: Final = ("hbsag", "hcv-antibody", "hiv")


class Desk:
    """Writes the results of one patient, numbered in the order they are written."""

    def __init__(self, ready: Ready, course: Course) -> None:
        self.ready, self.course, self.who = ready, course, course.who
        self.draws = Draws(ready.seed, course.who.index, "laboratory")
        self.results: list[Reported] = []
        self.true: dict[int, float] = {}
        """Number of a result -> its true value in the canonical unit."""

    def all(self) -> list[Reported]:
        """Everything measured, before any mistake."""
        self._before_start()
        for number, sample in enumerate(self.course.samples, 1):
            self._sample(sample, number)
        self._weights()
        return self.results

    def _sample(self, sample: Measured, number: int) -> None:
        draws, habits = self.draws, self.ready.scenario.habits
        styles, shares = self.ready.laboratories
        elsewhere, other = draws.chance(habits.attends_elsewhere.value), draws.pick(styles, shares)
        style = other if elsewhere else styles[self.who.laboratory]
        counts_only = draws.chance(habits.chemistry_left_out.value)
        minute = draws.day(7 * 60, 17 * 60)
        for test in style.tests:
            value = self._value(sample, test.analyte)
            if value is not None and not (counts_only and test.analyte not in _BLOOD_COUNT):
                self._report(style, test, value, sample.day, minute, number)

    def _value(self, sample: Measured, analyte: str) -> float | None:
        if analyte == "egfr":
            return _egfr(sample.values["creatinine"], (sample.day - self.who.born) / YEAR, self.who)
        return sample.values.get(analyte)

    def _report(
        self, style: LaboratoryStyle, test: LaboratoryTest, value: float, day: int, minute: int, number: int
    ) -> None:
        shown = value / self.ready.factors[test.analyte, test.unit]
        written = f"{shown:.{test.digits}f}"
        self.true[len(self.results)] = value
        self.results.append(
            Reported(
                number=len(self.results), analyte=test.analyte, day=day, minute=minute, system=style.system,
                laboratory=style.key, code=test.code, name=test.name, value=written, unit=test.unit, low=test.low,
                high=test.high, sample=number,
            )
        )  # fmt: skip

    def _plain(self, analyte: str, value: str, day: int) -> None:
        entry, unit = self.ready.words.analytes[analyte], _UNITS.get(analyte, "")
        self.results.append(
            Reported(
                number=len(self.results), analyte=analyte, day=day, minute=9 * 60, system="loinc", laboratory=CLINIC,
                code=entry.codes["loinc"][0], name=entry.name, value=value, unit=unit, is_number=bool(unit),
            )
        )  # fmt: skip

    def _before_start(self) -> None:
        draws, habits, start = self.draws, self.ready.scenario.habits, self.who.start
        day = start - draws.day(5, int(2 * habits.first_tests_before.value))
        self._plain("height", f"{self.who.height:.0f}", day)
        screened, immune = draws.chance(habits.screened_before.value), draws.chance(habits.chickenpox_immune.value)
        if screened:
            for one in _SEROLOGY:
                self._plain(one, "Negative", day)
            self._plain("vzv-igg", "Positive" if immune else "Negative", day)
        if "tpmt" in self.who.known and self.who.by_activity:
            self._plain("tpmt-activity", _ACTIVITY[self.who.phenotypes["tpmt"]], day)

    def _weights(self) -> None:
        """Weight and blood pressure before the start and about once a year."""
        body = next(one for one in self.ready.scenario.bodies if one.sex == self.who.sex)
        every = int(self.ready.scenario.habits.weighed_every.value)
        for year in range(self.who.start - 5, self.ready.on + 1, every):
            day = year if year <= self.who.start else year + self.draws.day(0, 14)
            if day <= self.ready.on:
                self._plain("weight", f"{self.who.weight + self.draws.normal(0, body.weight_varies):.1f}", day)
                self._plain("systolic-bp", f"{self.draws.normal(*body.systolic):.0f}", day)
                self._plain("diastolic-bp", f"{self.draws.normal(*body.diastolic):.0f}", day)


def _egfr(creatinine: float, age: float, who: Person) -> float | None:
    try:
        return egfr_ckd_epi_2021(creatinine_umol_per_l=creatinine, age_years=age, sex=who.sex).value
    except OutsideValidity:
        return None

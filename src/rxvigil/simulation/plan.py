"""A scenario made ready for drawing: looked up once, so that each patient costs little."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import sqrt
from typing import Final

from rxvigil.errors import RuleBookError
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import Function, MetaboliserGroup, Release
from rxvigil.knowledge.simulation import (
    ClinicScenario,
    Companion,
    DosePlan,
    Harm,
    Indication,
    LaboratoryStyle,
    LaboratoryTest,
    Population,
    SetPoint,
    SimulatedSex,
    TestPlan,
    spread_of,
)

SCENARIO: Final = "simulation/azathioprine-clinic"
GENES: Final = ("tpmt", "nudt15")


@dataclass(frozen=True)
class Ready:
    """One clinic to simulate: the scenario, the days between which people start and the last day that is seen."""

    scenario: ClinicScenario
    release: Release
    words: Vocabulary
    seed: int
    first: int
    """First day on which somebody starts, as a proleptic ordinal."""
    on: int
    """Last day of the records."""
    mix: tuple[tuple[Population, float], ...]
    clean: bool = False
    """Whether laboratories make no mistakes."""

    @cached_property
    def functions(self) -> dict[tuple[str, str], Function]:
        """(gene, allele) -> function, as the release has it."""
        return {(gene.key, one.name): one.function for gene in self.release.genes for one in gene.alleles}

    @cached_property
    def phenotypes(self) -> dict[tuple[str, frozenset[str]], MetaboliserGroup]:
        """(gene, the functions of its two alleles) -> phenotype, as the release has it."""
        return {
            (gene.key, frozenset(pair.split("+"))): group
            for gene in self.release.genes
            for pair, group in gene.phenotypes.items()
        }

    @cached_property
    def haplotypes(self) -> dict[tuple[str, Population], tuple[tuple[str, ...], tuple[float, ...]]]:
        """(gene, population) -> star alleles and their frequencies, *1 with what is left."""
        found = {}
        for gene in GENES:
            for population, _ in self.mix:
                alleles = [
                    (one.allele, one.frequency.get(population, 0.0))
                    for one in self.scenario.alleles
                    if one.gene == gene
                ]
                rest = 1.0 - sum(share for _, share in alleles)
                found[gene, population] = (
                    ("*1", *(name for name, _ in alleles)),
                    (rest, *(share for _, share in alleles)),
                )
        return found

    @cached_property
    def specialty(self) -> dict[str, str]:
        """Condition -> specialty that treats it."""
        entries = self.words.concepts["condition"]
        return {one.condition: entries[one.condition].specialty or "" for one in self.scenario.indications}

    @cached_property
    def circles(self) -> dict[str, frozenset[str]]:
        """Condition -> itself and the classes it belongs to."""
        return {
            one.condition: frozenset((one.condition, *self.words.classes_of(one.condition)))
            for one in self.scenario.indications
        }

    @cached_property
    def noise(self) -> dict[SimulatedSex, dict[str, float]]:
        """Sex -> analyte -> standard deviation of the logarithm within one person, measurement included."""
        wider = self.scenario.effects.wider_than_healthy.value
        return {sex: {one.analyte: _noise(one, sex, wider) for one in self.scenario.set_points} for sex in _SEXES}

    @cached_property
    def laboratories(self) -> tuple[tuple[LaboratoryStyle, ...], tuple[float, ...]]:
        """Laboratories and their shares."""
        styles = self.scenario.laboratories
        return styles, tuple(one.share for one in styles)

    @cached_property
    def factors(self) -> dict[tuple[str, str], float]:
        """(analyte, unit as a laboratory writes it) -> canonical units in one. Raises `RuleBookError`."""
        return {
            (test.analyte, test.unit): _factor(self.words, test)
            for style in self.scenario.laboratories
            for test in style.tests
        }

    def share_of(self, one: Companion | Harm, condition: str) -> float:
        """How many with this condition have it: by the condition, else by its class, else everybody's share."""
        if condition in one.share_in:
            return one.share_in[condition]
        classes = self.circles[condition]
        return next((share for key, share in one.share_in.items() if key in classes), one.share or 0.0)

    def dose_plan(self, indication: Indication) -> DosePlan:
        """How the dose is raised for this indication."""
        plans = self.scenario.dose_plans
        mine = self.specialty[indication.condition]
        return next(
            (one for one in plans if mine in one.specialties), next(one for one in plans if not one.specialties)
        )

    def test_plan(self, indication: Indication) -> TestPlan:
        """When tests are due for this indication."""
        plans = self.scenario.test_plans
        mine = self.specialty[indication.condition]
        return next(
            (one for one in plans if mine in one.specialties), next(one for one in plans if not one.specialties)
        )


_SEXES: Final[tuple[SimulatedSex, ...]] = ("female", "male")


def _factor(words: Vocabulary, test: LaboratoryTest) -> float:
    factor = words.factor(test.analyte, test.unit)
    if factor is None:
        what = f"a simulated laboratory reports {test.analyte} in '{test.unit}', which the vocabulary does not hold"
        raise RuleBookError(what, SCENARIO, "write a unit of `rxvigil rules words`")
    return float(factor)


def _noise(one: SetPoint, sex: SimulatedSex, wider: float) -> float:
    return sqrt(spread_of(one.within[sex] * wider) ** 2 + spread_of(one.analytical) ** 2)


def ready(
    book: RuleBook,
    seed: int,
    first: date,
    on: date,
    *,
    mix: dict[Population, float] | None = None,
    clean: bool = False,
    scenario: ClinicScenario | None = None,
) -> Ready:
    """A scenario (the shipped one by default), ready to draw patients from. `mix` replaces its mix of populations.
    Raises `RuleBookError` where the rule book does not hold what the scenario needs."""
    chosen = scenario or book.simulations.get(SCENARIO)
    if chosen is None:
        raise RuleBookError("the rule book holds no clinic to simulate", SCENARIO, "name a file with --scenario")
    if chosen.release not in book.releases:
        raise RuleBookError("the rule book does not hold the release of its genes", chosen.release, "name another")
    shares = mix or {one.population: one.share for one in chosen.populations}
    release = book.releases[chosen.release]
    return Ready(
        chosen, release, book.vocabulary, seed, first.toordinal(), on.toordinal(), tuple(shares.items()), clean
    )

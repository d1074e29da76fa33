"""Who comes to the clinic: population, condition, sex, age, body, genes, and what is known before the first dose."""

from dataclasses import dataclass
from typing import Final

from rxvigil.knowledge.simulation import Attender, Indication, Population, SimulatedSex
from rxvigil.simulation.draws import Draws
from rxvigil.simulation.plan import GENES, Ready

YEAR: Final = 365.25
ADULT: Final = 18
OLDEST: Final = 95
TABLET_STEP_MG: Final = 25.0
"""Doses are whole or half tablets of 50 mg."""


@dataclass(frozen=True)
class Person:
    """One patient on the day azathioprine is first thought of."""

    index: int
    id: str
    population: Population
    indication: Indication
    sex: SimulatedSex
    born: int
    start: int
    age: int
    weight: float
    height: float
    attender: Attender
    laboratory: int
    """Index of the usual laboratory."""
    diplotypes: dict[str, str]
    phenotypes: dict[str, str]
    known: tuple[str, ...]
    """Genes whose phenotype is known before the first dose."""
    by_activity: bool
    """Whether TPMT was measured as activity of the enzyme."""
    full_dose: float
    """mg/day that the clinic would give a normal metaboliser."""


def person(ready: Ready, index: int) -> Person:
    """The patient of this number."""
    draws = Draws(ready.seed, index, "person")
    scenario = ready.scenario
    population = draws.pick([one for one, _ in ready.mix], [share for _, share in ready.mix])
    indication = draws.pick(scenario.indications, [one.share for one in scenario.indications])
    sex: SimulatedSex = "female" if draws.chance(indication.female) else "male"
    age = min(max(draws.normal(indication.age_median, indication.age_spread), ADULT), OLDEST)
    start = draws.day(ready.first, ready.on)
    body = next(one for one in scenario.bodies if one.sex == sex)
    weight = round(draws.around(body.weight, body.weight_spread), 1)
    height = round(draws.normal(body.height, body.height_spread))
    diplotypes = {gene: _diplotype(ready, draws, gene, population) for gene in GENES}
    tested = (draws.chance(indication.tpmt_tested), draws.chance(scenario.habits.nudt15_tested.value))
    return Person(
        index=index,
        id=f"sim-{ready.seed}-{index:08d}",
        population=population,
        indication=indication,
        sex=sex,
        born=int(start - age * YEAR),
        start=start,
        age=int(age),
        weight=weight,
        height=height,
        attender=draws.pick(scenario.attenders, [one.share for one in scenario.attenders]),
        laboratory=draws.pick(range(len(scenario.laboratories)), ready.laboratories[1]),
        diplotypes={gene: "/".join(pair) for gene, pair in diplotypes.items()},
        phenotypes={gene: _phenotype(ready, gene, pair) for gene, pair in diplotypes.items()},
        known=tuple(gene for gene, done in zip(GENES, tested, strict=True) if done),
        by_activity=draws.chance(scenario.habits.tpmt_by_activity.value),
        full_dose=in_tablets(draws.between(*indication.mg_per_kg) * weight),
    )


def in_tablets(mg: float) -> float:
    """The nearest dose that whole and half tablets of 50 mg make, at least one half."""
    return max(TABLET_STEP_MG, round(mg / TABLET_STEP_MG) * TABLET_STEP_MG)


def intended_dose(ready: Ready, who: Person) -> float:
    """mg/day that the clinic aims at, given what it knows of the genes; 0: azathioprine is not started."""
    found = [who.phenotypes[gene].removeprefix("possible-") for gene in who.known]
    habits = ready.scenario.habits
    if "poor" in found:
        return 0.0
    carriers = found.count("intermediate")
    part = (1.0, habits.intermediate_part.value, habits.both_intermediate_part.value)[carriers]
    return in_tablets(who.full_dose * part)


def exposure_factor(ready: Ready, who: Person) -> float:
    """Exposure to active metabolites against a normal metaboliser at the same dose; the genes multiply."""
    effects = ready.scenario.effects
    by = {"intermediate": effects.exposure_intermediate.value, "poor": effects.exposure_poor.value}
    factor = 1.0
    for phenotype in who.phenotypes.values():
        factor *= by.get(phenotype.removeprefix("possible-"), 1.0)
    return factor


def _diplotype(ready: Ready, draws: Draws, gene: str, population: Population) -> tuple[str, str]:
    alleles, shares = ready.haplotypes[gene, population]
    pair = sorted((draws.pick(alleles, shares), draws.pick(alleles, shares)), key=_star)
    return pair[0], pair[1]


def _star(allele: str) -> tuple[int, str]:
    digits = "".join(sign for sign in allele if sign.isdigit())
    return int(digits), allele


def _phenotype(ready: Ready, gene: str, pair: tuple[str, str]) -> str:
    return ready.phenotypes[gene, frozenset(ready.functions[gene, allele] for allele in pair)]

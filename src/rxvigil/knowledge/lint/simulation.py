"""Simulated clinics: names and units of the vocabulary, shares that leave room, a plan for everybody."""

from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement
from typing import Final

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import ConceptKind, Vocabulary
from rxvigil.knowledge.simulation import ClinicScenario

MEASURED: Final = frozenset(
    (
        "neutrophils",
        "lymphocytes",
        "monocytes",
        "eosinophils",
        "platelets",
        "haemoglobin",
        "mcv",
        "alt",
        "creatinine",
        "crp",
    )
)
"""Results that the effects of treatment and the clinic's reactions speak of: each needs a set point."""
_MADE: Final = frozenset(("white-cells", "egfr", "lipase"))
"""Results that come from others, or only when something happens."""


def check_scenario(scenario: ClinicScenario, book: RuleBook) -> Iterator[str]:
    """Everything that would stop a simulation half-way, or make it draw what cannot be."""
    yield from _names(scenario, book.vocabulary)
    yield from _genes(scenario, book)
    yield from _results(scenario, book.vocabulary)
    yield from _plans(scenario)


def _names(scenario: ClinicScenario, words: Vocabulary) -> Iterator[str]:
    yield from _unknown("condition", (one.condition for one in scenario.indications), words)
    yield from _unknown("vaccine", (one.vaccine for one in scenario.vaccines), words)
    for drug in (scenario.drug, *(one.drug for one in scenario.companions)):
        if drug not in words.drugs:
            yield f"'{drug}' is not a drug of the vocabulary"
    named = [key for one in scenario.companions for key in one.share_in]
    named += [key for one in scenario.harms for key in one.share_in]
    classes = {key for one in scenario.indications for key in words.classes_of(one.condition)}
    conditions = {one.condition for one in scenario.indications}
    for key in named:
        if key not in classes | conditions:
            yield f"'{key}' in share_in is no condition of this clinic, nor a class of one"


def _unknown(kind: ConceptKind, keys: Iterable[str], words: Vocabulary) -> Iterator[str]:
    for key in keys:
        if key not in words.concepts.get(kind, {}):
            yield f"'{key}' is not a {kind} of the vocabulary"


def _genes(scenario: ClinicScenario, book: RuleBook) -> Iterator[str]:
    release = book.releases.get(scenario.release)
    genes = {gene.key: gene for gene in release.genes} if release else {}
    for key in ("tpmt", "nudt15"):
        mine = [one for one in scenario.alleles if one.gene == key]
        if key not in genes:
            yield f"the release '{scenario.release}' does not define {key}"
            continue
        known = {one.name for one in genes[key].alleles}
        for name in sorted({one.allele for one in mine} - known):
            yield f"{key}{name} is no allele of the release '{scenario.release}'"
        for population in sorted({name for one in mine for name in one.frequency}):
            if sum(one.frequency.get(population, 0.0) for one in mine) > 1:
                yield f"the alleles of {key} sum to more than 1 in {population}"
        functions = sorted(
            {one.function for one in genes[key].alleles if one.name in {"*1", *(a.allele for a in mine)}}
        )
        described = {frozenset(pair.split("+")) for pair in genes[key].phenotypes}
        for pair in combinations_with_replacement(functions, 2):
            if frozenset(pair) not in described:
                yield f"{key}: the release gives no phenotype to {pair[0]} and {pair[1]} function"


def _results(scenario: ClinicScenario, words: Vocabulary) -> Iterator[str]:
    drawn = {one.analyte for one in scenario.set_points}
    for key in sorted(MEASURED - drawn):
        yield f"'{key}' has no set point"
    moved = {key for one in scenario.patterns for key in one.powers}
    looked_at = {one.analyte for one in scenario.triggers}
    for key in sorted((moved | looked_at) - drawn - {"white-cells"}):
        yield f"'{key}' is moved by a pattern or looked at by a trigger, and has no set point"
    for style in scenario.laboratories:
        for test in style.tests:
            if test.analyte not in drawn | _MADE:
                yield f"the laboratory '{style.key}' reports {test.analyte}, which nothing measures"
            elif words.factor(test.analyte, test.unit) is None:
                yield f"the laboratory '{style.key}' reports {test.analyte} in '{test.unit}', which is no unit of it"
        if not any(test.analyte == "lipase" and test.high for test in style.tests):
            yield f"the laboratory '{style.key}' has no upper limit of lipase, by which pancreatitis is drawn"


def _plans(scenario: ClinicScenario) -> Iterator[str]:
    for name, plans in (("dose", scenario.dose_plans), ("test", scenario.test_plans)):
        if not any(not plan.specialties for plan in plans):
            yield f"no {name} plan is for everybody else (an empty list of specialties)"
    for plan in scenario.test_plans:
        if not plan.phases:
            yield "a test plan without phases tests nobody"
    missing = {"female", "male"} - {one.sex for one in scenario.bodies}
    if missing:
        yield f"no body is given for {' and '.join(sorted(missing))}"
    for one in scenario.vaccines:
        if (one.share is None) == (not one.share_by_age):
            yield f"the vaccine '{one.vaccine}' needs a share or shares by age, one of the two"

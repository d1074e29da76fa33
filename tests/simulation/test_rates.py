"""What happens in a simulated clinic happens as often as its file says, within four standard errors."""

from collections import Counter
from itertools import pairwise
from math import sqrt

import pytest

from rxvigil.knowledge.book import RuleBook
from rxvigil.simulation import Simulated
from rxvigil.simulation.course import Course
from rxvigil.simulation.people import person
from rxvigil.simulation.plan import Ready
from simulation.clinic import clinic, people

MANY = 8000
YEAR = 365.25


def near(found: int, of: int, share: float) -> bool:
    """Whether a count lies within four standard errors of its expectation (and one, for rare things)."""
    return abs(found - of * share) <= 4 * sqrt(of * share * (1 - share)) + 1


@pytest.fixture(scope="module")
def plan(book: RuleBook) -> Ready:
    return clinic(book)


@pytest.fixture(scope="module")
def courses(plan: Ready) -> list[Course]:
    """Courses without records: quick, and all that most rates are about."""
    found = []
    for index in range(1, MANY + 1):
        course = Course(plan, person(plan, index))
        course.run()
        found.append(course)
    return found


@pytest.fixture(scope="module")
def patients(plan: Ready) -> list[Simulated]:
    return people(plan, 700)


@pytest.mark.parametrize("population", ["AFR", "AMR", "EAS", "EUR", "SAS"])
def test_alleles_are_as_frequent_as_in_their_population(book: RuleBook, population: str) -> None:
    only = clinic(book, mix={population: 1.0})
    found = Counter(
        (gene, allele)
        for index in range(1, 3001)
        for gene, pair in person(only, index).diplotypes.items()
        for allele in pair.split("/")
    )
    for one in only.scenario.alleles:
        assert near(found[one.gene, one.allele], 6000, one.frequency[population]), (one.gene, one.allele)


def test_phenotypes_follow_from_diplotypes(courses: list[Course]) -> None:
    """By hand, from the functions CPIC gave these alleles in May 2026."""
    expected = {
        "*1/*1": "normal", "*1/*3A": "intermediate", "*3A/*3A": "poor", "*1/*2": "intermediate", "*1/*8": "normal",
        "*1/*24": "indeterminate", "*1/*3C": "intermediate", "*3A/*3C": "poor",
    }  # fmt: skip
    seen = {course.who.diplotypes["tpmt"]: course.who.phenotypes["tpmt"] for course in courses}
    for diplotype, phenotype in seen.items():
        assert expected.get(diplotype, phenotype) == phenotype, diplotype
    assert len(expected.keys() & seen.keys()) >= 5


def test_populations_and_conditions_have_their_shares(plan: Ready, courses: list[Course]) -> None:
    populations = Counter(course.who.population for course in courses)
    conditions = Counter(course.who.indication.condition for course in courses)
    for one in plan.scenario.populations:
        assert near(populations[one.population], MANY, one.share)
    for each in plan.scenario.indications:
        assert near(conditions[each.condition], MANY, each.share)


def test_harms_with_a_share_come_to_that_share_of_those_long_enough_on_treatment(
    plan: Ready, courses: list[Course]
) -> None:
    """Hypersensitivity: of those who started at least its longest time ago and were not stopped before."""
    harm = next(one for one in plan.scenario.harms if one.kind == "hypersensitivity")
    assert harm.onset is not None
    assert harm.onset.longest_days is not None
    assert harm.share is not None
    long = [one for one in courses if one.doses and plan.on - one.who.start > harm.onset.longest_days]
    stayed = [one for one in long if stopped(one) > harm.onset.longest_days or reacted(one)]
    assert len(stayed) > 5000
    assert near(sum(map(reacted, stayed)), len(stayed), harm.share)


def reacted(course: Course) -> bool:
    return any(one.kind == "hypersensitivity" for one in course.harms)


def stopped(course: Course) -> float:
    return next((dose.day - course.who.start for dose in course.doses if not dose.mg_per_day), float("inf"))


def test_myelotoxicity_comes_at_its_rate_per_year_on_treatment(plan: Ready, courses: list[Course]) -> None:
    harm = next(one for one in plan.scenario.harms if one.kind == "myelotoxicity")
    assert harm.per_year is not None
    years, events = 0.0, 0
    for course in courses:
        at = [one.onset for one in course.harms if one.kind == "myelotoxicity"][:1]
        end = at[0] if at else plan.on
        years += on_treatment(course, end) / YEAR
        events += len(at)
    expected = years * harm.per_year
    assert abs(events - expected) <= 4 * sqrt(expected)


def on_treatment(course: Course, end: int) -> int:
    changes = [*course.doses, None]
    return sum(
        max(0, min(later.day if later else end, end) - dose.day)
        for dose, later in pairwise(changes)
        if dose is not None and dose.mg_per_day
    )


def test_the_median_pancreatitis_is_at_four_weeks_and_nine_of_ten_within_three_months(book: RuleBook) -> None:
    """The published times themselves (median 4 weeks, 91 % within 3 months), not the parameters derived from them."""
    days = []
    plan = clinic(book, 21)
    for index in range(1, 12_000):
        who = person(plan, index)
        if plan.on - who.start > 400:
            course = Course(plan, who)
            course.run()
            days += [one.onset - who.start for one in course.harms if one.kind == "pancreatitis"]
    days.sort()
    assert len(days) > 150
    assert 20 <= days[len(days) // 2] <= 38
    assert near(sum(day <= 90 for day in days), len(days), 0.91)


def test_early_leucopenia_by_nudt15_is_as_asian_series_have_it(book: RuleBook) -> None:
    """White cells below 3.0 in the first ten weeks of a dose chosen without knowing the genes: about 100 % of poor
    metabolisers, 20 % of carriers, below 3 % of others. Wide limits: the effect was chosen, not fitted."""
    plan = clinic(book, mix={"EAS": 1.0})
    found: dict[str, list[bool]] = {"normal": [], "intermediate": [], "poor": []}
    for index in range(1, 6001):
        who = person(plan, index)
        if (
            who.known
            or plan.on - who.start < 90
            or who.attender.key != "as-planned"
            or who.phenotypes["tpmt"] != "normal"
        ):
            continue
        course = Course(plan, who)
        course.run()
        early = [one.values["white-cells"] for one in course.samples if 0 < one.day - who.start <= 70]
        found[who.phenotypes["nudt15"]].append(min(early, default=9.0) < 3.0)
    share = {name: sum(low) / len(low) for name, low in found.items()}
    assert share["normal"] < 0.03
    assert 0.08 < share["intermediate"] < 0.32
    assert share["poor"] > 0.8


def test_a_third_have_low_lymphocytes_at_some_time(plan: Ready, courses: list[Course]) -> None:
    """18 of 52 below 1.0 over 14 months (95 % interval 22 to 49 %)."""
    long = [one for one in courses if one.doses and plan.on - one.who.start > 430]
    low = [
        any(each.values["lymphocytes"] < 1.0 for each in one.samples if 0 < each.day - one.who.start < 430)
        for one in long
    ]
    assert 0.22 < sum(low) / len(low) < 0.49


def test_the_mcv_rises_by_seven_and_a_half(plan: Ready, courses: list[Course]) -> None:
    """Published: +7.5 fL (SD 6.3) on treatment. Rises below zero do not occur here, which lifts the mean a little."""
    rises = []
    for one in courses:
        late = [each for each in one.samples if each.day - one.who.start > 200]
        if one.doses and late and stopped(one) > late[-1].day - one.who.start:
            rises.append(late[-1].values["mcv"] - one.samples[0].values["mcv"])
    assert 6.5 < sum(rises) / len(rises) < 9.0


def test_tests_are_missed_as_often_as_their_attenders_miss_them(plan: Ready, courses: list[Course]) -> None:
    done, missed = Counter[str](), Counter[str]()
    for course in courses:
        for test in course.tests:
            (done if test.done else missed)[course.who.attender.key] += 1
    for one in plan.scenario.attenders:
        total = done[one.key] + missed[one.key]
        # Those that were due near the last day and would have come late are left out, which lifts the share a little.
        assert missed[one.key] / total == pytest.approx(one.missed, abs=0.02)


def test_mistakes_have_their_shares(plan: Ready, patients: list[Simulated]) -> None:
    numeric = sum(sum(each.sample > 0 for each in one.results) for one in patients)
    made = Counter(slip.kind for one in patients for slip in one.truth.slips)
    total = numeric - made["delivered-twice"] - made["withdrawn"]
    for one in plan.scenario.mistakes:
        assert near(made[one.kind], total, one.share) or one.kind == "other-unit"
    assert 0 < made["other-unit"] <= total * 0.001 * 1.3


def test_allopurinol_comes_to_its_share_of_those_still_taking_azathioprine(plan: Ready, courses: list[Course]) -> None:
    share = plan.scenario.habits.allopurinol.value
    all_time = [one for one in courses if one.doses and stopped(one) == float("inf")]
    assert near(sum(one.allopurinol_from is not None for one in all_time), len(all_time), share)


def test_vaccines_are_as_common_as_published(patients: list[Simulated]) -> None:
    """Pneumococcal: 22.9 %. Influenza, 45 to 64 years: 61.9 % of autumns."""
    pneumococcal = sum(any(each.vaccine == "pneumococcal" for each in one.vaccinations) for one in patients)
    assert near(pneumococcal, len(patients), 0.229)

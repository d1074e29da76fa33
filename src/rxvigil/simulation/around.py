"""What else the record holds: other medicines, vaccines, pregnancies, genes tested, allergies, diagnoses."""

from datetime import date
from typing import Final

from rxvigil.simulation.course import Course
from rxvigil.simulation.draws import Draws
from rxvigil.simulation.facts import Diagnosis, GeneReport, Intolerance, Medicine, Vaccination
from rxvigil.simulation.people import YEAR, Person
from rxvigil.simulation.plan import Ready

_PHENOTYPE_WORDS: Final = {
    "normal": "Normal metabolizer", "intermediate": "Intermediate metabolizer",
    "possible-intermediate": "Possible intermediate metabolizer", "poor": "Poor metabolizer",
    "indeterminate": "Indeterminate",
}  # fmt: skip


def azathioprine(ready: Ready, course: Course) -> list[Medicine]:
    """One prescription for each dose."""
    found = []
    for number, dose in enumerate(course.doses):
        later = course.doses[number + 1].day - 1 if number + 1 < len(course.doses) else None
        if dose.mg_per_day:
            found.append(
                Medicine(number=number, drug=ready.scenario.drug, start=dose.day, end=later, mg_per_day=dose.mg_per_day)
            )
    return found


def companions(ready: Ready, course: Course, draws: Draws) -> list[Medicine]:
    """Other medicines; allopurinol as the course had it."""
    who, habits = course.who, ready.scenario.habits
    found: list[Medicine] = []
    for number, one in enumerate(ready.scenario.companions, 100):
        takes = draws.chance(ready.share_of(one, who.indication.condition)) and who.age >= one.from_age
        early, late = draws.day(30, int(habits.medicines_before.value)), draws.day(who.start, ready.on)
        start = late if one.days else who.start - early
        if takes:
            last = start + one.days - 1 if one.days else None
            end = last if last is not None and last <= ready.on else None
            found.append(Medicine(number=number, drug=one.drug, start=start, end=end, mg_per_day=one.mg_per_day))
    if course.allopurinol_from is not None:
        found.append(
            Medicine(
                number=99, drug="allopurinol", start=course.allopurinol_from, mg_per_day=habits.allopurinol_mg.value
            )
        )
    return found


def diagnoses(ready: Ready, course: Course, draws: Draws) -> list[Diagnosis]:
    """What azathioprine is for, pancreatitis, gout where allopurinol is unplanned, pregnancies."""
    who, habits = course.who, ready.scenario.habits
    known = who.start - draws.day(60, int(habits.diagnosed_before.value))
    found = [Diagnosis(number=0, concept=who.indication.condition, onset=known)]
    for number, harm in enumerate(course.harms, 1):
        if harm.kind == "pancreatitis":
            ended = harm.onset + int(habits.pancreatitis_days.value)
            found.append(
                Diagnosis(
                    number=number, concept="pancreatitis", onset=harm.onset,
                    ended=ended if ended <= ready.on else None,
                )
            )  # fmt: skip
    if course.allopurinol_from is not None and course.unplanned:
        found.append(Diagnosis(number=50, concept="gout", onset=course.allopurinol_from))
    return found + _pregnancies(ready, who, draws)


def _pregnancies(ready: Ready, who: Person, draws: Draws) -> list[Diagnosis]:
    habits = ready.scenario.habits
    begins = who.start + draws.until(habits.pregnancies.value / YEAR)
    age = (begins - who.born) / YEAR
    of_age = habits.pregnancy_from_age.value <= age < habits.pregnancy_to_age.value
    if who.sex != "female" or begins > ready.on or not of_age:
        return []
    end = int(begins + habits.pregnancy_days.value)
    return [
        Diagnosis(
            number=60, concept="pregnancy", kind="event", onset=int(begins), ended=end if end <= ready.on else None
        )
    ]


def vaccinations(ready: Ready, who: Person, draws: Draws) -> list[Vaccination]:
    """Vaccines before the start, each autumn, and live ones given by mistake."""
    found: list[Vaccination] = []
    for one in ready.scenario.vaccines:
        days = {"before-start": _before, "each-autumn": _autumns, "on-treatment": _years}[one.when](ready, who, draws)
        for day in days:
            share = one.share if one.share is not None else _by_age(one.share_by_age, (day - who.born) / YEAR)
            if draws.chance(share):
                found.append(Vaccination(number=len(found), vaccine=one.vaccine, code=one.code, day=day))
    return found


def _before(ready: Ready, who: Person, draws: Draws) -> list[int]:
    return [who.start - draws.day(28, int(ready.scenario.habits.vaccinated_before.value))]


def _autumns(ready: Ready, who: Person, draws: Draws) -> list[int]:
    years = range(date.fromordinal(who.start).year - 1, date.fromordinal(ready.on).year + 1)
    days = [draws.day(date(year, 9, 20).toordinal(), date(year, 12, 5).toordinal()) for year in years]
    return [day for day in days if day <= ready.on]


def _years(ready: Ready, who: Person, draws: Draws) -> list[int]:
    """A day in each year of treatment."""
    return [draws.day(day, day + 364) for day in range(who.start + 1, ready.on - 364, 365)]


def _by_age(shares: tuple[tuple[int, float], ...], age: float) -> float:
    return next((share for limit, share in reversed(shares) if age >= limit), 0.0)


def genes(ready: Ready, who: Person, draws: Draws) -> list[GeneReport]:
    """What genotyping said before the first dose; TPMT measured as activity is a result and not here."""
    found = []
    for number, gene in enumerate(who.known):
        if gene == "tpmt" and who.by_activity:
            continue
        said = _PHENOTYPE_WORDS[who.phenotypes[gene]]
        words = f"{gene.upper()} {who.diplotypes[gene]} {said}"
        found.append(
            GeneReport(
                number=number,
                gene=gene,
                day=who.start - draws.day(5, int(2 * ready.scenario.habits.first_tests_before.value)),
                text=words,
            )
        )
    return found


def allergies(ready: Ready, course: Course, draws: Draws) -> list[Intolerance]:
    """Hypersensitivity to azathioprine where somebody entered it; or that no allergy is known."""
    reacted = [one.onset for one in course.harms if one.kind == "hypersensitivity"]
    habits = ready.scenario.habits
    if reacted:
        entered = draws.chance(habits.allergy_recorded.value)
        return [Intolerance(number=0, drug=ready.scenario.drug, day=reacted[0])] if entered else []
    asked = draws.chance(habits.no_known_allergy.value)
    return [Intolerance(number=0, drug=None, day=course.who.start)] if asked else []

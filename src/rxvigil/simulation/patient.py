"""One whole simulated patient, from the scenario, the seed and the patient's number alone."""

from rxvigil.simulation.around import allergies, azathioprine, companions, diagnoses, genes, vaccinations
from rxvigil.simulation.course import Course
from rxvigil.simulation.draws import Draws
from rxvigil.simulation.facts import Simulated, Slip, Truth
from rxvigil.simulation.laboratory import Desk
from rxvigil.simulation.mistakes import Slips
from rxvigil.simulation.people import person
from rxvigil.simulation.plan import Ready


def simulate(ready: Ready, index: int) -> Simulated:
    """The patient of this number (from 1). The same whatever the size of the clinic and the order of the calls."""
    who = person(ready, index)
    course = Course(ready, who)
    course.run()
    desk = Desk(ready, course)
    results = desk.all()
    slips: list[Slip] = []
    if not ready.clean:
        mistakes = Slips(ready, desk)
        results, slips = mistakes.spoilt(results), mistakes.slips
    draws = Draws(ready.seed, index, "around")
    medicines = (*azathioprine(ready, course), *companions(ready, course, draws))
    found = diagnoses(ready, course, draws)
    given = vaccinations(ready, who, draws)
    return Simulated(
        index=index,
        id=who.id,
        sex=who.sex,
        born=who.born,
        population=who.population,
        first_day=min(one.day for one in results),
        last_day=ready.on,
        results=tuple(results),
        medicines=medicines,
        diagnoses=tuple(found),
        allergies=tuple(allergies(ready, course, draws)),
        vaccinations=tuple(given),
        genes=tuple(genes(ready, who, draws)),
        truth=_truth(ready, course, tuple(slips)),
    )


def _truth(ready: Ready, course: Course, slips: tuple[Slip, ...]) -> Truth:
    who = course.who
    return Truth(
        patient=who.id,
        population=who.population,
        sex=who.sex,
        age_at_start=who.age,
        weight_kg=who.weight,
        condition=who.indication.condition,
        attender=who.attender.key,
        laboratory=ready.scenario.laboratories[who.laboratory].key,
        diplotypes=who.diplotypes,
        phenotypes=who.phenotypes,
        known_before_start=who.known,
        set_points={name: round(value, 4) for name, value in course.body.set_points.items()},
        sensitivity=round(course.body.sensitivity, 4),
        start=who.start,
        intended_mg_per_day=course.intended,
        doses=tuple(course.doses),
        stopped_for=tuple(course.stopped_for),
        harms=tuple(course.harms),
        ignored=tuple(course.ignored),
        allopurinol=course.allopurinol_kind,
        tests=tuple(course.tests),
        newest=course.samples[-1] if course.samples else None,
        slips=slips,
    )

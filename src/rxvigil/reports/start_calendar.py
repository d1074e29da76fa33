"""The plan as an iCalendar file (RFC 5545): all-day events that a calendar programme can take in.

No name, number, date of birth, disease or result of the patient stands in it; who may see a calendar is seldom known.
The same assessment gives the same bytes: identifiers follow from what the event is, and no clock is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from rxvigil.facts.simulated import WORD
from rxvigil.reports import words
from rxvigil.reports.fhir_shapes import identity_of
from rxvigil.starting.assessment import StartAssessment

if TYPE_CHECKING:
    from icalendar import Event

PRODUCT: Final = "-//rxvigil//before the first tablet//EN"


@dataclass(frozen=True)
class _Day:
    on: date
    kind: str
    title: str
    says: str


def start_to_calendar(assessment: StartAssessment, title: str = "") -> bytes:
    """The file. `title` is what the user wants before each event, and the only thing that may name somebody.

    Where the verdict is "may not start" it holds no tablet and no test: only the day on which to ask again."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for day in _days(assessment):
        before = [WORD] if assessment.patient.simulated else []
        calendar.add_component(_event(day, assessment, ": ".join([*before, *filter(None, [_plain(title)])])))
    made: bytes = calendar.to_ical(sorted=False)
    return made


def _plain(title: str) -> str:
    return words.clean(title.strip())[:80]


def _event(day: _Day, assessment: StartAssessment, title: str) -> "Event":
    from icalendar import Event

    event = Event()
    about = (assessment.book.digest, assessment.patient.id, assessment.on.isoformat(), day.kind, day.on.isoformat())
    event.add("uid", f"{identity_of('calendar', *about)}@rxvigil")
    event.add("dtstamp", datetime(assessment.on.year, assessment.on.month, assessment.on.day, tzinfo=UTC))
    event.add("dtstart", day.on)
    event.add("dtend", day.on + timedelta(days=1))
    event.add("summary", f"{title}: {day.title}" if title else day.title)
    event.add("description", day.says)
    event.add("transp", "TRANSPARENT")
    return event


def _days(assessment: StartAssessment) -> Iterator[_Day]:
    plan, name = assessment.plan, assessment.name.lower()
    yield _Day(assessment.valid_until, "valid", "Assessment before the first tablet must be renewed", _note())
    if assessment.verdict == "may not start":
        return
    yield _Day(assessment.start, "start", f"First tablet of {name}, if nothing speaks against it", _note())
    for rise in plan.dose.titration if plan.dose else ():
        says = rise.option.says if rise.option else f"{rise.target_mg:g} mg a day"
        note = f"Only after the blood tests were seen and the prescriber agrees: {says}."
        yield _Day(rise.earliest, f"dose-{rise.number}", f"Earliest day for a higher dose of {name}", note)
    for visit in plan.calendar:
        says = f"{', '.join(visit.tests)}. {'; '.join(visit.why)}. Protocol: {', '.join(visit.protocols)}."
        yield _Day(visit.on, "tests", f"Blood tests for {name}", says)


def _note() -> str:
    """What a calendar entry cannot say."""
    return "As planned when the assessment was made; each review says anew what is due."

"""The words every report uses for tiers, marks, urgency and status, so that page, terminal and letter agree.

Colour is never the only carrier of meaning: each tier has its word and its shape.
"""

import unicodedata
from datetime import date
from typing import Final

from rxvigil.engine.assessment import ActionShown, Assessment, CourseShown, DueTest, Finding, Tier
from rxvigil.engine.wording import dose_range
from rxvigil.facts import Patient, show_day

TIERS: Final[tuple[Tier, ...]] = ("STOP", "ACT", "KNOW", "CANNOT SAY")
"""What needs somebody first comes first."""

TIER_MEANS: Final[dict[Tier, str]] = {
    "STOP": "severe harm may come soon; deal with it before anything else",
    "ACT": "adjust, repeat or call",
    "KNOW": "for information; nothing to do now unless it says so",
    "CANNOT SAY": "a fact is missing, too old or unreadable; this is not a reassurance",
}

MARK_MEANS: Final[dict[str, str]] = {
    "verified": "read in the issuing body's own text",
    "secondary": "read in a page that restates it, not in the original",
    "derived": "calculated from cited figures; the formula is given",
    "house": "rxvigil's own choice where the sources leave a gap; the reason is given",
    "memory": "read by nobody yet; shown, never the reason for a finding",
}

URGENCY_SAYS: Final[dict[str, str]] = {
    "now": "Now",
    "today": "Today",
    "this week": "This week",
    "soon": "Soon",
    "routine": "At the next routine contact",
}

STRENGTH_SAYS: Final[dict[str, str]] = {
    "must": "the source says “must”",
    "should": "the source says “should”",
    "consider": "the source says “consider”",
}

INTENDED_USE: Final = (
    "For health professionals, who can check every statement against the sources named here. It supports clinical "
    "judgement and does not replace it. rxvigil is not a certified medical device: local sign-off is needed before use."
)


def clean(text: str) -> str:
    """Text that cannot move the cursor, ring, hide or reorder what is read: control, format and lone surrogate
    characters become a visible mark. Records hold such characters by accident and by attack."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _unprintable(letter) else letter for letter in text)


def _unprintable(letter: str) -> bool:
    return letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def in_tier(assessment: Assessment, tier: Tier) -> tuple[Finding, ...]:
    """The findings of one tier, in the order the assessment gives them."""
    return tuple(finding for finding in assessment.findings if finding.tier == tier)


def counts(assessment: Assessment) -> dict[Tier, int]:
    """How many findings each tier has."""
    return {tier: len(in_tier(assessment, tier)) for tier in TIERS}


def action_line(action: ActionShown) -> str:
    """When, and what: "Today: withhold azathioprine (the source says must)"."""
    return f"{when_to_act(action)}: {action.says} ({how_strongly(action)})"


def when_to_act(action: ActionShown) -> str:
    """How soon, as the beginning of a line."""
    return URGENCY_SAYS.get(action.urgency, action.urgency.capitalize())


def how_strongly(action: ActionShown) -> str:
    """How firmly the source says it."""
    return STRENGTH_SAYS.get(action.strength, action.strength)


def who(patient: Patient) -> str:
    """The patient in one line: id, sex and birth as far as the record tells."""
    parts = [f"Patient {patient.id}"]
    parts.append(patient.sex if patient.sex != "unknown" else "sex not recorded")
    parts.append(f"born {patient.born}" if patient.born else "date of birth not recorded")
    if patient.died:
        parts.append(f"died {patient.died}")
    return ", ".join(parts)


def course_dose(course: CourseShown) -> str:
    """The dose of a course per its own period, and per kg where the weight is known."""
    if course.dose_mg_per_day is None:
        return "dose not known"
    times = 7 if course.per == "week" else 1
    low, high = course.dose_mg_per_day
    dose = dose_range(low * times, high * times, f"mg/{course.per}")
    if course.dose_mg_per_kg_per_day is None:
        return f"{dose} (per kg not known: no usable weight)"
    low, high = course.dose_mg_per_kg_per_day
    return f"{dose} ({dose_range(low * times, high * times, f'mg/kg/{course.per}')})"


def course_line(course: CourseShown) -> str:
    """A monitored drug in one line."""
    since = f"since {course.start}" if course.start else "start not known"
    at_dose = f", this dose since {show_day(course.dose_since)}" if course.dose_since else ""
    return f"{course.name} {course_dose(course)}, {since}{at_dose}"


def tests_in_order(assessment: Assessment) -> list[DueTest]:
    """Overdue tests first, then those due, then those nobody can tell, then the rest; each by its day."""
    order = ("overdue", "due", "cannot say", "in date", "not required")
    return sorted(assessment.next_tests, key=lambda test: (order.index(test.status), test.due or date.max, test.name))


def due_line(test: DueTest) -> str:
    """When a test is due, in words a status alone cannot say."""
    match test.status:
        case "overdue":
            latest = test.overdue_after or test.due
            return f"overdue since {show_day(latest)}" if latest else "overdue"
        case "due":
            return f"due {show_day(test.due)}" if test.due else "due now"
        case "in date":
            return f"in date, next {show_day(test.due)}" if test.due else "in date"
        case "cannot say":
            return "cannot say"
        case _:
            return "not required"

"""What the record says around a measured enzyme activity, and what the activity then means."""

from typing import Final, NamedTuple

from rxvigil.engine.state import State
from rxvigil.facts import Event, Prescription, Result, When
from rxvigil.genetics import ActivityContext, ActivityReading, read_activity
from rxvigil.knowledge.activity import ActivityFile

_TRANSFUSION: Final = "transfusion"
_RAISES_IT: Final = "thiopurine"


class ActivityKnown(NamedTuple):
    """The newest activity of a gene's enzyme that was read, and what it means."""

    result: Result
    reading: ActivityReading
    knowledge: ActivityFile


def activity_of(state: State, gene: str) -> ActivityKnown | None:
    """The newest activity known on the date; none where none was measured or read."""
    knowledge = next((one for one in state.words.activities.values() if one.gene == gene), None)
    if knowledge is None:
        return None
    measured = [one for one in state.series.get(f"{gene}-activity", ()) if one.category]
    if not measured:
        return None
    newest = measured[-1]
    reading = read_activity(
        None, "", category=newest.category, knowledge=knowledge, context=_around(state, newest.when)
    )
    return ActivityKnown(newest, reading, knowledge)


def _around(state: State, sample: When) -> ActivityContext:
    events = [one for one in state.record.events if one.kind == _TRANSFUSION]
    return ActivityContext(
        days_since_transfusion=_days_since(events, sample),
        no_transfusion=any(one.status == "not" for one in events),
        on_thiopurine=_taken(state, state.words.members(_RAISES_IT), sample),
        drugs=frozenset(one.drug for one in state.record.prescriptions if _covers(one, sample) is True),
    )


def _days_since(events: list[Event], sample: When) -> int | None:
    """Days from the last transfusion before the sample, the fewest that the dates allow."""
    days = [
        max(0, (sample.first - one.start.last).days)
        for one in events
        if one.status == "happened" and one.start is not None and one.start.first <= sample.last
    ]
    return min(days, default=None)


def _taken(state: State, drugs: frozenset[str], sample: When) -> bool | None:
    """Whether one of the drugs was taken on the day of the sample; none where the record does not tell."""
    covered = [_covers(one, sample) for one in state.record.prescriptions if one.drug in drugs]
    if True in covered:
        return True
    if None in covered or not state.has_list("prescriptions") or state.unread_drug(drugs):
        return None
    return False


def _covers(one: Prescription, sample: When) -> bool | None:
    if one.status == "planned":
        return False
    if one.start is None:
        return None
    return one.start.first <= sample.last and (one.end is None or one.end.last >= sample.first)

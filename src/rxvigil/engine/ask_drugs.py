"""The measures of a drug or class: active, planned, ever, started, stopped, time on it, dose, count, allergy."""

from collections.abc import Callable, Iterable
from datetime import date

from rxvigil.engine.ask_results import Ask
from rxvigil.engine.assessment import Missing
from rxvigil.engine.courses import Exposure
from rxvigil.engine.kleene import NO, UNKNOWN, YES, Answer, Fact, either, no, unknown, yes
from rxvigil.engine.numbers import Range, compare
from rxvigil.engine.state import State
from rxvigil.engine.wording import dated, dose_range, inside
from rxvigil.facts import Dose, Duration
from rxvigil.knowledge.expression import Operator

PER_DAY = {"mg/d": 1.0, "mg/wk": 7.0, "g/d": 0.001}
PER_KG = {"mg/kg/d": 1.0, "mg/kg/wk": 7.0}
DOSE_UNITS = frozenset(PER_DAY) | frozenset(PER_KG)


def active(subject: str) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        return is_active(state, _named(subject, this))

    return ask


def is_active(state: State, subject: str) -> Answer:
    """Whether the drug, or any drug of the class, is taken on the date."""
    if subject not in state.taken:
        state.taken[subject] = _is_active(state, subject)
    return state.taken[subject]


def _is_active(state: State, subject: str) -> Answer:
    found = state.exposures(subject)
    answers = [_active_one(state, drug, exposure) for drug, exposure in found if exposure.active != NO]
    if answers:
        return either(answers)
    unread = state.unread_drug(state.words.members(subject))
    if unread:
        return unknown(
            Missing("medicine list", f"a medicine could not be read: {unread[0].why}", "read the medicine list"),
            because=(unread[0],),
        )
    if not state.has_list("prescriptions"):
        name = inside(state.words.show(subject))
        return unknown(Missing(f"whether {name} is taken", "the record holds no medicines", "supply the medicine list"))
    return no(why=lambda: f"{inside(state.words.show(subject))} is not taken")


def _active_one(state: State, drug: str, exposure: Exposure) -> Answer:
    if exposure.active == YES:
        return yes(*exposure.current)
    name = inside(state.words.show(drug))
    return unknown(
        Missing(f"whether {name} is still taken", exposure.doubt, "ask the patient or the pharmacy"),
        because=exposure.current,
    )


def planned(subject: str) -> Ask:
    """A plan is an entry of its own: a record without any medicine holds no plan either."""

    def ask(state: State, this: str | None) -> Answer:
        name = _named(subject, this)
        plans = [one for _, exposure in state.exposures(name) for one in exposure.planned]
        if plans:
            return yes(*plans)
        return _absent(state, name, "planned") if state.has_list("prescriptions") else no(why="no medicine is recorded")

    return ask


def ever(subject: str) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        taken = [
            one for _, exposure in state.exposures(_named(subject, this)) for one in (*exposure.current, *exposure.past)
        ]
        return yes(*taken) if taken else _absent(state, _named(subject, this), "recorded")

    return ask


def _absent(state: State, subject: str, word: str) -> Answer:
    name = inside(state.words.show(subject))
    unread = state.unread_drug(state.words.members(subject))
    if unread:
        why = f"a medicine could not be read: {unread[0].why}"
        return unknown(Missing("medicine list", why, "read the medicine list"))
    if not state.has_list("prescriptions"):
        return unknown(
            Missing(f"whether {name} is {word}", "the record holds no medicines", "supply the medicine list")
        )
    return no(why=lambda: f"{name} is not {word}")


def started(subject: str, within: Duration) -> Ask:
    """The current course of the drug, or of any drug of the class, began within the time."""

    def ask(state: State, this: str | None) -> Answer:
        running = is_active(state, _named(subject, this))
        if running.truth != YES:
            return running
        opens = within.before(state.on)
        return either(
            _began(state, drug, exposure, opens)
            for drug, exposure in state.exposures(_named(subject, this))
            if exposure.active == YES
        )

    return ask


def _began(state: State, drug: str, exposure: Exposure, opens: date) -> Answer:
    if exposure.start is None:
        return unknown(_no_start(state, drug), because=exposure.current)
    began, name = exposure.start >= opens, inside(state.words.show(drug))
    return Answer(
        YES if began else NO, exposure.current, (), f"{name} began {'within that time' if began else 'earlier'}"
    )


def _no_start(state: State, drug: str) -> Missing:
    name = inside(state.words.show(drug))
    return Missing(f"start of {name}", "the record does not say when it began", "find the start date")


def stopped(subject: str, within: Duration) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        name = _named(subject, this)
        if is_active(state, name).truth == YES:
            return no(why=lambda: f"{inside(state.words.show(name))} is being taken")
        taken = [(drug, exposure) for drug, exposure in state.exposures(name) if exposure.past or exposure.current]
        if not taken:
            return _absent(state, name, "recorded")
        opens = within.before(state.on)
        return either(_ended(state, drug, exposure, opens) for drug, exposure in taken)

    return ask


def _ended(state: State, drug: str, exposure: Exposure, opens: date) -> Answer:
    if exposure.active == UNKNOWN:
        name = inside(state.words.show(drug))
        return unknown(
            Missing(f"whether {name} was stopped", exposure.doubt, "ask the patient"), because=exposure.current
        )
    if exposure.stopped is None:
        name = inside(state.words.show(drug))
        return unknown(
            Missing(f"when {name} was stopped", "the record gives no last day", "find the last day"),
            because=exposure.past,
        )
    recent = exposure.stopped >= opens
    return Answer(
        YES if recent else NO, exposure.past, (), "" if recent else f"{inside(state.words.show(drug))} stopped earlier"
    )


def time_on(subject: str, operator: Operator, limit: Duration) -> Ask:
    """How long the current course has run, compared with a calendar length."""

    def ask(state: State, this: str | None) -> Answer:
        return _since(state, _named(subject, this), lambda exposure: exposure.start, operator, limit)

    return ask


def stable_for(subject: str, operator: Operator, limit: Duration) -> Ask:
    """How long the dose has been what it is now."""

    def ask(state: State, this: str | None) -> Answer:
        return _since(state, _named(subject, this), dose_since, operator, limit)

    return ask


def dose_since(exposure: Exposure) -> date | None:
    """The day the present dose began; none where a dose or a date is not known."""
    if not exposure.start_known or not exposure.steps or exposure.steps[-1].dose is None:
        return None
    return exposure.steps[-1].since


def _since(
    state: State, subject: str, when: Callable[[Exposure], date | None], operator: Operator, limit: Duration
) -> Answer:
    running = is_active(state, subject)
    if running.truth != YES:
        return running
    return either(
        _lasted(state, drug, exposure, when(exposure), operator, limit)
        for drug, exposure in state.exposures(subject)
        if exposure.active == YES
    )


def _lasted(
    state: State, drug: str, exposure: Exposure, since: date | None, operator: Operator, limit: Duration
) -> Answer:
    if since is None:
        name = inside(state.words.show(drug))
        return unknown(
            Missing(f"dose history of {name}", "start or doses are not recorded", "find start date and doses"),
            because=exposure.current,
        )
    full = limit.after(since)
    holds = {
        ">=": state.on >= full,
        ">": state.on > full,
        "<": state.on < full,
        "<=": state.on <= full,
        "=": state.on == full,
    }[operator]
    return Answer(
        YES if holds else NO,
        exposure.current,
        (),
        lambda: f"{inside(state.words.show(drug))} since {since.isoformat()}",
    )


def dose(subject: str, operator: Operator, value: float, unit: str) -> Ask:
    """Present dose compared with mg/d, mg/wk, mg/kg/d or mg/kg/wk."""

    def ask(state: State, this: str | None) -> Answer:
        name = _named(subject, this)
        running = is_active(state, name)
        if running.truth != YES:
            return running
        return either(
            _dose_one(state, drug, exposure, operator, value, unit)
            for drug, exposure in state.exposures(name)
            if exposure.active == YES
        )

    return ask


def _dose_one(state: State, drug: str, exposure: Exposure, operator: Operator, value: float, unit: str) -> Answer:
    name = inside(state.words.show(drug))
    if exposure.dose is None:
        return unknown(
            Missing(f"dose of {name}", "the prescription does not give an amount per day", "find the dose"),
            because=exposure.current,
        )
    if unit in PER_DAY:
        measured = _range(exposure.dose).times(PER_DAY[unit])
        because: tuple[Fact, ...] = exposure.current
        shown = name
    else:
        weight = state.latest("weight", None)
        weights = [one.value for one in weight.results if one.value]
        if not weights or weight.doubt:
            gap = weight.doubt or Missing("weight", "no weight in the record", "weigh the patient")
            return unknown(gap, because=exposure.current)
        heaviest, lightest = max(weights), min(weights)
        measured = Range(exposure.dose.low / heaviest, exposure.dose.high / lightest).times(PER_KG[unit])
        because = (*exposure.current, *weight.results)
        shown = f"{name} by a weight of {dated(weight.results[-1], state.words)}"
    measured = Range(float(f"{measured.low:.10g}"), float(f"{measured.high:.10g}"))
    truth = compare(measured, operator, value)
    if truth == UNKNOWN:
        gap = Missing(f"dose of {name}", "the prescriptions leave a range of doses", "find which dose is taken")
        return unknown(gap, because=because)
    return Answer(truth, because, (), lambda: f"{shown}: {dose_range(measured.low, measured.high, unit)}")


def _range(amount: Dose) -> Range:
    return Range(amount.low, amount.high)


def per_kg(amount: Dose | None, state: State) -> tuple[float, float] | None:
    """Dose in mg/kg/day by the latest weight that is still fresh; none where either is not known."""
    weight = state.latest("weight", None)
    weights = [one.value for one in weight.results if one.value]
    if amount is None or not weights or weight.doubt:
        return None
    return (round(amount.low / max(weights), 3), round(amount.high / min(weights), 3))


def dose_increased(subject: str, within: Duration) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        name = _named(subject, this)
        running = is_active(state, name)
        if running.truth != YES:
            return running
        opens = within.before(state.on)
        return either(
            _raised(state, drug, exposure, opens) for drug, exposure in state.exposures(name) if exposure.active == YES
        )

    return ask


def _raised(state: State, drug: str, exposure: Exposure, opens: date) -> Answer:
    if not exposure.start_known:
        return unknown(_no_start(state, drug), because=exposure.current)
    for before, after in zip(exposure.steps, exposure.steps[1:], strict=False):
        if after.since < opens:
            continue
        if before.dose is None or after.dose is None:
            name = inside(state.words.show(drug))
            gap = Missing(f"dose history of {name}", "a dose is not recorded", "find the doses")
            return unknown(gap, because=exposure.current)
        if after.dose.high > before.dose.high:
            return yes(*exposure.current, why=lambda: f"the dose of {inside(state.words.show(drug))} went up")
    return no(*exposure.current, why=lambda: f"the dose of {inside(state.words.show(drug))} has not gone up")


def count(subject: str, operator: Operator, limit: float) -> Ask:
    """Different active drugs of a class; for one drug, its different active products."""

    def ask(state: State, this: str | None) -> Answer:
        name = _named(subject, this)
        found = [(drug, exposure) for drug, exposure in state.exposures(name) if exposure.active == YES]
        open_ = [exposure for _, exposure in state.exposures(name) if exposure.active == UNKNOWN]
        because = tuple(one for _, exposure in found for one in exposure.current)
        certain = (
            len(found) if state.words.kind_of(name) == "drug" and name in state.words.classes else _products(found)
        )
        possible = certain + len(open_) + len(state.unread_drug(state.words.members(name)))
        truth = compare(Range(certain, possible), operator, limit)
        if truth == UNKNOWN:
            gap = Missing(
                f"how many {inside(state.words.show(name))} medicines are taken", "one is in doubt", "ask the patient"
            )
            return unknown(gap, because=because)
        return Answer(truth, because, (), lambda: f"{inside(state.words.show(name))}: {certain} active")

    return ask


def _products(found: list[tuple[str, Exposure]]) -> int:
    return len({one.product for _, exposure in found for one in exposure.current})


def allergy(subject: str) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        name = _named(subject, this)
        shown = inside(state.words.show(name))
        keys = _with_classes(state, name)
        mine = [one for one in state.record.allergies if one.concept in keys]
        held = [one for one in mine if one.status in ("active", "past")]
        if held:
            return yes(*held)
        doubtful = [one for one in mine if one.status == "uncertain"]
        unread = [one for key in (*sorted(keys), "any-allergy") for one in state.unread.get(key, ())]
        unread = [one for one in unread if not one.origin.place.startswith("Medication")]
        if doubtful or unread:
            why = "an allergy entry is unconfirmed" if doubtful else f"an allergy could not be read: {unread[0].why}"
            return unknown(Missing(f"allergy to {shown}", why, "ask the patient"), because=tuple(doubtful))
        if not state.has_list("allergies"):
            return unknown(
                Missing(
                    "allergies", "none recorded, not even that there are none", "ask the patient and record the answer"
                )
            )
        return no(why=lambda: f"no allergy to {shown} recorded")

    return ask


def _with_classes(state: State, subject: str) -> frozenset[str]:
    classes: Iterable[str] = state.words.classes_of(subject) if subject in state.words.drugs else ()
    return state.words.members(subject) | frozenset(classes)


def _named(subject: str, this: str | None) -> str:
    return this if subject == "this" and this is not None else subject

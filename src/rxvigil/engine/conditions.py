"""From a rule's condition to a function of the state. Done once per rule book, not once per patient."""

from rxvigil.engine import ask_drugs, ask_others, ask_results, ask_samples
from rxvigil.engine.ask_results import Ask, duration_argument, limit_of
from rxvigil.engine.kleene import NO, UNKNOWN, Answer, both, either, no, opposite
from rxvigil.engine.state import State
from rxvigil.facts import Duration, parse_duration
from rxvigil.knowledge.expression import (
    All,
    Amount,
    AnyOf,
    Compare,
    Expression,
    Holds,
    Literal_,
    Not,
    OneOf,
    Operator,
    Term,
    Word,
)
from rxvigil.knowledge.lookup import Vocabulary


def compile_condition(expression: Expression, words: Vocabulary, *, proof: bool = False) -> Ask:
    """The question a condition asks. `proof`: a doubtful value does not count as holding (exceptions).

    Raises `ValueError` for a condition that lint would reject.
    """
    match expression:
        case All(items):
            return _all([compile_condition(item, words, proof=proof) for item in items])
        case AnyOf(items):
            return _any([compile_condition(item, words, proof=proof) for item in items])
        case Not(item):
            return _not(compile_condition(item, words, proof=not proof))
        case Holds(term):
            return _or_denied(_truth(term, words), term)
        case Compare(term, operator, value):
            return _comparison(term, operator, value, words, proof)
        case OneOf(term, values):
            return _category(term, frozenset(word.text for word in values), words, proof)


def _all(parts: list[Ask]) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        answers: list[Answer] = []
        for part in parts:
            answer = part(state, this)
            if answer.truth == NO:  # settles it: nothing more is asked
                return answer
            answers.append(answer)
        return both(answers)

    return ask


def _any(parts: list[Ask]) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        return either([part(state, this) for part in parts])

    return ask


def _not(part: Ask) -> Ask:
    def ask(state: State, this: str | None) -> Answer:
        return opposite(part(state, this))

    return ask


def _or_denied(part: Ask, term: Term) -> Ask:
    """What the record leaves open, an answer may settle; an entry that is unconfirmed stays open."""

    def ask(state: State, this: str | None) -> Answer:
        answer = part(state, this)
        if answer.truth != UNKNOWN or any(getattr(fact, "status", "") == "uncertain" for fact in answer.because):
            return answer
        subject = this if term.subject == "this" and this else term.subject
        denials = state.denied(subject, term.measure)
        return no(*denials, why="answered no") if denials else answer

    return ask


def _truth(term: Term, words: Vocabulary) -> Ask:
    subject, arguments = term.subject, dict(term.arguments)
    within = duration_argument(arguments, "within")
    match words.kind_of(subject), term.measure:
        case "analyte", "measured":
            return ask_results.measured(subject, within)
        case "analyte", "falls" | "rises":
            return _trend(term)
        case "analyte", "dose-changed-since":
            return ask_samples.dose_changed_since(subject)
        case "drug", "active":
            return ask_drugs.active(subject)
        case "drug", "planned":
            return ask_drugs.planned(subject)
        case "drug", "ever":
            return ask_drugs.ever(subject)
        case "drug", "allergy":
            return ask_drugs.allergy(subject)
        case "drug", "started" if within:
            return ask_drugs.started(subject, within)
        case "drug", "stopped" if within:
            return ask_drugs.stopped(subject, within)
        case "drug", "dose-increased" if within:
            return ask_drugs.dose_increased(subject, within)
        case "condition", "present":
            return ask_others.condition(subject, past_counts=False)
        case "condition", "ever":
            return ask_others.condition(subject, past_counts=True)
        case "vaccine", "given" | "ever":
            return ask_others.vaccine_given(subject, within)
        case "vaccine", "planned":
            return ask_others.vaccine_planned(subject)
        case "symptom", "reported":
            return ask_others.symptom(subject, within)
        case "gene", "known":
            return ask_others.phenotype_known(subject)
        case "event", "present":
            return ask_others.event_present(subject)
        case "event", "planned":
            return ask_others.event_planned(subject)
        case "event", "since" if within:
            return ask_others.event_since(subject, within)
    raise ValueError(f"'{term}' is not a yes-or-no measure")


def _trend(term: Term) -> Ask:
    arguments = dict(term.arguments)
    times, each = arguments.get("times"), arguments.get("each")
    if not isinstance(times, Amount) or not isinstance(each, Amount):
        raise ValueError(f"'{term}' needs times and each")
    return ask_results.steps(
        term.subject,
        term.measure == "falls",
        int(times.value),
        each.value,
        duration_argument(arguments, "apart") or ask_results.APART,
        duration_argument(arguments, "within") or ask_results.WITHIN,
    )


def _comparison(term: Term, operator: Operator, value: Literal_, words: Vocabulary, proof: bool) -> Ask:
    if isinstance(value, Word):
        return _category(term, frozenset((value.text,)), words, proof)
    match words.kind_of(term.subject):
        case "analyte":
            return _analyte(term, operator, value, words, proof)
        case "drug":
            return _drug(term, operator, value)
        case "patient" if term.measure == "age":
            return ask_others.age(operator, _length(value))
    raise ValueError(f"'{term}' cannot be compared with {value}")


def _analyte(term: Term, operator: Operator, value: Amount, words: Vocabulary, proof: bool) -> Ask:
    subject, arguments = term.subject, dict(term.arguments)
    rising = term.measure.startswith("rise")
    match term.measure:
        case "latest":
            return ask_results.latest(subject, operator, limit_of(value, subject, words), proof)
        case "last":
            times = arguments.get("times")
            if not isinstance(times, Amount):
                raise ValueError(f"'{term}' needs times")
            return ask_results.last(subject, int(times.value), operator, limit_of(value, subject, words))
        case "rise" | "fall":
            over = duration_argument(arguments, "over")
            if over is None:
                raise ValueError(f"'{term}' needs over")
            return ask_results.change(subject, rising, over, operator, _checked(value, subject, words))
        case "stable-at-sample":
            return ask_samples.stable_at_sample(subject, operator, _length(value))
        case "time-on-at-sample":
            return ask_samples.time_on_at_sample(subject, operator, _length(value))
        case "rise-since-start" | "fall-since-start":
            return ask_results.since_start(subject, rising, operator, _checked(value, subject, words))
    raise ValueError(f"'{term}' is not a measure that can be compared")


def _checked(value: Amount, subject: str, words: Vocabulary) -> Amount:
    if value.unit != "%":
        limit_of(value, subject, words)
    return value


def _drug(term: Term, operator: Operator, value: Amount) -> Ask:
    match term.measure:
        case "dose" if value.unit in ask_drugs.DOSE_UNITS:
            return ask_drugs.dose(term.subject, operator, value.value, value.unit)
        case "time-on":
            return ask_drugs.time_on(term.subject, operator, _length(value))
        case "stable-for":
            return ask_drugs.stable_for(term.subject, operator, _length(value))
        case "count":
            return ask_drugs.count(term.subject, operator, value.value)
    raise ValueError(f"'{term}' cannot be compared with {value}")


def _category(term: Term, wanted: frozenset[str], words: Vocabulary, proof: bool) -> Ask:
    match words.kind_of(term.subject), term.measure:
        case "analyte", "latest":
            return ask_results.latest_category(term.subject, wanted, proof)
        case "gene", "phenotype":
            return ask_others.phenotype(term.subject, wanted)
        case "event", "value":
            return ask_others.event_value(term.subject, wanted)
        case "patient", "sex":
            return ask_others.sex(wanted)
    raise ValueError(f"'{term}' is not a category")


def _length(value: Amount) -> Duration:
    return parse_duration(str(value))

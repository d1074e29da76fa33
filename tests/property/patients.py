"""Made-up patients for the property tests: what records hold in practice, with every awkwardness they have.

Values lie on and around every limit that a rule of the shipped rule book names, so that the interesting neighbourhoods
are reached; doses step up and down, dates are days, moments or only months, references are there or not.
"""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from rxvigil.engine import Assessment, Evaluator, Wanted
from rxvigil.facts import (
    Allergy,
    Bounds,
    Comparator,
    Condition,
    Dose,
    Event,
    Genotype,
    Immunisation,
    NotUnderstood,
    Origin,
    Outside,
    Patient,
    Prescription,
    PrescriptionStatus,
    Record,
    Result,
    Sex,
    Symptom,
    When,
    on_day,
    parse_when,
)
from rxvigil.knowledge.expression import All, Amount, AnyOf, Compare, Expression, Not, parse, terms
from rxvigil.knowledge.loader import build, read_knowledge

BOOK: Final = build(read_knowledge())
WORDS: Final = BOOK.vocabulary
DAYS: Final = (date(2026, 3, 1), date(2024, 2, 29), date(2025, 12, 31), date(2026, 8, 14))
"""Dates to assess on, with a leap day and ends of months among them."""
WANTED: Final = (
    Wanted(),
    Wanted("US"),
    Wanted("FR"),
    Wanted("CH"),
    Wanted("UK", ("monitoring/azathioprine/bsr-2008", "monitoring/methotrexate/nhs-highland")),
    Wanted("UK", ("monitoring/azathioprine/sps-rheumatology", "monitoring/mercaptopurine/sps")),
)
LISTS: Final = ("allergies", "conditions", "immunisations", "prescriptions", "results")
KINDS: Final = (
    "results", "prescriptions", "conditions", "allergies", "immunisations", "genotypes", "symptoms", "events",
)  # fmt: skip
"""The fields of a record that hold facts."""

REFERENCES: Final[dict[str, tuple[float | None, float | None]]] = {
    "white-cells": (4.0, 11.0), "neutrophils": (2.0, 7.5), "neutrophils-percent": (40, 75), "lymphocytes": (1.0, 4.0),
    "eosinophils": (None, 0.4), "platelets": (150, 400), "haemoglobin": (120, 160), "mcv": (80, 100), "alt": (None, 40),
    "ast": (10, 35), "alp": (30, 130), "bilirubin": (None, 21), "albumin": (35, 50), "creatinine": (45, 90),
    "egfr": (60, None), "urate": (140, 360), "amylase": (None, 100), "lipase": (None, 60), "crp": (None, 5),
    "weight": (None, None), "temperature": (None, None), "tgn": (235, 450), "mmp": (None, 5700),
    "bile-acids": (None, 14), "systolic-bp": (None, 140), "urea": (2.5, 7.8), "sodium": (133, 146),
    "potassium": (3.5, 5.3),
}  # fmt: skip
"""Laboratories' own limits; also the analytes of which the patients have numbers."""
ORDINARY: Final = {"weight": 70.0, "temperature": 36.8, "tgn": 300.0, "mmp": 2000.0, "systolic-bp": 125.0, "crp": 3.0}
CATEGORICAL: Final = ("hbsag", "hcv-antibody", "hiv", "vzv-igg", "ebv-vca-igg", "tb-igra", "anti-hbc", "tpmt-activity")
IRRELEVANT_ANALYTES: Final = ("haematocrit", "red-cells", "esr", "ferritin", "ggt", "tsh", "vitamin-b12", "folate")
UNRELATED_DRUGS: Final = ("paracetamol", "azithromycin", "lidocaine", "glipizide")
"""No rule or schedule speaks of these two; a test makes sure."""


def examples(count: int) -> Callable[[Any], Any]:
    """How many patients a property is tried on; the same ones every time where the variable CI is set."""
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@lru_cache(maxsize=32)
def evaluator(wanted: Wanted = WANTED[0]) -> Evaluator:
    """The shipped rule book, ready, as one site would use it."""
    return Evaluator(BOOK, wanted)


def assessed(record: Record, on: date, wanted: Wanted = WANTED[0]) -> Assessment:
    """The assessment with every rule's answer."""
    return evaluator(wanted).assess(record, on, explain=True)


@lru_cache(maxsize=1)
def conditions_of_the_book() -> tuple[Expression, ...]:
    """Every condition that stands anywhere in the shipped rule book."""
    return tuple(_conditions())


def _conditions() -> Iterator[Expression]:
    for _, rule in BOOK.rules():
        yield from (parse(text) for text in (rule.when, rule.unless, rule.applies.only_if) if text)
    for protocol in BOOK.protocols.values():
        for schedule in protocol.schedule:
            yield from (parse(modifier.when) for modifier in schedule.modifiers)
            yield from (parse(text) for text in (schedule.only_if,) if text)
        yield from (parse(test.only_if) for test in protocol.baseline if test.only_if)


def comparisons(expression: Expression) -> Iterator[Compare]:
    """Every comparison with a number in a condition."""
    match expression:
        case All(items) | AnyOf(items):
            for item in items:
                yield from comparisons(item)
        case Not(item):
            yield from comparisons(item)
        case Compare(_, _, Amount()):
            yield expression


def _limits() -> dict[str, set[float]]:
    """Analyte -> every limit a rule sets for it, in its canonical unit."""
    found: dict[str, set[float]] = {key: set() for key in REFERENCES}
    for expression in conditions_of_the_book():
        for compared in comparisons(expression):
            subject, value = compared.term.subject, compared.value
            if subject in found and isinstance(value, Amount) and compared.term.measure in ("latest", "last"):
                low, high = REFERENCES[subject]
                own = {"xULN": high, "xLLN": low}.get(value.unit)
                factor = own if value.unit in ("xULN", "xLLN") else float(WORDS.factor(subject, value.unit) or 1)
                found[subject] |= {value.value * factor} if factor else set()
    return found


def _values(analyte: str, limits: set[float]) -> tuple[float, ...]:
    """Ordinary values, and values just below, at and just above every limit."""
    low, high = REFERENCES[analyte]
    ordinary = ORDINARY.get(analyte) or ((low or 0) + (high or 2 * (low or 0))) / 2
    around = [limit * factor for limit in limits for factor in (0.99, 1, 1.01)]
    plain = [ordinary * factor for factor in (1, 1.05, 0.9, 0.75, 0.6, 0.45, 1.4, 1.7, 2.3)]
    return tuple(dict.fromkeys(float(f"{one:.4g}") for one in (*plain, *around)))


VALUES: Final = {key: _values(key, limits) for key, limits in _limits().items()}


def _mentioned(kind: str) -> tuple[str, ...]:
    """Every key of a kind that some condition of the book speaks of; of classes their members."""
    found = {term.subject for expression in conditions_of_the_book() for term in terms(expression)}
    own = {key for key in found if WORDS.kind_of(key) == kind and key != "this"}
    return tuple(sorted({member for key in own for member in WORDS.members(key) if member not in WORDS.classes}))


DRUGS: Final = tuple(
    key for key in _mentioned("drug") if key in WORDS.drugs and not WORDS.drugs[key].monitored
)  # fmt: skip
CONDITIONS: Final = _mentioned("condition")
VACCINES: Final = _mentioned("vaccine")
SYMPTOMS: Final = _mentioned("symptom")
EVENTS: Final = ("pregnancy", "breastfeeding", "surgery", "infection", "conception-plan", "transfusion", "response")
PHENOTYPES: Final = ("normal", "intermediate", "possible-intermediate", "poor", "indeterminate")
ALLELES: Final = {
    "tpmt": ("*1/*1", "*1/*3A", "*3A/*3C", "*1/*3A or *3B/*3C", "*1/*8", "*1/*99"),
    "nudt15": ("*1/*1", "*1/*3", "*3/*3", "*1/*3 or *3/*6", "*1/*6", "*1/*99"),
}
"""Pairs of alleles, several that one test cannot tell apart, and one that no release defines."""

_AGO: Final = (*range(60), *range(60), *(day for week in range(12, 115) for day in (7 * week, 7 * week + 3)))
"""Days before the date of assessment, the recent ones more often."""
_STATED: Final = ("day", "day", "day", "day", "day", "morning", "afternoon", "month")


def _forms() -> tuple[tuple[str, float, Comparator, bool, bool], ...]:
    """Every number a result may have, with comparator, whether it comes with a range, whether it is preliminary."""
    plain = [(key, value) for key, values in VALUES.items() for value in values]
    kinds: tuple[tuple[Comparator, bool, bool], ...] = (
        ("", True, False), ("", True, False), ("", True, False), ("", False, False), ("", True, True),
        ("<", True, False), (">", True, False),
    )  # fmt: skip
    return tuple((key, value, *kind) for key, value in plain for kind in kinds)


FORMS: Final = _forms()
CATEGORIES: Final = tuple((key, word) for key in CATEGORICAL for word in sorted(WORDS.analytes[key].categories))


def moment(on: date, ago: int, stated: str = "day") -> When:
    """A day so long ago: mostly known to the day, sometimes to the moment, seldom only to the month."""
    day = on - timedelta(days=ago)
    if stated == "morning":
        return parse_when(f"{day.isoformat()}T08:30:00+01:00")
    if stated == "afternoon":
        return parse_when(f"{day.isoformat()}T14:30:00+01:00")
    if stated == "month" and day.isoformat()[:7] < on.isoformat()[:7]:
        return parse_when(day.isoformat()[:7])
    return on_day(day)


def _origin(place: str) -> Origin:
    return Origin("made-up", place)


_samples = st.lists(
    st.tuples(
        st.sampled_from(_AGO),
        st.sampled_from(_STATED),
        st.booleans(),
        st.lists(st.sampled_from(FORMS), min_size=2, max_size=9, unique_by=lambda form: form[0]),
    ),
    max_size=5,
)
_categories = st.lists(st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(_AGO)), max_size=2)


@st.composite
def _results(draw: st.DrawFn, on: date) -> tuple[Result, ...]:
    found: list[Result] = []
    for number, (ago, stated, panelled, forms) in enumerate(draw(_samples)):
        for analyte, value, comparator, referenced, preliminary in forms:
            low, high = REFERENCES[analyte]
            found.append(
                Result(
                    id=f"r{len(found):02}", analyte=analyte, when=moment(on, ago, stated),
                    origin=_origin(f"Observation/{len(found)}"), value=value, comparator=comparator,
                    reference=Bounds(low, high) if referenced and (low or high) else None,
                    preliminary=preliminary, panel=f"report-{number}" if panelled else None,
                )
            )  # fmt: skip
    for (analyte, word), ago in draw(_categories):
        found.append(
            Result(
                id=f"r{len(found):02}", analyte=analyte, when=moment(on, ago),
                origin=_origin(f"Observation/{len(found)}"), category=word,
            )
        )  # fmt: skip
    return tuple(found)


DOSES: Final = {
    "azathioprine": (100.0, 150.0, 50.0, 75.0, 25.0, 12.5, 200.0, 310.0, 360.0),
    "mercaptopurine": (50.0, 75.0, 25.0, 12.5, 100.0),
    "methotrexate": (15 / 7, 20 / 7, 10 / 7, 25 / 7),
    "leflunomide": (20.0, 10.0),
}
TREATED_WITH: Final[tuple[tuple[str, ...], ...]] = (
    *(("azathioprine",),) * 6, ("methotrexate",), ("mercaptopurine",), ("azathioprine", "methotrexate"),
    ("methotrexate", "leflunomide"), ("azathioprine", "mercaptopurine"), (),
)  # fmt: skip
_ENDINGS: Final = (*("active",) * 9, "ended", "ended", "unknown", "on-hold", "supply out", "ended, day unknown")
_steps = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 8)), min_size=1, max_size=3)
_habits = st.sampled_from(
    ("closed", "closed", "closed", "left open", "left open", "first dose unknown", "start unknown", "strengths differ")
)


@st.composite
def _course(draw: st.DrawFn, on: date, drug: str) -> tuple[Prescription, ...]:
    """One to three prescriptions of one drug; a new one ends the one before, or is written on top of it."""
    steps, habit, ending = sorted(draw(_steps), reverse=True), draw(_habits), draw(st.sampled_from(_ENDINGS))
    found: list[Prescription] = []
    for number, (ago, index) in enumerate(steps):
        newest = number == len(steps) - 1
        start = on - timedelta(days=ago)
        end = None if newest or habit == "left open" else max(start, on - timedelta(days=steps[number + 1][0] + 1))
        if newest and ending == "ended":
            end = max(start, on - timedelta(days=draw(st.integers(1, 80))))
        status = (
            "ended" if end or ending.startswith("ended") else ending if ending in ("unknown", "on-hold") else "active"
        )
        amount = DOSES[drug][index % len(DOSES[drug])]
        found.append(
            Prescription(
                id=f"{drug}-{number}", drug=drug, origin=_origin(f"MedicationRequest/{drug}-{number}"),
                status=cast(PrescriptionStatus, status if newest or end else "active"),
                start=None if habit == "start unknown" and number == 0 else on_day(start),
                end=on_day(end) if end else None,
                supply_until=on_day(on - timedelta(days=ago // 2)) if newest and ending == "supply out" else None,
                dose=None if habit == "first dose unknown" and number == 0 else Dose(amount, amount),
                product=f"{drug} {amount:g}" if habit == "strengths differ" else drug,
            )
        )  # fmt: skip
    return tuple(found)


OTHER_DRUGS: Final = tuple(
    (drug, status) for drug in DRUGS for status in ("active", "active", "planned", "ended", "unknown")
)
_others = st.lists(st.tuples(st.sampled_from(OTHER_DRUGS), st.sampled_from(_AGO)), max_size=2)


@st.composite
def _prescriptions(draw: st.DrawFn, on: date) -> tuple[Prescription, ...]:
    found = [one for drug in draw(st.sampled_from(TREATED_WITH)) for one in draw(_course(on, drug))]
    for (drug, status), ago in draw(_others):
        start = on + timedelta(days=ago) if status == "planned" else on - timedelta(days=ago)
        found.append(
            Prescription(
                id=f"{drug}-{len(found)}", drug=drug, origin=_origin(f"MedicationRequest/{drug}-{len(found)}"),
                status=cast(PrescriptionStatus, status), start=on_day(start), product=drug,
                end=on_day(on - timedelta(days=1)) if status == "ended" else None,
            )
        )  # fmt: skip
    return tuple(found)


OTHER_FACTS: Final[tuple[tuple[str, str, str], ...]] = (
    *(("conditions", key, status) for key in CONDITIONS for status in ("active", "active", "past", "uncertain")),
    *(("immunisations", key, status) for key in VACCINES for status in ("given", "planned")),
    *(("genotypes", gene, stated) for gene in ("tpmt", "nudt15") for stated in (*PHENOTYPES, "") for _ in "1234"),
    *(("genotypes", gene, pairs) for gene in ("tpmt", "nudt15") for pairs in ALLELES[gene] for _ in "12"),
    *(("symptoms", key, "") for key in SYMPTOMS),
    *(("events", key, status) for key in EVENTS for status in ("happened", "happened", "planned", "not")),
    *(("allergies", key, "") for key in ("azathioprine", "mercaptopurine", "thiopurine", "none-known")),
)
"""Field, key and status, group or phenotype of every other fact there may be."""
_other_facts = st.lists(st.tuples(st.sampled_from(OTHER_FACTS), st.sampled_from(_AGO)), max_size=5)


def _fact(number: int, field: str, key: str, status: Any, ago: int, on: date) -> Any:
    identity, origin = f"{field}-{number}", _origin(f"{field}/{number}")
    when = on_day(on + timedelta(days=ago)) if status == "planned" else moment(on, ago)
    match field:
        case "conditions":
            return Condition(id=identity, concept=key, origin=origin, status=status, onset=when)
        case "immunisations":
            return Immunisation(id=identity, vaccine=key, origin=origin, status=status, when=when)
        case "genotypes":
            pairs = tuple(status.split(" or ")) if status.startswith("*") else ()
            stated = None if pairs else status or None
            return Genotype(id=identity, gene=key, origin=origin, when=when, phenotype=stated, diplotypes=pairs)
        case "symptoms":
            return Symptom(id=identity, concept=key, origin=origin, when=when)
        case "events":
            value = "responding" if key == "response" else None
            return Event(id=identity, kind=key, origin=origin, status=status, start=when, value=value)
    return Allergy(id=identity, concept=key, origin=origin)


UNREADABLE: Final = (
    *REFERENCES,
    "any-drug",
    "any-condition",
    "any-vaccine",
    "any-allergy",
    "azathioprine",
    "tpmt",
    "infection",
)
_unreadable = st.one_of(
    st.just([]), st.just([]), st.lists(st.tuples(st.sampled_from(UNREADABLE), st.sampled_from(_AGO)), max_size=2)
)


def not_understood(number: int, key: str, when: When | None) -> NotUnderstood:
    """An entry that nobody could read and that may have been about `key`."""
    return NotUnderstood(
        origin=_origin(f"Entry/{number}"), what=f"an entry for {key}", why=f"reason {number} why it could not be read",
        affects=(key,), when=when,
    )  # fmt: skip


_BORN: Final = ("1985-06-15", "1950-01-01", "1998-11-30", "2012-02-29", "1991", "")
_people = st.tuples(
    st.sampled_from(_BORN), st.sampled_from(("female", "male", "unknown")), st.sets(st.sampled_from(LISTS))
)


@st.composite
def records(draw: st.DrawFn, on: date) -> Record:
    """One made-up patient as of a date."""
    facts: dict[str, list[Any]] = {field: [] for field in KINDS}
    facts["results"] = list(draw(_results(on)))
    facts["prescriptions"] = list(draw(_prescriptions(on)))
    for number, ((field, key, status), ago) in enumerate(draw(_other_facts)):
        facts[field].append(_fact(number, field, key, status, ago, on))
    born, sex, lists = draw(_people)
    return Record(
        patient=Patient(id="made-up", born=parse_when(born) if born else None, sex=cast(Sex, sex)),
        not_understood=tuple(
            not_understood(number, key, None if ago % 5 == 0 else moment(on, ago))
            for number, (key, ago) in enumerate(draw(_unreadable))
        ),
        outside=(Outside("result", "http://loinc.org", "99999-9", "something else", 3),),
        lists=tuple(sorted({*lists, *(name for name in LISTS if facts[name])})),
        **{field: tuple(found) for field, found in facts.items()},
    )


_settings = st.tuples(st.sampled_from(DAYS), st.sampled_from(WANTED))


@st.composite
def patients(draw: st.DrawFn) -> tuple[Record, date, Wanted]:
    """A made-up patient, the date to assess on, and what the site has chosen."""
    on, wanted = draw(_settings)
    return draw(records(on)), on, wanted

"""Made-up patients for the property tests: what records hold in practice, with every awkwardness they have.

Values lie on and around every limit that a rule of the shipped rule book names, so that the interesting neighbourhoods
are reached; doses step up and down, dates are days, moments or only months, references are there or not.
"""

import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from rxvigil.engine import Assessment, Evaluator, Wanted
from rxvigil.facts import (
    Allergy,
    Bounds,
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
    Record,
    Result,
    Symptom,
    When,
    on_day,
    parse_when,
)
from rxvigil.knowledge.expression import All, Amount, AnyOf, Compare, Expression, Not, parse, terms
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.lookup import tidy

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
"""No rule or schedule speaks of them; a test makes sure."""


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


def conditions_of_the_book() -> Iterator[Expression]:
    """Every condition that stands anywhere in the shipped rule book."""
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
    return tuple(dict.fromkeys(tidy(f"{one:.4g}" and float(f"{one:.4g}")) for one in (*plain, *around)))


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

_often = st.sampled_from((True, True, True, False))
_seldom = st.sampled_from((False, False, False, False, False, True))
_ago = st.one_of(
    st.sampled_from((0, 1, 2, 7, 14, 28, 42, 84)), st.integers(0, 120), st.integers(0, 120), st.integers(0, 800)
)


def moment(on: date, ago: int, form: int) -> When:
    """A day so long ago: mostly known to the day, sometimes to the moment, seldom only to the month."""
    day = on - timedelta(days=ago)
    if form in (1, 2):
        return parse_when(f"{day.isoformat()}T{8 if form == 1 else 14}:30:00+01:00")
    if form == 3 and date(day.year + day.month // 12, day.month % 12 + 1, 1) <= on:
        return parse_when(day.isoformat()[:7])
    return on_day(day)


_forms = st.sampled_from((0, 0, 0, 0, 0, 1, 2, 3))


@st.composite
def _results(draw: st.DrawFn, on: date) -> tuple[Result, ...]:
    days = draw(
        st.lists(
            st.tuples(
                _ago,
                _forms,
                _often,
                st.lists(
                    st.tuples(
                        st.sampled_from(tuple(REFERENCES)), st.integers(0, 60), st.sampled_from(("",) * 8 + ("<", ">")),
                        _often, _seldom,
                    ),
                    max_size=9,
                    unique_by=lambda part: part[0],
                ),
            ),
            max_size=5,
        )
    )  # fmt: skip
    found: list[Result] = []
    for number, (ago, form, panelled, parts) in enumerate(days):
        when = moment(on, ago, form)
        for analyte, index, comparator, referenced, preliminary in parts:
            low, high = REFERENCES[analyte]
            values = VALUES[analyte]
            found.append(
                Result(
                    id=f"r{len(found):02}", analyte=analyte, when=when, origin=_origin(f"Observation/{len(found)}"),
                    value=values[index % len(values)], comparator=comparator,
                    reference=Bounds(low, high) if referenced and (low or high) else None,
                    preliminary=preliminary, panel=f"report-{number}" if panelled else None,
                )
            )  # fmt: skip
    categories = draw(st.lists(st.tuples(st.sampled_from(CATEGORICAL), _ago, st.integers(0, 5)), max_size=3))
    for analyte, ago, index in categories:
        known = sorted(WORDS.analytes[analyte].categories)
        found.append(
            Result(
                id=f"r{len(found):02}", analyte=analyte, when=moment(on, ago, 0),
                origin=_origin(f"Observation/{len(found)}"), category=known[index % len(known)],
            )
        )  # fmt: skip
    return tuple(found)


def _origin(place: str) -> Origin:
    return Origin("made-up", place)


DOSES: Final = {
    "azathioprine": (100.0, 150.0, 50.0, 75.0, 25.0, 12.5, 200.0, 310.0, 360.0),
    "mercaptopurine": (50.0, 75.0, 25.0, 12.5, 100.0),
    "methotrexate": (15 / 7, 20 / 7, 10 / 7, 25 / 7),
    "leflunomide": (20.0, 10.0),
}


@st.composite
def _course(draw: st.DrawFn, on: date, drug: str) -> tuple[Prescription, ...]:
    """One to three prescriptions of one drug; each new one ends the one before, or is simply written on top of it."""
    steps = draw(
        st.lists(st.tuples(st.integers(1, 400), st.integers(0, 8), _often), min_size=1, max_size=3)
    )  # fmt: skip
    steps = sorted(steps, key=lambda step: -step[0])
    closing, dosed, started = draw(_often), draw(_often), draw(_often)
    last = draw(st.sampled_from(("active",) * 8 + ("ended", "unknown", "on-hold", "supplied")))
    found: list[Prescription] = []
    for number, (ago, index, same_product) in enumerate(steps):
        amount = DOSES[drug][index % len(DOSES[drug])]
        newest = number == len(steps) - 1
        end = on - timedelta(days=steps[number + 1][0] + 1) if closing and not newest else None
        if newest and last == "ended":
            end = on - timedelta(days=draw(st.integers(1, 80)))
        status = "ended" if end else last if newest and last in ("unknown", "on-hold") else "active"
        start = on_day(on - timedelta(days=ago)) if started or number else None
        if start and end and end < start.first:
            end = start.first
        found.append(
            Prescription(
                id=f"{drug}-{number}", drug=drug, origin=_origin(f"MedicationRequest/{drug}-{number}"), status=status,
                start=start, end=on_day(end) if end else None,
                supply_until=on_day(on - timedelta(days=ago // 2)) if newest and last == "supplied" else None,
                dose=Dose(amount, amount) if dosed or newest else None,
                product=drug if same_product else f"{drug} tablets of another strength",
            )
        )  # fmt: skip
    return tuple(found)


@st.composite
def _prescriptions(draw: st.DrawFn, on: date) -> tuple[Prescription, ...]:
    taken = draw(
        st.sampled_from(
            (("azathioprine",),) * 6
            + (("methotrexate",), ("mercaptopurine",), ("azathioprine", "methotrexate"), ("methotrexate", "leflunomide"))
            + (("azathioprine", "mercaptopurine"), ())
        )
    )
    found = [one for drug in taken for one in draw(_course(on, drug))]
    statuses = st.sampled_from(("active", "active", "planned", "ended", "unknown"))
    for drug, ago, status in draw(st.lists(st.tuples(st.sampled_from(DRUGS), _ago, statuses), max_size=2)):
        start = on + timedelta(days=ago) if status == "planned" else on - timedelta(days=ago)
        found.append(
            Prescription(
                id=f"{drug}-{len(found)}", drug=drug, origin=_origin(f"MedicationRequest/{drug}-{len(found)}"),
                status=status, start=on_day(start), end=on_day(on - timedelta(days=1)) if status == "ended" else None,
                product=drug,
            )
        )  # fmt: skip
    return tuple(found)


@st.composite
def _other_facts(draw: st.DrawFn, on: date) -> dict[str, tuple[Any, ...]]:
    few = 2
    conditions = draw(
        st.lists(
            st.tuples(st.sampled_from(CONDITIONS), st.sampled_from(("active", "active", "past", "uncertain")), _ago),
            max_size=few,
        )
    )
    vaccines = draw(
        st.lists(st.tuples(st.sampled_from(VACCINES), st.sampled_from(("given", "planned")), _ago), max_size=few)
    )
    genes = draw(
        st.lists(
            st.tuples(st.sampled_from(("tpmt", "nudt15")), st.sampled_from((*PHENOTYPES, None)), _ago), max_size=few
        )
    )
    symptoms = draw(st.lists(st.tuples(st.sampled_from(SYMPTOMS), _ago), max_size=few))
    events = draw(
        st.lists(
            st.tuples(st.sampled_from(EVENTS), st.sampled_from(("happened", "happened", "planned", "not")), _ago),
            max_size=few,
        )
    )
    allergies = draw(st.lists(st.sampled_from(("azathioprine", "mercaptopurine", "thiopurine", "none-known")), max_size=1))
    return {
        "conditions": tuple(
            Condition(id=f"c{n}", concept=key, origin=_origin(f"Condition/{n}"), status=status, onset=moment(on, ago, 0))
            for n, (key, status, ago) in enumerate(conditions)
        ),
        "immunisations": tuple(
            Immunisation(
                id=f"v{n}", vaccine=key, origin=_origin(f"Immunization/{n}"), status=status,
                when=on_day(on + timedelta(days=ago)) if status == "planned" else moment(on, ago, 0),
            )
            for n, (key, status, ago) in enumerate(vaccines)
        ),
        "genotypes": tuple(
            Genotype(id=f"g{n}", gene=gene, origin=_origin(f"Genotype/{n}"), when=moment(on, ago, 0), phenotype=phenotype)
            for n, (gene, phenotype, ago) in enumerate(genes)
        ),
        "symptoms": tuple(
            Symptom(id=f"s{n}", concept=key, origin=_origin(f"Symptom/{n}"), when=moment(on, ago, 0))
            for n, (key, ago) in enumerate(symptoms)
        ),
        "events": tuple(
            Event(
                id=f"e{n}", kind=key, origin=_origin(f"Event/{n}"), status=status,
                start=on_day(on + timedelta(days=ago)) if status == "planned" else moment(on, ago, 0),
                value="responding" if key == "response" else None,
            )
            for n, (key, status, ago) in enumerate(events)
        ),
        "allergies": tuple(
            Allergy(id=f"a{n}", concept=key, origin=_origin(f"Allergy/{n}")) for n, key in enumerate(allergies)
        ),
    }  # fmt: skip


UNREADABLE: Final = ("any-drug", "any-condition", "any-vaccine", "any-allergy", "azathioprine", "tpmt", "infection")


@st.composite
def _not_understood(draw: st.DrawFn, on: date) -> tuple[NotUnderstood, ...]:
    keys = st.one_of(st.sampled_from(tuple(REFERENCES)), st.sampled_from(UNREADABLE))
    entries = draw(st.lists(st.tuples(keys, st.one_of(st.none(), _ago), st.integers(1, 3)), max_size=2)) if draw(_seldom) else []
    return tuple(
        NotUnderstood(
            origin=_origin(f"Entry/{n}"), what=f"an entry for {key}", why=f"it could not be read, reason {reason}",
            affects=(key,), when=None if ago is None else moment(on, ago, 0),
        )
        for n, (key, ago, reason) in enumerate(entries)
    )  # fmt: skip


@st.composite
def records(draw: st.DrawFn, on: date) -> Record:
    """One made-up patient as of a date."""
    facts = draw(_other_facts(on))
    facts["results"] = draw(_results(on))
    facts["prescriptions"] = draw(_prescriptions(on))
    born = draw(st.sampled_from(("1985-06-15", "1950-01-01", "1998-11-30", "2012-02-29", "1991", None)))
    sex = draw(st.sampled_from(("female", "male", "unknown")))
    also = draw(st.sets(st.sampled_from(LISTS))) | ({"conditions"} if draw(_often) else set())
    return Record(
        patient=Patient(id="made-up", born=parse_when(born) if born else None, sex=sex),
        not_understood=draw(_not_understood(on)),
        outside=(Outside("result", "http://loinc.org", "99999-9", "something else", 3),),
        lists=tuple(sorted(also | {name for name in LISTS if facts[name]})),
        **facts,
    )


@st.composite
def patients(draw: st.DrawFn) -> tuple[Record, date, Wanted]:
    """A made-up patient, the date to assess on, and what the site has chosen."""
    on = draw(st.sampled_from(DAYS))
    wanted = draw(st.sampled_from(WANTED))
    return draw(records(on)), on, wanted

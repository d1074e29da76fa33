"""Made-up patients for the comparison of evaluators: those of the property tests, with more of what makes records hard.

Regular series of tests, renewed prescriptions, several courses, products and doses that leave a range, answers that
deny, dates known to a year or not at all, results of one moment that differ, entries of every kind nobody could read.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

import msgspec
from hypothesis import strategies as st
from property.patients import FORMS, REFERENCES, moment, records

from agreement.questions import CLASSES, CONDITIONS, DRUGS
from rxvigil.facts import (
    Allergy,
    Bounds,
    Condition,
    Denial,
    Dose,
    Event,
    Genotype,
    NotUnderstood,
    Origin,
    Prescription,
    Record,
    Result,
    Symptom,
    When,
    on_day,
    parse_when,
)

_PANELS: Final = (
    ("haemoglobin", "white-cells", "neutrophils", "platelets"), ("alt", "bilirubin", "alp", "albumin"),
    ("creatinine", "egfr"), ("alt", "ast"), ("neutrophils",), ("white-cells", "neutrophils-percent"), ("tgn", "mmp"),
)  # fmt: skip
_BY_ANALYTE: Final = {key: tuple(form for form in FORMS if form[0] == key) for key in {form[0] for form in FORMS}}
_EVERY: Final = (1, 2, 3, 5, 7, 10, 14, 28, 30, 42, 84, 91, 182)
_AGO: Final = (*range(0, 30, 3), 30, 42, 60, 84, 90, 91, 95, 100, 120, 180, 200, 270, 364, 365, 366, 400, 500, 730)


def _origin(place: str) -> Origin:
    return Origin("made-up", place)


def _vague(on: date, ago: int, stated: str) -> When:
    """As in `moment`, or known only to the year."""
    day = on - timedelta(days=ago)
    return parse_when(str(day.year)) if stated == "year" else moment(on, ago, stated)


@st.composite
def _series(draw: st.DrawFn, on: date, number: int) -> list[Result]:
    """The same tests again and again, as monitoring does them."""
    panel = draw(st.sampled_from(_PANELS))
    every, ago = draw(st.sampled_from(_EVERY)), draw(st.sampled_from(_AGO))
    found: list[Result] = []
    for turn in range(draw(st.integers(1, 9))):
        stated = draw(st.sampled_from(("day",) * 9 + ("morning", "afternoon")))
        for analyte in panel:
            form = draw(st.sampled_from(_BY_ANALYTE[analyte]))
            found.append(
                _result(f"s{number}-{turn}-{analyte}", form, moment(on, ago + turn * every, stated), f"s{number}")
            )
    return found


def _result(identity: str, form: Any, when: When, panel: str | None) -> Result:
    analyte, value, comparator, referenced, preliminary = form
    low, high = REFERENCES[analyte]
    return Result(
        id=identity, analyte=analyte, when=when, origin=_origin(f"Observation/{identity}"), value=value,
        comparator=comparator, reference=Bounds(low, high) if referenced and (low or high) else None,
        preliminary=preliminary, panel=f"{panel}-{when.first}" if panel else None,
    )  # fmt: skip


_stated = st.sampled_from(("day", "day", "day", "morning", "afternoon", "month", "year"))


@st.composite
def _odd_results(draw: st.DrawFn, on: date) -> list[Result]:
    """Single results at odd times: of one moment, after the date, of a year, words where numbers are usual."""
    found: list[Result] = []
    for number in range(draw(st.integers(0, 3))):
        ago, stated = draw(st.sampled_from((*_AGO, -1, -3, -40))), draw(_stated)
        form = draw(st.sampled_from(_BY_ANALYTE[draw(st.sampled_from(("neutrophils", "alt", "tgn", "mmp", "weight")))]))
        one = _result(f"o{number}", form, _vague(on, ago, stated), None)
        again = msgspec.structs.replace(one, id=f"o{number}-again", value=(one.value or 1.0) * draw(_TIMES))
        word = msgspec.structs.replace(one, value=None, comparator="", category="undetectable")
        which = draw(st.sampled_from(("one", "one", "both", "word")))
        found += {"one": [one], "both": [one, again], "word": [word]}[which]
    return found


_TIMES: Final = st.sampled_from((1.0, 0.5, 1.1, 3.0))
_DOSES: Final = ((100.0, 100.0), (50.0, 50.0), (150.0, 150.0), (50.0, 100.0), (25.0, 25.0), (15 / 7, 15 / 7))


@st.composite
def _renewals(draw: st.DrawFn, on: date, number: int) -> list[Prescription]:
    """A prescription written again and again, each with its supply; doses or products may change on the way."""
    drug = draw(st.sampled_from(("azathioprine", "azathioprine", "methotrexate", "mercaptopurine", "leflunomide",
                                 "allopurinol", "tioguanine")))  # fmt: skip
    every, ago = draw(st.sampled_from((7, 28, 30, 56, 84, 100))), draw(st.sampled_from(_AGO))
    doses = draw(st.lists(st.sampled_from(_DOSES), min_size=1, max_size=2))
    ends = draw(st.sampled_from(("supply", "supply", "end", "nothing")))
    status = draw(st.sampled_from(("active", "active", "ended", "on-hold", "unknown", "planned")))
    found: list[Prescription] = []
    for turn in range(draw(st.integers(1, 5))):
        begins = on - timedelta(days=ago + turn * every)
        low, high = doses[turn % len(doses)]
        last = on_day(begins + timedelta(days=every - 1))
        found.append(
            Prescription(
                id=f"{drug}-{number}-{turn}", drug=drug, origin=_origin(f"MedicationRequest/{drug}-{number}-{turn}"),
                status=status if turn == 0 else draw(st.sampled_from(("ended", "active"))), start=on_day(begins),
                end=last if ends == "end" else None, supply_until=last if ends == "supply" else None,
                dose=draw(st.sampled_from((Dose(low, high),) * 5 + (None,))),
                product=draw(st.sampled_from((drug, drug, f"{drug} 50", ""))),
            )
        )  # fmt: skip
    return found


@st.composite
def _odd_prescriptions(draw: st.DrawFn, on: date) -> list[Prescription]:
    """Starts known to a month or not at all, plans of monitored drugs, prescriptions that begin after the date."""
    found: list[Prescription] = []
    for number in range(draw(st.sampled_from((0, 0, 1, 2)))):
        drug = draw(st.sampled_from(("azathioprine", "methotrexate", "allopurinol", "mercaptopurine", "warfarin")))
        ago, stated = draw(st.sampled_from((*_AGO, -1, -20))), draw(_stated)
        ended = draw(st.sampled_from((None, None, 0, 1, 30, 89, 90, 91)))
        found.append(
            Prescription(
                id=f"odd-{number}", drug=drug, origin=_origin(f"MedicationStatement/odd-{number}"),
                status=draw(st.sampled_from(("active", "ended", "planned", "unknown", "on-hold"))),
                start=draw(st.sampled_from((_vague(on, ago, stated), None))), product=drug,
                end=None if ended is None else moment(on, ended, draw(st.sampled_from(("day", "month")))),
                dose=draw(st.sampled_from((Dose(100.0, 100.0), Dose(10.0, 20.0), None))),
            )
        )  # fmt: skip
    return found


_maybe_ago = st.sampled_from((None, 0, 1, 13, 14, 15, 30, 90, 300, 365, 366, 800))


@st.composite
def _odd_facts(draw: st.DrawFn, on: date) -> dict[str, list[Any]]:
    """Things without a date, things that are over, allergies in doubt, answers that deny."""
    found: dict[str, list[Any]] = {}
    for number in range(draw(st.sampled_from((0, 0, 1, 2, 3)))):
        kind = draw(st.sampled_from(("conditions", "allergies", "genotypes", "events", "symptoms", "denials")))
        begun, over = draw(_maybe_ago), draw(_maybe_ago)
        start = None if begun is None else on_day(on - timedelta(days=begun))
        end = None if over is None or (begun is not None and over > begun) else on_day(on - timedelta(days=over))
        found.setdefault(kind, []).append(draw(_odd_fact(kind, f"odd-{kind}-{number}", start, end, on)))
    return found


def _odd_fact(kind: str, identity: str, start: When | None, end: When | None, on: date) -> st.SearchStrategy[Any]:
    known: dict[str, Any] = {"id": identity, "origin": _origin(f"{kind}/{identity}")}
    status = st.sampled_from(("active", "past", "refuted", "uncertain"))
    match kind:
        case "conditions":
            concept = st.sampled_from(CONDITIONS)
            return st.builds(partial(Condition, **known, onset=start, ended=end), concept=concept, status=status)
        case "allergies":
            return st.builds(partial(Allergy, **known), concept=st.sampled_from((*DRUGS, *CLASSES)), status=status)
        case "genotypes":
            group, pairs = st.sampled_from(("normal", "intermediate", "poor", None)), st.sampled_from(_PAIRS)
            gene = st.sampled_from(("tpmt", "nudt15"))
            return st.builds(partial(Genotype, **known, when=start), gene=gene, phenotype=group, diplotypes=pairs)
        case "events":
            about = {"status": st.sampled_from(("happened", "happened", "planned", "not")), "value": _responses}
            return st.builds(partial(Event, **known, start=start, end=end), kind=_kinds_of_event, **about)
        case "symptoms":
            made = partial(Symptom, **known, when=start or on_day(on), ended=end)
            return st.builds(made, concept=st.sampled_from(("fever", "rash", "nausea")))
    until = end.last if end else None
    denial = partial(Denial, **known, when=start or on_day(on), until=until)
    return st.sampled_from(_DENIED).map(lambda pair: denial(subject=pair[0], measure=pair[1]))


_PAIRS: Final = ((), ("*1/*3A",), ("*1/*1",))
_responses: Final = st.sampled_from((None, "responding", "not-responding"))
_kinds_of_event: Final = st.sampled_from(("pregnancy", "infection", "surgery", "response", "breastfeeding"))
_DENIED: Final = (
    ("allopurinol", "active"), ("thiopurine", "ever"), ("hepatitis-b", "ever"), ("malignancy", "present"),
    ("azathioprine", "allergy"), ("fever", "reported"),
)  # fmt: skip
_PLACES: Final = (
    "Observation",
    "MedicationRequest",
    "AllergyIntolerance",
    "Condition",
    "Immunization",
    "MedicationStatement",
)
_KEYS: Final = ("neutrophils", "alt", "platelets", "tgn", "weight", "azathioprine", "allopurinol", "methotrexate",
                "thiopurine", "any-drug", "any-condition", "any-allergy", "any-vaccine", "tpmt", "nudt15", "fever",
                "hepatitis-b", "live-vaccine", "surgery")  # fmt: skip


@st.composite
def _unread(draw: st.DrawFn, on: date) -> list[NotUnderstood]:
    found: list[NotUnderstood] = []
    for number in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        keys = tuple(draw(st.lists(st.sampled_from(_KEYS), min_size=1, max_size=2, unique=True)))
        ago = draw(_maybe_ago)
        when = None if ago is None else moment(on, ago, draw(st.sampled_from(("day", "morning", "month"))))
        place = f"{draw(st.sampled_from(_PLACES))}/unread-{number}"
        found.append(
            NotUnderstood(origin=_origin(place), what=f"entry {number}", why=f"odd {number}", affects=keys, when=when)
        )
    return found


@st.composite
def people(draw: st.DrawFn, on: date) -> Record:
    """One made-up patient as of a date."""
    plain = draw(records(on))
    facts: dict[str, list[Any]] = {
        "results": [*draw(_odd_results(on))],
        "prescriptions": [*draw(_odd_prescriptions(on))],
        "not_understood": draw(_unread(on)),
        **draw(_odd_facts(on)),
    }
    facts["results"] += [one for number in range(draw(st.integers(0, 2))) for one in draw(_series(on, number))]
    facts["prescriptions"] += [
        one for number in range(draw(st.sampled_from((0, 1, 1, 2)))) for one in draw(_renewals(on, number))
    ]
    more = {kind: (*getattr(plain, kind), *found) for kind, found in facts.items()}
    if draw(st.integers(0, 3)):
        more |= {"results": tuple(map(_to_the_day, more["results"])), "denials": ()}
    there = {kind for kind in more if more[kind] and kind in _LISTED}
    return msgspec.structs.replace(plain, lists=tuple(sorted({*plain.lists, *there})), **more)


def _to_the_day(one: Result) -> Result:
    """Results known to a month are left to the evaluator of one patient: most people have none."""
    vague = one.when.precision in ("year", "month")
    return msgspec.structs.replace(one, when=on_day(one.when.first)) if vague else one


_LISTED: Final = frozenset({"results", "prescriptions", "conditions", "allergies", "immunisations"})


def numbered(found: list[Record]) -> list[Record]:
    """The same patients with ids that tell them apart."""
    return list(_numbered(found))


def _numbered(found: list[Record]) -> Iterator[Record]:
    for number, record in enumerate(found):
        yield msgspec.structs.replace(record, patient=msgspec.structs.replace(record.patient, id=f"p{number}"))

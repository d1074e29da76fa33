"""Made-up lists of medicines, drawn from a seed: renewals, overlaps, plans, and everything a list leaves unsaid."""

from datetime import date, timedelta
from random import Random
from typing import Final, cast

from property.patients import REFERENCES

from rxvigil.facts import (
    Bounds,
    Dose,
    NotUnderstood,
    Origin,
    Patient,
    Prescription,
    PrescriptionStatus,
    Record,
    Result,
    When,
    on_day,
    parse_when,
)

DRUGS: Final = ("azathioprine", "azathioprine", "azathioprine", "azathioprine", "mercaptopurine", "methotrexate",
                "allopurinol", "febuxostat", "warfarin", "mesalazine", "sulfasalazine")  # fmt: skip
ANALYTES: Final = ("tgn", "mmp", "neutrophils")
_STATUSES: Final = (*("active",) * 7, *("ended",) * 5, "unknown", "on-hold", "planned")
_AGO: Final = (*range(0, 30, 2), 41, 42, 43, 59, 84, 89, 90, 91, 92, 120, 179, 180, 181, 300, 365, 366, 500, 800, 1500)
_LASTS: Final = (0, 1, 6, 13, 27, 29, 41, 55, 83, 89, 90, 91, 180, 400)
_AMOUNTS: Final = ((50.0, 50.0), (100.0, 100.0), (100.0, 100.0), (150.0, 150.0), (25.0, 25.0), (50.0, 100.0),
                   (15 / 7, 15 / 7), (0.0, 50.0))  # fmt: skip
_UNREAD: Final = ("azathioprine", "thiopurine", "any-drug", "xanthine-oxidase-inhibitor", "allopurinol", "weight")
_PLACES: Final = ("MedicationRequest", "MedicationStatement", "AllergyIntolerance", "Observation")


def made_up(seed: int, on: date) -> Record:
    """One patient with up to three drugs, each prescribed one to seven times."""
    draw = Random(seed)
    drugs = [draw.choice(DRUGS) for _ in range(draw.choice((0, 1, 1, 1, 2, 3)))]
    found = [one for turn, drug in enumerate(drugs) for one in _prescriptions(draw, on, drug, turn)]
    draw.shuffle(found)
    unread = tuple(_unreadable(draw, on, number) for number in range(draw.choice((0, 0, 0, 0, 1, 2))))
    lists = ("prescriptions", "results") if found or draw.random() < 0.6 else ("results",)
    return Record(
        patient=Patient(id=f"list-{seed}"), prescriptions=tuple(found), results=tuple(_results(draw, on)),
        not_understood=unread, lists=lists,
    )  # fmt: skip


def _origin(place: str) -> Origin:
    return Origin("made-up", place)


def _unreadable(draw: Random, on: date, number: int) -> NotUnderstood:
    keys = tuple(draw.sample(_UNREAD, draw.choice((1, 1, 2))))
    origin = _origin(f"{draw.choice(_PLACES)}/unread-{number}")
    when = on_day(on - timedelta(days=draw.choice(_AGO))) if draw.random() < 0.5 else None
    return NotUnderstood(origin=origin, what=f"entry {number}", why="no code", affects=keys, when=when)


def _prescriptions(draw: Random, on: date, drug: str, turn: int) -> list[Prescription]:
    """In half of the lists the same order again and again; in the others everything changes from one to the next."""
    steady, dated = draw.random() < 0.5, draw.random() < 0.7
    usual, product = draw.choice(_AMOUNTS), draw.choice((drug, ""))
    found: list[Prescription] = []
    day = on - timedelta(days=draw.choice((*_AGO, -1, -30)))
    for number in range(draw.choice((1, 1, 2, 3, 4, 7))):
        lasts = draw.choice(_LASTS)
        amount = usual if steady or draw.random() < 0.4 else draw.choice(_AMOUNTS)
        found.append(
            Prescription(
                id=f"{turn}-{number}", drug=drug, origin=_origin(f"MedicationRequest/{turn}-{number}"),
                status=cast(PrescriptionStatus, draw.choice(_STATUSES)),
                start=_said(draw, day, 1.0 if dated else 0.75),
                end=_said(draw, day + timedelta(days=lasts), 0.35),
                supply_until=_said(draw, day + timedelta(days=lasts), 0.4),
                dose=Dose(*amount) if draw.random() < 0.9 else None,
                product=product if steady or draw.random() < 0.4 else draw.choice((drug, f"{drug} 25", f"{drug} 50")),
            )
        )  # fmt: skip
        day -= timedelta(days=draw.choice((0, 1, 7, 28, 28, 30, 84, 89, 90, 91, 120)))
    return found


def _said(draw: Random, day: date, often: float) -> When | None:
    """A day as a list gives it: to the day, to the month, or not at all."""
    if draw.random() >= often:
        return None
    return parse_when(f"{day:%Y-%m}") if draw.random() < 0.08 else on_day(day)


def _results(draw: Random, on: date) -> list[Result]:
    found: list[Result] = []
    for analyte in ANALYTES:
        if draw.random() < 0.6:
            found.append(_result(analyte, 250.0, on - timedelta(days=draw.choice(_AGO)), f"{analyte}-1"))
    for number in range(draw.choice((0, 1, 1, 2))):
        weight, day = draw.choice((50.0, 70.0, 75.0, 100.0)), on - timedelta(days=draw.choice((0, 0, 30, 200, 400)))
        found.append(_result("weight", weight, day, f"weight-{number}"))
    return found


def _result(analyte: str, value: float, day: date, identity: str) -> Result:
    low, high = REFERENCES[analyte]
    return Result(
        id=identity, analyte=analyte, when=on_day(day), origin=_origin(f"Observation/{identity}"), value=value,
        reference=Bounds(low, high) if low or high else None,
    )  # fmt: skip

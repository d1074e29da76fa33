"""Made-up courses with many changes of dose and many test days, drawn from a seed: what schedules live on."""

from datetime import date, timedelta
from random import Random
from typing import Final

from rxvigil.facts import Condition, Dose, NotUnderstood, Origin, Patient, Prescription, Record, Result, on_day

DRUGS: Final = (
    ("azathioprine",), ("azathioprine",), ("azathioprine",), ("methotrexate",), ("mercaptopurine",),
    ("azathioprine", "allopurinol"), ("mercaptopurine", "allopurinol"), ("methotrexate", "leflunomide"),
    ("sulfasalazine",), ("leflunomide",), ("ciclosporin",), ("mycophenolate",), ("tacrolimus", "azathioprine"),
)  # fmt: skip
BLOODS: Final = ("haemoglobin", "white-cells", "neutrophils", "platelets", "alt", "ast", "albumin", "creatinine",
                 "egfr", "sodium", "potassium", "crp", "mcv", "glucose", "systolic-bp", "diastolic-bp", "weight",
                 "mmp-tgn-ratio", "tgn", "mmp")  # fmt: skip
CONDITIONS: Final = ("crohns-disease", "rheumatoid-arthritis", "psoriasis", "atopic-eczema", "myasthenia-gravis")
RHYTHMS: Final = (3, 7, 10, 14, 14, 28, 30, 31, 56, 84, 84, 90, 91, 120, 180)


def made_up(seed: int, on: date) -> Record:
    """One patient with a course or two, tested in some rhythm."""
    draw = Random(seed)
    drugs = draw.choice(DRUGS)
    found = [one for drug in drugs for one in _course(draw, on, drug)]
    return Record(
        patient=Patient(id=f"seed-{seed}"),
        prescriptions=tuple(found),
        results=tuple(_results(draw, on)),
        conditions=tuple(
            Condition(id=key, concept=key, origin=_origin(key), status="active")
            for key in draw.sample(CONDITIONS, draw.choice((0, 0, 1, 2)))
        ),
        not_understood=tuple(_unreadable(draw.choice((*drugs, "any-drug"))) for _ in range(draw.random() < 0.1)),
        lists=("prescriptions", *(("results",) if draw.random() < 0.9 else ())),
    )


def _origin(place: str) -> Origin:
    return Origin("made-up", place)


def _unreadable(drug: str) -> NotUnderstood:
    origin = _origin("MedicationRequest/9")
    return NotUnderstood(origin=origin, what="a medicine", why="it has no code", affects=(drug,))


def _course(draw: Random, on: date, drug: str) -> list[Prescription]:
    """Prescriptions that follow each other, each perhaps of another dose, of an unknown dose, or without a start."""
    day = on - timedelta(days=draw.choice((3, 10, 20, 40, 60, 100, 150, 200, 300, 400, 700, 1500)))
    found: list[Prescription] = []
    for number in range(draw.choice((1, 1, 2, 3, 4, 6))):
        if day > on:
            break
        lasts = draw.choice((1, 3, 7, 14, 28, 41, 42, 43, 60, 90, 180, 400))
        ends = day + timedelta(days=lasts - 1)
        amount = draw.choice((25.0, 50.0, 75.0, 100.0, 100.0, 125.0, 150.0))
        high = amount + draw.choice((0, 0, 0, 25.0))
        found.append(
            Prescription(
                id=f"{drug}-{number}", drug=drug, origin=_origin(f"MedicationRequest/{drug}-{number}"), product=drug,
                status="active" if ends >= on else "ended",
                start=None if draw.random() < 0.03 else on_day(day), end=on_day(ends) if ends < on else None,
                dose=None if draw.random() < 0.06 else Dose(amount, high),
            )
        )  # fmt: skip
        day = ends + timedelta(days=draw.choice((1, 1, 1, 1, 5, 100)))
    newest = max(found, key=lambda one: (one.start is not None, one.id))
    still = Prescription(
        id=f"{drug}-now", drug=drug, origin=_origin(f"MedicationRequest/{drug}-now"), product=drug,
        status="unknown" if draw.random() < 0.1 else "active", start=on_day(min(day, on)), dose=newest.dose,
    )  # fmt: skip
    return found if draw.random() < 0.2 else [*found, still]


def _results(draw: Random, on: date) -> list[Result]:
    """The same bloods in one rhythm, each now and then left out, or done on a day of its own."""
    every, day = draw.choice(RHYTHMS), on - timedelta(days=draw.choice((0, 1, 2, 5, 9, 13, 20, 29, 40, 80, 90, 200)))
    asked = draw.sample(BLOODS, draw.choice((4, 8, 12, 20)))
    found: list[Result] = []
    for _ in range(draw.choice((0, 1, 3, 4, 5, 8))):
        for analyte in asked:
            if draw.random() < 0.9:
                own = day - timedelta(days=draw.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 3)))
                found.append(
                    Result(
                        id=f"r{len(found)}", analyte=analyte, when=on_day(own), value=1.0,
                        origin=_origin(f"Observation/{len(found)}"),
                    )
                )  # fmt: skip
        day -= timedelta(days=max(1, every + draw.choice((-2, -1, 0, 0, 0, 1, 2, 7))))
    return found

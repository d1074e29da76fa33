"""Made-up facts beside results and medicines, drawn from a seed, with every awkwardness such facts have."""

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from property.patients import CONDITIONS, EVENTS, LISTS, PHENOTYPES, SYMPTOMS, VACCINES, WORDS

from rxvigil.facts import (
    Allergy,
    Condition,
    Event,
    Genotype,
    Immunisation,
    NotUnderstood,
    Origin,
    Patient,
    Prescription,
    Record,
    Result,
    Symptom,
    When,
    on_day,
    parse_when,
)

DAYS: Final = (date(2026, 3, 1), date(2024, 2, 29), date(2018, 10, 31), date(2026, 8, 14))
"""Dates to ask on: a leap day and the end of a month; under three releases of the rules for star alleles, and before
the first of them."""
PAIRS: Final = {
    "tpmt": ("*1/*1", "*1/*3A", "*3A/*1", "*3A/*3C", "*1/*8", "*1/*3A.002", "*1/*24", "*9/*3C", "*8/*8"),
    "nudt15": ("*1/*1", "*1/*3", "*3/*3", "*1/*4", "*1/*9", "*2/*3", "*1/*2", "*3/*4"),
}
ODD: Final = ("*1/*99", "*1", "", "*1 / *3a", "TPMT*1/*3A", "*1/*3A;*1/*1", "*01/*03A", "normal", "*1/*1\n")
WORDS_WRITTEN: Final = (*("",) * 9, "no variants found", "normal metaboliser", "carrier", "TPMT *1/*3A or *3B/*3C")
VALUES: Final = {
    "response": ("responding", "not-responding", "adverse-effect"),
    "contraception": ("intrauterine-device", "pill"),
}
BORN: Final = ("1985-06-15", "1970", "2012-02-29", "2014-03", "1968-02-29", "1969-12-31", "1970-01-01", "2008-03-01",
               "1961-03-01", "2026-01-05", "")  # fmt: skip
UNREAD: Final = ("any-condition", "any-vaccine", "any-allergy", "any-drug", "tpmt", "nudt15", "azathioprine", *EVENTS)
PLACES: Final = ("Condition/1", "MedicationRequest/2", "AllergyIntolerance/3", "MedicationStatement", "row 7", "")
ALLERGIES: Final = ("azathioprine", "mercaptopurine", "thiopurine", "none-known", "sulfasalazine", "aminosalicylate")


class Draw:
    """Facts of one patient."""

    def __init__(self, seed: int, on: date) -> None:
        self.random, self.on, self.number = Random(seed), on, 0

    def one(self, choices: Any) -> Any:
        """One of several."""
        return self.random.choice(tuple(choices))

    def many(self, most: int) -> range:
        """So many of a kind of fact; often none."""
        return range(self.random.choice((0, 0, 1, 1, most)))

    def some(self) -> dict[str, Any]:
        """An id and an origin."""
        self.number += 1
        return {"id": f"f{self.random.randrange(100):02}-{self.number}", "origin": Origin("made-up", self.one(PLACES))}

    def when(self) -> When:
        """A day around the date or around the days at which an answer turns, or only its month or year."""
        back = self.one(
            (-400, -30, -1, 0, 1, 13, 14, 15, 28, 29, 30, 31, 90, 120, 300, 303, 304, 306, 364, 365, 366, 731)
        )
        day = self.on - timedelta(days=back + self.random.randrange(-2, 3))
        text = day.isoformat()
        return self.one((on_day(day), on_day(day), parse_when(text[:7]), parse_when(text[:4]),
                         parse_when(f"{text}T09:00:00+02:00")))  # fmt: skip

    def maybe(self) -> When | None:
        """The same, or no date."""
        return self.one((None, self.when()))

    def condition(self) -> Condition:
        status = self.one(("active", "active", "active", "past", "uncertain", "refuted"))
        return Condition(
            **self.some(), concept=self.one(CONDITIONS), status=status, onset=self.maybe(), ended=self.maybe()
        )

    def vaccine(self) -> Immunisation:
        status = self.one(("given", "given", "planned", "not-given"))
        return Immunisation(**self.some(), vaccine=self.one(VACCINES), when=self.when(), status=status)

    def allergy(self) -> Allergy:
        status = self.one(("active", "past", "uncertain", "refuted"))
        return Allergy(**self.some(), concept=self.one(ALLERGIES), status=status)

    def symptom(self) -> Symptom:
        return Symptom(**self.some(), concept=self.one(SYMPTOMS), when=self.when(), ended=self.maybe())

    def event(self) -> Event:
        kind = self.one((*EVENTS, "pregnancy", "response", "response", "contraception"))
        value = self.one((None, "", *VALUES.get(kind, ("x",)) * 2))
        status = self.one(("happened", "happened", "planned", "not"))
        return Event(**self.some(), kind=kind, start=self.maybe(), end=self.maybe(), status=status, value=value)

    def genotype(self) -> Genotype:
        gene = self.one(PAIRS)
        pairs = self.random.choice((0, 1, 1, 1, 2))
        found = tuple(dict.fromkeys(self.one((*PAIRS[gene] * 9, *ODD)) for _ in range(pairs)))
        stated = self.one(((None,) * 9 if found else (None, None)) + PHENOTYPES)
        written = self.one(WORDS_WRITTEN)
        return Genotype(
            **self.some(), gene=gene, when=self.maybe(), phenotype=stated, diplotypes=found, written=written
        )

    def activity(self) -> Result:
        words = (*WORDS.analytes["tpmt-activity"].categories, "not known", None)
        return Result(**self.some(), analyte="tpmt-activity", when=self.when(), category=self.one(words))

    def unread(self) -> NotUnderstood:
        keys = (*UNREAD, *CONDITIONS, *VACCINES, *SYMPTOMS, *ALLERGIES)
        affects = tuple(self.one((self.one(UNREAD), self.one(keys))) for _ in range(self.random.choice((0, 1, 2))))
        origin = Origin("made-up", self.one(PLACES))
        return NotUnderstood(origin=origin, what="an entry", why="it is not readable", affects=affects)

    def record(self, name: str) -> Record:
        """One patient."""
        born, sex = self.one(BORN), self.one(("female", "female", "male", "other", "unknown"))
        facts: dict[str, Any] = {
            "conditions": tuple(self.condition() for _ in self.many(6)),
            "immunisations": tuple(self.vaccine() for _ in self.many(5)),
            "allergies": tuple(self.allergy() for _ in self.many(3)),
            "symptoms": tuple(self.symptom() for _ in self.many(5)),
            "events": tuple(self.event() for _ in self.many(5)),
            "genotypes": tuple(self.genotype() for _ in self.many(3)),
            "results": tuple(self.activity() for _ in range(self.random.choice((0, 0, 0, 0, 1, 2)))),
            "not_understood": tuple(self.unread() for _ in self.many(2)),
        }
        prescription = Prescription(
            **self.some(), drug="azathioprine", status="active", start=on_day(self.on - timedelta(days=300))
        )
        lists = tuple(sorted(one for one in LISTS if facts.get(one) or self.random.random() < 0.7))
        patient = Patient(name, parse_when(born) if born else None, sex)
        return Record(patient=patient, prescriptions=(prescription,), lists=lists, **facts)


def made_up(count: int, on: date, seed: int = 0) -> list[Record]:
    """So many patients as of a date; the same seed makes the same."""
    return [Draw(seed * 1_000_003 + number, on).record(f"patient-{number}") for number in range(count)]

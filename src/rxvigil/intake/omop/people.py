"""PERSON and DEATH: who the persons are; CARE_SITE and PROVIDER: where they are looked after."""

from calendar import monthrange
from datetime import date
from typing import Final

from rxvigil.facts import NotUnderstood, Sex, When, on_day
from rxvigil.intake.omop.cells import count_in, day_in
from rxvigil.intake.omop.concepts import Concepts
from rxvigil.intake.omop.rows import Cells, Database
from rxvigil.intake.omop.tray import PersonTray, Where
from rxvigil.intake.reading import clean

_SEXES: Final[dict[str, Sex]] = {"8507": "male", "8532": "female"}
"""`gender_concept_id` beside M and F in OHDSI's sample data."""
_SEX_WORDS: Final[dict[str, Sex]] = {"male": "male", "m": "male", "female": "female", "f": "female", "other": "other"}
_FIRST_YEAR, _LAST_YEAR = 1850, 2199


class People:
    """Reads rows of PERSON and DEATH."""

    def __init__(self, concepts: Concepts, database: Database) -> None:
        self._concepts = concepts
        self._sites = {key: clean(name or own or f"care site {key}") for key, name, own in database.beside("care_site")}
        self._providers = {
            key: self._sites.get(site) or clean(name or own or f"provider {key}")
            for key, name, site, own in database.beside("provider")
        }

    def read(self, row: Cells, where: Where, tray: PersonTray) -> str | None:
        """Who it is; the answer is the practice, as far as it is known: the care site, else the provider's."""
        (year, month, day, concept, source, provider, site) = row
        born = _born(year, month, day)
        sex = _SEXES.get(concept) or _SEX_WORDS.get((self._concepts.name(concept) or source).lower())
        tray.people.describe(where.origin(), born=born, died=None, sex=sex)
        complaint = where.listed("date of birth", "it is not a day that exists") if born is None else None
        tray.described(complaint, kept=True)
        return self._sites.get(site) or self._providers.get(provider)

    def read_death(self, row: Cells, where: Where, tray: PersonTray) -> None:
        """When the person died."""
        died = day_in(row[0])
        if isinstance(died, When):
            tray.people.describe(where.origin(), born=None, died=died, sex=None)
        dated = isinstance(died, When)
        tray.described(None if dated else _no_day_of_death(where), kept=dated)


def _no_day_of_death(where: Where) -> NotUnderstood:
    return where.listed("death", "the person has died; the day is not stated as a date")


def _born(year: str, month: str, day: str) -> When | None:
    """The date of birth as precisely as it is given."""
    numbers = [count_in(part) if part else None for part in (year, month, day)]
    if numbers[0] is None or not _FIRST_YEAR <= numbers[0] <= _LAST_YEAR:
        return None
    try:
        first = date(numbers[0], numbers[1] or 1, numbers[2] if numbers[1] and numbers[2] else 1)
    except ValueError:
        return None
    if not numbers[1]:
        return When(first, date(first.year, 12, 31), "year")
    if not numbers[2]:
        return When(first, first.replace(day=monthrange(first.year, first.month)[1]), "month")
    return on_day(first)

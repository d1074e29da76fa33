"""What columns are for, guessed from their names alone: only for the draft of a mapping."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from rxvigil.knowledge.lookup import normal

Kind = Literal["results", "panels", "prescriptions", "conditions", "allergies", "immunisations", "patients"]

_NAMES: Final = {
    "patient": (
        "pid|patient|patient id|study id|patientid|mrn|nhs number|subject|subject id|person id|hospital number|patnr"
    ),
    "date": "date|datetime|timestamp|result date|test date|sample date|collected|collection date|specimen date|taken",
    "start": "start date|start|started|onset|onset date|prescribed|date prescribed|issue date|from|diagnosed",
    "end": "end date|end|stop|stopped|stop date|resolved|to|until",
    "born": "dob|birth date|birthdate|date of birth|born",
    "died": "death date|date of death|dod|died|deceased",
    "sex": "sex|gender",
    "value": "value|result|result value|numeric result|valuenum",
    "unit": "unit|units|uom|unit of measure|valueuom",
    "low": "low|ref low|reference low|lower limit|range low|ref range lower",
    "high": "high|ref high|reference high|upper limit|range high|ref range upper",
    "panel": "accession|accession number|specimen id|sample id|report id|lab number|specimen number",
    "test": "test|test name|analyte|component|investigation|lab test|label",
    "name": "name|description|term|title|display",
    "drug": "drug|drug name|medication|medicine|medication name|product",
    "condition": "condition|problem|diagnosis|diagnosis name|problem name",
    "substance": "allergen|allergy|substance|allergy name",
    "vaccine": "vaccine|cvx title|immunisation|immunization|vaccine name",
    "instruction": "sig|instruction|instructions|dosage|directions",
    "days": "days|days supply|days supplied|duration days",
    "refills": "refills|repeats",
    "reaction": "reaction|manifestation",
    "system": "system|code system|coding system|terminology",
    "status": "status|result status|abnormal flag status|state",
}
_SYSTEMS: Final = {
    "loinc": "loinc|loinc code",
    "rxnorm": "rxnorm|rxcui|rxnorm code",
    "snomed": "snomed|snomed code|snomed ct|sctid",
    "icd10": "icd10|icd 10|icd10 code",
    "icd10cm": "icd10cm|icd 10 cm",
    "atc": "atc|atc code",
    "cvx": "cvx|cvx code",
    "dmd": "dmd|dm d|dmd code",
    "unii": "unii",
    "?": "code|test code|drug code|item code|itemid",
}


@dataclass
class Roles:
    """Role -> column, and the column of a code with its system."""

    columns: dict[str, str] = field(default_factory=dict)
    code: str | None = None
    system: str = "?"

    def __contains__(self, role: str) -> bool:
        return role in self.columns

    def first(self, *roles: str) -> str | None:
        """The column of the first of these roles that there is."""
        return next((self.columns[role] for role in roles if role in self.columns), None)


def roles_of(header: Iterable[str]) -> Roles:
    """The roles that the names of columns suggest; the first column of a name counts."""
    found = Roles()
    codes: dict[str, str] = {}
    for column in header:
        plain = normal(column)
        for role, names in _NAMES.items():
            if plain in names.split("|"):
                found.columns.setdefault(role, column)
        for system, names in _SYSTEMS.items():
            if plain in names.split("|"):
                codes.setdefault(system, column)
    generic = "?" in codes and "system" in found
    if codes:
        found.system = "?" if generic else next(system for system in _SYSTEMS if system in codes)
        found.code = codes[found.system]
    return found


def system_named(word: str) -> str:
    """The code system that a word means, or a question mark."""
    plain = normal(word)
    return next(
        (system for system, names in _SYSTEMS.items() if system != "?" and plain in (system, *names.split("|"))), "?"
    )


def kind_of(roles: Roles, analytes: int) -> Kind | None:
    """What a table seems to hold; `analytes` is how many of its columns are named like one."""
    if "substance" in roles:
        return "allergies"
    if "vaccine" in roles or roles.system == "cvx":
        return "immunisations"
    if "value" in roles and ("test" in roles or roles.code is not None or "name" in roles):
        return "results"
    if "drug" in roles or "instruction" in roles or roles.system in ("rxnorm", "atc", "dmd"):
        return "prescriptions"
    if analytes >= 2:
        return "panels"
    if "condition" in roles or roles.system in ("snomed", "icd10", "icd10cm"):
        return "conditions"
    return "patients" if "born" in roles or "sex" in roles else None

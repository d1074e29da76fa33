"""OMOP CDM 5.4 tables as CSV. Standard concept ids stand only where our vocabulary holds them; else 0.

What the codes are (LOINC, RxNorm, SNOMED CT, CVX, a laboratory's own) the source concepts say: they stand in CONCEPT
under numbers above two billion, which OHDSI leaves to each site. Keys are made of the patient's number, so that a
patient's rows are the same whatever the size of the clinic.
"""

from datetime import date
from hashlib import blake2b
from typing import Any, Final

from rxvigil.facts.simulated import WORD
from rxvigil.simulation.facts import Reported, Simulated
from rxvigil.simulation.plan import Ready
from rxvigil.simulation.writers.days import clock, iso
from rxvigil.simulation.writers.folder import NewFolder
from rxvigil.simulation.writers.tables import rows
from rxvigil.simulation.writers.words import Words

GENDER: Final = {"male": "8507", "female": "8532"}
"""OMOP concepts, as seen beside M and F in OHDSI sample data."""
_PER_PATIENT: Final = 100_000
"""Room for the keys of one patient in one table."""
_FIRST_VACCINE: Final = 50_000
"""Where the keys of a patient's vaccines begin."""
_LOCAL: Final = 2_000_000_001
"""Where the numbers of a site's own concepts begin."""
_ROOM: Final = 147_000_000
"""How many of them fit below the end of a 32-bit number."""
_PROBLEM_LIST: Final = ("Type Concept", "EHR problem list", "EHR problem list")
COLUMNS: Final = {
    "CONCEPT.csv": (
        "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,concept_code,"
        "valid_start_date,valid_end_date,invalid_reason"
    ),
    "CDM_SOURCE.csv": (
        "cdm_source_name,cdm_source_abbreviation,cdm_holder,source_description,source_documentation_reference,"
        "cdm_etl_reference,source_release_date,cdm_release_date,cdm_version,cdm_version_concept_id,vocabulary_version"
    ),
    "PERSON.csv": (
        "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime,race_concept_id,"
        "ethnicity_concept_id,location_id,provider_id,care_site_id,person_source_value,gender_source_value,"
        "gender_source_concept_id,race_source_value,race_source_concept_id,ethnicity_source_value,"
        "ethnicity_source_concept_id"
    ),
    "OBSERVATION_PERIOD.csv": (
        "observation_period_id,person_id,observation_period_start_date,observation_period_end_date,"
        "period_type_concept_id"
    ),
    "MEASUREMENT.csv": (
        "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,measurement_time,"
        "measurement_type_concept_id,operator_concept_id,value_as_number,value_as_concept_id,unit_concept_id,range_low,"
        "range_high,provider_id,visit_occurrence_id,visit_detail_id,measurement_source_value,"
        "measurement_source_concept_id,unit_source_value,unit_source_concept_id,value_source_value,"
        "measurement_event_id,meas_event_field_concept_id"
    ),
    "DRUG_EXPOSURE.csv": (
        "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_start_datetime,"
        "drug_exposure_end_date,drug_exposure_end_datetime,verbatim_end_date,drug_type_concept_id,stop_reason,refills,"
        "quantity,days_supply,sig,route_concept_id,lot_number,provider_id,visit_occurrence_id,visit_detail_id,"
        "drug_source_value,drug_source_concept_id,route_source_value,dose_unit_source_value"
    ),
    "CONDITION_OCCURRENCE.csv": (
        "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_start_datetime,"
        "condition_end_date,condition_end_datetime,condition_type_concept_id,condition_status_concept_id,stop_reason,"
        "provider_id,visit_occurrence_id,visit_detail_id,condition_source_value,condition_source_concept_id,"
        "condition_status_source_value"
    ),
    "OBSERVATION.csv": (
        "observation_id,person_id,observation_concept_id,observation_date,observation_datetime,"
        "observation_type_concept_id,value_as_number,value_as_string,value_as_concept_id,qualifier_concept_id,"
        "unit_concept_id,provider_id,visit_occurrence_id,visit_detail_id,observation_source_value,"
        "observation_source_concept_id,unit_source_value,qualifier_source_value,value_source_value,"
        "observation_event_id,obs_event_field_concept_id"
    ),
}
_ORDER: Final = {name: tuple(columns.split(",")) for name, columns in COLUMNS.items()}
_ZERO: Final = {name: {one: "0" for one in columns if one.endswith("_concept_id")} for name, columns in _ORDER.items()}
_NOT_IN_ERROR: Final = ("final", "amended")


class OmopFiles:
    """Writes patients, one after another, into a folder."""

    def __init__(self, ready: Ready, folder: NewFolder) -> None:
        self._words = Words(ready.words)
        self._rows = {name: rows(folder.file(name), columns) for name, columns in _ORDER.items()}
        told = {
            "cdm_source_name": f"{WORD} azathioprine clinic, no real person", "cdm_source_abbreviation": WORD,
            "cdm_holder": "rxvigil", "source_description": f"{WORD} by rxvigil, seed {ready.seed}: see README.txt",
            "source_release_date": iso(ready.on), "cdm_release_date": iso(ready.on), "cdm_version": "5.4",
            "vocabulary_version": "none: concept ids only where rxvigil's own vocabulary holds them",
        }  # fmt: skip
        self._concepts: dict[int, tuple[str, str, str]] = {}
        self._row("CDM_SOURCE.csv", told)

    def write(self, one: Simulated) -> None:
        """All rows of one patient."""
        self._person(one)
        amended = {(each.analyte, each.day, each.minute) for each in one.results if each.status == "amended"}
        for result in one.results:
            replaced = result.status == "final" and (result.analyte, result.day, result.minute) in amended
            if result.status in _NOT_IN_ERROR and not replaced:
                self._measurement(one, result)
        for number, drug in enumerate(one.medicines):
            code, name, concept = self._words.drug(drug.drug)
            end = iso(drug.end if drug.end is not None else one.last_day)
            self._row("DRUG_EXPOSURE.csv", {
                "drug_exposure_id": _key(one, number), "person_id": one.index, "drug_concept_id": concept or "0",
                "drug_exposure_start_date": iso(drug.start), "drug_exposure_end_date": end,
                "verbatim_end_date": iso(drug.end) if drug.end is not None else "",
                "sig": self._words.instruction(drug), "drug_source_value": code or name, "dose_unit_source_value": "mg",
                "drug_source_concept_id": self._concept("RxNorm", code, name),
            })  # fmt: skip
        for number, found in enumerate(one.diagnoses):
            code, name, concept = self._words.concept(found.kind, found.concept)
            self._row("CONDITION_OCCURRENCE.csv", {
                "condition_occurrence_id": _key(one, number), "person_id": one.index,
                "condition_concept_id": concept or "0", "condition_start_date": iso(found.onset),
                "condition_end_date": iso(found.ended) if found.ended is not None else "",
                "condition_source_value": code, "condition_source_concept_id": self._concept("SNOMED", code, name),
                "condition_type_concept_id": self._concept(*_PROBLEM_LIST),
            })  # fmt: skip
        self._vaccines(one)
        self._observations(one)

    def _row(self, table: str, values: dict[str, Any]) -> None:
        filled = _ZERO[table] | values
        self._rows[table].writerow([filled.get(column, "") for column in _ORDER[table]])

    def _concept(self, vocabulary: str, code: str, name: str) -> int:
        """The number of a source concept, which stands in CONCEPT from its first use."""
        meant = (vocabulary, code, name)
        number = _LOCAL + int.from_bytes(blake2b("|".join(meant).encode(), digest_size=8).digest(), "big") % _ROOM
        while self._concepts.get(number, meant) != meant:
            number += 1
        if number not in self._concepts:
            self._concepts[number] = meant
            self._row("CONCEPT.csv", {
                "concept_id": number, "concept_name": name, "vocabulary_id": vocabulary, "concept_code": code,
                "concept_class_id": WORD, "valid_start_date": "1970-01-01", "valid_end_date": "2099-12-31",
            })  # fmt: skip
        return number if code else 0

    def _person(self, one: Simulated) -> None:
        born = date.fromordinal(one.born)
        self._row("PERSON.csv", {
            "person_id": one.index, "gender_concept_id": GENDER[one.sex], "year_of_birth": born.year,
            "month_of_birth": born.month, "day_of_birth": born.day, "person_source_value": one.id,
            "gender_source_value": one.sex, "race_source_value": one.population,
        })  # fmt: skip
        self._row("OBSERVATION_PERIOD.csv", {
            "observation_period_id": one.index, "person_id": one.index,
            "observation_period_start_date": iso(one.first_day), "observation_period_end_date": iso(one.last_day),
        })  # fmt: skip

    def _measurement(self, one: Simulated, result: Reported) -> None:
        # The code decides: a code nobody knows has no concept, though we know what it was.
        known = result.code in self._words.vocabulary.analytes[result.analyte].codes.get("loinc", ())
        self._row("MEASUREMENT.csv", {
            "measurement_id": _key(one, result.number), "person_id": one.index,
            "measurement_concept_id": self._words.omop_test(result.analyte) if known else "0",
            "measurement_date": iso(result.day),
            "measurement_datetime": f"{iso(result.day)} {clock(result.minute)}",
            "value_as_number": result.value if result.is_number else "", "range_low": _end(result.low),
            "range_high": _end(result.high), "measurement_source_value": result.code,
            "unit_source_value": result.unit, "value_source_value": result.value,
            "measurement_source_concept_id": self._concept(
                "LOINC" if result.system == "loinc" else result.laboratory, result.code, result.name
            ),
        })  # fmt: skip

    def _vaccines(self, one: Simulated) -> None:
        """Where ETLs put them: among the drugs, with the CVX code as source value."""
        for number, given in enumerate(one.vaccinations, _FIRST_VACCINE):
            name = self._words.concept("vaccine", given.vaccine)[1]
            self._row("DRUG_EXPOSURE.csv", {
                "drug_exposure_id": _key(one, number), "person_id": one.index,
                "drug_concept_id": self._words.concept("vaccine", given.vaccine)[2] or "0",
                "drug_exposure_start_date": iso(given.day), "drug_exposure_end_date": iso(given.day),
                "verbatim_end_date": iso(given.day), "drug_source_value": given.code,
                "drug_source_concept_id": self._concept("CVX", given.code, name),
            })  # fmt: skip

    def _observations(self, one: Simulated) -> None:
        told = [(gene.day, *self._gene(gene.gene), gene.text) for gene in one.genes]
        told += [
            (each.day, f"allergy to {each.drug}" if each.drug else "no known allergy", 0, "") for each in one.allergies
        ]
        for number, (day, source, concept, text) in enumerate(told):
            self._row("OBSERVATION.csv", {
                "observation_id": _key(one, number), "person_id": one.index, "observation_date": iso(day),
                "value_as_string": text, "observation_source_value": source, "value_source_value": text,
                "observation_source_concept_id": concept,
            })  # fmt: skip

    def _gene(self, gene: str) -> tuple[str, int]:
        code = self._words.loinc(gene)
        return code, self._concept("LOINC", code, f"{gene.upper()} genotype")


def _key(one: Simulated, number: int) -> int:
    return one.index * _PER_PATIENT + number


def _end(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"

"""The tables of the OMOP Common Data Model 5.4 that are read, and their columns.

Column names: OHDSI, OMOP CDM v5.4 (github.com/OHDSI/CommonDataModel, inst/csv/OMOP_CDMv5.4_Field_Level.csv).
"""

from typing import Final, NamedTuple


class CdmTable(NamedTuple):
    """One table about patients; every row of it has a `person_id`."""

    name: str
    key: str
    """The column that numbers its rows; '' where the person does."""
    needed: tuple[str, ...]
    """Columns without which its rows say nothing."""
    wanted: tuple[str, ...]
    """Columns that are read where they are there."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read beside the person, in order: key, needed, wanted."""
        return (*filter(None, (self.key,)), *self.needed, *self.wanted)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PERSON: Final = CdmTable(
    "person",
    "",
    ("year_of_birth",),
    _words("month_of_birth day_of_birth gender_concept_id gender_source_value provider_id care_site_id"),
)
DEATH: Final = CdmTable("death", "", ("death_date",), ())
MEASUREMENT: Final = CdmTable(
    "measurement",
    "measurement_id",
    _words("measurement_concept_id measurement_date"),
    _words(
        "measurement_datetime operator_concept_id value_as_number value_as_concept_id unit_concept_id range_low "
        "range_high measurement_source_value measurement_source_concept_id unit_source_value value_source_value"
    ),
)
OBSERVATION: Final = CdmTable(
    "observation",
    "observation_id",
    _words("observation_concept_id observation_date"),
    _words(
        "observation_datetime value_as_number value_as_string value_as_concept_id unit_concept_id "
        "observation_source_value observation_source_concept_id unit_source_value value_source_value"
    ),
)
DRUG_EXPOSURE: Final = CdmTable(
    "drug_exposure",
    "drug_exposure_id",
    _words("drug_concept_id drug_exposure_start_date"),
    _words(
        "drug_exposure_end_date verbatim_end_date drug_type_concept_id stop_reason refills days_supply sig "
        "drug_source_value drug_source_concept_id"
    ),
)
CONDITION_OCCURRENCE: Final = CdmTable(
    "condition_occurrence",
    "condition_occurrence_id",
    _words("condition_concept_id condition_start_date"),
    _words("condition_end_date condition_type_concept_id condition_source_value condition_source_concept_id"),
)
PROCEDURE_OCCURRENCE: Final = CdmTable(
    "procedure_occurrence",
    "procedure_occurrence_id",
    _words("procedure_concept_id procedure_date"),
    _words("procedure_end_date procedure_source_value procedure_source_concept_id"),
)
READ: Final = (PERSON, DEATH, MEASUREMENT, OBSERVATION, DRUG_EXPOSURE, CONDITION_OCCURRENCE, PROCEDURE_OCCURRENCE)
"""Tables whose rows become facts."""
COUNTED: Final = _words(
    "observation_period visit_occurrence visit_detail device_exposure note specimen payer_plan_period episode drug_era "
    "dose_era condition_era"
)
"""Tables about patients that say nothing to the rules, or only repeat what another table says: counted."""
BESIDE: Final = {
    "care_site": _words("care_site_id care_site_name care_site_source_value"),
    "provider": _words("provider_id provider_name care_site_id provider_source_value"),
    "cdm_source": _words("cdm_source_abbreviation source_documentation_reference cdm_etl_reference"),
    "concept": _words("concept_id concept_name vocabulary_id concept_code"),
    "concept_relationship": _words("concept_id_1 concept_id_2 relationship_id"),
}
"""Tables that are about nobody and looked things up in."""
NAMES: Final = (*(table.name for table in READ), *COUNTED, *BESIDE)
CONCEPT_COLUMNS: Final = {
    table.name: tuple(name for name in table.columns if name.endswith("_concept_id")) for table in READ
}
"""The columns of each table that hold concepts."""

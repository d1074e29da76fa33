"""What a mapping file says: which file holds what, and which column means what. The models, and nothing else.

A person writes it once per export and answers for it. Whatever the tables leave open (the unit of a column, the
order of day and month, who is still taking a medicine) is stated here or stays unknown; nothing is guessed.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from rxvigil.intake.tables.parts import (
    CellText,
    DateCell,
    Forms,
    Layout,
    Named,
    Numbers,
    OptionalDate,
    OptionalText,
    Part,
    Reference,
    SampleDate,
    Words,
    column,
)
from rxvigil.knowledge.provenance import Key, Text


class TableBase(Part):
    """What every table states."""

    COLUMNS = frozenset(("patient",))
    file: Text | None = Field(None, description="file name, or a pattern such as labs-*.csv; none: the file given")
    sheet: Text | None = Field(None, description="name of the sheet, where the file is a workbook with several")
    header_row: int = Field(1, ge=1, le=1000, description="number of the row that holds the names of the columns")
    patient: Text | None = Field(None, description="column of the patient's id, where it is not the mapping's")


ResultStatus = Literal["final", "preliminary", "withdrawn"]
Course = Literal["active", "ended", "on-hold", "planned", "unknown"]
TreatmentStatus = Literal[Course, "withdrawn"]
ProblemStatus = Literal["active", "past", "refuted", "uncertain", "withdrawn"]
VaccineStatus = Literal["given", "planned", "not-given", "withdrawn"]


class ResultsTable(TableBase):
    """One result per row."""

    COLUMNS = frozenset(("patient", "value", "otherwise", "comparator", "ucum", "panel", "method"))
    holds: Literal["results"]
    date: Annotated[SampleDate, BeforeValidator(column)]
    analyte: Named
    value: Text
    otherwise: tuple[Text, ...] = Field((), description="columns of an answer in words, where the value is blank")
    comparator: Text | None = Field(None, description="column of <, <=, > or >=, where the value does not hold it")
    unit: OptionalText = None
    ucum: Text | None = Field(None, description="column of the unit's UCUM code, beside its name")
    stated_units: dict[Key, Text] = Field(
        default_factory=dict, description="analyte -> its unit, for rows whose own unit is blank"
    )
    reference: Reference | None = None
    status: Words[ResultStatus] | None = None
    panel: Text | None = Field(None, description="column of the sample or report number")
    method: Text | None = Field(None, description="column of the method of measurement")


class PanelColumn(Part):
    """One analyte of a wide table."""

    analyte: Key
    unit: Text | None = Field(None, description="none only for results in words")
    method: Text | None = Field(None, description="method of measurement, where it matters which")


class PanelsTable(TableBase):
    """One sample per row, one column per analyte."""

    COLUMNS = frozenset(("patient", "analytes"))
    holds: Literal["panels"]
    date: Annotated[SampleDate, BeforeValidator(column)]
    analytes: dict[Text, PanelColumn] = Field(min_length=1, description="column -> what it holds")
    status: Words[ResultStatus] | None = None
    ignore: tuple[Text, ...] = Field((), description="columns named like an analyte that are deliberately not read")


class DoseColumns(Part):
    """A dose in columns of its own: how much at a time, and how often."""

    amount: Annotated[CellText, BeforeValidator(column)]
    unit: Annotated[CellText, BeforeValidator(column)]
    times: Annotated[CellText, BeforeValidator(column)] = CellText(constant="1")
    per: Words[Literal["day", "week"]]


class PrescriptionsTable(TableBase):
    """One prescription, supply or reported medicine per row."""

    COLUMNS = frozenset(("patient", "instruction", "days_supplied", "refills"))
    holds: Literal["prescriptions"]
    drug: Named
    kind: Literal["ordered", "supplied", "given", "reported"] = "ordered"
    status: Words[TreatmentStatus]
    start: OptionalDate = None
    end: OptionalDate = None
    instruction: Text | None = Field(None, description="column of the dosage instruction as written")
    dose: DoseColumns | None = None
    days_supplied: Text | None = Field(
        None, description="column: how many days one supply lasts, counted from the start"
    )
    refills: Text | None = Field(None, description="column: how many further supplies were allowed")


class ConditionsTable(TableBase):
    """One problem or diagnosis per row."""

    holds: Literal["conditions"]
    condition: Named
    status: Words[ProblemStatus]
    onset: OptionalDate = None
    ended: OptionalDate = None


class AllergiesTable(TableBase):
    """One allergy, intolerance or statement of having none per row."""

    COLUMNS = frozenset(("patient", "reaction"))
    holds: Literal["allergies"]
    substance: Named
    status: Words[ProblemStatus]
    reaction: Text | None = None
    severity: Words[Literal["serious", "not-serious"]] | None = None


class ImmunisationsTable(TableBase):
    """One vaccination per row."""

    holds: Literal["immunisations"]
    vaccine: Named
    date: Annotated[DateCell, BeforeValidator(column)]
    status: Words[VaccineStatus]


class GenotypesTable(TableBase):
    """One report of one gene per row; a table with a column for each gene is named once for each."""

    COLUMNS = frozenset(("patient", "result", "phenotype"))
    holds: Literal["genotypes"]
    gene: Named
    result: Text | None = Field(None, description="column of the diplotype, or of the laboratory's words")
    phenotype: Text | None = Field(None, description="column of the metaboliser group")
    date: OptionalDate = None
    status: Words[ResultStatus] | None = None

    @model_validator(mode="after")
    def _something(self) -> "GenotypesTable":
        if self.result is None and self.phenotype is None:
            raise ValueError("name the column of the result, of the phenotype, or both")
        return self


class Age(Part):
    """An age in days on a stated day, from which the day of birth follows."""

    COLUMNS = frozenset(("days",))
    days: Text = Field(description="column")
    on: date


class PatientsTable(TableBase):
    """One person per row."""

    holds: Literal["patients"]
    born: OptionalDate = None
    age: Age | None = None
    died: OptionalDate = None
    sex: Words[Literal["female", "male", "other", "unknown"]] | None = None


Table = (
    ResultsTable
    | PanelsTable
    | PrescriptionsTable
    | ConditionsTable
    | AllergiesTable
    | ImmunisationsTable
    | GenotypesTable
    | PatientsTable
)


class Mapping(Layout):
    """A whole mapping file."""

    kind: Literal["mapping"]
    title: Text
    patient: Text = Field(description="column of the patient's id; the word none: every row is a person")
    simulated: bool = Field(False, description="these patients do not exist: said wherever they are shown")
    sorted: bool = Field(False, description="every file is sorted by patient id, as text: read as a stream")
    dates: Forms = ()
    numbers: Numbers = Numbers()
    missing: tuple[Text, ...] = Field((), description="words that mean 'no value', such as NA")
    tables: tuple[Annotated[Table, Field(discriminator="holds")], ...] = Field(min_length=1)

    @property
    def rows_are_people(self) -> bool:
        """No patient id: every row is its own person, and nothing may be followed over time."""
        return self.patient == "none"

    @model_validator(mode="after")
    def _people(self) -> "Mapping":
        if self.rows_are_people and (
            len({(table.file, table.sheet) for table in self.tables}) > 1 or any(map(_own_id, self.tables))
        ):
            raise ValueError("with `patient: none` all tables are about the rows of one file, and none names a patient")
        nominal = any(isinstance(table, ResultsTable | PanelsTable) and table.date.nominal for table in self.tables)
        if nominal and not self.rows_are_people:
            raise ValueError("a nominal date needs `patient: none`: samples of one person would share a false day")
        return self


def _own_id(table: Table) -> bool:
    return table.patient is not None

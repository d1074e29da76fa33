"""The parts that tables of a mapping are described with: a text, a date, a word with few meanings, a thing with a
code and a name.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Generic, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from rxvigil.intake.tables.dates import contradiction, date_form
from rxvigil.knowledge.provenance import Strict, Text
from rxvigil.knowledge.yamlfile import Path_

DELIMITERS: Final = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}
NONE_KNOWN: Final = "none-known"
"""The allergy entry that states there is none."""
OUTSIDE: Final = "outside"
"""What `means` says of a code that was looked at and is none of ours."""

System = Literal[
    "loinc", "snomed", "rxnorm", "atc", "icd10", "icd10cm", "cvx", "omop", "unii", "dmd", "hcpcs", "local", "other"
]
Word = TypeVar("Word", bound=str)


def column(written: Any) -> Any:
    """A bare text where a part is expected is the name of a column."""
    return {"column": written} if isinstance(written, str) else written


def _listed(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


def _forms(forms: tuple[str, ...]) -> tuple[str, ...]:
    for form in forms:
        date_form(form)
    both = contradiction(forms)
    if both:
        raise ValueError(f"{both} read the same date as two different days; state one of them")
    return forms


def fold(word: str) -> str:
    """The form words of a status column are compared in."""
    return word.strip().casefold()


def _folded(words: dict[str, Word]) -> dict[str, Word]:
    folded = {fold(word): meaning for word, meaning in words.items()}
    if len(folded) < len(words):
        raise ValueError("two of the words differ only in case or blanks")
    return folded


class Part(Strict):
    """A part of a mapping; `COLUMNS` are those of its fields that hold names of columns."""

    COLUMNS: ClassVar[frozenset[str]] = frozenset()

    def columns(self, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
        """Every column named in here, with its path in the mapping file."""
        for field in type(self).model_fields:
            value = getattr(self, field)
            if isinstance(value, Part):
                yield from value.columns((*path, field))
            elif field in self.COLUMNS and value is not None:
                yield from (
                    [((*path, field), value)]
                    if isinstance(value, str)
                    else (((*path, field, name), name) for name in value)
                )


class Layout(Part):
    """How the bytes of the files become rows."""

    encoding: Literal["utf-8", "cp1252", "latin-1"] = "utf-8"
    delimiter: Literal["comma", "tab", "semicolon", "pipe"] = "comma"


class Numbers(Part):
    """How numbers are written where it is not 1234.5."""

    decimal: Literal[".", ","] = "."
    thousands: Literal[".", ",", " ", "'"] | None = None

    @model_validator(mode="after")
    def _differ(self) -> "Numbers":
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands cannot be the same sign")
        return self


Forms = Annotated[tuple[Text, ...], BeforeValidator(_listed), AfterValidator(_forms)]
"""One or several ways in which dates are written."""


class CellText(Part):
    """A text: what stands under a column, or one constant for every row."""

    COLUMNS = frozenset(("column",))
    column: Text | None = None
    constant: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> "CellText":
        if (self.column is None) == (self.constant is None):
            raise ValueError("name a column, or write {constant: ...}; one of the two")
        return self


class DateCell(Part):
    """A date under a column, in one or several stated forms; ISO 8601 where none is stated."""

    COLUMNS = frozenset(("column",))
    column: Text
    format: Forms = ()


class SampleDate(Part):
    """When samples were taken: a column, or a nominal day where the file does not say.

    A nominal day lets thresholds be asked of each row "as of" that day. It is allowed only where every row is its
    own person, because two samples of one person would stand on the same invented day.
    """

    COLUMNS = frozenset(("column",))
    column: Text | None = None
    format: Forms = ()
    nominal: date | None = None

    @model_validator(mode="after")
    def _one(self) -> "SampleDate":
        if (self.column is None) == (self.nominal is None):
            raise ValueError("name a column, or write {nominal: YYYY-MM-DD}; one of the two")
        return self


class Words(Part, Generic[Word]):
    """A choice among few meanings: a column with the meaning of each word in it, or one constant for every row."""

    COLUMNS = frozenset(("column",))
    column: Text | None = None
    words: Annotated[dict[str, Word], AfterValidator(_folded)] = Field(
        default_factory=dict, description="as written, without regard to case -> meaning; '' is a blank cell"
    )
    constant: Word | None = None

    @model_validator(mode="after")
    def _one(self) -> "Words[Word]":
        if (self.column is None) == (self.constant is None) or (self.column is None) != (not self.words):
            raise ValueError("write {column: ..., words: {as written: meaning}} or {constant: meaning}")
        return self


OptionalDate = Annotated[DateCell, BeforeValidator(column)] | None
OptionalText = Annotated[CellText, BeforeValidator(column)] | None


class Named(Part):
    """What a row is about: a code, a name, or both, with what this place's own codes and names mean; or the same
    thing in every row."""

    COLUMNS = frozenset(("code", "name", "display"))
    code: Text | None = Field(None, description="column of the code")
    system: System | Words[System] | None = Field(None, description="code system of that column")
    prefix: Text | None = Field(None, description="what stands before every code and is not part of it")
    name: Text | None = Field(None, description="column of the name")
    display: Text | None = Field(None, description="column of a further name, such as the code's own")
    means: dict[Text, Text] = Field(
        default_factory=dict, description="a code or name as written -> a key of our vocabulary, or 'outside'"
    )
    constant: Text | None = Field(None, description="a key of our vocabulary that holds for every row")

    @model_validator(mode="after")
    def _enough(self) -> "Named":
        if (self.code is None and self.name is None) == (self.constant is None):
            raise ValueError("name the column of the code, of the name, or both; or write {constant: ...}")
        if (self.code is None) != (self.system is None):
            raise ValueError("a code column needs its system, and a system needs its code column")
        return self


class Reference(Part):
    """Columns of the laboratory's own reference range."""

    COLUMNS = frozenset(("low", "high"))
    low: Text | None = None
    high: Text | None = None

"""Where a value comes from: the publication, the place in it, and how it was read.

Every leaf of the rule book carries a `Source`; one without is a load error. `mark` says how far the value may be
trusted, and `memory` never fires.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Mark = Literal["verified", "secondary", "derived", "house", "memory"]
"""verified: read in the body's own text. secondary: read in a source that restates it; fires and says so.
derived: calculated from cited figures by the formula in `note`. house: rxvigil's own choice where the sources
leave a gap, with the reason in `note`. memory: nobody has read it; shown, never fires."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Path = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9.-]*)+$")]


class Strict(BaseModel):
    """Base of every knowledge model: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Strict):
    """Where one value was read."""

    ref: Key = Field(description="key of a publication in data/sources")
    where: Text = Field(description="table, section, page or recommendation number in that publication")
    mark: Mark
    checked: date = Field(description="when somebody last compared the value with the source")
    via: Text | None = Field(None, description="the page it was read in, where that is not the publication itself")
    note: Text | None = Field(None, description="formula of a derived value, reason for a house choice, or a caveat")


class Publication(Strict):
    """One guideline, label, study or web page that values are read in."""

    id: Key
    title: Text
    body: Text = Field(description="who issued it")
    year: int | None = Field(None, ge=1850, le=2100)
    url: Text | None = None
    doi: Text | None = None
    jurisdiction: Text | None = None
    superseded_by: Key | None = None
    note: Text | None = None


class Disagreement(Strict):
    """Another source that says something else about the same matter: shown beside, never averaged."""

    says: Text
    source: Source

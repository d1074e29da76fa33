"""Models of everything that can fire: rules, protocols with schedules, decision tables, gradings.

These are the shapes a clinician writes and reviews. They check themselves (types, formats, required provenance);
what needs the whole book, such as whether a name exists, is `lint`'s job.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from rxvigil.knowledge.expression import parse
from rxvigil.knowledge.provenance import Disagreement, Key, Path, Publication, Source, Strict, Text
from rxvigil.knowledge.vocabulary import DurationText, RangeText

Tier = Literal["stop", "act", "know"]
Verb = Literal[
    "emergency", "stop", "withhold", "avoid", "reduce", "switch", "refer", "discuss", "repeat", "test", "monitor",
    "ask", "vaccinate", "continue",
]  # fmt: skip
Jurisdiction = Literal["UK", "US", "EU", "FR", "CH", "DE", "IT", "DK", "FI", "NL", "AU", "NZ", "CA", "INT"]


def _condition(text: str) -> str:
    parse(text)
    return text


ConditionText = Annotated[str, AfterValidator(_condition)]


class Applies(Strict):
    """Whom a rule or protocol is for. Empty means no restriction."""

    drugs: tuple[Key, ...] = Field((), description="one of these is (or, for stop rules, was) taken: `this` in rules")
    together: tuple[Key, ...] = Field((), description="all of these are taken: a named combination")
    jurisdictions: tuple[Jurisdiction, ...] = ()
    except_in: tuple[Jurisdiction, ...] = Field((), description="everywhere but here")
    specialties: tuple[Key, ...] = ()
    only_if: ConditionText | None = None


class Action(Strict):
    """What to do, in the strength the source gives it."""

    verb: Verb
    says: Text
    urgency: Literal["now", "today", "this week", "soon", "routine"]
    strength: Literal["must", "should", "consider"]


class Rule(Strict):
    """One cited statement that can fire."""

    id: Key = Field(description="unique in its file; the full id is file id + '#' + this")
    kind: Literal[
        "danger", "threshold", "trend", "interaction", "contraindication", "precaution", "duplicate", "genotype",
        "vaccine", "pregnancy", "dose", "symptom", "expected", "baseline",
    ]  # fmt: skip
    applies: Applies = Field(default_factory=lambda: Applies.model_validate({}))
    during: Literal["course", "after-stop", "any"] = Field(
        "course", description="asked while one of the drugs is taken, after it stopped, or of anybody"
    )
    when: ConditionText
    unless: ConditionText | None = Field(
        None, description="an exception that must be shown to hold; not knowing does not excuse"
    )
    attest: tuple[Text, ...] = Field(
        (), description="causes a person must exclude first ('unexplained'): listed with the finding, never assumed"
    )
    tier: Tier
    cause: Text = Field(description="what is the matter, in a few words: findings with one cause are shown as one")
    says: Text = Field(description="one sentence; {neutrophils.latest} and the like are filled in")
    action: Action
    source: Source
    also: tuple[Source, ...] = Field((), description="further sources that say the same")
    disagrees: tuple[Disagreement, ...] = ()
    review_by: date | None = None


class RulesFile(Strict):
    """A topic: rules that hold whatever monitoring protocol is chosen."""

    kind: Literal["rules"]
    id: Path
    title: Text
    review_by: date
    gaps: tuple[Text, ...] = ()
    rules: tuple[Rule, ...]


class Panel(Strict):
    """Tests done together: all of `all`, one of each group in `any`; `consider` is asked for more softly."""

    all: tuple[Key, ...] = ()
    any: tuple[tuple[Key, ...], ...] = ()
    consider: tuple[Key, ...] = ()


class UntilStable(Strict):
    dose_stable_for: DurationText


class Phase(Strict):
    """One stretch of a schedule. Exactly one of `every`, `at`, `stop`; `for` or `until` unless it is the last."""

    every: RangeText | None = Field(None, description="'2 weeks', or '2 to 3 months' where the source gives a range")
    at: tuple[DurationText, ...] = Field((), description="fixed times after the clock started")
    stop: Literal[True] | None = None
    for_: DurationText | None = Field(None, alias="for")
    until: UntilStable | None = None
    source: Source | None = Field(None, description="where it differs from the schedule's own source")

    @model_validator(mode="after")
    def _one_kind(self) -> "Phase":
        if sum((self.every is not None, bool(self.at), self.stop is not None)) != 1:
            raise ValueError("a phase has exactly one of 'every', 'at' and 'stop'")
        if self.for_ and self.until:
            raise ValueError("a phase ends by 'for' or by 'until', not both")
        return self


class OnEvent(Strict):
    """What a change of dose does to the clock."""

    event: Literal["dose-increase", "dose-decrease", "dose-change"]
    phases: tuple[Phase, ...] = Field((), description="extra phases that begin at the event")
    then: Literal["restart", "resume"] = Field(
        description="restart: the schedule begins again at the event; resume: its own phases go on underneath"
    )
    source: Source


class Modifier(Strict):
    """A risk that changes the interval, never loosening it unless `loosens` says so."""

    id: Key
    when: ConditionText
    every: RangeText
    from_start: bool = Field(False, description="also replaces the denser opening phases")
    loosens: bool = False
    says: Text
    source: Source


class Schedule(Strict):
    """One clock: a panel of tests and the phases in which it is due."""

    id: Key
    panel: Panel
    strength: Literal["must", "should", "consider"] = "should"
    only_if: ConditionText | None = Field(
        None, description="kept to patients of whom this holds, for example a diagnosis"
    )
    phases: tuple[Phase, ...]
    on: tuple[OnEvent, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    source: Source


class BaselineTest(Strict):
    """A test asked for before the first dose."""

    id: Key
    panel: Panel
    within: DurationText = Field(description="how old the result may be at the start")
    strength: Literal["must", "should", "consider"] = "should"
    only_if: ConditionText | None = None
    says: Text | None = None
    source: Source


class Effective(Strict):
    from_: date | None = Field(None, alias="from")
    to: date | None = None


class Supersession(Strict):
    by: Key = Field(description="publication that replaced this one")
    on: date | None = None
    says: Text = Field(description="what a user must be told about it, wherever this protocol is used")


class DefaultFor(Strict):
    """When this protocol is chosen without anybody asking for it."""

    jurisdiction: Jurisdiction
    specialty: Key | None = Field(None, description="none: for every specialty without a protocol of its own")


class Borrowed(Strict):
    """Where the body's own limits or schedule were not read: whose are used meanwhile, and why."""

    protocol: Path
    why: Text
    source: Source


class Protocol(Strict):
    """The monitoring rules of one issuing body."""

    kind: Literal["protocol"]
    id: Path
    title: Text
    body: Text
    applies: Applies
    default_for: tuple[DefaultFor, ...] = ()
    effective: Effective = Field(default_factory=lambda: Effective.model_validate({}))
    superseded: Supersession | None = None
    review_by: date
    gaps: tuple[Text, ...] = ()
    baseline: tuple[BaselineTest, ...] = ()
    schedule: tuple[Schedule, ...] = ()
    thresholds: tuple[Rule, ...] = ()
    thresholds_from: Borrowed | None = None
    schedule_from: Borrowed | None = None


class Band(Strict):
    """One stretch of an axis. `range` is '< 235', '235 to 450' (both ends in), '> 450', '>= 5700'; or a category."""

    name: Key
    range: Text | None = None
    category: Key | None = None


class Axis(Strict):
    name: Key
    of: ConditionText = Field(description="a term of the state, for example 'tgn.latest'")
    unit: Text | None = None
    bands: tuple[Band, ...]


class Row(Strict):
    """Axis name -> the bands it holds for; an axis left out holds for all of its bands."""

    id: Key
    when: dict[str, tuple[Key, ...]]
    tier: Tier
    cause: Text
    says: Text
    action: Action
    attest: tuple[Text, ...] = ()
    gives_way_to: tuple[Text, ...] = Field(
        (), description="full ids of rules: while one of them fires, the row's advice is not given and the rule speaks"
    )
    source: Source
    disagrees: tuple[Disagreement, ...] = ()


class Gap(Strict):
    """Combinations for which the body gives no advice: found, and said."""

    when: dict[str, tuple[Key, ...]]
    says: Text


class DecisionTable(Strict):
    """A published table over several axes. Rows and gaps together cover every combination exactly once."""

    kind: Literal["table"]
    id: Path
    title: Text
    body: Text
    applies: Applies
    default_for: tuple[DefaultFor, ...] = ()
    review_by: date
    assay: Text | None = Field(None, description="unit and method of the limits, as far as the table says")
    methods: tuple[Key, ...] = Field(
        (), description="methods (of the analytes' `methods`) for which the limits hold; none: the table names none"
    )
    axes: tuple[Axis, ...]
    rows: tuple[Row, ...]
    gaps: tuple[Gap, ...] = ()
    notes: tuple[Text, ...] = ()


class GradeRow(Strict):
    """Grade -> boundary of one analyte: '< 1.5 10*9/L', '< 1 xLLN', '> 3 xULN', '> 5 xbaseline'.

    The highest grade whose boundary the value is beyond applies. `when_baseline` restricts the row."""

    analyte: Key
    term: Text
    when_baseline: Literal["normal", "abnormal", "any"] = "any"
    grades: dict[Literal["1", "2", "3", "4"], Text]
    source: Source


class Grading(Strict):
    """One version of a severity scale. Grades are printed with the version; nothing fires on a grade."""

    kind: Literal["grading"]
    id: Path
    title: Text
    version: Text
    review_by: date
    rows: tuple[GradeRow, ...]
    gaps: tuple[Text, ...] = ()


class SourcesFile(Strict):
    kind: Literal["sources"]
    publications: tuple[Publication, ...]

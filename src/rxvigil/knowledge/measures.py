"""The state: every quantity a rule may speak of, defined once, by name.

Both evaluators (one patient in `engine`, many in `cohort`) implement exactly this table and are tested against
it. A measure belongs to a kind of subject, takes named arguments, and answers with a truth, a quantity, a
duration or a category - or cannot say.
"""

from dataclasses import dataclass, field
from typing import Literal

SubjectKind = Literal["analyte", "drug", "condition", "vaccine", "symptom", "gene", "event", "patient"]
Answers = Literal["truth", "quantity", "change", "duration", "category", "count", "dose"]
ArgumentKind = Literal["duration", "count", "percent"]


@dataclass(frozen=True)
class Measure:
    """One named quantity of the state."""

    subject: SubjectKind
    name: str
    answers: Answers
    meaning: str
    required: dict[str, ArgumentKind] = field(default_factory=dict)
    optional: dict[str, ArgumentKind] = field(default_factory=dict)


MEASURES: tuple[Measure, ...] = (
    Measure(
        "analyte",
        "latest",
        "quantity",
        "The newest result on or before the date. A worrying value stands until a newer one replaces it, back to "
        "the start of treatment or one year, whichever is longer; a reassuring value older than the analyte's "
        "fresh_for no longer counts and the answer is 'cannot say'. Two results at the same moment that disagree: "
        "the worrying one counts. xULN and xLLN use that result's own reference range only.",
    ),
    Measure(
        "analyte",
        "last",
        "quantity",
        "Each of the newest `times` results satisfies the comparison (a value confirmed by repeats).",
        required={"times": "count"},
    ),
    Measure(
        "analyte",
        "falls",
        "truth",
        "The newest `times`+1 results fall every time, each by more than `each` of the one before. Results closer "
        "than `apart` (default 3 days) count as one, the later; all must lie within `within` (default 12 months).",
        required={"times": "count", "each": "percent"},
        optional={"apart": "duration", "within": "duration"},
    ),
    Measure(
        "analyte",
        "rises",
        "truth",
        "As `falls`, upwards.",
        required={"times": "count", "each": "percent"},
        optional={"apart": "duration", "within": "duration"},
    ),
    Measure(
        "analyte",
        "rise",
        "change",
        "Newest result minus the lowest earlier one within `over` before it; in the analyte's unit or in %.",
        required={"over": "duration"},
    ),
    Measure(
        "analyte",
        "fall",
        "change",
        "The highest earlier result within `over` before the newest, minus the newest; in its unit or in %.",
        required={"over": "duration"},
    ),
    Measure(
        "analyte",
        "rise-since-start",
        "change",
        "Newest result minus the last one taken in the 12 months up to the start of this drug.",
    ),
    Measure("analyte", "fall-since-start", "change", "The same, downwards."),
    Measure(
        "analyte",
        "measured",
        "truth",
        "There is a readable result within `within` before the date (without `within`: ever).",
        optional={"within": "duration"},
    ),
    Measure(
        "analyte",
        "stable-at-sample",
        "duration",
        "How long the dose of this drug had been the same on the day of the newest result. A sample from before the "
        "course fits no length; one whose day is not known cannot say where the day decides.",
    ),
    Measure(
        "analyte",
        "time-on-at-sample",
        "duration",
        "How long this drug's course had run on the day of the newest result; a sample from before it fits no length.",
    ),
    Measure(
        "analyte",
        "dose-changed-since",
        "truth",
        "This drug was begun, or its dose changed, after the day of the newest result.",
    ),
    Measure("drug", "active", "truth", "Being taken on the date, as far as prescriptions tell."),
    Measure("drug", "planned", "truth", "Prescribed or proposed, not yet begun."),
    Measure("drug", "ever", "truth", "Taken at any time up to the date."),
    Measure("drug", "started", "truth", "The current course began within `within`.", required={"within": "duration"}),
    Measure(
        "drug",
        "stopped",
        "truth",
        "The last course ended within `within` and none is running.",
        required={"within": "duration"},
    ),
    Measure("drug", "time-on", "duration", "How long the current course has run."),
    Measure("drug", "stable-for", "duration", "How long the dose has been what it is now."),
    Measure(
        "drug",
        "dose",
        "dose",
        "Present dose, in mg/d, mg/wk, mg/kg/d or mg/kg/wk (latest weight within its fresh_for).",
    ),
    Measure("drug", "dose-increased", "truth", "The dose went up within `within`.", required={"within": "duration"}),
    Measure("drug", "count", "count", "How many different drugs of the class (or products of the drug) are active."),
    Measure("drug", "allergy", "truth", "A recorded allergy or intolerance to the drug, or to its class."),
    Measure("condition", "present", "truth", "An active diagnosis."),
    Measure("condition", "ever", "truth", "A diagnosis, active or past."),
    Measure("vaccine", "given", "truth", "Given within `within`.", required={"within": "duration"}),
    Measure("vaccine", "planned", "truth", "Ordered or planned."),
    Measure("vaccine", "ever", "truth", "Ever given."),
    Measure(
        "symptom",
        "reported",
        "truth",
        "Reported within `within` (default 14 days) and not known to have ended.",
        optional={"within": "duration"},
    ),
    Measure(
        "gene",
        "phenotype",
        "category",
        "normal, intermediate, possible-intermediate, poor or indeterminate. Star alleles mean what the release in "
        "force on the date makes of them; several possible pairs answer where all agree. Where a stated group and its "
        "alleles differ, the more cautious counts.",
    ),
    Measure(
        "gene",
        "known",
        "truth",
        "A report states the metaboliser group, or alleles that mean one; alleles that leave several leave it open.",
    ),
    Measure("event", "present", "truth", "Going on at the date."),
    Measure("event", "planned", "truth", "Planned, on or after the date."),
    Measure("event", "since", "truth", "Happened within `within`.", required={"within": "duration"}),
    Measure("event", "value", "category", "The value stated with the newest such event."),
    Measure("patient", "age", "duration", "Age on the date."),
    Measure("patient", "sex", "category", "female, male or other."),
)

BY_NAME: dict[tuple[str, str], Measure] = {(measure.subject, measure.name): measure for measure in MEASURES}

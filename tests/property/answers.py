"""What an assessment answered, in the forms in which two of them are compared."""

import re
from typing import Final

from rxvigil.engine import Assessment
from rxvigil.engine.assessment import Finding

ORDER: Final = {"not asked": 0, "silent": 0, "cannot say": 1, "fires": 2}
TIERS: Final = {"KNOW": 1, "ACT": 2, "STOP": 3}
DATE: Final = re.compile(
    r"\d{4}-\d\d-\d\d|(\d{1,2} )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}|\b(19|20)\d\d\b"
)

Said = tuple[str, str, str, str, tuple[str, ...], str | None, tuple[str, ...]]


def outcomes(assessment: Assessment) -> dict[str, str]:
    """Rule -> its strongest answer, where it was asked of several drugs."""
    found: dict[str, str] = {}
    for one in assessment.explained:
        if ORDER[one.outcome] >= ORDER.get(found.get(one.rule, "not asked"), 0):
            found[one.rule] = one.outcome
    return found


def reasons(assessment: Assessment, rule: str) -> str:
    """Everything the assessment says of why a rule was answered as it was."""
    return " | ".join(one.why for one in assessment.explained if one.rule == rule)


def said(finding: Finding) -> Said:
    """A finding without facts, sources and notes: which rule, how urgent, about what, in which words."""
    return (
        finding.rule, finding.tier, finding.cause, finding.says, finding.also, finding.would_be, finding.unanswered,
    )  # fmt: skip


def findings(assessment: Assessment) -> list[Said]:
    """All findings in their order, as they are said."""
    return [said(one) for one in assessment.findings]


def undated(assessment: Assessment) -> list[Said]:
    """The same with every date blotted out."""
    return [
        (rule, tier, DATE.sub("…", cause), DATE.sub("…", says), *rest)
        for rule, tier, cause, says, *rest in findings(assessment)
    ]


def tiers(assessment: Assessment) -> dict[str, int]:
    """Cause -> how much it matters; what could not be said stands apart."""
    return {one.cause: TIERS[one.tier] for one in assessment.findings if one.tier in TIERS}

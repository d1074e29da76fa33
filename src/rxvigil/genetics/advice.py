"""What each body advises for a pair of phenotypes, on a date, for a drug: bodies side by side, never averaged."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, Literal

import msgspec

from rxvigil.genetics.groups import SAFEST_FIRST
from rxvigil.knowledge.dosing import DoseRange, parse_dose
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup, PairAdvice, PairGroup, Release, StandardDose

_NO_DOSE_NAMED: Final = 0.99
"""Where a row without a dose stands in the order of caution: after every reduction, before the full dose."""
Groups = frozenset[MetaboliserGroup]
Setting = Literal["malignant", "non-malignant"]
Pair = tuple[PairGroup, PairGroup]
"""TPMT, NUDT15."""
ClauseAnswer = Literal["none", "met", "not-met", "not-known"]
"""Whether the intended start dose is as high as the body's advice presupposes."""


class RowAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a body's table that applies to a possible pair."""

    row: PairAdvice
    pairs: tuple[Pair, ...]
    clause: ClauseAnswer
    used: bool
    """The most cautious of the rows that apply: to be followed until it is resolved which pair it is."""


class BodyAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """One body's advice for a drug on a date."""

    body: str
    release: str
    version: str
    since: date | None
    accessed: date
    review_by: date
    stale: bool
    """The day of the question lies after `review_by`: these rules are older than their review date."""
    superseded: bool
    """The day of the question lies after the last day on which this release was in force."""
    drug: str
    standard: StandardDose | None
    rows: tuple[RowAdvice, ...]
    no_row: tuple[Pair, ...]
    """Possible pairs of which the body's text, as far as it was read, says nothing."""
    not_known: tuple[str, ...]
    """Genes of which nothing is known: intermediate and poor cannot be excluded."""
    gaps: tuple[str, ...]

    @property
    def used(self) -> RowAdvice | None:
        """The row to follow until resolved; none where no row was read."""
        return next((row for row in self.rows if row.used), None)


def defining(releases: Mapping[str, Release], gene: str | None = None) -> dict[str, Release]:
    """The releases that define the alleles of a gene, or of any: those that a genotype can be read under."""
    return {
        key: release
        for key, release in releases.items()
        if any(gene is None or own.key == gene for own in release.genes)
    }


def in_force(releases: Mapping[str, Release], on: date) -> tuple[Release, ...]:
    """The release of each body in force on a date, bodies in alphabetical order."""
    found = [release for release in releases.values() if _covers(release, on)]
    return tuple(sorted(found, key=lambda release: (release.body, release.id)))


def _covers(release: Release, on: date) -> bool:
    begin, end = release.effective.from_, release.effective.to
    return (begin is None or begin <= on) and (end is None or on <= end)


def advise(
    releases: Mapping[str, Release],
    on: date,
    drug: str,
    tpmt: Groups | None,
    nudt15: Groups | None,
    intended: DoseRange | None = None,
    setting: Setting = "non-malignant",
) -> tuple[BodyAdvice, ...]:
    """The advice of every body whose release is in force on the date. A gene of which nothing is known is None."""
    return tuple(advise_under(one, on, drug, tpmt, nudt15, intended, setting) for one in in_force(releases, on))


def advise_under(
    release: Release,
    on: date,
    drug: str,
    tpmt: Groups | None,
    nudt15: Groups | None,
    intended: DoseRange | None = None,
    setting: Setting = "non-malignant",
) -> BodyAdvice:
    """One body's advice under a release chosen by the caller, whichever is in force: to read an old report again."""
    pairs = _pairs(tpmt, nudt15)
    rows = [row for row in release.advice if _speaks(row, on, drug, setting)]
    found = [(row, tuple(pair for pair in pairs if row.answers(*pair))) for row in rows]
    answered = {pair for _, covered in found for pair in covered}
    return BodyAdvice(
        body=release.body,
        release=release.id,
        version=release.version,
        since=release.effective.from_,
        accessed=release.accessed,
        review_by=release.review_by,
        stale=on > release.review_by,
        superseded=release.effective.to is not None and on > release.effective.to,
        drug=drug,
        standard=next((one for one in release.standard if one.drug == drug), None),
        rows=_ranked([(row, covered) for row, covered in found if covered], intended),
        no_row=tuple(pair for pair in pairs if pair not in answered),
        not_known=tuple(gene for gene, groups in (("tpmt", tpmt), ("nudt15", nudt15)) if not groups),
        gaps=release.gaps,
    )


def _pairs(tpmt: Groups | None, nudt15: Groups | None) -> tuple[Pair, ...]:
    return tuple((one, other) for one in _possible(tpmt) for other in _possible(nudt15))


def _possible(groups: Groups | None) -> Iterable[PairGroup]:
    return sorted(groups, key=SAFEST_FIRST.index) if groups else ("not-known",)


def _speaks(row: PairAdvice, on: date, drug: str, setting: Setting) -> bool:
    """Of this drug and setting, in force on the date, and read by somebody: a `memory` row advises nothing."""
    begin, end = row.effective.from_, row.effective.to
    in_time = (begin is None or begin <= on) and (end is None or on <= end)
    return row.drug == drug and row.setting in ("any", setting) and in_time and row.source.mark != "memory"


def _ranked(found: list[tuple[PairAdvice, tuple[Pair, ...]]], intended: DoseRange | None) -> tuple[RowAdvice, ...]:
    """The most cautious row first; that one is used. Rows of one caution stay in the order of the file."""
    clauses = {row.id: clause_of(row, intended) for row, _ in found}
    ordered = sorted(found, key=lambda one: _caution(one[0], clauses[one[0].id]))
    return tuple(
        RowAdvice(row=row, pairs=pairs, clause=clauses[row.id], used=place == 0)
        for place, (row, pairs) in enumerate(ordered)
    )


def clause_of(row: PairAdvice, intended: DoseRange | None) -> ClauseAnswer:
    """Whether the intended start dose is as high as the row presupposes: compared in the same unit only."""
    if not row.only_if_start_at_least:
        return "none"
    limits = [parse_dose(text) for text in row.only_if_start_at_least]
    limit = next((one for one in limits if intended is not None and one.unit == intended.unit), None)
    if intended is None or limit is None:
        return "not-known"
    if intended.low >= limit.low:
        return "met"
    return "not-met" if intended.high < limit.low else "not-known"


def _caution(row: PairAdvice, clause: ClauseAnswer) -> tuple[bool, float, float]:
    """Another drug before any dose, the smaller dose before the larger; a row that gives no dose before the full one,
    and a reduction that is not asked for at this dose as the full one."""
    if row.avoid:
        return (False, 0.0, 0.0)
    if clause == "not-met":
        return (True, 1.0, 1.0)
    if row.below:
        return (True, row.below, 0.0)
    low, high = row.fraction or (_NO_DOSE_NAMED, _NO_DOSE_NAMED)
    return (True, high, low)

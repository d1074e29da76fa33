"""What each body advises for a pair of phenotypes, on a date, for a drug: bodies side by side, never averaged."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

import msgspec

from rxvigil.knowledge.dosing import DoseRange
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup, PairAdvice, PairGroup, Release, StandardDose

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
    return BodyAdvice(
        body=release.body,
        release=release.id,
        version=release.version,
        since=release.effective.from_,
        accessed=release.accessed,
        review_by=release.review_by,
        stale=on > release.review_by,
        drug=drug,
        standard=next((one for one in release.standard if one.drug == drug), None),
        rows=(),
        no_row=pairs,
        not_known=tuple(gene for gene, groups in (("tpmt", tpmt), ("nudt15", nudt15)) if not groups),
        gaps=release.gaps,
    )


def _pairs(tpmt: Groups | None, nudt15: Groups | None) -> tuple[Pair, ...]:
    return tuple((one, other) for one in _possible(tpmt) for other in _possible(nudt15))


def _possible(groups: Groups | None) -> Iterable[PairGroup]:
    return sorted(groups) if groups else ("not-known",)

"""Sources numbered in the order they are first needed: one number per publication, with every place cited in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from rxvigil.engine.assessment import Assessment, SourceShown
from rxvigil.reports.words import TIERS, in_tier


@dataclass(frozen=True)
class Place:
    """One place in a publication, and how it was read."""

    where: str
    mark: str
    checked: date
    via: str | None
    note: str | None
    review_overdue: bool


@dataclass(frozen=True)
class Cited:
    """One numbered publication."""

    number: int
    title: str
    body: str
    url: str | None
    superseded_by: str | None
    places: tuple[Place, ...]


def citations(assessment: Assessment) -> dict[str, Cited]:
    """Every publication the assessment rests on, by its key, numbered from 1."""
    return numbered(_sources(assessment))


def numbered(sources_in_order: Iterable[SourceShown]) -> dict[str, Cited]:
    """Every publication by its key, numbered from 1 in the order in which it is first needed."""
    by_ref: dict[str, list[SourceShown]] = {}
    for source in sources_in_order:
        by_ref.setdefault(source.ref, []).append(source)
    return {ref: _cited(number, sources) for number, (ref, sources) in enumerate(by_ref.items(), start=1)}


def _sources(assessment: Assessment) -> Iterator[SourceShown]:
    for tier in TIERS:
        for finding in in_tier(assessment, tier):
            yield from finding.sources
    yield from (protocol.source for protocol in assessment.protocols if protocol.source)


def _cited(number: int, sources: list[SourceShown]) -> Cited:
    first = sources[0]
    places = dict.fromkeys(
        Place(one.where, one.mark, one.checked, one.via, one.note, one.review_overdue) for one in sources
    )
    return Cited(number, first.title, first.body, first.url, first.superseded_by, tuple(places))

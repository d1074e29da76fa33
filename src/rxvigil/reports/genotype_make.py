"""From calls of genes to the result that is shown: each distinct call and pair once, with each body's advice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from rxvigil.engine.findings import sources_shown
from rxvigil.genetics import BodyAdvice, GeneCall, RowAdvice, Statement, advise_under, in_force, safest
from rxvigil.genetics.advice import Setting
from rxvigil.genetics.groups import SAFEST_FIRST
from rxvigil.genetics.haplotypes import Diplotype
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.dosing import DoseRange
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup, Release
from rxvigil.reports.genotype_result import (
    SCHEMA,
    AdviceShown,
    CallShown,
    DiplotypeShown,
    GenotypeResult,
    InputShown,
    PairShown,
    ReleaseShown,
    RowShown,
    SampleShown,
    SiteShown,
)

Said = GeneCall | Statement
"""What is known of one gene: a call from a file, or a laboratory's words."""
GENES = ("tpmt", "nudt15")


@dataclass(frozen=True)
class Asked:
    """What the user asked for."""

    release: Release
    """The rules to call by. The other bodies' advice is that in force on the day."""
    on: date
    drug: str
    intended: DoseRange | None = None
    setting: Setting = "non-malignant"


@dataclass
class Maker:
    """Builds a result from samples given one after another."""

    book: RuleBook
    asked: Asked
    input: InputShown
    calls: list[CallShown] = field(default_factory=list)
    pairs: list[PairShown] = field(default_factory=list)
    samples: list[SampleShown] = field(default_factory=list)
    _places: dict[int, tuple[int, Said]] = field(default_factory=dict)
    _pair_places: dict[tuple[int | None, int | None], int] = field(default_factory=dict)

    def add(self, sample: str, tpmt: Said | None, nudt15: Said | None) -> None:
        """One sample. The same object given again is the same call."""
        key = (self._place(tpmt), self._place(nudt15))
        place = self._pair_places.get(key)
        if place is None:
            place = self._pair_places[key] = len(self.pairs)
            self.pairs.append(self._pair_shown(key, tpmt, nudt15))
        self.samples.append(SampleShown(sample, place))

    def result(self) -> GenotypeResult:
        """Everything added so far."""
        asked = self.asked
        return GenotypeResult(
            schema=SCHEMA,
            on=asked.on,
            book=self.book.digest,
            release=_release_shown(asked.release, asked.on),
            input=self.input,
            drug=asked.drug,
            drug_name=self.book.vocabulary.show(asked.drug),
            intended=str(asked.intended) if asked.intended else None,
            setting=asked.setting,
            calls=tuple(self.calls),
            pairs=tuple(self.pairs),
            samples=tuple(self.samples),
        )

    def advice_of(self, tpmt: Said | None, nudt15: Said | None, *, untested: bool) -> tuple[BodyAdvice, ...]:
        """The advice of the body whose rules were asked for, and of every other body whose rules are in force; with
        `untested`, for sites outside the minimum panel that were not seen taken for the reference."""
        asked = self.asked
        others = [one for one in in_force(self.book.releases, asked.on) if one.body != asked.release.body]
        first, second = (groups_of(said, untested=untested) for said in (tpmt, nudt15))
        return tuple(
            advise_under(one, asked.on, asked.drug, first, second, asked.intended, asked.setting)
            for one in (asked.release, *others)
        )

    def _place(self, said: Said | None) -> int | None:
        if said is None:
            return None
        found = self._places.get(id(said))
        if found is None:
            found = self._places[id(said)] = (len(self.calls), said)
            self.calls.append(self._shown(said))
        return found[0]

    def _shown(self, said: Said) -> CallShown:
        name = self.book.vocabulary.show(said.gene)
        return _statement_shown(said, name) if isinstance(said, Statement) else _call_shown(said, name)

    def _pair_shown(self, key: tuple[int | None, int | None], tpmt: Said | None, nudt15: Said | None) -> PairShown:
        untested = self.input.untested_as_reference
        advice = tuple(map(self._advice_shown, self.advice_of(tpmt, nudt15, untested=untested)))
        other = tuple(map(self._advice_shown, self.advice_of(tpmt, nudt15, untested=True)))
        differs = other != advice
        return PairShown(
            tpmt=key[0],
            nudt15=key[1],
            advice=advice,
            advice_if_untested_are_reference=other if differs else (),
        )

    def _advice_shown(self, advice: BodyAdvice) -> AdviceShown:
        return AdviceShown(
            body=advice.body,
            release=advice.release,
            version=advice.version,
            since=advice.since,
            review_overdue=advice.stale,
            superseded=advice.superseded,
            standard=tuple(advice.standard.dose) if advice.standard else (),
            rows=tuple(self._row_shown(one, advice.review_by) for one in advice.rows),
            no_row=advice.no_row,
            gaps=advice.gaps,
        )

    def _row_shown(self, one: RowAdvice, review_by: date) -> RowShown:
        row = one.row
        return RowShown(
            id=row.id,
            says=row.says,
            strength=row.strength,
            clause=one.clause,
            only_if_start_at_least=row.only_if_start_at_least,
            used=one.used,
            pairs=one.pairs,
            fraction=row.fraction,
            below=row.below,
            avoid=row.avoid,
            source=sources_shown((row.source,), self.book, self.asked.on, review_by)[0],
            disagrees=tuple(f"{other.says} ({other.source.mark})" for other in row.disagrees),
        )


def groups_of(said: Said | None, *, untested: bool) -> frozenset[MetaboliserGroup] | None:
    """The phenotypes that count; none where nothing is known."""
    if said is None:
        return None
    if isinstance(said, Statement):
        return said.phenotypes or None
    return said.phenotypes_as_tested if untested else said.phenotypes


def most_careful_first(groups: Iterable[MetaboliserGroup]) -> tuple[str, ...]:
    """Phenotypes in the order in which a dose is chosen."""
    return tuple(sorted(groups, key=SAFEST_FIRST.index))


def _call_shown(call: GeneCall, name: str) -> CallShown:
    return CallShown(
        gene=call.gene,
        name=name,
        diplotypes=_diplotypes(call.diplotypes),
        phenotypes=most_careful_first(call.phenotypes),
        dose_by=call.safest,
        if_untested_are_reference=_diplotypes(call.as_tested),
        phenotypes_if_untested_are_reference=most_careful_first(call.phenotypes_as_tested),
        dose_by_if_untested_are_reference=call.safest_as_tested,
        sites=tuple(SiteShown(one.site, one.position, one.status, one.tier_1, one.alleles) for one in call.notes),
        minimum_panel_open=call.tier_1_open,
        resolved_by=call.resolved_by,
        too_many=call.too_many,
    )


def _statement_shown(said: Statement, name: str) -> CallShown:
    pairs = _diplotypes(said.diplotypes)
    return CallShown(
        gene=said.gene,
        name=name,
        diplotypes=pairs,
        phenotypes=most_careful_first(said.phenotypes),
        dose_by=safest(said.phenotypes),
        if_untested_are_reference=pairs,
        phenotypes_if_untested_are_reference=most_careful_first(said.phenotypes),
        dose_by_if_untested_are_reference=safest(said.phenotypes),
        written=said.written,
        not_tested=said.not_tested,
        caveats=said.caveats,
        why_not=said.why_not,
    )


def _diplotypes(pairs: Sequence[Diplotype]) -> tuple[DiplotypeShown, ...]:
    return tuple(DiplotypeShown(one.name, (one.first.function, one.second.function), one.phenotype) for one in pairs)


def _release_shown(release: Release, on: date) -> ReleaseShown:
    return ReleaseShown(
        id=release.id,
        title=release.title,
        body=release.body,
        version=release.version,
        since=release.effective.from_,
        accessed=release.accessed,
        review_by=release.review_by,
        review_overdue=on > release.review_by,
        superseded=release.effective.to is not None and on > release.effective.to,
    )

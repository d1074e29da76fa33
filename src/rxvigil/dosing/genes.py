"""What the record says of TPMT and NUDT15, and what the body followed makes of the pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rxvigil.dosing.case import Case
from rxvigil.dosing.plan import InputShown
from rxvigil.dosing.reductions import Kind, Reduction
from rxvigil.dosing.request import GENES
from rxvigil.engine.assessment import ActionShown, Finding, Missing
from rxvigil.engine.findings import sources_shown, stated
from rxvigil.engine.genotypes import known_of
from rxvigil.engine.state import State
from rxvigil.engine.wording import show
from rxvigil.facts import Genotype, Result
from rxvigil.genetics import BodyAdvice, RowAdvice, advise
from rxvigil.knowledge.dosing import DoseRange, parse_dose
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup

Groups = frozenset[MetaboliserGroup]
ACTIVITIES: Final = frozenset({"deficient", "intermediate", "normal", "high"})
FOLLOWED: Final[dict[str, str]] = {"NL": "dpwg"}
"""Whose pharmacogenetic advice is followed in a place; elsewhere CPIC's. The others stand beside it."""
USUALLY: Final = "cpic"


@dataclass(frozen=True)
class Known:
    """The metaboliser groups that are possible for one gene; none where nothing is known."""

    gene: str
    groups: Groups | None
    because: tuple[Genotype | Result, ...] = ()
    by_activity: str = ""
    """The laboratory's word for the activity, where no genotype is known: bodies give it doses of its own."""

    @property
    def open(self) -> bool:
        """Whether a reduction cannot be excluded for want of a result."""
        return not self.by_activity and (not self.groups or "indeterminate" in self.groups)


def known(gene: str, case: Case) -> Known:
    """The groups that reports leave possible by the rules of the day; for TPMT without a report, the activity."""
    state = case.state
    found = known_of(state, gene)
    unread = bool(state.unread.get(gene))
    if found.groups:
        return Known(gene, found.groups | ({"indeterminate"} if unread else frozenset()), found.reports)
    activity = state.latest("tpmt-activity", None).results if gene == "tpmt" else ()
    words = " or ".join(sorted({one.category for one in activity if one.category in ACTIVITIES}))
    normal: Groups | None = frozenset({"normal"}) if words in ("normal", "high") else None
    return Known(gene, normal, activity if words else found.reports, words)


@dataclass(frozen=True)
class GeneAdvice:
    """What the pair of genes does to the dose."""

    reductions: tuple[Reduction, ...] = ()
    """Certain ones, and those that hold if a gene that is not known is intermediate."""
    findings: tuple[Finding, ...] = ()
    beside: tuple[str, ...] = ()
    """What the other bodies say."""
    inputs: tuple[InputShown, ...] = ()
    tpmt_settled: bool = False
    """TPMT is known, or it was decided to start without it: an activity that nobody measured holds nothing up."""


def advise_on(case: Case, intended: DoseRange) -> GeneAdvice:
    """The advice of the body followed for the safest pair that is possible, and of the others beside it."""
    if not any(row.drug == case.drug for release in case.book.releases.values() for row in release.advice):
        return GeneAdvice()
    genes = {gene: known(gene, case) for gene in GENES}
    groups = {gene: one.groups for gene, one in genes.items()}
    bodies = _advice(case, intended, groups)
    followed = _followed(bodies, case.jurisdiction)
    certain = _certain(followed, genes, case)
    unknown = tuple(gene for gene, one in genes.items() if one.open)
    possible = _possible(case, intended, genes) if unknown else []
    return GeneAdvice(
        reductions=(*certain, *(one for one in possible if not certain or certain[0].kind != "avoid")),
        findings=_open(unknown, possible, case) if unknown else (),
        beside=tuple(_beside(one, one.used) for one in bodies if one is not followed and one.used),
        inputs=tuple(_input(one, case.state) for one in genes.values()),
        tpmt_settled=not genes["tpmt"].open or "tpmt" in case.request.start_untested,
    )


def _advice(case: Case, intended: DoseRange, groups: Mapping[str, Groups | None]) -> tuple[BodyAdvice, ...]:
    releases, on, setting = case.book.releases, case.state.on, case.request.setting
    return advise(releases, on, case.drug, groups["tpmt"], groups["nudt15"], intended, setting)


def _followed(bodies: tuple[BodyAdvice, ...], jurisdiction: str) -> BodyAdvice | None:
    wanted = FOLLOWED.get(jurisdiction, USUALLY)
    mine = [one for one in bodies if wanted in one.release]
    return next(iter(mine or bodies), None)


def _certain(followed: BodyAdvice | None, genes: Mapping[str, Known], case: Case) -> list[Reduction]:
    """What the body followed asks for, by the facts there are."""
    used = followed.used if followed else None
    if followed is None or used is None or used.row.fraction == (1.0, 1.0) or _only_normal(genes):
        return []
    because = tuple(show(fact, case.words) for one in genes.values() for fact in one.because)
    finding = Finding(
        rule=f"{followed.release}#{used.row.id}",
        kind="genotype",
        tier="STOP" if used.row.avoid else "KNOW",
        cause=_cause(genes, case.words),
        says=f"{followed.body}: {used.row.says}",
        action=_action(used),
        because=because,
        sources=sources_shown((used.row.source, *used.row.also), case.book, case.state.on, followed.review_by),
        disagrees=stated(used.row.disagrees, case.book),
        notes=(f"{followed.version}; strength: {used.row.strength.replace('-', ' ')}",),
    )
    return [_reduction(used, finding, certain=True)]


def _only_normal(genes: Mapping[str, Known]) -> bool:
    """Nothing is known that lowers the dose: what is not known is said elsewhere."""
    return all(not one.groups or one.groups <= {"normal", "indeterminate"} for one in genes.values())


def _cause(genes: Mapping[str, Known], words: Vocabulary) -> str:
    said = [
        f"{words.show(gene)} {_spoken(one.groups)}" for gene, one in genes.items()
        if one.groups and one.groups != {"normal"}
    ]  # fmt: skip
    return ", ".join(said) or "TPMT and NUDT15"


def _spoken(groups: Groups | None) -> str:
    return " or ".join(sorted(group.replace("-", " ") for group in groups)) if groups else "not known"


def _action(used: RowAdvice) -> ActionShown:
    if used.row.avoid:
        return ActionShown("avoid", "Choose another drug.", "now", "must")
    if used.clause == "not-met":
        says = "The intended dose is below the one from which this body lowers it; go by the counts."
        return ActionShown("monitor", says, "now", "should")
    return ActionShown("reduce", "Begin with the reduced dose, then go by the counts.", "now", "should")


def _reduction(used: RowAdvice, finding: Finding, *, certain: bool) -> Reduction:
    row = used.row
    fraction = row.fraction or ((row.below, row.below) if row.below else None)
    kind: Kind = "avoid" if row.avoid else "fraction" if fraction else "no_number"
    return Reduction(
        id=finding.rule,
        kind=kind,
        group="genes",
        cause=finding.cause,
        finding=finding,
        certain=certain,
        fraction=fraction or (1.0, 1.0),
        unnumbered=row.below is not None,
        from_=tuple(parse_dose(one) for one in row.only_if_start_at_least),
        source=finding.sources[0] if finding.sources else None,
        missing=finding.missing,
    )


def _possible(case: Case, intended: DoseRange, genes: Mapping[str, Known]) -> list[Reduction]:
    """What the body would ask for if the genes that are not known were intermediate; not for those started without."""
    supposed: dict[str, Groups | None] = {gene: one.groups for gene, one in genes.items()}
    for gene, one in genes.items():
        if one.open and gene not in case.request.start_untested:
            supposed[gene] = frozenset({"intermediate"})
    if all(supposed[gene] == one.groups for gene, one in genes.items()):
        return []
    followed = _followed(_advice(case, intended, supposed), case.jurisdiction)
    used = followed.used if followed else None
    if followed is None or used is None or used.row.avoid:
        return []
    names = [case.words.show(gene) for gene, one in genes.items() if supposed[gene] != one.groups]
    finding = Finding(
        rule=f"{followed.release}#{used.row.id}",
        kind="genotype",
        tier="CANNOT SAY",
        cause=f"{' and '.join(names)} intermediate",
        says=f"{followed.body}: {used.row.says}",
        action=ActionShown("test", f"Test {' and '.join(names)}.", "soon", "should"),
        sources=sources_shown((used.row.source,), case.book, case.state.on, followed.review_by),
    )
    return [_reduction(used, finding, certain=False)]


def _open(unknown: tuple[str, ...], possible: list[Reduction], case: Case) -> tuple[Finding, ...]:
    """That a gene is not known, and what was done about it."""
    names = " and ".join(case.words.show(gene) for gene in unknown)
    decided = " and ".join(case.words.show(gene) for gene in unknown if gene in case.request.start_untested)
    lower = "The dose shown is the lower one, as if intermediate. " if possible else ""
    without = f"Starting without {decided} was chosen. " if decided else ""
    gap = Missing(f"{names} phenotype", "no report states it", f"test {names}, or find the result")
    return (
        Finding(
            rule="dosing/genes-not-known",
            kind="cannot-say",
            tier="CANNOT SAY",
            cause=f"not known: {names}",
            says=f"{names}: not known. {lower}{without}A poor metaboliser must not have a usual dose.",
            action=ActionShown("test", f"Test {names} before the first dose.", "soon", "should"),
            missing=(gap,),
            sources=possible[0].finding.sources if possible else (),
            would_be="STOP",
        ),
    )


def _beside(body: BodyAdvice, used: RowAdvice | None) -> str:
    says = used.row.says if used else "says nothing"
    return f"{body.body} ({body.version}): {says}"


def _input(one: Known, state: State) -> InputShown:
    last = [fact.when for fact in one.because if fact.when is not None]
    return InputShown(
        name=state.words.show(one.gene),
        value=f"{one.by_activity} by activity" if one.by_activity else _spoken(one.groups),
        when=last[-1].iso if last else None,
        days_old=(state.on - last[-1].last).days if last else None,
        origin="; ".join(str(fact.origin) for fact in one.because),
    )

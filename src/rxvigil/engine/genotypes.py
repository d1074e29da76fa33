"""What is known of a gene on a date: the metaboliser groups that all reports together allow, by the rules of that day.

A report may state a group, pairs of star alleles, or words. Pairs and words mean what the release of the body in force
on the date of the assessment makes of them; a group that a laboratory stated years ago may be another one today, and
then the more cautious of the two counts until somebody has settled it.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from rxvigil.engine.activities import activity_of
from rxvigil.engine.assessment import Missing
from rxvigil.engine.state import State
from rxvigil.facts import Genotype, Result, show_day
from rxvigil.genetics import compare, defining, in_force, narrowed, phenotype_of, read_statement, safest
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup, Release

Groups = frozenset[MetaboliserGroup]
NOTHING: Final[Groups] = frozenset()

_TELLS_APART: Final = {
    "tpmt": "measure TPMT activity, or ask the laboratory which pair of alleles it is",
}
_HIDES: Final = {"transfused": "a red cell transfusion", "on-thiopurine": "a thiopurine taken"}
"""What can make a deficient person's activity read higher."""
_ASK_WHICH_PAIR: Final = "ask the laboratory which pair of alleles it is"


class Reread(NamedTuple):
    """A report whose stated group is not what its alleles mean under the rules of the day."""

    report: Genotype
    now: Groups
    release: Release


class Reading(NamedTuple):
    """One report as it is read on the day."""

    report: Genotype
    groups: Groups
    """Every group it allows; empty where it says nothing that can be read."""
    gap: Missing | None = None
    """What it leaves open, and what would settle it."""
    reread: Reread | None = None


class GeneKnown(NamedTuple):
    """All reports of one gene together."""

    reports: tuple[Genotype, ...]
    groups: Groups
    gap: Missing | None
    rereads: tuple[Reread, ...]
    because: tuple[Result, ...] = ()
    """The activity that told possible groups apart."""

    @property
    def evidence(self) -> tuple[Genotype | Result, ...]:
        """Everything that the answer rests on."""
        return (*self.reports, *self.because)

    @property
    def settled(self) -> bool:
        """One group, and no other possible."""
        return len(self.groups) == 1


def known_of(state: State, gene: str) -> GeneKnown:
    """What the reports of a gene that are known on the date say together. Reports that leave more open are narrowed by
    those that leave less; reports that contradict one another leave open which stands."""
    reports = tuple(
        one for one in state.record.genotypes if one.gene == gene and (one.when is None or one.when.first <= state.on)
    )
    if not reports:
        return GeneKnown((), NOTHING, None, ())
    release = release_for(state, gene)
    readings = [_read(one, state, release) for one in reports]
    telling = [one.groups for one in readings if one.groups]
    together = frozenset.intersection(*telling) if telling else NOTHING
    gap = next((one.gap for one in readings if one.gap and len(one.groups) != 1), None)
    if telling and not together:
        together = frozenset[MetaboliserGroup]().union(*telling)
        gap = Missing(f"{_name(state, gene)} phenotype", "two reports differ", "ask the laboratory which one stands")
    rereads = tuple(one.reread for one in readings if one.reread)
    return _with_activity(state, gene, GeneKnown(reports, together, gap, rereads))


def _with_activity(state: State, gene: str, known: GeneKnown) -> GeneKnown:
    """Several possible groups narrowed by the activity, where nothing about its sample can hide a deficiency."""
    measured = activity_of(state, gene) if len(known.groups) > 1 else None
    if measured is None:
        return known
    left = narrowed(known.groups, measured.reading)
    if left != known.groups:
        return known._replace(groups=left, because=(measured.result,))
    ask = " or ".join(_HIDES[one] for one in measured.reading.ask if one in _HIDES)
    if not ask or known.gap is None or compare(known.groups, measured.reading):
        return known
    settles = f"ask about {ask} before the activity of {measured.result.when}: without it, the activity tells"
    return known._replace(gap=Missing(known.gap.what, known.gap.why, settles))


def release_for(state: State, gene: str) -> Release | None:
    """The release in force on the date that defines the alleles of the gene."""
    return next(iter(in_force(defining(state.words.releases, gene), state.on)), None)


def _read(report: Genotype, state: State, release: Release | None) -> Reading:
    stated: Groups = frozenset((report.phenotype,)) if report.phenotype else NOTHING
    if release is None:
        return Reading(report, stated, None if stated else _no_rules(report, state))
    if not report.diplotypes:
        return _from_words(report, stated, state, release)
    means = {pair: phenotype_of(release, report.gene, pair) for pair in report.diplotypes}
    unknown = [pair for pair, group in means.items() if group is None]
    if unknown:
        return Reading(report, stated, None if stated else _undefined(report, unknown, state, release))
    now: Groups = frozenset(group for group in means.values() if group)
    if stated and not stated & now:
        return Reading(report, frozenset((safest(stated | now),)), None, Reread(report, now, release))
    return Reading(report, now, _open(report, means, state) if len(now) > 1 else None)


def _from_words(report: Genotype, stated: Groups, state: State, release: Release) -> Reading:
    """A report without alleles: the group it states, or what its words mean."""
    said = stated or read_statement(report.written, report.gene, release).phenotypes
    if len(said) == 1:
        return Reading(report, said)
    name = _name(state, report.gene)
    why = f"the report says {' or '.join(sorted(said))}" if said else "the report does not state the metaboliser group"
    return Reading(report, said, Missing(f"{name} phenotype", why, "read the laboratory's report"))


def _no_rules(report: Genotype, state: State) -> Missing:
    name = _name(state, report.gene)
    if not report.diplotypes:
        return Missing(
            f"{name} phenotype", "the report does not state the metaboliser group", "read the laboratory's report"
        )
    why = f"no rules for star alleles are known for {show_day(state.on)}"
    return Missing(f"{name} phenotype", why, "ask the laboratory for the metaboliser group")


def _undefined(report: Genotype, pairs: list[str], state: State, release: Release) -> Missing:
    name = _name(state, report.gene)
    why = f"{' or '.join(pairs)} is not defined by {release.version}"
    return Missing(f"{name} phenotype", why, "ask the laboratory for the metaboliser group")


def _open(report: Genotype, means: dict[str, MetaboliserGroup | None], state: State) -> Missing:
    name = _name(state, report.gene)
    pairs = " or ".join(f"{pair} ({in_words(group)})" for pair, group in means.items() if group)
    settles = _TELLS_APART.get(report.gene, _ASK_WHICH_PAIR)
    return Missing(f"{name} phenotype", f"the report allows {pairs}", settles)


def _name(state: State, gene: str) -> str:
    return state.words.show(gene)


def in_words(group: str) -> str:
    """A group as people write it: "possible intermediate"."""
    return group.replace("-", " ")


def groups_in_words(groups: Iterable[str]) -> str:
    """Groups in a fixed order, for a sentence."""
    return " or ".join(in_words(one) for one in sorted(groups))


def all_rereads(state: State) -> Iterator[Reread]:
    """Every report on record whose stated group is not what its alleles mean today."""
    for gene in sorted({one.gene for one in state.record.genotypes}):
        yield from known_of(state, gene).rereads

"""Findings about reports of genes: a report that reads otherwise under the rules of today."""

from collections.abc import Iterator
from typing import Final

from rxvigil.engine.assessment import ActionShown, Finding
from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.findings import sources_shown
from rxvigil.engine.genotypes import Reread, all_rereads, groups_in_words, in_words
from rxvigil.engine.state import State
from rxvigil.engine.wording import show
from rxvigil.facts import show_day
from rxvigil.genetics import safest

_SETTLE: Final = ActionShown(
    "ask",
    "Ask the laboratory, or a pharmacist, to confirm the report under today's rules.",
    "soon",
    "should",
)


def genotype_findings(state: State, ready: CompiledBook) -> Iterator[Finding]:
    """One for each report whose stated group is not what its alleles mean under the release in force."""
    for reread in all_rereads(state):
        yield _reread(reread, state, ready)


def _reread(reread: Reread, state: State, ready: CompiledBook) -> Finding:
    report, release = reread.report, reread.release
    name = state.words.show(report.gene)
    stated = report.phenotype or "indeterminate"
    dated = f" of {report.when}" if report.when else ""
    since = f" (in force from {show_day(release.effective.from_)})" if release.effective.from_ else ""
    source = next(gene.source for gene in release.genes if gene.key == report.gene)
    return Finding(
        rule=f"engine/genotype-re-read/{report.gene}",
        kind="genotype",
        tier="KNOW",
        cause=f"{name} report re-read",
        says=f"The {name} report{dated} states {in_words(stated)}; its {' or '.join(report.diplotypes)} is "
        f"{groups_in_words(reread.now)} under {release.version}{since}. Until that is settled, "
        f"{in_words(safest({stated, *reread.now}))} counts, the more cautious.",
        action=_SETTLE,
        because=(show(report, state.words),),
        sources=sources_shown((source,), ready.book, state.on, release.review_by),
    )

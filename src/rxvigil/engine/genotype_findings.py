"""Findings about reports of genes: one that reads otherwise under the rules of today, one that the activity denies."""

from collections.abc import Iterator
from typing import Final

from rxvigil.engine.activities import ActivityKnown, activity_of
from rxvigil.engine.assessment import ActionShown, Finding
from rxvigil.engine.compiled import CompiledBook
from rxvigil.engine.findings import sources_shown
from rxvigil.engine.genotypes import GeneKnown, Reread, all_rereads, groups_in_words, in_words, known_of
from rxvigil.engine.state import State
from rxvigil.engine.wording import show
from rxvigil.facts import Genotype, Result, show_day
from rxvigil.genetics import Conflict, compare, safest

_SETTLE: Final = ActionShown(
    "ask",
    "Ask the laboratory, or a pharmacist, to confirm the report under today's rules.",
    "soon",
    "should",
)

_BY_GENOTYPE: Final = ActionShown("monitor", "Go by the genotype; do not repeat the activity yet.", "soon", "should")
_REPEAT: Final = ActionShown(
    "repeat",
    "Repeat the activity, check that both samples are this person's, and dose by the lower until it is settled.",
    "this week",
    "should",
)
_RULE_OUT: Final = {
    "transfused": "a red cell transfusion before the activity was measured",
    "on-thiopurine": "a thiopurine taken when the activity was measured",
    "leukaemia": "leukaemia at the time of the sample",
}


def genotype_findings(state: State, ready: CompiledBook) -> Iterator[Finding]:
    """One for each report whose stated group is not what its alleles mean under the release in force, and one for each
    gene whose genotype and measured activity cannot both be true."""
    for reread in all_rereads(state):
        yield _reread(reread, state, ready)
    for gene in sorted({one.gene for one in state.record.genotypes}):
        measured, known = activity_of(state, gene), known_of(state, gene)
        conflict = compare(known.groups, measured.reading) if measured else None
        if measured and conflict:
            yield _denied(gene, known, measured, conflict, state, ready)


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


def _denied(
    gene: str, known: GeneKnown, measured: ActivityKnown, conflict: Conflict, state: State, ready: CompiledBook
) -> Finding:
    name = state.words.show(gene)
    misled = conflict.go_by == "genotype"
    caveats = measured.reading.caveats
    group = measured.result.category or ""
    facts: tuple[Genotype | Result, ...] = (*known.reports, measured.result)
    return Finding(
        rule=f"engine/genotype-against-activity/{gene}",
        kind="genotype",
        tier="KNOW" if misled else "ACT",
        cause=f"{name} genotype and activity disagree",
        says=f"{name} is {groups_in_words(conflict.genotype)} by genotype and {group} by activity "
        f"({measured.result.when}). {conflict.says}",
        action=_BY_GENOTYPE if misled else _REPEAT,
        because=tuple(show(fact, state.words) for fact in facts),
        sources=sources_shown(
            (one.source for one in caveats or measured.knowledge.caveats), ready.book, state.on,
            measured.knowledge.review_by,
        ),
        attest=() if misled else tuple(_RULE_OUT[one] for one in measured.reading.ask if one in _RULE_OUT),
        notes=tuple(one.says for one in caveats),
    )  # fmt: skip

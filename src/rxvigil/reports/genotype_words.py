"""The words of a genotype report, so that text and table agree."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rxvigil.facts import show_day
from rxvigil.reports.genotype_result import AdviceShown, CallShown, DiplotypeShown, GenotypeResult, RowShown, SiteShown

MOST_NAMED: Final = 12
"""Possible diplotypes that are named; above it they are counted by phenotype."""
MOST_SITES: Final = 6
"""Sites named one by one; above it they are counted."""

GROUP: Final[dict[str, str]] = {
    "normal": "normal",
    "intermediate": "intermediate",
    "possible-intermediate": "possible intermediate",
    "poor": "poor",
    "indeterminate": "indeterminate",
    "not-known": "not known",
}
STATUS: Final[dict[str, str]] = {
    "missing": "not called (./.)",
    "absent": "not in the file",
    "filtered": "did not pass its filter",
    "half-called": "half called",
    "undocumented": "an allele that the rules do not know",
    "conflicting": "records that contradict each other",
    "not-diploid": "not two alleles",
}
RESOLVED_BY: Final[dict[str, str]] = {
    "tpmt-activity": "TPMT activity in red cells, unless transfused lately",
    "phasing": "which variants lie on one chromosome: long reads, or the genotypes of both parents",
    "sites": "the sites that were not called: a gVCF or calls made at these positions, or a test of them",
}
STRENGTH: Final[dict[str, str]] = {
    "strong": "strong recommendation",
    "moderate": "moderate recommendation",
    "optional": "optional recommendation",
    "none": "no recommendation",
    "not-stated": "strength not stated",
}


def group(name: str) -> str:
    """A phenotype as people read it."""
    return GROUP.get(name, name)


def possible(pairs: tuple[DiplotypeShown, ...]) -> str:
    """'*1/*3A (intermediate) or *3B/*3C (poor)'; many are counted by phenotype."""
    if len(pairs) <= MOST_NAMED:
        return " or ".join(f"{one.name} ({group(one.phenotype)})" for one in pairs)
    counts = Counter(one.phenotype for one in pairs)
    by_group = ", ".join(f"{counts[name]} {group(name)}" for name in GROUP if name in counts)
    return f"{len(pairs)} diplotypes fit: {by_group}"


def phenotypes(groups: Iterable[str]) -> tuple[str, ...]:
    """Phenotypes from normal to poor, as people name them."""
    found = set(groups)
    return tuple(name for name in GROUP if name in found)


def is_open(groups: tuple[str, ...]) -> bool:
    """Whether more than one phenotype is possible, or none can be told."""
    return len(groups) != 1 or groups[0] in ("indeterminate", "possible-intermediate")


def verdict(result: GenotypeResult, call: CallShown | None) -> str:
    """The gene in one line: what is known, or by what to dose until it is."""
    if call is None:
        return "nothing is known; intermediate and poor cannot be excluded"
    if call.why_not:
        return f"cannot say: {call.why_not}"
    if call.too_many:
        return "cannot say: too many unphased variants; nothing can be excluded"
    found = phenotypes(result.groups(call))
    if len(found) == 1:
        names = {one.name for one in result.counted(call)}
        star = f"{next(iter(names))}, " if len(names) == 1 else ""
        return f"{star}{group(found[0])} metaboliser" if found[0] != "indeterminate" else f"{star}indeterminate"
    *several, last = (group(name) for name in found)
    return f"cannot say: {', '.join(several)} or {last}. Until it is resolved dose as {group(result.dose_by(call))}"


def on_the_panel(result: GenotypeResult, call: CallShown | None) -> str:
    """What the sites that were seen say, where the minimum panel is whole and only rarer sites were not seen."""
    if call is None or result.input.untested_as_reference or call.minimum_panel_open or not call.sites:
        return ""
    if call.diplotypes == call.if_untested_are_reference or not call.if_untested_are_reference:
        return ""
    return possible(call.if_untested_are_reference)


def site_lines(sites: Iterable[SiteShown]) -> Iterator[str]:
    """What is not known and why: the minimum panel by name, many others counted."""
    by_status: dict[tuple[bool, str], list[SiteShown]] = {}
    for site in sites:
        by_status.setdefault((not site.minimum_panel, site.status), []).append(site)
    for (outside, status), found in sorted(by_status.items()):
        where = "outside the minimum panel" if outside else "of the minimum panel"
        if outside and len(found) > MOST_SITES:
            yield f"{len(found)} sites {where}: {STATUS[status]}"
            continue
        for site in found:
            yield f"{site.site} {where}, needed for {', '.join(site.alleles)}: {STATUS[status]}"


def assumptions(result: GenotypeResult) -> list[str]:
    """Every assumption that the calls rest on."""
    made = []
    if result.input.absent_is_reference:
        made.append(
            "Sites absent from the file are taken for the reference (--absent-is-reference): right only for a joint "
            "call set that leaves out sites at which everybody is reference."
        )
    if result.input.untested_as_reference:
        made.append(
            "Sites outside the minimum panel that were not seen are taken for the reference "
            "(--untested-as-reference), as laboratories do that test a panel."
        )
    return made


def assumptions_in_short(result: GenotypeResult) -> str:
    """The assumptions for a cell of a table."""
    made = [
        *(["absent sites taken for reference"] if result.input.absent_is_reference else []),
        *(
            ["untested sites outside the minimum panel taken for reference"]
            if result.input.untested_as_reference
            else []
        ),
    ]
    return "; ".join(made) or "none"


def rules_line(result: GenotypeResult) -> str:
    """Which rules the calls were made under."""
    release = result.release
    since = f", in force from {show_day(release.since)}" if release.since else ""
    old = "; superseded, used because you asked for it" if release.superseded else ""
    late = "; past its review date" if release.review_overdue else ""
    return f"Rules: {release.version}, {release.body}{since}, read {show_day(release.accessed)}{old}{late}."


def input_line(result: GenotypeResult) -> str:
    """What was read."""
    read = result.input
    if read.kind == "statement":
        return "From the laboratory's words."
    return (
        f"Read from {', '.join(read.files)}: {read.build} ({read.build_known}), {read.records} records about our sites."
    )


def used_row(advice: AdviceShown) -> RowShown | None:
    """The row to follow until it is resolved which applies."""
    return next((row for row in advice.rows if row.used), None)


def advice_head(advice: AdviceShown) -> str:
    """Body, version and date."""
    since = f", from {show_day(advice.since)}" if advice.since else ""
    old = ", superseded" if advice.superseded else ""
    late = ", past its review date" if advice.review_overdue else ""
    standard = f"; its standard start is {' or '.join(advice.standard)}" if advice.standard else ""
    return f"{advice.body} ({advice.version}{since}{old}{late}{standard})"


def clause_line(row: RowShown, intended: str | None) -> str:
    """Whether the row's condition on the intended dose holds."""
    limit = " or ".join(row.only_if_start_at_least)
    match row.clause:
        case "met":
            return f"Holds for a start of {limit} or more; {intended} is intended."
        case "not-met":
            return f"Holds for a start of {limit} or more; {intended} is intended, so a reduction may not be needed."
        case "not-known":
            return f"Holds for a start of {limit} or more; whether the intended dose is that high is not known."
        case _:
            return ""


def pairs_line(pairs: Iterable[tuple[str, str]]) -> str:
    """'TPMT poor with NUDT15 normal or intermediate; TPMT intermediate with NUDT15 poor'."""
    by_first: dict[str, list[str]] = {}
    for tpmt, nudt15 in pairs:
        by_first.setdefault(group(tpmt), []).append(group(nudt15))
    by_second: dict[str, list[str]] = {}
    for first, seconds in by_first.items():
        by_second.setdefault(" or ".join(seconds), []).append(first)
    return "; ".join(f"TPMT {' or '.join(firsts)} with NUDT15 {second}" for second, firsts in by_second.items())

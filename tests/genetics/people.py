"""Made-up samples: what is seen at the sites, written by what differs from the reference."""

from collections.abc import Sequence

from rxvigil.genetics import GeneCall, ReadyGene, SiteCall

Pair = tuple[str, str]


def seen(gene: ReadyGene, phase: str = "", **differing: Pair | SiteCall) -> list[SiteCall]:
    """Every site called and the reference, but for the sites named."""
    unknown = set(differing) - {site.id for site in gene.sites}
    assert not unknown, f"no such site: {unknown}"
    calls = []
    for site in gene.sites:
        given = differing.get(site.id, (site.reference, site.reference))
        calls.append(given if isinstance(given, SiteCall) else SiteCall("called", given, phase))
    return calls


def names(call: GeneCall) -> set[str]:
    """'*1/*3A' of every possible pair."""
    return {pair.name for pair in call.diplotypes}


def shown(call: GeneCall) -> dict[str, str]:
    """Every possible pair with its phenotype."""
    return {pair.name: pair.phenotype for pair in call.diplotypes}


def named(call: GeneCall) -> set[str]:
    """The pairs of named alleles."""
    return {pair.name for pair in call.diplotypes if pair.named}


def without(calls: Sequence[SiteCall], gene: ReadyGene, **instead: SiteCall) -> list[SiteCall]:
    """The same sample with some sites seen otherwise."""
    return [instead.get(site.id, call) for site, call in zip(gene.sites, calls, strict=True)]

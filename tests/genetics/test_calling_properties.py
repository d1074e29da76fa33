"""What holds of every call: simulated genomes, and a caller that tries every pair of named alleles as the oracle."""

from collections.abc import Sequence
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genetics.people import named, names
from rxvigil.genetics import ABSENT, MISSING, OTHER, UNKNOWN, ReadyGene, SiteCall, call_gene
from rxvigil.genetics.calling import MOST_ARRANGEMENTS
from rxvigil.genetics.ready import carried

Strand = tuple[str, ...]
Genes = dict[tuple[str, str], ReadyGene]
WHICH = [("A", "tpmt"), ("A", "nudt15"), ("B", "tpmt"), ("C", "tpmt"), ("C", "nudt15")]
KEYS = st.sampled_from(WHICH)


def strands_of(gene: ReadyGene, name: str) -> list[Strand]:
    """Every way of carrying a named allele, site by site: from the definition, not from the caller."""
    allele = next(one for one in gene.gene.alleles if one.name == name)
    return list(product(*(carried(allele, site) for site in gene.sites)))


def phased(first: Strand, second: Strand, phase: str = "1") -> list[SiteCall]:
    return [SiteCall("called", pair, phase) for pair in zip(first, second, strict=True)]


def unphased(calls: Sequence[SiteCall], turned: Sequence[bool]) -> list[SiteCall]:
    """Phase forgotten, and the alleles of a site written in either order."""
    return [
        SiteCall(call.status, call.alleles[::-1] if turn else call.alleles)
        for call, turn in zip(calls, turned, strict=True)
    ]


def poorer(call: SiteCall, how: str) -> SiteCall:
    """The same site with less known of it."""
    first, second = call.alleles
    return {
        "missing": MISSING,
        "absent": ABSENT,
        "filtered": SiteCall("filtered"),
        "first": SiteCall("half-called", (first, UNKNOWN), call.phase),
        "second": SiteCall("half-called", (UNKNOWN, second), call.phase),
        "unphased": SiteCall(call.status, call.alleles),
    }[how]


HOW = st.sampled_from(["missing", "absent", "filtered", "first", "second", "unphased"])


@st.composite
def people(draw: st.DrawFn, gene: ReadyGene) -> tuple[str, list[SiteCall]]:
    """Two named alleles, and the phased sample they make."""
    pair = [draw(st.sampled_from([one.name for one in gene.named])) for _ in range(2)]
    first, second = (draw(st.sampled_from(strands_of(gene, name))) for name in pair)
    ordered = sorted(pair, key=[one.name for one in gene.named].index)
    return "/".join(ordered), phased(first, second)


@st.composite
def anybody(draw: st.DrawFn, gene: ReadyGene) -> list[SiteCall]:
    """A sample of any alleles at a few sites, defined or not, with phase sets and gaps of every kind."""
    calls = [SiteCall("called", (site.reference, site.reference)) for site in gene.sites]
    for index in draw(st.sets(st.integers(0, len(calls) - 1), max_size=6)):
        site = gene.sites[index]
        values = st.sampled_from([site.reference, *site.alternatives, OTHER, UNKNOWN])
        phase = draw(st.sampled_from(["", "1", "2"]))
        calls[index] = SiteCall("called", (draw(values), draw(values)), phase)
    return calls


def oracle(gene: ReadyGene, calls: Sequence[SiteCall]) -> set[str]:
    """Every pair of named alleles that agrees with the calls, found by trying them all."""
    strands = [(one.name, strand) for one in gene.named for strand in strands_of(gene, one.name)]
    return {
        f"{first[0]}/{second[0]}"
        for first, second in combinations_with_replacement(strands, 2)
        if agrees(first[1], second[1], calls)
    }


def agrees(first: Strand, second: Strand, calls: Sequence[SiteCall]) -> bool:
    """In every phase set one way of laying the two haplotypes onto the two columns fits all its sites."""
    columns: dict[str, set[bool]] = {}
    for index, call in enumerate(calls):
        ways = {
            turned
            for turned in (False, True)
            if fits(call.alleles, (second[index], first[index]) if turned else (first[index], second[index]))
        }
        key = call.phase or f"alone {index}"
        columns[key] = columns.get(key, {False, True}) & ways
    return all(columns.values())


def fits(seen: tuple[str, str], truth: tuple[str, str]) -> bool:
    return all(one in (UNKNOWN, other) for one, other in zip(seen, truth, strict=True))


@settings(max_examples=150, deadline=None)
@given(data=st.data(), where=KEYS)
def test_a_phased_sample_is_called_as_what_it_was_made_of(
    ready: Genes, data: st.DataObject, where: tuple[str, str]
) -> None:
    truth, calls = data.draw(people(ready[where]))
    assert names(call_gene(ready[where], calls)) == {truth}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), where=KEYS)
def test_the_phased_answer_is_among_the_unphased(ready: Genes, data: st.DataObject, where: tuple[str, str]) -> None:
    gene = ready[where]
    truth, calls = data.draw(people(gene))
    turned = data.draw(st.lists(st.booleans(), min_size=len(calls), max_size=len(calls)))
    found = call_gene(gene, unphased(calls, turned))
    assert truth in names(found)
    assert call_gene(gene, calls).phenotypes <= found.phenotypes


@settings(max_examples=60, deadline=None)
@given(data=st.data(), where=KEYS)
def test_named_pairs_are_exactly_those_that_agree(ready: Genes, data: st.DataObject, where: tuple[str, str]) -> None:
    calls = data.draw(anybody(ready[where]))
    assert named(call_gene(ready[where], calls)) == ordered(ready[where], oracle(ready[where], calls))


def ordered(gene: ReadyGene, pairs: set[str]) -> set[str]:
    """The lower allele first, as the definition lists them."""
    place = [one.name for one in gene.named].index
    return {"/".join(sorted(pair.split("/"), key=place)) for pair in pairs}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), where=KEYS)
def test_knowing_less_only_adds_possibilities(ready: Genes, data: st.DataObject, where: tuple[str, str]) -> None:
    gene = ready[where]
    calls = data.draw(st.one_of(anybody(gene), people(gene).map(lambda one: one[1])))
    lost = data.draw(st.dictionaries(st.integers(0, len(calls) - 1), HOW, min_size=1, max_size=5))
    less = [poorer(call, lost[index]) if index in lost else call for index, call in enumerate(calls)]
    before, after = call_gene(gene, calls), call_gene(gene, less)
    assert named(before) <= named(after)
    assert before.phenotypes <= after.phenotypes
    assert bool(after.diplotypes)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), where=KEYS)
def test_which_strand_is_written_first_does_not_matter(
    ready: Genes, data: st.DataObject, where: tuple[str, str]
) -> None:
    gene = ready[where]
    calls = data.draw(anybody(gene))
    turned = data.draw(st.dictionaries(st.sampled_from(["1", "2"]), st.booleans()))
    singles = data.draw(st.lists(st.booleans(), min_size=len(calls), max_size=len(calls)))
    other = [
        call._replace(alleles=call.alleles[::-1]) if (turned.get(call.phase, False) if call.phase else single) else call
        for call, single in zip(calls, singles, strict=True)
    ]
    assert call_gene(gene, calls).diplotypes == call_gene(gene, other).diplotypes


@settings(max_examples=150, deadline=None)
@given(data=st.data(), where=KEYS)
def test_a_missing_site_of_the_panel_never_leaves_normal_alone(
    ready: Genes, data: st.DataObject, where: tuple[str, str]
) -> None:
    gene = ready[where]
    calls = data.draw(st.one_of(anybody(gene), people(gene).map(lambda one: one[1])))
    lost = data.draw(st.sampled_from([index for index, site in enumerate(gene.sites) if site.tier_1]))
    calls[lost] = data.draw(st.sampled_from([ABSENT, MISSING, SiteCall("filtered"), SiteCall("conflicting")]))
    found = call_gene(gene, calls)
    assert gene.sites[lost].id in found.tier_1_open
    assert found.phenotypes - {"normal"}
    assert found.phenotypes_as_tested - {"normal"}


@settings(max_examples=100, deadline=None)
@given(data=st.data(), where=KEYS)
def test_as_tested_is_among_the_possible(ready: Genes, data: st.DataObject, where: tuple[str, str]) -> None:
    found = call_gene(ready[where], data.draw(anybody(ready[where])))
    assert set(found.as_tested) <= set(found.diplotypes)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), where=KEYS)
def test_hostile_calls_end_in_bounded_work(ready: Genes, data: st.DataObject, where: tuple[str, str]) -> None:
    """Anything at every site: never more pairs than arrangements allow, never an error, never an empty answer."""
    gene = ready[where]
    value = st.sampled_from([UNKNOWN, OTHER, "A", "C", "3", "4", "NONSENSE"])
    calls = [
        SiteCall("called", (data.draw(value), data.draw(value)), data.draw(st.sampled_from(["", "1", "2"])))
        for _ in gene.sites
    ]
    found = call_gene(gene, calls)
    count = len(gene.named) + 1
    assert found.too_many or 0 < len(found.diplotypes) <= MOST_ARRANGEMENTS * count * count
    assert found.phenotypes


@pytest.mark.parametrize("where", WHICH)
def test_the_same_sample_gives_the_same_answer(ready: Genes, where: tuple[str, str]) -> None:
    gene = ready[where]
    calls = [ABSENT] * len(gene.sites)
    assert call_gene(gene, calls) == call_gene(gene, tuple(calls))

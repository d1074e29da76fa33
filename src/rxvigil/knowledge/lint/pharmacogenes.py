"""Pharmacogenetic releases: definitions that can be called, tables that answer, rows that agree with each other."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from itertools import combinations, combinations_with_replacement, product
from typing import get_args

from rxvigil.knowledge.activity import ActivityFile
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import Function, Gene, PairAdvice, PairGroup, Release, Site, StarAllele
from rxvigil.knowledge.rules import Effective

_FUNCTIONS = get_args(Function)
_GROUPS = get_args(PairGroup)


def check_release(release: Release, words: Vocabulary) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(path, problem) of everything wrong with a release."""
    if not _in_order(release.effective):
        yield ("effective",), "it ends before it begins"
    for index, gene in enumerate(release.genes):
        yield from ((("genes", index), what) for what in _check_gene(gene, words))
    for index, standard in enumerate(release.standard):
        if words.kind_of(standard.drug) != "drug":
            yield ("standard", index), f"'{standard.drug}' is not a drug of the vocabulary"
    for index, row in enumerate(release.advice):
        yield from ((("advice", index), what) for what in _check_row(row, words))
    yield from ((("advice",), what) for what in _twice((row.id for row in release.advice), "the row"))
    yield from ((("advice",), what) for what in _check_overlap(release.advice))


def check_one_in_force(book: RuleBook) -> Iterator[tuple[str, str]]:
    """(release, problem) where two releases of one body are in force on the same day."""
    for one, other in combinations(sorted(book.releases.values(), key=lambda release: release.id), 2):
        if one.body == other.body and _overlap(one.effective, other.effective):
            yield other.id, f"{one.id} and {other.id} are in force on the same day"


def check_activity(file: ActivityFile, words: Vocabulary) -> Iterator[str]:
    """Names that do not exist, and circumstances that lack what they need."""
    if words.kind_of(file.gene) != "gene":
        yield f"'{file.gene}' is not a gene of the vocabulary"
    yield from _twice((caveat.when for caveat in file.caveats), "the circumstance")
    for caveat in file.caveats:
        for drug in caveat.drugs:
            if words.kind_of(drug) != "drug":
                yield f"'{drug}' is not a drug of the vocabulary"
        if (caveat.when == "interfering-drug") != bool(caveat.drugs):
            yield f"'{caveat.id}': drugs are named for interfering-drug and for nothing else"


def _check_gene(gene: Gene, words: Vocabulary) -> Iterator[str]:
    if words.kind_of(gene.key) != "gene":
        yield f"'{gene.key}' is not a gene of the vocabulary"
    yield from _twice((site.id for site in gene.sites), "the site")
    yield from _twice((site.position for site in gene.sites), "the position")
    yield from _twice((allele.name for allele in gene.alleles), "the allele")
    for site in gene.sites:
        yield from _check_site(site)
    sites = {site.id: site for site in gene.sites}
    for allele in gene.alleles:
        yield from _check_allele(allele, sites)
    yield from _check_definitions(gene)
    yield from _check_retired(gene)
    yield from _check_phenotypes(gene)


def _check_site(site: Site) -> Iterator[str]:
    values = (site.reference, *site.alternatives)
    if len(set(values)) != len(values):
        yield f"site '{site.id}' names an allele twice"
    if site.repeat is None:
        if any(value.isdigit() for value in values):
            yield f"site '{site.id}' counts repeats but has no 'repeat'"
        return
    if not all(value.isdigit() for value in values):
        yield f"site '{site.id}' is a repeat: its alleles are numbers of repeats"
    elif not site.repeat.context.endswith(site.repeat.unit * int(site.reference)):
        yield f"site '{site.id}': the context does not hold {site.reference} repeats of {site.repeat.unit} at its end"


def _check_allele(allele: StarAllele, sites: dict[str, Site]) -> Iterator[str]:
    for site_id, values in [*((key, (value,)) for key, value in allele.carries.items()), *allele.any_of.items()]:
        site = sites.get(site_id)
        if site is None:
            yield f"{allele.name}: '{site_id}' is not a site of the gene"
            continue
        for value in values:
            if value not in (site.reference, *site.alternatives):
                yield f"{allele.name}: '{value}' is no allele of the site '{site_id}'"
        if values == (site.reference,):
            yield f"{allele.name} carries the reference at '{site_id}': leave it out"
    for site_id in allele.carries.keys() & allele.any_of.keys():
        yield f"{allele.name} names the site '{site_id}' twice"


def _check_definitions(gene: Gene) -> Iterator[str]:
    definitions = Counter(_definition(allele) for allele in gene.alleles)
    same = {definition for definition, count in definitions.items() if count > 1}
    for definition in same:
        names = [allele.name for allele in gene.alleles if _definition(allele) == definition]
        yield f"{' and '.join(names)} carry the same"
    if not any(not allele.carries and not allele.any_of for allele in gene.alleles):
        yield "no allele is the reference"


def _definition(allele: StarAllele) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, tuple[str, ...]]]]:
    return frozenset(allele.carries.items()), frozenset(allele.any_of.items())


def _check_retired(gene: Gene) -> Iterator[str]:
    names = {allele.name for allele in gene.alleles}
    for name, successor in gene.retired.items():
        if name in names:
            yield f"{name} is retired and an allele at once"
        if successor not in names:
            yield f"{name} is retired into {successor}, which is not an allele"


def _check_phenotypes(gene: Gene) -> Iterator[str]:
    """Every pair of functions that can be called has a phenotype; an unnamed haplotype has an unknown function."""
    used = sorted({allele.function for allele in gene.alleles} | {"unknown"}, key=_FUNCTIONS.index)
    for pair in combinations_with_replacement(used, 2):
        if "+".join(pair) not in gene.phenotypes:
            yield f"the table of phenotypes has no '{'+'.join(pair)}'"
    proper = {"+".join(pair) for pair in combinations_with_replacement(_FUNCTIONS, 2)}
    for key in gene.phenotypes:
        if key not in proper:
            yield f"'{key}' is not a pair of functions in their order ({', '.join(_FUNCTIONS)})"


def _check_row(row: PairAdvice, words: Vocabulary) -> Iterator[str]:
    if words.kind_of(row.drug) != "drug":
        yield f"'{row.drug}' is not a drug of the vocabulary"
    if row.fraction and row.fraction[0] > row.fraction[1]:
        yield "the share runs backwards"
    if row.fraction and row.below:
        yield "a share and 'below' say two things"
    if not _in_order(row.effective):
        yield "it ends before it begins"
    if not any(row.answers(*pair) for pair in product(_GROUPS, repeat=2)):
        yield "no pair of phenotypes meets it"


def _check_overlap(rows: Iterable[PairAdvice]) -> Iterator[str]:
    """Two rows that answer one pair for one drug, setting and day."""
    for one, other in combinations(rows, 2):
        settings = {one.setting, other.setting}
        apart = one.drug != other.drug or settings == {"malignant", "non-malignant"}
        if apart or not _overlap(one.effective, other.effective):
            continue
        both = [pair for pair in product(_GROUPS, repeat=2) if one.answers(*pair) and other.answers(*pair)]
        if both:
            yield f"'{one.id}' and '{other.id}' both answer {both[0][0]} with {both[0][1]}"


def _in_order(effective: Effective) -> bool:
    return not (effective.from_ and effective.to) or effective.from_ <= effective.to


def _overlap(one: Effective, other: Effective) -> bool:
    return (one.from_ or date.min) <= (other.to or date.max) and (other.from_ or date.min) <= (one.to or date.max)


def _twice(values: Iterable[Hashable], what: str) -> Iterator[str]:
    yield from (f"{what} '{value}' stands twice" for value, count in Counter(values).items() if count > 1)

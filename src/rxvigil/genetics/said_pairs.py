"""What star alleles in words mean: '*1/*3A or *3B/*3C', 'heterozygous *3C carrier', 'homozygous for *2'."""

import re
from typing import Final

import msgspec

from rxvigil.genetics.said import NOT_IN_RELEASE, Said, alleles_in, of_pairs, reference_of
from rxvigil.genetics.written import PAIR, STAR, read_written
from rxvigil.knowledge.pharmacogenes import Gene, MetaboliserGroup

_NOT_EXCLUDED: Final = re.compile(rf"{PAIR}[,;]? \(?{PAIR} (?:cannot|can not) be (?:excluded|ruled out)\)?")
_COMPOUND: Final = re.compile(rf"compound heterozygous (?:for )?{STAR}(?: ?/ ?| and ){STAR}")
_ONE_COPY: Final = re.compile(
    rf"heterozygous (?:carrier )?(?:of |for )?(?:the )?{STAR}(?: allele| variant| carrier)?"
    rf"|{STAR} heterozygous(?: carrier)?"
)
_TWO_COPIES: Final = re.compile(rf"homozygous (?:for )?(?:the )?{STAR}(?: allele| variant)?|{STAR} homozygous")
_CARRIER: Final = re.compile(rf"{STAR} carrier|carrier of (?:the )?{STAR}(?: allele)?")
_WITH_ZYGOSITY: Final = re.compile(rf"(heterozygous|homozygous),? {PAIR}|{PAIR},? \(?(heterozygous|homozygous)\)?")

OTHER_WORD: Final = "the laboratory calls it {}, this release does not: it may have read by rules of another day"
OTHER_ALLELE: Final = "the other allele is *1 as far as it was tested; what was looked for is not said"
CARRIER: Final = "a carrier has at least one copy; that there is only one is not said"


def said_by_pairs(text: str, gene: Gene) -> Said | None:
    """Whole diplotypes, one or several, with or without the laboratory's word for the phenotype."""
    written = read_written(text, gene.key)
    pairs = bool(written and written.diplotypes)
    if not pairs and _NOT_EXCLUDED.fullmatch(text) is None and _COMPOUND.fullmatch(text) is None:
        return None
    alleles = alleles_in(text, gene)
    if alleles is None:
        return NOT_IN_RELEASE
    said = of_pairs(gene, *zip(alleles[::2], alleles[1::2], strict=True))
    called = written.phenotypes if written else frozenset()
    return _both(said, called) if called.isdisjoint(said.phenotypes) and called else said


def _both(said: Said, called: frozenset[MetaboliserGroup]) -> Said:
    words = " or ".join(sorted(called)).replace("-", " ")
    return msgspec.structs.replace(said, phenotypes=said.phenotypes | called, caveats=(OTHER_WORD.format(words),))


def said_by_zygosity(text: str, gene: Gene) -> Said | None:
    """One allele and how many copies of it."""
    with_pair = _WITH_ZYGOSITY.fullmatch(text)
    if with_pair:
        return _pair_with_zygosity(text, with_pair.group(1) or with_pair.group(2), gene)
    for pattern, copies, caveats in (
        (_ONE_COPY, (1,), (OTHER_ALLELE,)),
        (_TWO_COPIES, (2,), ()),
        (_CARRIER, (1, 2), (CARRIER, OTHER_ALLELE)),
    ):
        if pattern.fullmatch(text):
            return _copies(text, copies, caveats, gene)
    return None


def _copies(text: str, copies: tuple[int, ...], caveats: tuple[str, ...], gene: Gene) -> Said:
    alleles = alleles_in(text, gene)
    if alleles is None:
        return NOT_IN_RELEASE
    pairs = [(alleles[0] if count == 2 else reference_of(gene), alleles[0]) for count in copies]
    return msgspec.structs.replace(of_pairs(gene, *pairs), caveats=caveats)


def _pair_with_zygosity(text: str, word: str, gene: Gene) -> Said:
    alleles = alleles_in(text, gene)
    if alleles is None:
        return NOT_IN_RELEASE
    first, second = alleles
    if (first == second) != (word == "homozygous"):
        return Said(why_not="the alleles and the word for how many copies contradict each other")
    return of_pairs(gene, (first, second))

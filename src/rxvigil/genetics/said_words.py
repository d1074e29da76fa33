"""Phenotypes in words ('intermediate metaboliser'), and reports that found nothing ('negative for *2 and *3C')."""

import re
from typing import Final

from rxvigil.genetics.said import NOT_IN_RELEASE, Said, alleles_in, of_pairs, reference_of
from rxvigil.genetics.words import ABBREVIATIONS, ACTIVITIES, METABOLISERS
from rxvigil.genetics.written import STAR
from rxvigil.knowledge.pharmacogenes import Gene, StarAllele

_LIST: Final = rf"{STAR}(?:(?:,? and |, ?|/ ?| ){STAR})*"
_NOTHING: Final = (
    r"(?:homozygous )?wild type|wild type ?/ ?wild type|wt ?/ ?wt"
    r"|no (?:variants?|mutations?|variant alleles?) (?:were |was )?(?:detected|found|identified)"
    r"|(?:variants?|mutations?) not detected"
)
_NOTHING_FOUND: Final = re.compile(
    rf"(?:{_NOTHING})(?:[,;:]? ?\(?(?:alleles )?tested(?: for| alleles)?:? ?(?P<tested>{_LIST})\)?)?"
    rf"|negative for (?P<negative>{_LIST})"
)
_METABOLISER: Final = re.compile(rf"(?:predicted )?({'|'.join(METABOLISERS)})(?: metaboliser)?(?: phenotype| status)?")
_ACTIVITY: Final = re.compile(rf"({'|'.join(ACTIVITIES)}) (?:enzyme )?(?:activity|function)")

WHICH_ALLELE: Final = "which allele was found is not said"
NOT_SAID_WHAT: Final = "which variants were looked for is not said: one that was not looked for is not excluded"
PANEL_NOT_COVERED: Final = "the tests do not cover the minimum panel: intermediate or poor cannot be excluded"
OF_ACTIVITY: Final = "it speaks of activity; whether measured or concluded from the genotype is not said"
_HOMOZYGOUS: Final = ("homozygous variant", "homozygous mutant", "homozygous deficient")


def said_by_phenotype(text: str, gene: Gene) -> Said | None:
    """A phenotype or an activity in words that are known."""
    metaboliser, activity = _METABOLISER.fullmatch(text), _ACTIVITY.fullmatch(text)
    if text in ABBREVIATIONS:
        return Said(phenotypes=frozenset({ABBREVIATIONS[text]}))
    if activity or text in ("low", "deficient"):
        return Said(phenotypes=ACTIVITIES[activity.group(1) if activity else text], caveats=(OF_ACTIVITY,))
    if metaboliser:
        return Said(phenotypes=frozenset({METABOLISERS[metaboliser.group(1)]}))
    if text == "heterozygous":
        return Said(phenotypes=frozenset({"intermediate"}), caveats=(WHICH_ALLELE,))
    return Said(phenotypes=frozenset({"poor"}), caveats=(WHICH_ALLELE,)) if text in _HOMOZYGOUS else None


def said_by_nothing_found(text: str, gene: Gene) -> Said | None:
    """Nothing was found among what was looked for: *1/*1 as far as that goes, and no further."""
    shape = _NOTHING_FOUND.fullmatch(text)
    if shape is None:
        return None
    tested = alleles_in(shape.group("tested") or shape.group("negative") or "", gene)
    if tested is None:
        return NOT_IN_RELEASE
    names = {one.name for one in tested}
    reference = reference_of(gene)
    found = of_pairs(gene, (reference, reference))
    uncovered = bool(names) and not _covers_panel(names, gene)
    caveat = PANEL_NOT_COVERED if uncovered else "" if names else NOT_SAID_WHAT
    return Said(
        diplotypes=found.diplotypes,
        phenotypes=found.phenotypes | ({"intermediate", "poor"} if uncovered else frozenset()),
        tested=tuple(one.name for one in dict.fromkeys(tested)),
        not_tested=tuple(one.name for one in gene.alleles if one.function != "normal" and one.name not in names),
        caveats=(caveat,) if caveat else (),
    )


def _covers_panel(names: set[str], gene: Gene) -> bool:
    """Every variant of the minimum panel is carried by an allele that was looked for."""
    panel = {site.id for site in gene.sites if site.tier_1}
    return panel <= {site for allele in gene.alleles if allele.name in names for site in _sites(allele)}


def _sites(allele: StarAllele) -> set[str]:
    return {*allele.carries, *allele.any_of}

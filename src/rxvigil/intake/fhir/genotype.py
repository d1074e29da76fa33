"""What a laboratory states of TPMT or NUDT15: a phenotype in words or by code, or a pair of star alleles."""

import re
from collections.abc import Iterator
from typing import Literal

from rxvigil.facts import Genotype, NotUnderstood, When
from rxvigil.intake.fhir.elements import Concept, Node, children_of, concept_of, text_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import listed
from rxvigil.intake.fhir.values import Value, codes_of, words_of
from rxvigil.intake.reading import Finder, Found, clean
from rxvigil.knowledge.lookup import normal
from rxvigil.knowledge.vocabulary import ConceptEntry

Phenotype = Literal["normal", "intermediate", "possible-intermediate", "poor", "indeterminate"]

GENE_STUDIED = "48018-6"
"""LOINC: the component of a genomic Observation that names the gene."""
GENE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/observation-geneticsGene"

_BY_CODE: dict[str, Phenotype] = {"LA25391-6": "normal", "LA10317-8": "intermediate", "LA9657-3": "poor"}
"""LOINC answers: normal, intermediate and poor metabolizer."""
_WORDS: dict[str, Phenotype] = {
    "normal": "normal",
    "extensive": "normal",
    "intermediate": "intermediate",
    "possible intermediate": "possible-intermediate",
    "likely intermediate": "possible-intermediate",
    "poor": "poor",
    "deficient": "poor",
    "indeterminate": "indeterminate",
    "uncertain": "indeterminate",
}
_TAIL = re.compile(r"\s+(metaboli[sz]er|activity|function)( phenotype| status)?$|\s+phenotype$")
_DIPLOTYPE = re.compile(r"(\*\d+[A-Za-z]?)\s*/\s*(\*\d+[A-Za-z]?)")


def gene_studied(code: Concept, node: Node, finder: Finder) -> ConceptEntry | None:
    """The gene of ours that an Observation is about: by its code, or by its gene-studied component."""
    found = finder.concept("gene", code.codings, code.text)
    if isinstance(found, Found):
        return found.entry
    for gene in _named_beside(node):
        found = finder.concept("gene", gene.codings, gene.text)
        if isinstance(found, Found):
            return found.entry
    return None


def _named_beside(node: Node) -> Iterator[Concept]:
    """Genes named by a gene-studied component, or by the R4 extension for it."""
    for part in children_of(node, "component") if "component" in node else ():
        if concept_of(part, "code").has(GENE_STUDIED):
            yield concept_of(part, "valueCodeableConcept")
    for extension in children_of(node, "extension") if "extension" in node else ():
        if text_of(extension, "url") == GENE_EXTENSION:
            yield concept_of(extension, "valueCodeableConcept")


def read_genotype(
    gene: ConceptEntry, value: Value | None, entry: Entry, element: str, when: When | None
) -> Genotype | NotUnderstood:
    """The genotype fact, or why the value says neither a phenotype nor two alleles."""
    said = words_of(value)
    phenotypes = {phenotype for one in said if (phenotype := phenotype_in(one, gene))}
    phenotypes |= {_BY_CODE[code] for code in codes_of(value) if code in _BY_CODE}
    diplotypes = {found for one in said if (found := _diplotype_in(one))}
    if len(phenotypes) > 1 or len(diplotypes) > 1:
        return listed(entry, gene.name, "its code and its words say different things", (gene.key,), when, element)
    if not phenotypes and not diplotypes:
        why = "it says neither a phenotype nor a pair of alleles that we know"
        return listed(entry, gene.name, why, (gene.key,), when, element)
    return Genotype(
        id=f"{entry.place}#{element}" if element else entry.place,
        gene=gene.key,
        origin=entry.origin(element),
        when=when,
        phenotype=next(iter(phenotypes), None),
        diplotypes=tuple(diplotypes),
        written=clean("; ".join(said)),
    )


def phenotype_in(text: str, gene: ConceptEntry) -> Phenotype | None:
    """The phenotype that the whole text states ("Intermediate metabolizer", "TPMT: poor function"), or none. "Low
    activity" is none: laboratories mean a carrier by it, or a deficient patient."""
    words = normal(_DIPLOTYPE.sub(" ", text))
    for name in (gene.name, gene.key):
        words = re.sub(rf"^{re.escape(normal(name))}\s+(gene\s+)?", "", words)
    return _WORDS.get(_TAIL.sub("", words).strip())


def _diplotype_in(text: str) -> str:
    found = _DIPLOTYPE.search(text)
    return f"{found.group(1)}/{found.group(2)}" if found else ""

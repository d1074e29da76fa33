"""What a laboratory states of TPMT or NUDT15: a metaboliser group in words or by code, or pairs of star alleles.

Read as HL7 Genomics Reporting writes it (genotype, haplotype, therapeutic implication, variant, region studied), and
as FHIR R4's own examples and plain laboratory Observations do.
"""

from collections.abc import Iterator
from typing import Final

from rxvigil.facts import Genotype, NotUnderstood, Phenotype, When
from rxvigil.genetics import names_one_allele
from rxvigil.intake.fhir.context import Context
from rxvigil.intake.fhir.elements import Concept, Node, children_of, concept_of, text_of
from rxvigil.intake.fhir.entries import Entry
from rxvigil.intake.fhir.parts import Outcome, Unread, listed
from rxvigil.intake.fhir.values import Value, codes_of, value_of, words_of
from rxvigil.intake.genotypes import taken_together
from rxvigil.intake.reading import Finder, Found, clean
from rxvigil.knowledge.lookup import normal
from rxvigil.knowledge.vocabulary import ConceptEntry

GENE_STUDIED: Final = "48018-6"
"""LOINC: the component of a genomic Observation that names the gene."""
GENE_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/observation-geneticsGene"
_EFFECT: Final = ("53040-2", "therapeutic-implication")
"""What a gene means for a medicine: LOINC in the guide's first edition, the guide's own code since."""
_MEDICATION_ASSESSED: Final = "51963-7"
_BY_CODE: Final[dict[str, Phenotype]] = {"LA25391-6": "normal", "LA10317-8": "intermediate", "LA9657-3": "poor"}
"""LOINC answers: normal, intermediate and poor metabolizer."""
_PART: Final = "Observation (part of a genotype that is read)"


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
    gene: ConceptEntry, value: Value | None, entry: Entry, element: str, when: When | None, context: Context
) -> Outcome:
    """The genotype fact, or why the value says neither a metaboliser group nor pairs of alleles. What a genotype read
    elsewhere was made from (a haplotype, a variant) says nothing of its own."""
    said = _said(value)
    coded = [_BY_CODE[code] for code in sorted(codes_of(value)) if code in _BY_CODE]
    found = taken_together(gene, said, context.finder.vocabulary, coded)
    if found.at_odds:
        return listed(entry, gene.name, "its code and its words say different things", (gene.key,), when, element)
    if not found.understood:
        return _not_stated(gene, said, entry, element, when, context)
    return Genotype(
        id=f"{entry.place}#{element}" if element else entry.place,
        gene=gene.key,
        origin=entry.origin(element),
        when=when,
        phenotype=next(iter(found.phenotypes)) if len(found.phenotypes) == 1 else None,
        diplotypes=found.diplotypes,
        written=clean("; ".join(said)),
    )


def _said(value: Value | None) -> list[str]:
    """Every way the value puts itself in words; a code made of star alleles ("CYP2C9 *2/*5") is one."""
    coded = [one.code for one in value.concept.codings if "*" in one.code] if value and value.concept else []
    return list(dict.fromkeys([*words_of(value), *coded]))


def _not_stated(
    gene: ConceptEntry, said: list[str], entry: Entry, element: str, when: When | None, context: Context
) -> Outcome:
    if not element and _is_part(gene, entry, context):
        return Unread(_PART)
    why = "it says neither a phenotype nor a pair of alleles that we know"
    if any(names_one_allele(one, gene.key) for one in said):
        why = "it names one allele alone, and a genotype is two"
    return listed(entry, gene.name, why, (gene.key,), when, element)


def _is_part(gene: ConceptEntry, entry: Entry, context: Context) -> bool:
    """Whether pairs of alleles of this gene, stated in force, were derived from this Observation."""
    return any(_states_pairs(gene, other, context) for other in context.derivations.get(entry.place, ()))


def _states_pairs(gene: ConceptEntry, entry: Entry, context: Context) -> bool:
    stated = taken_together(gene, _said(value_of(entry.resource)), context.finder.vocabulary)
    return bool(stated.diplotypes) and not stated.at_odds and gene.key in _genes_of(entry, context)


# --- what a gene means for a medicine


def is_effect(code: Concept) -> bool:
    """Whether a component says how a gene affects a medicine."""
    return code.has(*_EFFECT)


def read_effect(
    value: Value | None, entry: Entry, element: str, when: When | None, context: Context
) -> Iterator[Outcome]:
    """The metaboliser group that an implication states, for the gene it was derived from. One that rests on several
    genes says nothing of each that their own genotypes do not say."""
    genes = _genes_of(entry, context)
    if len(genes) == 1:
        yield read_genotype(next(iter(genes.values())), value, entry, element, when, context)
    elif genes:
        yield Unread("Observation (effect of several genes together)")
    elif named := genes_in_words(concept_of(entry.resource, "code"), value, context.finder):
        yield from left_open(named, entry, element, when)
    elif _on_a_thiopurine(entry, context):
        ours = tuple(sorted(context.finder.vocabulary.concepts["gene"]))
        yield listed(entry, "effect of a gene", "it does not say of which gene", ours, when, element)


def genes_in_words(code: Concept, value: Value | None, finder: Finder) -> tuple[ConceptEntry, ...]:
    """The genes of ours whose name stands in the words of a test or of its answer, where no code of ours names them."""
    texts = (code.text, *(one.display for one in code.codings), *words_of(value))
    words = {word for text in texts for word in normal(text).split()}
    genes = finder.vocabulary.concepts.get("gene", {})
    return tuple(gene for _, gene in sorted(genes.items()) if normal(gene.name) in words)


def left_open(
    genes: tuple[ConceptEntry, ...], entry: Entry, element: str, when: When | None
) -> Iterator[NotUnderstood]:
    """A report that names a gene of ours only in words, under a code that is not read: it leaves the gene open."""
    why = "the gene is named, and the code of the test is not known"
    yield from (listed(entry, gene.name, why, (gene.key,), when, element) for gene in genes)


def _genes_of(entry: Entry, context: Context) -> dict[str, ConceptEntry]:
    """The genes of ours that an Observation, or one it was derived from, is about."""
    about = (entry, *context.sources_of(entry))
    found = (gene_studied(concept_of(one.resource, "code"), one.resource, context.finder) for one in about)
    return {gene.key: gene for gene in found if gene is not None}


def _on_a_thiopurine(entry: Entry, context: Context) -> bool:
    for part in children_of(entry.resource, "component"):
        if concept_of(part, "code").has(_MEDICATION_ASSESSED):
            drug = concept_of(part, "valueCodeableConcept")
            found = context.finder.drug(drug.codings, drug.text)
            if isinstance(found, Found) and "thiopurine" in found.entry.classes:
                return True
    return False

"""Possible genotypes and what bodies advise for them as a FHIR R4 Bundle in the shape of HL7 Genomics Reporting (STU3).

A genomic report (LOINC 51969-4) with, for each gene, one Genotype (84413-4), one Therapeutic Implication and the
region studied (53041-0), and one Medication Recommendation (a proposed Task) for each body that advises.

What is not settled is one Observation whose value names every possibility ("*1/*3A or *3B/*3C"), in text alone and
without a code: of several Observations, one for each possibility, a reader who finds the first would take it for the
answer. Nothing here is final: no laboratory has released it, so every status is preliminary and a note says why. Codes
are those of the guide's own text and examples; what has none there is text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from rxvigil.engine.genotypes import in_words
from rxvigil.facts import show_day
from rxvigil.genetics import SAFEST_FIRST, BodyAdvice, GeneCall, RowAdvice, safest
from rxvigil.genetics.haplotypes import Diplotype
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup
from rxvigil.reports.fhir_needs import HGNC, codings
from rxvigil.reports.fhir_shapes import Resource, bundle, device, identity_of, instant, narrative, subject, url_of

MOST_NAMED: Final = 24
"""Possible diplotypes that one value names; above it the value says how many there are."""

_LOINC: Final = "http://loinc.org"
_PROFILES: Final = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition"
_TBD: Final = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
_ANSWERS: Final[Mapping[MetaboliserGroup, tuple[str, str]]] = {
    "normal": ("LA25391-6", "Normal metabolizer"),
    "intermediate": ("LA10317-8", "Intermediate metabolizer"),
    "poor": ("LA9657-3", "Poor metabolizer"),
}
"""LOINC answers of the guide's value set; the other groups have none there."""
_SETTLED_BY: Final = {
    "tpmt-activity": "TPMT activity in red cells",
    "phasing": "long reads, or the genotypes of parents",
    "sites": "testing the sites that were not called",
}


class GenotypeReported(msgspec.Struct, frozen=True, kw_only=True):
    """What a genomic report is made of."""

    patient: str
    """Id of the patient or name of the sample, as the input gave it."""
    on: date
    """Day of the report."""
    calls: tuple[GeneCall, ...]
    untested_as_reference: bool = False
    """Report `GeneCall.as_tested`: sites outside the minimum panel that were not seen count as reference. Printed."""
    absent_as_reference: bool = False
    """The calls were made with sites that no record covers taken for the reference. Printed."""
    advice: tuple[BodyAdvice, ...] = ()


def to_genomics(report: GenotypeReported, book: RuleBook) -> Resource:
    """The Bundle. `book` holds the releases the calls were made under, and the codes of genes and drugs."""
    making = _Making(report, book)
    return bundle(making.identity, making.resources())


@dataclass(frozen=True)
class _Making:
    """Builds the resources of one Bundle."""

    report: GenotypeReported
    book: RuleBook

    def identity(self, *what: str) -> str:
        """An id that follows from rule book, patient, date and what it is for."""
        return identity_of(self.book.digest, self.report.patient, self.report.on.isoformat(), "genomics", *what)

    def resources(self) -> list[Resource]:
        results = [one for call in self.report.calls for one in self._gene(call)]
        tasks = [task for advice in self.report.advice if (task := self._task(advice))]
        return [self._report(results, tasks), device(self.identity, self.book.digest), *results, *tasks]

    def _gene(self, call: GeneCall) -> tuple[Resource, ...]:
        return (self._genotype(call), self._implication(call), self._region(call))

    @property
    def _subject(self) -> Resource:
        return subject(self.report.patient, as_resource=False)

    @property
    def _issued(self) -> str:
        return instant(self.report.on.isoformat())

    def _observation(self, kind: str, call: GeneCall, code: Resource, says: str) -> Resource:
        return {
            "resourceType": "Observation",
            "id": self.identity(kind, call.gene),
            "text": narrative(says),
            "status": "preliminary",
            "category": [
                _coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory", "Laboratory"),
                _coded("http://terminology.hl7.org/CodeSystem/v2-0074", "GE", "Genetics"),
            ],
            "code": code,
            "subject": self._subject,
            "issued": self._issued,
            "device": {"reference": f"urn:uuid:{self.identity('Device')}"},
        }

    def _genotype(self, call: GeneCall) -> Resource:
        says = f"{self.book.vocabulary.show(call.gene)} {_possible(self._pairs(call), call.too_many)}"
        made = self._observation("genotype", call, _coded(_LOINC, "84413-4", "Genotype display name"), says)
        return made | {
            "meta": {"profile": [f"{_PROFILES}/genotype"]},
            "valueCodeableConcept": {"text": says},
            "component": [self._gene_studied(call)],
            "note": [{"text": text} for text in self._notes(call)],
        }

    def _implication(self, call: GeneCall) -> Resource:
        groups = self._groups(call)
        name = self.book.vocabulary.show(call.gene)
        says = f"{name}: {_metaboliser(groups)}"
        drugs = dict.fromkeys(advice.drug for advice in self.report.advice)
        made = self._observation("implication", call, _coded(_TBD, "therapeutic-implication"), says)
        return made | {
            "meta": {"profile": [f"{_PROFILES}/therapeutic-implication"]},
            "extension": list(self._citations(call)),
            "derivedFrom": [{"reference": f"urn:uuid:{self.identity('genotype', call.gene)}"}],
            "component": [
                {"code": _coded(_TBD, "therapeutic-implication"), "valueCodeableConcept": _answer(groups)},
                *({"code": _coded(_LOINC, "51963-7", "Medication assessed"), "valueCodeableConcept": self._drug(one)}
                  for one in drugs),
            ],
            "note": [{"text": text} for text in self._open(call)],
        }  # fmt: skip

    def _region(self, call: GeneCall) -> Resource:
        """No profile is claimed: the guide's later edition describes regions otherwise."""
        says = self._studied(call)
        made = self._observation("region", call, _coded(_LOINC, "53041-0", "DNA Region of interest panel"), says)
        described = {"code": _coded(_LOINC, "81293-3")}
        return made | {"component": [self._gene_studied(call), described | {"valueString": says}]}

    def _task(self, advice: BodyAdvice) -> Resource | None:
        row = advice.used
        if row is None:
            return None
        says, code = self._advised(advice, row), _recommended(row)
        return {
            "resourceType": "Task",
            "id": self.identity("Task", advice.release, advice.drug),
            "meta": {"profile": [f"{_PROFILES}/medication-recommendation"]},
            "text": narrative(says),
            "status": "requested",
            "intent": "proposal",
            "code": code | {"text": row.row.says} if code else None,
            "description": says,
            "for": self._subject,
            "authoredOn": self.report.on.isoformat(),
            "requester": {"reference": f"urn:uuid:{self.identity('Device')}"},
            "reasonReference": self._reason(),
        }

    def _report(self, results: list[Resource], tasks: list[Resource]) -> Resource:
        conclusion = " ".join(self._conclusions())
        action = f"{_PROFILES}/recommended-action"
        return {
            "resourceType": "DiagnosticReport",
            "id": self.identity("DiagnosticReport"),
            "meta": {"profile": [f"{_PROFILES}/genomic-report"]},
            "text": narrative(conclusion),
            "extension": [{"url": action, "valueReference": {"reference": url_of(task)}} for task in tasks],
            "status": "preliminary",
            "category": [_coded("http://terminology.hl7.org/CodeSystem/v2-0074", "GE", "Genetics")],
            "code": _coded(_LOINC, "51969-4", "Genetic analysis report"),
            "subject": self._subject,
            "issued": self._issued,
            "result": [{"reference": url_of(one)} for one in results],
            "conclusion": conclusion,
        }

    # --- what it says

    def _pairs(self, call: GeneCall) -> tuple[Diplotype, ...]:
        return call.as_tested if self.report.untested_as_reference else call.diplotypes

    def _groups(self, call: GeneCall) -> frozenset[MetaboliserGroup]:
        return call.phenotypes_as_tested if self.report.untested_as_reference else call.phenotypes

    def _notes(self, call: GeneCall) -> Iterator[str]:
        release = self.book.releases.get(call.release)
        under = f"{release.title}, {release.version}" if release else call.release
        yield f"Calculated by rxvigil from a variant file under {under}; not released by a laboratory."
        yield self._studied(call)
        if self.report.absent_as_reference:
            yield "Assumption: sites that no record of the file covers carry the reference."
        if self.report.untested_as_reference and call.diplotypes != call.as_tested:
            yield "Assumption: sites outside the minimum panel that were not seen carry the reference."
        yield from self._open(call)

    def _open(self, call: GeneCall) -> Iterator[str]:
        """What is not settled, what it means for the dose, and what would settle it."""
        groups, pairs = self._groups(call), self._pairs(call)
        if len(pairs) > 1 or call.too_many:
            yield "More than one pair of star alleles fits the data; none is more than possible."
        if call.tier_1_open:
            sites = ", ".join(call.tier_1_open)
            yield f"Not known at {sites}, of the minimum panel: intermediate and poor cannot be excluded."
        if len(groups) > 1:
            yield f"Until it is settled the dose goes by: {in_words(safest(groups))}."
        if call.resolved_by and (len(groups) > 1 or groups & {"indeterminate", "possible-intermediate"}):
            yield f"Would settle it: {'; '.join(_SETTLED_BY[one] for one in call.resolved_by)}."

    def _studied(self, call: GeneCall) -> str:
        release = self.book.releases.get(call.release)
        sites = next((len(gene.sites) for gene in release.genes if gene.key == call.gene), 0) if release else 0
        name = self.book.vocabulary.show(call.gene)
        by_status: dict[str, list[str]] = {}
        for note in call.notes:
            by_status.setdefault(note.status, []).append(note.site)
        missed = "; ".join(f"{status} {', '.join(sites)}" for status, sites in by_status.items())
        read = f"{name}: {sites - len(call.notes)} of the {sites} sites of {call.release} plainly called."
        return f"{read} The others: {missed}." if missed else read

    def _advised(self, advice: BodyAdvice, row: RowAdvice) -> str:
        since = f" of {show_day(advice.since)}" if advice.since else ""
        strength = "" if row.row.strength in ("none", "not-stated") else f" Strength: {row.row.strength}."
        until = " The most cautious of the rows that may apply, until the genotype is settled." if (
            len(advice.rows) > 1 or advice.no_row
        ) else ""  # fmt: skip
        drug = self.book.vocabulary.show(advice.drug)
        return f"{drug}, {advice.body}, {advice.version}{since}: {row.row.says}{strength}{until}"

    def _conclusions(self) -> Iterator[str]:
        for call in self.report.calls:
            name = self.book.vocabulary.show(call.gene)
            pairs = _possible(self._pairs(call), call.too_many)
            yield f"{name} {pairs}: {_metaboliser(self._groups(call))}."
        for advice in self.report.advice:
            if advice.used is None:
                drug = self.book.vocabulary.show(advice.drug)
                yield f"{drug}: {advice.body}, {advice.version}, says nothing for this, as far as it was read."
        yield "Calculated by rxvigil; not released by a laboratory."

    # --- parts

    def _gene_studied(self, call: GeneCall) -> Resource:
        codes = [one for one in codings(call.gene, self.book.vocabulary) if one["system"] == HGNC]
        return {
            "code": _coded(_LOINC, "48018-6", "Gene studied ID"),
            "valueCodeableConcept": {"coding": codes[:1], "text": self.book.vocabulary.show(call.gene)},
        }

    def _drug(self, key: str) -> Resource:
        rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm"
        codes = [one for one in codings(key, self.book.vocabulary) if one["system"] == rxnorm]
        return {"coding": codes[:1], "text": self.book.vocabulary.show(key)}

    def _reason(self) -> Resource | None:
        """The implication that asks for most caution: the profile allows one reason, and advice rests on both genes."""
        if not self.report.calls:
            return None
        call = min(self.report.calls, key=lambda one: SAFEST_FIRST.index(safest(self._groups(one))))
        return {"reference": f"urn:uuid:{self.identity('implication', call.gene)}"}

    def _citations(self, call: GeneCall) -> Iterator[Resource]:
        release = self.book.releases.get(call.release)
        refs = dict.fromkeys(gene.source.ref for gene in release.genes if gene.key == call.gene) if release else {}
        for publication in (self.book.publications[ref] for ref in refs if ref in self.book.publications):
            artifact = {"type": "citation", "display": publication.title, "url": publication.url}
            yield {
                "url": "http://hl7.org/fhir/StructureDefinition/workflow-relatedArtifact",
                "valueRelatedArtifact": artifact,
            }


def _coded(system: str, code: str, display: str = "") -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _possible(pairs: tuple[Diplotype, ...], too_many: bool) -> str:
    """Every pair by name, or how many there are: never a first one that could be taken for the answer."""
    if too_many:
        return "not resolved: more arrangements fit the data than are looked through"
    if not pairs:
        return "not resolved: no pair of alleles fits the data"
    if len(pairs) > MOST_NAMED:
        return f"not resolved: {len(pairs)} pairs of star alleles fit the data"
    return " or ".join(pair.name for pair in pairs)


def _metaboliser(groups: frozenset[MetaboliserGroup]) -> str:
    order = ("normal", "indeterminate", "possible-intermediate", "intermediate", "poor")
    named = [in_words(one) for one in sorted(groups, key=order.index)]
    return f"{' or '.join(named) or 'indeterminate'} metaboliser"


def _answer(groups: frozenset[MetaboliserGroup]) -> Resource:
    """A code only for the one group that it is and that the guide has a code for."""
    says = _metaboliser(groups)
    code = _ANSWERS.get(next(iter(groups))) if len(groups) == 1 else None
    return (_coded(_LOINC, *code) if code else {}) | {"text": says[0].upper() + says[1:]}


def _recommended(row: RowAdvice) -> Resource:
    """LOINC answers of the guide's recommendations, where the row is one of them. The guide allows no others, so that a
    row that is none of them has its text in the description alone."""
    if row.row.avoid:
        return _coded(_LOINC, "LA26421-0", "Consider alternative medication")
    if row.row.fraction and row.row.fraction[1] < 1 and row.clause != "not-met":
        return _coded(_LOINC, "LA26422-8", "Decrease dose")
    return {}

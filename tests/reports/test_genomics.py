"""Genotypes as FHIR Genomics Reporting. `fhir.resources` (R4B) judges the shape; rxvigil's FHIR intake reads it back.

The codes asserted here were compared with HL7/genomics-reporting: profiles (CGFindings, CGImplications, CGGeneral),
value sets (CGValueSets) and the eMERGE example report.
"""

import json
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from rxvigil.facts import Record
from rxvigil.genetics import ABSENT, GeneCall, SiteCall, advise, call_gene, ready_genes
from rxvigil.intake import record_from_resources
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.reports.genomics import MOST_NAMED, GenotypeReported, to_genomics

Resource = dict[str, Any]
ON = date(2026, 11, 25)
RELEASE = "pharmacogenes/cpic-2026-05"
PROFILE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
BOOK = build(read_knowledge())
READY = ready_genes(BOOK.releases[RELEASE])

HET_3A = {"rs1142345": ("T", "C"), "rs1800460": ("C", "T")}
"""Both sites of *3A, unphased: *1/*3A, or *3B/*3C."""
HET_3C = {"rs1142345": ("T", "C")}
HET_8 = {"rs56161402": ("C", "T")}


def called(gene: str, seen: dict[str, tuple[str, str]] | None = None, phase: str = "", absent: int = 0) -> GeneCall:
    """A call with these alleles, reference elsewhere, and that many sites outside the minimum panel not in the file."""
    sites = READY[gene].sites
    gone = {site.id for site in [one for one in sites if not one.tier_1 and one.id not in (seen or {})][:absent]}
    return call_gene(
        READY[gene],
        [
            ABSENT if site.id in gone
            else SiteCall("called", (seen or {}).get(site.id, (site.reference, site.reference)), phase)
            for site in sites
        ],
    )  # fmt: skip


def reported(*calls: GeneCall, as_tested: bool = False, drug: str = "azathioprine") -> Resource:
    by_gene = {call.gene: call.phenotypes_as_tested if as_tested else call.phenotypes for call in calls}
    advice = advise(BOOK.releases, ON, drug, by_gene.get("tpmt"), by_gene.get("nudt15"))
    report = GenotypeReported(patient="HG00689", on=ON, calls=calls, untested_as_reference=as_tested, advice=advice)
    return to_genomics(report, BOOK)


def read_back(bundle: Resource) -> Record:
    return record_from_resources([bundle], BOOK.vocabulary)


def of_type(found: Resource, kind: str) -> list[Resource]:
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind]


def coded(concept: Resource) -> list[tuple[str, str]]:
    return [(one["system"], one["code"]) for one in concept.get("coding", ())]


def observations(bundle: Resource, code: str) -> list[Resource]:
    return [one for one in of_type(bundle, "Observation") if one["code"]["coding"][0]["code"] == code]


def components(observation: Resource, code: str) -> list[Resource]:
    found = [one for one in observation["component"] if one["code"]["coding"][0]["code"] == code]
    return [one["valueCodeableConcept"] for one in found]


def notes(resource: Resource) -> str:
    return " ".join(one["text"] for one in resource.get("note", ()))


class TestItIsGenomicsReporting:
    def test_it_is_valid_r4(self) -> None:
        Bundle.model_validate(reported(called("tpmt", HET_3A), called("nudt15")))
        Bundle.model_validate(reported(called("tpmt")))
        Bundle.model_validate(to_genomics(GenotypeReported(patient="p", on=ON, calls=()), BOOK))

    def test_the_report_is_a_genetic_analysis_report_of_genetics(self) -> None:
        (report,) = of_type(reported(called("tpmt"), called("nudt15")), "DiagnosticReport")
        assert report["meta"]["profile"] == [PROFILE + "genomic-report"]
        assert coded(report["code"]) == [("http://loinc.org", "51969-4")]
        assert coded(report["category"][0]) == [("http://terminology.hl7.org/CodeSystem/v2-0074", "GE")]
        assert len(report["result"]) == 6

    def test_genotype_and_gene(self) -> None:
        tpmt, nudt15 = observations(reported(called("tpmt", HET_3C), called("nudt15")), "84413-4")
        assert tpmt["meta"]["profile"] == [PROFILE + "genotype"]
        assert tpmt["valueCodeableConcept"] == {"text": "TPMT *1/*3C"}
        assert coded(components(tpmt, "48018-6")[0]) == [("http://www.genenames.org", "HGNC:12014")]
        assert coded(components(nudt15, "48018-6")[0]) == [("http://www.genenames.org", "HGNC:23063")]

    @pytest.mark.parametrize(
        ("seen", "answer"),
        [
            ({}, ("LA25391-6", "Normal metabolizer")),
            (HET_3C, ("LA10317-8", "Intermediate metabolizer")),
            ({"rs1142345": ("C", "C")}, ("LA9657-3", "Poor metabolizer")),
        ],
    )
    def test_the_implication_has_the_answer_of_the_guide(
        self, seen: dict[str, tuple[str, str]], answer: tuple[str, str]
    ) -> None:
        (implication,) = observations(reported(called("tpmt", seen)), "therapeutic-implication")
        assert implication["meta"]["profile"] == [PROFILE + "therapeutic-implication"]
        (value,) = components(implication, "therapeutic-implication")
        assert [(one["code"], one["display"]) for one in value["coding"]] == [answer]
        (drug,) = components(implication, "51963-7")
        assert coded(drug) == [("http://www.nlm.nih.gov/research/umls/rxnorm", "1256")]

    def test_the_implication_names_the_genotype_it_came_from(self) -> None:
        bundle = reported(called("tpmt"), called("nudt15"))
        genotypes = [f"urn:uuid:{one['id']}" for one in observations(bundle, "84413-4")]
        implications = observations(bundle, "therapeutic-implication")
        assert [one["derivedFrom"][0]["reference"] for one in implications] == genotypes

    def test_every_reference_resolves(self) -> None:
        bundle = reported(called("tpmt", HET_3A), called("nudt15"))
        addresses = {entry["fullUrl"] for entry in bundle["entry"]}
        text = json.dumps(bundle)
        assert addresses >= {f"urn:uuid:{part.split(chr(34))[0]}" for part in text.split("urn:uuid:")[1:]}

    def test_each_body_proposes_one_task_that_the_report_points_to(self) -> None:
        bundle = reported(called("tpmt", HET_3C), called("nudt15"))
        tasks = of_type(bundle, "Task")
        assert {(one["status"], one["intent"]) for one in tasks} == {("requested", "proposal")}
        (report,) = of_type(bundle, "DiagnosticReport")
        actions = [one["valueReference"]["reference"] for one in report["extension"]]
        assert actions == [f"urn:uuid:{one['id']}" for one in tasks]
        assert any("CPIC 2025 update" in one["description"] for one in tasks)
        assert any("DPWG 2025" in one["description"] for one in tasks)

    def test_a_poor_metaboliser_is_advised_another_medicine(self) -> None:
        bundle = reported(called("tpmt", {"rs1142345": ("C", "C")}), called("nudt15"))
        cpic = next(one for one in of_type(bundle, "Task") if "CPIC" in one["description"])
        assert coded(cpic["code"]) == [("http://loinc.org", "LA26421-0")]

    def test_a_normal_metaboliser_is_not_advised_less(self) -> None:
        for task in of_type(reported(called("tpmt"), called("nudt15")), "Task"):
            assert "code" not in task
            assert task["description"]

    def test_the_same_call_gives_the_same_bytes(self) -> None:
        one, other = (json.dumps(reported(called("tpmt", HET_3A), called("nudt15"))) for _ in range(2))
        assert one == other


class TestWhatIsNotSettled:
    def test_every_possibility_stands_in_one_value_without_a_code(self) -> None:
        (genotype,) = observations(reported(called("tpmt", HET_3A)), "84413-4")
        assert genotype["valueCodeableConcept"] == {"text": "TPMT *1/*3A or *3B/*3C"}
        (implication,) = observations(reported(called("tpmt", HET_3A)), "therapeutic-implication")
        assert components(implication, "therapeutic-implication") == [{"text": "Intermediate or poor metaboliser"}]

    def test_it_says_what_to_dose_by_and_what_would_settle_it(self) -> None:
        (genotype,) = observations(reported(called("tpmt", HET_3A)), "84413-4")
        assert "the dose goes by: poor" in notes(genotype)
        assert "TPMT activity in red cells" in notes(genotype)

    def test_the_advice_is_the_most_cautious_and_says_so(self) -> None:
        bundle = reported(called("tpmt", HET_3A), called("nudt15"))
        cpic = next(one for one in of_type(bundle, "Task") if "CPIC" in one["description"])
        assert coded(cpic["code"]) == [("http://loinc.org", "LA26421-0")]
        assert "until the genotype is settled" in cpic["description"]

    def test_nothing_is_final_that_no_laboratory_released(self) -> None:
        bundle = reported(called("tpmt"), called("nudt15"))
        found = of_type(bundle, "Observation") + of_type(bundle, "DiagnosticReport")
        assert {one["status"] for one in found} == {"preliminary"}
        assert "not released by a laboratory" in notes(observations(bundle, "84413-4")[0])

    def test_sites_that_were_not_seen_are_named(self) -> None:
        call = called("nudt15", absent=2)
        (genotype,) = observations(reported(call), "84413-4")
        (region,) = observations(reported(call), "53041-0")
        seen = f"The others: absent {', '.join(note.site for note in call.notes)}."
        assert len(call.notes) == 2
        assert seen in notes(genotype)
        assert seen in json.dumps(region)

    def test_too_many_possibilities_are_counted_not_named(self) -> None:
        call = called("tpmt", absent=30)
        assert len(call.diplotypes) > MOST_NAMED
        (genotype,) = observations(reported(call), "84413-4")
        assert genotype["valueCodeableConcept"] == {
            "text": f"TPMT not resolved: {len(call.diplotypes)} pairs of star alleles fit the data"
        }

    def test_the_assumption_that_unseen_sites_are_reference_is_printed(self) -> None:
        (genotype,) = observations(reported(called("tpmt", HET_3C, absent=30), as_tested=True), "84413-4")
        assert genotype["valueCodeableConcept"] == {"text": "TPMT *1/*3C"}
        assert "Assumption: sites outside the minimum panel" in notes(genotype)

    def test_a_missing_site_of_the_minimum_panel_leaves_poor_open(self) -> None:
        sites = READY["tpmt"].sites
        calls = [ABSENT if one.id == "rs1142345" else SiteCall("called", (one.reference,) * 2) for one in sites]
        (genotype,) = observations(reported(call_gene(READY["tpmt"], calls), as_tested=True), "84413-4")
        assert "intermediate and poor cannot be excluded" in notes(genotype)
        assert "or" in genotype["valueCodeableConcept"]["text"]


class TestReadBack:
    @pytest.mark.parametrize("seen", [{}, HET_3C, HET_3A, HET_8, {"rs1142345": ("C", "C")}])
    def test_the_same_diplotypes_and_phenotype(self, seen: dict[str, tuple[str, str]]) -> None:
        call = called("tpmt", seen)
        record = read_back(reported(call, called("nudt15")))
        mine = [one for one in record.genotypes if one.gene == "tpmt"]
        assert {one.diplotypes for one in mine if one.diplotypes} == {tuple(pair.name for pair in call.diplotypes)}
        stated = {one.phenotype for one in mine if one.phenotype}
        assert stated == (call.phenotypes if len(call.phenotypes) == 1 else set())
        assert [one for one in record.not_understood if "tpmt" in one.affects] == []

    def test_what_could_not_be_named_stays_open(self) -> None:
        record = read_back(reported(called("tpmt", absent=30)))
        assert [one.affects for one in record.not_understood if one.affects] == [("tpmt",)]
        assert all(one.phenotype is None and not one.diplotypes for one in record.genotypes)

    def test_a_haplotype_without_a_name_leaves_the_gene_open(self) -> None:
        """An allele that the release does not define: none of the named possibilities may be taken for all of them."""
        sites = READY["tpmt"].sites
        first = next(one for one in sites if not one.tier_1)
        calls = [
            SiteCall("undocumented", (one.reference, "other")) if one is first
            else SiteCall("called", (one.reference, one.reference))
            for one in sites
        ]  # fmt: skip
        call = call_gene(READY["tpmt"], calls)
        assert not all(pair.named for pair in call.diplotypes)
        record = read_back(reported(call))
        assert ("tpmt",) in [one.affects for one in record.not_understood]
        assert all(not one.diplotypes for one in record.genotypes)

    @settings(deadline=None, max_examples=40)
    @given(
        st.lists(st.sampled_from([one.name for one in READY["nudt15"].named]), min_size=2, max_size=2),
        st.booleans(),
    )
    def test_every_pair_of_named_alleles(self, names: list[str], phased: bool) -> None:
        call = called("nudt15", _carried("nudt15", *names), "1" if phased else "")
        record = read_back(reported(call))
        read = {one.diplotypes for one in record.genotypes if one.diplotypes}
        if all(pair.named for pair in call.diplotypes):
            assert read == {tuple(pair.name for pair in call.diplotypes)}
        else:
            assert read == set()
            assert ("nudt15",) in [one.affects for one in record.not_understood]


def _carried(gene: str, *names: str) -> dict[str, tuple[str, str]]:
    """The alleles at every site of somebody with these two haplotypes."""
    alleles = {one.name: one for one in READY[gene].gene.alleles}
    one, other = (alleles[name] for name in names)
    found = {}
    for site in READY[gene].sites:
        pair = tuple(
            allele.carries.get(site.id) or allele.any_of.get(site.id, (site.reference,))[0] for allele in (one, other)
        )
        found[site.id] = (pair[0], pair[1])
    return found


def test_the_names_of_genes_come_from_the_rule_book(book: RuleBook) -> None:
    assert {book.vocabulary.concepts["gene"][key].codes["hgnc"][0] for key in ("tpmt", "nudt15")} == {
        "HGNC:12014", "HGNC:23063",
    }  # fmt: skip

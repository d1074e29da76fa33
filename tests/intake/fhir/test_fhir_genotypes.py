"""Genotypes of TPMT and NUDT15 as HL7 Genomics Reporting, FHIR R4's own examples and plain laboratories write them, and
TPMT activity with the laboratory's own unit and ranges. Shapes follow HL7/genomics-reporting (eMERGE report)."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from fhir_samples import LOINC, RXNORM, Resource, coded, patient, quantity, words

from rxvigil.facts import Record
from rxvigil.intake import record_from_resources
from rxvigil.knowledge.book import RuleBook

TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
HGNC = "http://www.genenames.org"
PHARMVAR = "http://www.pharmvar.org"
TPMT, NUDT15 = coded(HGNC, "HGNC:12014", "TPMT"), coded(HGNC, "HGNC:23063", "NUDT15")


@pytest.fixture
def read(book: RuleBook) -> Any:
    def read(*resources: Resource) -> Record:
        return record_from_resources([patient(), *resources], book.vocabulary)

    return read


def observed(number: str, code: Resource, *components: Resource, **stated: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": number,
        "status": "final",
        "code": code,
        "subject": {"reference": "Patient/p1"},
        **({"component": list(components)} if components else {}),
    } | stated


def studied(gene: Resource) -> Resource:
    return {"code": coded(LOINC, "48018-6", "Gene studied ID"), "valueCodeableConcept": gene}


def genotype(number: str, gene: Resource, value: Resource, *sources: str, **stated: Any) -> Resource:
    code = coded(LOINC, "84413-4", "Genotype display name")
    made = observed(number, code, studied(gene), valueCodeableConcept=value, **stated)
    return made | {"derivedFrom": [{"reference": f"Observation/{one}"} for one in sources]} if sources else made


def haplotype(number: str, gene: Resource, name: str) -> Resource:
    return observed(number, coded(LOINC, "84414-2", "Haplotype name"), studied(gene), valueCodeableConcept=words(name))


def implication(number: str, answer: Resource, *sources: str, drug: str = "azathioprine") -> Resource:
    rxnorm = {"azathioprine": "1256", "warfarin": "11289"}[drug]
    return observed(
        number,
        coded(TBD, "therapeutic-implication"),
        {"code": coded(TBD, "therapeutic-implication"), "valueCodeableConcept": answer},
        {"code": coded(LOINC, "51963-7", "Medication assessed"), "valueCodeableConcept": coded(RXNORM, rxnorm, drug)},
        derivedFrom=[{"reference": f"Observation/{one}"} for one in sources],
    )


INTERMEDIATE = coded(LOINC, "LA10317-8", "Intermediate metabolizer")
POOR = coded(LOINC, "LA9657-3", "Poor metabolizer")


def said(record: Record) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return [(one.gene, one.phenotype, one.diplotypes) for one in record.genotypes]


def open_genes(record: Record) -> list[tuple[str, ...]]:
    return [one.affects for one in record.not_understood if one.affects]


class TestGenotypes:
    def test_the_gene_is_known_by_its_hgnc_number(self, read: Any) -> None:
        assert said(read(genotype("g", coded(HGNC, "HGNC:12014"), words("*1/*3A")))) == [("tpmt", None, ("*1/*3A",))]

    def test_a_code_of_alleles_says_what_its_display_leaves_out(self, read: Any) -> None:
        value = {"coding": [{"system": PHARMVAR, "code": "TPMT *1/*3A"}]}
        assert said(read(genotype("g", TPMT, value))) == [("tpmt", None, ("*1/*3A",))]

    @pytest.mark.parametrize(
        ("text", "pairs"),
        [
            ("TPMT *1/*3A", ("*1/*3A",)),
            ("TPMT*1/TPMT*3A", ("*1/*3A",)),
            ("*3a / *1", ("*1/*3A",)),
            ("*1|*3C", ("*1/*3C",)),
            ("*1/*3A or *3B/*3C", ("*1/*3A", "*3B/*3C")),
            ("*3B/*3C; *1/*3A", ("*1/*3A", "*3B/*3C")),
            ("*1/*3A (*3B/*3C cannot be excluded)", ("*1/*3A", "*3B/*3C")),
            ("heterozygous for *3A", ("*1/*3A",)),
            ("Negative for *2, *3A, *3B, *3C", ("*1/*1",)),
        ],
    )
    def test_every_pair_that_the_text_allows(self, read: Any, text: str, pairs: tuple[str, ...]) -> None:
        assert said(read(genotype("g", TPMT, words(text)))) == [("tpmt", None, pairs)]

    @pytest.mark.parametrize(
        "text",
        [
            "not *1/*3A",
            "*1/*3A?",
            "poor metabolizer?",
            "*1/*3A and *1/*2",
            "*1/*3A or *1/[rs753545734 T]",
            "CYP2D6 *1/*4",
            "*1/*3A/*4",
            "*1/*3A/*1/*2",
            "*1/*3A*",
            "*1/*1 excluded",
            "TPMT not resolved: 820 pairs of star alleles fit the data",
            "see report",
        ],
    )
    def test_a_text_that_is_not_understood_whole_leaves_the_gene_open(self, read: Any, text: str) -> None:
        record = read(genotype("g", TPMT, words(text)))
        assert said(record) == []
        assert open_genes(record) == [("tpmt",)]

    def test_a_display_does_not_outweigh_the_doubt_in_its_text(self, read: Any) -> None:
        value = coded(PHARMVAR, "TPMT *1/*3A", "TPMT *1/*3A", text="*1/*3A, phase uncertain for *3B")
        assert open_genes(read(genotype("g", TPMT, value))) == [("tpmt",)]

    def test_a_group_and_its_alleles(self, read: Any) -> None:
        record = read(genotype("g", TPMT, words("*1/*8 (indeterminate)")))
        assert said(record) == [("tpmt", "indeterminate", ("*1/*8",))]

    def test_a_text_that_allows_two_groups_states_neither(self, read: Any) -> None:
        (fact,) = read(genotype("g", TPMT, words("Intermediate or poor metaboliser"))).genotypes
        assert (fact.phenotype, fact.diplotypes, fact.written) == (None, (), "Intermediate or poor metaboliser")

    def test_withdrawn_genotypes_say_nothing(self, read: Any) -> None:
        assert said(read(genotype("g", TPMT, words("*1/*3A"), status="entered-in-error"))) == []


class TestParts:
    def test_haplotypes_of_a_genotype_that_is_read_are_not_listed(self, read: Any) -> None:
        record = read(
            haplotype("h1", TPMT, "*1"), haplotype("h2", TPMT, "*3A"), genotype("g", TPMT, words("*1/*3A"), "h1", "h2")
        )
        assert said(record) == [("tpmt", None, ("*1/*3A",))]
        assert open_genes(record) == []
        assert record.unread["Observation (part of a genotype that is read)"] == 2

    def test_one_haplotype_alone_is_half_a_genotype(self, read: Any) -> None:
        record = read(haplotype("h1", TPMT, "*3A"))
        assert said(record) == []
        assert open_genes(record) == [("tpmt",)]
        assert "one allele alone" in record.not_understood[0].why

    def test_haplotypes_of_a_withdrawn_genotype_leave_the_gene_open(self, read: Any) -> None:
        gone = genotype("g", TPMT, words("*1/*3A"), "h1", status="entered-in-error")
        assert open_genes(read(haplotype("h1", TPMT, "*3A"), gone)) == [("tpmt",)]

    def test_haplotypes_of_a_genotype_that_is_not_understood_leave_the_gene_open(self, read: Any) -> None:
        record = read(haplotype("h1", TPMT, "*3A"), genotype("g", TPMT, words("see report"), "h1"))
        assert open_genes(record) == [("tpmt",), ("tpmt",)]

    def test_a_variant_alone_leaves_the_gene_open(self, read: Any) -> None:
        present = coded(LOINC, "LA9633-4", "Present")
        variant = observed("v", coded(LOINC, "69548-6"), studied(TPMT), valueCodeableConcept=present)
        assert open_genes(read(variant)) == [("tpmt",)]

    def test_the_region_studied_says_nothing_of_the_patient(self, read: Any) -> None:
        record = read(observed("r", coded(LOINC, "53041-0"), studied(TPMT)))
        assert said(record) == []
        assert open_genes(record) == []


class TestImplications:
    def test_the_group_belongs_to_the_gene_it_was_derived_from(self, read: Any) -> None:
        record = read(genotype("g", TPMT, words("*1/*3A")), implication("i", INTERMEDIATE, "g"))
        assert sorted(said(record), key=str) == [("tpmt", "intermediate", ()), ("tpmt", None, ("*1/*3A",))]

    def test_an_implication_of_another_gene_is_none_of_ours(self, read: Any) -> None:
        cyp2c9 = coded(HGNC, "HGNC:2623", "CYP2C9")
        record = read(genotype("g", cyp2c9, words("CYP2C9*2/*2")), implication("i", POOR, "g", drug="warfarin"))
        assert said(record) == []
        assert open_genes(record) == []

    def test_an_effect_on_azathioprine_of_no_gene_it_names_leaves_both_genes_open(self, read: Any) -> None:
        record = read(implication("i", POOR))
        assert said(record) == []
        assert open_genes(record) == [("nudt15", "tpmt")]

    def test_an_effect_of_both_genes_together_adds_nothing_to_their_genotypes(self, read: Any) -> None:
        record = read(
            genotype("g1", TPMT, words("*1/*3A")), genotype("g2", NUDT15, words("*1/*1")),
            implication("i", INTERMEDIATE, "g1", "g2"),
        )  # fmt: skip
        assert sorted(said(record)) == [("nudt15", None, ("*1/*1",)), ("tpmt", None, ("*1/*3A",))]
        assert open_genes(record) == []

    def test_the_first_edition_of_the_guide(self, read: Any) -> None:
        old = observed("m", coded(LOINC, "53040-2"), studied(TPMT), valueCodeableConcept=POOR)
        assert said(read(old)) == [("tpmt", "poor", ())]

    def test_a_component_of_the_first_edition(self, read: Any) -> None:
        effect = {"code": coded(LOINC, "53040-2"), "valueCodeableConcept": POOR}
        made = observed(
            "m", coded(TBD, "therapeutic-implication"), effect, derivedFrom=[{"reference": "Observation/g"}]
        )
        assert ("nudt15", "poor", ()) in said(read(genotype("g", NUDT15, words("*3/*3")), made))


def test_the_official_r4_examples_of_tpmt(read: Any, data: Path) -> None:
    """Diplotype *1/*4 of TPMT with its two haplotypes; the CYP2C9 examples are none of ours."""
    names = (
        "example-TPMT-diplotype", "example-TPMT-haplotype-one", "example-TPMT-haplotype-two", "example-diplotype1",
        "example-haplotype1", "example-phenotype",
    )  # fmt: skip
    found = []
    with tarfile.open(data / "fhir-hl7-r4-examples" / "examples.tar.gz") as archive:
        for member in archive:
            if Path(member.name).name in {f"Observation-{name}.json" for name in names}:
                packed = archive.extractfile(member)
                assert packed is not None
                found.append(json.loads(packed.read()) | {"subject": {"reference": "Patient/p1"}})
    assert len(found) == len(names)
    record = read(*found)
    assert said(record) == [("tpmt", None, ("*1/*4",))]
    assert open_genes(record) == []


# --- TPMT activity -------------------------------------------------------------------------------------------------

GLOUCESTERSHIRE = [
    {"high": {"value": 9, "unit": "nmol/h/g Hb"}, "text": "deficient"},
    {"low": {"value": 10, "unit": "nmol/h/g Hb"}, "high": {"value": 25, "unit": "nmol/h/g Hb"}, "text": "intermediate"},
    {"low": {"value": 26, "unit": "nmol/h/g Hb"}, "high": {"value": 50, "unit": "nmol/h/g Hb"}, "text": "normal"},
    {"low": {"value": 51, "unit": "nmol/h/g Hb"}, "text": "high"},
]
"""Ranges as a British laboratory prints them (St Thomas' via Gloucestershire), in whole numbers."""


def activity(value: float, unit: str = "nmol/h/g Hb", **stated: Any) -> Resource:
    return (
        observed("a", coded(LOINC, "21563-2"), effectiveDateTime="2026-02-20")
        | {"valueQuantity": {"value": value, "unit": unit}}
        | stated
    )


@pytest.mark.parametrize(("value", "group"), [(4, "deficient"), (18, "intermediate"), (31, "normal"), (60, "high")])
def test_an_activity_is_read_by_the_ranges_printed_beside_it(read: Any, value: float, group: str) -> None:
    (result,) = read(activity(value, referenceRange=GLOUCESTERSHIRE)).results
    assert (result.analyte, result.category, result.value) == ("tpmt-activity", group, None)
    assert result.written == f"{value:g} nmol/h/g Hb"


def test_ranges_in_one_text(read: Any) -> None:
    ranges = [{"text": "deficient <10; intermediate 10-25; normal 26-50; high >50"}]
    (result,) = read(activity(18, referenceRange=ranges)).results
    assert result.category == "intermediate"


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"referenceRange": [{"low": {"value": 26, "unit": "nmol/h/g Hb"}}]},
        {"referenceRange": [{"low": {"value": 68, "unit": "mU/L"}, "high": {"value": 150, "unit": "mU/L"}}]},
        {"interpretation": [coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "L", "Low")]},
    ],
)
def test_a_number_below_the_interval_or_beside_nothing_is_not_guessed(read: Any, stated: Resource) -> None:
    """Below the interval may be a carrier's activity or a deficiency, and so may a flag; another unit is no range."""
    record = read(activity(18, **stated))
    assert record.results == ()
    assert open_genes(record) == [("tpmt-activity",)]


@pytest.mark.parametrize(
    "value", [{"valueString": "Low"}, {"valueCodeableConcept": words("low")}, {"valueString": "reduced"}]
)
def test_low_is_a_deficiency_for_one_laboratory_and_a_carrier_for_another(read: Any, value: Resource) -> None:
    """ARUP: "Low TPMT activity: < 17.0 U/mL", to avoid thiopurines; Exeter: "LOW 20-67" mU/L, above "DEFICIENT"."""
    record = read(observed("a", coded(LOINC, "21563-2"), effectiveDateTime="2026-02-20", **value))
    assert record.results == ()
    assert open_genes(record) == [("tpmt-activity",)]


def test_within_the_reference_interval_is_normal(read: Any) -> None:
    interval = [{"low": quantity(24.0, "U/mL"), "high": quantity(44.0, "U/mL")}]
    (result,) = read(activity(30, "U/mL", referenceRange=interval)).results
    assert result.category == "normal"


def test_the_laboratorys_word_settles_what_its_interval_leaves_open(read: Any) -> None:
    word = [words("deficient")]
    (result,) = read(
        activity(4, referenceRange=[{"low": {"value": 26, "unit": "nmol/h/g Hb"}}], interpretation=word)
    ).results
    assert result.category == "deficient"


def test_ranges_and_interpretation_that_disagree_are_a_doubt(read: Any) -> None:
    record = read(activity(31, referenceRange=GLOUCESTERSHIRE, interpretation=[words("deficient")]))
    assert record.results == ()
    (found,) = record.not_understood
    assert "different things" in found.why


def test_no_message_holds_the_value(read: Any) -> None:
    record = read(activity(18.125))
    assert all("18.125" not in one.why for one in record.not_understood)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (coded(LOINC, "53040-2", "Genetic variation's effect on drug efficacy"), "TPMT poor metabolizer"),
        ({"text": "TPMT gene test"}, "low"),
        (coded("urn:local", "PGX7", "Pharmacogenetic panel"), "TPMT *3A/*3A"),
    ],
)
def test_a_gene_named_only_in_words_is_not_lost_under_an_unknown_code(read: Any, code: Resource, answer: str) -> None:
    """'Never tested' beside a report that says poor would be the worst of silences."""
    record = read(observed("o1", code, valueString=answer, effectiveDateTime="2026-02-01"))
    assert record.genotypes == ()
    assert [one.affects for one in record.not_understood] == [("tpmt",)]


def test_a_word_that_only_resembles_a_gene_leaves_nothing_open(read: Any) -> None:
    record = read(observed("o1", {"text": "XTPMTY score"}, valueString="low", effectiveDateTime="2026-02-01"))
    assert record.not_understood == ()

"""People simulated from the definitions: written as VCF, what they are is always among what is called."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcf_writing import at, gene, genes_of, names, release, saved, written_alleles

from rxvigil.facts import Genotype
from rxvigil.intake.vcf import genotypes_from_vcf, read_vcf
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import Site, StarAllele

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GENES = ("tpmt", "nudt15")


def strand(key: str, star: StarAllele, dice: random.Random) -> dict[str, str]:
    """What a chromosome with this allele carries at each site; where several will do, any of them."""
    return {
        one.id: dice.choice(star.any_of[one.id]) if one.id in star.any_of else star.carries.get(one.id, one.reference)
        for one in gene(key).sites
    }


def number(one: Site, allele: str) -> int:
    """The allele's number in the record of the site."""
    return 0 if allele == one.reference else one.alternatives.index(allele) + 1


def person(key: str, stars: tuple[StarAllele, StarAllele], between: str, dice: random.Random) -> list[str]:
    first, second = (strand(key, star, dice) for star in stars)
    return [
        at(one.id, f"{number(one, first[one.id])}{between}{number(one, second[one.id])}") for one in gene(key).sites
    ]


def pair_name(key: str, stars: tuple[StarAllele, StarAllele]) -> str:
    order = [one.name for one in gene(key).alleles]
    return "/".join(sorted((star.name for star in stars), key=order.index))


@pytest.mark.parametrize("key", GENES)
@MANY
@given(data=st.data())
def test_phased_it_is_the_one_answer_and_unphased_it_is_among_them(
    key: str, tmp_path: Path, data: st.DataObject
) -> None:
    stars = data.draw(st.tuples(*[st.sampled_from(gene(key).alleles)] * 2))
    dice = random.Random(data.draw(st.integers(0, 1000)))
    truth = pair_name(key, stars)
    phased = genes_of(read_vcf(saved(tmp_path, person(key, stars, "|", dice)), release()))[key]
    assert names(phased) == [truth]
    unphased = genes_of(read_vcf(saved(tmp_path, person(key, stars, "/", dice)), release()))[key]
    assert truth in names(unphased)


@pytest.mark.parametrize("key", GENES)
@MANY
@given(data=st.data())
def test_whatever_is_taken_away_the_truth_stays_possible(key: str, tmp_path: Path, data: st.DataObject) -> None:
    """Records left out, not called, filtered or half called: the set only grows, or is too large to list."""
    stars = data.draw(st.tuples(*[st.sampled_from(gene(key).alleles)] * 2))
    dice = random.Random(data.draw(st.integers(0, 1000)))
    records = []
    for record in person(key, stars, data.draw(st.sampled_from("|/")), dice):
        fields = record.split("\t")
        match data.draw(st.sampled_from(("keep", "keep", "keep", "drop", "missing", "filter", "half"))):
            case "drop":
                continue
            case "missing":
                fields[9] = "./."
            case "filter":
                fields[6] = "LowQual"
            case "half":
                fields[9] = "." + fields[9][1:]
            case _:
                pass
        records.append("\t".join(fields))
    call = genes_of(read_vcf(saved(tmp_path, records), release()))[key]
    assert call.too_many or pair_name(key, stars) in names(call)
    assert not call.too_many or call.safest == "poor"


def test_the_simulated_records_write_alleles_as_the_definition_does() -> None:
    assert written_alleles(next(one for one in gene("nudt15").sites if one.repeat))[0] == "AGGAGTC"


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    from rxvigil.knowledge import load_rule_book

    return load_rule_book().vocabulary


class TestFacts:
    """A file as facts of a record."""

    def made(self, folder: Path, words: Vocabulary, key: str, *stars: str, **how: bool) -> Genotype:
        named = {one.name: one for one in gene(key).alleles}
        records = person(key, (named[stars[0]], named[stars[1]]), "/", random.Random(1))
        (fact,) = genotypes_from_vcf(saved(folder, records), release(), words, **how)
        return fact

    def test_a_settled_genotype_has_its_phenotype(self, tmp_path: Path, words: Vocabulary) -> None:
        fact = self.made(tmp_path, words, "tpmt", "*1", "*3C")
        assert (fact.gene, fact.phenotype, fact.diplotypes) == ("tpmt", "intermediate", ("*1/*3C",))
        assert fact.origin.source == "sample.vcf"

    def test_an_open_one_has_every_pair_and_no_phenotype(self, tmp_path: Path, words: Vocabulary) -> None:
        fact = self.made(tmp_path, words, "tpmt", "*1", "*3A")
        assert (fact.phenotype, fact.diplotypes) == (None, ("*1/*3A", "*3B/*3C"))

    def test_assumptions_stand_in_what_is_written(self, tmp_path: Path, words: Vocabulary) -> None:
        records = [at("rs1142345", "0/1"), at("rs1800460", "0/0"), at("rs1800462", "0/0")]
        path = saved(tmp_path, records)
        (strict,) = genotypes_from_vcf(path, release(), words)
        assert len(strict.diplotypes) > 20
        (panel,) = genotypes_from_vcf(path, release(), words, untested_as_reference=True)
        assert (panel.phenotype, panel.diplotypes) == ("intermediate", ("*1/*3C",))
        assert "untested sites outside the minimum panel taken for the reference" in panel.written
        assert "assumed" not in strict.written
        assert "taken for" not in strict.written

    def test_too_many_possibilities_say_nothing(self, tmp_path: Path, words: Vocabulary) -> None:
        records = [at(one.id, "./1") for one in gene("tpmt").sites[:15]]
        (fact,) = genotypes_from_vcf(saved(tmp_path, records), release(), words)
        assert (fact.phenotype, fact.diplotypes) == (None, ())

    def test_an_allele_nobody_named_is_indeterminate_and_not_normal(self, tmp_path: Path, words: Vocabulary) -> None:
        records = person("tpmt", (gene("tpmt").alleles[0],) * 2, "/", random.Random(1))
        odd = [
            record.replace("\tC\tG\t", "\tC\tT\t").replace("0/0", "1/1") if "18143724" in record else record
            for record in records
        ]
        (fact,) = genotypes_from_vcf(saved(tmp_path, odd), release(), words)
        assert (fact.phenotype, fact.diplotypes) == ("indeterminate", ("[rs1800462 other]/[rs1800462 other]",))

    def test_half_of_a_haplotype_not_called_is_not_normal_alone(self, tmp_path: Path, words: Vocabulary) -> None:
        """TPMT *43 needs two sites: with one open and the other the reference, a strand may be like no allele."""
        records = person("tpmt", (gene("tpmt").alleles[0],) * 2, "/", random.Random(1))
        path = saved(tmp_path, [record for record in records if "18143700" not in record])
        (fact,) = genotypes_from_vcf(path, release(), words)
        assert fact.phenotype is None
        assert "*1/*1" in fact.diplotypes
        assert len(fact.diplotypes) > 1

"""Words for a genotype: every spelling of a pair reads the same, as written and under a release."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.genetics import names_one_allele, read_statement, read_written
from rxvigil.genetics.words import METABOLISERS
from rxvigil.intake.genotypes import taken_together
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import build, read_knowledge

BOOK = build(read_knowledge())
RELEASE = BOOK.releases["pharmacogenes/cpic-2026-05"]
GENES = BOOK.vocabulary.concepts["gene"]
ALLELES = {gene.key: [one.name for one in gene.alleles] for gene in RELEASE.genes}
KEYS = sorted(ALLELES)

alleles = st.sampled_from(KEYS).flatmap(lambda key: st.tuples(st.just(key), *[st.sampled_from(ALLELES[key])] * 2))
spellings = st.sampled_from(
    ["{a}/{b}", "{b}/{a}", "{a} / {b}", "{a}|{b}", "{G} {a}/{b}", "{G}{a}/{G}{b}", "{g}: {a}/{b}", " {a}/{b}. "]
)


@given(alleles, spellings, st.booleans())
def test_every_spelling_of_a_pair_reads_the_same(chosen: tuple[str, str, str], spelling: str, lower: bool) -> None:
    key, one, other = chosen
    text = spelling.format(a=one, b=other, g=key, G=GENES[key].name)
    said = read_written(text.lower() if lower else text, key)
    assert said is not None
    assert len(said.diplotypes) == 1
    assert set(said.diplotypes[0].split("/")) == {one, other}


@given(
    st.lists(alleles.filter(lambda chosen: chosen[0] == "tpmt"), min_size=2, max_size=5),
    st.sampled_from([" or ", "; ", ", "]),
)
def test_all_pairs_of_a_list_are_read_or_none(chosen: list[tuple[str, str, str]], between: str) -> None:
    pairs = [f"{one}/{other}" for _, one, other in chosen]
    said = read_written(between.join(pairs), "tpmt")
    assert said is not None
    assert {frozenset(one.split("/")) for one in said.diplotypes} == {frozenset(one.split("/")) for one in pairs}
    assert read_written(between.join([*pairs, "*1/[rs1 T]"]), "tpmt") is None


@given(alleles, spellings)
def test_it_agrees_with_the_reader_of_statements(chosen: tuple[str, str, str], spelling: str) -> None:
    """What is kept as written is what the release makes of it, where it knows the alleles by these names."""
    key, one, other = chosen
    text = spelling.format(a=one, b=other, g=key, G=GENES[key].name)
    said, stated = read_written(text, key), read_statement(text, key, RELEASE)
    assert said is not None
    if stated.diplotypes:
        assert {frozenset(pair.name.split("/")) for pair in stated.diplotypes} == {
            frozenset(pair.split("/")) for pair in said.diplotypes
        }


@pytest.mark.parametrize("word", sorted(METABOLISERS))
@pytest.mark.parametrize("tail", ["", " metabolizer", " metaboliser", " metaboliser phenotype"])
def test_words_for_a_group_agree_with_the_reader_of_statements(word: str, tail: str) -> None:
    said, stated = read_written(word + tail, "tpmt"), read_statement(word + tail, "tpmt", RELEASE)
    assert said is not None
    assert stated.phenotypes in (frozenset(), said.phenotypes)


@pytest.mark.parametrize("text", ["*1/*3A or", "or *1/*3A", "*1/*3A or *3B/*3C or"])
def test_a_text_that_breaks_off_is_not_understood(text: str) -> None:
    assert read_written(text, "tpmt") is None
    assert read_statement(text, "tpmt", RELEASE).why_not


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for key in KEYS:
        said = read_written(text, key)
        assert said is None or said.phenotypes or said.diplotypes
        names_one_allele(text, key)


@given(st.text(alphabet="*13AaBC/|,;.()[]? orTPM", max_size=24))
def test_a_text_read_for_one_pair_names_no_further_allele(text: str) -> None:
    said = read_written(text, "tpmt")
    if said is not None and len(said.diplotypes) == 1:
        assert text.count("*") % 2 == 0


class TestTogether:
    def together(self, *texts: str, coded: tuple[str, ...] = ()) -> tuple[set[str], tuple[str, ...], bool, bool]:
        groups = [METABOLISERS[one] for one in coded]
        found = taken_together(GENES["tpmt"], texts, BOOK.vocabulary, groups)
        return set(found.phenotypes), found.diplotypes, found.understood, found.at_odds

    def test_two_ways_of_saying_one_thing(self) -> None:
        assert self.together("Intermediate metabolizer", "TPMT: intermediate") == ({"intermediate"}, (), True, False)

    def test_a_code_settles_words_that_leave_it_open(self) -> None:
        assert self.together("low activity", coded=("intermediate",)) == ({"intermediate"}, (), True, False)

    def test_words_that_exclude_the_code_are_at_odds_with_it(self) -> None:
        assert self.together("low activity", coded=("normal",))[3]
        assert self.together("poor metaboliser", coded=("normal",))[3]

    def test_pairs_that_differ_are_at_odds(self) -> None:
        assert self.together("*1/*3A", "*1/*3C")[3]
        assert self.together("*1/*3A", "*1/*3A or *3B/*3C")[3]

    def test_a_doubtful_text_takes_back_what_stands_beside_it(self) -> None:
        assert self.together("*1/*3A", "*1/*3A, phase not certain") == (set(), (), False, False)


def test_the_book_knows_both_genes(book: RuleBook) -> None:
    assert sorted(book.vocabulary.concepts["gene"]) == KEYS

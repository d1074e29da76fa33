"""Star alleles on record mean what the release in force on the day makes of them. The expected groups are those of
CPIC's published tables of 2018/2020/2024, February 2026 and 11 May 2026, not of rxvigil's own output."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rxvigil.casebook import record_of
from rxvigil.engine import Assessment, Evaluator
from rxvigil.engine.assessment import Finding
from rxvigil.engine.genotypes import known_of
from rxvigil.engine.state import State
from rxvigil.facts import Genotype, Origin, Patient, Record, parse_when
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lookup import Vocabulary

NOW = date(2026, 11, 25)
BEFORE_2026 = date(2025, 6, 1)
TAKES = ("azathioprine 150 mg/d from 2026-10-15", "weight 70 kg on 2026-10-10", "gene nudt15 normal")


def groups(book: RuleBook, gene: str, *facts: str, on: date = NOW) -> set[str]:
    state = State(record_of(facts, "female born 1970", book.vocabulary), on, book.vocabulary)
    return set(known_of(state, gene).groups)


def assessed(evaluator: Evaluator, *facts: str, on: date = NOW) -> Assessment:
    return evaluator.assess(record_of((*TAKES, *facts), "female born 1970", evaluator.book.vocabulary), on)


@pytest.mark.parametrize(
    ("gene", "pair", "in_2025", "now"),
    [
        ("tpmt", "*1/*1", "normal", "normal"),
        ("tpmt", "*1/*3A", "intermediate", "intermediate"),
        ("tpmt", "*3A/*3C", "poor", "poor"),
        ("tpmt", "*1/*8", "indeterminate", "normal"),
        ("tpmt", "*1/*16", "indeterminate", "intermediate"),
        ("tpmt", "*3C/*8", "possible-intermediate", "intermediate"),
        ("nudt15", "*1/*2", "intermediate", "intermediate"),
        ("nudt15", "*1/*6", "indeterminate", "intermediate"),
        ("nudt15", "*1/*5", "indeterminate", "normal"),
        ("nudt15", "*3/*6", "possible-intermediate", "poor"),
    ],
)
def test_a_pair_of_alleles_is_read_by_the_rules_of_the_day(
    book: RuleBook, gene: str, pair: str, in_2025: str, now: str
) -> None:
    assert groups(book, gene, f"gene {gene} {pair}", on=BEFORE_2026) == {in_2025}
    assert groups(book, gene, f"gene {gene} {pair}") == {now}


def test_between_february_and_may_2026_decreased_and_no_function_was_possible_intermediate(book: RuleBook) -> None:
    assert groups(book, "tpmt", "gene tpmt *3C/*8", on=date(2026, 5, 10)) == {"possible-intermediate"}
    assert groups(book, "tpmt", "gene tpmt *3C/*8", on=date(2026, 5, 11)) == {"intermediate"}


class TestSeveralPossibilities:
    def test_they_leave_it_open_where_they_differ(self, book: RuleBook) -> None:
        assert groups(book, "tpmt", "gene tpmt *1/*3A or *3B/*3C") == {"intermediate", "poor"}

    def test_they_agree_where_they_mean_the_same(self, book: RuleBook) -> None:
        assert groups(book, "tpmt", "gene tpmt *1/*3A or *1/*3C") == {"intermediate"}

    def test_a_report_that_leaves_less_open_settles_it(self, book: RuleBook) -> None:
        assert groups(book, "tpmt", "gene tpmt *1/*3A or *3B/*3C", "gene tpmt intermediate") == {"intermediate"}

    def test_reports_that_contradict_leave_all_of_it_open(self, book: RuleBook) -> None:
        assert groups(book, "tpmt", "gene tpmt *1/*1", "gene tpmt poor") == {"normal", "poor"}

    def test_the_stop_that_could_be_is_named_with_what_would_settle_it(self, evaluator: Evaluator) -> None:
        found = assessed(evaluator, "gene tpmt *1/*3A or *3B/*3C").findings
        (open_,) = [one for one in found if "genotype/cpic-2025#azathioprine-tpmt-poor" in (one.rule, *one.unanswered)]
        assert (open_.tier, open_.would_be) == ("CANNOT SAY", "STOP")
        assert "*1/*3A (intermediate) or *3B/*3C (poor)" in open_.says
        assert any("TPMT activity" in gap.settles for gap in open_.missing)


class TestWhatCannotBeRead:
    def test_an_allele_that_the_release_does_not_define(self, evaluator: Evaluator, book: RuleBook) -> None:
        assert groups(book, "tpmt", "gene tpmt *1/*99") == set()
        found = assessed(evaluator, "gene tpmt *1/*99").findings
        assert any("*1/*99 is not defined by CPIC" in gap.why for one in found for gap in one.missing)

    def test_a_pair_of_which_one_possibility_is_not_defined_is_not_half_read(self, book: RuleBook) -> None:
        assert groups(book, "tpmt", "gene tpmt *1/*1 or *1/*99") == set()

    def test_a_group_that_was_stated_beside_it_counts(self, book: RuleBook) -> None:
        assert groups(book, "tpmt", "gene tpmt *1/*99 stated indeterminate") == {"indeterminate"}

    def test_without_rules_for_star_alleles_only_a_stated_group_is_known(self, book: RuleBook) -> None:
        bare = Vocabulary(concepts=book.vocabulary.concepts)
        for facts, known in ((("gene tpmt *1/*3A",), set()), (("gene tpmt poor",), {"poor"})):
            state = State(record_of(facts, "female born 1970", book.vocabulary), NOW, bare)
            assert set(known_of(state, "tpmt").groups) == known

    def test_a_report_of_tomorrow_is_not_known_today(self, book: RuleBook) -> None:
        origin = Origin("record", "Observation/1")
        record = Record(
            patient=Patient("p"),
            genotypes=(
                Genotype(id="1", gene="tpmt", origin=origin, when=parse_when("2026-11-26"), diplotypes=("*1/*1",)),
            ),
        )
        assert known_of(State(record, NOW, book.vocabulary), "tpmt").reports == ()


class TestReRead:
    def test_a_group_that_is_another_one_today_is_shown(self, evaluator: Evaluator) -> None:
        (found,) = _rereads(assessed(evaluator, "gene tpmt *1/*8 stated indeterminate"))
        assert found.tier == "KNOW"
        assert "states indeterminate" in found.says
        assert "*1/*8 is normal under CPIC 2025 update, May 2026" in found.says
        assert found.sources

    def test_until_it_is_settled_the_more_cautious_counts(self, book: RuleBook) -> None:
        assert groups(book, "tpmt", "gene tpmt *1/*8 stated indeterminate") == {"indeterminate"}
        assert groups(book, "tpmt", "gene tpmt *1/*16 stated indeterminate") == {"intermediate"}
        assert groups(book, "nudt15", "gene nudt15 *3/*6 stated possible-intermediate") == {"poor"}
        assert groups(book, "tpmt", "gene tpmt *1/*3A stated normal") == {"intermediate"}

    def test_the_rules_of_its_own_day_agree_with_it(self, evaluator: Evaluator) -> None:
        assert _rereads(assessed(evaluator, "gene tpmt *1/*8 stated indeterminate", on=BEFORE_2026)) == []

    @pytest.mark.parametrize("fact", ["gene tpmt *1/*3A stated intermediate", "gene tpmt *1/*3A", "gene tpmt poor"])
    def test_nothing_is_said_where_nothing_differs(self, evaluator: Evaluator, fact: str) -> None:
        assert _rereads(assessed(evaluator, fact)) == []

    def test_a_worse_group_makes_the_rules_act(self, evaluator: Evaluator) -> None:
        tiers = {one.tier for one in assessed(evaluator, "gene tpmt *3A/*3C stated indeterminate").findings}
        assert "STOP" in tiers


UNPHASED = "gene tpmt *1/*3A or *3B/*3C"


class TestWithTheActivity:
    def test_it_tells_possible_pairs_apart_where_nothing_can_hide_a_deficiency(self, book: RuleBook) -> None:
        before = ("tpmt-activity intermediate on 2026-10-01", "event transfusion not", TAKES[0])
        assert groups(book, "tpmt", UNPHASED, *before) == {"intermediate"}

    @pytest.mark.parametrize(
        "around",
        [
            (),
            ("event transfusion since 2026-09-10",),
            ("event transfusion not", "azathioprine 100 mg/d from 2026-01-01 to 2026-10-05"),
        ],
    )
    def test_it_tells_nothing_while_a_transfusion_or_a_thiopurine_may_have_raised_it(
        self, book: RuleBook, around: tuple[str, ...]
    ) -> None:
        facts = (UNPHASED, "tpmt-activity intermediate on 2026-10-01", *around)
        assert groups(book, "tpmt", *facts) == {"intermediate", "poor"}

    def test_what_was_not_asked_is_what_would_settle_it(self, evaluator: Evaluator) -> None:
        found = assessed(evaluator, UNPHASED, "tpmt-activity intermediate on 2026-10-01").findings
        settles = {gap.settles for one in found for gap in one.missing if "*3B/*3C" in gap.why}
        assert settles == {
            "ask about a red cell transfusion before the activity of 1 Oct 2026: without it, the activity tells"
        }

    def test_a_genotype_that_the_activity_denies_is_a_finding(self, evaluator: Evaluator) -> None:
        (found,) = _denied(assessed(evaluator, "gene tpmt *3A/*3C", "tpmt-activity normal on 2026-10-01"))
        assert found.tier == "ACT"
        assert "poor by genotype and normal by activity (1 Oct 2026)" in found.says
        assert "a red cell transfusion before the activity was measured" in found.attest

    def test_after_a_transfusion_the_genotype_stands(self, evaluator: Evaluator) -> None:
        facts = ("gene tpmt *3A/*3C", "tpmt-activity normal on 2026-10-01", "event transfusion since 2026-09-10")
        (found,) = _denied(assessed(evaluator, *facts))
        assert found.tier == "KNOW"
        assert any("4 months" in note for note in found.notes)

    @pytest.mark.parametrize(
        "facts",
        [
            ("gene tpmt *1/*3A", "tpmt-activity intermediate on 2026-10-01"),
            ("gene tpmt *1/*1", "tpmt-activity high on 2026-10-01"),
            ("gene tpmt *1/*24", "tpmt-activity deficient on 2026-10-01"),
            (UNPHASED, "tpmt-activity deficient on 2026-10-01"),
            ("gene tpmt *1/*1",),
            ("tpmt-activity deficient on 2026-10-01",),
        ],
    )
    def test_what_can_both_be_true_is_no_finding(self, evaluator: Evaluator, facts: tuple[str, ...]) -> None:
        """*1/*24 is of uncertain function: it says nothing against any activity."""
        assert _denied(assessed(evaluator, *facts)) == []


PAIRS = ("*1/*1", "*1/*3A", "*3A/*3C", "*1/*8", "*3C/*8", "*1/*24")


@given(st.lists(st.sampled_from(PAIRS), min_size=1, max_size=3, unique=True), st.sampled_from(PAIRS))
def test_one_more_possibility_never_settles_anything(book: RuleBook, pairs: list[str], more: str) -> None:
    known = groups(book, "tpmt", f"gene tpmt {' or '.join(pairs)}")
    assert known <= groups(book, "tpmt", f"gene tpmt {' or '.join([*pairs, more])}")


@given(st.permutations(["gene tpmt *1/*3A or *3B/*3C", "gene tpmt intermediate", "gene tpmt *1/*3A"]))
def test_the_order_of_reports_does_not_matter(book: RuleBook, facts: list[str]) -> None:
    assert groups(book, "tpmt", *facts) == {"intermediate"}


def _rereads(assessment: Assessment) -> list[Finding]:
    return [one for one in assessment.findings if one.rule.startswith("engine/genotype-re-read/")]


def _denied(assessment: Assessment) -> list[Finding]:
    return [one for one in assessment.findings if one.rule.startswith("engine/genotype-against-activity/")]

"""Genotypes in tables: a table of their own, or rows among the results of a laboratory."""

from pathlib import Path

import pytest

from rxvigil.errors import UnreadableInput
from rxvigil.facts import Record
from rxvigil.intake.tables import read_tables, suggest_mapping
from rxvigil.knowledge.book import RuleBook

from .desk import LABS, lay

GENES = """
kind: mapping
title: genes
patient: pid
missing: [NA]
tables:
  - file: genes.csv
    holds: genotypes
    gene: {constant: tpmt}
    result: tpmt
    phenotype: tpmt_phenotype
    date: tested
  - file: genes.csv
    holds: genotypes
    gene: {constant: nudt15}
    result: nudt15
    date: tested
"""
LONG = """
kind: mapping
title: one report per row
patient: pid
tables:
  - file: genes.csv
    holds: genotypes
    gene: {name: gene}
    result: result
    status: {column: state, words: {F: final, P: preliminary, X: withdrawn}}
"""
Facts = list[tuple[str, str | None, tuple[str, ...]]]


def records(folder: Path, book: RuleBook, mapping: str, name: str, *lines: str) -> list[Record]:
    tables = lay(folder, mapping, {name: "\n".join(lines) + "\n"})
    return list(read_tables(tables, folder / "mapping.yaml", book.vocabulary))


def wide(folder: Path, book: RuleBook, *rows: str) -> Record:
    (record,) = records(folder, book, GENES, "genes.csv", "pid,tested,tpmt,tpmt_phenotype,nudt15", *rows)
    return record


def said(record: Record) -> Facts:
    return sorted((one.gene, one.phenotype, one.diplotypes) for one in record.genotypes)


def test_a_column_for_each_gene(tmp_path: Path, book: RuleBook) -> None:
    record = wide(tmp_path, book, "A17,2026-02-05,*1/*3A,intermediate metaboliser,*1/*1")
    assert said(record) == [("nudt15", None, ("*1/*1",)), ("tpmt", "intermediate", ("*1/*3A",))]
    assert {str(one.when) for one in record.genotypes} == {"5 Feb 2026"}
    assert {one.origin.place for one in record.genotypes} == {"tpmt", "nudt15"}


def test_several_possible_pairs(tmp_path: Path, book: RuleBook) -> None:
    assert said(wide(tmp_path, book, "A17,,*1/*3A or *3B/*3C,,")) == [("tpmt", None, ("*1/*3A", "*3B/*3C"))]


@pytest.mark.parametrize("blank", ["", "NA"])
def test_a_blank_cell_is_a_test_that_was_not_done(tmp_path: Path, book: RuleBook, blank: str) -> None:
    record = wide(tmp_path, book, f"A17,2026-02-05,{blank},{blank},*1/*3")
    assert said(record) == [("nudt15", None, ("*1/*3",))]
    assert record.not_understood == ()
    assert record.unread == {"genotype left blank": 1}


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("*1/*3A?,", "neither a phenotype nor a pair"),
        ("see letter,", "neither a phenotype nor a pair"),
        ("not *1/*3A,", "neither a phenotype nor a pair"),
        ("*3A,", "neither a phenotype nor a pair"),
        ("poor metaboliser,normal metaboliser", "two different things"),
    ],
)
def test_what_is_not_understood_leaves_the_gene_open(tmp_path: Path, book: RuleBook, cells: str, why: str) -> None:
    record = wide(tmp_path, book, f"A17,2026-02-05,{cells},")
    assert said(record) == []
    (found,) = record.not_understood
    assert why in found.why
    assert found.affects == ("tpmt",)
    assert (found.origin.place, found.origin.line) == ("tpmt", 2)


def test_a_date_that_does_not_exist_leaves_the_gene_open(tmp_path: Path, book: RuleBook) -> None:
    record = wide(tmp_path, book, "A17,2026-02-31,*1/*3A,,")
    assert said(record) == []
    assert record.not_understood[0].affects == ("tpmt",)


def test_the_gene_named_in_a_column(tmp_path: Path, book: RuleBook) -> None:
    rows = ("A17,NUDT15,*1/*3,F", "A17,TPMT genotype,intermediate metabolizer,P", "A17,CYP2D6,*1/*4,F")
    (record,) = records(tmp_path, book, LONG, "genes.csv", "pid,gene,result,state", *rows)
    assert said(record) == [("nudt15", None, ("*1/*3",)), ("tpmt", "intermediate", ())]
    assert [(one.kind, one.display) for one in record.outside] == [("gene", "CYP2D6")]


def test_a_withdrawn_report_says_nothing(tmp_path: Path, book: RuleBook) -> None:
    (record,) = records(tmp_path, book, LONG, "genes.csv", "pid,gene,result,state", "A17,TPMT,*1/*3A,X")
    assert said(record) == []
    assert record.unread == {"withdrawn genotype": 1}


def test_a_row_with_a_cell_too_few_leaves_both_genes_open(tmp_path: Path, book: RuleBook) -> None:
    (record,) = records(tmp_path, book, LONG, "genes.csv", "pid,gene,result,state", "A17,TPMT,*1/*3A")
    assert record.not_understood[0].affects == ("nudt15", "tpmt")


@pytest.mark.parametrize(
    ("gene", "columns", "why"),
    [
        ("{constant: tmpt}", "result: result", "'tmpt' is no gene"),
        ("{constant: tpmt}", "date: state", "column of the result"),
    ],
)
def test_a_mapping_that_cannot_be_meant(tmp_path: Path, book: RuleBook, gene: str, columns: str, why: str) -> None:
    mapping = LONG.replace("{name: gene}", gene).replace("result: result", columns)
    with pytest.raises(UnreadableInput, match=why):
        records(tmp_path, book, mapping, "genes.csv", "pid,gene,result,state", "A17,TPMT,*1/*3A,F")


@pytest.mark.parametrize(
    "header",
    ["pid,dob,sex,TPMT genotype,NUDT15", "pid,TPMT genotype,NUDT15", "pid,date,wbc,platelets,TPMT,nudt15 gene"],
)
def test_the_draft_of_a_mapping_has_a_table_for_each_gene(tmp_path: Path, book: RuleBook, header: str) -> None:
    (tmp_path / "sheet.csv").write_text(header + "\n", encoding="utf-8")
    draft = suggest_mapping(tmp_path, book.vocabulary)
    assert draft.count("holds: genotypes  # guess") == 2
    assert "gene: {constant: tpmt}" in draft
    assert "gene: {constant: nudt15}" in draft
    assert "not recognised" not in draft


class TestAmongResults:
    def read(self, folder: Path, book: RuleBook, *rows: str) -> Record:
        (record,) = records(folder, book, LABS, "labs.csv", "pid,date,test,value,unit", *rows)
        return record

    def test_a_genotype_among_the_results(self, tmp_path: Path, book: RuleBook) -> None:
        record = self.read(tmp_path, book, "A17,2026-02-05,TPMT genotype,*1/*3A,", "A17,2026-02-05,ALT,38,U/L")
        assert said(record) == [("tpmt", None, ("*1/*3A",))]
        assert [one.analyte for one in record.results] == ["alt"]

    def test_one_that_is_not_understood_leaves_the_gene_open(self, tmp_path: Path, book: RuleBook) -> None:
        record = self.read(tmp_path, book, "A17,2026-02-05,NUDT15 genotype,failed,")
        assert [one.affects for one in record.not_understood] == [("nudt15",)]

    def test_a_blank_value_leaves_it_open_too(self, tmp_path: Path, book: RuleBook) -> None:
        record = self.read(tmp_path, book, "A17,2026-02-05,NUDT15 genotype,,")
        assert [one.affects for one in record.not_understood] == [("nudt15",)]

    def test_the_activity_is_a_result(self, tmp_path: Path, book: RuleBook) -> None:
        record = self.read(tmp_path, book, "A17,2026-02-05,TPMT activity,normal,")
        assert [(one.analyte, one.category) for one in record.results] == [("tpmt-activity", "normal")]
        assert record.genotypes == ()


RANGED = LABS + "    reference: {low: low, high: high}\n"


class TestActivity:
    """A number for TPMT activity, in whatever unit, beside its laboratory's own interval."""

    def read(self, folder: Path, book: RuleBook, value: str, unit: str, low: str, high: str) -> Record:
        row = f"A17,2026-02-05,TPMT activity,{value},{unit},{low},{high}"
        (record,) = records(folder, book, RANGED, "labs.csv", "pid,date,test,value,unit,low,high", row)
        return record

    @pytest.mark.parametrize(("value", "group"), [("31", "normal"), ("26", "normal"), ("60", "high"), (">50", "high")])
    def test_within_or_above_the_interval(self, tmp_path: Path, book: RuleBook, value: str, group: str) -> None:
        (result,) = self.read(tmp_path, book, value, "nmol/h/g Hb", "26", "50").results
        assert (result.category, result.value) == (group, None)
        assert result.written == f"{value} nmol/h/g Hb"

    @pytest.mark.parametrize(
        ("value", "unit", "low", "high"),
        [
            ("18", "nmol/h/g Hb", "26", "50"),
            ("<5", "nmol/h/g Hb", "26", "50"),
            ("31", "nmol/h/g Hb", "", "50"),
            ("31", "nmol/h/g Hb", "", ""),
            ("31", "nmol/h/g Hb", "see text", "50"),
            ("31", "", "26", "50"),
            ("-3", "nmol/h/g Hb", "26", "50"),
        ],
    )
    def test_what_is_not_certain_leaves_it_open(
        self, tmp_path: Path, book: RuleBook, value: str, unit: str, low: str, high: str
    ) -> None:
        """Below the interval it is a carrier's activity or a deficiency."""
        record = self.read(tmp_path, book, value, unit, low, high)
        assert record.results == ()
        assert [one.affects for one in record.not_understood] == [("tpmt-activity",)]

    def test_the_laboratorys_word(self, tmp_path: Path, book: RuleBook) -> None:
        (result,) = self.read(tmp_path, book, "deficient", "", "", "").results
        assert result.category == "deficient"

"""What lint finds wrong with a pharmacogenetic file: the smallest change to a good file that causes each problem."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from genetics.conftest import PARTS
from rxvigil.knowledge.lint import lint_book
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.yamlfile import Document

Data = dict[str, Any]
CURRENT = "pharmacogenes/cpic-2026-05.yaml"
ACTIVITY = "pharmacogenes/tpmt-activity.yaml"


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [document for document in read_knowledge() if document.name.split("/")[0] in PARTS]


def problems(documents: list[Document], change: Callable[[Data], object], name: str = CURRENT) -> list[str]:
    changed = [Document(one.name, copy.deepcopy(one.data), one.lines) if one.name == name else one for one in documents]
    change(next(one.data for one in changed if one.name == name))
    found = lint_book(changed, build(changed))
    return [problem.what for problem in found if problem.place.startswith("pharmacogenes")]


def tpmt(data: Data) -> Data:
    return next(gene for gene in data["genes"] if gene["key"] == "tpmt")


def nudt15(data: Data) -> Data:
    return next(gene for gene in data["genes"] if gene["key"] == "nudt15")


def allele(gene: Data, name: str) -> Data:
    return next(one for one in gene["alleles"] if one["name"] == name)


def site(gene: Data, name: str) -> Data:
    return next(one for one in gene["sites"] if one["id"] == name)


def row(data: Data, name: str) -> Data:
    return next(one for one in data["advice"] if one["id"] == name)


def test_the_shipped_files_are_clean(documents: list[Document]) -> None:
    assert problems(documents, lambda data: None) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda data: allele(tpmt(data), "*2")["carries"].update(rs999="T"), "*2: 'rs999' is not a site of the gene"),
        (
            lambda data: allele(tpmt(data), "*2").update(carries={"rs1800462": "T"}),
            "*2: 'T' is no allele of the site 'rs1800462'",
        ),
        (
            lambda data: allele(tpmt(data), "*3A")["carries"].update(rs1800462="C"),
            "*3A carries the reference at 'rs1800462': leave it out",
        ),
        (lambda data: allele(tpmt(data), "*2").update(carries={"rs1142345": "C"}), "*2 and *3C carry the same"),
        (lambda data: tpmt(data)["alleles"].pop(0), "no allele is the reference"),
        (lambda data: allele(tpmt(data), "*2").update(name="*3B"), "the allele '*3B' stands twice"),
        (
            lambda data: site(tpmt(data), "rs1142345").update(alternatives=["C", "C", "G"]),
            "site 'rs1142345' names an allele twice",
        ),
        (lambda data: site(tpmt(data), "rs1142345").update(position=18130762), "the position '18130762' stands twice"),
        (
            lambda data: site(nudt15(data), "rs746071566").pop("repeat"),
            "site 'rs746071566' counts repeats but has no 'repeat'",
        ),
        (
            lambda data: site(nudt15(data), "rs746071566")["repeat"].update(context="AGGAGTCGGAGTC"),
            "site 'rs746071566': the context does not hold 3 repeats of GAGTCG at its end",
        ),
        (lambda data: tpmt(data)["phenotypes"].pop("normal+no"), "the table of phenotypes has no 'normal+no'"),
        (
            lambda data: tpmt(data)["phenotypes"].update({"no+normal": "intermediate"}),
            "'no+normal' is not a pair of functions in their order",
        ),
        (lambda data: nudt15(data)["retired"].update({"*2": "*99"}), "*2 is retired into *99, which is not an allele"),
        (lambda data: nudt15(data)["retired"].update({"*4": "*3"}), "*4 is retired and an allele at once"),
        (lambda data: tpmt(data).update(key="abcb1"), "'abcb1' is not a gene of the vocabulary"),
        (
            lambda data: row(data, "azathioprine-normal").update(drug="imuran"),
            "'imuran' is not a drug of the vocabulary",
        ),
        (lambda data: data["standard"][0].update(drug="imuran"), "'imuran' is not a drug of the vocabulary"),
        (
            lambda data: row(data, "azathioprine-both-intermediate").update(fraction=[0.5, 0.2]),
            "the share runs backwards",
        ),
        (
            lambda data: row(data, "azathioprine-both-intermediate").update(below=0.5),
            "a share and 'below' say two things",
        ),
        (
            lambda data: row(data, "azathioprine-normal").update(either=["poor"]),
            "no pair of phenotypes meets it",
        ),
        (
            lambda data: row(data, "azathioprine-normal").update(nudt15=["normal", "poor"]),
            "'azathioprine-normal' and 'azathioprine-poor' both answer normal with poor",
        ),
        (
            lambda data: row(data, "azathioprine-normal").update(id="azathioprine-poor"),
            "the row 'azathioprine-poor' stands twice",
        ),
        (
            lambda data: row(data, "azathioprine-normal").update(effective={"from": "2027-01-01", "to": "2026-01-01"}),
            "it ends before it begins",
        ),
        (
            lambda data: data["effective"].update({"from": "2026-05-10"}),
            "pharmacogenes/cpic-2026-02 and pharmacogenes/cpic-2026-05 are in force on the same day",
        ),
    ],
)
def test_each_problem_is_found(documents: list[Document], change: Callable[[Data], object], expected: str) -> None:
    assert any(expected in what for what in problems(documents, change))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda data: data["caveats"][3]["drugs"].append("nurofen"), "'nurofen' is not a drug of the vocabulary"),
        (lambda data: data["caveats"][3].update(drugs=[]), "drugs are named for interfering-drug"),
        (lambda data: data["caveats"][0].update(when="leukaemia"), "the circumstance 'leukaemia' stands twice"),
        (lambda data: data.update(gene="abcb1"), "'abcb1' is not a gene of the vocabulary"),
    ],
)
def test_problems_of_what_misleads_an_activity(
    documents: list[Document], change: Callable[[Data], object], expected: str
) -> None:
    assert any(expected in what for what in problems(documents, change, ACTIVITY))

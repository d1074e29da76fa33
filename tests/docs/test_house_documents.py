"""The documents at the top: short where they should be short, complete where they should be complete."""

import re
from typing import get_args

from docs.blocks import ROOT, blocks, documents, name_of
from rxvigil.engine.assessment import Outcome
from rxvigil.knowledge.book import RuleBook
from rxvigil.reports.words import MARK_MEANS, TIERS


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_is_read_in_one_sitting_and_its_pictures_load_fast() -> None:
    assert len(read("README.md").splitlines()) <= 120
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", read("README.md")):
        assert (ROOT / picture).stat().st_size < 400_000, picture


def test_every_number_in_the_readmes_reasons_has_its_source() -> None:
    reasons = read("README.md").partition("## Why")[2].partition("\n## ")[0]
    for reason in reasons.split("\n- ")[1:]:
        assert "https://doi.org/" in reason or "ncbi.nlm.nih.gov" in reason, reason


def test_the_glossary_is_alphabetical_and_every_word_it_points_to_is_in_it() -> None:
    text = read("GLOSSARY.md")
    words = [word.lower() for word in re.findall(r"^\*\*([^*]+)\*\*", text, re.MULTILINE)]
    assert words == sorted(words)
    assert len(words) == len(set(words))
    entries = text.partition("\n**")[2]
    for pointed in re.findall(r"(?<![*\w])\*([a-z ]+)\*(?!\*)", entries):
        assert pointed in words or pointed.removesuffix("s") in words, pointed


def test_the_glossary_has_the_words_of_the_rule_book() -> None:
    words = {word.lower() for word in re.findall(r"^\*\*([^*]+)\*\*", read("GLOSSARY.md"), re.MULTILINE)}
    assert set(MARK_MEANS) <= words
    assert {tier.lower() for tier in TIERS} <= words
    assert set(get_args(Outcome)) <= words
    assert {"not understood", "outside", "unread", "overlay", "digest", "borrowed"} <= words


def test_the_changelog_says_what_changes_for_patients_first() -> None:
    for version in re.split(r"^## ", read("CHANGELOG.md"), flags=re.MULTILINE)[1:]:
        assert 0 <= version.find("### Advice") < version.find("### Code"), version.splitlines()[0]


def test_what_is_not_run_says_why() -> None:
    for path in documents():
        for block in blocks(path):
            if block.word == "not run":
                assert len(block.said.split()) >= 3, f"{name_of(path)}:{block.line}"


def test_no_address_is_invented() -> None:
    for path in documents():
        assert not re.search(r"[\w.]+@[\w-]+\.\w+", path.read_text(encoding="utf-8")), name_of(path)


def test_drugs_without_a_protocol_are_named_where_people_look_for_limits(book: RuleBook) -> None:
    covered = {drug for protocol in book.protocols.values() for drug in protocol.applies.drugs}
    for key, drug in book.vocabulary.drugs.items():
        if drug.monitored and key not in covered:
            for name in ("safety/intended-use.md", "CHANGELOG.md"):
                assert drug.name.lower() in read(name).lower(), f"{name} does not say that {key} has no protocol"


def test_what_the_documents_say_of_the_rheumatology_guideline_is_so(book: RuleBook) -> None:
    superseded = book.protocols["monitoring/azathioprine/bsr-2017"].superseded
    assert superseded is not None
    assert superseded.by == "bsr-2025"
    assert not any("bsr-2025" in identity for identity in book.protocols), "it has been read: say so in the documents"

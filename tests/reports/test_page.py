"""The page as text: self-contained, escaped, complete, the same bytes each time. How it looks: `tests/web`."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from reports.elsewhere import in_another_process
from reports.sample import HOSTILE, hostile, sample_assessment, sample_record
from reports.sample_book import sample_book
from rxvigil.engine.assessment import SCHEMA, Assessment, BookShown
from rxvigil.facts import Patient, Record
from rxvigil.reports.page import to_html

INLINE = {"a", "b", "bdi", "em", "span", "strong"}
VOID = {"meta", "br", "link", "img", "hr", "input"}


class Reader(HTMLParser):
    """Reads a page and notes what is not well formed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.problems: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(page)
        self.problems += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")
        if tag not in INLINE:
            self.words.append((tag, " "))

    def handle_data(self, data: str) -> None:
        self.words.append((self.open[-1] if self.open else "", data))


@pytest.fixture(scope="module")
def page() -> str:
    return to_html(sample_assessment(), sample_record(), sample_book())


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    return Reader(page)


def joined(reader: Reader) -> str:
    return " ".join("".join(words for tag, words in reader.words if tag != "style").split())


def test_the_same_input_gives_the_same_bytes_in_another_zone_with_no_fonts(page: str) -> None:
    elsewhere = in_another_process("to_html(sample_assessment(), sample_record(), sample_book()).encode()")
    assert elsewhere == page.encode()


def test_it_is_well_formed(read: Reader) -> None:
    assert read.problems == []
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_it_needs_nothing_and_runs_nothing(page: str, read: Reader) -> None:
    tags = {tag for tag, _ in read.tags}
    assert not tags.intersection({"script", "link", "img", "iframe", "object", "embed", "form", "base"})
    assert not [attrs for _, attrs in read.tags for name in attrs if name.startswith("on")]
    assert "@import" not in page
    assert not re.findall(r"url\((?!#)", page)
    policy = next(attrs["content"] for tag, attrs in read.tags if attrs.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'")


def test_links_go_to_places_in_the_page_or_to_sources(read: Reader) -> None:
    addresses = [str(attrs["href"]) for tag, attrs in read.tags if tag == "a"]
    ids = {f"#{attrs['id']}" for _, attrs in read.tags if "id" in attrs}
    assert {one for one in addresses if one.startswith("#")} <= ids
    assert [one for one in addresses if not one.startswith("#")] == ["https://example.org/label"]


def test_the_title_and_the_addresses_hold_no_patient_value(read: Reader) -> None:
    assert next(words for tag, words in read.words if tag == "title") == "Medicine safety review"
    assert not [attrs for tag, attrs in read.tags if tag == "a" and "Q17" in str(attrs)]


def test_a_reader_meets_who_what_and_what_to_do_in_that_order(read: Reader) -> None:
    text = joined(read)
    places = [
        text.index(words)
        for words in (
            "Medicine safety review Patient Q17-204",
            "Reviewed as of 1 Mar 2026",
            "Azathioprine 150 mg/day",
            "What needs doing first",
            "STOP Allopurinol",
            "ACT Neutrophils 1.4",
            "Tests due",
            "Results and medicines over time",
            "What could not be said",
            "What was not understood",
            "Protocols followed",
            "Sources",
            "rxvigil is not a certified medical device",
            "Rule book 5f3c1d0a9b8e",
        )
    ]
    assert places == sorted(places)


def test_what_could_be_grave_is_named_at_the_top_though_it_cannot_be_said(read: Reader) -> None:
    top = joined(read).partition("Tests due")[0]
    assert "Could be STOP. Whether ALT and bilirubin are raised together cannot be said." in top


def test_status_of_protocol_gaps_changes_and_disagreement_are_on_the_page(read: Reader) -> None:
    text = joined(read)
    for words in (
        "Status. Superseded in November 2025",
        "The 2025 thresholds were not found.",
        "Changes by Northfield clinic ALT limit 100 U/L",
        "EMA leaflet: Cut azathioprine to a quarter of the dose. (verified)",
        "superseded by British Society for Rheumatology 2025",
        "review of this value overdue",
        "rxvigil's own choice where the sources leave a gap",
        "Observation/neutrophils-2026-02-25 (maria.json, line 31)",
        "Not read, because no rule speaks of it: 3 Claim, 12 Encounter.",
    ):
        assert words in text


def test_every_result_of_the_charts_is_in_the_tables(read: Reader) -> None:
    text = joined(read)
    assert "20 Feb 2026 1.4 low, withhold 3.3 low 168 preliminary 117 99" in text
    assert "25 Feb 2026 could not be read" in text
    assert "Feb 2026 – <300" in text


def test_headings_go_down_one_step_at_a_time(read: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))


def test_every_table_has_a_caption_and_every_head_cell_its_scope(read: Reader) -> None:
    tags = [tag for tag, _ in read.tags]
    assert tags.count("table") == tags.count("caption") > 5
    assert [attrs for tag, attrs in read.tags if tag == "th" and attrs.get("scope") not in ("col", "row")] == []


def test_every_tier_has_its_word_and_its_own_shape(page: str) -> None:
    tier = r'<span class="tier ([a-z-]+)">\s*<svg[^>]*aria-hidden="true"[^>]*>(.*?)</svg>\s*<span>([A-Z ]+)</span>'
    shapes = re.findall(tier, page, re.DOTALL)
    assert {name for name, _, _ in shapes} == {"stop", "act", "know", "cannot-say"}
    assert len({shape for _, shape, _ in shapes}) == 4
    assert all(name == word.lower().replace(" ", "-") for name, _, word in shapes)


class TestHostileText:
    """A record is other people's text; it must stay text wherever it appears."""

    def test_it_opens_no_element_and_no_template(self) -> None:
        page = to_html(*hostile(), sample_book())
        reader = Reader(page)
        assert reader.problems == []
        assert "script" not in {tag for tag, _ in reader.tags}
        assert "49" not in [words.strip() for _, words in reader.words]
        assert "{{7*7}}" in joined(reader)

    def test_it_does_not_leave_the_style_sheet(self) -> None:
        page = to_html(*hostile(), sample_book())
        assert page.count("</style>") == 1
        running = re.search(r'@top-left \{ content: "([^"]*)"; \}', page)
        assert running is not None
        assert re.fullmatch(r"(?:[A-Za-z0-9]|\\[0-9a-f]+ )+", running.group(1))

    def test_it_hides_and_reorders_nothing(self) -> None:
        page = to_html(*hostile(), sample_book())
        assert "\x1b" not in page
        assert "\u202e" not in page

    def test_an_address_that_is_code_is_no_link(self) -> None:
        reader = Reader(to_html(*hostile(), sample_book()))
        assert not [attrs for tag, attrs in reader.tags if "javascript" in str(attrs.get("href"))]
        assert HOSTILE.startswith("</title>")


class TestLittleIsKnown:
    def test_a_bare_assessment_makes_a_page_that_claims_nothing(self) -> None:
        bare = Assessment(
            schema=SCHEMA,
            patient=Patient("1"),
            on=sample_assessment().on,
            book=BookShown("d", 0),
            jurisdiction="UK",
            summary="No monitored drug is recorded.",
        )
        text = joined(Reader(to_html(bare, Record(patient=Patient("1")), sample_book())))
        assert "No blood-monitored medicine was found in the record." in text
        assert "Every rule that was asked could be answered." in text
        assert "The record holds no result" in text

    def test_silence_with_open_questions_is_not_called_reassuring(self) -> None:
        open_ = tuple(one for one in sample_assessment().findings if one.tier == "CANNOT SAY")
        assessment = msgspec.structs.replace(sample_assessment(), findings=open_)
        text = joined(Reader(to_html(assessment, sample_record(), sample_book())))
        assert "That is not a reassurance: 2 questions could not be answered" in text

"""Measures counted by hand, and every form of them."""

import io
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from rxvigil.engine import Wanted
from rxvigil.facts import Origin, Patient, Prescription, Record, Result, on_day
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.coverage import Ages, Further, Supply
from rxvigil.population.store import Store
from rxvigil.reports import measures_to_fhir, measures_to_html, measures_to_text
from rxvigil.reports.measures import Measure, Measures
from rxvigil.screening import Request, Screen, screen
from rxvigil.screening.measuring import Population, measured

from .conftest import setup_of

ON = date(2026, 3, 1)
FULL = ("haemoglobin", "white-cells", "neutrophils", "platelets", "alt", "creatinine")
VALUES = {"haemoglobin": 130.0, "neutrophils": 4.0, "platelets": 250.0, "alt": 20.0, "creatinine": 70.0}
"""Nothing here crosses a limit."""
HERE = Origin("test.json", "Observation/1", None)


def person(
    identity: str, tests: Iterable[str], tested: date, *, born: date = date(1980, 6, 1), white: float = 6.0
) -> Record:
    """Somebody on 100 mg of azathioprine since January 2025."""
    taken = Prescription(
        id=f"{identity}-rx", drug="azathioprine", status="active", start=on_day(date(2025, 1, 1)),
        origin=HERE,
    )  # fmt: skip
    results = tuple(
        Result(id=f"{identity}-{key}", analyte=key, when=on_day(tested), value=VALUES.get(key, white), origin=HERE)
        for key in tests
    )  # fmt: skip
    lists = ("prescriptions", "results")
    return Record(
        patient=Patient(identity, on_day(born), "female", None), results=results, prescriptions=(taken,), lists=lists
    )


@pytest.fixture(scope="module")
def clinic(make_store: Callable[..., Store]) -> Store:
    recent, old = date(2026, 1, 15), date(2025, 11, 30)
    return make_store(
        [
            *(person(f"done-{number:02}", FULL, recent) for number in range(20)),
            *(person(f"old-{number:02}", FULL, old) for number in range(10)),
            *(person(f"half-{number:02}", FULL[:4], recent) for number in range(3)),
            person("child", FULL, recent, born=date(2010, 1, 1)),
            person("low", FULL, date(2026, 1, 10), white=2.0),
        ],
        1,
    )


@pytest.fixture(scope="module")
def screened(clinic: Store, book: RuleBook) -> Screen:
    return screen(clinic, setup_of(clinic, book, ON), Request(backend="engine", workers=1))


def of(clinic: Store, screened: Screen, book: RuleBook, *, exact: bool) -> Measures:
    return measured(Population(clinic, screened.folder, screened.account, book, Wanted("UK"), 12, exact))


def named(made: Measures, identity: str) -> Measure:
    return next(one for one in made.measures if one.id == identity)


def test_the_published_measure_counted_by_hand(clinic: Store, screened: Screen, book: RuleBook) -> None:
    """20 + 1 done in December to February; 10 a day too early, 3 without liver and renal tests; a child left out."""
    whole = named(of(clinic, screened, book, exact=True), "monitored-in-3-months").whole

    assert whole is not None
    assert (whole.numerator, whole.denominator) == (21, 34)


def redefined(book: RuleBook, **changes: Any) -> RuleBook:
    """The rule book with another definition of the published measure."""
    (file,) = book.measures.values()
    coverage = file.coverage.model_copy(update=changes)
    return replace(book, measures={file.id: file.model_copy(update={"coverage": coverage})})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"within": 4}, (31, 34)),
        ({"within": 1}, (0, 34)),
        ({"panels": ("full-blood-count",)}, (24, 34)),
        ({"ages": Ages(first=17, last=120)}, (21, 34)),
        ({"ages": Ages(first=16, last=45)}, (22, 35)),
        ({"ages": Ages(first=16, last=44)}, (1, 1)),
        ({"drugs": ("methotrexate", "leflunomide")}, (0, 0)),
        ({"supplied": Supply(recent=3, before=24)}, (21, 34)),
        ({"further": (Further(drug="azathioprine", panels=("blood-pressure",)),)}, (0, 34)),
    ],
)
def test_the_rule_book_says_what_is_counted(
    clinic: Store, screened: Screen, book: RuleBook, changes: dict[str, Any], expected: tuple[int, int]
) -> None:
    """By hand: old tests are of November, recent ones of January; the child is 16 on 1 March, everybody else 45."""
    whole = named(of(clinic, screened, redefined(book, **changes), exact=True), "monitored-in-3-months").whole

    assert whole is not None
    assert (whole.numerator, whole.denominator) == expected


def test_a_rule_book_without_a_definition_measures_the_rest(clinic: Store, screened: Screen, book: RuleBook) -> None:
    made = of(clinic, screened, replace(book, measures={}), exact=True)

    assert [one.id for one in made.measures] == ["in-date", "overdue", "not-known", "too-often", "alerts-per-100"]


def test_a_store_that_changed_since_is_said(clinic: Store, screened: Screen, book: RuleBook, tmp_path: Path) -> None:
    shutil.copytree(clinic.path, tmp_path / "a.store")
    manifest = tmp_path / "a.store" / "store.json"
    manifest.write_text(manifest.read_text() + "\n")
    changed = of(Store.open(tmp_path / "a.store"), screened, book, exact=False)

    assert of(clinic, screened, book, exact=False).notes == ()
    assert "The store has changed since this screen" in changed.notes[0]
    assert changed.notes[0] in measures_to_html(changed)


def test_each_test_and_each_practice_by_itself(clinic: Store, screened: Screen, book: RuleBook) -> None:
    found = {
        one.by: one.rows for one in named(of(clinic, screened, book, exact=True), "monitored-in-3-months").breakdowns
    }
    tests = {one.label: one.numerator for one in found["test"]}

    assert tests == {"full blood count": 24, "liver tests": 21, "renal function": 21}
    assert sum(one.denominator or 0 for one in found["practice"]) == 34
    assert sum(one.denominator or 0 for one in found["age"]) == 34
    assert found["month"][0].label == "2025-05", "the first month with January three to six months back"


def test_an_abnormal_result_nobody_acted_on(clinic: Store, screened: Screen, book: RuleBook) -> None:
    """White cells of 2.0 on 10 January, and nothing since."""
    waiting = named(of(clinic, screened, book, exact=True), "time-to-action").waiting

    assert waiting is not None
    assert (waiting.events, waiting.median) == (1, None)


def test_small_numbers_are_hidden_unless_asked_for(clinic: Store, screened: Screen, book: RuleBook) -> None:
    made = of(clinic, screened, book, exact=False)
    whole = named(made, "monitored-in-3-months").whole

    assert whole is not None
    assert (whole.numerator, whole.denominator) == (20, 35)
    waiting = named(made, "time-to-action").waiting
    assert waiting is not None
    assert waiting.events is None
    assert "1 to 7" in made.disclosure


def test_the_page_and_the_text_hold_every_measure(clinic: Store, screened: Screen, book: RuleBook) -> None:
    from rich.console import Console

    made, text = of(clinic, screened, book, exact=False), io.StringIO()
    measures_to_text(made, Console(file=text, width=100, no_color=True))
    page = measures_to_html(made)

    for one in made.measures:
        assert one.title.upper()[:40] in text.getvalue()
        assert f'id="{one.id}"' in page
    assert page.count("<figure>") == page.count("<svg")
    assert "<script" not in page


def test_fhir_accepts_it_and_holds_no_hidden_count(clinic: Store, screened: Screen, book: RuleBook) -> None:
    made = measures_to_fhir(of(clinic, screened, book, exact=False))
    found = Bundle.model_validate(made)
    reports = [one.resource for one in found.entry if one.resource.get_resource_type() == "MeasureReport"]

    assert len(reports) == 7
    assert all(one.measure.startswith("urn:rxvigil:measure:") for one in reports)
    counts = [
        population["count"]
        for entry in made["entry"]
        for group in entry["resource"].get("group", ())
        for stratifier in group.get("stratifier", ())
        for stratum in stratifier.get("stratum", ())
        for population in stratum.get("population", ())
        if "count" in population
    ]
    assert counts
    assert not [one for one in counts if 1 <= one <= 7 and one % 5]


def test_nobody_to_measure(book: RuleBook, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Store.create(tmp_path_factory.mktemp("empty") / "empty.store", book.vocabulary)
    made = screen(store, setup_of(store, book, ON), Request(backend="engine", workers=1))
    whole = named(of(store, made, book, exact=False), "monitored-in-3-months").whole

    assert whole is not None
    assert whole.denominator == 0

"""What each body advises for every pair of phenotypes, as its tables have it. The grids below are written by hand from
the published tables; each letter is one cell.

F full dose, R 30 to 80 %, S 50 to 80 %, B 20 to 50 %, H half, L less than half, Q 75 %, K less than 75 %,
T a tenth three times a week, D a tenth daily, M 0.133 daily (10 of 75 mg/m2), V a quarter, X another drug,
x another drug or a tenth, y another drug or 6 to 7 %, N no dose is named, - the body says nothing that was read.
"""

from datetime import date
from itertools import product

import pytest

from genetics.conftest import VERSIONS
from rxvigil.genetics import BodyAdvice, advise, advise_under, in_force
from rxvigil.knowledge.dosing import DoseRange, parse_dose
from rxvigil.knowledge.pharmacogenes import MetaboliserGroup, PairAdvice, Release

GROUPS: tuple[MetaboliserGroup | None, ...] = (
    "normal", "intermediate", "possible-intermediate", "poor", "indeterminate", None,
)  # fmt: skip
TODAY = date(2026, 11, 25)
CELLS = {
    "F": ((1, 1), None, None, False),
    "R": ((0.3, 0.8), None, None, False),
    "S": ((0.5, 0.8), None, None, False),
    "B": ((0.2, 0.5), None, None, False),
    "H": ((0.5, 0.5), None, None, False),
    "L": (None, 0.5, None, False),
    "Q": ((0.75, 0.75), None, None, False),
    "K": (None, 0.75, None, False),
    "T": ((0.1, 0.1), None, 3, False),
    "D": ((0.1, 0.1), None, None, False),
    "M": ((0.133, 0.133), None, None, False),
    "V": ((0.25, 0.25), None, None, False),
    "X": (None, None, None, True),
    "x": ((0.1, 0.1), None, None, True),
    "y": ((0.06, 0.07), None, None, True),
    "N": (None, None, None, False),
}
A_2025, A_2022, A_2019 = date(2025, 6, 1), date(2022, 6, 1), date(2019, 6, 1)
# Columns are NUDT15, rows TPMT: normal, intermediate, possible intermediate, poor, indeterminate, not known.
CPIC_2026 = """
    F R R X - -
    R B B X R R
    R B B X R R
    X X X X X X
    - R R X - -
    - R R X - -
"""
CPIC_2026_MALIGNANT = CPIC_2026.replace("X", "T")
CPIC_2026_TIOGUANINE = """
    - - - X - -
    - - - X - -
    - - - X - -
    X X X X X X
    - - - X - -
    - - - X - -
"""
CPIC_2024 = """
    F R R X F F
    R B B X R R
    R B B X R R
    X X X X X X
    F R R X N N
    F R R X N N
"""
CPIC_2024_BEFORE_MARCH = CPIC_2024.replace("B", "R")
CPIC_2024_BEFORE_2020 = CPIC_2024_BEFORE_MARCH.replace("X F F", "X - -").replace("F R R X N N", "- R R X - -")
CPIC_2024_MALIGNANT = """
    F R R {p} F F
    R B B {p} R R
    R B B {p} R R
    T T T T T T
    F R R {p} N N
    F R R {p} N N
"""
DPWG = """
    - H H x - -
    H L L x H H
    H L L x H H
    x x x x x x
    - H H x - -
    - H H x - -
"""
DPWG_2025_TIOGUANINE = """
    - H H x - -
    Q L L x Q Q
    Q L L x Q Q
    y y y y y y
    - H H x - -
    - H H x - -
"""
DPWG_2024_TIOGUANINE = DPWG_2025_TIOGUANINE.replace("H", "Q").replace("L", "K")
TABLES = [
    *((VERSIONS[v], drug, "non-malignant", on, CPIC_2026)
      for v, on in (("B", date(2026, 3, 1)), ("C", TODAY)) for drug in ("azathioprine", "mercaptopurine")),
    *((VERSIONS[v], drug, "malignant", on, CPIC_2026_MALIGNANT)
      for v, on in (("B", date(2026, 3, 1)), ("C", TODAY)) for drug in ("mercaptopurine", "tioguanine")),
    *((VERSIONS[v], "tioguanine", "non-malignant", on, CPIC_2026_TIOGUANINE)
      for v, on in (("B", date(2026, 3, 1)), ("C", TODAY))),
    *((VERSIONS["A"], drug, "non-malignant", on, grid if drug != "tioguanine" else grid.replace("R", "S"))
      for on, grid in ((A_2025, CPIC_2024), (A_2022, CPIC_2024_BEFORE_MARCH), (A_2019, CPIC_2024_BEFORE_2020))
      for drug in ("azathioprine", "mercaptopurine", "tioguanine")),
    (VERSIONS["A"], "azathioprine", "malignant", A_2025, CPIC_2024_MALIGNANT.format(p="D")),
    (VERSIONS["A"], "mercaptopurine", "malignant", A_2025, CPIC_2024_MALIGNANT.format(p="M")),
    (VERSIONS["A"], "tioguanine", "malignant", A_2025, CPIC_2024_MALIGNANT.format(p="V").replace("R", "S")),
    *(("pharmacogenes/dpwg-2025", drug, "non-malignant", TODAY, DPWG) for drug in ("azathioprine", "mercaptopurine")),
    *(("pharmacogenes/dpwg-2024", drug, "non-malignant", A_2025, DPWG) for drug in ("azathioprine", "mercaptopurine")),
    ("pharmacogenes/dpwg-2025", "tioguanine", "non-malignant", TODAY, DPWG_2025_TIOGUANINE),
    ("pharmacogenes/dpwg-2024", "tioguanine", "non-malignant", A_2025, DPWG_2024_TIOGUANINE),
]  # fmt: skip


def one(group: MetaboliserGroup | None) -> frozenset[MetaboliserGroup] | None:
    return frozenset({group}) if group else None


def told(row: PairAdvice) -> tuple[object, ...]:
    return (row.fraction, row.below, row.times_a_week, row.avoid)


@pytest.mark.parametrize(("release", "drug", "setting", "on", "grid"), TABLES)
def test_every_cell_of_the_table(
    releases: dict[str, Release], release: str, drug: str, setting: str, on: date, grid: str
) -> None:
    cells = [line.split() for line in grid.strip().splitlines()]
    for (i, tpmt), (j, nudt15) in product(enumerate(GROUPS), repeat=2):
        advice = advise_under(releases[release], on, drug, one(tpmt), one(nudt15), None, setting)
        assert len(advice.rows) <= 1, (tpmt, nudt15)
        if cells[i][j] == "-":
            assert (advice.used, advice.no_row) == (None, ((tpmt or "not-known", nudt15 or "not-known"),))
        else:
            assert advice.used is not None, (tpmt, nudt15)
            assert told(advice.used.row) == CELLS[cells[i][j]], (tpmt, nudt15)
            assert advice.no_row == ()


def at(releases: dict[str, Release], on: date, **given: object) -> dict[str, BodyAdvice]:
    found = advise(releases, on, **given)
    return {one.release.removeprefix("pharmacogenes/"): one for one in found}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2018, 10, 31), ["dpwg-2024"]),
        (date(2018, 11, 1), ["cpic-2024", "dpwg-2024"]),
        (date(2025, 11, 28), ["cpic-2024", "dpwg-2024"]),
        (date(2025, 11, 29), ["cpic-2024", "dpwg-2025"]),
        (date(2026, 2, 2), ["cpic-2024", "dpwg-2025"]),
        (date(2026, 2, 3), ["cpic-2026-02", "dpwg-2025"]),
        (date(2026, 5, 10), ["cpic-2026-02", "dpwg-2025"]),
        (date(2026, 5, 11), ["cpic-2026-05", "dpwg-2025"]),
        (date(2030, 1, 1), ["cpic-2026-05", "dpwg-2025"]),
    ],
)
def test_which_release_was_in_force(releases: dict[str, Release], on: date, expected: list[str]) -> None:
    assert [one.id.removeprefix("pharmacogenes/") for one in in_force(releases, on)] == expected


def test_until_it_is_settled_which_pair_it_is_the_smaller_dose_is_used(releases: dict[str, Release]) -> None:
    """*1/*3A or *3B/*3C: another drug, and why is shown beside it."""
    found = at(releases, TODAY, drug="azathioprine", tpmt=frozenset({"intermediate", "poor"}), nudt15=one("normal"))
    cpic = found["cpic-2026-05"]
    assert [(row.row.id, row.used, row.pairs) for row in cpic.rows] == [
        ("azathioprine-poor", True, (("poor", "normal"),)),
        ("azathioprine-tpmt-intermediate", False, (("intermediate", "normal"),)),
    ]
    assert found["dpwg-2025"].used is not None
    assert found["dpwg-2025"].used.row.avoid


def test_less_than_half_comes_before_half(releases: dict[str, Release]) -> None:
    found = at(
        releases, TODAY, drug="azathioprine", tpmt=one("intermediate"), nudt15=frozenset({"normal", "intermediate"})
    )
    assert found["dpwg-2025"].rows[0].row.below == 0.5


def test_a_reduction_comes_before_a_row_that_names_no_dose(releases: dict[str, Release]) -> None:
    both = frozenset({"indeterminate", "intermediate"})
    advice = advise_under(releases[VERSIONS["A"]], A_2025, "azathioprine", both, one("indeterminate"))
    assert [row.row.fraction for row in advice.rows] == [(0.3, 0.8), None]


def test_a_possible_pair_without_a_row_is_told(releases: dict[str, Release]) -> None:
    found = at(releases, TODAY, drug="azathioprine", tpmt=frozenset({"normal", "indeterminate"}), nudt15=one("normal"))
    assert found["cpic-2026-05"].no_row == (("indeterminate", "normal"),)


def test_a_gene_of_which_nothing_is_known_is_told(releases: dict[str, Release]) -> None:
    found = at(releases, TODAY, drug="azathioprine", tpmt=one("intermediate"), nudt15=None)
    assert found["cpic-2026-05"].not_known == ("nudt15",)
    assert found["cpic-2026-05"].used is not None
    assert found["cpic-2026-05"].used.row.source.mark == "house"


@pytest.mark.parametrize(
    ("drug", "intended", "clause"),
    [
        ("azathioprine", "2 mg/kg/d", "met"),
        ("azathioprine", "2 to 3 mg/kg/d", "met"),
        ("azathioprine", "1 to 1.5 mg/kg/d", "not-met"),
        ("azathioprine", "1 to 2 mg/kg/d", "not-known"),
        ("azathioprine", "150 mg/d", "not-known"),
        ("azathioprine", None, "not-known"),
        ("mercaptopurine", "1.5 mg/kg/d", "met"),
        ("mercaptopurine", "75 mg/m2/d", "met"),
        ("mercaptopurine", "50 mg/m2/d", "not-met"),
    ],
)
def test_the_reduction_is_conditional_on_the_intended_start(
    releases: dict[str, Release], drug: str, intended: str | None, clause: str
) -> None:
    """'If the normal starting dose is 2 mg/kg/day': compared in the same unit, and in no other."""
    dose: DoseRange | None = parse_dose(intended) if intended else None
    found = at(releases, TODAY, drug=drug, tpmt=one("intermediate"), nudt15=one("normal"), intended=dose)
    used = found["cpic-2026-05"].used
    assert used is not None
    assert used.clause == clause


def test_dpwg_2024_asked_for_nothing_below_its_own_limit(releases: dict[str, Release]) -> None:
    """1.5 mg/kg/day azathioprine, 0.75 mercaptopurine, for TPMT and not for NUDT15."""
    for drug, dose in (("azathioprine", "1.4 mg/kg/d"), ("mercaptopurine", "0.7 mg/kg/d")):
        low = parse_dose(dose)
        by_tpmt = advise_under(releases["pharmacogenes/dpwg-2024"], A_2025, drug, one("intermediate"), None, low)
        by_nudt15 = advise_under(releases["pharmacogenes/dpwg-2024"], A_2025, drug, None, one("intermediate"), low)
        assert by_tpmt.used is not None
        assert by_nudt15.used is not None
        assert (by_tpmt.used.clause, by_nudt15.used.clause) == ("not-met", "none")


@pytest.mark.parametrize(
    ("drug", "setting", "both", "single"),
    [
        ("azathioprine", "non-malignant", "moderate", "strong"),
        ("mercaptopurine", "malignant", "strong", "strong"),
        ("tioguanine", "malignant", "moderate", "moderate"),
    ],
)
def test_strengths(releases: dict[str, Release], drug: str, setting: str, both: str, single: str) -> None:
    im = one("intermediate")
    given = {"drug": drug, "setting": setting, "tpmt": im}
    compound, alone = (
        at(releases, TODAY, nudt15=nudt15, **given)["cpic-2026-05"].used for nudt15 in (im, one("normal"))
    )
    assert compound is not None
    assert alone is not None
    assert (compound.row.strength, alone.row.strength) == (both, single)
    assert bool(compound.row.disagrees) == (drug == "azathioprine")


def test_rules_past_their_review_date_say_so(releases: dict[str, Release]) -> None:
    release = releases[VERSIONS["C"]]
    im = one("intermediate")
    assert not advise_under(release, release.review_by, "azathioprine", im, im).stale
    assert advise_under(release, date(2027, 3, 1), "azathioprine", im, im).stale
    assert advise_under(releases[VERSIONS["A"]], TODAY, "azathioprine", im, im).superseded
    assert not advise_under(release, TODAY, "azathioprine", im, im).superseded


def test_a_drug_that_no_body_speaks_of(releases: dict[str, Release]) -> None:
    for advice in advise(releases, TODAY, "methotrexate", one("poor"), one("poor")):
        assert (advice.rows, advice.standard) == ((), None)
        assert advice.no_row == (("poor", "poor"),)


def test_what_nobody_has_read_advises_nothing(releases: dict[str, Release]) -> None:
    release = releases[VERSIONS["C"]]
    row = next(row for row in release.advice if row.id == "azathioprine-poor")
    unread = row.model_copy(update={"source": row.source.model_copy(update={"mark": "memory"})})
    changed = release.model_copy(update={"advice": (unread,)})
    assert advise_under(changed, TODAY, "azathioprine", one("poor"), None).used is None


def test_every_row_can_be_used(releases: dict[str, Release]) -> None:
    """No row is dead: each is the answer for some pair on some day in some setting."""
    for release in releases.values():
        reached = set()
        days = {day for row in release.advice for day in (row.effective.from_, row.effective.to) if day} | {TODAY}
        for day, drug, setting in product(
            days, ("azathioprine", "mercaptopurine", "tioguanine"), ("malignant", "non-malignant")
        ):
            for tpmt, nudt15 in product(GROUPS, repeat=2):
                reached |= {
                    row.row.id for row in advise_under(release, day, drug, one(tpmt), one(nudt15), None, setting).rows
                }
        assert reached == {row.id for row in release.advice}

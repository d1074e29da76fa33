"""Every factor in the unit table, proved against an independent UCUM library (ucumvert on pint).

Factors of a family of units are pure dimension and must agree to the last digit. Factors between mass and amount of
substance rest on a molar mass: it is calculated here from the formula in the entry's `units_source`, with atomic
weights from IUPAC, and the printed factor must agree within the rounding that published tables use.
"""

import re
from importlib import import_module
from typing import Any

import pytest

from rxvigil.knowledge.loader import build, read_knowledge, shipped_knowledge
from rxvigil.knowledge.lookup import Vocabulary

WORDS: Vocabulary = build(read_knowledge(shipped_knowledge() / "vocabulary")).vocabulary
UCUM: Any = import_module("ucumvert").PintUcumRegistry()

ATOMIC_WEIGHT = {"H": 1.00794, "C": 12.0107, "N": 14.0067, "O": 15.9994, "P": 30.9738, "Co": 58.9332}
EXACT = 1e-9
"""Binary floating point in pint; the table itself is decimal."""
PUBLISHED_ROUNDING = 5e-4
"""Published factors have three or four digits (88.4 for 88.402, 0.0555 for 0.05551): at most 0.03 % off, where the best
laboratory repeats a creatinine within 2 %."""
BY_DECISION = {("egfr", "mL/min")}
"""Not provable by dimension: an eGFR is per 1.73 m² by definition of its codes, whether or not the unit says so."""


def quantity(unit: str) -> Any:
    """One of the unit, in pint. An annotation by itself ({INR}) is UCUM's way to write 1."""
    return UCUM.from_ucum("1" if re.fullmatch(r"\{[^}]*\}", unit) else unit)


def factor(unit: str, canonical: str) -> float:
    """How many of the canonical unit one unit is, by pint alone."""
    if unit == canonical:
        return 1.0
    return float((quantity(unit) / quantity(canonical)).to_base_units().to(quantity("1").units).magnitude)


def molar_mass(formula: str) -> float:
    """Grams per mole of a formula such as C63H88CoN14O14P."""
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    assert "".join(symbol + count for symbol, count in parts) == formula
    return sum(ATOMIC_WEIGHT[symbol] * int(count or 1) for symbol, count in parts)


FAMILY_UNITS = [(dimension.key, unit) for dimension in WORDS.dimensions.values() for unit in dimension.units]
SPECIAL_UNITS = [(analyte.key, unit) for analyte in WORDS.analytes.values() for unit in analyte.units]


@pytest.mark.parametrize(("dimension", "unit"), FAMILY_UNITS)
def test_a_factor_of_a_family_is_what_ucum_says(dimension: str, unit: str) -> None:
    family = WORDS.dimensions[dimension]
    assert family.units[unit] == pytest.approx(factor(unit, family.canonical), rel=EXACT)


@pytest.mark.parametrize(("key", "unit"), [pair for pair in SPECIAL_UNITS if pair not in BY_DECISION])
def test_a_factor_of_one_analyte_follows_from_its_formula_or_its_charge(key: str, unit: str) -> None:
    analyte = WORDS.analytes[key]
    assert analyte.dimension is not None
    assert analyte.units_source is not None
    canonical = WORDS.dimensions[analyte.dimension].canonical
    if unit == "meq/L":
        assert analyte.units[unit] == pytest.approx(factor(unit, canonical), rel=EXACT)
        return
    formula = re.match(r"[A-Za-z0-9]+", analyte.units_source.note or "")
    assert formula is not None, "the note of a molar factor begins with the formula"
    substance = quantity(unit) / (molar_mass(formula.group()) * quantity("g/mol"))
    expected = float(substance.to(quantity(canonical).units).magnitude)
    assert analyte.units[unit] == pytest.approx(expected, rel=PUBLISHED_ROUNDING)


def test_what_cannot_be_proved_is_marked_as_our_own_decision() -> None:
    for key, unit in BY_DECISION:
        source = WORDS.analytes[key].units_source
        assert unit in WORDS.analytes[key].units
        assert source is not None
        assert source.mark == "house"


def test_every_factor_beyond_a_family_says_where_it_comes_from() -> None:
    for analyte in WORDS.analytes.values():
        assert (analyte.units_source is not None) == bool(analyte.units), analyte.key


def test_the_canonical_unit_of_a_family_is_one_of_its_units_with_factor_1() -> None:
    for dimension in WORDS.dimensions.values():
        assert dimension.units[dimension.canonical] == 1, dimension.key


def test_an_alias_means_a_ucum_unit_that_some_analyte_has() -> None:
    known = {unit for _, unit in (*FAMILY_UNITS, *SPECIAL_UNITS)}
    for alias in WORDS.aliases:
        assert alias.means in known, alias.means
        quantity(alias.means)


@pytest.mark.parametrize(
    ("dimension", "wrong"),
    [("cell-count", "g/L"), ("enzyme-activity", "mg/L"), ("mass", "cm"), ("metabolite", "ng/mL")],
)
def test_the_oracle_can_fail(dimension: str, wrong: str) -> None:
    """A unit of another dimension has no factor: if it had, the proofs above would prove nothing."""
    with pytest.raises(Exception, match="convert"):
        factor(wrong, WORDS.dimensions[dimension].canonical)

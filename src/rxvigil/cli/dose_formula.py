"""`rxvigil dose formula`: one clinical formula, with its arithmetic and its source."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rxvigil.cli.common import BadOption, load_book, write_whole
from rxvigil.cli.dose_facts import measured

if TYPE_CHECKING:
    from rxvigil.formulae import Calculated, ChildPugh, Sex
    from rxvigil.knowledge.book import RuleBook


class Formula(StrEnum):
    """What to work out."""

    egfr = "egfr"
    clearance = "clearance"
    surface = "surface"
    ideal_weight = "ideal-weight"
    adjusted_weight = "adjusted-weight"
    body_mass_index = "body-mass-index"


NEEDS: Final = {
    Formula.egfr: ("age", "sex", "creatinine"),
    Formula.clearance: ("age", "sex", "creatinine", "weight"),
    Formula.surface: ("height", "weight"),
    Formula.ideal_weight: ("age", "sex", "height"),
    Formula.adjusted_weight: ("age", "sex", "height", "weight"),
    Formula.body_mass_index: ("height", "weight"),
}


class _Given:
    """The options of a formula, each read when it is needed."""

    def __init__(self, book: "RuleBook", texts: dict[str, str | None], age: float | None, sex: str | None) -> None:
        self.book, self.texts, self._age, self._sex = book, texts, age, sex

    def number(self, analyte: str) -> float:
        text = self.texts[analyte]
        return measured(analyte, text or "", self.book)

    @property
    def age(self) -> float:
        return self._age if self._age is not None else -1.0

    @property
    def sex(self) -> "Sex":
        if self._sex not in ("female", "male"):
            raise BadOption("the formula knows female and male", "--sex", "decide which of the two it is to use")
        return "female" if self._sex == "female" else "male"


def formula(
    name: Annotated[Formula, typer.Argument(help="egfr (CKD-EPI 2021), clearance (Cockcroft-Gault), surface, ...")],
    weight: Annotated[str | None, typer.Option(help="Weight with its unit: '70 kg', '154 lb'.")] = None,
    height: Annotated[str | None, typer.Option(help="Height with its unit: '175 cm'.")] = None,
    age: Annotated[float | None, typer.Option(help="Age in years.")] = None,
    sex: Annotated[str | None, typer.Option(help="female or male.")] = None,
    creatinine: Annotated[str | None, typer.Option(help="Creatinine with its unit: '80 umol/L', '0.9 mg/dL'.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of the screen.")] = None,
) -> None:
    """Work out one clinical formula, with the arithmetic to be checked by hand.

    Example: rxvigil dose formula egfr --creatinine "80 umol/L" --age 45 --sex female
    """
    texts = {"weight": weight, "height": height, "creatinine": creatinine}
    have = {"age": age is not None, "sex": sex is not None, **{key: text is not None for key, text in texts.items()}}
    for need in NEEDS[name]:
        if not have[need]:
            raise BadOption(
                f"{name.value} needs it", f"--{need}", f"give {', '.join(f'--{one}' for one in NEEDS[name])}"
            )
    book = load_book(None, None)
    found = _WORK[name](_Given(book, texts, age, sex))
    write_whole(_as_json(found) if as_json else _as_text(found, book), output)


class Ascites(StrEnum):
    """As Child and Pugh grade it."""

    none = "none"
    slight = "slight"
    moderate = "moderate"


def child_pugh(
    bilirubin: Annotated[str, typer.Option(help="Bilirubin with its unit: '20 umol/L', '1.2 mg/dL'.")],
    albumin: Annotated[str, typer.Option(help="Albumin with its unit: '38 g/L'.")],
    inr: Annotated[float, typer.Option(help="INR.")],
    ascites: Annotated[Ascites, typer.Option(help="slight: little, or controlled; moderate: in spite of diuretics.")],
    encephalopathy: Annotated[int, typer.Option(help="Grade, 0 to 4 (West Haven).")],
    cholestatic: Annotated[
        bool, typer.Option("--cholestatic", help="Primary biliary or sclerosing cholangitis.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of the screen.")] = None,
) -> None:
    """Work out the Child-Pugh class of a person with cirrhosis; every item must be given.

    Example: rxvigil dose child-pugh --bilirubin "40 umol/L" --albumin "32 g/L" --inr 1.5 --ascites none
    --encephalopathy 0
    """
    from rxvigil.formulae import child_pugh as score

    book = load_book(None, None)
    found = score(
        bilirubin_umol_per_l=measured("bilirubin", bilirubin, book), cholestatic=cholestatic,
        albumin_g_per_l=measured("albumin", albumin, book), ascites=ascites.value,
        encephalopathy_grade=encephalopathy, inr=inr,
    )  # fmt: skip
    write_whole(_as_json(found) if as_json else _as_text(found, book), output)


def _egfr(given: _Given) -> "Calculated":
    from rxvigil.formulae import egfr_ckd_epi_2021

    creatinine = given.number("creatinine")
    return egfr_ckd_epi_2021(age_years=given.age, sex=given.sex, creatinine_umol_per_l=creatinine)


def _clearance(given: _Given) -> "Calculated":
    from rxvigil.formulae import creatinine_clearance_cockcroft_gault

    return creatinine_clearance_cockcroft_gault(
        age_years=given.age, sex=given.sex, weight_kg=given.number("weight"), weight_used="actual",
        creatinine_umol_per_l=given.number("creatinine"),
    )  # fmt: skip


def _surface(given: _Given) -> "Calculated":
    from rxvigil.formulae import body_surface_area_mosteller

    return body_surface_area_mosteller(height_cm=given.number("height"), weight_kg=given.number("weight"))


def _ideal(given: _Given) -> "Calculated":
    from rxvigil.formulae import ideal_body_weight

    return ideal_body_weight(age_years=given.age, sex=given.sex, height_cm=given.number("height"))


def _adjusted(given: _Given) -> "Calculated":
    from rxvigil.formulae import adjusted_body_weight

    return adjusted_body_weight(actual_kg=given.number("weight"), ideal_kg=_ideal(given).value)


def _index(given: _Given) -> "Calculated":
    from rxvigil.formulae import body_mass_index

    return body_mass_index(height_cm=given.number("height"), weight_kg=given.number("weight"))


_WORK: Final[dict[Formula, Callable[[_Given], "Calculated"]]] = {
    Formula.egfr: _egfr, Formula.clearance: _clearance, Formula.surface: _surface, Formula.ideal_weight: _ideal,
    Formula.adjusted_weight: _adjusted, Formula.body_mass_index: _index,
}  # fmt: skip


def _as_json(found: "Calculated | ChildPugh") -> bytes:
    import msgspec

    from rxvigil.reports import as_bytes

    return as_bytes({"schema": "rxvigil.formula/1", **msgspec.to_builtins(found, order="deterministic")})


def _as_text(found: "Calculated | ChildPugh", book: "RuleBook") -> bytes:
    from rxvigil.formulae import Calculated

    publication = book.publications.get(found.source.ref)
    title = f"{publication.title}, {publication.body}" if publication else found.source.ref
    if isinstance(found, Calculated):
        answer, notes = f"{found.value:.4g} {found.unit}", tuple[str, ...]()
    else:
        answer, notes = f"Class {found.grade}, {found.points} points", found.notes
    lines = (answer, f"Check by hand: {found.formula}", *notes, f"Source: {title}: {found.source.where}")
    return ("\n".join(lines) + "\n").encode()

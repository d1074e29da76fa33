"""Severity of chronic liver disease."""

from typing import Final, Literal, NamedTuple

import msgspec

from rxvigil.formulae.calculated import Limits, OutsideValidity, PublishedIn, one_of, shown, within

Ascites = Literal["none", "slight", "moderate"]
"""`slight`: little, or controlled by diuretics. `moderate`: at least moderate in spite of diuretics."""

_BILIRUBIN: Final = Limits("bilirubin", 0, 1500, "µmol/L")
_ALBUMIN: Final = Limits("albumin", 5, 80, "g/L")
_INR: Final = Limits("INR", 0.5, 25, "")
_PROLONGED: Final = Limits("prolongation of the prothrombin time", -10, 200, "s")
_GRADE: Final = Limits("grade of encephalopathy (West Haven)", 0, 4, "")


class ChildPughItem(msgspec.Struct, frozen=True):
    """One of the five items, the points it scored, and the limits it was held against."""

    name: str
    points: int
    because: str


class ChildPugh(msgspec.Struct, frozen=True, kw_only=True):
    """Points (5 to 15), class, and how they came about."""

    points: int
    grade: Literal["A", "B", "C"]
    items: tuple[ChildPughItem, ...]
    formula: str
    notes: tuple[str, ...]
    source: PublishedIn


class _Steps(NamedTuple):
    """Two limits: 1 point below the lower, 3 above the upper, 2 between and on them."""

    lower: float
    upper: float
    unit: str

    def points(self, value: float) -> int:
        return 1 if value < self.lower else 3 if value > self.upper else 2

    @property
    def said(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"1: below {self.lower:g}, 2: {self.lower:g} to {self.upper:g}, 3: above {self.upper:g}{unit}"


_USUAL: Final = _Steps(34, 50, "µmol/L")
_CHOLESTATIC: Final = _Steps(68, 170, "µmol/L")
_BY_INR: Final = _Steps(1.7, 2.3, "")
_BY_SECONDS: Final = _Steps(4, 6, "s prolonged")
_ASCITES_POINTS: Final = {"none": 1, "slight": 2, "moderate": 3}


def child_pugh(
    *,
    bilirubin_umol_per_l: float,
    cholestatic: bool,
    albumin_g_per_l: float,
    ascites: Ascites,
    encephalopathy_grade: int,
    inr: float | None = None,
    prothrombin_prolonged_s: float | None = None,
) -> ChildPugh:
    """Child-Pugh points and class of a person with cirrhosis. Every item must be stated; none is taken as normal.

    Points 1 / 2 / 3: bilirubin below 34 / 34 to 50 / above 50 µmol/L, in cholestatic disease (primary biliary or
    sclerosing cholangitis) below 68 / 68 to 170 / above 170; albumin above 35 / 28 to 35 / below 28 g/L; INR below 1.7
    / 1.7 to 2.3 / above 2.3, or prothrombin time prolonged by less than 4 / 4 to 6 / more than 6 s, one of the two;
    ascites none / slight or controlled / moderate in spite of diuretics; encephalopathy grade 0 / 1 or 2, or suppressed
    by medicine / 3 or 4, or refractory. Class A: 5 or 6, B: 7 to 9, C: 10 to 15.

    Valid in cirrhosis; not in acute liver injury. Where published tables differ (bilirubin 50 to 51 µmol/L) the higher
    points are given, and said. Source: Pugh RN, Murray-Lyon IM, Dawson JL, Pietroni MC, Williams R. Transection of the
    oesophagus for bleeding oesophageal varices. Br J Surg 1973;60:646-649, doi:10.1002/bjs.1800600817, with the INR
    and the cholestatic limits as restated since. Raises `OutsideValidity`.
    """
    items = (
        _bilirubin(bilirubin_umol_per_l, cholestatic),
        _albumin(albumin_g_per_l),
        _clotting(inr, prothrombin_prolonged_s),
        _ascites(ascites),
        _encephalopathy(encephalopathy_grade),
    )
    points = sum(item.points for item in items)
    grade: Literal["A", "B", "C"] = "A" if points <= 6 else "B" if points <= 9 else "C"
    arithmetic = " + ".join(f"{item.points} ({item.name})" for item in items)
    return ChildPugh(
        points=points,
        grade=grade,
        items=items,
        formula=f"{arithmetic} = {points} points, class {grade}",
        notes=_disputed(bilirubin_umol_per_l, cholestatic),
        source=PublishedIn("pugh-1973", "grading of severity"),
    )


def _bilirubin(value: float, cholestatic: bool) -> ChildPughItem:
    steps = _CHOLESTATIC if cholestatic else _USUAL
    points = steps.points(within(value, _BILIRUBIN))
    kind = "cholestatic disease: " if cholestatic else ""
    return ChildPughItem("bilirubin", points, f"{kind}{steps.said}")


def _albumin(value: float) -> ChildPughItem:
    within(value, _ALBUMIN)
    points = 1 if value > 35 else 3 if value < 28 else 2
    return ChildPughItem("albumin", points, "1: above 35, 2: 28 to 35, 3: below 28 g/L")


def _clotting(inr: float | None, seconds: float | None) -> ChildPughItem:
    if inr is not None and seconds is None:
        return ChildPughItem("INR", _BY_INR.points(within(inr, _INR)), _BY_INR.said)
    if seconds is not None and inr is None:
        return ChildPughItem("prothrombin time", _BY_SECONDS.points(within(seconds, _PROLONGED)), _BY_SECONDS.said)
    raise OutsideValidity("clotting must be given once", "give the INR, or the seconds above the control; not both")


def _ascites(ascites: Ascites) -> ChildPughItem:
    one_of(ascites, tuple(_ASCITES_POINTS), "ascites")
    return ChildPughItem("ascites", _ASCITES_POINTS[ascites], "1: none, 2: slight or controlled, 3: moderate or more")


def _encephalopathy(grade: int) -> ChildPughItem:
    if within(grade, _GRADE) != int(grade):
        raise OutsideValidity("the grade of encephalopathy is a whole number", "give 0, 1, 2, 3 or 4")
    points = 1 if grade == 0 else 2 if grade <= 2 else 3
    return ChildPughItem("encephalopathy", points, "1: none, 2: grade 1 or 2, 3: grade 3 or 4")


def _disputed(bilirubin: float, cholestatic: bool) -> tuple[str, ...]:
    if not cholestatic and 50 < bilirubin <= 51.3:
        return (
            f"Published tables differ at a bilirubin of {shown(bilirubin)} µmol/L (limits of 50, 51 and 51.3): "
            "the higher points are given.",
        )
    return ()

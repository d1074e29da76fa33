"""From milligrams to what can be dispensed: tablets, halves where the product's own text allows them, millilitres."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, gcd
from typing import Final, NamedTuple

from rxvigil.dosing.case import Case
from rxvigil.dosing.plan import DayShown, OptionShown, PieceShown
from rxvigil.engine.assessment import SourceShown
from rxvigil.engine.findings import sources_shown
from rxvigil.engine.wording import number
from rxvigil.knowledge.dosing import Presentation, ProductsFile, Rounding
from rxvigil.knowledge.lookup import tidy

TENTHS: Final = 10
"""Doses are counted in tenths of a milligram: a half of 25 mg is 125."""
A_LITTLE: Final = 0.1
"""House choice: a dose that falls short of a body's range by up to a tenth still counts as in it."""


@dataclass(frozen=True)
class Shelf:
    """What exists in one place for one drug."""

    strengths: tuple[float, ...] = ()
    halved: frozenset[float] = frozenset()
    """Strengths of which every product there may be halved."""
    liquid: Presentation | None = None
    tablet_sources: tuple[SourceShown, ...] = ()
    liquid_sources: tuple[SourceShown, ...] = ()


@dataclass(frozen=True)
class Aim:
    """The dose aimed at, and what it may not pass. All in mg a day."""

    mg: float
    most: float
    """Never above."""
    least: float = 0.0
    """The lower end of a range that nothing lowered: what lies well below it is the last choice."""


def shelf(case: Case) -> Shelf:
    """The presentations of a drug in a jurisdiction."""
    mine = [
        (one, file)
        for _, file in sorted(case.book.products.items())
        for one in file.presentations
        if one.drug == case.drug and (case.jurisdiction in one.jurisdictions or "INT" in one.jurisdictions)
        and one.source.mark != "memory"
    ]  # fmt: skip
    tablets = [(one, file) for one, file in mine if one.strengths_mg and one.form in ("tablet", "film-coated-tablet")]
    liquids = [(one, file) for one, file in mine if one.form == "suspension" and one.mg_per_ml and one.measuring]
    strengths = sorted({strength for one, _ in tablets for strength in one.strengths_mg})
    return Shelf(
        strengths=tuple(strengths),
        halved=frozenset(one for one in strengths if _may_be_halved(one, [tablet for tablet, _ in tablets])),
        liquid=liquids[0][0] if liquids else None,
        tablet_sources=_sources(tablets, case),
        liquid_sources=_sources(liquids[:1], case),
    )


def _sources(found: list[tuple[Presentation, ProductsFile]], case: Case) -> tuple[SourceShown, ...]:
    shown = [sources_shown((one.source,), case.book, case.state.on, file.review_by)[0] for one, file in found]
    return tuple(dict.fromkeys(shown))


def _may_be_halved(strength: float, tablets: list[Presentation]) -> bool:
    return all(one.splittable is True for one in tablets if strength in one.strengths_mg)


def options(aim: Aim, there: Shelf, form: str | None, rounding: Rounding | None) -> tuple[OptionShown, ...]:
    """The ways to give a dose, the one to suggest first."""
    tablets = [] if form == "suspension" else _by_tablets(aim, there, rounding)
    liquid = [] if form == "tablet" else _by_volume(aim, there)
    return (*tablets, *liquid)


class Piece(NamedTuple):
    """A whole tablet, or half of one, counted in tenths of a milligram."""

    size: int
    strength: float
    part: float


def _pieces(there: Shelf) -> Iterable[Piece]:
    for strength in there.strengths:
        yield Piece(round(strength * TENTHS), strength, 1.0)
        if strength in there.halved:
            yield Piece(round(strength * TENTHS / 2), strength, 0.5)


@lru_cache(maxsize=256)
def _makeable(pieces: tuple[Piece, ...], most: int) -> dict[int, tuple[Piece, ...]]:
    """Every dose up to a limit that pieces add up to, with the fewest pieces and whole tablets before halves."""
    best: dict[int, tuple[float, tuple[Piece, ...]]] = {0: (0.0, ())}
    step = gcd(*(piece.size for piece in pieces))
    for total in range(step, most + 1, step):
        found = [
            (best[total - piece.size][0] + (1.0 if piece.part == 1.0 else 1.5), (*best[total - piece.size][1], piece))
            for piece in pieces
            if total - piece.size in best
        ]
        if found:
            best[total] = min(found)
    return {total: tuple(sorted(parts, reverse=True)) for total, (_, parts) in best.items() if total}


def _by_tablets(aim: Aim, there: Shelf, rounding: Rounding | None) -> list[OptionShown]:
    pieces = tuple(_pieces(there))
    if not pieces:
        return []
    most = min(aim.most, aim.mg * 2 + max(there.strengths))
    made = _makeable(pieces, floor(tidy(most * TENTHS)))
    daily = _daily(aim, made, rounding)
    alternate = () if rounding else _alternating(aim, made)
    found = [_tablets(aim, days, made, there.tablet_sources) for days in (daily, alternate) if days]
    nearer = len(found) == 2 and abs(found[1].difference_mg) < abs(found[0].difference_mg)
    return found if nearer else found[:1]  # the same dose every day first: two different days are easily confused


Days = tuple[int, ...]
"""One day that repeats or two that alternate, in tenths of a milligram."""


def _daily(aim: Aim, made: dict[int, tuple[Piece, ...]], rounding: Rounding | None) -> Days:
    """The same every day: by the body's own rounding, else what is nearest, the lower of two."""
    allowed = [one for one in made if one <= tidy(aim.most * TENTHS)]
    wanted = tidy((rounded(aim.mg, rounding) if rounding else aim.mg) * TENTHS)
    within = [one for one in allowed if one >= tidy(aim.least * (1 - A_LITTLE) * TENTHS)] or allowed
    best = min(within, key=lambda one: (abs(one - wanted), one), default=None)
    return () if best is None else (best,)


def rounded(mg: float, rounding: Rounding) -> float:
    """A dose as the body itself rounds it, in mg a day."""
    parts = tidy(mg / rounding.to_mg)
    whole = {"up": ceil(parts), "down": floor(parts), "nearest": ceil(parts - 0.5)}[rounding.direction]
    return whole * rounding.to_mg


def _alternating(aim: Aim, made: dict[int, tuple[Piece, ...]]) -> Days:
    """Two doses next to each other whose average is nearest to the aim; neither of them above the limit."""
    doses = sorted(one for one in made if one <= tidy(aim.most * TENTHS))
    pairs = zip(doses, doses[1:], strict=False)
    return min(pairs, key=lambda pair: (abs(sum(pair) / 2 - aim.mg * TENTHS), pair), default=())


def _tablets(aim: Aim, days: Days, made: dict[int, tuple[Piece, ...]], sources: tuple[SourceShown, ...]) -> OptionShown:
    shown = tuple(DayShown(mg=day / TENTHS, tablets=_counted(made[day])) for day in days)
    each = [f"{number(day.mg)} mg ({in_words(day.tablets)})" for day in shown]
    says = f"{each[0]} every day" if len(each) == 1 else f"{each[0]} and {each[1]} on alternate days"
    average = tidy(sum(day.mg for day in shown) / len(shown))
    return OptionShown(
        form="tablet", mg_per_day=average, days=shown, says=says, target_mg=aim.mg,
        difference_mg=tidy(average - aim.mg), two_doses=_split(made[days[0]]) if len(days) == 1 else "",
        sources=sources,
    )  # fmt: skip


def _counted(pieces: Iterable[Piece]) -> tuple[PieceShown, ...]:
    """So many of each strength; two halves of one strength never occur, because a whole is fewer pieces."""
    counts: dict[float, float] = {}
    for piece in pieces:
        counts[piece.strength] = counts.get(piece.strength, 0.0) + piece.part
    return tuple(PieceShown(strength_mg=strength, count=counts[strength]) for strength in sorted(counts, reverse=True))


def in_words(tablets: tuple[PieceShown, ...]) -> str:
    """ "2 x 50 mg + 1 x 25 mg"."""
    return " + ".join(f"{number(one.count)} x {number(one.strength_mg)} mg" for one in tablets)


def _split(pieces: tuple[Piece, ...]) -> str:
    """A larger morning and a smaller evening dose, where there is more than one piece to divide."""
    first: list[Piece] = []
    second: list[Piece] = []
    for piece in pieces:
        lighter = first if sum(one.size for one in first) <= sum(one.size for one in second) else second
        lighter.append(piece)
    if not second:
        return ""
    return " and ".join(f"{number(sum(one.size for one in part) / TENTHS)} mg" for part in (first, second))


def _by_volume(aim: Aim, there: Shelf) -> list[OptionShown]:
    """The liquid, in the steps of the syringe for that size of dose, rounded as its leaflet rounds."""
    if there.liquid is None or there.liquid.mg_per_ml is None:
        return []
    mg = _measured(aim, there.liquid)
    if not mg:
        return []
    ml = tidy(mg / there.liquid.mg_per_ml)
    says = f"{number(mg)} mg ({number(ml)} mL of {number(there.liquid.mg_per_ml)} mg/mL suspension) every day"
    return [
        OptionShown(
            form="suspension", mg_per_day=mg, days=(DayShown(mg=mg, ml=ml),), says=says, target_mg=aim.mg,
            difference_mg=tidy(mg - aim.mg), sources=there.liquid_sources,
        )
    ]  # fmt: skip


def _measured(aim: Aim, liquid: Presentation) -> float:
    step = next((one.step_mg for one in liquid.measuring if one.up_to_mg is None or aim.mg <= one.up_to_mg), None)
    if step is None:
        return 0.0
    marks = tidy(aim.mg / step)
    whole = {"up": ceil(marks), "down": floor(marks), "nearest": ceil(marks - 0.5)}[liquid.round or "down"]
    most = floor(tidy(aim.most / step))
    return tidy(min(whole, most) * step)

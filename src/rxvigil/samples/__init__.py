"""Made-up patients as FHIR R4 Bundles, eight on azathioprine and one before the first tablet: the demonstration, and a
first thing to try."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

TITLES = {
    "1-stable": "1  Stable and well monitored",
    "2-overdue": "2  Blood tests overdue",
    "3-neutrophils-falling": "3  Neutrophils falling within the normal range",
    "4-allopurinol-prescribed": "4  Allopurinol just prescribed",
    "5-nudt15-poor-week-4": "5  NUDT15 poor metaboliser in week 4",
    "6-warfarin-azathioprine-stopped": "6  On warfarin, azathioprine just stopped",
    "7-metabolites-show-shunting": "7  Metabolites that show shunting",
    "8-unreadable-data": "8  A record full of unreadable data",
}
BEFORE = ("9-before-the-first-tablet", "9  Before the first tablet, for Crohn's disease")


@dataclass(frozen=True)
class Sample:
    """One made-up patient."""

    name: str
    title: str
    path: Path


def samples() -> tuple[Sample, ...]:
    """The eight on azathioprine, in the order they are shown."""
    return tuple(_sample(name, title) for name, title in TITLES.items())


def before_the_first_tablet() -> Sample:
    """The one who is to start."""
    return _sample(*BEFORE)


def _sample(name: str, title: str) -> Sample:
    return Sample(name, title, Path(str(files("rxvigil.samples"))) / f"{name}.json")

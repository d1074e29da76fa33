"""The rule book: everything we know, as of a date, with a digest that names exactly this knowledge."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from rxvigil.knowledge.activity import ActivityFile
from rxvigil.knowledge.coverage import CoverageFile
from rxvigil.knowledge.dosing import AdjustmentsFile, ChangesFile, DosingProtocol, ProductsFile
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.pharmacogenes import Release
from rxvigil.knowledge.provenance import Publication
from rxvigil.knowledge.rules import DecisionTable, Grading, Protocol, Rule, RulesFile
from rxvigil.knowledge.simulation import ClinicScenario
from rxvigil.knowledge.starting import ChecklistFile, CounsellingFile


@dataclass(frozen=True)
class Change:
    """One value that a site overlay replaced."""

    rule: str
    field: str
    was: str
    now: str
    because: str


@dataclass(frozen=True)
class Overlay:
    """A site's own changes: whose they are, and each with the value it replaced."""

    site: str
    by: str
    on: date
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class RuleBook:
    """Loaded knowledge. Frozen; evaluation is somebody else's job."""

    vocabulary: Vocabulary
    publications: dict[str, Publication]
    topics: dict[str, RulesFile]
    protocols: dict[str, Protocol]
    tables: dict[str, DecisionTable]
    gradings: dict[str, Grading]
    digest: str
    releases: dict[str, Release] = field(default_factory=dict)
    """Pharmacogenetic rules, one entry for each release of each body."""
    activities: dict[str, ActivityFile] = field(default_factory=dict)
    """What misleads a measured enzyme activity."""
    dosing: dict[str, DosingProtocol] = field(default_factory=dict)
    adjustments: dict[str, AdjustmentsFile] = field(default_factory=dict)
    dose_changes: dict[str, ChangesFile] = field(default_factory=dict)
    products: dict[str, ProductsFile] = field(default_factory=dict)
    simulations: dict[str, ClinicScenario] = field(default_factory=dict)
    """Simulated clinics: rates that made-up patients are drawn from. No rule reads them."""
    checklists: dict[str, ChecklistFile] = field(default_factory=dict)
    """What is asked before the first tablet, by subject."""
    counselling: dict[str, CounsellingFile] = field(default_factory=dict)
    measures: dict[str, CoverageFile] = field(default_factory=dict)
    """What is counted of a population. No rule reads it."""
    overlay: Overlay | None = None
    places: dict[str, str] = field(default_factory=dict)
    """Full rule id -> file:line, for people who want to read or change it."""

    def rules(self) -> Iterator[tuple[str, Rule]]:
        """Every rule of topics and protocols with its full id, in a fixed order."""
        for topic in sorted(self.topics):
            for rule in self.topics[topic].rules:
                yield f"{topic}#{rule.id}", rule
        for protocol in sorted(self.protocols):
            for rule in self.protocols[protocol].thresholds:
                yield f"{protocol}#{rule.id}", rule

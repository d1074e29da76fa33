"""Which build the REF bases of a file speak for, and whether they agree with what the header or the user says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rxvigil.errors import UnreadableInput
from rxvigil.intake.vcf.assembly import BUILDS, Build, Stated
from rxvigil.intake.vcf.locus import Locus
from rxvigil.intake.vcf.record import VariantRecord

_ASK: Final = "say which it is: --build GRCh37 or --build GRCh38"
_ENOUGH: Final = 5
"""Sites whose reference base agrees, where no record lists a known change: one base agrees by chance in one of four."""


@dataclass
class Tally:
    """What the records of one chromosome say of one build."""

    known_changes: int = 0
    """Records that list, at a site's position, a change that the release knows there."""
    agreeing: int = 0
    disagreeing: int = 0
    first_disagreement: str = ""


@dataclass
class Evidence:
    """What the records of each chromosome say of each build, gathered while reading."""

    loci: Mapping[Build, tuple[Locus, ...]]
    tallies: dict[str, dict[Build, Tally]] = field(default_factory=dict)

    def add(self, record: VariantRecord, place: str) -> bool:
        """Count a record; true where it reaches a site of some build."""
        reached = False
        for build, loci in self.loci.items():
            for locus in loci:
                if locus.touched_by(record):
                    reached = True
                    _count(self._tally(record.chromosome, build), locus, record, place)
        return reached

    def build(self, stated: Stated, wanted: Build | None, name: str) -> tuple[Build, str]:
        """The build, and how it is known. Raises `UnreadableInput` where it is not, or where the bases disagree."""
        build, how = self._claimed(stated, wanted, name)
        for chromosome in self.tallies:
            self._check(chromosome, build, how, name)
        return build, how

    def _tally(self, chromosome: str, build: Build) -> Tally:
        return self.tallies.setdefault(chromosome, {one: Tally() for one in BUILDS})[build]

    def _check(self, chromosome: str, build: Build, how: str, name: str) -> None:
        """Raises where the records of a chromosome speak against the build."""
        other_build = _other(build)
        tally, other = self._tally(chromosome, build), self._tally(chromosome, other_build)
        if tally.disagreeing:
            what = f"the file is read as {build} ({how}), but REF is not the {build} base at {tally.first_disagreement}"
            raise UnreadableInput(what, name, "check the build: one file must be of one build")
        if other.known_changes >= 2 and not tally.known_changes and not other.disagreeing:
            what = f"the file is read as {build} ({how}), but chromosome {chromosome} is written as in {other_build}"
            raise UnreadableInput(what, name, "check the build: one file must be of one build")

    def _claimed(self, stated: Stated, wanted: Build | None, name: str) -> tuple[Build, str]:
        if wanted is not None:
            if stated.builds and wanted not in stated.builds:
                what = f"--build says {wanted}, the header says {next(iter(stated.builds))}"
                raise UnreadableInput(what, name, "leave --build out, or correct the header")
            return wanted, "as stated with --build"
        if len(stated.builds) == 2:
            raise UnreadableInput("the header names GRCh37 and GRCh38", name, "one file must be of one build; " + _ASK)
        if stated.strange:
            what = "a chromosome has a length that is neither that of GRCh37 nor of GRCh38"
            raise UnreadableInput(what, name, "map the variants to GRCh38 first; other assemblies are not read")
        if stated.builds:
            return next(iter(stated.builds)), "by its header"
        return self._by_bases(name), "by its REF bases; the header names no build"

    def _by_bases(self, name: str) -> Build:
        spoken = {build for tallies in self.tallies.values() for build in BUILDS if _speaks_for(tallies, build)}
        if len(spoken) == 1:
            return spoken.pop()
        if spoken:
            what = "the REF bases of one chromosome are those of GRCh37, of the other those of GRCh38"
            raise UnreadableInput(what, name, "one file must be of one build")
        raise UnreadableInput("neither the header nor the REF bases say which build the file is of", name, _ASK)


def _speaks_for(tallies: Mapping[Build, Tally], build: Build) -> bool:
    """Whether the records of a chromosome can be of this build and hardly of the other."""
    mine, theirs = tallies[build], tallies[_other(build)]
    if mine.disagreeing:
        return False
    if mine.known_changes:
        return not theirs.known_changes or theirs.disagreeing > 0
    return mine.agreeing >= _ENOUGH and theirs.disagreeing > 0


def _other(build: Build) -> Build:
    return BUILDS[1 - BUILDS.index(build)]


def _count(tally: Tally, locus: Locus, record: VariantRecord, place: str) -> None:
    agrees = locus.agrees(record)
    if agrees is None:
        return
    if not agrees:
        tally.disagreeing += 1
        tally.first_disagreement = tally.first_disagreement or f"{locus.site.id} ({place})"
        return
    tally.agreeing += 1
    known = locus.site.alternatives
    effects: Iterable[str] = (effect.allele for alt in record.alts if (effect := locus.effect(record, alt)))
    tally.known_changes += any(allele in known for allele in effects)

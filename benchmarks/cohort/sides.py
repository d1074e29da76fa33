"""What is timed, and what each run of it took."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log
from statistics import median

from benchmarks.assess.measuring import Pass
from benchmarks.cohort.watching import Used


@dataclass
class Side:
    """A command, and what each run of it took."""

    name: str
    command: list[str]
    runs: list[Used] = field(default_factory=list)
    people: int = 0
    made: str = ""
    """Digest of the findings that it wrote."""

    @property
    def wall(self) -> float:
        """Seconds by the clock, median of the runs."""
        return median(run.wall for run in self.runs)

    @property
    def processor(self) -> float:
        """Processor seconds of all its processes, median of the runs."""
        return median(run.processor for run in self.runs)

    @property
    def megabytes(self) -> float:
        """The most memory that its processes held in any run."""
        return max(run.megabytes for run in self.runs)


@dataclass
class Size:
    """A population of one size: the bare query, the plan alone, and at one size the screen as its user runs it."""

    people: int
    facts: int
    """Bytes of its Parquet files."""
    limit: Side
    plan: Side
    whole: Side | None = None

    @property
    def sides(self) -> tuple[Side, ...]:
        return (self.limit, self.plan, *([self.whole] if self.whole else []))


@dataclass
class Questions:
    """The three questions on both sides."""

    people: int
    ours: Side
    passes: list[Pass]
    same: tuple[int, int]
    versions: str


def slope(sizes: list[Size]) -> float:
    """How processor time grows: the exponent of the number of people, fitted through all sizes by least squares on
    logarithms. 1 is linear."""
    points = [(log(one.people), log(one.plan.processor)) for one in sizes]
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    across = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / across


def steps_up(sizes: list[Size]) -> Iterator[tuple[Size, float | None, float | None]]:
    """Each size with what a further person costs since the size before, in microseconds of processor, and the exponent
    between the two."""
    before: Size | None = None
    for one in sizes:
        if before is None:
            yield one, None, None
        else:
            more = one.plan.processor - before.plan.processor
            exponent = log(one.plan.processor / before.plan.processor) / log(one.people / before.people)
            yield one, 1e6 * more / (one.people - before.people), exponent
        before = one

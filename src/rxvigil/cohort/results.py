"""The measures of analytes for a whole population: `engine.ask_results` as columns and truths over them.

A row of what is worked out here is a person and an analyte. Every question about the analyte is answered there, and the
answers are gathered into a few columns of the state (`packed`).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.bits import any_bit
from rxvigil.cohort.calendar import before, literal_day
from rxvigil.cohort.comparing import DIGITS, Comparisons, moved
from rxvigil.cohort.newest import KEY, counted, newest, side_by_side, unread, where
from rxvigil.cohort.packed import Packed
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.reassuring import near_of, reach_back, standing, start_of
from rxvigil.cohort.recent import before_start, earlier, last_few, vague
from rxvigil.cohort.too_close import close, crowded, inexact, unequal
from rxvigil.cohort.truth import always, compare, holds, yes_or_open
from rxvigil.engine.ask_results import WITHIN, limit_of
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import Duration

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

_STEPS: Final = frozenset({"falls", "rises"})
_CHANGES: Final = frozenset({"rise", "fall"})
_SINCE: Final = frozenset({"rise-since-start", "fall-since-start"})
_REASONS: Final = ("results of one day in a series", "results too close for a trend", "a change among inexact results")
"""Why a patient is left to the evaluator of one patient, each a bit of `results_singly`."""


@dataclass(frozen=True)
class ResultsPart:
    """Columns of results, and the truth of atoms about analytes. `wanted`: further analytes of which the day of the
    newest result is needed; `courses`: the step of that name, for changes since a drug was started."""

    context: Context
    atoms: Collection[Atom]
    wanted: frozenset[str] = frozenset()
    courses: "ir.Table | None" = None

    def relation(self, steps: "Steps") -> "ir.Table":
        """One row for each person; adds the step `newest`."""
        rows = counted(self.context, self._asked | self.wanted)
        found = newest(rows, self._latest_of, steps)
        asked = found.filter(found.analyte.isin(sorted(self._asked)))
        told = self._answered(steps.add("results_told", self._told(rows, asked, steps)))
        people = self.context.facts.patients.select("person")
        return side_by_side(people, [self._gathered(told), vague(self.context, self._asked | self.wanted)])

    # ---------------------------------------------------------------------------------------- what is asked of what

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(atom.subject for atom in self.atoms) | {"weight"}

    def _of(self, measures: frozenset[str]) -> list[Atom]:
        return list(dict.fromkeys(atom for atom in self.atoms if atom.measure in measures))

    @cached_property
    def _drugs(self) -> tuple[str, ...]:
        """Drugs of which the start matters to some question."""
        return tuple(sorted({atom.this for atom in self.atoms if atom.this is not None}))

    @cached_property
    def _latest_of(self) -> Comparisons:
        return Comparisons(self._of(frozenset({"latest"})), self.context.words)

    @cached_property
    def _last_of(self) -> Comparisons:
        return Comparisons(self._of(frozenset({"last"})), self.context.words)

    @cached_property
    def _overs(self) -> tuple[Duration, ...]:
        found = {over for atom in self._of(_CHANGES) if (over := atom.length("over")) is not None}
        return tuple(sorted(found, key=str))

    @cached_property
    def _starts(self) -> dict[str, frozenset[str]]:
        """Drug -> analytes of which a change since its start is asked."""
        found: dict[str, set[str]] = {}
        for atom in self._of(_SINCE):
            if atom.this is not None and self.courses is not None:
                found.setdefault(atom.this, set()).add(atom.subject)
        return {drug: frozenset(analytes) for drug, analytes in found.items()}

    @cached_property
    def _packed(self) -> Packed:
        return Packed(self.atoms)

    # ----------------------------------------------------------------------------------- a row a person and analyte

    def _told(self, rows: "ir.Table", found: "ir.Table", steps: "Steps") -> "ir.Table":
        """What is known of each analyte of each person; also of one of which only something unreadable is on file."""
        doubts = unread(self.context, self._asked)
        joined = found.left_join(doubts, KEY, rname="{name}__unread").drop("person__unread", "analyte__unread")
        for one in self._further(rows, found, steps):
            joined = joined.left_join(one, KEY, rname="{name}__more")
            joined = joined.drop("person__more", "analyte__more")
        lonely = doubts.anti_join(found, KEY)
        known = {name: lonely[name] for name in lonely.columns}
        schema = joined.schema()
        lonely = lonely.select(**{name: known.get(name, _nothing(schema[name])) for name in schema})
        told = joined.union(lonely)
        return self._with_starts(told)

    def _further(self, rows: "ir.Table", found: "ir.Table", steps: "Steps") -> "Iterator[ir.Table]":
        """What has to be known of earlier results."""
        if confirmed := self._of(frozenset({"last"})):
            mine = rows.filter(rows.analyte.isin(_subjects(confirmed)))
            mine = mine.mutate(**self._last_of.columns(mine))
            yield _renamed("last", last_few(mine, ("day", *self._last_of.names), _most(confirmed), self.context.fast))
        if stepping := self._of(_STEPS):
            mine = rows.filter(rows.analyte.isin(_subjects(stepping)), rows.plain == 1)
            yield _renamed("steps", last_few(mine, ("day", "value"), _most(stepping) + 1, self.context.fast))
        if changing := self._of(_CHANGES):
            mine = rows.filter(rows.analyte.isin(_subjects(changing)))
            yield earlier(mine, found, self._overs, steps)
        for drug, analytes in sorted(self._starts.items()):
            if self.courses is not None:
                base = before_start(rows.filter(rows.analyte.isin(sorted(analytes))), self.courses, drug)
                yield base.rename({_base(drug, name): f"base_{name}" for name in ("value", "plain", "results")})

    def _with_starts(self, told: "ir.Table") -> "ir.Table":
        if self.courses is None or not self._drugs:
            return told
        mine = self.courses.filter(self.courses.drug.isin(self._drugs))
        starts = mine.group_by("person").aggregate(
            **{start_of(drug): where(mine.drug == drug, mine.start).max() for drug in self._drugs}
        )
        return told.left_join(starts, "person", rname="{name}__start").drop("person__start")

    def _answered(self, told: "ir.Table") -> "ir.Table":
        """Every question answered, and the reasons not to answer."""
        drugs = [drug for drug in self._drugs if start_of(drug) in told.columns]
        told = standing(self.context, sorted(self._asked), drugs, told)
        return told.select(
            *KEY, "value_min", "value_max", "doubt",
            **self._packed.columns(told, self._answer), results_singly=self._reasons(told),
        )  # fmt: skip

    def _gathered(self, told: "ir.Table") -> "ir.Table":
        """One row a person: the answers, and the newest weight, which doses are compared by."""
        weight = told.analyte == "weight"
        return told.group_by("person").aggregate(
            **self._packed.gathered(told),
            results_singly=any_bit(told.results_singly),
            **{column("weight", name): where(weight, told[name]).max() for name in ("value_min", "value_max")},
            **{column("weight", "doubt"): (weight & told.doubt).any()},
        )

    # ---------------------------------------------------------------------------------------------------- answers

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """The truth of an atom about an analyte, for each row of the state."""
        if atom.measure != "measured":
            return self._packed.truth(atom, row)
        listed = holds(row["results_listed"])
        found = self._packed.truth(atom, row, always(NO))
        return yes_or_open(found == YES, (found == UNKNOWN) | ~listed)

    def _answer(self, atom: Atom, row: "ir.Table") -> "Truth":
        match atom.measure:
            case "latest":
                return self._weighed(atom, row, self._latest_of.of_newest(atom, row))
            case "measured":
                return self._measured(atom, row)
            case "last":
                return self._last(atom, row)
            case "falls" | "rises":
                return self._steps(atom, row)
            case "rise" | "fall":
                return self._change(atom, row)
            case "rise-since-start" | "fall-since-start":
                return self._change_since_start(atom, row)
        raise ValueError(f"'{atom.subject}.{atom.measure}' is no measure of results")

    def _is_near(self, atom: Atom, row: "ir.Table") -> "ir.BooleanValue":
        """Whether there is a newest result within reach."""
        name = near_of(atom.this)
        return row[name] if name in row.columns else row.near

    def _weighed(self, atom: Atom, row: "ir.Table", compared: "Truth") -> "Truth":
        """A doubtful value may alarm but not reassure; as a proof it may not excuse."""
        import ibis

        settled = YES if atom.proof else NO
        unsure = row.doubt & (compared == settled)
        return ibis.cases((~self._is_near(atom, row) | unsure, always(UNKNOWN)), else_=compared)

    def _measured(self, atom: Atom, row: "ir.Table") -> "Truth":
        within, undated = atom.length("within"), holds(row.undated == 1)
        if within is None:
            return yes_or_open(row.day_last.notnull(), undated | row.reaches.notnull())
        opens = literal_day(within.before(self.context.on))
        return yes_or_open(holds(row.day_last >= opens), undated | holds(row.reaches >= opens))

    def _last(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Each of the last results satisfies the comparison; one that does not settles it."""
        import ibis

        reach = reach_back(self.context, atom.this, row)
        answers = []
        for nth in range(int(atom.number("times"))):
            there = holds(row[f"last_day_{nth}"] >= reach)
            answers.append(
                ibis.cases((there, self._last_of.of_one(atom, row, f"last_{{}}_{nth}")), else_=always(UNKNOWN))
            )
        return ibis.least(*answers) if len(answers) > 1 else answers[0]

    def _steps(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Successive falls or rises, each by more than `each` percent; one step that is none settles it."""
        import ibis

        times, each = int(atom.number("times")), atom.number("each")
        kept = self._kept(atom, row, times + 1)
        failed, held = ibis.literal(False), []
        for nth in range(times):
            step = moved(row[f"steps_value_{nth + 1}"], row[f"steps_value_{nth}"], atom, each)
            failed |= kept[nth + 1] & ~step
            held.append(kept[nth + 1] & step)
        return ibis.cases((failed, always(NO)), (held[-1], always(YES)), else_=always(UNKNOWN))

    def _kept(self, atom: Atom, row: "ir.Table", count: int) -> "list[ir.BooleanValue]":
        """Which of the last exact numbers count: back to the reach, and within a time before the newest."""
        import ibis

        reach = reach_back(self.context, atom.this, row)
        days = [row[f"steps_day_{nth}"] for nth in range(count)]
        opens = ibis.greatest(reach, before(atom.length("within") or WITHIN, days[0]))
        kept = [holds(days[0] >= reach)]
        for day in days[1:]:
            kept.append(kept[-1] & holds(day >= opens))
        return kept

    def _change(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Newest value against the lowest or highest within a time before it; against an older one where there is none
        in that time, which can only reassure (`ask_results.change`)."""
        import ibis

        over = atom.length("over")
        number = self._overs.index(over) if over in self._overs else 0
        rising = atom.measure == "rise"
        baseline = row[f"{'least' if rising else 'most'}_{number}"]
        inside = self._changed(atom, row, baseline, baseline.notnull())
        older = self._changed(atom, row, row.older_value, row.older_plain == 1)
        without = ibis.cases((holds(older == NO), always(NO)), else_=always(UNKNOWN))
        return self._weighed(atom, row, ibis.cases((baseline.notnull(), inside), else_=without))

    def _change_since_start(self, atom: Atom, row: "ir.Table") -> "Truth":
        import ibis

        drug = atom.this
        if drug not in self._starts:
            return always(UNKNOWN)
        start, base = row[start_of(drug)], row[_base(drug, "value")]
        plain = holds(row[_base(drug, "plain")] == 1)
        weighed = self._weighed(atom, row, self._changed(atom, row, base, plain))
        return ibis.cases(
            (~self._is_near(atom, row) | start.isnull() | base.isnull(), always(UNKNOWN)),
            (holds(row.day <= start), always(NO)),
            else_=weighed,
        )

    def _changed(self, atom: Atom, row: "ir.Table", baseline: "ir.Value", exact: "ir.BooleanValue") -> "Truth":
        """The newest value against another one, in the analyte's unit or in percent (`ask_results._changed`)."""
        import ibis

        if atom.operator is None or atom.value is None:
            raise ValueError(f"'{atom.subject}.{atom.measure}' has to be compared with something")
        rising = atom.measure.startswith("rise")
        newest_ = row.value_max if rising else row.value_min
        change = newest_ - baseline if rising else baseline - newest_
        usable = holds(exact) & holds(row.plain >= 1)
        if atom.value.unit == "%":
            usable &= holds(baseline != 0)
            change = change / ibis.ifelse(baseline == 0, ibis.null("float64"), baseline.abs()) * 100
            bound = atom.value.value
        else:
            bound = limit_of(atom.value, atom.subject, self.context.words).value
        change = change.round(DIGITS)
        return ibis.cases((usable, compare(change, change, atom.operator, bound)), else_=always(UNKNOWN))

    # ------------------------------------------------------------------------------------------- left to the engine

    def singly(self, row: "ir.Table") -> "tuple[tuple[str, ir.BooleanValue], ...]":
        """Who cannot be told from these columns."""
        found = [(why, holds((row["results_singly"] & (1 << nth)) != 0)) for nth, why in enumerate(_REASONS)]
        return (("a result dated only to a month or a year", holds(row["results_vague"] > 0)), *found)

    def _reasons(self, row: "ir.Table") -> "ir.IntegerValue":
        """The reasons that hold of a person and analyte, as bits."""
        import ibis

        nothing = ibis.literal(0, type="int64")
        branches = []
        for analyte in sorted(self._asked):
            bits = [
                ibis.ifelse(reduce(lambda one, other: one | other, flags), 1 << nth, 0)
                for nth, flags in enumerate(
                    (self._crowded(analyte, row), self._close(analyte, row), self._inexact(analyte, row))
                )
                if flags
            ]
            if bits:
                branches.append((row.analyte == analyte, reduce(lambda one, other: one + other, bits).cast("int64")))
        return ibis.cases(*branches, else_=nothing) if branches else nothing

    def _about(self, analyte: str, measures: frozenset[str]) -> list[Atom]:
        return [atom for atom in self._of(measures) if atom.subject == analyte]

    def _crowded(self, analyte: str, row: "ir.Table") -> "list[ir.BooleanValue]":
        confirmed = self._about(analyte, frozenset({"last"}))
        return list(crowded(_most(confirmed) - 1, row)) if confirmed else []

    def _close(self, analyte: str, row: "ir.Table") -> "list[ir.BooleanValue]":
        return [
            flag
            for atom in self._about(analyte, _STEPS)
            for flag in close(atom, self._kept(atom, row, int(atom.number("times")) + 2), row)
        ]

    def _inexact(self, analyte: str, row: "ir.Table") -> "list[ir.BooleanValue]":
        since = [drug for drug, analytes in sorted(self._starts.items()) if analyte in analytes]
        found = [holds(row[_base(drug, "results")] > 1) for drug in since]
        changing = self._about(analyte, _CHANGES)
        found += list(inexact(len(self._overs), row)) if changing else []
        return [*found, unequal(row)] if found else []


def _base(drug: str, name: str) -> str:
    """A column of the last result before the start of a drug."""
    return column("base", name, drug)


def _subjects(atoms: Collection[Atom]) -> list[str]:
    return sorted({atom.subject for atom in atoms})


def _most(atoms: Collection[Atom]) -> int:
    """How many results have to be looked at: one more than is asked about, as it may be of the day of the last."""
    return max(int(atom.number("times")) for atom in atoms) + 1


def _renamed(series: str, few: "ir.Table") -> "ir.Table":
    return few.rename({f"{series}_{name}": name for name in few.columns if name not in KEY})


def _nothing(type_: object) -> "ir.Value":
    import ibis

    return ibis.null(type_)

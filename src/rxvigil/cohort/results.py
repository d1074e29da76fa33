"""The measures of analytes for a whole population: `engine.ask_results` as columns and truths over them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from rxvigil.cohort.atoms import Atom
from rxvigil.cohort.calendar import before, literal_day
from rxvigil.cohort.comparing import DIGITS, OWN, category, moved, of_several
from rxvigil.cohort.newest import ALL, at, counted, newest, pivoted, side_by_side, unread
from rxvigil.cohort.part import Context, column
from rxvigil.cohort.reassuring import is_doubtful, is_there, reach_back, standing
from rxvigil.cohort.recent import OF_EACH, before_start, earlier, last_few, vague
from rxvigil.cohort.too_close import close, crowded, inexact, mixed, unequal
from rxvigil.cohort.truth import always, compare, holds, yes_or_open
from rxvigil.engine.ask_results import WITHIN, Limit, limit_of
from rxvigil.engine.kleene import NO, UNKNOWN, YES
from rxvigil.facts import Duration
from rxvigil.knowledge.expression import Operator

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from rxvigil.cohort.steps import Steps
    from rxvigil.cohort.truth import Truth

_STEPS: Final = frozenset({"falls", "rises"})
_CHANGES: Final = frozenset({"rise", "fall"})
_SINCE: Final = frozenset({"rise-since-start", "fall-since-start"})


@dataclass(frozen=True)
class ResultsPart:
    """Columns of results, and the truth of atoms about analytes. `wanted`: further analytes of which the day of the
    newest result is needed; `courses`: the step of that name, for changes since a drug was started."""

    context: Context
    atoms: Collection[Atom]
    wanted: frozenset[str] = frozenset()
    courses: "ir.Table | None" = None

    def relation(self, steps: "Steps") -> "ir.Table":
        """One row for each person."""
        rows, fast = counted(self.context, self._asked | self.wanted), self.context.fast
        found = steps.add("newest", newest(rows, fast))
        doubtful = dict.fromkeys(sorted(self._asked), ("undated", "until", "reaches"))
        wide = side_by_side(
            self.context.facts.patients.select("person"),
            [
                pivoted(found, self._needed, fast),
                pivoted(unread(self.context, self._asked), doubtful, fast),
                self._series(rows, self._confirmed, "last", any_=True),
                self._series(rows, self._stepping, "steps", any_=False),
                self._changes(rows, found),
                *(self._since_start(rows, drug) for drug in sorted(self._starts)),
                vague(self.context, self._asked | self.wanted),
            ],
        )
        return wide.mutate(**standing(self.context, sorted(self._asked), wide))

    # ---------------------------------------------------------------------------------------- what is asked of what

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(atom.subject for atom in self.atoms) | {"weight"}

    @cached_property
    def _needed(self) -> dict[str, tuple[str, ...]]:
        """Analyte -> what has to be known of its newest results."""
        found: dict[str, set[str]] = {analyte: {"day", "day_last", "preliminary"} for analyte in self._asked}
        found["weight"] |= {"value_min", "value_max"}
        for atom in self.atoms:
            found[atom.subject] |= _needs(atom)
        return {analyte: tuple(name for name in ALL if name in names) for analyte, names in sorted(found.items())}

    def _of(self, measures: frozenset[str]) -> list[Atom]:
        return [atom for atom in self.atoms if atom.measure in measures]

    @cached_property
    def _confirmed(self) -> dict[str, int]:
        """Analyte -> how many of its last results are asked about."""
        return _most((atom.subject, int(atom.number("times"))) for atom in self._of(frozenset({"last"})))

    @cached_property
    def _stepping(self) -> dict[str, int]:
        return _most((atom.subject, int(atom.number("times")) + 1) for atom in self._of(_STEPS))

    @cached_property
    def _changing(self) -> frozenset[str]:
        return frozenset(atom.subject for atom in self._of(_CHANGES))

    @cached_property
    def _overs(self) -> tuple[Duration, ...]:
        found = {over for atom in self._of(_CHANGES) if (over := atom.length("over")) is not None}
        return tuple(sorted(found, key=str))

    @cached_property
    def _starts(self) -> dict[str, frozenset[str]]:
        """Drug -> analytes of which a change since its start is asked."""
        found: dict[str, set[str]] = {}
        for atom in self._of(_SINCE):
            if atom.this is not None:
                found.setdefault(atom.this, set()).add(atom.subject)
        return {drug: frozenset(analytes) for drug, analytes in found.items()}

    # ---------------------------------------------------------------------------------------------------- columns

    def _series(self, rows: "ir.Table", counts: dict[str, int], name: str, *, any_: bool) -> "ir.Table | None":
        """The last few results, all of them or those that are exact numbers."""
        if not counts:
            return None
        most, analytes = max(counts.values()), frozenset(counts)
        mine = rows.filter(rows.analyte.isin(sorted(analytes)))
        mine = mine if any_ else mine.filter(mine.plain == 1)
        most += 1  # one more than is asked about: it may be of the same day as the last of them
        few = last_few(mine, most, self.context.fast)
        names = [f"{one}_{nth}" for nth in range(most) for one in OF_EACH]
        few = few.rename({f"{name}_{one}": one for one in names})
        return pivoted(few, dict.fromkeys(analytes, tuple(f"{name}_{one}" for one in names)), self.context.fast)

    def _changes(self, rows: "ir.Table", found: "ir.Table") -> "ir.Table | None":
        if not self._changing:
            return None
        mine = rows.filter(rows.analyte.isin(sorted(self._changing)))
        older = earlier(mine, found, self._overs)
        names = ("older_value", "older_plain", "older_results")
        windows = tuple(f"{name}_{nth}" for nth in range(len(self._overs)) for name in ("least", "most", "inexact"))
        return pivoted(older, dict.fromkeys(self._changing, (*names, *windows)), self.context.fast)

    def _since_start(self, rows: "ir.Table", drug: str) -> "ir.Table | None":
        if self.courses is None:
            return None
        analytes = self._starts[drug]
        base = before_start(rows.filter(rows.analyte.isin(sorted(analytes))), self.courses, drug)
        names = {column(one, drug): one for one in ("base_value", "base_plain", "base_results")}
        base = base.rename(names)
        return pivoted(base, dict.fromkeys(analytes, tuple(names)), self.context.fast)

    # ----------------------------------------------------------------------------------------------------- answers

    def truth(self, atom: Atom, row: "ir.Table") -> "Truth":
        """The truth of an atom about an analyte."""
        match atom.measure:
            case "latest" if atom.wanted:
                return self._latest(atom, row, category(atom, row))
            case "latest":
                return self._latest(atom, row, self._compared(atom, row))
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

    def _latest(self, atom: Atom, row: "ir.Table", compared: "Truth") -> "Truth":
        """A doubtful value may alarm but not reassure; as a proof it may not excuse."""
        import ibis

        settled = YES if atom.proof else NO
        unsure = is_doubtful(atom.subject, row) & (compared == settled)
        return ibis.cases((~is_there(atom, row) | unsure, always(UNKNOWN)), else_=compared)

    def _compared(self, atom: Atom, row: "ir.Table") -> "Truth":
        import ibis

        operator, limit = self._limit(atom)
        numeric = at(row, atom, "numbers") == at(row, atom, "results")
        strict = bool(limit.of) or limit.value <= 0  # then 'undetectable' cannot be compared
        whole = numeric if strict else at(row, atom, "measured") == at(row, atom, "results")
        bound: ir.Value | float = limit.value
        if limit.of:
            which = OWN[limit.of]
            bound = (at(row, atom, which) * limit.value).round(DIGITS)
            whole &= at(row, atom, f"{which}s") == at(row, atom, "results")
        ends = [at(row, atom, name) for name in ("low_min", "low_max", "high_min", "high_max")]
        answer = of_several(ends, operator, bound, holds(whole), proof=atom.proof)
        return ibis.cases((holds(numeric), answer), else_=always(UNKNOWN)) if strict else answer

    def _limit(self, atom: Atom) -> tuple[Operator, Limit]:
        if atom.operator is None or atom.value is None:
            raise ValueError(f"'{atom.subject}.{atom.measure}' has to be compared with something")
        return atom.operator, limit_of(atom.value, atom.subject, self.context.words)

    def _measured(self, atom: Atom, row: "ir.Table") -> "Truth":
        within = atom.length("within")
        day, reaches = at(row, atom, "day_last"), at(row, atom, "reaches")
        undated = holds(at(row, atom, "undated") == 1)
        if within is None:
            found, open_ = day.notnull(), undated | reaches.notnull()
        else:
            opens = literal_day(within.before(self.context.on))
            found, open_ = holds(day >= opens), undated | holds(reaches >= opens)
        return yes_or_open(found, open_ | ~holds(row["results_listed"]))

    def _last(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Each of the last results satisfies the comparison; one that does not settles it."""
        import ibis

        operator, limit = self._limit(atom)
        times, reach = int(atom.number("times")), reach_back(self.context, atom.this, row)
        answers = []
        for nth in range(times):
            there = holds(at(row, atom, f"last_day_{nth}") >= reach)
            low, high = at(row, atom, f"last_low_{nth}"), at(row, atom, f"last_high_{nth}")
            bound: ir.Value | float = limit.value
            if limit.of:
                bound = (at(row, atom, f"last_{OWN[limit.of]}_{nth}") * limit.value).round(DIGITS)
            if limit.of or limit.value <= 0:  # 'undetectable' cannot be compared
                there &= at(row, atom, f"last_value_{nth}").notnull()
            answers.append(ibis.cases((there, compare(low, high, operator, bound)), else_=always(UNKNOWN)))
        return ibis.least(*answers) if len(answers) > 1 else answers[0]

    def _steps(self, atom: Atom, row: "ir.Table") -> "Truth":
        """Successive falls or rises, each by more than `each` percent; one step that is none settles it."""
        import ibis

        times, each = int(atom.number("times")), atom.number("each")
        kept = self._kept(atom, row, times + 1)
        failed, held = ibis.literal(False), []
        for nth in range(times):
            step = moved(at(row, atom, f"steps_value_{nth + 1}"), at(row, atom, f"steps_value_{nth}"), atom, each)
            failed |= kept[nth + 1] & ~step
            held.append(kept[nth + 1] & step)
        return ibis.cases((failed, always(NO)), (held[-1], always(YES)), else_=always(UNKNOWN))

    def _kept(self, atom: Atom, row: "ir.Table", count: int) -> "list[ir.BooleanValue]":
        """Which of the last exact numbers count: back to the reach, and within a time before the newest."""
        import ibis

        reach = reach_back(self.context, atom.this, row)
        days = [at(row, atom, f"steps_day_{nth}") for nth in range(count)]
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
        baseline = at(row, atom, f"{'least' if rising else 'most'}_{number}")
        inside = self._changed(atom, row, baseline, baseline.notnull())
        older = self._changed(atom, row, at(row, atom, "older_value"), at(row, atom, "older_plain") == 1)
        without = ibis.cases((holds(older == NO), always(NO)), else_=always(UNKNOWN))
        answer = ibis.cases((baseline.notnull(), inside), else_=without)
        return self._latest(atom, row, answer)

    def _change_since_start(self, atom: Atom, row: "ir.Table") -> "Truth":
        import ibis

        drug = atom.this
        if drug is None or column(drug, "start") not in row.columns:
            return always(UNKNOWN)
        start = row[column(drug, "start")]
        base = at(row, atom, column("base_value", drug))
        plain = holds(at(row, atom, column("base_plain", drug)) == 1)
        weighed = self._latest(atom, row, self._changed(atom, row, base, plain))
        return ibis.cases(
            (~is_there(atom, row) | start.isnull() | base.isnull(), always(UNKNOWN)),
            (holds(at(row, atom, "day") <= start), always(NO)),
            else_=weighed,
        )

    def _changed(self, atom: Atom, row: "ir.Table", baseline: "ir.Value", exact: "ir.BooleanValue") -> "Truth":
        """The newest value against another one, in the analyte's unit or in percent (`ask_results._changed`)."""
        import ibis

        if atom.operator is None or atom.value is None:
            raise ValueError(f"'{atom.subject}.{atom.measure}' has to be compared with something")
        rising = atom.measure.startswith("rise")
        newest_ = at(row, atom, "value_max" if rising else "value_min")
        change = newest_ - baseline if rising else baseline - newest_
        usable = holds(exact) & holds(at(row, atom, "plain") >= 1)
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
        reasons = [("a result dated only to a month or a year", holds(row["results_vague"] > 0))]
        reasons += [("several newest results that differ in kind", one) for one in mixed(self.atoms, row)]
        reasons += [("results of one day in a series", one) for one in crowded(self._confirmed, row)]
        reasons += [("results too close for a trend", one) for one in self._close(row)]
        reasons += [("a change among inexact results", one) for one in self._inexact(row)]
        return tuple(reasons)

    def _close(self, row: "ir.Table") -> "Iterator[ir.BooleanValue]":
        for atom in dict.fromkeys(self._of(_STEPS)):
            yield from close(atom, self._kept(atom, row, int(atom.number("times")) + 2), row)

    def _inexact(self, row: "ir.Table") -> "Iterator[ir.BooleanValue]":
        yield from unequal(self._changing | {one for many in self._starts.values() for one in many}, row)
        yield from inexact(self._changing, len(self._overs), row)
        for drug, analytes in sorted(self._starts.items()):
            if self.courses is not None:
                yield from (holds(row[column(one, "base_results", drug)] > 1) for one in sorted(analytes))


def _needs(atom: Atom) -> set[str]:
    """What an atom has to know of the group of newest results."""
    ends = {"results", "numbers", "measured", "low_min", "low_max", "high_min", "high_max"}
    match atom.measure:
        case "latest" if atom.wanted:
            return {"results", "categories", "category_min", "category_max"}
        case "latest" if atom.value is not None and atom.value.unit in OWN:
            own = OWN[atom.value.unit]
            return ends | {own, f"{own}_other", f"{own}s"}
        case "latest":
            return ends
        case "last":
            return {"results"}
        case "measured" | "falls" | "rises":
            return set()
    return {"results", "plain", "value_min", "value_max"}


def _most(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for analyte, count in pairs:
        found[analyte] = max(count, found.get(analyte, 0))
    return found

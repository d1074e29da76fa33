"""The plain results of a bucket, read all at once: what each of the few codes, units, dates and numbers means is asked
once, and every result is made of these answers, as columns.

It answers exactly what the careful way answers, or leaves a result to it: what it cannot read from the result alone,
and what bears upon another (two of one id; two of one test at one moment that say the same).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec.structs import replace

from rxvigil.facts import Origin, Result, When
from rxvigil.intake.bulk.plain_lines import Part, different, joined
from rxvigil.intake.fhir.elements import parsed_when
from rxvigil.intake.fhir.holdings import identity_of
from rxvigil.intake.fhir.parts import Elsewhere, Panel
from rxvigil.intake.fhir.plain import PlainReader
from rxvigil.intake.reading import NotOurs
from rxvigil.population.rows import person_number, results_table, said_arrays, when_arrays

if TYPE_CHECKING:
    import pyarrow as pa

_CAREFULLY, _RESULT, _OUTSIDE = 0, 1, 2
_OF_A_TYPE: Final = "Observation/"
_DAYS: Final = 4_000_000
"""More than the number of any day."""

Line = tuple[int, int, int, bytes, int]
"""A line of a kept file: numbers of the import, of the source file and of the line, which order them; its body; and the
number of the kept file."""


class PlainResults:
    """The plain results of a bucket. `person_of`: whom a name in a kept line means, none where that is not one of this
    bucket. `deleted`: addresses of what was stated to be deleted. A person goes by their number in `people`, a result
    by its row."""

    def __init__(
        self,
        parts: Sequence[Part],
        reader: PlainReader,
        person_of: Callable[[bytes], str | None],
        deleted: Iterable[str],
    ) -> None:
        self._parts = parts
        self._made = [(one.key, one.parts) for one in reader.finder.vocabulary.analytes.values() if one.made_from]
        self._involved = {name for key, of_two in self._made for name in (key, *of_two)}
        self._bodies: dict[int, bytes] = {}
        self._panels: dict[int, str] = {}
        self._find_persons(joined(parts), person_of)
        self._read_values(reader)
        self._sort()
        self._leave_versions()
        self._leave_deleted(deleted)
        self._share_out()

    # --- reading ---------------------------------------------------------------------------------------------

    def _find_persons(self, table: "pa.Table", person_of: Callable[[bytes], str | None]) -> None:
        """Whose each result is, and only those of this bucket."""
        owners = different(table["owner"])
        named = [person_of(one) for one in owners.each]
        self.people = sorted(set(filter(None, named)), key=lambda one: (person_number(identity_of(one)), one))
        self._ranks = {name: number for number, name in enumerate(self.people)}
        person = owners.mapped([self._ranks.get(one or "", -1) for one in named], "int64")
        here = person >= 0
        self._rows = table if here.all() else table.filter(here)
        self._person = person[here]
        self._ids = self._rows["id"].combine_chunks()
        places = ("line", "part", "start", "size")
        self._line, self._part, self._start, self._size = (self._rows[name].to_numpy() for name in places)

    def _read_values(self, reader: PlainReader) -> None:
        """What each different value says under each question, and what each different date means."""
        import numpy as np
        import pyarrow as pa

        self._taken = different(self._rows["taken"])
        self._whens: list[When | None] = [parsed_when(one) for one in self._taken.each]
        self._asked = different(self._rows["question"])
        values = self._rows["value"].combine_chunks().to_numpy()
        whole = self._rows["whole"].combine_chunks().to_numpy(zero_copy_only=False)
        figures = different(pa.array(values.view(np.int64)))
        exact = np.array(figures.each, dtype=np.int64).view(np.float64).tolist()
        pairs = (self._asked.which.astype(np.int64) * len(exact) + figures.which) * 2 + whole
        coded = different(pa.array(pairs))
        self._which = coded.which
        self._said = [self._read(reader, exact, *divmod(pair, 2)) for pair in coded.each]
        known = np.array([one is not None for one in self._whens], dtype=bool)[self._taken.which]
        self._state = np.where(known, coded.mapped(list(map(_state_of, self._said)), "int8"), _CAREFULLY)
        self._analytes = sorted({one.analyte for one in self._said if isinstance(one, Result)})

    def _read(self, reader: PlainReader, exact: list[float], pair: int, whole: int) -> Result | Elsewhere | None:
        question, figure = divmod(pair, len(exact))
        value = exact[figure]
        return reader.said_by(self._asked.each[question], int(value) if whole else value)

    def _sort(self) -> None:
        """Results of each person in the order of a record, as far as moment and analyte tell."""
        import numpy as np

        keys = [one.sort_key if one else None for one in self._whens]
        moments = {key: number for number, key in enumerate(sorted({one for one in keys if one is not None}))}
        moment = self._taken.mapped([moments.get(one, 0) if one else 0 for one in keys], "int64")
        self._codes = {analyte: number for number, analyte in enumerate(self._analytes)}
        codes = [self._codes[one.analyte] if isinstance(one, Result) else -1 for one in self._said]
        self._analyte = np.array(codes, dtype=np.int64)[self._which]
        packed = (self._person * (len(moments) + 1) + moment) * (len(self._codes) + 1) + self._analyte
        results = np.flatnonzero(self._state == _RESULT)
        sorting = np.argsort(packed[results], kind="stable")
        self._results, packed = results[sorting], packed[results][sorting]
        for start, end in _runs(np.flatnonzero(packed[1:] == packed[:-1]).tolist()):
            self._settle(start, end)

    def _settle(self, start: int, end: int) -> None:
        """Results of one analyte at one moment, in the order of a record; all of them are for the careful way where two
        say the same."""
        rows = sorted(
            self._results[start:end].tolist(), key=lambda row: (self.place(row), self._result_of(row).written)
        )
        self._results[start:end] = rows
        said = [(self._when_of(row), self._result_of(row)) for row in rows]
        if any(one == other for number, one in enumerate(said) for other in said[:number]):
            self._state[rows] = _CAREFULLY

    def _leave_versions(self) -> None:
        """What stands under one place more than once is for the careful way."""
        import numpy as np

        coded = self._ids.dictionary_encode()
        if len(coded.dictionary) == len(self._ids):
            return
        places = self._person * len(self._ids) + coded.indices.to_numpy(zero_copy_only=False)
        _, which, counts = np.unique(places, return_inverse=True, return_counts=True)
        self._state[counts[which] > 1] = _CAREFULLY

    def _leave_deleted(self, deleted: Iterable[str]) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        known = [one.removeprefix(_OF_A_TYPE) for one in deleted if one.startswith(_OF_A_TYPE)]
        if known:
            gone = pc.is_in(self._ids, value_set=pa.array(known, pa.string())).to_numpy(zero_copy_only=False)
            self._state[gone] = _CAREFULLY

    def _share_out(self) -> None:
        """Where the rows of each person begin."""
        import numpy as np

        self._results = self._results[self._state[self._results] == _RESULT]
        self._of_person = np.argsort(self._person, kind="stable")
        numbers = np.arange(len(self.people) + 1)
        self._starts = np.searchsorted(self._person[self._of_person], numbers)
        self._first_results = np.searchsorted(self._person[self._results], numbers)

    # --- one result --------------------------------------------------------------------------------------------

    def place(self, row: int) -> str:
        """Where a result stood: `Observation/id`."""
        return f"{_OF_A_TYPE}{self._names[row]}"

    @cached_property
    def _names(self) -> list[str]:
        return cast(list[str], self._ids.to_pylist())

    def _when_of(self, row: int) -> When:
        return cast(When, self._whens[self._taken.which[row]])

    def _result_of(self, row: int) -> Result:
        """What it says, without which one it is."""
        return cast(Result, self._said[self._which[row]])

    def line(self, row: int) -> Line:
        """The line that a result stood in, for the careful way."""
        part = self._parts[self._part[row]]
        return part.brought, part.file, int(self._line[row]), self.body(row), part.kept

    def body(self, row: int) -> bytes:
        """The JSON of a result."""
        number = int(self._part[row])
        if number not in self._bodies:
            self._bodies[number] = self._parts[number].bodies()
        start = int(self._start[row])
        return self._bodies[number][start : start + int(self._size[row])]

    def origin(self, row: int) -> Origin:
        """Where a result stood."""
        return Origin(self._parts[self._part[row]].source, self.place(row), int(self._line[row]))

    def result(self, row: int) -> Result:
        """One result as the fact it is."""
        said, origin = self._result_of(row), self.origin(row)
        return replace(said, id=origin.place, when=self._when_of(row), origin=origin, panel=self._panels.get(row))

    # --- one person, and all of them -----------------------------------------------------------------------------

    def number_of(self, person: str) -> int | None:
        """The number of a person; none where no plain result is theirs."""
        return self._ranks.get(person)

    def rows_of(self, person: int) -> list[int]:
        """All that is held of one person."""
        return cast(list[int], self._of_person[self._starts[person] : self._starts[person + 1]].tolist())

    def results_of(self, person: int) -> list[int]:
        """The results of one person, in the order of a record."""
        rows = self._results[self._first_results[person] : self._first_results[person + 1]]
        return cast(list[int], rows[self._state[rows] == _RESULT].tolist())

    @cached_property
    def to_read(self) -> dict[int, list[int]]:
        """What of each person is for the careful way."""
        import numpy as np

        found: dict[int, list[int]] = {}
        for row in np.flatnonzero(self._state == _CAREFULLY).tolist():
            found.setdefault(int(self._person[row]), []).append(row)
        return found

    def leave(self, rows: list[int]) -> None:
        """That these are read in the careful way too."""
        for row in rows:
            person, state = int(self._person[row]), self._state[row]
            if state == _OUTSIDE:
                self.outside[person] -= Counter((cast(Elsewhere, self._said[self._which[row]]).other,))
            if state != _CAREFULLY:
                self.to_read.setdefault(person, []).append(row)
                self._state[row] = _CAREFULLY

    @cached_property
    def outside(self) -> dict[int, Counter[NotOurs]]:
        """What of each person is none of ours."""
        import numpy as np

        rows = np.flatnonzero(self._state == _OUTSIDE)
        pairs, counts = np.unique(self._person[rows] * len(self._said) + self._which[rows], return_counts=True)
        found: dict[int, Counter[NotOurs]] = {}
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            person, which = divmod(pair, len(self._said))
            found.setdefault(person, Counter())[cast(Elsewhere, self._said[which]).other] += count
        return found

    def near(self, rows: list[int], moments: set[tuple[str, Any]]) -> list[int]:
        """Which of these results are of one of these analytes and of the same instant or day."""
        import numpy as np

        analytes = [self._codes[one] for one, _ in moments if one in self._codes]
        of_these = np.array(rows)[np.isin(self._analyte[rows], analytes)] if analytes else ()
        return [
            int(row)
            for row in of_these
            if (self._result_of(row).analyte, self._moments[self._taken.which[row]]) in moments
        ]

    def holds(self, place: str) -> bool:
        """Whether a resource of anybody in the bucket has this place."""
        return place.removeprefix(_OF_A_TYPE) in self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self._names)

    @cached_property
    def _moments(self) -> list[Any]:
        return [one and (one.instant or one.first) for one in self._whens]

    def parts_of(self, person: int, others: Iterable[Result]) -> list[int]:
        """The results of one person from which something may follow: with one another, or with these others."""
        if any(one.analyte in self._involved for one in others):
            return [row for row in self.results_of(person) if self._analytes[self._analyte[row]] in self._involved]
        return [row for row in self._joint.get(person, ()) if self._state[row] == _RESULT]

    @cached_property
    def _joint(self) -> dict[int, list[int]]:
        """Results of a day on which there are both parts of something that is made of two."""
        import numpy as np

        wanted = np.zeros(len(self._results), dtype=bool)
        analyte = self._analyte[self._results]
        of_day = [one.first.toordinal() if one else 0 for one in self._whens]
        day = self._person[self._results] * _DAYS + self._taken.mapped(of_day, "int64")[self._results]
        for key, parts in self._made:
            codes = [self._codes.get(one, -2) for one in (*parts, key)]
            both = np.intersect1d(day[analyte == codes[0]], day[analyte == codes[1]])
            wanted |= np.isin(analyte, codes) & np.isin(day, both)
        found: dict[int, list[int]] = {}
        for row in self._results[wanted].tolist():
            found.setdefault(int(self._person[row]), []).append(row)
        return found

    def put_into_panel(self, row: int, panel: Panel) -> None:
        """That a result is part of a report or panel."""
        self._panels[row] = panel.place

    def table(self) -> "pa.Table":
        """Every result that was not left to the careful way, as a row of the table of results."""
        import pyarrow as pa
        import pyarrow.compute as pc

        rows = self._results[self._state[self._results] == _RESULT]
        if not len(rows):
            return results_table({}, 0)
        places = pc.binary_join_element_wise(_OF_A_TYPE, self._ids.take(pa.array(rows)), "")
        persons = [person_number(identity_of(one)) for one in self.people]
        columns = {
            "person": _chosen(persons, self._person[rows], pa.int64()),
            "id": places,
            "panel": pa.array(map(self._panels.get, rows.tolist()), pa.string()),
            "origin_source": _chosen([part.source for part in self._parts], self._part[rows], pa.string()),
            "origin_place": places,
            "origin_line": self._line[rows],
        }
        for parts, which in (
            (when_arrays(self._whens), self._taken.which),
            (said_arrays(self._said_results), self._which),
        ):
            columns |= {name: column.take(pa.array(which[rows])) for name, column in parts.items()}
        return results_table(columns, len(rows))

    @property
    def _said_results(self) -> list[Result]:
        """What is said, by number; where it is no result, any other stands in its place, and is never asked for."""
        some = next(one for one in self._said if isinstance(one, Result))
        return [one if isinstance(one, Result) else some for one in self._said]


def _state_of(said: Result | Elsewhere | None) -> int:
    if said is None:
        return _CAREFULLY
    return _RESULT if isinstance(said, Result) else _OUTSIDE


def _chosen(each: Sequence[Any], which: Any, kind: Any) -> Any:
    """One of these for each number."""
    import pyarrow as pa

    return pa.array(each, kind).take(pa.array(which))


def _runs(tied: list[int]) -> Iterator[tuple[int, int]]:
    """First and end of every run of places that each are the same as the next one."""
    start = 0
    while start < len(tied):
        end = start
        while end + 1 < len(tied) and tied[end + 1] == tied[end] + 1:
            end += 1
        yield tied[start], tied[end] + 2
        start = end + 1

"""A first draft of a mapping, from the headers of tables and a look at their first rows.

It is a draft: every guess says so, and what only a person can know is a question mark, which a mapping is refused
with. The values of a table are looked at for the form of dates and for short status words, and not copied.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rxvigil.errors import UnreadableInput
from rxvigil.intake.reading import clean
from rxvigil.intake.tables.read import TABLE_ENDINGS
from rxvigil.intake.tables.roles import kind_of, roles_of, system_named
from rxvigil.intake.tables.sniff import Glimpse, forms_that_fit, glimpses
from rxvigil.knowledge.lookup import Vocabulary
from rxvigil.knowledge.vocabulary import Analyte

_HEAD: Final = """\
# A draft. Every line marked "guess" was guessed from the headers: check it against what you know of the export.
# A question mark stands where only a person can know; the mapping is refused until each has been answered.
kind: mapping
title: "?"
"""
_MOST_WORDS: Final = 12
_LONGEST_WORD: Final = 24
_SEXES: Final = {"m": "male", "male": "male", "f": "female", "female": "female"}


def suggest_mapping(path: Path, vocabulary: Vocabulary) -> str:
    """A mapping file to begin with, for a file or a folder of tables. Raises `UnreadableInput`."""
    files = [path]
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in TABLE_ENDINGS)
    if not files:
        raise UnreadableInput("there is no table in the folder", str(path), f"tables end in {', '.join(TABLE_ENDINGS)}")
    seen, unread = _looked_at(files)
    if not seen:
        raise unread[0]
    drafts = [_Draft(one, vocabulary) for one in seen]
    patients = [draft.roles.columns["patient"] for draft in drafts if "patient" in draft.roles]
    patient = f"patient: {_quoted(patients[0] if patients else '?')}  # guess; `none`: every row is a person"
    lines = [*_layout(seen), patient, "tables:", *(line for draft in drafts for line in draft.lines())]
    lines += [f"  # {clean(problem.where)}: {problem.what}" for problem in unread]
    return _HEAD + "\n".join(lines) + "\n"


def _looked_at(files: list[Path]) -> tuple[list[Glimpse], list[UnreadableInput]]:
    seen: list[Glimpse] = []
    unread: list[UnreadableInput] = []
    for file in files:
        try:
            seen += glimpses(file)
        except UnreadableInput as problem:
            unread.append(problem)
    return seen, unread


def _layout(seen: list[Glimpse]) -> Iterator[str]:
    texts = [one for one in seen if not one.sheet]
    if not texts:
        return
    layout = texts[0].layout
    if layout.encoding != "utf-8":
        yield f"encoding: {layout.encoding}  # guess: it is not UTF-8"
    yield f"delimiter: {layout.delimiter}  # guess"
    for other in texts[1:]:
        if other.layout != layout:
            yield f"# {other.name} seems to be {other.layout.encoding} with {other.layout.delimiter}: map it by itself"


def _quoted(text: str) -> str:
    """A text as YAML, quoted so that no header can become anything else (JSON strings are YAML)."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


class _Draft:
    """The draft of one table."""

    def __init__(self, seen: Glimpse, vocabulary: Vocabulary) -> None:
        self.seen = seen
        self.vocabulary = vocabulary
        self.roles = roles_of(seen.header.columns)
        self.analytes = {
            column: found for column in seen.header.columns if (found := _analyte(column, vocabulary)) is not None
        }
        self.kind = kind_of(self.roles, len(self.analytes))

    def lines(self) -> Iterator[str]:
        """The lines of the mapping."""
        if self.kind is None:
            genes = list(self._genotypes())
            name = ", sheet ".join(filter(None, (self.seen.name, clean(self.seen.sheet))))
            yield from genes or [f"  # {name}: not recognised; its columns are {self.seen.columns}"]
            return
        yield from self._place()
        yield f"    holds: {self.kind}  # guess"
        describe = {
            "results": self._results,
            "panels": self._panels,
            "prescriptions": self._prescriptions,
            "conditions": self._conditions,
            "allergies": self._allergies,
            "immunisations": self._immunisations,
            "patients": self._patients,
        }[self.kind]
        yield from (f"    {line}" for line in describe())
        yield f"    # columns: {self.seen.columns}"
        yield from self._genotypes()

    def _place(self) -> Iterator[str]:
        yield f"  - file: {_quoted(self.seen.name)}"
        if self.seen.sheet:
            yield f"    sheet: {_quoted(self.seen.sheet)}"
        if self.seen.header_row > 1:
            yield f"    header_row: {self.seen.header_row}  # guess; what stands above it is not read"

    def _genotypes(self) -> Iterator[str]:
        """A table of its own for every column that is named like a gene of ours."""
        for column in self.seen.header.columns:
            gene = self.vocabulary.concept_by_name("gene", column)
            if gene is not None and column not in self.analytes:
                yield from self._place()
                yield "    holds: genotypes  # guess"
                yield f"    gene: {{constant: {gene.key}}}"
                yield f"    result: {_quoted(column)}  # guess: pairs of star alleles, or words"

    def _results(self) -> Iterator[str]:
        yield self._date("date", "date", "start")
        yield self._named("analyte", "test", "name")
        yield f"value: {_quoted(self.roles.columns['value'])}  # guess"
        if "unit" in self.roles:
            yield f"unit: {_quoted(self.roles.columns['unit'])}  # guess"
        else:
            yield 'stated_units: "?"  # there is no unit column: {platelets: 10*9/L, alt: U/L, ...}'
        limits = [f"{end}: {_quoted(self.roles.columns[end])}" for end in ("low", "high") if end in self.roles]
        if limits:
            yield f"reference: {{{', '.join(limits)}}}  # guess"
        if "panel" in self.roles:
            yield f"panel: {_quoted(self.roles.columns['panel'])}  # guess"
        if "status" in self.roles:
            yield self._words("status", self.roles.columns["status"], "final, preliminary or withdrawn")

    def _panels(self) -> Iterator[str]:
        yield self._date("date", "date", "start")
        yield "analytes:"
        for column, analyte in self.analytes.items():
            ours = self.vocabulary.unit_shown(analyte.key)
            hint = f"guess; the unit is not in the header, ours is {ours}" if ours else "guess; results in words"
            unit = ', unit: "?"' if ours else ""
            yield f"  {_quoted(column)}: {{analyte: {analyte.key}{unit}}}  # {hint}"

    def _prescriptions(self) -> Iterator[str]:
        yield self._named("drug", "drug", "name")
        yield self._status("active, ended, on-hold, planned, unknown or withdrawn")
        yield from self._dates(("start", "start"), ("end", "end"), ("start", "date"))
        for key, role in (("instruction", "instruction"), ("days_supplied", "days"), ("refills", "refills")):
            if role in self.roles:
                yield f"{key}: {_quoted(self.roles.columns[role])}  # guess"
        yield "# dose: {amount: ..., unit: mg, per: {constant: day}}, where columns tell it"

    def _conditions(self) -> Iterator[str]:
        yield self._named("condition", "condition", "name")
        yield self._status("active, past, refuted, uncertain or withdrawn")
        yield from self._dates(("onset", "start"), ("ended", "end"), ("onset", "date"))

    def _allergies(self) -> Iterator[str]:
        yield self._named("substance", "substance", "name")
        yield self._status("active, past, refuted, uncertain or withdrawn")
        if "reaction" in self.roles:
            yield f"reaction: {_quoted(self.roles.columns['reaction'])}  # guess"

    def _immunisations(self) -> Iterator[str]:
        yield self._named("vaccine", "vaccine", "name")
        yield self._date("date", "date", "start")
        yield self._status("given, planned, not-given or withdrawn")

    def _patients(self) -> Iterator[str]:
        yield from self._dates(("born", "born"), ("died", "died"))
        if "sex" in self.roles:
            yield self._words("sex", self.roles.columns["sex"], "female, male, other or unknown", _SEXES)

    def _named(self, key: str, *names: str) -> str:
        parts = []
        if self.roles.code is not None:
            parts.append(f"code: {_quoted(self.roles.code)}, system: {self._system()}")
        name = self.roles.first(*names)
        if name is not None:
            parts.append(f"name: {_quoted(name)}")
        return f"{key}: {{{', '.join(parts) or 'name: ' + _quoted('?')}}}  # guess"

    def _system(self) -> str:
        """The code system that the header names, or a column that names it row by row."""
        column = self.roles.first("system")
        if column is None:
            return _quoted(self.roles.system)
        meanings = (f"{_quoted(word)}: {_quoted(system_named(word))}" for word in self.seen.words(column) if word)
        return f"{{column: {_quoted(column)}, words: {{{', '.join(meanings)}}}}}"

    def _status(self, choices: str) -> str:
        column = self.roles.first("status")
        if column is not None:
            return self._words("status", column, choices)
        return f'status: {{constant: "?"}}  # what a row means: {choices}'

    def _words(self, key: str, column: str, choices: str, known: dict[str, str] | None = None) -> str:
        """Short words of a column with few of them are listed: codes, not data about anybody."""
        words = self.seen.words(column)
        if len(words) > _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in words):
            words = ["as written"]
        meanings = (f"{_quoted(word)}: {_quoted((known or {}).get(word.lower(), '?'))}" for word in words)
        return f"{key}: {{column: {_quoted(column)}, words: {{{', '.join(meanings)}}}}}  # {choices}"

    def _dates(self, *pairs: tuple[str, str]) -> Iterator[str]:
        done: set[str] = set()
        for key, role in pairs:
            if role in self.roles and key not in done:
                done.add(key)
                yield self._date(key, role)

    def _date(self, key: str, *roles: str) -> str:
        column = self.roles.first(*roles)
        if column is None:
            return f'{key}: "?"  # no date column was recognised; {{nominal: YYYY-MM-DD}} needs patient: none'
        forms = forms_that_fit(self.seen.dates(column))
        if forms is None:
            return f"{key}: {_quoted(column)}  # guess; its dates are YYYY-MM-DD"
        readings = {form.replace("DD", "D").replace("MM", "M") for form in forms}
        form = min(forms, key=len) if len(readings) == 1 else "?"
        why = "the only form that fits" if form != "?" else f"{' or '.join(forms) or 'no form we know'} fits"
        return f"{key}: {{column: {_quoted(column)}, format: {_quoted(form)}}}  # guess; {why}"


def _analyte(column: str, vocabulary: Vocabulary) -> Analyte | None:
    """The analyte a column is named like, also without a unit in brackets: "ALT (U/L)"."""
    return vocabulary.analyte_by_name(column) or vocabulary.analyte_by_name(column.partition("(")[0])

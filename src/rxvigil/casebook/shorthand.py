"""A fact in one line, as a clinician would note it: "neutrophils 1.4 10*9/L on 2026-02-20 ref 2.0-7.5"."""

import re
from collections.abc import Iterable
from typing import Any, Final, cast, get_args

from rxvigil.facts import (
    Allergy,
    Bounds,
    Comparator,
    Condition,
    Denial,
    DiagnosisStatus,
    Dose,
    Event,
    EventStatus,
    Genotype,
    Immunisation,
    NotUnderstood,
    Origin,
    Patient,
    Phenotype,
    Prescription,
    PrescriptionStatus,
    Record,
    Result,
    Sex,
    Symptom,
    VaccineStatus,
    When,
    parse_when,
)
from rxvigil.knowledge.lookup import UnitProblem, Vocabulary

LISTS: Final = ("prescriptions", "conditions", "allergies", "immunisations", "results")
_DATE: Final = r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\S+)?)?)?"
_REMARK: Final = re.compile(r" \([^)]*\)$")
"""A remark in brackets at the end of a line is for the reader."""
_RESULT: Final = re.compile(
    rf"^(?P<key>[a-z0-9-]+) (?P<value>(?:[<>]=?)?-?[\d.]+|[a-z-]+)(?: (?P<unit>\S+))? on (?P<on>{_DATE})"
    rf"(?: ref (?P<ref>[\d.]*-[\d.]*))?(?: by (?P<assay>[A-Za-z][A-Za-z -]*?))?(?P<preliminary> preliminary)?$"
)
_DRUG: Final = re.compile(
    rf"^(?P<key>[a-z0-9-]+)(?: (?P<dose>[\d.]+)(?:-(?P<high>[\d.]+))? (?P<unit>mg/d|mg/wk))?(?P<planned> planned)?"
    rf"(?P<hold> on-hold)?(?: from (?P<start>{_DATE}))?(?: to (?P<end>{_DATE}))?(?: product (?P<product>.+))?$"
)
_SPAN: Final = re.compile(
    rf"^(?P<key>[a-z0-9-]+)(?: value (?P<value>[a-z-]+))?(?P<planned> planned)?(?: (?:since |on )?(?P<start>{_DATE}))?"
    rf"(?: until (?P<end>{_DATE}))?(?P<word> past| uncertain| refuted| not)?$"
)

_DENIAL: Final = re.compile(
    rf"^(?P<key>[a-z0-9-]+)\.(?P<measure>[a-z-]+) on (?P<on>{_DATE})(?: until (?P<until>{_DATE}))?$"
)


class ShorthandError(ValueError):
    """A line that is not a fact; the message shows the line and what was expected."""


def record_of(lines: Iterable[str], patient: str, words: Vocabulary) -> Record:
    """The record that a list of fact lines describes. Raises `ShorthandError`."""
    facts: dict[str, list[Any]] = {}
    lists = set(LISTS)
    for number, line in enumerate(lines, 1):
        if line.startswith("no list "):
            lists.discard(line.removeprefix("no list "))
            continue
        field, fact = _fact(_REMARK.sub("", line).strip(), number, words)
        facts.setdefault(field, []).append(fact)
    kept: dict[str, Any] = {field: tuple(found) for field, found in facts.items()}
    return Record(patient=_patient(patient), lists=tuple(sorted(lists)), **kept)


def _patient(text: str) -> Patient:
    sex, _, born = text.partition(" born ")
    return Patient(id="case", sex=cast(Sex, sex if sex in get_args(Sex) else "unknown"), born=_when(born or None))


def _fact(line: str, number: int, words: Vocabulary) -> tuple[str, Any]:
    kind, _, rest = line.partition(" ")
    origin, identity = Origin("case", f"line {number}", number), f"line-{number}"
    spans = {"condition": _condition, "allergy": _allergy, "vaccine": _vaccine, "event": _event, "symptom": _symptom}
    if kind in spans:
        return spans[kind](_match(_SPAN, rest, line), identity, origin)
    if kind == "gene":
        return _gene(rest, identity, origin)
    if kind == "denied":
        return _denial(_match(_DENIAL, rest, line), identity, origin)
    if kind == "unreadable":
        key, _, on = rest.partition(" on ")
        when = _when(on or None)
        return "not_understood", NotUnderstood(
            origin=origin, what=f"an entry for {key}", why="it could not be read", affects=(key,), when=when
        )
    if words.kind_of(kind) == "analyte":
        return _result(_match(_RESULT, line, line), identity, origin, words)
    if words.kind_of(kind) == "drug":
        return _drug(_match(_DRUG, line, line), identity, origin)
    raise ShorthandError(f"'{line}': '{kind}' is neither an analyte nor a drug nor a kind of fact")


def _match(shape: re.Pattern[str], text: str, line: str) -> dict[str, str | None]:
    found = shape.match(text)
    if found is None:
        raise ShorthandError(f"'{line}' is not a fact line that can be read")
    return found.groupdict()


def _when(text: str | None) -> When | None:
    return parse_when(text) if text else None


def _result(part: dict[str, str | None], identity: str, origin: Origin, words: Vocabulary) -> tuple[str, Result]:
    key, value, on = part["key"] or "", part["value"] or "", parse_when(part["on"] or "")
    number = re.fullmatch(r"([<>]=?)?(-?[\d.]+)", value)
    category, amount, comparator = value, None, ""
    if number:
        converted = words.convert(key, number.group(2), part["unit"])
        if isinstance(converted, UnitProblem):
            raise ShorthandError(f"{key} {value}: {converted.why}")
        category, amount, comparator = "", converted, number.group(1) or ""
    return "results", Result(
        id=identity, analyte=key, when=on, origin=origin, value=amount, comparator=cast(Comparator, comparator),
        category=category or None, reference=_reference(part["ref"], key, part["unit"], words),
        written=f"{value} {part['unit'] or ''}".strip(), preliminary=bool(part["preliminary"]), panel=str(on.first),
        assay=part["assay"],
    )  # fmt: skip


def _reference(text: str | None, key: str, unit: str | None, words: Vocabulary) -> Bounds | None:
    if not text:
        return None
    low, _, high = text.partition("-")
    ends = [words.convert(key, end, unit) if end else None for end in (low, high)]
    return Bounds(*(end if isinstance(end, float) else None for end in ends))


def _drug(part: dict[str, str | None], identity: str, origin: Origin) -> tuple[str, Prescription]:
    times = 7.0 if part["unit"] == "mg/wk" else 1.0
    dose = None
    if part["dose"]:
        dose = Dose(float(part["dose"]) / times, float(part["high"] or part["dose"]) / times)
    ended = part["end"] is not None
    status = "planned" if part["planned"] else "on-hold" if part["hold"] else "ended" if ended else "active"
    return "prescriptions", Prescription(
        id=identity, drug=part["key"] or "", origin=origin, start=_when(part["start"]),
        status=cast(PrescriptionStatus, status),
        end=_when(part["end"]), dose=dose, product=part["product"] or part["key"] or "",
    )  # fmt: skip


def _condition(part: dict[str, str | None], identity: str, origin: Origin) -> tuple[str, Condition]:
    word = (part["word"] or "").strip()
    status = word if word in ("past", "uncertain", "refuted") else "past" if part["end"] else "active"
    return "conditions", Condition(
        id=identity, concept=part["key"] or "", origin=origin, status=cast(DiagnosisStatus, status),
        onset=_when(part["start"]), ended=_when(part["end"]),
    )  # fmt: skip


def _allergy(part: dict[str, str | None], identity: str, origin: Origin) -> tuple[str, Allergy]:
    word = (part["word"] or "active").strip()
    status = word if word in ("past", "uncertain", "refuted") else "active"
    return "allergies", Allergy(
        id=identity, concept=part["key"] or "", origin=origin, status=cast(DiagnosisStatus, status)
    )


def _vaccine(part: dict[str, str | None], identity: str, origin: Origin) -> tuple[str, Immunisation]:
    status = "planned" if part["planned"] else "given"
    when = parse_when(part["start"] or "")
    return "immunisations", Immunisation(
        id=identity, vaccine=part["key"] or "", when=when, origin=origin, status=cast(VaccineStatus, status)
    )  # fmt: skip


def _event(part: dict[str, str | None], identity: str, origin: Origin) -> tuple[str, Event]:
    status = "planned" if part["planned"] else "not" if (part["word"] or "").strip() == "not" else "happened"
    return "events", Event(
        id=identity, kind=part["key"] or "", origin=origin, start=_when(part["start"]), end=_when(part["end"]),
        status=cast(EventStatus, status), value=part["value"],
    )  # fmt: skip


def _denial(part: dict[str, str | None], identity: str, origin: Origin) -> tuple[str, Denial]:
    until = _when(part["until"])
    return "denials", Denial(
        id=identity, subject=part["key"] or "", measure=part["measure"] or "", when=parse_when(part["on"] or ""),
        origin=origin, until=until.last if until else None,
    )  # fmt: skip


def _symptom(part: dict[str, str | None], identity: str, origin: Origin) -> tuple[str, Symptom]:
    when = parse_when(part["start"] or "")
    return "symptoms", Symptom(
        id=identity, concept=part["key"] or "", when=when, origin=origin, ended=_when(part["end"])
    )


def _gene(rest: str, identity: str, origin: Origin) -> tuple[str, Genotype]:
    """ "tpmt poor", "tpmt *1/*3A", "tpmt *1/*3A or *3B/*3C", "tpmt *1/*8 stated indeterminate"."""
    gene, _, written = rest.partition(" ")
    pairs, _, stated = written.rpartition(" stated ") if " stated " in written else ("", "", written)
    phenotype = cast(Phenotype, stated) if stated in get_args(Phenotype) else None
    alleles = pairs or (stated if stated.startswith("*") else "")
    return "genotypes", Genotype(
        id=identity, gene=gene, origin=origin, phenotype=phenotype,
        diplotypes=tuple(alleles.split(" or ")) if alleles else (), written=written,
    )  # fmt: skip

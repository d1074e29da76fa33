"""README.txt: that nothing here is real, how to make it again, and every rate with its source."""

import textwrap
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.provenance import Source
from rxvigil.simulation.plan import SCENARIO, Ready
from rxvigil.simulation.writers.days import iso

_WIDTH: Final = 110


def readme(ready: Ready, book: RuleBook, version: str, patients: int, form: str, digest: str) -> str:
    """The whole text."""
    command = (
        f"rxvigil simulate FOLDER --patients {patients} --seed {ready.seed} --format {form} --from {iso(ready.first)} "
        f"--on {iso(ready.on)} --population {','.join(f'{name}={share!r}' for name, share in ready.mix)}"
        f"{' --clean' if ready.clean else ''}"
        f"{'' if ready.scenario == book.simulations.get(SCENARIO) else ' --scenario FILE'}"
    )
    parts = [
        "SIMULATED PATIENTS. Nobody in these files exists. Do not use them to care for anybody, nor as evidence of how",
        "often anything happens: they show what went into them.",
        "",
        f"Made by rxvigil {version} with",
        f"  {command}",
        f"Scenario {ready.scenario.id}, digest {digest}",
        f"Rule book digest {book.digest}",
        f"What alleles do, and pairs of them mean: {ready.release.title}, {ready.release.version}",
        "The same version, rule book and options make the same bytes. A patient is the same whatever their number.",
        "",
        "truth/truth.ndjson says what is true of each patient: genes, set points, doses, harms, tests missed, and",
        "every mistake of a laboratory with the true value. Keep it from whatever you test. Result n of a patient is",
        "Observation PATIENT-on in FHIR, the row n of that patient (from 0) in results.csv, and measurement_id",
        "person_id * 100000 + n in OMOP.",
        "",
        "WHAT IS NOT SIMULATED, OR NOT KNOWN",
        *(_wrapped(f"- {gap}") for gap in ready.scenario.gaps),
        "",
        "EVERY RATE, WITH ITS SOURCE",
        "verified: read in the source. secondary: read in a page that restates it. derived: calculated, formula in the",
        "note. house: our own choice, with the reason. A note stands where its source is first named.",
        "",
        *(_wrapped(line) for line in _rates(ready.scenario, set())),
        "",
        "PUBLICATIONS",
        *(_wrapped(line) for line in _publications(ready.scenario, book)),
    ]
    return "\n".join(parts) + "\n"


def _rates(model: BaseModel, told: set[Source], path: str = "") -> Iterator[str]:
    for name, value in model:
        where = f"{path}.{name}" if path else name
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, BaseModel) and not isinstance(each, Source):
                if hasattr(each, "source"):
                    yield _rate(where, each, told)
                yield from _rates(each, told, where)


def _rate(where: str, one: BaseModel, told: set[Source]) -> str:
    values = {name: value for name, value in one if name not in ("source", "also", "says") and _is_plain(value)}
    said = f"{getattr(one, 'says', '')}: ".removeprefix(": ")
    shown = "; ".join(f"{name} {_shown(value)}" for name, value in values.items())
    cited = [value for name, value in one if name == "source"] + list(getattr(one, "also", ()))
    return f"- {where}: {said}{shown}. " + " ".join(_cited(source, told) for source in cited)


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value)) or not any(
            isinstance(one, BaseModel) and hasattr(one, "source") for one in value
        )
    return value is not None and value != "" and not (isinstance(value, BaseModel) and hasattr(value, "source"))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(inner)}" for name, inner in value.items())
    if isinstance(value, BaseModel):
        return " ".join(f"{name} {_shown(inner)}" for name, inner in value if inner is not None)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cited(source: Source, told: set[Source]) -> str:
    """The source; its note only the first time."""
    via = f" (read in {source.via})" if source.via else ""
    note = f" {source.note}" if source.note and source not in told else ""
    told.add(source)
    return f"[{source.mark}: {source.ref}, {source.where}{via}]{note}"


def _publications(model: BaseModel, book: RuleBook) -> Iterator[str]:
    for ref in sorted({source.ref for source in _sources(model)}):
        one = book.publications[ref]
        link = one.url or (f"https://doi.org/{one.doi}" if one.doi else "")
        yield f"- {ref}: {one.title}. {one.body}{f', {one.year}' if one.year else ''}. {link}"


def _sources(value: Any) -> Iterator[Source]:
    if isinstance(value, Source):
        yield value
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from _sources(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _sources(inner)


def _wrapped(line: str) -> str:
    return textwrap.fill(line, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)

"""Facts given on the command line: each becomes a dated fact with its option as origin, beside those of a record.

A number without a unit is refused, never guessed: 154 may be pounds.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from rxvigil.cli.common import BadOption
from rxvigil.cli.vcf_options import VcfGiven, genotypes_of, release_on

if TYPE_CHECKING:
    from rxvigil.facts import Allergy, Condition, Event, Genotype, Origin, Patient, Prescription, Record, Result, When
    from rxvigil.knowledge.book import RuleBook
    from rxvigil.knowledge.pharmacogenes import Release

_AMOUNT: Final = re.compile(r"^\s*([+-]?\d+(?:[.,]\d+)?)\s*(.*?)\s*$")
_TAKEN: Final = re.compile(r"^(?P<name>.*?)(?:\s+(?P<mg>\d+(?:\.\d+)?)\s*mg(?:/d| a day|/day)?)?$")
NONE: Final = "none"
OLDEST: Final = 125
"""In full years; nobody was ever older."""
EXAMPLES: Final = {
    "weight": "70 kg", "height": "175 cm", "creatinine": "80 umol/L", "egfr": "90 mL/min/1.73m2",
    "bilirubin": "20 umol/L", "albumin": "38 g/L",
}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """What stood on the command line about the person."""

    weight: str | None = None
    height: str | None = None
    creatinine: str | None = None
    egfr: str | None = None
    age: int | None = None
    born: str | None = None
    sex: str | None = None
    tpmt: str | None = None
    nudt15: str | None = None
    vcf: VcfGiven | None = None
    taking: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    allergy: tuple[str, ...] = ()
    pregnancy: bool | None = None
    breastfeeding: bool | None = None
    nothing_else: bool = False


def with_given(record: "Record | None", given: Given, on: date, book: "RuleBook") -> "Record":
    """The record, or an empty one, with what was given. Raises `BadOption`."""
    from msgspec.structs import replace

    from rxvigil.facts import Patient, Record

    base = record or Record(patient=Patient(id="command line"))
    more: dict[str, tuple[Any, ...]] = {
        "results": tuple(_results(given, on, book)),
        "prescriptions": tuple(_prescriptions(given.taking, book)),
        "conditions": tuple(_conditions(given.condition, book)),
        "allergies": tuple(_allergies(given.allergy, book)),
        "genotypes": tuple(_genotypes(given, on, book)),
        "events": tuple(_events(given, on)),
    }
    facts = {name: (*getattr(base, name), *found) for name, found in more.items()}
    lists = tuple(sorted({*base.lists, *_complete(given)}))
    return replace(base, patient=_patient(base.patient, given, on), lists=lists, **facts)


def _complete(given: Given) -> Iterable[str]:
    """Lists of which it was said that nothing is missing."""
    if given.nothing_else:
        return ("prescriptions", "conditions", "allergies", "immunisations", "results")
    told = {"prescriptions": given.taking, "conditions": given.condition, "allergies": given.allergy}
    return [name for name, values in told.items() if NONE in values]


def _origin(option: str) -> "Origin":
    from rxvigil.facts import Origin

    return Origin("command line", f"--{option}")


def _patient(patient: "Patient", given: Given, on: date) -> "Patient":
    from msgspec.structs import replace

    if given.sex and given.sex not in ("female", "male", "other"):
        raise BadOption("the sex was not understood", "--sex", "write female, male or other")
    born = _born(given, on)
    changes: dict[str, Any] = {"born": born} if born else {}
    return replace(patient, **changes, **({"sex": given.sex} if given.sex else {}))


def _born(given: Given, on: date) -> Any:
    from rxvigil.facts import Duration, When

    if given.age is not None and given.born:
        raise BadOption("age and date of birth were both given", "--age", "give one of them")
    if given.born:
        return _birth(given.born, on)
    if given.age is None:
        return None
    if not 0 <= given.age <= OLDEST:
        raise BadOption("the age cannot be right", "--age", "give full years")
    day = Duration(1, "day")
    earliest = day.after(Duration(given.age + 1, "year").before(on))
    return When(earliest, Duration(given.age, "year").before(on), "year")


def _birth(text: str, on: date) -> "When":
    """A date of birth. Raises `BadOption` where it cannot be read, or nobody born then is alive on the date."""
    from rxvigil.facts import Duration, parse_when

    try:
        born = parse_when(text)
    except ValueError:
        raise BadOption("the date of birth was not understood", "--born", "write YYYY, YYYY-MM or YYYY-MM-DD") from None
    if born.first > on or born.last < Duration(OLDEST + 1, "year").before(on):
        raise BadOption("the date of birth cannot be right", "--born", "check it, and `--on`")
    return born


def _results(given: Given, on: date, book: "RuleBook") -> Iterable["Result"]:
    from rxvigil.facts import Result, on_day

    for analyte in ("weight", "height", "creatinine", "egfr"):
        text = getattr(given, analyte)
        if text is None:
            continue
        value = measured(analyte, text, book)
        yield Result(
            id=f"command-line-{analyte}", analyte=analyte, when=on_day(on), origin=_origin(analyte), value=value,
            written=text,
        )  # fmt: skip


def measured(analyte: str, text: str, book: "RuleBook") -> float:
    """A value with its unit in the canonical unit. Raises `BadOption` where the unit is missing or not known."""
    from rxvigil.knowledge.lookup import UnitProblem

    shape, example = _AMOUNT.match(text), EXAMPLES[analyte]
    if shape is None:
        raise BadOption("it is not a number with a unit", f"--{analyte}", f"write for example '{example}'")
    number, unit = shape.group(1).replace(",", "."), shape.group(2)
    if not unit:
        do = f"write the unit too, for example '{example}': it is never guessed"
        raise BadOption("it has no unit", f"--{analyte}", do)
    value = book.vocabulary.convert(analyte, number, unit)
    if isinstance(value, UnitProblem):
        raise BadOption(f"its unit is not one we know for {analyte}", f"--{analyte}", f"write for example '{example}'")
    if not book.vocabulary.plausible(analyte, value):
        raise BadOption(f"no {analyte} of a person is like that", f"--{analyte}", "check the number and its unit")
    return value


def _prescriptions(taking: Iterable[str], book: "RuleBook") -> Iterable["Prescription"]:
    from rxvigil.facts import Dose, Prescription

    for index, text in enumerate(one for one in taking if one != NONE):
        shape = _TAKEN.match(text.strip())
        name, mg = (shape.group("name"), shape.group("mg")) if shape else (text, None)
        drug = book.vocabulary.drug_by_name(name)
        if drug is None:
            do = "write its ingredient, for example 'allopurinol' or 'allopurinol 300 mg'; or 'none'"
            raise BadOption("a medicine is not known to the rule book", "--taking", do)
        yield Prescription(
            id=f"command-line-{index}", drug=drug.key, origin=_origin("taking"), status="active",
            dose=Dose(float(mg), float(mg)) if mg else None, product=drug.name, written=text, kind="reported",
        )  # fmt: skip


def _conditions(conditions: Iterable[str], book: "RuleBook") -> Iterable["Condition"]:
    from rxvigil.facts import Condition

    for index, text in enumerate(one for one in conditions if one != NONE):
        yield Condition(
            id=f"command-line-{index}", concept=condition_key(text, "--condition", book),
            origin=_origin("condition"), status="active",
        )  # fmt: skip


def condition_key(text: str, option: str, book: "RuleBook") -> str:
    """The key of a condition by key, name or abbreviation. Raises `BadOption`."""
    found = book.vocabulary.concept_by_name("condition", text)
    if found is None:
        do = "write a name such as crohns-disease; `rxvigil rules words` lists them"
        raise BadOption("a condition is not known to the rule book", option, do)
    return found.key


def _allergies(allergies: Iterable[str], book: "RuleBook") -> Iterable["Allergy"]:
    from rxvigil.facts import Allergy

    for index, text in enumerate(one for one in allergies if one != NONE):
        drug = book.vocabulary.drug_by_name(text)
        if drug is None:
            raise BadOption("a medicine is not known to the rule book", "--allergy", "write its ingredient, or 'none'")
        yield Allergy(id=f"command-line-{index}", concept=drug.key, origin=_origin("allergy"))


def _events(given: Given, on: date) -> Iterable["Event"]:
    """What was said to be so, or not so, on the day."""
    from rxvigil.facts import Event, on_day

    for kind, said in (("pregnancy", given.pregnancy), ("breastfeeding", given.breastfeeding)):
        if said is not None:
            status: Literal["happened", "not"] = "happened" if said else "not"
            yield Event(
                id=f"command-line-{kind}", kind=kind, origin=_origin(kind), start=on_day(on), status=status,
            )  # fmt: skip


def _genotypes(given: Given, on: date, book: "RuleBook") -> Iterable["Genotype"]:
    release = release_on(on, book) if given.tpmt or given.nudt15 else None
    for gene, text in (("tpmt", given.tpmt), ("nudt15", given.nudt15)):
        if text and release:
            yield _stated(gene, text, release)
    if given.vcf:
        yield from genotypes_of(given.vcf, on, book)


def _stated(gene: str, text: str, release: "Release") -> "Genotype":
    from rxvigil.facts import Genotype
    from rxvigil.genetics import read_statement

    said = read_statement(text, gene, release)
    if not said.phenotypes:
        why = said.why_not or "the words were not understood"
        raise BadOption(why, f"--{gene}", "write star alleles such as '*1/*3A', or 'normal', 'intermediate', 'poor'")
    return Genotype(
        id=f"command-line-{gene}", gene=gene, origin=_origin(gene), written=text,
        phenotype=next(iter(said.phenotypes)) if len(said.phenotypes) == 1 else None,
        diplotypes=tuple(one.name for one in said.diplotypes),
    )  # fmt: skip

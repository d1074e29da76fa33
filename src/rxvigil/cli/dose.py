"""`rxvigil dose`: how much to start with, how to change, withdraw and convert it, with every step of the sum."""

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rxvigil.cli import dose_formula
from rxvigil.cli.assess import read_record
from rxvigil.cli.common import BadOption, load_book, read_day, read_dose, write_text, write_whole
from rxvigil.cli.dose_facts import Given, condition_key, with_given
from rxvigil.cli.forms import WITHOUT, form_of
from rxvigil.cli.place import Place, read_place
from rxvigil.cli.vcf_options import VcfAbsent, VcfBuild, VcfFile, VcfSample, VcfUntested, vcf_given

if TYPE_CHECKING:
    from rxvigil.dosing import ChangePlan, ConversionPlan, DosePlan, Doser, DoseRequest, TaperPlan
    from rxvigil.knowledge.book import RuleBook

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="How much: a start dose, a change, a withdrawal, a conversion, a formula. Every step of the sum is shown.",
)
app.command(name="formula")(dose_formula.formula)
app.command(name="child-pugh")(dose_formula.child_pugh)


class Format(StrEnum):
    """What to write."""

    text = "text"
    json = "json"


class Made(StrEnum):
    """What is dispensed."""

    tablet = "tablet"
    suspension = "suspension"


class Basis(StrEnum):
    """Which weight a dose is multiplied by."""

    actual = "actual"
    ideal = "ideal"


class Why(StrEnum):
    """Why a dose is to change."""

    not_responding = "not-responding"
    toxicity = "toxicity"
    remission = "remission"


MaybeRecord = Annotated[
    Path | None,
    typer.Argument(help="A record as `rxvigil assess` reads it; may be left out when options give the facts."),
]
Record_ = Annotated[Path, typer.Argument(help="A record as `rxvigil assess` reads it, with results and doses.")]
Drug = Annotated[str, typer.Option("--drug", "-d", help="The drug, for example azathioprine.")]
Indication = Annotated[str | None, typer.Option(help="What it is for: crohns-disease, rheumatoid-arthritis ...")]
On = Annotated[str | None, typer.Option(help="Date of the first tablet or the change, YYYY-MM-DD. Default: today.")]
Body = Annotated[str | None, typer.Option(help="Id of a dosing protocol to follow instead of the one chosen.")]
Weight = Annotated[str | None, typer.Option(help="Weight with its unit: '70 kg', '154 lb'. Never guessed.")]
Height = Annotated[str | None, typer.Option(help="Height with its unit: '175 cm', '69 in'.")]
Age = Annotated[int | None, typer.Option(help="Age in full years; or give --born.")]
Born = Annotated[str | None, typer.Option(help="Date of birth: YYYY, YYYY-MM or YYYY-MM-DD.")]
Sex = Annotated[str | None, typer.Option(help="female, male or other.")]
Creatinine = Annotated[str | None, typer.Option(help="Creatinine with its unit: '80 umol/L', '0.9 mg/dL'.")]
Egfr = Annotated[str | None, typer.Option(help="eGFR with its unit: '90 mL/min/1.73m2'.")]
Tpmt = Annotated[str | None, typer.Option(help="TPMT: '*1/*3A', 'normal', or the laboratory's words.")]
Nudt15 = Annotated[str | None, typer.Option(help="NUDT15, likewise.")]
Taking = Annotated[
    list[str] | None, typer.Option(help="Another medicine taken: 'allopurinol', 'allopurinol 300 mg'; or 'none'.")
]
Conditions = Annotated[list[str] | None, typer.Option("--condition", help="A diagnosis; or 'none'.")]
Allergies = Annotated[list[str] | None, typer.Option("--allergy", help="A medicine not tolerated; or 'none'.")]
Pregnancy = Annotated[
    bool | None, typer.Option("--pregnancy/--no-pregnancy", help="Pregnant, or asked and not pregnant.")
]
Breastfeeding = Annotated[
    bool | None, typer.Option("--breastfeeding/--no-breastfeeding", help="Breastfeeding, or asked and not.")
]
NothingElse = Annotated[
    bool, typer.Option("--nothing-else", help="The medicines, diagnoses and allergies known here are all there are.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of the screen.")]
Shape = Annotated[Format | None, typer.Option("--format", "-f", help="text or json." + WITHOUT)]
PatientId = Annotated[str | None, typer.Option(help="Id of the patient, where the input holds several.")]
Mapping = Annotated[Path | None, typer.Option(help="Mapping file for CSV/TSV input; see `rxvigil map`.")]
Rules = Annotated[Path | None, typer.Option("--rules", help="Folder of another rule book.")]
Overlay = Annotated[Path | None, typer.Option(help="Your site's overlay file; what it changes is shown.")]


Intended = Annotated[str | None, typer.Option(help="The dose in mind: '2 mg/kg/d', '100 mg/d'.")]
WeightBasis = Annotated[Basis | None, typer.Option(help="Default: as the body says; actual where it does not say.")]
MadeAs = Annotated[Made | None, typer.Option("--form", help="Default: tablets, and the suspension beside them.")]
LowDose = Annotated[bool, typer.Option("--low-dose-with-allopurinol", help="The specialist's deliberate low dose.")]
Untested = Annotated[
    list[str] | None, typer.Option("--start-untested", help="A gene you decided to start without: tpmt, nudt15.")
]
Malignant = Annotated[bool, typer.Option("--malignant", help="Genetic advice for malignant disease.")]


@app.command()
def start(
    record: MaybeRecord = None,
    drug: Drug = "azathioprine",
    indication: Indication = None,
    intended: Intended = None,
    on: On = None,
    jurisdiction: Place = None,
    body: Body = None,
    weight_basis: WeightBasis = None,
    form: MadeAs = None,
    low_dose_with_allopurinol: LowDose = False,
    start_untested: Untested = None,
    malignant: Malignant = False,
    weight: Weight = None,
    height: Height = None,
    age: Age = None,
    born: Born = None,
    sex: Sex = None,
    creatinine: Creatinine = None,
    egfr: Egfr = None,
    tpmt: Tpmt = None,
    nudt15: Nudt15 = None,
    vcf: VcfFile = None,
    sample: VcfSample = None,
    build: VcfBuild = None,
    absent_is_reference: VcfAbsent = False,
    untested_as_reference: VcfUntested = False,
    taking: Taking = None,
    condition: Conditions = None,
    allergy: Allergies = None,
    pregnancy: Pregnancy = None,
    breastfeeding: Breastfeeding = None,
    nothing_else: NothingElse = False,
    format_: Shape = None,
    output: Output = None,
    patient: PatientId = None,
    mapping: Mapping = None,
    rules: Rules = None,
    overlay: Overlay = None,
) -> None:
    """A start dose: range, tablets, both ways for what is not known, rises with dates, and what stands against it.

    Example: rxvigil dose start --indication crohns-disease --weight "70 kg" --tpmt normal --nudt15 normal
    """
    book, day = load_book(rules, overlay), read_day(on)
    file = vcf_given(vcf, sample, build, absent=absent_is_reference, untested=untested_as_reference)
    given = Given(
        weight, height, creatinine, egfr, age, born, sex, tpmt, nudt15, file,
        tuple(taking or ()), tuple(condition or ()), tuple(allergy or ()), pregnancy, breastfeeding, nothing_else,
    )  # fmt: skip
    found = read_record(record, patient, mapping, book) if record else None
    request = _request(drug, indication, body, form, book)
    request = _with_wishes(
        request, intended, weight_basis, start_untested,
        deliberate_low_dose_with_allopurinol=low_dose_with_allopurinol, malignant=malignant,
    )  # fmt: skip
    plan = _doser(book, jurisdiction).start(with_given(found, given, day, book), day, request)
    _write(plan, format_, output)


@app.command()
def change(
    record: Record_,
    because: Annotated[Why, typer.Option(help="Why the dose is to change.")],
    drug: Drug = "azathioprine",
    indication: Indication = None,
    on: On = None,
    jurisdiction: Place = None,
    body: Body = None,
    form: MadeAs = None,
    format_: Shape = None,
    output: Output = None,
    patient: PatientId = None,
    mapping: Mapping = None,
    rules: Rules = None,
    overlay: Overlay = None,
) -> None:
    """A change of the dose in use. Never a rise while tests are worrying, overdue or unknown.

    Example: rxvigil dose change record.json --because not-responding
    """
    book, day = load_book(rules, overlay), read_day(on)
    found = read_record(record, patient, mapping, book)
    request = _request(drug, indication, body, form, book)
    _write(_doser(book, jurisdiction).change(found, day, request, because.value), format_, output)


@app.command()
def taper(
    record: Record_,
    toxicity: Annotated[bool, typer.Option("--toxicity", help="It harms: stop at once.")] = False,
    drug: Drug = "azathioprine",
    indication: Indication = None,
    on: On = None,
    jurisdiction: Place = None,
    body: Body = None,
    form: MadeAs = None,
    format_: Shape = None,
    output: Output = None,
    patient: PatientId = None,
    mapping: Mapping = None,
    rules: Rules = None,
    overlay: Overlay = None,
) -> None:
    """A supervised withdrawal, by the sources that give steps. Never at once, except for toxicity.

    Example: rxvigil dose taper record.json --jurisdiction US
    """
    book, day = load_book(rules, overlay), read_day(on)
    found = read_record(record, patient, mapping, book)
    request = _request(drug, indication, body, form, book)
    _write(_doser(book, jurisdiction).taper(found, day, request, toxicity=toxicity), format_, output)


@app.command()
def convert(
    amount: Annotated[str, typer.Argument(help="The present dose: '100 mg/d'.")],
    from_drug: Annotated[str, typer.Option("--from", help="The drug taken now.")],
    to_drug: Annotated[str, typer.Option("--to", help="The drug that is to take its place.")],
    record: Annotated[Path | None, typer.Option(help="Record, so that earlier reactions are seen.")] = None,
    on: On = None,
    jurisdiction: Place = None,
    format_: Shape = None,
    output: Output = None,
    patient: PatientId = None,
    mapping: Mapping = None,
    rules: Rules = None,
    overlay: Overlay = None,
) -> None:
    """A dose of azathioprine as mercaptopurine, or the other way round: a range where sources differ.

    Example: rxvigil dose convert "100 mg/d" --from azathioprine --to mercaptopurine
    """
    from rxvigil.dosing import NOBODY

    book, day = load_book(rules, overlay), read_day(on)
    found = read_record(record, patient, mapping, book) if record else NOBODY
    dose = read_dose(amount, "AMOUNT")
    if dose.unit != "mg/d" or dose.low != dose.high:
        raise BadOption("it is not one amount in mg a day", "AMOUNT", "write for example '100 mg/d'")
    old, new = _drug(from_drug, "--from", book), _drug(to_drug, "--to", book)
    _write(_doser(book, jurisdiction).convert(dose.low, old, new, day, found), format_, output)


def _doser(book: "RuleBook", jurisdiction: str | None) -> "Doser":
    from rxvigil.dosing import Doser

    return Doser(book, read_place(jurisdiction))


def _drug(name: str, option: str, book: "RuleBook") -> str:
    found = book.vocabulary.drug_by_name(name)
    if found is None:
        raise BadOption("the drug is not known to the rule book", option, "write its ingredient")
    return found.key


def _request(drug: str, indication: str | None, body: str | None, form: Made | None, book: "RuleBook") -> "DoseRequest":
    from rxvigil.dosing import DoseRequest

    return DoseRequest(
        drug=_drug(drug, "--drug", book),
        indication=condition_key(indication, "--indication", book) if indication else None,
        body=body,
        form=form.value if form else None,
    )


def _with_wishes(
    request: "DoseRequest", intended: str | None, basis: Basis | None, untested: list[str] | None, *,
    deliberate_low_dose_with_allopurinol: bool, malignant: bool,
) -> "DoseRequest":  # fmt: skip
    from msgspec.structs import replace

    return replace(
        request,
        intended=read_dose(intended, "--intended") if intended else None,
        weight_basis=basis.value if basis else None,
        start_untested=tuple(one.lower() for one in untested or ()),
        deliberate_low_dose_with_allopurinol=deliberate_low_dose_with_allopurinol,
        setting="malignant" if malignant else "non-malignant",
    )


def _write(plan: "DosePlan | ChangePlan | TaperPlan | ConversionPlan", format_: Shape, output: Path | None) -> None:
    from rxvigil.reports import dose_json, plan_text

    if form_of(format_, output, Format) == Format.json:
        write_whole(dose_json(plan), output)
        return
    write_text(partial(plan_text, plan), output)

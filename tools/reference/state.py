"""The state: every measure a condition may use."""

from reference.markdown import code, page, table, text
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.measures import MEASURES, Measure

_EXAMPLES = {
    "analyte": "neutrophils",
    "drug": "azathioprine",
    "condition": "crohns-disease",
    "vaccine": "live-vaccine",
    "symptom": "fever",
    "gene": "nudt15",
    "event": "pregnancy",
    "patient": "patient",
}
_ANSWERS = {
    "truth": "yes or no",
    "quantity": "an amount in a unit of the analyte, xULN or xLLN; or a category",
    "change": "an amount in a unit of the analyte, or %",
    "duration": "a length of time",
    "category": "one of its categories",
    "count": "a bare number",
    "dose": "mg/d, mg/wk, g/d, mg/kg/d or mg/kg/wk",
}
_ABOUT = {
    "analyte": "Anything measured: see [analytes](vocabulary/analytes.md).",
    "drug": "A drug, or a class of drugs: see [drugs](vocabulary/drugs.md). `this`: the drug asked about.",
    "condition": "A diagnosis, or a group of them: see [other concepts](vocabulary/concepts.md).",
    "vaccine": "A vaccine, or a group of them.",
    "symptom": "A complaint.",
    "gene": "TPMT or NUDT15.",
    "event": "Pregnancy, surgery, infection, response to treatment and the like.",
    "patient": "The person.",
}


def pages(book: RuleBook) -> dict[str, str]:
    """The page of the state."""
    lines = [
        "Rules are conditions over these named quantities and nothing else. A measure answers yes, no, an amount - or",
        "*cannot say*. How they are told from a record is in [measures explained](../explanation/measures.md).",
        "",
        "A condition is `subject.measure(arguments)`, compared where the measure is not yes or no, and joined by",
        "`and`, `or`, `not` and brackets:",
        "",
        "```text",
        "neutrophils.latest < 1.6 10*9/L",
        "neutrophils.falls(times: 3, each: 10 %)",
        "this.dose > 0.70 mg/kg/d and allopurinol.active",
        "nudt15.phenotype in (poor, intermediate)",
        "```",
    ]
    for subject, example in _EXAMPLES.items():
        lines += ["", f"## {subject}", "", _ABOUT[subject], ""]
        rows = [_row(measure, example) for measure in MEASURES if measure.subject == subject]
        lines += table(("Measure", "Compared with", "Meaning"), rows)
    return {"state.md": page("The state: what rules may ask", lines)}


def _row(measure: Measure, example: str) -> tuple[str, str, str]:
    needed = [f"{name}: {kind}" for name, kind in measure.required.items()]
    may = [f"{name}: {kind}, if wanted" for name, kind in measure.optional.items()]
    arguments = f"({'; '.join([*needed, *may])})" if needed or may else ""
    return code(f"{example}.{measure.name}") + arguments, _ANSWERS[measure.answers], text(measure.meaning)

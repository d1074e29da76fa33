"""The list of all pages."""

from collections.abc import Iterable

from reference.markdown import page

ABOUT = {
    "state.md": "every quantity a rule may ask about",
    "rules.md": "the rules that hold under any protocol, by topic",
    "protocols.md": "the monitoring protocols, body beside body",
    "tables.md": "decision tables (metabolites) and severity scales",
    "starting.md": "what is asked before the first tablet, and what the patient is told",
    "doses.md": "doses, body beside body; what changes them; products, conversion and withdrawal",
    "measures.md": "what is counted of a population, by whose definition",
    "genes.md": "TPMT and NUDT15: alleles, phenotypes and advice, release by release",
    "vocabulary.md": "analytes, units, drugs, conditions and the rest, with codes",
    "sources.md": "every publication, and what rests on it",
    "agreement.md": "how often the evaluators of one patient and of a population were compared, and with what result",
    "hazards.md": "the hazard log: what could go wrong, what is done, how it is tested",
    "file-formats.md": "the fields of every knowledge file",
    "cli.md": "every command",
    "exit-codes.md": "what the exit codes mean",
}


def pages(made: Iterable[str]) -> dict[str, str]:
    """The list; a page nobody described is an error."""
    top = [name for name in made if "/" not in name]
    lines = [
        f"- [{name.removesuffix('.md').replace('-', ' ')}]({name}): {ABOUT[name]}" for name in ABOUT if name in top
    ]
    if set(top) != ABOUT.keys():
        raise KeyError(f"say in index.py what each page is about: {sorted(set(top) ^ ABOUT.keys())}")
    return {"README.md": page("Reference", ["Made from the code and the rule book; never edited by hand.", "", *lines])}

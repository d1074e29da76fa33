"""A scenario of the user's own: one file, checked as strictly as the rule book."""

from pathlib import Path

from rxvigil.errors import RuleBookError
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.lint.provenance import check_source, sources_in
from rxvigil.knowledge.lint.simulation import check_scenario
from rxvigil.knowledge.loader import parse_file
from rxvigil.knowledge.simulation import ClinicScenario
from rxvigil.knowledge.yamlfile import read_document


def read_scenario(path: Path, book: RuleBook) -> ClinicScenario:
    """The scenario in a file; its sources are those of the rule book. Raises `RuleBookError` with file and line."""
    document = read_document(path, path.name)
    scenario = parse_file(document)
    if not isinstance(scenario, ClinicScenario):
        raise RuleBookError(
            "this is no scenario", document.place(("kind",)), "begin with a copy of the shipped one (kind: simulation)"
        )
    for where, source in sources_in(scenario):
        for what in check_source(source, book, None):
            raise RuleBookError(what, document.place(where), "name a publication of the rule book, or `house`")
    for what in check_scenario(scenario, book):
        raise RuleBookError(what, path.name, "mend the file")
    return scenario

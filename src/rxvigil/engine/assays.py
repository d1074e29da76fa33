"""The method a metabolite was measured by. Methods give different numbers for the same blood, so a table's limits hold
for one method, and a result says by which it was made, or does not."""

from rxvigil.engine.assessment import Missing
from rxvigil.facts import Result
from rxvigil.knowledge.lookup import Vocabulary, normal
from rxvigil.knowledge.rules import DecisionTable


def method_of(result: Result, words: Vocabulary) -> str | None:
    """The method a result names, by the vocabulary's words for the methods of its analyte; none where it names none
    of them."""
    stated = normal(result.assay or "")
    methods = words.analytes[result.analyte].methods
    named = {key for key, names in methods.items() if any(normal(name) in stated for name in names)}
    return named.pop() if len(named) == 1 else None


def other_methods(table: DecisionTable, results: list[Result], words: Vocabulary) -> tuple[Missing, ...]:
    """For a table that names its methods: every result that is not shown to be made by one of them."""
    if not table.methods:
        return ()
    found = [
        one for one in results if words.analytes[one.analyte].methods and method_of(one, words) not in table.methods
    ]
    wanted = " or ".join(_name(one, words) for one in table.methods)
    return tuple(
        Missing(
            f"method of {words.show(one.analyte)}",
            f"the limits hold for {wanted}; the result of {one.when} {_states(one)}",
            "ask the laboratory for its method and its own limits",
        )
        for one in found
    )


def notes_on_methods(table: DecisionTable, results: list[Result], words: Vocabulary) -> tuple[str, ...]:
    """What a reader must know beside a table that names no method."""
    measured = [one for one in results if words.analytes[one.analyte].methods]
    if table.methods or not measured:
        return ()
    said = dict.fromkeys(f"{words.show(one.analyte)} of {one.when} {_states(one)}" for one in measured)
    return (
        f"Method: {'; '.join(said)}; the table names none. Methods differ: the laboratory's own limits come first.",
    )


def _name(method: str, words: Vocabulary) -> str:
    return next((one.methods[method][0] for one in words.analytes.values() if method in one.methods), method)


def _states(result: Result) -> str:
    return f"is stated as '{result.assay}'" if result.assay else "names no method"

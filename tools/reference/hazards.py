"""The hazard log, for readers."""

from pathlib import Path
from typing import Any

from reference.markdown import page, plural, text
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.yamlfile import read_document

LOG = Path(__file__).resolve().parents[2] / "safety" / "hazards.yaml"


def pages(book: RuleBook) -> dict[str, str]:
    """One page."""
    found = read_document(LOG).data["hazards"]
    lines = [
        f"{plural(len(found), 'hazard')} to which rxvigil could contribute: what is done about each, and what is left",
        "to the site. From [safety/hazards.yaml](../../safety/hazards.yaml); see [safety](../../safety/README.md).",
    ]
    for hazard in found:
        lines += ["", f"## {hazard['id']}: {hazard['hazard']}", "", *_hazard(hazard)]
    return {"hazards.md": page("Hazard log", lines)}


def _hazard(hazard: dict[str, Any]) -> list[str]:
    lines = [f"- Causes: {text('; '.join(hazard['causes']))}", f"- Harm: {text(hazard['harm'])}"]
    for control in hazard["controls"]:
        lines.append(f"- Control: {text(control['does'])}")
        lines += [f"  - tested: {_test(one)}" for one in control["test"]]
        lines += [f"  - rule: `{one}`" for one in control.get("rule", ())]
    return [*lines, f"- Left to the site: {text(hazard['left'])}"]


def _test(name: str) -> str:
    path, _, test = name.partition("::")
    return f"[{test.removeprefix('test_').replace('_', ' ')}](../../{path})"

"""How often the evaluator of one patient and that of a population were compared, and with what result."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from reference.markdown import page, table, text
from rxvigil.facts import show_day
from rxvigil.knowledge.book import RuleBook

COUNTS = Path(__file__).resolve().parents[2] / "tests" / "agreement" / "counts.json"
"""Written by the last run of `make agree`."""
HEAD = """`rxvigil assess` and `rxvigil screen` answer from one rule book by two different programs: one reads the
record of one patient, the other is queries over the tables of a population. That both say the same is compared, not
assumed.

The shipped rule book is asked of all its worked patients. Then rule books and patients are made up at random, from
seeds: small books of every construct that a rule, a schedule or a table may use, and patients with every awkwardness
that records have. Each patient is assessed under a book by the evaluator of one patient, and the plan for a population
is run on each database. Five things are compared for each patient:

1. the answer of every rule, schedule, baseline test and row of a table: fires, cannot say, or neither;
2. every finding: rule, kind, tier, cause, the rules it speaks for, days late, verb, urgency and strength;
3. every rule that cannot be answered, and the worst it might have said;
4. every test: status, the day it is due, the day it is overdue, the last one, strength;
5. the protocol chosen for each drug.

Patients whose records columns do not hold faithfully are left by the plan to the evaluator of one patient. They are
made far more frequent here than they are in a clinic, and are counted apart. Nobody here is a real patient. A run
stops at the first thing that differs.
"""


def pages(book: RuleBook) -> dict[str, str]:
    """One page."""
    kept = json.loads(COUNTS.read_text(encoding="utf-8"))
    databases = kept["databases"]
    lines = [
        *HEAD.splitlines(),
        "",
        f"## Last run: {show_day(date.fromisoformat(kept['on']))}, from seed {kept['seed']}",
        "",
        *([text(kept["note"]), ""] if "note" in kept else []),
        "The shipped rule book and its worked patients:",
        "",
        *table(("Database", *COLUMNS.values()), ((text(one["name"]), *_row(one["shipped"])) for one in databases)),
        "",
        "Rule books and patients made up at random:",
        "",
        *table(
            ("Database", "Rule books", *COLUMNS.values()),
            ((text(one["name"]), f"{one['made up']['books']:,}", *_row(one["made up"])) for one in databases),
        ),
        "",
        f"Why made-up patients were left out of the comparison ({text(databases[0]['name'])}):",
        "",
        *(f"- {text(reason)}: {count:,}" for reason, count in databases[0]["made up"]["left out"].items()),
        "",
        f"With {', '.join(kept['with'])}. Again with `make agree N=100000`.",
    ]
    return {"agreement.md": page("Agreement of the evaluators", lines)}


COLUMNS = {
    "patients": "Patients", "alone": "Left out", "agreed": "Comparisons agreed", "answers": "Answers of rules",
    "findings": "Findings", "differing": "Differing",
}  # fmt: skip


def _row(counts: dict[str, Any]) -> list[str]:
    return [f"{counts[name]:,}" for name in COLUMNS]

"""Whatever the levels: advice that rests on a low or therapeutic 6-TGN is not given beside the reason why it misleads.

Made-up patients with one or two samples around every limit, doses that were and were not changed, and all that can
make a low 6-TGN mean something else.
"""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from property.answers import outcomes
from property.patients import BOOK, assessed, examples
from rxvigil.casebook import record_of

ON = date(2026, 3, 1)
PMOL = "pmol/(8.10*8.{RBC})"
LEVELS = {
    "tgn": ("undetectable", *(f"{value} {PMOL}" for value in (50, 229, 230, 234, 235, 400, 401, 450, 451, 1200))),
    "mmp": ("undetectable", *(f"{value} {PMOL}" for value in (100, 2000, 5699, 5700, 16500))),
}
MISLEADING = {name for name, _ in BOOK.rules() if name.startswith("metabolites/misleading#")}
EARLY, BEFORE = "metabolites/sampling#metabolites-too-early", "metabolites/sampling#metabolites-before-a-change"
WAYS = {f"{table.id}#{row.id}": set(row.gives_way_to) for table in BOOK.tables.values() for row in table.rows}
MORE_DRUG = {
    f"{table.id}#{row.id}"
    for table in BOOK.tables.values()
    for row in table.rows
    if any(words in row.action.says.lower() for words in ("raise the dose", "higher dose"))
}
"""Rows whose advice may lead to a higher dose, told by their words."""

_ago = st.sampled_from((0, 3, 9, 10, 20, 27, 28, 29, 60, 200, 340))
_samples = st.lists(st.tuples(_ago, *(st.sampled_from(values) for values in LEVELS.values())), min_size=1, max_size=2)
_doses = st.lists(st.tuples(st.sampled_from((2, 10, 28, 38, 90, 400)), st.sampled_from((50, 100, 150))), max_size=2)
_others = st.lists(
    st.sampled_from(
        (
            "gene nudt15 normal", "gene nudt15 intermediate", "gene nudt15 poor", "ribavirin from 2026-01-15",
            "neutrophils 1.1 10*9/L on 2026-02-20", "neutrophils 3 10*9/L on 2026-02-20",
            "platelets 90 10*9/L on 2026-02-20", "event response value responding since 2026-01-10",
            "event response value not-responding since 2026-01-10",
        )
    ),
    max_size=3, unique_by=lambda fact: fact.split(" ")[0] + fact.split(" ")[1],
)  # fmt: skip


def day(ago: int) -> str:
    return (ON - timedelta(days=ago)).isoformat()


@st.composite
def facts(draw: st.DrawFn) -> tuple[list[str], str]:
    lines = [f"azathioprine {dose} mg/d from {day(ago)}" for ago, dose in ((500, 125), *draw(_doses))]
    for ago, *levels in draw(_samples):
        lines += [f"{key} {level} on {day(ago)}" for key, level in zip(LEVELS, levels, strict=True)]
    return [*lines, *draw(_others)], draw(st.sampled_from(("female born 1980", "male born 2012")))


@examples(400)
@given(facts())
def test_a_row_and_what_it_gives_way_to_never_speak_together(patient):
    lines, who = patient
    said = outcomes(assessed(record_of(lines, who, BOOK.vocabulary), ON))
    firing = {rule for rule, outcome in said.items() if outcome == "fires"}
    assert not [row for row in firing & WAYS.keys() if WAYS[row] & firing]


@examples(50)
@given(facts(), st.integers(0, 330))
def test_a_sample_taken_too_early_stays_too_early(patient, later):
    """Nothing new comes in: then the day of reading changes nothing, as long as the result counts at all."""
    lines, who = patient
    record = record_of(lines, who, BOOK.vocabulary)
    now, then = (outcomes(assessed(record, on)) for on in (ON, ON + timedelta(days=later)))
    newest = max(one.when.first for one in record.results if one.analyte in LEVELS)
    if ON + timedelta(days=later) <= newest + timedelta(days=360):
        assert all(now.get(rule) == then.get(rule) for rule in (EARLY, BEFORE))


def test_every_row_that_may_lead_to_a_higher_dose_gives_way_to_every_reason_not_to():
    """By their words, so that a new table cannot forget it. Of a response only where the row does not ask for one."""
    assert len(MORE_DRUG) >= 8
    for name in MORE_DRUG:
        table, _, row_id = name.partition("#")
        row = next(one for one in BOOK.tables[table].rows if one.id == row_id)
        wanted = {*MISLEADING, EARLY, BEFORE}
        if "not-responding" in row.when.get("response", ()):
            wanted.discard("metabolites/misleading#responding")
        if "low" not in row.when["tgn"]:
            wanted -= MISLEADING
        assert wanted <= WAYS[name], f"{name} does not give way to {wanted - WAYS[name]}"

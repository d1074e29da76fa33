"""Whole rule books made up at random over the shipped vocabulary: small, but of every construct there is.

A book is kept as plain data (`Made`), so that it can be printed, taken apart and put together again.
"""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any, Final, NamedTuple

import yaml
from hypothesis import strategies as st
from property.patients import BOOK, DAYS

from agreement.questions import condition
from agreement.schedules import SOURCE, STRENGTHS, Made, baseline_test, schedule, sources
from rxvigil.engine import Wanted
from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.loader import parse_file
from rxvigil.knowledge.yamlfile import Document, parse_document

MONITORED: Final = ("azathioprine", "methotrexate", "mercaptopurine", "leflunomide")
KINDS: Final = ("danger", "threshold", "trend", "trend", "interaction", "contraindication", "precaution", "duplicate",
                "genotype", "vaccine", "pregnancy", "dose", "symptom", "expected", "baseline")  # fmt: skip
VERBS: Final = ("emergency", "stop", "withhold", "avoid", "reduce", "switch", "refer", "discuss", "repeat", "test",
                "monitor", "ask", "vaccinate", "continue")  # fmt: skip
URGENCIES: Final = ("now", "today", "this week", "soon", "routine")
CAUSES: Final = ("neutrophils low", "Neutrophils low", "liver tests raised", "a medicine does harm", "blood tests due",
                 "blood tests overdue", "an infection", "dose too high", "metabolites low")  # fmt: skip
SPECIALTIES: Final = ("gastroenterology", "rheumatology", "dermatology")
PLACES: Final = ("UK", "US", "FR")


class Setting(NamedTuple):
    """A rule book, what a site has chosen of it, and the date of assessment."""

    made: Made
    wanted: Wanted
    on: date

    def __str__(self) -> str:
        """Everything that is needed to build it again."""
        return f"# on {self.on.isoformat()}, {self.wanted}\n{yaml.safe_dump(self.made, sort_keys=False, width=110)}"


def book_of(made: Made) -> RuleBook:
    """The rule book: the shipped vocabulary and genetics with these rules, protocols and tables alone."""
    files = {kind: {one["id"]: _parsed(one) for one in made[kind]} for kind in ("topics", "protocols", "tables")}
    parts: dict[str, Any] = {**files, "gradings": {}, "digest": "made up", "places": {}}
    return replace(BOOK, **parts)


def documents_of(made: Made) -> list[Document]:
    """The files of a book, as a site would keep them."""
    every = [one for kind in ("topics", "protocols", "tables") for one in made[kind]]
    return [
        parse_document(yaml.safe_dump(one, sort_keys=False), f"{one['id'].replace('/', '-')}.yaml") for one in every
    ]


def _parsed(one: Made) -> Any:
    return parse_file(parse_document(yaml.safe_dump(one, sort_keys=False), one["id"]))


# ------------------------------------------------------------------------------------------------------------- rules


@st.composite
def _applies(draw: st.DrawFn, drugs: tuple[str, ...], anybody: bool) -> Made:
    made: Made = {"drugs": list(drugs)}
    which = draw(st.sampled_from(("", "", "", "", "", "only_if", "jurisdictions", "except_in", "specialties")))
    match which:
        case "only_if":
            made["only_if"] = draw(condition(about=not anybody))
        case "jurisdictions" | "except_in":
            made[which] = draw(st.lists(st.sampled_from((*PLACES, "INT")), min_size=1, max_size=2, unique=True))
        case "specialties":
            made["specialties"] = [draw(st.sampled_from(SPECIALTIES))]
    return made


@st.composite
def _action(draw: st.DrawFn) -> Made:
    return {
        "verb": draw(st.sampled_from(VERBS)), "says": "Do it.", "urgency": draw(st.sampled_from(URGENCIES)),
        "strength": draw(st.sampled_from(STRENGTHS)),
    }  # fmt: skip


_DRUGS_OF_RULES: Final = (
    ("azathioprine",), ("azathioprine",), ("azathioprine", "mercaptopurine"), ("thiopurine",), ("methotrexate",),
    ("azathioprine", "methotrexate"), ("methotrexate", "leflunomide", "thiopurine"),
)  # fmt: skip


@st.composite
def _rule(draw: st.DrawFn, number: int, *, threshold: bool = False) -> Made:
    during = "course" if threshold else draw(st.sampled_from((*("course",) * 7, "after-stop", "any")))
    anybody = during == "any" or (not threshold and draw(st.integers(0, 9)) == 0)
    drugs = () if threshold or anybody else draw(st.sampled_from(_DRUGS_OF_RULES))
    made: Made = {
        "id": f"rule-{number}", "kind": draw(st.sampled_from(KINDS)), "applies": draw(_applies(drugs, anybody)),
        "during": during, "when": draw(condition(about=not anybody)),
        "tier": draw(st.sampled_from(("stop", "act", "know"))), "cause": draw(st.sampled_from(CAUSES)),
        "says": "It is so.", "action": draw(_action()), "source": draw(sources),
    }  # fmt: skip
    if draw(st.integers(0, 2)) == 0:
        made["unless"] = draw(condition(about=not anybody))
    return _without_this(made) if threshold else made


def _without_this(made: Made) -> Made:
    """A threshold names no drug of its own, so lint lets it speak of none as `this`."""
    texts = {key: made[key].replace("this.", "azathioprine.") for key in ("when", "unless") if key in made}
    applies = {key: value.replace("this.", "azathioprine.") if key == "only_if" else value
               for key, value in made["applies"].items()}  # fmt: skip
    return {**made, **texts, "applies": applies}


def _rules(most: int, *, threshold: bool = False) -> st.SearchStrategy[list[Made]]:
    numbers = st.integers(0 if threshold else 1, most)
    return numbers.flatmap(lambda count: st.tuples(*(_rule(one, threshold=threshold) for one in range(count)))).map(
        list
    )


# --------------------------------------------------------------------------------------------------------- protocols


@st.composite
def _protocol(draw: st.DrawFn, identity: str, drugs: list[str], places: list[Made]) -> Made:
    made: Made = {
        "kind": "protocol", "id": identity, "title": identity, "body": "A body", "applies": {"drugs": drugs},
        "default_for": places, "review_by": "2027-11-30",
        "baseline": [draw(baseline_test(one)) for one in range(draw(st.integers(0, 2)))],
        "schedule": [draw(schedule(one)) for one in range(draw(st.sampled_from((0, 1, 1, 1, 2))))],
        "thresholds": draw(_rules(3, threshold=True)),
    }  # fmt: skip
    if draw(st.integers(0, 7)) == 0:
        made["effective"] = {"from": draw(st.sampled_from(("2020-01-01", "2026-06-01")))}
    return made


_PLACES: Final[tuple[list[Made], ...]] = (
    [{"jurisdiction": "UK"}], [{"jurisdiction": "UK", "specialty": "gastroenterology"}],
    [{"jurisdiction": "US"}, {"jurisdiction": "UK", "specialty": "rheumatology"}], [],
)  # fmt: skip


@st.composite
def _protocols(draw: st.DrawFn) -> list[Made]:
    """For some drugs one protocol, for some several, for some none; one may borrow from another."""
    found: list[Made] = []
    for drug in draw(st.sampled_from((("azathioprine",), ("azathioprine", "methotrexate"), MONITORED[:3], ()))):
        for number, places in enumerate(draw(st.sampled_from((_PLACES[:1], _PLACES[:2], _PLACES[1:4])))):
            found.append(draw(_protocol(f"monitoring/{drug}/body-{number}", [drug], places)))
    for together in draw(st.sampled_from(((), (), _TOGETHER[:1], _TOGETHER))):
        made = draw(_protocol(f"{_COMBINATIONS}/{'-'.join(together)}", [together[0]], []))
        made["applies"] |= {"together": list(together)}
        if draw(st.booleans()):
            made["default_for"] = [{"jurisdiction": draw(st.sampled_from(PLACES))}]
        found.append(made)
    for made in found:
        if draw(st.integers(0, 3)) == 0:
            what = draw(st.sampled_from(("thresholds_from", "schedule_from")))
            lender = draw(st.sampled_from(found))["id"]
            together = any(one.startswith(_COMBINATIONS) for one in (made["id"], lender))
            if lender != made["id"] and not (what == "schedule_from" and together):
                made[what] = {"protocol": lender, "why": "not read", "source": SOURCE}
    return found


_COMBINATIONS: Final = "monitoring/combinations"
"""Their schedules are neither borrowed nor lent: they count from the day the last of their own drugs was added."""
_TOGETHER: Final = (("azathioprine", "allopurinol"), ("methotrexate", "leflunomide"), ("allopurinol", "azathioprine"))


# ------------------------------------------------------------------------------------------------------------ tables

_UNIT: Final = "pmol/(8.10*8.{RBC})"
AXES: Final[dict[str, Made]] = {
    "tgn": {
        "name": "tgn", "of": "tgn.latest", "unit": _UNIT,
        "bands": [{"name": "low", "range": "< 235"}, {"name": "right", "range": "235 to 450"},
                  {"name": "high", "range": "> 450"}],
    },
    "tgn-none": {
        "name": "tgn", "of": "tgn.latest", "unit": _UNIT,
        "bands": [{"name": "none", "category": "undetectable"}, {"name": "low", "range": "<= 300"},
                  {"name": "high", "range": "> 300"}],
    },
    "mmp": {
        "name": "mmp", "of": "mmp.latest", "unit": _UNIT,
        "bands": [{"name": "normal", "range": "< 2000"}, {"name": "high", "range": ">= 2000"}],
    },
    "ratio": {
        "name": "ratio", "of": "mmp-tgn-ratio.latest",
        "bands": [{"name": "up-to-11", "range": "<= 11"}, {"name": "over-11", "range": "> 11"}],
    },
    "response": {
        "name": "response", "of": "response.value",
        "bands": [{"name": "well", "category": "responding"}, {"name": "badly", "category": "not-responding"},
                  {"name": "harm", "category": "adverse-effect"}],
    },
    "alt": {
        "name": "alt", "of": "alt.latest", "unit": "U/L",
        "bands": [{"name": "low", "range": "< 40"}, {"name": "high", "range": ">= 40"}],
    },
}  # fmt: skip
_CHOSEN: Final = (
    ("tgn", "mmp"),
    ("tgn-none", "mmp", "response"),
    ("tgn", "ratio"),
    ("tgn", "response"),
    ("alt", "mmp"),
)


@st.composite
def _table(draw: st.DrawFn, number: int, ways: tuple[str, ...]) -> Made:
    """Every combination of bands is answered by exactly one row or gap."""
    axes = [AXES[name] for name in draw(st.sampled_from(_CHOSEN))]
    rows: list[Made] = []
    gaps: list[Made] = []
    for cell in _cells(axes, draw(st.booleans())):
        if draw(st.integers(0, 5)) == 0:
            gaps.append({"when": cell, "says": "No advice."})
        else:
            rows.append(draw(_row(f"row-{len(rows)}", cell, ways)))
    applies: Made = {"drugs": ["azathioprine", "mercaptopurine"]}
    if draw(st.integers(0, 3)) == 0:
        applies["only_if"] = draw(st.sampled_from(("patient.age < 18 years", "allopurinol.active")))
    places = draw(
        st.sampled_from(([{"jurisdiction": "UK"}], [{"jurisdiction": "UK", "specialty": "gastroenterology"}], []))
    )
    rows = rows or [draw(_row("row-0", gaps.pop()["when"], ways))]
    return {
        "kind": "table", "id": f"metabolites/table-{number}", "title": "A table", "body": "A body",
        "applies": applies, "default_for": places, "review_by": "2027-11-30", "axes": axes, "rows": rows, "gaps": gaps,
    }  # fmt: skip


def _cells(axes: list[Made], wide: bool) -> list[Made]:
    """All combinations, one by one; or only of the first two axes, with every band of the rest."""
    named = axes[:1] if wide else axes
    names = [[band["name"] for band in axis["bands"]] for axis in named]
    return [{axis["name"]: [band] for axis, band in zip(named, cell, strict=True)} for cell in product(*names)]


@st.composite
def _row(draw: st.DrawFn, identity: str, cell: Made, ways: tuple[str, ...]) -> Made:
    gives_way = draw(st.lists(st.sampled_from(ways), max_size=2, unique=True)) if ways else []
    return {
        "id": identity, "when": cell, "tier": draw(st.sampled_from(("act", "know", "know"))),
        "cause": draw(st.sampled_from(CAUSES)), "says": "It is so.", "action": draw(_action()),
        "gives_way_to": gives_way, "source": SOURCE,
    }  # fmt: skip


def _ways(topic: Made) -> tuple[str, ...]:
    """Rules that a row of a table may give way to: asked of every course, without an exception."""
    free = [
        rule for rule in topic["rules"]
        if rule["during"] == "course" and "unless" not in rule and set(rule["applies"]) == {"drugs"}
        and rule["applies"]["drugs"]
    ]  # fmt: skip
    return tuple(f"{topic['id']}#{rule['id']}" for rule in free)


# ------------------------------------------------------------------------------------------------------ whole books


@st.composite
def books(draw: st.DrawFn) -> Made:
    """A rule book."""
    topic: Made = {"kind": "rules", "id": "always/made-up", "title": "Made up", "review_by": "2027-11-30"}
    topic["rules"] = draw(_rules(7))
    ways = _ways(topic)
    tables = [draw(_table(one, ways)) for one in range(draw(st.sampled_from((0, 0, 1, 2))))]
    return {"topics": [topic], "protocols": draw(_protocols()), "tables": tables}


@st.composite
def settings_of(draw: st.DrawFn, made: Made) -> Setting:
    """The book as one site uses it on one day."""
    named = [one["id"] for one in (*made["protocols"], *made["tables"])]
    protocols = draw(st.lists(st.sampled_from(named), max_size=2, unique=True)) if named else []
    asked = tuple(protocols) if draw(st.integers(0, 2)) == 0 else ()
    place = draw(st.sampled_from((None, "UK", "US", "FR")))
    return Setting(made, Wanted(place, asked), draw(st.sampled_from(DAYS)))


def book_settings() -> st.SearchStrategy[Setting]:
    """A rule book, what a site has chosen, and a date."""
    return books().flatmap(settings_of)

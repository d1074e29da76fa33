"""Conditions made up at random: every measure of the state, with the limits that made-up patients lie around."""

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st
from property.patients import ALLELES, EVENTS, PHENOTYPES, SYMPTOMS, VALUES, WORDS

Text = st.SearchStrategy[str]

ANALYTES: Final = (
    "neutrophils", "white-cells", "lymphocytes", "platelets", "alt", "ast", "creatinine", "egfr", "mcv", "tgn", "mmp",
    "weight", "bilirubin",
)  # fmt: skip
CATEGORIES: Final = {
    key: sorted(WORDS.analytes[key].categories) for key in ("hbsag", "vzv-igg", "hiv", "tpmt-activity")
}
DRUGS: Final = ("allopurinol", "febuxostat", "warfarin", "co-trimoxazole", "ribavirin", "azathioprine", "methotrexate")
CLASSES: Final = ("xanthine-oxidase-inhibitor", "thiopurine", "aminosalicylate", "vitamin-k-antagonist")
CONDITIONS: Final = (
    "crohns-disease", "inflammatory-bowel-disease", "rheumatoid-arthritis", "malignancy", "chronic-liver-disease",
    "hepatitis-b", "smoking",
)  # fmt: skip
VACCINES: Final = ("live-vaccine", "influenza", "mmr", "pneumococcal")
OPERATORS: Final = ("<", "<=", ">", ">=")
_LENGTHS: Final = ("3 days", "10 days", "14 days", "2 weeks", "6 weeks", "8 weeks", "12 weeks", "1 month", "2 months",
                   "3 months", "6 months", "12 months", "1 year", "18 months", "2 years")  # fmt: skip
_length = st.sampled_from(_LENGTHS)
_operator = st.sampled_from(OPERATORS)


def _amounts(analyte: str) -> tuple[str, ...]:
    """Limits in every unit that the analyte's numbers come in, and as multiples of the laboratory's own limits."""
    dimension = WORDS.analytes[analyte].dimension
    units = WORDS.dimensions[dimension] if dimension else None
    written = [f"{value:.6f}".rstrip("0").rstrip(".") for value in VALUES[analyte]]
    found = [f"{value} {units.canonical if units else ''}".strip() for value in written]
    for unit, factor in sorted((units.units if units else {}).items()):
        found += [f"{_plain(value / factor)} {unit}" for value in VALUES[analyte][:3] if _plain(value / factor) != "0"]
    return (*found, *found, "1 xULN", "1.5 xULN", "3 xULN", "1 xLLN", "0.5 xLLN")


def _plain(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


_AMOUNTS: Final = {key: _amounts(key) for key in ANALYTES}
_own_amounts: Final = {key: tuple(one for one in _AMOUNTS[key] if " x" not in one) for key in ANALYTES}


@st.composite
def _numeric(draw: st.DrawFn, *, about: bool) -> str:
    """A question of an analyte with numbers; `about`: one of `this` drug may be asked."""
    key = draw(st.sampled_from(ANALYTES))
    kinds = ["latest"] * 6 + ["last", "falls", "rises", "rise", "fall", "measured"]
    course = ["rise-since-start", "fall-since-start", "stable-at-sample", "time-on-at-sample", "dose-changed-since"]
    kind = draw(st.sampled_from(kinds + (course if about else [])))
    match kind:
        case "latest":
            return f"{key}.latest {draw(_operator)} {draw(st.sampled_from(_AMOUNTS[key]))}"
        case "last":
            times = draw(st.integers(1, 4))
            return f"{key}.last(times: {times}) {draw(_operator)} {draw(st.sampled_from(_AMOUNTS[key]))}"
        case "falls" | "rises":
            return f"{key}.{kind}({draw(_trend())})"
        case "rise" | "fall":
            return f"{key}.{kind}(over: {draw(_length)}) {draw(_operator)} {draw(_moved(key))}"
        case "rise-since-start" | "fall-since-start":
            return f"{key}.{kind} {draw(_operator)} {draw(_moved(key))}"
        case "stable-at-sample" | "time-on-at-sample":
            return f"{key}.{kind} {draw(_operator)} {draw(_length)}"
        case "measured" if draw(st.booleans()):
            return f"{key}.measured(within: {draw(_length)})"
    return f"{key}.{kind}"


@st.composite
def _trend(draw: st.DrawFn) -> str:
    parts = [f"times: {draw(st.integers(1, 3))}", f"each: {draw(st.sampled_from((1, 5, 10, 20)))} %"]
    if draw(st.booleans()):
        parts.append(f"apart: {draw(st.sampled_from(('1 day', '3 days', '1 week', '1 month')))}")
    if draw(st.booleans()):
        parts.append(f"within: {draw(_length)}")
    return ", ".join(parts)


def _moved(analyte: str) -> Text:
    return st.one_of(st.sampled_from(("10 %", "25 %", "50 %", "100 %", "0 %")), st.sampled_from(_own_amounts[analyte]))


_categorical: Text = st.sampled_from(sorted(CATEGORIES)).flatmap(lambda key: _one_of(f"{key}.latest", CATEGORIES[key]))


def _one_of(term: str, values: Sequence[str]) -> Text:
    """term = value, or term in (two of them)."""
    pairs = st.lists(st.sampled_from(values), min_size=2, max_size=2, unique=True) if len(values) > 1 else st.nothing()
    return st.one_of(
        st.sampled_from(values).map(lambda value: f"{term} = {value}"),
        pairs.map(lambda two: f"{term} in ({', '.join(two)})"),
    )


@st.composite
def _drug(draw: st.DrawFn, *, about: bool) -> str:
    key = draw(st.sampled_from((*(("this",) * 6 if about else ()), *DRUGS, *CLASSES)))
    kind = draw(
        st.sampled_from(
            ("active", "active", "planned", "ever", "started", "stopped", "time-on", "stable-for", "dose",
             "dose-increased", "count", "allergy")
        )
    )  # fmt: skip
    match kind:
        case "started" | "stopped" | "dose-increased":
            return f"{key}.{kind}(within: {draw(_length)})"
        case "time-on" | "stable-for":
            return f"{key}.{kind} {draw(_operator)} {draw(_length)}"
        case "dose":
            dose = draw(st.sampled_from(("25 mg/d", "100 mg/d", "150 mg/d", "15 mg/wk", "20 mg/wk", "2 mg/kg/d",
                                         "1.5 mg/kg/d", "0.2 mg/kg/wk", "0.1 g/d")))  # fmt: skip
            return f"{key}.dose {draw(_operator)} {dose}"
        case "count":
            return f"{key}.count {draw(_operator)} {draw(st.integers(1, 2))}"
    return f"{key}.{kind}"


@st.composite
def _event(draw: st.DrawFn) -> str:
    key = draw(st.sampled_from(EVENTS))
    kind = draw(st.sampled_from(("present", "planned", "since")))
    return f"{key}.since(within: {draw(_length)})" if kind == "since" else f"{key}.{kind}"


_plain_truths: Text = st.one_of(
    st.tuples(st.sampled_from(CONDITIONS), st.sampled_from(("present", "ever"))).map(".".join),
    st.tuples(st.sampled_from(VACCINES), st.sampled_from(("planned", "ever"))).map(".".join),
    st.tuples(st.sampled_from(VACCINES), _length).map(lambda pair: f"{pair[0]}.given(within: {pair[1]})"),
    st.sampled_from(SYMPTOMS).map(lambda key: f"{key}.reported"),
    st.tuples(st.sampled_from(SYMPTOMS), _length).map(lambda pair: f"{pair[0]}.reported(within: {pair[1]})"),
    st.sampled_from(sorted(ALLELES)).map(lambda key: f"{key}.known"),
    _event(),
)
_words: Text = st.one_of(
    _categorical,
    st.sampled_from(sorted(ALLELES)).flatmap(lambda gene: _one_of(f"{gene}.phenotype", PHENOTYPES)),
    _one_of("response.value", WORDS.concepts["event"]["response"].values),
    _one_of("patient.sex", ("female", "male", "other")),
)
_ages: Text = st.tuples(_operator, st.sampled_from(("18 years", "12 years", "65 years", "40 years"))).map(
    lambda pair: f"patient.age {pair[0]} {pair[1]}"
)


@st.composite
def atom(draw: st.DrawFn, *, about: bool) -> str:
    """One question; `about`: it may speak of `this` drug. (`one_of` would give every kind of `_words` its own turn.)"""
    numeric, drug = _numeric(about=about), _drug(about=about)
    kinds = (*(numeric,) * 6, *(drug,) * 5, *(_plain_truths,) * 2, _words, _ages, _negated(about=about))
    return draw(kinds[draw(st.integers(0, len(kinds) - 1))])


@st.composite
def _negated(draw: st.DrawFn, *, about: bool) -> str:
    """Lint wants numbers to be asked the other way about, not negated."""
    drugs = st.sampled_from((*(("this",) if about else ()), *DRUGS, *CLASSES)).map(lambda key: f"{key}.active")
    kinds = (_plain_truths, _words, drugs)
    return f"not {draw(kinds[draw(st.integers(0, 2))])}"


@st.composite
def condition(draw: st.DrawFn, *, about: bool = True) -> str:
    """One to three questions, joined."""
    found = [draw(atom(about=about)) for _ in range(draw(st.sampled_from((1, 1, 1, 2, 2, 3))))]
    if len(found) < 3:
        return draw(st.sampled_from((" and ", " or "))).join(found)
    first, second, third = found
    return draw(st.sampled_from((f"{first} and ({second} or {third})", f"{first} or {second} and {third}")))

"""Schedules made up at random: every construct that a protocol may use, in any order the loader and lint allow."""

from typing import Any, Final

from hypothesis import strategies as st

from agreement.questions import condition

Made = dict[str, Any]

SOURCE: Final[Made] = {
    "ref": "house", "where": "a test", "mark": "house", "checked": "2026-11-25", "note": "made up for a test",
}  # fmt: skip
MEMORY: Final[Made] = {**SOURCE, "mark": "memory"}
"""Nobody has read it: never fires."""
sources: Final = st.sampled_from((SOURCE,) * 12 + (MEMORY,))
STRENGTHS: Final = ("must", "should", "should", "consider")

_EVERY: Final = ("1 week", "2 weeks", "4 weeks", "1 month", "6 weeks", "2 to 3 months", "3 months", "12 weeks",
                 "4 to 6 weeks", "6 months", "90 days", "1 to 4 weeks")  # fmt: skip
_FOR: Final = ("4 weeks", "6 weeks", "8 weeks", "2 months", "3 months", "1 year", "60 days")
_AT: Final = (["2 weeks"], ["2 weeks", "4 weeks"], ["1 month", "3 months"], ["1 week", "2 weeks", "2 months"],
              ["10 days", "1 month", "6 months"])  # fmt: skip
_every = st.sampled_from(_EVERY)


@st.composite
def _phase(draw: st.DrawFn) -> Made:
    """A phase that ends."""
    kind = draw(st.sampled_from(("for", "for", "until", "until", "at", "at for", "stop")))
    match kind:
        case "for":
            return {"every": draw(_every), "for": draw(st.sampled_from(_FOR))}
        case "until":
            return {"every": draw(_every), "until": {"dose_stable_for": draw(st.sampled_from(_FOR))}}
        case "at":
            return {"at": draw(st.sampled_from(_AT))}
        case "at for":
            return {"at": draw(st.sampled_from(_AT)), "for": draw(st.sampled_from(_FOR))}
    return {"stop": True, "for": draw(st.sampled_from(_FOR))}


_last = st.one_of(_every.map(lambda every: {"every": every}), _every.map(lambda every: {"every": every}),
                  _every.map(lambda every: {"every": every}), st.just({"stop": True}))  # fmt: skip


@st.composite
def _phases(draw: st.DrawFn) -> list[Made]:
    return [*draw(st.lists(_phase(), max_size=2)), draw(_last)]


@st.composite
def _event(draw: st.DrawFn) -> Made:
    then = draw(st.sampled_from(("restart", "resume")))
    phases = draw(st.lists(_phase(), min_size=0 if then == "restart" else 1, max_size=2))
    if phases and draw(st.integers(0, 5)) == 0:
        phases = [*phases, draw(_last)]
    event = draw(st.sampled_from(("dose-increase", "dose-decrease", "dose-change")))
    return {"event": event, "phases": phases, "then": then, "source": SOURCE}


@st.composite
def _modifier(draw: st.DrawFn, number: int) -> Made:
    return {
        "id": f"modifier-{number}", "when": draw(condition()), "every": draw(_every), "says": "because it is so",
        "from_start": draw(st.booleans()), "loosens": draw(st.sampled_from((False, False, True))),
        "source": draw(sources),
    }  # fmt: skip


_TESTS: Final = ("full-blood-count", "liver-tests", "urea-and-electrolytes", "renal-function", "neutrophils", "alt",
                 "creatinine", "platelets", "thiopurine-metabolites", "tgn", "weight")  # fmt: skip
_BEFORE: Final = (*_TESTS, "tpmt", "nudt15", "hbsag", "vzv-igg", "influenza", "attendance")
_GROUPS: Final = (["alt", "ast"], ["creatinine", "egfr"], ["white-cells", "neutrophils"], ["tpmt", "tpmt-activity"])


@st.composite
def _panel(draw: st.DrawFn, tests: tuple[str, ...]) -> Made:
    every = draw(st.lists(st.sampled_from(tests), max_size=2, unique=True))
    groups = draw(st.lists(st.sampled_from(_GROUPS[:3] if tests == _TESTS else _GROUPS), max_size=1))
    more = {"consider": ["mcv"]} if draw(st.integers(0, 9)) == 0 else {}
    return {"all": every if every or groups else [tests[0]], "any": groups, **more}


@st.composite
def schedule(draw: st.DrawFn, number: int) -> Made:
    """One clock."""
    made: Made = {
        "id": f"schedule-{number}",
        "panel": draw(_panel(_TESTS)),
        "strength": draw(st.sampled_from(STRENGTHS)),
        "phases": draw(_phases()),
        "on": draw(st.lists(_event(), max_size=2)) if draw(st.booleans()) else [],
        "modifiers": [draw(_modifier(one)) for one in range(draw(st.sampled_from((0, 0, 1, 2))))],
        "source": draw(sources),
    }
    return {**made, "only_if": draw(condition())} if draw(st.integers(0, 5)) == 0 else made


@st.composite
def baseline_test(draw: st.DrawFn, number: int) -> Made:
    """A test asked for before the first dose."""
    made: Made = {
        "id": f"before-{number}", "panel": draw(_panel(_BEFORE)), "within": "12 months",
        "strength": draw(st.sampled_from(STRENGTHS)), "source": draw(sources),
    }  # fmt: skip
    return {**made, "only_if": draw(condition())} if draw(st.integers(0, 3)) == 0 else made

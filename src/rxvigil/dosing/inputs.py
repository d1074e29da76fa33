"""What else a dose rests on, shown with its age: kidney function and the other medicines."""

from rxvigil.dosing.case import Case
from rxvigil.dosing.person import shown
from rxvigil.dosing.plan import InputShown, StepShown
from rxvigil.engine.kleene import NO
from rxvigil.engine.wording import listed
from rxvigil.knowledge.lookup import tidy


def around(case: Case) -> tuple[InputShown, ...]:
    """Creatinine, eGFR and the medicines taken or planned beside the drug."""
    results = [one for key in ("creatinine", "egfr") for one in case.state.latest(key, None).results]
    kidney = [shown(one, case.state) for one in results] or [InputShown(name="Kidney function", value="not known")]
    return (*kidney, InputShown(name="Other medicines", value=_medicines(case)))


def _medicines(case: Case) -> str:
    if not case.state.has_list("prescriptions"):
        return "not known"
    others = sorted({one.drug for one in case.record.prescriptions} - {case.drug})
    names = [case.words.show(drug) for drug in others if _in_use(drug, case)]
    return f"{listed(names)}" if names else "none recorded"


def _in_use(drug: str, case: Case) -> bool:
    exposure = case.state.exposure(drug)
    return exposure.active != NO or bool(exposure.planned)


def kidney_step(case: Case) -> tuple[StepShown, ...]:
    """How the eGFR was worked out here."""
    found = case.filtration
    if found is None:
        return ()
    value = tidy(found.value)
    return (StepShown(label="Kidney function", formula=found.formula, low=value, high=value, unit=found.unit),)

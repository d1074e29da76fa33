"""The kidney function a dose goes by: as reported, or worked out from the newest creatinine."""

from datetime import date

from msgspec.structs import replace

from rxvigil.dosing.person import age_range
from rxvigil.engine.state import State
from rxvigil.facts import Record, Result
from rxvigil.formulae import Calculated, OutsideValidity, Sex, egfr_ckd_epi_2021
from rxvigil.knowledge.lookup import Vocabulary, tidy


def with_kidney_function(record: Record, on: date, words: Vocabulary) -> tuple[Record, Calculated | None]:
    """The record with an eGFR by CKD-EPI 2021 where only a creatinine is newer; and the sum."""
    state = State(record, on, words)
    creatinine, reported = state.latest("creatinine", None), state.latest("egfr", None)
    newest = creatinine.results[-1] if creatinine.results else None
    if newest is None or creatinine.doubt or newest.value is None or newest.comparator:
        return record, None
    if reported.results and reported.results[-1].when.last >= newest.when.first:
        return record, None
    worst = max(one.value for one in creatinine.results if one.value is not None)
    found = _filtration(record, newest, worst)
    if found is None:
        return record, None
    made = Result(
        id=f"{newest.id}-egfr", analyte="egfr", when=newest.when, origin=newest.origin, value=tidy(found.value),
        written="calculated here (CKD-EPI 2021)", made_from=(newest.id,),
    )  # fmt: skip
    return replace(record, results=(*record.results, made)), found


def _filtration(record: Record, newest: Result, creatinine: float) -> Calculated | None:
    """None for a child, or where age or sex is not known. Of two possible ages the higher counts: less filtration."""
    age, sex = age_range(record.patient.born, newest.when.first), record.patient.sex
    known: Sex | None = "female" if sex == "female" else "male" if sex == "male" else None
    if age is None or known is None:
        return None
    try:
        return egfr_ckd_epi_2021(age_years=age[1], sex=known, creatinine_umol_per_l=creatinine)
    except OutsideValidity:
        return None

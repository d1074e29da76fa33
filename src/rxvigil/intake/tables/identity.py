"""Whose row it is. Spreadsheets damage numbers: an id shown as 1.23E+11 stands for many people, and joining them
would make one person of several. Such a row is kept apart, as nobody's.
"""

import re
from typing import Final

from rxvigil.intake.tables.cells import is_error

_LONGEST: Final = 200
_ROUNDED: Final = re.compile(r"^\d+(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_ALL_ALIKE: Final = re.compile(r"^[#*?.\-_ ]*$")


def unusable(patient: str) -> str:
    """Why a patient id cannot be used; empty where it can. Never quotes it."""
    if not patient:
        return "there is no patient id"
    if is_error(patient):
        return "the patient id is an error of the spreadsheet"
    if patient[0] in "=+@" or not patient.isprintable():
        return "the patient id is a spreadsheet formula or holds control characters"
    if _ROUNDED.match(patient):
        return "the patient id was rounded by a spreadsheet, so several people may share it"
    if len(patient) > _LONGEST or _ALL_ALIKE.match(patient):
        return "the patient id is not one"
    return ""

"""Worked patients beside the rules: read, run and judged. A rule without its cases is not finished."""

from rxvigil.casebook.run import CaseReport, Runner, Verdict, WorkedCase, judge_all, missing_cases, read_cases
from rxvigil.casebook.shorthand import ShorthandError, record_of

__all__ = [
    "CaseReport",
    "Runner",
    "ShorthandError",
    "Verdict",
    "WorkedCase",
    "judge_all",
    "missing_cases",
    "read_cases",
    "record_of",
]

"""One patient: record × rule book × date → assessment. Pure: no files, no clock, no global state."""

from rxvigil.engine.assess import Evaluator
from rxvigil.engine.assessment import SCHEMA, Assessment
from rxvigil.engine.choose import Wanted

__all__ = ["SCHEMA", "Assessment", "Evaluator", "Wanted"]

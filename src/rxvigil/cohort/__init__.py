"""Many patients: the same rule book compiled to relational expressions. Pure: nothing here runs a query.

    plan = make_plan(book, Wanted("UK"), date(2026, 3, 1))

`screening` runs a plan on DuckDB, PostgreSQL or Spark; the answers are those of `engine`, finding by finding.
"""

from rxvigil.cohort.plan import OUTPUTS, Plan, make_plan
from rxvigil.cohort.steps import Step, Steps

__all__ = ["OUTPUTS", "Plan", "Step", "Steps", "make_plan"]

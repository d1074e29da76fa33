"""Finding what is wrong in a rule book before a patient meets it."""

from rxvigil.knowledge.lint.problem import Problem
from rxvigil.knowledge.lint.run import lint, lint_book

__all__ = ["Problem", "lint", "lint_book"]

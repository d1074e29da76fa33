"""The rule book: models of the knowledge files, loading, lint, the vocabulary, the language of conditions."""

from rxvigil.knowledge.book import RuleBook
from rxvigil.knowledge.load import load_rule_book

__all__ = ["RuleBook", "load_rule_book"]

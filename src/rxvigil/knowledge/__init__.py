"""The rule book: models of the knowledge files, loading, lint, the vocabulary, the language of conditions."""

"""Worked patients beside the rules: read, run and judged. A rule without its cases is not finished."""

"""The command line: one file per command."""

from rxvigil.cli.app import main

__all__ = ["main"]

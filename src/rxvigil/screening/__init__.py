"""Screening: the whole rule book asked of everybody in a store, and what is made of the answers."""

from rxvigil.screening.account import Account, Opened, RuleTally, Tally
from rxvigil.screening.one_by_one import Setup
from rxvigil.screening.places import find_screen, is_current, read_account, screens_of
from rxvigil.screening.run import Request, Screen, screen

__all__ = [
    "Account",
    "Opened",
    "Request",
    "RuleTally",
    "Screen",
    "Setup",
    "Tally",
    "find_screen",
    "is_current",
    "read_account",
    "screen",
    "screens_of",
]

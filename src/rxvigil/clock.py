"""The only place that knows what day it is. Everything else is given its date."""

from datetime import date


def today() -> date:
    """The local calendar day on this machine."""
    return date.today()

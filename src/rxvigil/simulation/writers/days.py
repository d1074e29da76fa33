"""Days as the files write them."""

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=1 << 16)
def iso(day: int) -> str:
    """2026-03-05 from a proleptic ordinal."""
    return date.fromordinal(day).isoformat()


def clock(minute: int) -> str:
    """09:05:00 from minutes after midnight."""
    return f"{minute // 60:02d}:{minute % 60:02d}:00"

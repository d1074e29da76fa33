"""One thing wrong in the rule book."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Problem:
    """`error`: the book must not be used. `remark`: somebody should look, nothing is wrong."""

    place: str
    what: str
    do: str
    level: Literal["error", "remark"] = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.level}: {self.what}\n    {self.do}"

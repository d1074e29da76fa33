"""One record of a VCF without its samples: where it lies, its alleles, whether it passed, what its cells hold."""

import re
from dataclasses import dataclass
from typing import Final

_END: Final = re.compile(rb"(?:^|;)END=(\d{1,10})(?:;|$)")
_BASES: Final = re.compile(r"[ACGTN]+\Z")
UNSPECIFIED: Final = ("<NON_REF>", "<*>")
"""An alternative that stands for whatever was not seen: the record says something of every allele."""


class Malformed(Exception):
    """What is wrong with a record; the reader of lines adds the place."""


@dataclass(frozen=True)
class VariantRecord:
    """The fixed columns of a record that matter here."""

    chromosome: str
    position: int
    end: int
    """Last base that the record speaks of."""
    ids: tuple[str, ...]
    ref: str
    alts: tuple[str, ...]
    passed: bool
    format: bytes

    @property
    def covers_every_allele(self) -> bool:
        """It says of each base from `position` to `end` whether it is the reference, whatever else it might be."""
        return not self.alts or any(alt in UNSPECIFIED for alt in self.alts)


def read_record(chromosome: str, fields: list[bytes]) -> VariantRecord:
    """From the first nine columns. Raises `Malformed`."""
    if len(fields) < 9:
        raise Malformed("the record has no FORMAT column")
    ref = fields[3].decode("ascii", "replace").upper()
    if not _BASES.match(ref):
        raise Malformed("REF holds something other than bases")
    alts = _alternatives(fields[4].decode("ascii", "replace"))
    position = position_of(fields[1])
    end = position + len(ref) - 1
    if (not alts or any(alt.startswith("<") for alt in alts)) and (said := _END.search(fields[7])):
        end = max(end, int(said.group(1)))
    return VariantRecord(
        chromosome=chromosome,
        position=position,
        end=end,
        ids=tuple(fields[2].decode("ascii", "replace").split(";")),
        ref=ref,
        alts=alts,
        passed=fields[6].upper() in (b"PASS", b".", b""),
        format=fields[8],
    )


def _alternatives(text: str) -> tuple[str, ...]:
    """The alternatives; a missing one ('.') is none. Bases in capitals, as letters may be small."""
    if text in (".", ""):
        return ()
    return tuple(alt if alt.startswith("<") else alt.upper() for alt in text.split(","))


def position_of(field: bytes) -> int:
    """POS as a number. Raises `Malformed`."""
    if not field.isdigit() or len(field) > 10:
        raise Malformed("POS is not a number")
    return int(field)


def reaches(fields: list[bytes], start: int) -> bool:
    """Whether a record that begins before `start` may end at or after it: by the length of REF, or by END."""
    if position_of(fields[1]) + len(fields[3]) > start:
        return True
    said = _END.search(fields[7])
    return said is not None and int(said.group(1)) >= start

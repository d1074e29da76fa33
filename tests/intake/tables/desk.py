"""A desk to read small tables at: write the files, write the mapping, get the records."""

from functools import cache
from pathlib import Path

from rxvigil.facts import Record
from rxvigil.intake.tables import read_tables
from rxvigil.knowledge.loader import build, read_knowledge
from rxvigil.knowledge.lookup import Vocabulary

LABS = """
kind: mapping
title: a laboratory export
patient: pid
tables:
  - file: labs.csv
    holds: results
    date: date
    analyte: {name: test}
    value: value
    unit: unit
"""
"""The plainest mapping: one long table with a header of pid,date,test,value,unit."""


@cache
def vocabulary() -> Vocabulary:
    return build(one for one in read_knowledge() if one.name.startswith("vocabulary/")).vocabulary


def read(folder: Path, mapping: str, files: dict[str, str | bytes]) -> list[Record]:
    """The records of these files under this mapping."""
    return list(read_tables(lay(folder, mapping, files), folder / "mapping.yaml", vocabulary()))


def lay(folder: Path, mapping: str, files: dict[str, str | bytes]) -> Path:
    """Write mapping and files; the folder of the files."""
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    for name, content in files.items():
        (tables / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return tables


def labs(folder: Path, *rows: str, header: str = "pid,date,test,value,unit", mapping: str = LABS) -> list[Record]:
    """The records of one long table."""
    return read(folder, mapping, {"labs.csv": "\n".join((header, *rows)) + "\n"})

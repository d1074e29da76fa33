"""What there is to import: a folder of FHIR files, one file, or the manifest of a bulk export."""

from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import unquote, urlparse

import msgspec

from rxvigil.errors import RxvigilError, UnreadableInput, UnsupportedInput
from rxvigil.intake.fhir.files import LONGEST_LINE, NOT_JSON, kind_of, opened
from rxvigil.intake.fhir.index import ENDINGS

_HEAD: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_PACKED: Final = 10
"""How many times smaller a packed file is, roughly."""

Shape = Literal["lines", "packed lines", "document"]


class Source(NamedTuple):
    """One file to read."""

    path: Path
    shape: Shape
    why: str = ""
    """Why it cannot be read at all: then all of it is one thing not understood."""

    @property
    def weight(self) -> int:
        """Bytes, about, when unpacked."""
        size = self.path.stat().st_size
        return size * _PACKED if self.shape == "packed lines" or self.path.suffix == ".gz" else size


class Sources(NamedTuple):
    """Everything that one import reads."""

    files: tuple[Source, ...]
    exported: str = ""
    """The moment of the data, where a manifest says it."""

    @property
    def weight(self) -> int:
        return sum(one.weight for one in self.files)


def sources_at(path: Path) -> Sources:
    """The files at this path. Raises `UnreadableInput`, `UnsupportedInput`."""
    if not path.is_dir():
        manifest = manifest_in(path)
        return from_manifest(manifest, path.parent) if manifest is not None else Sources((_one(path, alone=True),))
    files = sorted(one for one in path.iterdir() if one.name.lower().endswith(ENDINGS) and one.is_file())
    if not files:
        what = f"the folder holds no FHIR file (names that end in {', '.join(ENDINGS)})"
        raise UnreadableInput(what, str(path), "name the folder of a FHIR export; tables need --mapping")
    stated = [manifest["transactionTime"] for one in files if (manifest := manifest_in(one)) is not None]
    read = tuple(_one(one) for one in files if manifest_in(one) is None)
    return Sources(read, stated[0] if len(stated) == 1 else "")


def manifest_in(path: Path) -> dict[str, Any] | None:
    """The manifest of a bulk export (`transactionTime`, `output`), where the file is one."""
    if path.suffix.lower() != ".json" or path.stat().st_size > LONGEST_LINE:
        return None
    try:
        found = msgspec.json.decode(path.read_bytes())
    except (OSError, *NOT_JSON):
        return None
    told = isinstance(found, dict) and "resourceType" not in found
    shaped = told and isinstance(found.get("transactionTime"), str) and isinstance(found.get("output"), list)
    return found if shaped else None


def from_manifest(manifest: dict[str, Any], folder: Path) -> Sources:
    """The files that a manifest names, as paths or beside it. Raises `UnreadableInput` for one that is not there."""
    named = [one for part in ("output", "deleted", "error", "outcome") for one in _named_in(manifest, part)]
    return Sources(tuple(_one(_local(name, folder), alone=True) for name in named), manifest["transactionTime"])


def _named_in(manifest: dict[str, Any], part: str) -> list[str]:
    listed = manifest.get(part)
    entries = listed if isinstance(listed, list) else []
    return [one["url"] for one in entries if isinstance(one, dict) and isinstance(one.get("url"), str)]


def _local(url: str, folder: Path) -> Path:
    parts = urlparse(url)
    path = folder / (unquote(parts.path) if parts.scheme == "file" else url)
    if parts.scheme in ("http", "https"):
        path = folder / Path(unquote(parts.path)).name
    if not path.is_file():
        do = "put the file beside the manifest, or fetch the export with --server"
        raise UnreadableInput(f"the manifest names '{url[-80:]}', which is not there", str(folder), do)
    return path


def _one(path: Path, *, alone: bool = False) -> Source:
    """The file with its shape. In a folder, one that is no FHIR becomes something not understood; a damaged one is an
    error anywhere."""
    with opened(path) as stream:
        first = stream.readline(LONGEST_LINE)
        rest = stream.read(_HEAD)
    try:
        kind = kind_of(first + rest, len(rest) < _HEAD, path.name)
    except UnsupportedInput:
        raise
    except RxvigilError as problem:
        if alone:
            raise
        return Source(path, "document", problem.what)
    if kind == "table" and alone:
        do = "import tables with a mapping, or give FHIR R4 JSON or NDJSON"
        raise UnreadableInput("it is no FHIR JSON", str(path), do)
    if kind != "ndjson":
        return Source(path, "document")
    with path.open("rb") as raw:
        return Source(path, "packed lines" if raw.read(2) == _GZIP else "lines")

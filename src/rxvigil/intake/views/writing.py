"""Handing the view definitions to a site that has its own runner."""

from pathlib import Path
from typing import Final

from rxvigil.errors import UnwritableOutput

MAPPING: Final = "views.mapping.yaml"
_HERE: Final = Path(__file__).parent


def view_names() -> tuple[str, ...]:
    """The names of the views, which are also those of the tables they make."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.json")))


def write_views(folder: Path) -> tuple[Path, ...]:
    """Every view definition and the mapping, into a folder that is made where it is not there. Raises
    `UnwritableOutput`."""
    names = [*(f"{name}.json" for name in view_names()), MAPPING]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).write_bytes((_HERE / name).read_bytes())
    except OSError as problem:
        do = "name a folder that can be written to"
        raise UnwritableOutput(f"cannot be written: {problem.strerror}", str(folder), do) from None
    return tuple(folder / name for name in names)

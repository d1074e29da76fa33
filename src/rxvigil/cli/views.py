"""`rxvigil views`: the SQL-on-FHIR view definitions of our flat tables."""

from pathlib import Path
from typing import Annotated

import typer


def views(
    folder: Annotated[Path, typer.Argument(help="Folder to write into; made where it is not there.")],
) -> None:
    """Write the SQL-on-FHIR view definitions of our flat tables, and the mapping that reads what they make.

    For a site that runs views on its own server: write the result of each as CSV under the view's name into one
    folder, then: rxvigil import tables/ clinic.store --mapping views/views.mapping.yaml

    Example: rxvigil views views/
    """
    from rxvigil.intake.views import write_views

    written = write_views(folder)
    typer.echo(f"{len(written) - 1} view definitions and the mapping {written[-1].name} are in {folder}.")

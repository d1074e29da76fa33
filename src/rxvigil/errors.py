"""Every error a user can meet, with what was wrong, where, and what to do.

A `RxvigilError` is shown as a message and an exit code, never as a traceback. The exit codes are part of the
interface: a job runner may act on them without reading the text (see `EXIT_CODES`).
"""

EXIT_CODES = {
    0: "done",
    1: "a defect in rxvigil itself; please report it",
    2: "the command line was not understood",
    10: "the input could not be read",
    11: "the rule book could not be loaded or has lint errors",
    12: "the input holds no patient, or more than one where one was asked for",
    13: "the output could not be written",
    14: "the input is of a version or kind that is not supported",
    130: "stopped with Ctrl-C; nothing half done counts",
}


class RxvigilError(Exception):
    """A problem the user can mend: `what` was wrong, `where` it stood, what to `do` about it."""

    exit_code = 10

    def __init__(self, what: str, where: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f"\n  What to do: {self.do}" if self.do else ""
        return f"{place}{self.what}{remedy}"


class UnreadableInput(RxvigilError):
    """The file is missing, is not what it claims to be, or is damaged."""

    exit_code = 10


class RuleBookError(RxvigilError):
    """A knowledge file cannot be loaded, or lint found an error in it."""

    exit_code = 11


class PatientCountError(RxvigilError):
    """No patient in the input, or several where one was asked for."""

    exit_code = 12


class UnwritableOutput(RxvigilError):
    """The report could not be written; nothing half-written is left behind."""

    exit_code = 13


class Stopped(RxvigilError):
    """Ctrl-C."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("stopped", "", "give the command again; import and screen go on from what is finished")


class UnsupportedInput(RxvigilError):
    """A FHIR version, resource or file kind that rxvigil does not read."""

    exit_code = 14

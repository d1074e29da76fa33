"""The CQL side: cql-execution in a node process that stays running and takes its turns."""

import json
import shutil
import subprocess
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

from benchmarks.assess.measuring import Pass

HERE: Final = Path(__file__).parent
PACKAGES: Final = ("cql-execution", "cql-exec-fhir", "@cqframework/cql")
INSTALL: Final = "make bench-tools"


def unavailable() -> str | None:
    """Why the CQL side cannot run here; none where it can."""
    if shutil.which("node") is None:
        return "node is not installed: CQL runs on Node 20 or newer"
    absent = [name for name in PACKAGES if not (HERE / "node_modules" / name).exists()]
    return f"npm packages are not installed ({', '.join(absent)}): run `{INSTALL}`" if absent else None


def versions() -> str:
    """Node and the packages, as installed."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return ", ".join([f"Node {node.lstrip('v')}", *(f"{name} {_version(name)}" for name in PACKAGES)])


def _version(package: str) -> str:
    return str(json.loads((HERE / "node_modules" / package / "package.json").read_text())["version"])


def translate(target: Path) -> Path:
    """Translate the CQL library to ELM."""
    subprocess.run(["node", str(HERE / "translate.mjs"), str(HERE / "monitoring.cql"), str(target)], check=True)
    return target


class Peer:
    """cql-execution, warm, over the patients of an NDJSON file of Bundles. Use in a `with` statement."""

    name = "cql-execution"

    def __init__(self, elm: Path, bundles: Path, on: date) -> None:
        self._command = ["node", str(HERE / "run_cql.mjs"), str(elm), str(bundles), on.isoformat()]

    def __enter__(self) -> "Peer":
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError):
            self._process.communicate()

    def answers(self) -> dict[str, list[bool | None]]:
        """What the three questions answer for each patient."""
        found: dict[str, list[bool | None]] = json.loads(self._ask("answers"))
        return found

    def time(self) -> Pass:
        """One pass over all patients."""
        found = json.loads(self._ask("time"))
        return Pass({stage: found[stage] for stage in found if stage != "processor"}, found["processor"])

    def _ask(self, what: str) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the CQL process has no pipes")
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        reply = self._process.stdout.readline()
        if not reply:
            raise RuntimeError(f"the CQL process ended with code {self._process.wait()}")
        return reply

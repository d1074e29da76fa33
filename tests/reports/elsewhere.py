"""The same work in another process, on what looks like another machine: its bytes must be the same."""

import subprocess
import sys
from pathlib import Path


def in_another_process(expression: str) -> bytes:
    """The bytes of an expression over the sample, where clock zone, hash seed, fonts and language are others."""
    code = (
        "import sys; from reports.sample import *; from reports.sample_book import sample_book;"
        f"from rxvigil.reports import *; sys.stdout.buffer.write({expression})"
    )
    elsewhere = {
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Auckland",
        "FONTCONFIG_FILE": "/dev/null",
        "LC_ALL": "C",
    }
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=elsewhere).stdout

"""A disk that is too small, for the tests of what happens when it is full."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NOT_ROOT = not hasattr(os, "geteuid") or os.geteuid() != 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts an empty disk of a size such as 50m; asked again, the same disk has the new size."""
    disk = tmp_path / "disk"

    def of_size(size: str) -> Path:
        again = ["-o", f"remount,size={size}"] if disk.exists() else ["-t", "tmpfs", "-o", f"size={size}", "tmpfs"]
        disk.mkdir(exist_ok=True)
        if subprocess.run(["mount", *again, str(disk)], check=False).returncode:
            disk.rmdir()
            pytest.skip("a small disk cannot be mounted here")
        return disk

    if NOT_ROOT:
        pytest.skip("only root may mount a small disk")
    yield of_size
    if disk.exists():
        subprocess.run(["umount", str(disk)], check=True)

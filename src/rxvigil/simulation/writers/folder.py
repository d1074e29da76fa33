"""A folder that appears whole or not at all."""

import gzip
import io
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO

from rxvigil.errors import UnwritableOutput


class NewFolder:
    """Files are written beside the target and moved there at the end; whatever goes wrong, nothing is left behind.

    Raises `UnwritableOutput` where the target holds something already or cannot be written.
    """

    def __init__(self, target: Path, *, compressed: bool = False) -> None:
        self.target = target
        self._compressed = compressed
        self._open: list[IO[str]] = []
        self._raw: list[IO[bytes]] = []

    def __enter__(self) -> "NewFolder":
        try:
            if self.target.exists() and (not self.target.is_dir() or any(self.target.iterdir())):
                raise UnwritableOutput("something is there already", str(self.target), "name a new or empty folder")
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.path = Path(tempfile.mkdtemp(dir=self.target.parent, prefix=f".{self.target.name}.partial-"))
        except OSError as problem:
            raise self._unwritable(problem) from None
        return self

    def file(self, name: str, *, plain: bool = False) -> IO[str]:
        """A new text file in the folder, compressed where that was asked for, unless it is to stay `plain`."""
        path = self.path / (f"{name}.gz" if self._compressed and not plain else name)
        path.parent.mkdir(exist_ok=True)
        raw = path.open("wb")
        self._raw.append(raw)
        if self._compressed and not plain:
            # No name and no time inside: the same clinic is the same bytes.
            packed = gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=5, mtime=0)
            text: IO[str] = io.TextIOWrapper(packed, encoding="utf-8", newline="", write_through=False)
        else:
            text = io.TextIOWrapper(io.BufferedWriter(raw, 1 << 20), encoding="utf-8", newline="")
        self._open.append(text)
        return text

    def files(self, names: Iterable[str]) -> dict[str, IO[str]]:
        """Several new files by their names."""
        return {name: self.file(name) for name in names}

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._close()
            if problem is None:
                self._move()
        except OSError as failed:
            problem = failed
        finally:
            shutil.rmtree(self.path, ignore_errors=True)
        if isinstance(problem, OSError):
            raise self._unwritable(problem) from None

    def _close(self) -> None:
        for text in self._open:
            text.close()
        for raw in self._raw:
            raw.close()

    def _move(self) -> None:
        self.path.chmod(0o755)
        if self.target.exists():
            self.target.rmdir()
        self.path.rename(self.target)

    def _unwritable(self, problem: OSError) -> UnwritableOutput:
        return UnwritableOutput(f"cannot be written: {problem.strerror}", str(self.target), "check folder and space")

"""FHIR Bulk Data from a server: ask for an export, wait until it is ready, fetch its files.

https://hl7.org/fhir/uv/bulkdata/ (kick-off, status with Retry-After, manifest). What is fetched stands in `fetched/`
inside the store until it is imported; the same command goes on from what is there.
"""

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urljoin

import msgspec

from rxvigil.errors import RxvigilError, UnreadableInput
from rxvigil.intake.bulk.access import Access, Credentials, key_from
from rxvigil.intake.bulk.http import Answer, Http, refused
from rxvigil.intake.bulk.sources import Sources, from_manifest
from rxvigil.intake.bulk.staging import FETCHED
from rxvigil.intake.bulk.work import Progress
from rxvigil.intake.words import clean
from rxvigil.population.durable import settle, unwritable, write_durably

__all__ = ["Export", "fetch", "forget_fetched", "key_from"]

_STATE: Final = "export.json"
_TRIES: Final = 5
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_BUSY: Final = frozenset((429, 502, 503, 504))
_PARTS: Final = {"output": "output", "deleted": "deleted", "error": "error", "outcome": "error"}
"""Lists of a manifest -> what they hold; edition 4 calls errors outcomes."""
_MOST_PAGES: Final = 10_000
_NAME: Final = re.compile(r"[^A-Za-z0-9]")


class Export(NamedTuple):
    """What to ask a server for."""

    url: str
    credentials: Credentials | None = None
    since: str | None = None
    types: str | None = None

    @property
    def request(self) -> str:
        """The address of the kick-off."""
        base = self.url if self.url.rstrip("/").endswith("$export") else f"{self.url.rstrip('/')}/$export"
        chosen = {"_outputFormat": "application/fhir+ndjson", "_since": self.since, "_type": self.types}
        return f"{base}?{urlencode({name: value for name, value in chosen.items() if value})}"


class _File(msgspec.Struct):
    """A file of an export."""

    url: str
    name: str
    part: str
    """output, deleted or error."""


class _State(msgspec.Struct):
    """How far an export has come."""

    request: str
    status: str = ""
    """Address at which the server says how far it is."""
    exported: str = ""
    files: list[_File] = []
    protected: bool = True
    ready: bool = False


def fetch(export: Export, store: Path, progress: Progress) -> Sources:
    """All files of the export, fetched. Raises `UnreadableInput`, `UnwritableOutput`."""
    folder = store / FETCHED
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise unwritable(problem, folder) from None
    return _Fetching(export, folder, progress).run()


def forget_fetched(store: Path) -> None:
    """Remove what was fetched, once it is imported."""
    shutil.rmtree(store / FETCHED, ignore_errors=True)


class _Fetching:
    def __init__(self, export: Export, folder: Path, progress: Progress) -> None:
        self._export, self._folder, self._progress = export, folder, progress
        self._http = Http()
        self._access = Access(export.credentials, self._http)
        self._state = self._begun()

    def run(self) -> Sources:
        """From wherever it stands to the end."""
        if not self._state.ready:
            self._wait_until_ready()
        for number, file in enumerate(self._state.files, 1):
            self._fetch_file(file)
            self._progress("fetched files", number, len(self._state.files))
        named: dict[str, Any] = {"transactionTime": self._state.exported}
        for part in ("output", "deleted", "error"):
            named[part] = [{"url": one.name} for one in self._state.files if one.part == part]
        self._tell_done()
        return from_manifest(named, self._folder)

    def _begun(self) -> _State:
        """How far an earlier run came, where it asked for the same."""
        path = self._folder / _STATE
        try:
            found = msgspec.json.decode(path.read_bytes(), type=_State)
        except (OSError, msgspec.DecodeError):
            found = _State(request="")
        if found.request == self._export.request:
            return found
        return _State(request=self._export.request)

    def _save(self) -> None:
        write_durably(self._folder / _STATE, msgspec.json.encode(self._state))

    # --- asking and waiting ------------------------------------------------------------------------------------

    def _kick_off(self) -> None:
        for old in self._folder.iterdir():
            old.unlink()
        headers = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
        answer = self._patiently(self._state.request, headers)
        place = answer.headers.get("Content-Location", "")
        if answer.status != 202 or not place:
            raise refused("the server did not begin an export", self._export.url, answer)
        self._state.status = urljoin(self._state.request, place)
        self._save()

    def _wait_until_ready(self) -> None:
        if not self._state.status:
            self._kick_off()
        wait = _FIRST_WAIT
        while True:
            answer = self._patiently(self._state.status, {"Accept": "application/json"})
            if answer.status == 200:
                break
            if answer.status != 202:
                self._state.status = ""
                self._save()
                raise refused("the export failed on the server", self._export.url, answer)
            self._progress(f"waiting for the server {clean(answer.headers.get('X-Progress', ''), 40)}".strip(), 0, 0)
            time.sleep(min(answer.wait(wait), 10 * _LONGEST_WAIT))
            wait = min(2 * wait, _LONGEST_WAIT)
        self._take_manifest(answer)

    def _take_manifest(self, answer: Answer) -> None:
        manifest, files = answer.json(), list[_File]()
        for _ in range(_MOST_PAGES):
            if not isinstance(manifest.get("output"), list) or not isinstance(manifest.get("transactionTime"), str):
                do = "ask who runs the server"
                raise UnreadableInput("its answer is no manifest of an export", self._state.status, do)
            for part, listed in (
                ("output", "output"),
                ("deleted", "deleted"),
                ("error", "error"),
                ("error", "outcome"),
            ):
                files += _files_in(manifest, listed, part, len(files), self._state.status)
            further = _next_page(manifest)
            if not further:
                break
            self._state.exported = self._state.exported or manifest["transactionTime"]
            manifest = self._patiently(urljoin(self._state.status, further), {"Accept": "application/json"}).json()
        self._state.files = files
        self._state.exported = self._state.exported or manifest["transactionTime"]
        self._state.protected = manifest.get("requiresAccessToken") is not False
        self._state.ready = True
        self._save()

    def _patiently(self, url: str, headers: dict[str, str]) -> Answer:
        """An answer that is not "later", nor "who are you" for a token that grew old."""
        wait = _FIRST_WAIT
        for tried in range(_TRIES):
            answer = self._http.get(url, headers | self._access.header())
            if answer.status == 401 and tried == 0:
                self._access.forget()
            elif answer.status in _BUSY and tried < _TRIES - 1:
                time.sleep(min(answer.wait(wait), 10 * _LONGEST_WAIT))
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                return answer
        return answer

    # --- fetching ----------------------------------------------------------------------------------------------

    def _fetch_file(self, file: _File) -> None:
        target = self._folder / file.name
        if target.exists():
            return
        partly = target.with_name(f".{file.name}.part")
        wait, problem = _FIRST_WAIT, UnreadableInput("it cannot be fetched", clean(file.url))
        for _ in range(_TRIES):
            try:
                answer = self._http.fetch(file.url, self._headers(), partly, self._fetched())
            except UnreadableInput as failed:
                problem = failed
            else:
                if answer.status in (200, 206):
                    partly.replace(target)
                    settle(self._folder)
                    return
                problem = refused("a file of the export cannot be fetched", file.url, answer)
                self._after_refusal(answer.status, partly, problem)
                wait = answer.wait(wait)
            time.sleep(min(wait, _LONGEST_WAIT))
            wait *= 2
        raise problem

    def _after_refusal(self, status: int, partly: Path, problem: RxvigilError) -> None:
        """A token that grew old and a file of another length than thought are tried again; a clear no is not."""
        if status == 401:
            self._access.forget()
        elif status == 416:
            partly.unlink(missing_ok=True)
        elif status not in _BUSY:
            if status in (404, 410):
                self._state.ready, self._state.status = False, ""
                self._save()
            raise problem

    def _headers(self) -> dict[str, str]:
        accepted = {"Accept": "application/fhir+ndjson"}
        return accepted | (self._access.header() if self._state.protected else {})

    def _fetched(self) -> Callable[[int], None]:
        done = 0

        def add(more: int) -> None:
            nonlocal done
            done += more
            self._progress("fetching", done, 0)

        return add

    def _tell_done(self) -> None:
        """The server may remove its files. That it may is a courtesy: a failure changes nothing."""
        if self._state.status:
            try:
                self._http.delete(self._state.status, self._access.header())
            except RxvigilError:
                return


def _files_in(manifest: dict[str, Any], listed: str, part: str, before: int, base: str) -> list[_File]:
    entries = manifest.get(listed)
    found: list[_File] = []
    for one in entries if isinstance(entries, list) else ():
        url = one.get("url") if isinstance(one, dict) else None
        if isinstance(url, str):
            kind = _NAME.sub("", str(one.get("type", "")))[:40] or "Resource"
            name = f"{before + len(found):05d}-{kind}.ndjson"
            found.append(_File(urljoin(base, url), name, part))
    return found


def _next_page(manifest: dict[str, Any]) -> str:
    links = manifest.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            return str(link["url"])
    return ""

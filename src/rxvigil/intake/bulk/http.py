"""As much of HTTP as a bulk export needs: get, post, delete, and fetching a file that goes on where it was cut off."""

import time
from collections.abc import Callable
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any, Final, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlparse
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

import msgspec

from rxvigil.errors import UnreadableInput
from rxvigil.intake.fhir.files import NOT_JSON
from rxvigil.intake.words import clean
from rxvigil.population.durable import settle, unwritable

_TIMEOUT: Final = 60
_LARGEST_ANSWER: Final = 50_000_000
_BLOCK: Final = 1 << 20
_HERE: Final = frozenset(("localhost", "127.0.0.1", "::1"))


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            found = msgspec.json.decode(self.body)
        except NOT_JSON:
            return {}
        return found if isinstance(found, dict) else {}

    def wait(self, otherwise: float) -> float:
        """Seconds that the server asks to wait (`Retry-After`)."""
        stated = self.headers.get("Retry-After", "")
        if stated.strip().isdecimal():
            return float(stated)
        try:
            return max(0.0, parsedate_to_datetime(stated).timestamp() - time.time())
        except (ValueError, TypeError):
            return otherwise


class _Redirects(HTTPRedirectHandler):
    """A token goes to the host it is for, and to no other."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        found = super().redirect_request(req, fp, code, msg, headers, newurl)
        if found is not None and urlparse(newurl).netloc != urlparse(req.full_url).netloc:
            found.remove_header("Authorization")
        return found


class Http:
    """Requests to servers. Raises `UnreadableInput` where one cannot be reached."""

    def __init__(self) -> None:
        self._opener: OpenerDirector = build_opener(_Redirects())

    def get(self, url: str, headers: dict[str, str]) -> Answer:
        """What is there."""
        return self._ask(_request(url, headers))

    def post(self, url: str, form: bytes) -> Answer:
        """The answer to a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self._ask(_request(url, kind, form))

    def delete(self, url: str, headers: dict[str, str]) -> Answer:
        """That it is no longer needed."""
        return self._ask(_request(url, headers, method="DELETE"))

    def _ask(self, request: Request) -> Answer:
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return Answer(answer.status, answer.headers, answer.read(_LARGEST_ANSWER))
        except HTTPError as problem:
            with problem:
                return Answer(problem.code, problem.headers, problem.read(_LARGEST_ANSWER))
        except (URLError, HTTPException, OSError) as problem:
            raise unreachable(request.full_url, problem) from None

    def fetch(self, url: str, headers: dict[str, str], target: Path, done: Callable[[int], None]) -> Answer:
        """A file into `target`, which keeps what was fetched of it before; whole where the status is 200 or 206."""
        there = target.stat().st_size if target.exists() else 0
        asked = headers | {"Accept-Encoding": "identity"} | ({"Range": f"bytes={there}-"} if there else {})
        request = _request(url, asked)
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                going_on = answer.status == 206 and _starts_at(answer.headers, there)
                _pour(answer, target, "ab" if going_on else "wb", done)
                return Answer(answer.status, answer.headers, b"")
        except HTTPError as problem:
            with problem:
                return Answer(problem.code, problem.headers, problem.read(_LARGEST_ANSWER))
        except (URLError, HTTPException, ConnectionError, TimeoutError) as problem:
            raise unreachable(url, problem) from None


def _starts_at(headers: Message, there: int) -> bool:
    return headers.get("Content-Range", "").startswith(f"bytes {there}-")


def _pour(answer: Any, target: Path, mode: str, done: Callable[[int], None]) -> None:
    expected = answer.headers.get("Content-Length")
    poured = 0
    try:
        with target.open(mode) as file:
            while block := _read(answer):
                file.write(block)
                poured += len(block)
                done(len(block))
        settle(target)
    except OSError as problem:
        if isinstance(problem, (ConnectionError, TimeoutError)):
            raise
        raise unwritable(problem, target) from None
    if expected is not None and expected.isdecimal() and poured < int(expected):
        raise ConnectionResetError("the connection ended early")


def _read(answer: Any) -> bytes:
    block: bytes = answer.read(_BLOCK)
    return block


def _request(url: str, headers: dict[str, str], data: bytes | None = None, method: str | None = None) -> Request:
    parts = urlparse(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnreadableInput("it is no address of a server", clean(url), "give one that begins with https://")
    secret = data is not None or "Authorization" in headers
    if secret and parts.scheme == "http" and parts.hostname not in _HERE:
        do = "use https: without it anybody on the way could read the token and the data"
        raise UnreadableInput("the connection is not encrypted", clean(url), do)
    return Request(url, data, headers, method=method)


def unreachable(url: str, problem: Exception) -> UnreadableInput:
    """The message where there is no answer."""
    why = getattr(problem, "reason", None) or getattr(problem, "strerror", None) or problem
    do = "check address and network, then give the command again: it goes on from what was fetched"
    return UnreadableInput(f"the server cannot be reached: {clean(str(why))}", clean(url), do)


def refused(what: str, url: str, answer: Answer) -> UnreadableInput:
    """The message where the answer is a refusal."""
    found = answer.json()
    said = found.get("error_description") or found.get("error") or _first_issue(found)
    why = f": {clean(said)}" if isinstance(said, str) and said else ""
    return UnreadableInput(f"{what} (HTTP {answer.status}{why})", clean(url), "ask who runs the server")


def _first_issue(outcome: dict[str, Any]) -> str:
    """The code of an OperationOutcome; its free text may hold anything."""
    issues = outcome.get("issue")
    first = issues[0] if isinstance(issues, list) and issues else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, str) else ""

"""A bulk export from a real server on this machine: kick-off, waiting, fetching, and going on where it was cut off."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from bulk_samples import content_of, lines, observation, patient, stored, vocabulary
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from rxvigil.errors import RxvigilError, UnreadableInput
from rxvigil.intake.bulk import import_fhir
from rxvigil.intake.bulk.server import Export, fetch, forget_fetched, key_from

FILES = {
    "Patient": lines(patient(), patient("p2")),
    "Observation": lines(*(observation(f"o{n}", effectiveDateTime=f"2026-01-{n:02d}") for n in range(1, 29))),
    "deleted": lines(
        {"resourceType": "Bundle", "type": "transaction",
         "entry": [{"request": {"method": "DELETE", "url": "Observation/o3"}}]}
    ),
}  # fmt: skip


class FhirServer(ThreadingHTTPServer):
    """As much of a bulk data server as the client speaks to, with the ways in which servers make it hard."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.polls = 2
        """How often it says "not yet"."""
        self.cut_at = 0
        """Bytes after which the first transfer of the results breaks off; 0 for never."""
        self.busy = 0
        """How often it is too busy first."""
        self.key: Any = None
        """Public key of the one client it knows; none: it asks nobody who they are."""
        self.token = "t-1"
        self.claims: dict[str, Any] = {}
        self.refuses = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: FhirServer

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        algorithms = ["ES384", "RS384"]
        token = jwt.decode(form["client_assertion"][0], self.server.key, algorithms=algorithms)
        self.server.claims = dict(token.claims) | {"alg": token.header["alg"]}
        right = form["grant_type"] == ["client_credentials"] and token.claims["aud"] == f"{self.server.url}/token"
        if not right:
            self._answer(400, {"error": "invalid_request"})
        else:
            self._answer(200, {"access_token": self.server.token, "token_type": "bearer", "expires_in": 300})

    def do_DELETE(self) -> None:
        self.server.asked.append("DELETE")
        self._answer(202, {})

    def do_GET(self) -> None:
        path = urlparse(self.path).path
        self.server.asked.append(self.path)
        if self.server.key is not None and self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self._answer(401, {"resourceType": "OperationOutcome", "issue": [{"code": "login"}]})
        elif self.server.busy:
            self.server.busy -= 1
            self._answer(429, {}, {"Retry-After": "0"})
        elif path == "/fhir/$export":
            self._begin()
        elif path == "/status":
            self._status()
        else:
            self._file(path.rpartition("/")[2])

    def _begin(self) -> None:
        if self.headers.get("Prefer") != "respond-async":
            self._answer(400, {})
        else:
            self._answer(202, {}, {"Content-Location": "/status"})

    def _status(self) -> None:
        if self.server.refuses:
            self._answer(500, {"resourceType": "OperationOutcome", "issue": [{"code": self.server.refuses}]})
        elif self.server.polls:
            self.server.polls -= 1
            self._answer(202, {}, {"Retry-After": "0", "X-Progress": "50 %"})
        else:
            kinds = [{"type": kind, "url": f"{self.server.url}/files/{kind}"} for kind in ("Patient", "Observation")]
            manifest = {
                "transactionTime": "2026-03-01T00:00:00Z",
                "request": self.server.url,
                "requiresAccessToken": self.server.key is not None,
                "output": kinds,
                "deleted": [{"type": "Bundle", "url": "/files/deleted"}],
                "error": [],
            }
            self._answer(200, manifest)

    def _file(self, name: str) -> None:
        content = FILES[name]
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if name == "Observation" and self.server.cut_at:
            self.wfile.write(content[start : start + self.server.cut_at])
            self.server.cut_at = 0
            self.connection.close()
            return
        self.wfile.write(content[start:])

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server() -> Iterator[FhirServer]:
    with FhirServer() as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a server is no part of what is tested."""
    monkeypatch.setattr("rxvigil.intake.bulk.server._FIRST_WAIT", 0.01)


def silent(stage: str, done: int, whole: int) -> None:
    pass


def bring(export: Export, store: Path) -> Any:
    sources = fetch(export, store, silent)
    manifest = import_fhir(sources, store, vocabulary(), workers=1)
    forget_fetched(store)
    return manifest


def test_an_export_becomes_a_store(server: FhirServer, tmp_path: Path) -> None:
    """Asked for, waited for, fetched, imported; what the manifest says was deleted is left out."""
    server.busy = 1
    manifest = bring(Export(f"{server.url}/fhir", types="Patient,Observation"), tmp_path / "store")
    found = stored(tmp_path / "store")
    assert (len(found["p1"].results), len(found["p2"].results)) == (27, 0)
    assert manifest.imports[0].exported == "2026-03-01T00:00:00Z"
    assert "_type=Patient%2CObservation" in server.asked[0]
    assert server.asked[-1] == "DELETE"
    assert not (tmp_path / "store" / "fetched").exists()


def test_the_same_export_again_changes_nothing(server: FhirServer, tmp_path: Path) -> None:
    bring(Export(f"{server.url}/fhir"), tmp_path / "store")
    before = content_of(tmp_path / "store")
    bring(Export(f"{server.url}/fhir"), tmp_path / "store")
    assert content_of(tmp_path / "store") == before


def test_a_transfer_that_breaks_off_goes_on_where_it_was(server: FhirServer, tmp_path: Path) -> None:
    server.cut_at = 2000
    bring(Export(f"{server.url}/fhir"), tmp_path / "store")
    assert len(stored(tmp_path / "store")["p1"].results) == 27
    assert server.asked.count("/files/Observation") == 2


def test_what_is_fetched_is_not_fetched_again(server: FhirServer, tmp_path: Path) -> None:
    """The import was cut off after the files were there: no second export is asked for."""
    fetch(Export(f"{server.url}/fhir"), tmp_path / "store", silent)
    asked = len(server.asked)
    bring(Export(f"{server.url}/fhir"), tmp_path / "store")
    assert [one for one in server.asked[asked:] if one != "DELETE"] == []


@pytest.mark.parametrize("kind", ["ES384", "RS384"])
def test_backend_services(server: FhirServer, tmp_path: Path, kind: str) -> None:
    """A signed assertion, of the key in a file, for a token that every request carries."""
    key: Any = ECKey.generate_key("P-384") if kind == "ES384" else RSAKey.generate_key(2048)
    server.key = key
    path = tmp_path / "key"
    path.write_bytes(json.dumps(key.as_dict(private=True)).encode() if kind == "ES384" else key.as_pem(private=True))
    export = Export(f"{server.url}/fhir", key_from(f"{server.url}/token", "clinic", path))
    bring(export, tmp_path / "store")
    claims = server.claims
    assert (claims["iss"], claims["sub"], claims["alg"]) == ("clinic", "clinic", kind)
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert len(stored(tmp_path / "store")) == 2


def test_without_the_right_key_there_is_a_message(server: FhirServer, tmp_path: Path) -> None:
    server.key = ECKey.generate_key("P-384")
    with pytest.raises(UnreadableInput, match="HTTP 401: login"):
        fetch(Export(f"{server.url}/fhir"), tmp_path / "store", silent)


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"no key", b'{"kty":"oct","k":"AAAA"}'])
def test_a_file_that_is_no_private_key(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(UnreadableInput, match="no private key"):
        key_from("https://here/token", "clinic", tmp_path / "key")


def test_a_public_key_and_another_curve_are_none(tmp_path: Path) -> None:
    for key in (ECKey.generate_key("P-256").as_dict(private=True), ECKey.generate_key("P-384").as_dict(private=False)):
        (tmp_path / "key").write_bytes(json.dumps(key).encode())
        with pytest.raises(UnreadableInput, match="no private key"):
            key_from("https://here/token", "clinic", tmp_path / "key")


def test_an_export_that_fails_says_so(server: FhirServer, tmp_path: Path) -> None:
    server.refuses = "processing"
    with pytest.raises(UnreadableInput, match="the export failed on the server"):
        fetch(Export(f"{server.url}/fhir"), tmp_path / "store", silent)


@pytest.mark.parametrize("url", ["ftp://here/fhir", "here", "http://127.0.0.1:9/fhir"])
def test_no_server_there(url: str, tmp_path: Path) -> None:
    with pytest.raises(RxvigilError, match=r"no address|cannot be reached"):
        fetch(Export(url), tmp_path / "store", silent)


def test_no_token_goes_over_an_open_line(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(json.dumps(ECKey.generate_key("P-384").as_dict(private=True)).encode())
    export = Export("https://example.invalid/fhir", key_from("http://example.invalid/token", "c", tmp_path / "key"))
    with pytest.raises(UnreadableInput, match="not encrypted"):
        fetch(export, tmp_path / "store", silent)

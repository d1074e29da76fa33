"""Proving to a server who asks: SMART backend services, a signed assertion for a token that lasts some minutes.

https://hl7.org/fhir/smart-app-launch/backend-services.html
"""

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

import msgspec

from rxvigil.errors import UnreadableInput
from rxvigil.intake.bulk.http import Http, refused

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LASTS: Final = 240
"""Seconds that an assertion is good for; a server refuses more than five minutes."""
_EARLY: Final = 30
"""Seconds before its end at which a token is renewed."""
_SCOPE: Final = "system/*.read"


class Credentials(NamedTuple):
    """Who we are, where that is asked, and the key that proves it."""

    token_url: str
    client_id: str
    key: "RSAKey | ECKey"
    algorithm: str
    """RS384 or ES384."""
    identity: str
    """The `kid` under which the server knows the key; empty where the key file names none."""


def key_from(token_url: str, client_id: str, path: Path) -> Credentials:
    """Credentials with the private key in a file: a JWK, or PEM. Raises `UnreadableInput`."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    what = "it is no private key of RSA or of the curve P-384"
    do = "give a JWK or PEM file with the private key whose public part the server knows"
    try:
        content = path.read_bytes()
        stated: Any = msgspec.json.decode(content) if content.lstrip().startswith(b"{") else content
    except OSError as problem:
        raise UnreadableInput(f"it cannot be read: {problem.strerror}", str(path), "check the path") from None
    except msgspec.DecodeError:
        raise UnreadableInput(what, str(path), do) from None
    for kind, algorithm in ((ECKey, "ES384"), (RSAKey, "RS384")):
        try:
            key = kind.import_key(stated)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if key.is_private and (kind is RSAKey or key.as_dict(private=False)["crv"] == "P-384"):
            named = stated.get("kid", "") if isinstance(stated, dict) else ""
            return Credentials(token_url, client_id, key, algorithm, named if isinstance(named, str) else "")
    raise UnreadableInput(what, str(path), do)


class Access:
    """Tokens for one server; none where it asks for none."""

    def __init__(self, credentials: Credentials | None, http: Http) -> None:
        self._credentials = credentials
        self._http = http
        self._token = ""
        self._until = 0.0

    def header(self) -> dict[str, str]:
        """The header that proves it. Raises `UnreadableInput` where the server refuses."""
        if self._credentials is None:
            return {}
        if time.monotonic() >= self._until:
            self._renew(self._credentials)
        return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """The server no longer takes the token."""
        self._until = 0.0

    def _renew(self, who: Credentials) -> None:
        form = {
            "grant_type": "client_credentials",
            "scope": _SCOPE,
            "client_assertion_type": _ASSERTION,
            "client_assertion": _assertion(who),
        }
        answer = self._http.post(who.token_url, urlencode(form).encode())
        if answer.status != 200:
            raise refused("the server gave no token", who.token_url, answer)
        found = answer.json()
        token, lasts = found.get("access_token"), found.get("expires_in")
        if not isinstance(token, str) or not token.isprintable():
            raise UnreadableInput("the server's answer holds no token", who.token_url, "ask who runs the server")
        self._token = token
        self._until = time.monotonic() + max(0, (lasts if isinstance(lasts, int) else 300) - _EARLY)


def _assertion(who: Credentials) -> str:
    from joserfc import jwt

    now = int(time.time())
    claims = {
        "iss": who.client_id,
        "sub": who.client_id,
        "aud": who.token_url,
        "iat": now,
        "exp": now + _LASTS,
        "jti": secrets.token_urlsafe(24),
    }
    header: dict[str, Any] = {"alg": who.algorithm, "typ": "JWT"} | ({"kid": who.identity} if who.identity else {})
    return jwt.encode(header, claims, who.key, algorithms=[who.algorithm])

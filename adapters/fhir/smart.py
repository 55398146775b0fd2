"""SMART Backend Services: an access token for a signed assertion (private_key_jwt), kept until it runs out.

Source: SMART App Launch 2.2, "Client Authentication: Asymmetric". RS384 for an RSA key, ES384 for one of P-384.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from adapters.fhir.client import KIND
from adapters.http import Answer, AnswerLost, HttpClient, refusal, url_problem
from bot.domain.errors import Permanent, Temporary
from bot.domain.filing import Reason, code_of

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LASTS = 240  # seconds; five minutes are allowed, and clocks differ
_TOKEN_LASTS = 300
_SPARE = 30
_SMALLEST_RSA = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its algorithm and the id under which its public part is registered (may be empty)."""

    key: Any
    algorithm: str
    key_id: str

    def __repr__(self) -> str:
        return f"SigningKey({self.algorithm})"


def signing_key(text: str, key_id: str = "") -> SigningKey:
    """The key of a setting: PEM, also with its line ends written as \\n, or a JWK. Raises ValueError in plain words."""
    written = text.strip()
    if written.startswith("{"):
        return _from_jwk(written, key_id)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(written.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("is no private key: give PEM without a password (line ends as \\n) or a private JWK") from None
    return SigningKey(key, _algorithm(key), key_id)


class SmartToken:
    """Credentials of a registered backend client. `token_url`: empty to ask the server's smart-configuration."""

    def __init__(
        self,
        base_url: str,
        http: HttpClient,
        *,
        client_id: str,
        scope: str,
        key: SigningKey,
        token_url: str = "",
        timeout: float = 20.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._base, self._http, self._key = base_url.rstrip("/"), http, key
        self._client_id, self._scope, self._token_url = client_id, scope, token_url
        self._timeout, self._now = timeout, now
        self._token, self._until = "", 0.0
        self._one_at_a_time = asyncio.Lock()

    async def header(self) -> str:
        """`Bearer …`, asked for anew when the last one has run out. Raises Temporary or Permanent."""
        async with self._one_at_a_time:
            if not self._token or self._now() >= self._until:
                self._token, lasts = await self._ask()
                self._until = self._now() + max(lasts - _SPARE, 0)
            return f"Bearer {self._token}"

    def forget(self, header: str) -> bool:
        """Whoever else was refused with the same token finds the new one in its place."""
        if header == f"Bearer {self._token}":
            self._token = ""
        return True

    async def _ask(self) -> tuple[str, float]:
        url = self._token_url or await self._discovered()
        form = {
            "grant_type": "client_credentials",
            "scope": self._scope,
            "client_assertion_type": _ASSERTION,
            "client_assertion": self.assertion(url),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = await self._send("POST", url, headers, urlencode(form).encode())
        if answer.status in (400, 401, 403):
            raise Permanent(code_of(KIND, Reason.NOT_ALLOWED, "token"))
        said = _object(answer)
        token, lasts = said.get("access_token"), said.get("expires_in", _TOKEN_LASTS)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise Temporary(code_of(KIND, Reason.NONSENSE, "token"))
        return token, float(lasts) if isinstance(lasts, (int, float)) else _TOKEN_LASTS

    async def _discovered(self) -> str:
        """The token endpoint that the server announces. It gets an assertion, so it must be https too."""
        url = f"{self._base}/.well-known/smart-configuration"
        said = _object(await self._send("GET", url, {"Accept": "application/json"}))
        endpoint = said.get("token_endpoint")
        if not isinstance(endpoint, str) or url_problem(endpoint):
            raise Permanent(code_of(KIND, Reason.NONSENSE, "token_endpoint"))
        self._token_url = endpoint
        return endpoint

    def assertion(self, audience: str) -> str:
        """A signed JWT that says who asks, for one use within a few minutes."""
        import jwt

        at = int(self._now())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": audience,
            "iat": at,
            "exp": at + _ASSERTION_LASTS,
            "jti": str(uuid.uuid4()),
        }
        headers = {"kid": self._key.key_id} if self._key.key_id else None
        return jwt.encode(claims, self._key.key, algorithm=self._key.algorithm, headers=headers)

    async def _send(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Answer:
        """A lost answer does no harm here: at worst a token that nobody uses."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._http.send(method, url, headers=headers, content=content)
        except (AnswerLost, TimeoutError):
            raise Temporary(code_of(KIND, Reason.TIMEOUT, "token")) from None


def _from_jwk(written: str, key_id: str) -> SigningKey:
    import jwt

    try:
        given = json.loads(written)
        name = {"RSA": "RS384", "EC": "ES384"}[given["kty"]]
        if "d" not in given:
            raise ValueError
        key = jwt.PyJWK(given, name).key
    except (ValueError, KeyError, TypeError, jwt.PyJWTError):
        raise ValueError("is no private JWK: it needs kty RSA or EC and its private part") from None
    return SigningKey(key, _algorithm(key), key_id or str(given.get("kid", "")))


def _algorithm(key: object) -> str:
    """What SMART servers must accept, by the kind of key. Raises ValueError for one that none has to."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _SMALLEST_RSA:
        return "RS384"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp384r1":
        return "ES384"
    raise ValueError(f"must be an RSA key of {_SMALLEST_RSA} bits or more, or an EC key of curve P-384")


def _object(answer: Answer) -> Mapping[str, Any]:
    if answer.status != 200:
        raise refusal(KIND, answer)
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise Temporary(code_of(KIND, Reason.NONSENSE, "token")) from None
    if not isinstance(said, dict):
        raise Temporary(code_of(KIND, Reason.NONSENSE, "token"))
    return cast(Mapping[str, Any], said)

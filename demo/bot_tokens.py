"""Tokens as Microsoft's channel service signs them, by keys of our own: right ones, and the wrong kinds tests need."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

TEAMS = ("msteams",)


def _new_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One RSA key with its id and the channels it vouches for."""

    kid: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    endorsements: tuple[str, ...] = TEAMS
    private: rsa.RSAPrivateKey = field(default_factory=_new_rsa, repr=False)

    def published(self) -> dict[str, Any]:
        """The public half as a JSON web key, the way Microsoft publishes it."""
        numbers = self.private.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "kid": self.kid, "n": _number(numbers.n), "e": _number(numbers.e)}
        return {**key, "endorsements": list(self.endorsements)}

    def public_pem(self) -> bytes:
        """The public half as text: what a forger of the HS256 kind uses as the secret."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(serialization.Encoding.PEM, form)


def signed(claims: Mapping[str, Any], key: SigningKey, alg: str = "RS256", kid: str | None = None) -> str:
    """A token over `claims`. `alg`: RS256, none, or HS256 with the public key as secret; `kid` replaces the key's."""
    header = {"alg": alg, "typ": "JWT", "kid": key.kid if kid is None else kid}
    content = f"{_part(header)}.{_part(claims)}"
    return f"{content}.{_encoded(_signature(content.encode(), key, alg))}"


def key_set(keys: Sequence[SigningKey]) -> dict[str, Any]:
    """The JSON Web Key Set of these keys."""
    return {"keys": [key.published() for key in keys]}


def _signature(content: bytes, key: SigningKey, alg: str) -> bytes:
    if alg == "none":
        return b""
    if alg == "HS256":
        return hmac.digest(key.public_pem(), content, hashlib.sha256)
    return key.private.sign(content, padding.PKCS1v15(), hashes.SHA256())


def _part(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

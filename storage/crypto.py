"""Keys and sealing. Every clinical byte that reaches the database goes through here; nothing here reads or writes one.

A key ring (from the settings) wraps data keys: one per note and one per practice. Deleting a wrapped key shreds all it
ever sealed. What is sealed is bound to its place (AAD), so bytes moved to another row, column or practice do not open.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.domain.errors import AfternoteError

KEY_BYTES = 32
_NONCE_BYTES = 12
_BY_RING = b"\x01"
_BY_DATA_KEY = b"\x02"
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,16}")


class KeyRingInvalid(AfternoteError):
    """The key ring's text cannot be used. The message says which entry and why, and never quotes a key."""


class Unreadable(AfternoteError):
    """Sealed bytes do not open: changed, moved to another place, or sealed with a key that is not in the ring."""


class DataKey:
    """A 256-bit key that seals the content of one note or one practice. Never printed, never stored unwrapped."""

    __slots__ = ("_cipher", "_mac_key", "_secret")

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._cipher = AESGCM(secret)
        self._mac_key: bytes | None = None

    @classmethod
    def new(cls) -> "DataKey":
        """A fresh random key."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def __repr__(self) -> str:
        return "DataKey(***)"

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """Encrypt and authenticate, bound to the place that `aad` names."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _BY_DATA_KEY + nonce + self._cipher.encrypt(nonce, plain, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """The plain bytes. Raises Unreadable."""
        if sealed[:1] != _BY_DATA_KEY:
            raise Unreadable("unknown_format")
        return _decrypted(self._cipher, sealed[1:], aad)

    def mac(self, message: bytes) -> bytes:
        """A digest keyed with a key derived from this one (HMAC-SHA256): equal for equal messages."""
        if self._mac_key is None:
            self._mac_key = hmac.digest(self._secret, b"afternote mac 1", hashlib.sha256)
        return hmac.digest(self._mac_key, message, hashlib.sha256)

    def derived(self, purpose: bytes) -> bytes:
        """A 256-bit secret for another use (HKDF): the same for the same purpose, and it tells nothing of this key."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(self._secret)

    def wrapped_by(self, ring: "KeyRing", aad: bytes) -> bytes:
        """This key as it may be stored."""
        return ring.seal(self._secret, aad)

    @classmethod
    def unwrapped(cls, ring: "KeyRing", wrapped: bytes, aad: bytes) -> "DataKey":
        """The key that was stored with `wrapped_by`. Raises Unreadable."""
        return cls(ring.open(wrapped, aad))


class KeyRing:
    """The practice administrator's keys: the first seals, every other one still opens what it sealed before."""

    __slots__ = ("_ciphers", "active_id")

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(secret) for key_id, secret in keys.items()}
        self.active_id = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """From `id:base64,id:base64`, newest first. Raises KeyRingInvalid."""
        return cls(_parsed(text))

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(f'{key_id}:***' for key_id in self._ciphers)})"

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """Encrypt with the active key; the result starts with a format byte and the key's id."""
        key_id = self.active_id.encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        header = _BY_RING + bytes([len(key_id)]) + key_id
        return header + nonce + self._ciphers[self.active_id].encrypt(nonce, plain, header + aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """Decrypt with whichever key sealed it. Raises Unreadable, naming the key id when it is not in the ring."""
        key_id = sealed_by(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Unreadable(f"key_not_in_ring:{key_id}")
        header = 2 + len(key_id)
        return _decrypted(cipher, sealed[header:], sealed[:header] + aad)

    def rewrap(self, sealed: bytes, aad: bytes) -> bytes:
        """The same secret under the active key; unchanged when it already is. For rotation."""
        return sealed if sealed_by(sealed) == self.active_id else self.seal(self.open(sealed, aad), aad)


def sealed_by(sealed: bytes) -> str:
    """The id of the ring's key that sealed these bytes. Raises Unreadable."""
    if sealed[:1] != _BY_RING or len(sealed) < 2 or len(sealed) < 2 + sealed[1] + _NONCE_BYTES:
        raise Unreadable("unknown_format")
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")


def bound_to(*place: str | int) -> bytes:
    """Associated data that names a place (practice, note, column, row version …) without ambiguity."""
    return b"".join(b"%d:%s" % (len(part), part) for part in (str(p).encode("utf-8", "surrogatepass") for p in place))


def new_key_ring() -> str:
    """A key ring with one fresh key, as text for the settings."""
    return f"k1:{_new_secret()}"


def rotated_key_ring(text: str) -> str:
    """The same ring with a fresh active key in front. Raises KeyRingInvalid."""
    numbers = [int(key_id[1:]) for key_id in _parsed(text) if re.fullmatch(r"k[0-9]{1,9}", key_id)]
    return f"k{max(numbers, default=0) + 1}:{_new_secret()},{text.strip()}"


def _new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _decrypted(cipher: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise Unreadable("changed_or_moved") from None


def _parsed(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for position, entry in enumerate((part.strip() for part in text.strip().split(",")), start=1):
        key_id, colon, encoded = entry.partition(":")
        if not colon or not _KEY_ID.fullmatch(key_id):
            raise KeyRingInvalid(
                f"Entry {position} of the key ring does not start with a key id and a colon, like `k1:`."
            )
        if key_id in keys:
            raise KeyRingInvalid(f"The key ring has two keys with the id {key_id}.")
        keys[key_id] = _secret(encoded, key_id)
    return keys


def _secret(encoded: str, key_id: str) -> bytes:
    try:
        secret = base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise KeyRingInvalid(f"Key {key_id} of the key ring is not base64.") from None
    if len(secret) != KEY_BYTES:
        raise KeyRingInvalid(f"Key {key_id} of the key ring has {len(secret)} bytes; it needs {KEY_BYTES}.")
    return secret

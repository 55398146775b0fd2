"""Signatures over the audit log's heads (Ed25519, RFC 8032). The key comes from the practice's own and is never stored.

Rotating the key ring leaves it as it is: it changes only with the practice's key.
"""

import base64
import binascii
from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.domain.audit import SignedHead
from storage.crypto import DataKey

_PURPOSE = b"afternote audit signing 1"


def public_key(key: DataKey) -> str:
    """By which heads that `sign` signed are known, in base64."""
    return base64.b64encode(_signer(key).public_key().public_bytes_raw()).decode()


def sign(key: DataKey, head: SignedHead) -> SignedHead:
    """The head with the practice's public key and signature."""
    named = replace(head, public_key=public_key(key))
    return replace(named, signature=base64.b64encode(_signer(key).sign(named.statement())).decode())


def is_genuine(head: SignedHead) -> bool:
    """Whether whoever has the private half of the head's own public key signed exactly this."""
    try:
        known = Ed25519PublicKey.from_public_bytes(base64.b64decode(head.public_key, validate=True))
        known.verify(base64.b64decode(head.signature, validate=True), head.statement())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _signer(key: DataKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.derived(_PURPOSE))

"""What the webhook adapter sends: an event as Standard Webhooks has it, described by `webhook.schema.json`.

The id of a note's event is the same on every try, so that a receiver can drop what it has already. Time and signature
are new on every try.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.media_types import media_type
from bot.domain.links import LinkKind
from bot.ports import FiledNote

SCHEMA = "afternote/webhook/1"
_EVENTS = {
    LinkKind.ADDENDUM: "note.addendum",
    LinkKind.AMENDMENT: "note.amended",
    LinkKind.RETRACTION: "note.retracted",
}
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)  # the specification's limits


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is the `webhook-id`; `body` is JSON."""

    id: str
    body: bytes


def note_event(note: FiledNote, files: Mapping[str, bytes], key: str, now: datetime) -> Event:
    """A signed note with its files. `now` counts only where the time of signing is not known."""
    kind = _EVENTS[note.related.kind] if note.related else "note.filed"
    data = {
        "schema": SCHEMA,
        "key": key,
        "practice_id": note.practice_id,
        "note_id": note.note_id,
        "version_sha256": note.version_hash,
        "client_code": note.client_code,
        "session_date": note.session_date,
        "format": _format(note),
        "clinician": {"id": note.clinician_id, "name": note.clinician},
        "related": _related(note),
        "files": {name: _file(name, content) for name, content in files.items()},
    }
    return Event(f"{note.note_id}_{kind.replace('.', '_')}", _json(kind, note.signed_at or now, data))


def check_event(unique: str, now: datetime) -> Event:
    """An event without a note, by which `afternote check` sees whether the receiver is there and knows the secret."""
    return Event(f"afternote_check_{unique}", _json("afternote.check", now, {"schema": SCHEMA}))


def headers_of(event: Event, secrets: Sequence[str], at: datetime) -> Mapping[str, str]:
    """The headers of one try, signed with every secret: while one replaces another, receivers know only one of them."""
    from standardwebhooks import Webhook

    text = event.body.decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Afternote",
        "webhook-id": event.id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(event.id, at, text) for secret in secrets),
    }


def secret_problem(secret: str) -> str:
    """What is wrong with a signing secret, empty when nothing is. Does not quote it."""
    if not secret.startswith(_PREFIX):
        return "each must begin with whsec_"
    text = secret.removeprefix(_PREFIX).rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return "after whsec_ there must be base64"
    return "" if len(key) in _KEY_BYTES else "after whsec_ there must be base64 of 24 to 64 bytes"


def _json(kind: str, at: datetime, data: Mapping[str, object]) -> bytes:
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}, ensure_ascii=False).encode()


def _format(note: FiledNote) -> Mapping[str, object]:
    version = {"version": note.format_version} if note.format_version else {}
    return {"id": note.format_id, "name": note.format_name, **version, "loinc": note.loinc}


def _related(note: FiledNote) -> Mapping[str, str] | None:
    if note.related is None:
        return None
    return {"kind": note.related.kind.value, "note_id": note.related.note_id, "webhook_id": note.related.reference}


def _file(name: str, content: bytes) -> Mapping[str, str]:
    return {
        "content_type": media_type(name),
        "sha256": hashlib.sha256(content).hexdigest(),
        "base64": base64.b64encode(content).decode(),
    }

"""Identifiers. Opaque strings; never derived from a person's name."""

import secrets
from typing import NewType

PracticeId = NewType("PracticeId", str)
PersonId = NewType("PersonId", str)
NoteId = NewType("NoteId", str)
StatementId = NewType("StatementId", str)
AppointmentId = NewType("AppointmentId", str)
BatchId = NewType("BatchId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def _opaque(length: int) -> str:
    return "".join(_ALPHABET[byte & 31] for byte in secrets.token_bytes(length))


def new_note_id() -> NoteId:
    """A fresh note id: `n` and 16 random characters (80 bits)."""
    return NoteId("n" + _opaque(16))


def new_person_id() -> PersonId:
    """A fresh id of a person: `p` and 10 random characters. It is never given to somebody else."""
    return PersonId("p" + _opaque(10))


def new_statement_id() -> StatementId:
    """A fresh statement id, unique within any note."""
    return StatementId("s" + _opaque(10))


def new_appointment_id() -> AppointmentId:
    """A fresh id of a session on a clinician's list: `a` and 16 random characters."""
    return AppointmentId("a" + _opaque(16))


def new_batch_id() -> BatchId:
    """A fresh id of several summaries sent at once: `b` and 16 random characters."""
    return BatchId("b" + _opaque(16))

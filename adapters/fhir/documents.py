"""A note's document on the server: looked for, created once, read back and compared, marked when it was replaced.

The order makes it safe: look (where the server cannot refuse a second one), POST unless it exists, look again, read
back. A server's 200 or 201 alone proves nothing about the content.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.fhir.client import (
    KIND,
    Broken,
    FhirClient,
    Resource,
    condition,
    has_identifier,
    mappings,
    member,
    points_to,
    reference_of,
    token,
    version_of,
)
from adapters.fhir.profiles import Profile
from adapters.fhir.resource import DOCUMENT, Attachment
from adapters.http import AnswerLost
from bot.domain.errors import Conflict, Permanent, Temporary, Unknown
from bot.domain.filing import Reason, code_of, reason_in
from bot.domain.links import LinkKind
from bot.ports import Related

_log = logging.getLogger(__name__)
_DOCUMENT = "DocumentReference"
_PAGE = "50"
_TRIES_TO_MARK = 4
_MARKS = {LinkKind.AMENDMENT: "superseded", LinkKind.RETRACTION: "entered-in-error"}


@dataclass(frozen=True, slots=True)
class Sending:
    """One note as it is sent. `maybe_sent`: an earlier sending may have arrived."""

    note_id: str
    document: Mapping[str, Any]
    attachments: Sequence[Attachment]
    maybe_sent: bool


@dataclass(frozen=True, slots=True)
class Held:
    """The document as the server has it. `sha256` is of the first attachment, as read back when `verified`."""

    reference: str
    version: str
    sha256: str
    outcome: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of one server; `system` is that of our identifiers."""

    client: FhirClient
    profile: Profile
    system: str

    async def file(self, sending: Sending) -> Held:
        """The note's document, created unless it is there. Raises Temporary, Permanent, Conflict, Unknown."""
        if sending.maybe_sent or not self.profile.conditional_create:
            if there := await self._find(sending):
                return await self._as_held(there, sending, "already")
            if sending.maybe_sent and not self.profile.keeps_identifier:
                raise Unknown(code_of(KIND, Reason.LOST))
        try:
            created = await self.client.create(sending.document, condition(self.system, sending.note_id))
        except AnswerLost as lost:
            return await self._after_a_lost_answer(sending, lost)
        if created.several:
            found = f"{_DOCUMENT}?{condition(self.system, sending.note_id)}"
            raise Conflict(code_of(KIND, Reason.OTHER_CONTENT, "several"), found)
        if not self.profile.keeps_identifier:
            return await self._by_reference(created.reference, sending)
        there = await self._find(sending) or await self._read(created.reference)
        if there is None:
            raise Temporary(code_of(KIND, Reason.NOT_KEPT))
        return await self._as_held(there, sending, "stored" if created.new else "already", created.new)

    async def find(self, note_id: str, subject: str) -> Sequence[Resource]:
        """What carries our identifier, perhaps without its content. Raises Temporary or Permanent."""
        params = {"identifier": token(self.system, note_id)}
        if self.profile.search == "patient":
            params = {"patient": subject, "category": "clinical-note", "_count": _PAGE}
            params["_elements"] = "identifier,masterIdentifier"
        found = await self.client.search(_DOCUMENT, params)
        ours = [one for one in found if has_identifier(one, self.system, note_id)]
        if found and not ours and self.profile.search == "identifier":
            raise Permanent(code_of(KIND, Reason.NONSENSE, "search"))
        return ours

    async def originals(self, related: Related, subject: str) -> Sequence[str]:
        """Where the note stands that an addendum, amendment or retraction is about; empty when it is not there (now).

        A server that was set up anew may have another document where our receipt says: only what carries the note's
        identifier counts, where identifiers are kept. Raises Temporary or Permanent.
        """
        known = related.reference if DOCUMENT.fullmatch(related.reference) else ""
        if not self.profile.keeps_identifier:
            return [known] if known and await self._may_be_there(known) else []
        there = await self._read(known)
        if there is not None and has_identifier(there, self.system, related.note_id):
            return [known]
        return [reference_of(one) for one in await self.find(related.note_id, subject)]

    async def mark(self, references: Sequence[str], kind: LinkKind) -> None:
        """Let the note that an amendment or retraction is about say so. Raises Temporary or Permanent.

        Harmless when it is done already.
        """
        wanted = _MARKS.get(kind)
        if wanted is None or not self.profile.updates:
            return
        for reference in references:
            await self._mark(reference, wanted)

    async def _may_be_there(self, reference: str) -> bool:
        """False when the server says that it is gone; one that does not let us read may have it."""
        try:
            return await self._read(reference) is not None
        except Permanent:
            return True

    async def _mark(self, reference: str, wanted: str) -> None:
        """Read, change the status, PUT that version; read again when somebody was faster or the answer got lost."""
        for _ in range(_TRIES_TO_MARK):
            there = await self.client.read(reference)
            if there is None or there.get("status") in (wanted, "entered-in-error"):
                return
            try:
                await self.client.update({**there, "status": wanted})
            except AnswerLost:
                continue
            except Permanent as error:
                raise Permanent(code_of(KIND, reason_in(error.code) or Reason.REFUSED, "mark")) from None
        there = await self.client.read(reference)
        if there is not None and there.get("status") not in (wanted, "entered-in-error"):
            raise Temporary(code_of(KIND, Reason.BUSY, "mark"))

    async def _after_a_lost_answer(self, sending: Sending, lost: AnswerLost) -> Held:
        """Look whether the document arrived. Not found proves something only where identifiers are kept."""
        try:
            there = await self._find(sending)
        except (Temporary, Permanent):
            if self.profile.keeps_identifier:
                raise
            there = None
        if there is not None:
            return await self._as_held(there, sending, "stored")
        if not self.profile.keeps_identifier:
            raise Unknown(code_of(KIND, Reason.LOST)) from None
        raise (lost.error if isinstance(lost, Broken) else Temporary(code_of(KIND, Reason.TIMEOUT))) from None

    async def _find(self, sending: Sending) -> Resource | None:
        """The one document with the note's identifier, whole. Raises Conflict when there are several."""
        found = await self.find(sending.note_id, str(sending.document["subject"].get("reference", "")))
        if len(found) > 1:
            raise Conflict(code_of(KIND, Reason.OTHER_CONTENT, "several"), reference_of(found[0]))
        return await self._read(reference_of(found[0])) if found else None

    async def _read(self, reference: str) -> Resource | None:
        return await self.client.read(reference) if reference else None

    async def _by_reference(self, reference: str, sending: Sending) -> Held:
        """The document just created, where only its address tells it again.

        It is there: a failure to read it back must not lead to a second one, so the receipt says "not verified".
        """
        if not reference:
            raise Unknown(code_of(KIND, Reason.LOST))
        try:
            there = await self._read(reference)
        except (Temporary, Permanent) as error:
            _log.warning("note %s: created, but not read back: %s", sending.note_id, error.code)
            there = None
        if there is None:
            return Held(reference, "", _sha256(sending.attachments[0].data), "stored", verified=False)
        return await self._as_held(there, sending, "stored", new=True)

    async def _as_held(self, there: Resource, sending: Sending, outcome: str, new: bool = False) -> Held:
        """The document as read back, compared with ours. `new`: created by this call, so what differs was changed.

        Raises Permanent for a new one that was not kept as it was sent, Conflict for any other that differs.
        """
        same = await self._kept(there) == [attachment.data for attachment in sending.attachments]
        about_the_same = _same_subject(there, sending.document)
        current = not new or there.get("status") == sending.document["status"]
        if not (about_the_same and current and (same or not self.profile.keeps_bytes)):
            if new:
                raise Permanent(code_of(KIND, Reason.NOT_KEPT))
            raise Conflict(code_of(KIND, Reason.OTHER_CONTENT), reference_of(there))
        digest = _sha256(sending.attachments[0].data)
        return Held(reference_of(there), version_of(there), digest, outcome, verified=same)

    async def _kept(self, there: Resource) -> Sequence[bytes | None]:
        attachments = [member(content, "attachment") for content in mappings(there.get("content"))]
        try:
            return [await self.client.bytes_of(one) for one in attachments]
        except (Temporary, Permanent):
            if self.profile.keeps_bytes:
                raise
            return ()


def _same_subject(there: Resource, sent: Mapping[str, Any]) -> bool:
    """Whether both are about the same client: by reference, or by identifier where that was sent."""
    theirs = member(there, "subject")
    if "reference" in sent["subject"]:
        return points_to(theirs.get("reference", ""), sent["subject"]["reference"])
    identifier, own = member(theirs, "identifier"), sent["subject"]["identifier"]
    return (identifier.get("system"), identifier.get("value")) == (own["system"], own["value"])


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

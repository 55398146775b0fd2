"""Cards, documents and handled deliveries of one practice."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, text
from sqlalchemy.engine import Connection

from bot.domain.ids import NoteId, PersonId
from bot.ports import Notice, Posted, ReviewCard
from storage.crypto import bound_to
from storage.models import UtcTime, cards, documents, seen
from storage.transaction import Transaction, no_such_note, refused_as

_REMEMBER_CARD = text(
    "INSERT INTO cards (practice_id, note_id, platform, workspace, channel, ts, form)"
    " VALUES (:practice, :note, :platform, :workspace, :channel, :ts, :form)"
    " ON CONFLICT (practice_id, note_id, platform, workspace, channel, ts) DO UPDATE SET form = excluded.form"
)
_CARDS = (
    select(cards.c.platform, cards.c.workspace, cards.c.channel, cards.c.ts)
    .where(
        cards.c.practice_id == bindparam("practice"),
        cards.c.note_id == bindparam("note"),
        cards.c.form == bindparam("form"),
    )
    .order_by(cards.c.id)
)
_FORGET_FORM = text(
    "DELETE FROM cards WHERE practice_id = :practice AND note_id = :note AND form = 1"
    " AND platform = :platform AND channel = :channel AND ts = :ts"
)
# Of `form`, beside a card (0) and a form (1): what an administrator is told, and what is said of a review.
_NOTICE, _BOARD, _REVIEW = 2, 3, 4
_REMEMBER_NOTICE = text(
    "INSERT INTO cards (practice_id, note_id, platform, workspace, channel, ts, form, person_id)"
    " VALUES (:practice, :note, :platform, :workspace, :channel, :ts, :form, :person)"
    " ON CONFLICT (practice_id, note_id, platform, workspace, channel, ts)"
    " DO UPDATE SET form = excluded.form, person_id = excluded.person_id"
)
_NOTICES = (
    select(cards)
    .where(
        cards.c.practice_id == bindparam("practice"),
        cards.c.note_id == bindparam("note"),
        cards.c.form.in_((_NOTICE, _BOARD)),
    )
    .order_by(cards.c.id)
)
_NOTICES_TO = (
    select(cards)
    .where(
        cards.c.practice_id == bindparam("practice"),
        cards.c.person_id == bindparam("person"),
        text("person_id <> ''"),  # word for word as in the partial index
        cards.c.form.in_((_NOTICE, _BOARD)),
    )
    .order_by(cards.c.id)
)
_REVIEW_CARDS = (
    select(cards)
    .where(
        cards.c.practice_id == bindparam("practice"),
        cards.c.note_id.in_(bindparam("notes", expanding=True)),
        cards.c.form == _REVIEW,
    )
    .order_by(cards.c.id)
)
_FORGET_NOTICE = text(
    "DELETE FROM cards WHERE practice_id = :practice AND note_id = :note AND person_id = :person"
    " AND form IN (2, 3) AND platform = :platform AND channel = :channel AND ts = :ts"
)
_FORGET_REVIEW = text(
    "DELETE FROM cards WHERE practice_id = :practice AND note_id = :note AND person_id = :person"
    " AND form = 4 AND platform = :platform AND channel = :channel AND ts = :ts"
)
_ADD_DOCUMENT = text(
    "INSERT INTO documents (practice_id, note_id, kind, sha256, content)"
    " VALUES (:practice, :note, :kind, :sha256, :content) ON CONFLICT DO NOTHING"
)
_DOCUMENTS = (
    select(documents.c.kind, documents.c.content)
    .where(documents.c.practice_id == bindparam("practice"), documents.c.note_id == bindparam("note"))
    .order_by(documents.c.kind)
)
_FIRST_TIME = text(
    "INSERT INTO seen (practice_id, key, at) VALUES (:practice, :key, :at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=UtcTime))
_FORGET = delete(seen).where(seen.c.practice_id == bindparam("practice"), seen.c.at < bindparam("before"))


class _OfPractice:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._practice = transaction.practice

    def _asked(self, note_id: NoteId) -> dict[str, Any]:
        return {"practice": self._practice, "note": note_id}


class SqlCards(_OfPractice):
    """See `bot.ports.Cards`. Oldest first."""

    async def remember(self, note_id: NoteId, posted: Posted, *, form: bool = False) -> None:
        place = {
            "platform": posted.platform,
            "workspace": posted.workspace,
            "channel": posted.channel,
            "ts": posted.ts,
            "form": int(form),
        }

        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                connection.execute(_REMEMBER_CARD, {**self._asked(note_id), **place})

        self._transaction.later(write)

    async def of(self, note_id: NoteId) -> Sequence[Posted]:
        return await self._standing(note_id, form=False)

    async def forms(self, note_id: NoteId) -> Sequence[Posted]:
        return await self._standing(note_id, form=True)

    async def forget(self, note_id: NoteId, posted: Posted) -> None:
        place = {"platform": posted.platform, "channel": posted.channel, "ts": posted.ts}
        asked = {**self._asked(note_id), **place}
        self._transaction.later(lambda connection: connection.execute(_FORGET_FORM, asked))

    async def remember_notice(self, notice: Notice) -> None:
        form = _BOARD if notice.board else _NOTICE
        place = {"workspace": notice.posted.workspace, "form": form, **self._of_notice(notice)}

        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                connection.execute(_REMEMBER_NOTICE, place)

        self._transaction.later(write)

    async def notices(self, note_id: NoteId) -> Sequence[Notice]:
        asked = self._asked(note_id)
        return await self._transaction.now(lambda connection: _notices(connection.execute(_NOTICES, asked)))

    async def notices_to(self, person: PersonId) -> Sequence[Notice]:
        asked = {"practice": self._practice, "person": person}
        return await self._transaction.now(lambda connection: _notices(connection.execute(_NOTICES_TO, asked)))

    async def forget_notice(self, notice: Notice) -> None:
        asked = self._of_notice(notice)
        self._transaction.later(lambda connection: connection.execute(_FORGET_NOTICE, asked))

    def _of_notice(self, notice: Notice) -> dict[str, Any]:
        posted = notice.posted
        place = {"platform": posted.platform, "channel": posted.channel, "ts": posted.ts}
        return {**self._asked(notice.note_id), **place, "person": notice.person}

    async def remember_review(self, card: ReviewCard) -> None:
        place = {"workspace": card.posted.workspace, "form": _REVIEW, **self._of_review(card)}

        def write(connection: Connection) -> None:
            with refused_as(no_such_note):
                connection.execute(_REMEMBER_NOTICE, place)

        self._transaction.later(write)

    async def review_cards(self, *notes: NoteId) -> Sequence[ReviewCard]:
        asked = {"practice": self._practice, "notes": notes}
        return await self._transaction.now(
            lambda connection: [
                ReviewCard(NoteId(row.note_id), PersonId(row.person_id) if row.person_id else None, _posted(row))
                for row in connection.execute(_REVIEW_CARDS, asked)
            ]
        )

    async def forget_review(self, card: ReviewCard) -> None:
        asked = self._of_review(card)
        self._transaction.later(lambda connection: connection.execute(_FORGET_REVIEW, asked))

    def _of_review(self, card: ReviewCard) -> dict[str, Any]:
        posted = card.posted
        place = {"platform": posted.platform, "channel": posted.channel, "ts": posted.ts}
        return {**self._asked(card.note_id), **place, "person": card.person or ""}

    async def _standing(self, note_id: NoteId, *, form: bool) -> Sequence[Posted]:
        asked = {**self._asked(note_id), "form": int(form)}
        return await self._transaction.now(
            lambda connection: [_posted(row) for row in connection.execute(_CARDS, asked)]
        )


def _notices(rows: Iterable[Row[Any]]) -> list[Notice]:
    return [
        Notice(
            NoteId(row.note_id),
            PersonId(row.person_id),
            _posted(row),
            row.form == _BOARD,
        )
        for row in rows
    ]


def _posted(row: Any) -> Posted:
    return Posted(row.platform, row.workspace, row.channel, row.ts)


class SqlDocuments(_OfPractice):
    """See `bot.ports.Documents`. What is there is never replaced: it may have been sent already."""

    async def add(self, note_id: NoteId, files: Mapping[str, bytes]) -> None:
        held = dict(files)
        self._transaction.later(lambda connection: self._add(connection, note_id, held))

    async def of(self, note_id: NoteId) -> Mapping[str, bytes]:
        return await self._transaction.now(lambda connection: self._of(connection, note_id))

    def _add(self, connection: Connection, note_id: NoteId, files: Mapping[str, bytes]) -> None:
        key = self._transaction.note_key(connection, note_id)
        for kind, content in files.items():
            values = {
                "kind": kind,
                "sha256": hashlib.sha256(content).hexdigest(),
                "content": key.seal(content, bound_to(self._practice, note_id, "documents", kind)),
            }
            connection.execute(_ADD_DOCUMENT, {**self._asked(note_id), **values})

    def _of(self, connection: Connection, note_id: NoteId) -> Mapping[str, bytes]:
        rows = connection.execute(_DOCUMENTS, self._asked(note_id)).all()
        if not rows:
            return {}
        key = self._transaction.note_key(connection, note_id)
        return {
            row.kind: key.open(row.content, bound_to(self._practice, note_id, "documents", row.kind)) for row in rows
        }


class SqlSeen(_OfPractice):
    """See `bot.ports.Seen`."""

    async def first_time(self, key: str, at: datetime) -> bool:
        asked = {"practice": self._practice, "key": key, "at": at}
        return await self._transaction.write_now(
            lambda connection: connection.execute(_FIRST_TIME, asked).rowcount == 1
        )

    async def forget(self, before: datetime) -> None:
        """Drop what was seen earlier than `before`."""
        asked = {"practice": self._practice, "before": before}
        self._transaction.later(lambda connection: connection.execute(_FORGET, asked))

"""Example data for what is said of a note that is not filed, or not everywhere: to its clinician, to administrators."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.cards.elements import Card
from bot.cards.filing_screens import Count, board_card, notice_card
from bot.cards.screens import Shown, card_for
from bot.domain.filing import Filing, FilingState, Reason, Receipt, code_of
from bot.domain.ids import NoteId
from bot.domain.links import Link, LinkKind
from bot.domain.note import Note

SINCE = datetime(2026, 11, 23, 20, 2, tzinfo=UTC)
CLINICIAN, ZONE = "Rosa Delgado, LPC-Associate", "America/Chicago"
_ANY = NoteId("n0000000000000001")
_LATER = SINCE + timedelta(minutes=28)


def filing(state: FilingState, reason: Reason | None = None, target: str = "ehr", detail: int | str = "") -> Filing:
    """A filing with its code, failing since 14:02; with a receipt where it is stored."""
    code = code_of("fhir" if target == "ehr" else "s3", reason, detail) if reason else ""
    receipt = _receipt() if state is FilingState.STORED else None
    failing = SINCE if reason else None
    return Filing(_ANY, target, state, 2 if reason else 0, _LATER, code, receipt, failing_since=failing)


def filing_cards(signed: Note, filed: Note, beside: Shown) -> dict[str, Card]:
    """Every card about filing, by name."""
    stored = filing(FilingState.STORED)
    refused = filing(FilingState.REFUSED, Reason.NOT_ALLOWED, detail=401)
    conflict = filing(FilingState.CONFLICT, Reason.OTHER_CONTENT)
    unknown = filing(FilingState.UNKNOWN, Reason.LOST)
    failing = filing(FilingState.PENDING, Reason.UNREACHABLE)
    again = filing(FilingState.PENDING)
    waits, full = (
        filing(FilingState.PENDING, target="archive"),
        filing(FilingState.REFUSED, Reason.FULL, "archive", 507),
    )

    def card(note: Note, *filings: Filing, administers: bool = False) -> Card:
        return card_for(note, replace(beside, filings=filings, administers=administers))

    def told(*filings: Filing, hours: int = 2) -> Card:
        return notice_card(signed, CLINICIAN, filings, ZONE, SINCE + timedelta(hours=hours))

    return {
        "signed": card(signed, again),
        "signed_addendum": card(replace(signed, link=Link(LinkKind.ADDENDUM, _ANY)), again),
        "retrying": card(signed, failing),
        "refused": card(signed, refused),
        "refused_to_who_administers": card(signed, refused, administers=True),
        "retrying_to_who_administers": card(signed, failing, administers=True),
        "conflict": card(signed, conflict),
        "unknown": card(signed, unknown, waits),
        "copy_refused_before_the_record": card(signed, failing, full),
        "receipt": card(filed, stored),
        "receipt_with_copies": card(filed, stored, replace(stored, target="share"), waits),
        "receipt_copy_fails": card(filed, stored, replace(failing, target="share")),
        "receipt_copy_refused": card(filed, stored, replace(stored, target="share"), full),
        "receipt_confirmed": card(filed, _with(stored, outcome="confirmed", verified=False)),
        "receipt_not_read_back": card(filed, _with(stored, verified=False)),
        "notice_refused": told(refused),
        "notice_conflict": told(conflict),
        "notice_unknown": told(unknown, full),
        "notice_failing": told(failing),
        "notice_again": told(again),
        "notice_solved": told(stored),
        "board": board_card(
            [Count("ehr", 41, SINCE, refused.error_code), Count("archive", 4, SINCE, full.error_code)], ZONE
        ),
        "board_solved": board_card([], ZONE),
    }


def _receipt() -> Receipt:
    return Receipt("JD-014/x", "3f3e69a2f71c" + "0" * 52, "stored", SINCE)


def _with(stored: Filing, **changes: object) -> Filing:
    return replace(stored, receipt=replace(_receipt(), **changes))  # type: ignore[arg-type]

"""Example screens of a review, beside those of `demo/screens.py`: what each person of it sees."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.cards import review_forms, review_words, screens
from bot.cards.elements import Card, Form
from bot.cards.forms import edit_form
from bot.cards.review_screens import review_channel_card, review_request_card
from bot.cards.screens import Shown
from bot.domain.checks import Gap
from bot.domain.ids import PersonId, StatementId
from bot.domain.note import Note, Signature, State
from bot.domain.people import Person, Role
from bot.domain.review import Comment, Review
from bot.domain.statements import Origin, Slot, Statement
from bot.domain.supervision import Mode
from bot.practice_ports import ReviewRow

MIRIAM = Person(PersonId("miriam"), "Miriam Weiss", "PsyD", frozenset({Role.SUPERVISOR}), "America/Chicago")
TOBIAS = Person(PersonId("tobias"), "Tobias Lindgren", "LCSW", frozenset({Role.SUPERVISOR}), "America/Chicago")
COMMENTS = (
    Comment("subjective", "Please say *since when* she sleeps <better>."),
    Comment("plan", "Which step & when?"),
    Comment("", "Thoughtful work; two small things."),
)
_HELD = Statement(StatementId("s8"), Slot.RISK, "Denied <homicidal> ideation.", (4,), Origin.MODEL)


def in_review(draft: Note, mode: Mode = Mode.COSIGN) -> Note:
    """A draft that its author signed, and a supervisor is to look at."""
    at = draft.created_at + timedelta(minutes=9)
    signature = Signature(
        draft.clinician_id,
        "Rosa Delgado",
        "LPC-Associate",
        "clinician",
        at,
        draft.version,
        draft.version_hash(),
        "attested",
    )
    return draft.signed(signature, Review(mode, draft.version, at, (MIRIAM.id, TOBIAS.id), draft.statements))


def with_changes(draft: Note) -> Note:
    """The same after a supervisor asked for changes in two sections."""
    return in_review(draft).changes_requested(MIRIAM.id, draft.created_at + timedelta(hours=3), COMMENTS)


def edited(draft: Note) -> Note:
    """The same after its author changed a sentence and added one."""
    note = with_changes(draft)
    first = replace(note.statements[0], id=StatementId("s21"), text="Client reports six hours of sleep since Monday.")
    new = Statement(StatementId("s22"), Slot.PLAN, "Calls her manager <Thursday>.", (), Origin.CLINICIAN)
    return note.revised((first, *note.statements[1:], new), note.version)


def approved(draft: Note, mode: Mode = Mode.COSIGN, state: State = State.FILING) -> Note:
    """The same, signed by both, with a remark of the supervisor's."""
    note = in_review(edited(draft), mode)
    role = "supervisor" if mode is Mode.COSIGN else "reviewer"
    at = draft.created_at + timedelta(hours=5)
    signature = Signature(
        MIRIAM.id,
        MIRIAM.name,
        MIRIAM.credentials,
        role,
        at,
        note.version,
        note.version_hash(),
        review_words.attestation_of(mode),
    )
    return replace(note.review_approved(signature, COMMENTS[2:]), state=state)


def row_of(note: Note) -> ReviewRow:
    """The note's last round, as the practice counts it."""
    review = note.reviews[-1]
    asked, due = review.asked_at, review.asked_at + timedelta(hours=48)
    row = ReviewRow(note.id, len(note.reviews), note.clinician_id, review.supervisors, review.mode, asked, due, due)
    return replace(row, outcome=review.outcome, decided_by=review.by, decided_at=review.at)


def beside(shown: Shown, note: Note, hours: int = 5) -> Shown:
    """Who is who, and that it is so many hours later."""
    names = {person.id: person.name for person in (MIRIAM, TOBIAS)}
    names[note.clinician_id] = "Rosa Delgado"
    now = note.created_at + timedelta(hours=hours)
    return replace(shown, names=names, now=now, due_at=row_of(note).due_at if note.reviews else None)


def review_cards(draft: Note, shown: Shown, filed: Shown) -> Mapping[str, Card]:
    """Of the channel, of a supervisor, and of the author."""
    waiting, asked, changed, done = in_review(draft), with_changes(draft), edited(draft), approved(draft)
    every = ("client_code", "format", "status", "age", "clinician", "session_date")
    least = replace(beside(shown, waiting, 60), card_shows=())
    withdrawn = waiting.withdrawn(draft.clinician_id, draft.created_at + timedelta(hours=1))
    reviewed = approved(draft, Mode.APPROVE)
    return {
        "review_channel": review_channel_card(waiting, row_of(waiting), beside(shown, waiting)),
        "review_channel_all": review_channel_card(
            waiting, row_of(waiting), replace(beside(shown, waiting), card_shows=every)
        ),
        "review_channel_least": review_channel_card(waiting, row_of(waiting), least),
        "review_channel_cosigned": review_channel_card(done, row_of(done), beside(shown, done)),
        "review_channel_approved": review_channel_card(reviewed, row_of(reviewed), beside(shown, reviewed)),
        "review_channel_changes": review_channel_card(asked, row_of(asked), beside(shown, asked)),
        "review_channel_withdrawn": review_channel_card(withdrawn, row_of(withdrawn), beside(shown, withdrawn)),
        "review_request": review_request_card(waiting, row_of(waiting), beside(shown, waiting)),
        "review_message": review_forms.review_message(waiting, beside(shown, waiting), look(Mode.COSIGN)),
        "review_pointer": review_forms.review_pointer(waiting),
        "in_review": screens.card_for(waiting, beside(shown, waiting)),
        "changes_requested": screens.card_for(asked, beside(shown, asked)),
        "changes_made": screens.card_for(changed, beside(shown, changed)),
        "taken_back": screens.card_for(withdrawn, beside(shown, withdrawn)),
        "signed_cosigned": screens.card_for(done, beside(shown, done)),
        "receipt_cosigned": screens.card_for(approved(draft, state=State.FILED), beside(filed, done)),
        "receipt_reviewed": screens.card_for(approved(draft, Mode.APPROVE, State.FILED), beside(filed, done)),
    }


def review_dialogs(draft: Note, shown: Shown) -> Mapping[str, Form]:
    """The supervisor's dialogs, and the author's that show comments."""
    first = replace(in_review(draft, Mode.APPROVE), held=(_HELD,), left_out=(3,))
    again, asked, done = in_review(edited(draft)), edited(draft), approved(draft)
    unchanged = in_review(with_changes(draft))
    open_checks = replace(look(Mode.APPROVE), gaps=(Gap("goal_named", "A goal of the plan", "Which?", Slot.GOAL),))
    return {
        "review": review_forms.review_form(first, beside(shown, first), open_checks),
        "review_again": review_forms.review_form(again, beside(shown, again), look(Mode.COSIGN)),
        "review_unchanged": review_forms.review_form(unchanged, beside(shown, unchanged), look(Mode.COSIGN)),
        "review_reassign": review_forms.reassign_form(again, [MIRIAM, TOBIAS]),
        "review_reassign_nobody": review_forms.reassign_form(again, []),
        "review_snooze": review_forms.snooze_form(again),
        "review_comments": review_forms.comments_form(done, beside(shown, done)),
        "review_comments_none": review_forms.comments_form(draft, shown),
        "edit_with_comments": edit_form(asked, shown.formats[asked.format_id], beside(shown, asked).telling),
    }


def look(mode: Mode) -> review_forms.Look:
    """Who looks, with all checks green."""
    return review_forms.Look(MIRIAM, review_words.attestation_of(mode))


def long_review(draft: Note, shown: Shown) -> Form:
    """As long as a note may be, after a round of comments."""
    note = in_review(with_changes(draft))
    return review_forms.review_form(note, beside(shown, note), look(Mode.COSIGN))

"""Example data for what a practice's own style finds: on a card, in the dialog that settles it, and at signing."""

from dataclasses import replace

from bot.cards.elements import Form
from bot.cards.forms import context_of, sign_form
from bot.cards.house_screens import settle_form
from bot.domain.formats import Format
from bot.domain.house import Code, Finding
from bot.domain.ids import StatementId
from bot.domain.note import Note
from bot.domain.people import Person
from bot.domain.statements import Slot, Statement

AGAINST_HOUSE = (
    Finding(Code.BANNED, "tearful", "s3", True, "It says <little>", "what was seen"),
    Finding(Code.BANNED, "calm*", "s3", True),
    Finding(Code.CHECK, "Start and stop time", "check.start_and_stop", True, question="When did it start & stop?"),
    Finding(Code.SECTION, "Assessment", "section.assessment", True, "What you <make> of it", slot=Slot.ASSESSMENT),
    Finding(Code.CLIENT_WORD, "client", instead="patient"),
    Finding(Code.QUOTATION, "2"),
)


def house_dialogs(note: Note, fmt: Format, signer: Person) -> dict[str, Form]:
    """What settles the house style, and what is said of it to whoever signs."""
    hints = tuple(finding for finding in AGAINST_HOUSE if not finding.stops)
    return {
        "settle": settle_form(note, AGAINST_HOUSE, context_of(note)),
        "sign_with_hints": sign_form(note, fmt, signer, None, hints, AGAINST_HOUSE[2:4]),
    }


def huge_settle(note: Note) -> Form:
    """Twenty sentences as long as an input, with a banned phrase each."""
    statements = tuple(Statement(StatementId(f"s{n}"), Slot.REPORT, "a <calm> day. " * 200) for n in range(20))
    against = tuple(Finding(Code.BANNED, "calm", f"s{n}", True, "why " * 50) for n in range(20))
    return settle_form(replace(note, statements=statements), (*against, *AGAINST_HOUSE[2:]), context_of(note))

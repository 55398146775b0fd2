"""What a note's author sees of its review: who has it, what they asked for beside each section, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards import review_words as words
from bot.cards.after_screens import moment
from bot.cards.changes import change_lines, changes_between
from bot.cards.elements import Actions, Button, Confirm, Element, Prose, Remark, Sentence
from bot.domain.ids import PersonId
from bot.domain.note import Note, State
from bot.domain.review import Outcome, Review

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Telling:
    """In whose words a review is told: the people's names, and the reader's time zone."""

    names: Mapping[PersonId, str]
    timezone: str

    def name(self, person: PersonId | None) -> str:
        """Who it is; one who left the list is still somebody."""
        return (self.names.get(person, "") if person else "") or words.SOMEBODY

    def at(self, moment_: datetime | None) -> str:
        """When it was, in words; empty when it never was."""
        return moment(moment_, self.timezone) if moment_ else ""


NOBODY = Telling({}, "UTC")


def waiting_elements(note: Note, name: str, client: str, due_at: datetime | None, telling: Telling) -> list[Element]:
    """While a supervisor has it: who, since when, until when, and the way back. `name`: `SOAP`, `client`: ` for …`."""
    review = note.review
    if review is None:
        return []
    people = words.any_of([telling.name(person) for person in review.supervisors]) or words.SOMEBODY
    since = telling.at(review.asked_at)
    locked = words.IN_REVIEW_DUE if due_at else words.IN_REVIEW_LOCKED
    really = Confirm(words.WITHDRAW_TITLE, words.WITHDRAW_TEXT, words.WITHDRAW_YES, words.WITHDRAW_NO)
    back = Button("review_withdraw", words.WITHDRAW, note.id, confirm=really)
    return [
        Sentence(words.IN_REVIEW.format(name=name, client=client, supervisors=people)),
        Remark(locked.format(since=since, at=telling.at(due_at))),
        Actions("review", (back,)),
    ]


def asked_elements(note: Note, telling: Telling) -> list[Element]:
    """On top of a draft in which changes were asked for: who, when, and what of it is about the whole note."""
    last, asked = note.review, asked_for(note)
    if last is None or note.state not in (State.DRAFT, State.CHANGES_REQUESTED):
        return []
    said: list[Element] = []
    if last.outcome is Outcome.WITHDRAWN:
        said.append(Sentence(words.WITHDRAWN.format(at=telling.at(last.at))))
    if asked:
        line = words.CHANGES_ASKED.format(who=telling.name(asked.by), at=telling.at(asked.at))
        said += [Sentence(line), *comments_on(note, "", telling), Remark(words.CHANGES_HINT)]
    return said


def comments_on(note: Note, section: str, telling: Telling, title: str = words.ON_WHOLE) -> list[Prose]:
    """What was asked for in the last round about one section (its key and title; empty for the whole note)."""
    asked = asked_for(note)
    texts = tuple(comment.text for comment in asked.comments if comment.section == section) if asked else ()
    return (
        [Prose(words.COMMENT_TITLE.format(who=telling.name(asked.by), section=title), texts)] if asked and texts else []
    )


def comments_elsewhere(note: Note, sections: Sequence[str], telling: Telling) -> list[Prose]:
    """Remarks about sections that the note's format does not have any more: none may get lost."""
    asked = asked_for(note)
    gone = dict.fromkeys(c.section for c in asked.comments if c.section and c.section not in sections) if asked else {}
    return [prose for section in gone for prose in comments_on(note, section, telling, words.ON_EARLIER)]


def since_review_elements(note: Note) -> list[Element]:
    """What the author changed since the version that was reviewed."""
    if asked_for(note) is None:
        return []
    lines = _changed(note)
    if not lines:
        return [Remark(words.NO_CHANGES_YET)]
    more = [Remark(words.MORE_CHANGES.format(count=len(lines) - _SHOWN))] if len(lines) > _SHOWN else []
    return [Prose(words.CHANGES_SINCE, tuple(lines[:_SHOWN]), bullets=True), *more]


def answers(note: Note) -> bool:
    """Whether the author changed anything since changes were asked for."""
    return bool(_changed(note))


def _changed(note: Note) -> list[str]:
    asked = asked_for(note)
    return list(change_lines(changes_between(asked.statements, note.statements))) if asked else []


def asked_for(note: Note) -> Review | None:
    """The round whose changes are still to be made: the last one that a supervisor decided, if they asked for any."""
    decided = [review for review in note.reviews if review.outcome in (Outcome.CHANGES, Outcome.APPROVED)]
    return decided[-1] if decided and decided[-1].outcome is Outcome.CHANGES else None


def signers(note: Note) -> str:
    """Who signed, in order: `Rosa Delgado, LPC-Associate · co-signed by Miriam Weiss, PsyD`."""
    said: list[str] = []
    for signature in note.standing:
        who = f"{signature.name}, {signature.credentials}" if signature.credentials else signature.name
        said.append(words.WITH_REVIEW[signature.role].format(who=who) if signature.role in words.WITH_REVIEW else who)
    return " · ".join(said)


def signed_by(note: Note) -> str:
    """The author's name, and a supervisor's with what they did: `Rosa Delgado · co-signed by Miriam Weiss, PsyD`."""
    author, *others = note.standing
    return " · ".join([author.name, *filter(None, [signers(replace(note, signatures=tuple(others), void=0))])])


def comments_row(note: Note) -> list[Actions]:
    """On a signed note: the way to what a supervisor wrote about it, where they wrote anything."""
    said = any(review.comments for review in note.reviews)
    return [Actions("comments", (Button("review_comments", words.COMMENTS, note.id),))] if said else []

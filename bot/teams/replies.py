"""The answers to Teams' invokes, as Teams wants them: a card, a sentence, a dialog that opens, goes on or closes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.cards.elements import Card, Form, Sentence
from bot.teams.app import Reply
from bot.teams.blocks import Block
from bot.teams.chat import CARD_TYPE
from bot.teams.pages import pages
from bot.teams.render import render_card, render_form, title_of

_SENTENCE_TYPE = "application/vnd.microsoft.activity.message"
_HANDLED = Reply()
FORMS_OF_NOTES = frozenset({"edit", "details", "ask", "goals", "decide", "settle", "sign", "read", "why"})
READING = "view"  # of a signed note: nothing is typed in it, and the note's text is not to stay in the chat
FORMS_OF_SIGNED = frozenset({READING, "addendum", "amend", "retract"})  # what is typed in these stays until it is sent


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as it is to stand there: its page, sentences beside inputs, and the client codes to choose from.

    `searched`: more codes are found by typing. `whole`: everything on one page, since what was typed must stand there.
    `notice`: said above everything else. `refused`: it holds what was typed and not taken.
    """

    form: Form
    page: int = 0
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    clients: Sequence[str] = ()
    searched: bool = False
    whole: bool = False
    notice: str = ""
    refused: bool = False

    def block(self, *, inline: bool) -> Block:
        """The card of this page."""
        parts = (self.form,) if self.whole else pages(self.form)
        page = min(self.page, len(parts) - 1)
        shown = parts[page]
        if self.notice:
            shown = replace(shown, fields=(Sentence(self.notice), *shown.fields))
        return render_form(shown, self.clients, page, inline, self.errors, self.searched)


def card_reply(card: Card, dialogs: bool) -> Reply:
    """The card that was pressed, as it is now. `dialogs`: as for `render_card`."""
    return block_reply(render_card(card, dialogs))


def block_reply(block: Block) -> Reply:
    """What stands now in the place of the card that was pressed."""
    return Reply({"statusCode": 200, "type": CARD_TYPE, "value": block})


def sentence_reply(sentence: str) -> Reply:
    """Said to the person who pressed, for their eyes only; the card stays."""
    return Reply({"statusCode": 200, "type": _SENTENCE_TYPE, "value": sentence})


def dialog_reply(shown: Shown) -> Reply:
    """The dialog opens, or goes on, with this form."""
    card = {"contentType": CARD_TYPE, "content": shown.block(inline=False)}
    value = {"title": title_of(shown.form), "height": "large", "width": "medium", "card": card}
    return Reply({"task": {"type": "continue", "value": value}})


def dialog_sentence(sentence: str) -> Reply:
    """The dialog only says something."""
    return Reply({"task": {"type": "message", "value": sentence}})


def dialog_closed() -> Reply:
    """The dialog closes."""
    return _HANDLED

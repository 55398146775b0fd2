"""What Teams sends, as our own values. Pure; what people typed comes out as the characters they typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, cast

from bot.acts.presses import Press
from bot.acts.sent_forms import Sent
from bot.domain.ids import NoteId
from bot.teams.activity import Activity
from bot.teams.blocks import NOBODY
from bot.teams.pages import NEW

Data = Mapping[str, Any]
# What our buttons carry; everything else that comes with a press is an input of its card or dialog.
_OURS = frozenset({"action", "note", "item", "form", "context", "page", "more", "close", "msteams"})
_NOT_FILES = ("text/html", "application/vnd.microsoft.card")
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote", "pre", "ul", "ol", "table"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A button with what stands in the inputs around it. `form` is empty when the button stands on a card.

    `more`: the form has further pages. `close`: the person wants to leave the form.
    """

    action: str
    note: str
    item: str
    form: str
    context: str
    page: int
    more: bool
    close: bool
    values: Mapping[str, str]

    @property
    def id(self) -> str:
        """The opaque id that the form is about."""
        return self.context.rpartition(":")[0]

    def press(self) -> Press:
        """The button as every chat knows it."""
        return Press(self.action, NoteId(self.note), self.item, self.values.get(self.action, ""))

    def sent(self, delivery: str) -> Sent:
        """The form as every chat knows it."""
        version = self.context.rpartition(":")[2]
        seen = int(version) if version.isascii() and version.isdigit() else 0
        return Sent(self.form, NoteId(self.id), seen, self.values, delivery)


def parse_entry(activity: Activity) -> Entry:
    """A press on a card, in a dialog or, where a chat knows neither, as a message that carries the data."""
    value = activity.value
    executed = _object(value.get("action"))  # of an invoke; a message carries our data itself
    data = value if activity.type == "message" else _object(executed.get("data") or value.get("data"))
    page = data.get("page")
    return Entry(
        action=_text(data.get("action")) or _text(executed.get("verb")),
        note=_text(data.get("note")),
        item=_text(data.get("item")),
        form=_text(data.get("form")),
        context=_text(data.get("context")),
        page=page if type(page) is int and 0 <= page < 100 else 0,
        more=data.get("more") is True,
        close=data.get("close") is True,
        values=_values(data),
    )


def typed_text(activity: Activity) -> str:
    """The message as typed; a mention of the bot itself is left out."""
    text = activity.text
    for entity in _objects(activity.raw.get("entities")):
        mentioned = _object(entity.get("mentioned"))
        if entity.get("type") == "mention" and mentioned.get("id") == activity.bot_id:
            text = text.replace(_text(entity.get("text")), "", 1)
    return text.replace("\r\n", "\n").strip()


def attached(activity: Activity) -> tuple[str, ...]:
    """Media types and names of what was attached; Teams attaches every formatted text once more, as HTML."""
    files = _objects(activity.raw.get("attachments"))
    real = [file for file in files if not _text(file.get("contentType")).startswith(_NOT_FILES)]
    return tuple(_text(file.get(key)) for file in real for key in ("contentType", "name"))


def was_edited(activity: Activity) -> bool:
    """Whether a message has another text now, rather than being brought back."""
    return _text(_object(activity.raw.get("channelData")).get("eventType")) != "undeleteMessage"


def bot_arrived(activity: Activity) -> bool:
    """Whether this tells that the bot itself was added."""
    if activity.type == "installationUpdate":
        return _text(activity.raw.get("action")).startswith("add")
    return any(member.get("id") == activity.bot_id for member in _objects(activity.raw.get("membersAdded")))


def sender_name(activity: Activity) -> str:
    """What Teams calls who acted; shown to people, and never who they are."""
    return _text(_object(activity.raw.get("from")).get("name")).strip()[:80]


def message_of(activity: Activity) -> tuple[str, str, str]:
    """Of a message that a menu entry was used on: who wrote it, its id, and its text."""
    payload = _object(activity.value.get("messagePayload"))
    author = _object(_object(payload.get("from")).get("user"))
    body = _object(payload.get("body"))
    content = _text(body.get("content"))
    text = plain_text(content) if body.get("contentType") == "html" else content
    return _text(author.get("id")).lower(), _text(payload.get("id")), text.strip()


def plain_text(html: str) -> str:
    """The characters of a formatted message; paragraphs and list items on lines of their own. Quotes are left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.parts)).strip()


class _Reader(HTMLParser):
    """Collects the text of an HTML message, without what somebody else wrote and it answers to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._quotes: list[int] = []  # where each open one begins

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quotes.append(len(self.parts))
        if tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote" and self._quotes:
            del self.parts[self._quotes.pop() :]
        if tag in _BLOCKS and tag not in ("li", "br"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\xa0", " "))


def _values(data: Data) -> dict[str, str]:
    """Input name → text. A new client's code stands in a box of its own, and counts before a chosen one."""
    values = {name: _text(value) for name, value in data.items() if name not in _OURS}
    for name in [name for name in values if name.endswith(NEW)]:
        new = values.pop(name).strip()
        chosen = name.removesuffix(NEW)
        values[chosen] = new or values.get(chosen, "").removeprefix(NOBODY)
    return values


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else str(value)
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _object(value: object) -> Data:
    return cast("Data", value) if isinstance(value, dict) else {}


def _objects(value: object) -> list[Data]:
    return [_object(each) for each in cast("list[object]", value)] if isinstance(value, list) else []

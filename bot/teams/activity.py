"""An activity of Teams as a value of ours, read from bytes that anybody may have sent. Refuses what has not its shape.

Nothing here raises anything but BadActivity, and no text of an activity is shown by `repr` or by an error.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

DEEPEST = 40
_LONGEST_ID = 2048
_LARGEST_INT = 2**63 - 1
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


class BadActivity(Exception):
    """The body is not an activity we can read. `code` says why and is safe to log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Activity:
    """What somebody did in Teams. Who it was is `user_id` (Entra's object id), never a name; "" when Teams did not say.

    `sender_id` and `bot_id` are Teams' own ids of the person and of the bot. `value` is an invoke's or a submit's data,
    `reply_to` the id of the message it was pressed on, `raw` all of it.
    """

    type: str
    name: str
    id: str
    service_url: str
    tenant_id: str
    user_id: str
    sender_id: str
    bot_id: str
    conversation_id: str
    conversation_type: str
    text: str = field(repr=False)
    text_format: str
    reply_to: str
    value: Mapping[str, Any] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def channel_id(self) -> str:
        """The Bot Framework's channel, `msteams` when it comes from Teams."""
        return str(self.raw.get("channelId", ""))

    @property
    def personal(self) -> bool:
        """Whether only this person and the bot can read the conversation."""
        return self.conversation_type == "personal"


def read_activity(body: bytes) -> Activity:
    """The activity in an HTTP body. Raises BadActivity, and nothing else."""
    raw = _plain(_parsed(body))
    _id(raw, "channelId")
    sender, bot, conversation = (_object(raw, name) for name in ("from", "recipient", "conversation"))
    kind = _id(raw, "type")
    return Activity(
        type=kind,
        name=_id(raw, "name", needed=False),
        id=_id(raw, "id", needed=kind == "message"),  # two without one would be taken for the same
        service_url=_id(raw, "serviceUrl"),
        tenant_id=_tenant(raw, conversation),
        user_id=_id(sender, "aadObjectId", needed=False),
        sender_id=_id(sender, "id"),
        bot_id=_id(bot, "id"),
        conversation_id=_id(conversation, "id"),
        conversation_type=_id(conversation, "conversationType", needed=False),
        text=_text(raw, "text"),
        text_format=_id(raw, "textFormat", needed=False),
        reply_to=_id(raw, "replyToId", needed=False),
        value=_object(raw, "value", needed=False),
        raw=raw,
    )


def _parsed(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise BadActivity("too_deep") from None
    except ValueError:  # also a number of more digits than Python reads
        raise BadActivity("not_json") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members; the same name twice means one thing to us and another to whoever signed it."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadActivity("same_name_twice")
    return members


def _no_number(_: str) -> NoReturn:
    raise BadActivity("not_a_number")


def _plain(value: Any) -> dict[str, Any]:
    """`value`, once every part of it is known to be something that can be stored and written again."""
    if not isinstance(value, dict):
        raise BadActivity("not_an_object")
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [part for outer in level for part in _inside(outer)]
        if not level:
            return cast("dict[str, Any]", value)
    raise BadActivity("too_deep")


def _inside(value: Any) -> list[Any]:
    """The parts of a list or an object; a name is looked at like any other text."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return [*members.keys(), *members.values()]
    if isinstance(value, list):
        return cast("list[Any]", value)
    _check(value)
    return []


def _check(value: Any) -> None:
    if isinstance(value, str) and _HALF_A_CHARACTER.search(value):
        raise BadActivity("half_a_character")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadActivity("not_a_number")
    if isinstance(value, int) and abs(value) > _LARGEST_INT:
        raise BadActivity("not_a_number")


def _id(where: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    """An id or a name of Teams' own: short, printable, all on one line."""
    value = _text(where, name)
    if needed and not value:
        raise BadActivity(f"no_{name}")
    if len(value) > _LONGEST_ID or not value.isprintable():
        raise BadActivity(f"bad_{name}")
    return value


def _text(where: Mapping[str, Any], name: str) -> str:
    value = where.get(name)
    if value is not None and not isinstance(value, str):
        raise BadActivity(f"bad_{name}")
    return value or ""


def _object(where: Mapping[str, Any], name: str, *, needed: bool = True) -> Mapping[str, Any]:
    value = where.get(name)
    if value is None:
        if needed:
            raise BadActivity(f"no_{name}")
        return {}
    if not isinstance(value, dict):
        raise BadActivity(f"bad_{name}")
    return cast("Mapping[str, Any]", value)


def _tenant(raw: Mapping[str, Any], conversation: Mapping[str, Any]) -> str:
    """The tenant that Teams names in one or two places. Two different ones are nobody's."""
    channel_data = _object(raw, "channelData", needed=False)
    tenant = _object(channel_data, "tenant", needed=False)
    named = {_id(conversation, "tenantId", needed=False).lower(), _id(tenant, "id", needed=False).lower()} - {""}
    if len(named) > 1:
        raise BadActivity("two_tenants")
    return named.pop() if named else ""

"""Two practices that have everything in common but their place, and somebody of one who knows ids of the other."""

import asyncio
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, select

from demo.delivery import Outcome
from demo.driver import Person
from demo.several import JUNIPER, LARKSPUR, Several, Tenancy
from demo.workspace import Workspace
from storage.models import metadata
from tests.slack.test_main_job import card, dialog, posted, text_of
from tests.slack.test_reviews import HAYES, submit

OKAFOR = "U0EXAMPLE03"
CLIENT = "JH-012"
SUMMARY = "Client slept 4 hours and practiced paced breathing. Exposure step 2 next week."
Rows = Mapping[str, list[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of the other practice: a draft, a signed note, a plan, a note in review; or ids of nobody."""

    draft: str
    signed: str
    plan: str
    review: str


NOBODY = Known(*(secrets.token_hex(16) for _ in range(4)))


def rows_of(product: Several, tenancy: Tenancy) -> Rows:
    """Everything that is stored of a practice."""
    engine = create_engine(product.hosted(tenancy).desk.database.writers.engine.url)
    try:
        with engine.connect() as connection:
            return {
                table.name: [
                    tuple(row) for row in connection.execute(select(table).where(table.c.practice_id == tenancy.id))
                ]
                for table in metadata.sorted_tables
                if "practice_id" in table.c
            }
    finally:
        engine.dispose()


async def write(product: Several, tenancy: Tenancy, client: str = CLIENT) -> Person:
    """A draft in the person's direct conversation."""
    person = Person(product.workspace(tenancy), OKAFOR)
    before = len(posted(person))
    await person.command("/note", f"soap {client} yesterday 10:00 50min: {SUMMARY}")
    await person.until(lambda: len(posted(person)) > before and client in text_of(card(person)))
    return person


async def sign(person: Person) -> None:
    form = await dialog(person, "sign", "sign")
    await person.submit(form)
    await person.until(lambda: "Filed" in card(person).text or "filed" in card(person).text, within=15)


async def known_of(product: Several, tenancy: Tenancy) -> Known:
    """A practice with a signed note, a draft, the example plans, and a note that waits for its supervisors."""
    await sign(await write(product, tenancy))
    await write(product, tenancy)
    hosted = product.hosted(tenancy)
    async with hosted.desk.database.reading(hosted.id) as unit:
        started = [act.note_id for act in await unit.audit.acts() if act.act == "started"]
        plan = await unit.plans.id_of(CLIENT)
    await submit(Person(product.workspace(tenancy), HAYES))
    async with hosted.desk.database.reading(hosted.id) as unit:
        [waits] = await unit.reviews.waiting(None, 9)
    return Known(str(started[1]), str(started[0]), str(plan), str(waits.note_id))


async def settled(product: Several) -> None:
    """Wait until nothing more is said."""
    said = -1
    while said != (said := sum(len(workspace.sent) for workspace in product.workspaces.values())):
        await product.application.work.idle()
        await asyncio.sleep(0.15)


class Neighbour:
    """Somebody of one practice, with a client that sends whatever she wants, rightly signed by Slack."""

    def __init__(self, product: Several, tenancy: Tenancy = LARKSPUR) -> None:
        self.product, self.workspace = product, product.workspace(tenancy)
        self.person = Person(self.workspace, OKAFOR)

    async def press(self, action: str, row: str, values: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Press something; all that she hears of it."""
        message = card(self.person)
        container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
        pressed = {"type": "button", "action_id": action, "block_id": row, **(values or {})}
        return await self._heard(
            {"type": "block_actions", "container": container, "actions": [pressed], **more}, message.ts
        )

    async def submit(self, form: str, metadata_: str, values: Mapping[str, str], kind: str = "view_submission") -> str:
        """Send a dialog; all that she hears of it."""
        state = {name: {"input": {"type": "plain_text_input", "value": value}} for name, value in values.items()}
        view = {
            "id": "V0NEIGHBOUR",
            "root_view_id": "V0NEIGHBOUR",
            "hash": "1.1",
            "type": "modal",
            "callback_id": form,
            "private_metadata": metadata_,
            "title": {"type": "plain_text", "text": "Afternote"},
            "blocks": [],
            "state": {"values": state},
        }
        actions = [{"type": "button", "action_id": "save_draft", "block_id": "b"}] if kind == "block_actions" else []
        return await self._heard({"type": kind, "view": view, "actions": actions}, None)

    async def look_up(self, typed: str) -> str:
        """Type into a field that offers client codes."""
        asked = {"type": "block_suggestion", "action_id": "client", "block_id": "client", "value": typed}
        return await self._heard(asked, None)

    async def command(self, text: str) -> str:
        form = {
            "command": "/note",
            "text": text,
            "team_id": self.workspace.team_id,
            "user_id": OKAFOR,
            "channel_id": self.person.dm(),
            "trigger_id": self.workspace.triggers.issue(OKAFOR),
            "response_url": "",
        }
        before = len(self.workspace.sent)
        outcome = await self.workspace.delivery.command(form)
        return await self._all(before, outcome)

    async def _heard(self, payload: dict[str, Any], ts: str | None) -> str:
        workspace, before, in_view = self.workspace, len(self.workspace.sent), bool(payload.pop("in_view", False))
        url = workspace.response_urls.issue(self.person.dm(), OKAFOR, ts)
        body = {
            "user": {"id": OKAFOR, "team_id": workspace.team_id},
            "team": {"id": workspace.team_id},
            "trigger_id": workspace.triggers.issue(OKAFOR, in_view),
            "response_url": f"{workspace.url}/response/{url}",
            **payload,
        }
        return await self._all(before, await workspace.delivery.interaction(body))

    async def _all(self, before: int, outcome: Outcome) -> str:
        """The answer and everything that was said in her workspace, without what differs from one time to the next."""
        await settled(self.product)
        said = [f"{sent.method} {sent.body.decode()}" for sent in self.workspace.sent[before:] if sent.method != "ack"]
        text = json.dumps([outcome.status, outcome.body, *said])
        return re.sub(r"V[0-9A-F]{10}|\d{1,12}\.\d{1,12}\.[0-9a-f]{32}|\d{10}\.[0-9a-f]{8}", "*", text)


def without(said: str, ids: Known) -> str:
    """What was heard, with the ids that were asked for left out."""
    for number, known in enumerate((ids.draft, ids.signed, ids.plan, ids.review)):
        said = said.replace(known, f"<{number}>")
    return said


def everywhere(workspace: Workspace) -> bytes:
    """Every byte that the bot said in a workspace."""
    return b"\n".join(sent.body for sent in workspace.sent)


BOTH_WAYS = [(LARKSPUR, JUNIPER), (JUNIPER, LARKSPUR)]

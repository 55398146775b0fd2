"""Somebody of one tenant with the ids of another practice, in Teams, by rightly signed requests. One bot serves both.

The table of cases is printed.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.acts.filing import ANSWERS
from bot.acts.presses import DIALOGS
from bot.domain.errors import UserMistake
from bot.settings import Settings
from bot.teams.app import ROUTE
from bot.wiring import running
from demo.bot_service import BotService
from demo.plans import load_examples
from demo.several import BOTH, JUNIPER, LARKSPUR, Several, Tenancy, practice_files, several
from demo.teams_person import TeamsPerson
from tests.hosting.neighbours import CLIENT, NOBODY, SUMMARY, Known, rows_of, settled, without

TABLE = "Another practice's ids, in Teams"
ELSEWHERE = Tenancy("elsewhere", "Nobody's", "T0NOBODYS1", "00000000-0000-4000-8000-0000000000cc")
Ask = Callable[["Neighbour", Known], Awaitable[Any]]
OKAFOR = 3


class OfTenant:
    """Microsoft's service, as people of one tenant are served by it."""

    def __init__(self, service: BotService, tenancy: Tenancy) -> None:
        self._service, self._tenancy = service, tenancy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def activity(self, kind: str = "message", **fields: Any) -> dict[str, Any]:
        made = self._service.activity(kind, **fields)
        tenant = self._tenancy.tenant
        chat = f"{made['conversation']['id']}-{self._tenancy.id}"
        return made | {
            "conversation": made["conversation"] | {"id": chat, "tenantId": tenant},
            "channelData": {"tenant": {"id": tenant}},
        }


class Neighbour(TeamsPerson):
    """Somebody of one practice, whose client sends whatever she wants."""

    def __init__(self, service: BotService, tenancy: Tenancy) -> None:
        super().__init__(OfTenant(service, tenancy), OKAFOR)  # type: ignore[arg-type]
        self.chat = f"a:chat-{OKAFOR}-{tenancy.id}"

    async def act(self, action: str, note: str, item: str = "", **typed: str) -> Any:
        data = {"action": action, "note": note, "item": item, **typed}
        value = {"action": {"type": "Action.Execute", "verb": action, "data": data}, "trigger": "manual"}
        return await self.invoke("adaptiveCard/action", value)

    async def fetch(self, action: str, note: str) -> Any:
        return await self.invoke("task/fetch", {"data": {"action": action, "note": note}})

    async def send(self, form: str, about: str, **typed: str) -> Any:
        return await self.invoke("task/submit", {"data": {"form": form, "context": f"{about}:1", **typed}})


@dataclass(frozen=True, slots=True)
class Street:
    """Both practices, the bot's one registration, and what is known of the other one."""

    product: Several
    service: BotService
    theirs: Known


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with BotService() as service:
        own = {**service.settings(), "MicrosoftAppType": "MultiTenant", "MicrosoftAppTenantId": ""}
        async with several(tmp_path / "home", **own) as product:
            service.bot_url = f"{product.application.url}{ROUTE}"
            for tenancy in BOTH:
                await load_examples(product.hosted(tenancy).desk)
            theirs = await known_of(product, Neighbour(service, JUNIPER))
            chidinma = Neighbour(service, LARKSPUR)
            await chidinma.say(f"soap {CLIENT} yesterday 10:00 50min\n{SUMMARY}")
            await chidinma.until(lambda: CLIENT in json.dumps(chidinma.messages()))
            await settled(product)
            yield Street(product, service, theirs)


async def known_of(product: Several, person: Neighbour) -> Known:
    hosted = product.hosted(JUNIPER)
    await person.say(f"soap {CLIENT} yesterday 10:00 50min\n{SUMMARY}")
    await person.until(lambda: "Approve" in json.dumps(person.messages()))
    await person.submit(await person.open("sign"))
    await product.application.work.idle()
    await person.say(f"soap {CLIENT} today 50min\n{SUMMARY} He called his sister.")
    await settled(product)
    async with hosted.desk.database.reading(hosted.id) as unit:
        acts = await unit.audit.acts()
        started = [act.note_id for act in acts if act.act == "started"]
        assert [act.note_id for act in acts if act.act == "signed"] == started[:1]
        plan = await unit.plans.id_of(CLIENT)
    return Known(str(started[1]), str(started[0]), str(plan), NOBODY.review)


def pressed(action: str, of: str = "draft", item: str = "", **typed: str) -> Ask:
    return lambda neighbour, ids: neighbour.act(action, getattr(ids, of), item, **typed)


def opened(action: str, of: str = "draft") -> Ask:
    return lambda neighbour, ids: neighbour.fetch(action, getattr(ids, of))


def sent(form: str, of: str = "draft", **typed: str) -> Ask:
    values = {name.replace("__", "."): value for name, value in typed.items()}
    return lambda neighbour, ids: neighbour.send(form, getattr(ids, of), **values)


CASES: dict[str, Ask] = {
    **{f"dialog {name}": opened(name, "signed" if dialog.signed else "draft") for name, dialog in DIALOGS.items()},
    "format": pressed("format_birp"),
    "format from the menu": pressed("format_menu", format_menu="dap"),
    "client": pressed("pick_client", pick_client=CLIENT),
    "date": pressed("pick_date", pick_date="2026-11-20"),
    "undo": pressed("undo"),
    "sort now": pressed("sort_now"),
    "discard": pressed("discard"),
    "take a statement": pressed("take", item="s1"),
    "place a point": pressed("add_point", item="1"),
    **{f"filing {answer.value}": pressed(action, "signed", "folder") for action, answer in ANSWERS.items()},
    "sent: edit": sent("edit", section__plan__0__line="Mine now."),
    "sent: details": sent("details", missing__plan="Mine now."),
    "sent: decide": sent("decide", point__1="out"),
    "sent: sign": sent("sign"),
    "sent: addendum": sent("addendum", "signed", text="Mine now."),
    "sent: amend": sent("amend", "signed", section__plan__0__line="Mine now.", reason="Mine."),
    "sent: retract": sent("retract", "signed", reason="Mine."),
    "sent: goals": sent("goals", goals="g1"),
}


async def test_another_practices_ids_are_as_good_as_none(street: Street, record_property: Callable[[str, Any], None]):
    product, neighbour = street.product, Neighbour(street.service, LARKSPUR)
    before = rows_of(product, JUNIPER)
    theirs = [chat for chat in street.service.shown.items() if JUNIPER.id in chat[0][0]]
    assert before["notes"]
    assert theirs
    wrong: list[str] = []
    for case, ask in CASES.items():
        heard, nothing = [_said(without(json.dumps(await ask(neighbour, ids)), ids)) for ids in (street.theirs, NOBODY)]
        await settled(product)
        same, untouched = heard == nothing, rows_of(product, JUNIPER) == before
        told = f"{'the same words' if same else 'OTHER WORDS':<16}{'nothing changed' if untouched else 'CHANGED'}"
        record_property(f"table: {TABLE}", f"{case:<32}{told}")
        if not (same and untouched and "any more" in heard):
            wrong.append(f"{case}:\n  {heard}\n  {nothing}")
    assert not wrong, "\n".join(wrong)
    assert [chat for chat in street.service.shown.items() if JUNIPER.id in chat[0][0]] == theirs


def _said(answer: str) -> str:
    return re.sub(r"[0-9a-f]{16,}", "*", answer)


async def test_a_summary_reaches_the_practice_of_its_tenant_only(street: Street):
    counts = {tenancy.id: len(rows_of(street.product, tenancy)["notes"]) for tenancy in BOTH}
    chidinma = Neighbour(street.service, LARKSPUR)
    await chidinma.say(f"birp MK-003 today 50min\n{SUMMARY}")
    await settled(street.product)
    assert len(rows_of(street.product, LARKSPUR)["notes"]) == counts[LARKSPUR.id] + 1
    assert len(rows_of(street.product, JUNIPER)["notes"]) == counts[JUNIPER.id]
    assert not any("MK-003" in json.dumps(card) for chat, card in street.service.shown.items() if JUNIPER.id in chat[0])


async def test_the_same_activity_in_two_tenants_is_two(street: Street):
    """Even under one id, in conversations of one id: what is remembered of answers is of a tenant."""
    counts = {tenancy.id: len(rows_of(street.product, tenancy)["notes"]) for tenancy in BOTH}
    for tenancy in BOTH:
        said = street.service.activity(person=OKAFOR, text=f"soap RB-021 today 50min\n{SUMMARY}", id="the-same-id")
        said["conversation"]["tenantId"] = tenancy.tenant
        said["channelData"] = {"tenant": {"id": tenancy.tenant}}
        assert (await street.service.post(said))[0] == 200
    await settled(street.product)
    for tenancy in BOTH:
        assert len(rows_of(street.product, tenancy)["notes"]) == counts[tenancy.id] + 1


async def test_a_tenant_of_nobody_is_refused_as_before(street: Street):
    said = OfTenant(street.service, ELSEWHERE).activity(person=OKAFOR, text=SUMMARY)
    assert (await street.service.post(said))[0] == 401
    both = street.service.activity(person=OKAFOR, text=SUMMARY)
    both["channelData"] = {"tenant": {"id": JUNIPER.tenant}}
    assert (await street.service.post(both))[0] == 400  # two tenants are nobody's


async def test_conversations_are_remembered_in_their_own_practice(street: Street):
    for tenancy, other in ((LARKSPUR, JUNIPER), (JUNIPER, LARKSPUR)):
        rows = json.dumps(rows_of(street.product, tenancy)["conversations"], default=str)
        assert tenancy.tenant in rows
        assert other.tenant not in rows


@pytest.mark.parametrize(
    "settings",
    [{"MicrosoftAppType": "SingleTenant"}, {"MicrosoftAppType": "MultiTenant"}],
    ids=lambda s: s.popitem()[1],
)
async def test_one_registration_for_several_tenants_is_said_to_be_multi_tenant(
    tmp_path: Path, settings: dict[str, str]
):
    async with BotService() as service:
        environment = {
            **service.settings(),
            "MicrosoftAppType": "SingleTenant",
            "AFTERNOTE_HOME": str(tmp_path),
            "AFTERNOTE_PRACTICE_FILE": str(practice_files(tmp_path)),
            **settings,
        }
        with pytest.raises(UserMistake) as refused:
            async with running(Settings.load(environment)):
                pass
    assert "MicrosoftAppType MultiTenant" in refused.value.sentence

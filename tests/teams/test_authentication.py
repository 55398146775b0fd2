"""Who may speak to the Teams endpoint: every wrong token is 401 and nothing is done. The table is printed."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from bot.settings import Settings
from bot.teams.botframework import PUBLIC, Identity, Services
from bot.teams.place import Place, trusted
from demo.bot_service import BotService
from demo.bot_tokens import SigningKey
from tests.teams.conftest import Endpoint, Tell, services_of

Json = dict[str, Any]
Case = tuple[Json, str | None]
CANARY = "zebra-canary-4417"
TABLE = "Who may speak to the Teams endpoint"
EMULATOR = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
AZURE = "https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0"
OTHER_TENANT = "00000000-0000-4000-8000-0000000000bb"


def said(service: BotService, **fields: object) -> Json:
    return service.activity(text=f"Client tearful, {CANARY}", **fields)


def with_claims(**claims: object) -> Callable[[BotService], Case]:
    """A token that is right but for these claims; a number is seconds from now."""

    def case(service: BotService) -> Case:
        at = {name: int(time.time()) + value for name, value in claims.items() if type(value) is int}
        activity = said(service)
        return activity, service.sign(activity, **{**claims, **at})

    return case


def with_fields(**fields: object) -> Callable[[BotService], Case]:
    """A token that is right for an activity that is not."""

    def case(service: BotService) -> Case:
        activity = said(service, **fields)
        return activity, service.sign(activity)

    return case


def with_header(text: str | None) -> Callable[[BotService], Case]:
    return lambda service: (said(service), text)


def changed(change: Callable[[str], str]) -> Callable[[BotService], Case]:
    """A right header, changed on its way."""

    def case(service: BotService) -> Case:
        activity = said(service)
        return activity, change(service.sign(activity))

    return case


def signed_otherwise(**how: Any) -> Callable[[BotService], Case]:
    def case(service: BotService) -> Case:
        activity = said(service)
        return activity, service.sign(activity, **how)

    return case


def forged(service: BotService) -> Case:
    activity = said(service)
    return activity, service.sign(activity, key=SigningKey(kid=service.sign_with.kid))


def endorsed_for(*channels: str) -> Callable[[BotService], Case]:
    def case(service: BotService) -> Case:
        service.rotate(endorsements=channels)
        activity = said(service)
        return activity, service.sign(activity)

    return case


def channel_of_the_same_key(service: BotService) -> Case:
    service.rotate(endorsements=("webchat", "msteams"))
    activity = said(service, channelId="webchat")
    return activity, service.sign(activity)


def from_tenant(tenant: str | None) -> Callable[[BotService], Case]:
    return with_fields(
        conversation={"id": "a:chat-1", "conversationType": "personal", "tenantId": tenant},
        channelData={"tenant": {"id": tenant}} if tenant else {},
    )


def other_body(service: BotService) -> Case:
    """A token for one serviceUrl, with an activity that names another."""
    token = service.sign(said(service))
    return said(service, serviceUrl=f"{service.url}/elsewhere/"), token


def without_signature(header: str) -> str:
    return header.rpartition(".")[0] + "."


def tampered(header: str) -> str:
    head, payload, signature = header.split(".")
    return f"{head}.{payload[:-6]}{payload[-6:][::-1]}.{signature}"


REFUSED: dict[str, Callable[[BotService], Case]] = {
    "no header": with_header(None),
    "empty header": with_header(""),
    "no token": with_header("Bearer "),
    "junk": with_header("Bearer junk"),
    "junk of three parts": with_header("Bearer a.b.c"),
    "junk that is no text": with_header("Bearer \xff.\xfe.\xfd"),
    "another scheme": with_header("Basic dXNlcjpwYXNz"),
    "token without its scheme": changed(lambda header: header.removeprefix("Bearer ")),
    "two tokens": changed(lambda header: f"{header} {header}"),
    "alg none": signed_otherwise(alg="none"),
    "HS256, the public key as secret": signed_otherwise(alg="HS256"),
    "RS512": signed_otherwise(alg="RS512"),
    "signature left out": changed(without_signature),
    "payload changed": changed(tampered),
    "forged key, same key id": forged,
    "unknown key id": signed_otherwise(kid="nobody"),
    "no key id": signed_otherwise(kid=""),
    "expired": with_claims(exp=-3600, nbf=-7200),
    "not yet valid": with_claims(nbf=3600, exp=7200),
    "no expiry": with_claims(exp=None),
    "expiry that is no number": with_claims(exp="tomorrow"),
    "another bot's": with_claims(aud="00000000-0000-4000-8000-00000000b072"),
    "no audience": with_claims(aud=None),
    "a list of audiences": with_claims(aud=["00000000-0000-4000-8000-00000000b071"]),
    "another issuer": with_claims(iss="https://issuer.example"),
    "no issuer": with_claims(iss=None),
    "emulator's issuer (version 1)": with_claims(iss=EMULATOR, ver="1.0", appid="00000000-0000-4000-8000-00000000b071"),
    "emulator's issuer (version 2)": with_claims(iss=AZURE, ver="2.0", azp="00000000-0000-4000-8000-00000000b071"),
    "another bot as a skill": with_claims(iss=AZURE, ver="2.0", azp="00000000-0000-4000-8000-00000000b072"),
    "another serviceUrl in the token": with_claims(serviceurl="http://127.0.0.1:9/teams/"),
    "another serviceUrl in the activity": other_body,
    "no serviceUrl in the token": with_claims(serviceurl=None),
    "another tenant": from_tenant(OTHER_TENANT),
    "no tenant": from_tenant(None),
    "key endorsed for another channel": endorsed_for("webchat"),
    "key endorsed for no channel": endorsed_for(),
    "another channel": with_fields(channelId="webchat"),
    "another channel, its key endorsed for both": channel_of_the_same_key,
    "emulator's channel": with_fields(channelId="emulator"),
    "serviceUrl of a stranger": with_fields(serviceUrl="https://connector.example/"),
    "serviceUrl with a stranger behind @": with_fields(serviceUrl="http://127.0.0.1@connector.example/"),
    "Microsoft's serviceUrl without Microsoft": with_fields(serviceUrl="https://smba.trafficmanager.net/amer/"),
}
ADMITTED: dict[str, Callable[[BotService], Case]] = {
    "right": with_claims(),
    "right, its clock four minutes behind": with_claims(exp=-240, nbf=-3600),
    "right, its clock four minutes ahead": with_claims(nbf=240),
    "right, for several channels": endorsed_for("webchat", "msteams"),
    "right, tenant in one place only": with_fields(channelData=None),
}


async def post(url: str, activity: Json, authorization: str | None) -> tuple[int, str, bytes]:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with aiohttp.ClientSession() as session, session.post(url, json=activity, headers=headers) as answer:
        return answer.status, answer.headers.get("Retry-After", ""), await answer.read()


def written(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(f"{record.getMessage()} {record.args} {record.exc_info}" for record in caplog.records)


@pytest.mark.parametrize("case", REFUSED)
async def test_a_wrong_token_is_401_and_nothing_is_done(
    case: str, endpoint: Endpoint, tell: Tell, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    activity, authorization = REFUSED[case](endpoint.service)
    status, _, body = await post(endpoint.url, activity, authorization)
    tell(TABLE, case, "not done" if not endpoint.seen else "DONE", 401, status)
    assert (status, body, endpoint.seen) == (401, b"", [])
    parts = [part for part in (authorization or "").split(".") if len(part) > 20]
    assert "teams request refused" in written(caplog)
    assert not any(text in written(caplog) for text in [CANARY, *parts])


@pytest.mark.parametrize("case", ADMITTED)
async def test_a_right_token_gets_its_activity_done(case: str, endpoint: Endpoint, tell: Tell) -> None:
    activity, authorization = ADMITTED[case](endpoint.service)
    status, _, body = await post(endpoint.url, activity, authorization)
    tell(TABLE, case, "done" if endpoint.seen else "NOT DONE", 200, status)
    assert (status, body) == (200, b"")
    assert [seen.raw for seen in endpoint.seen] == [activity]


@pytest.mark.parametrize("what", ["metadata", "keys"])
@pytest.mark.parametrize("kind", ["status", "lost"])
async def test_without_keys_nobody_can_tell(what: str, kind: Any, endpoint: Endpoint, tell: Tell) -> None:
    service = endpoint.service
    service.faults.add(what, kind, 500, times=1 if kind == "status" else 2)  # aiohttp asks again when it was cut off
    answers = await asyncio.gather(*(post(endpoint.url, said(service), service.sign(said(service))) for _ in range(5)))
    tell(TABLE, f"right, but {what}: {kind}", "not done" if not endpoint.seen else "DONE", 503, answers[0][0])
    assert {answer[:2] for answer in answers} == {(503, "10")}
    assert endpoint.seen == []
    fetched = dict(service.fetches)
    assert (await service.post(said(service)))[0] == 503
    assert service.fetches == fetched, "right after a failure nobody tries again"
    assert fetched["metadata"] <= 2, "five at a time are one fetch"
    endpoint.clock.now += 6
    assert (await service.post(said(service)))[0] == 200


async def test_a_new_key_is_found_and_a_forged_key_id_costs_three_fetches_an_hour(endpoint: Endpoint) -> None:
    service, clock = endpoint.service, endpoint.clock

    async def refused(count: int) -> None:
        tokens = [service.sign(said(service), kid=f"forged-{number}") for number in range(count)]
        answers = await asyncio.gather(*(service.post(said(service), token) for token in tokens))
        assert {status for status, _ in answers} == {401}

    assert (await service.post(said(service)))[0] == 200
    await refused(20)
    assert service.fetches == {"metadata": 1, "keys": 1, "token": 0}
    service.rotate()
    assert (await service.post(said(service)))[0] == 401
    clock.now += 1201
    assert (await service.post(said(service)))[0] == 200
    await refused(20)
    assert service.fetches["keys"] == 2
    for _ in range(60):
        clock.now += 61
        await refused(3)
    assert service.fetches["keys"] == 5, "three an hour, and several at a time are one"
    service.rotate()
    clock.now += 1201
    assert (await service.post(said(service)))[0] == 200, "a new key waits for 20 minutes, whatever was made up before"


async def test_keys_are_looked_at_again_after_a_day_and_one_withdrawn_is_good_no_more(endpoint: Endpoint) -> None:
    service = endpoint.service
    assert (await service.post(said(service)))[0] == 200
    withdrawn, service.keys = service.sign_with, []
    service.rotate()
    assert (await service.post(said(service), service.sign(said(service), key=withdrawn)))[0] == 200
    endpoint.clock.now += 86_401
    assert (await service.post(said(service), service.sign(said(service), key=withdrawn)))[0] == 401
    assert (await service.post(said(service)))[0] == 200


async def test_keys_are_renewed_beside_what_goes_on_before_they_are_old(endpoint: Endpoint) -> None:
    service = endpoint.service
    assert (await service.post(said(service)))[0] == 200
    endpoint.clock.now += 20 * 3600 + 1
    service.faults.add("metadata", "slow", 3.0)
    answers = await asyncio.gather(*(service.post(said(service)) for _ in range(5)))
    assert service.fetches["keys"] == 1, "they waited for the new keys"
    assert {status for status, _ in answers} == {200}
    async with asyncio.timeout(30):
        while service.fetches["keys"] < 2:  # noqa: ASYNC110 - the service only counts
            await asyncio.sleep(0.05)
    endpoint.clock.now += 19 * 3600
    assert (await service.post(said(service)))[0] == 200
    assert service.fetches["keys"] == 2


async def test_known_keys_outlive_a_failure_of_microsofts_for_hours_not_for_ever(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    service, clock = endpoint.service, endpoint.clock
    assert (await service.post(said(service)))[0] == 200
    service.faults.add("metadata", "status", 500, times=100)
    for hours in (25, 30, 35.9):
        clock.now = 1_000_000.0 + hours * 3600
        for _ in range(3):
            assert (await service.post(said(service)))[0] == 200
        await asyncio.sleep(0.1)
    assert service.fetches["metadata"] <= 4, "one try at a time"
    assert "keys cannot be fetched; those at hand are 30 hours old" in caplog.text
    clock.now = 1_000_000.0 + 36 * 3600
    assert (await service.post(said(service)))[0] == 503
    service.faults.clear()
    clock.now += 6
    assert (await service.post(said(service)))[0] == 200


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://smba.trafficmanager.net/amer/", True),
        ("https://smba.trafficmanager.net/emea/00000000-0000-4000-8000-0000000000aa/", True),
        ("https://smba.trafficmanager.net:443/teams", True),
        ("https://smba.infra.gcc.teams.microsoft.com/teams/", True),
        ("http://smba.trafficmanager.net/amer/", False),
        ("https://smba.trafficmanager.net:8443/amer/", False),
        ("https://mine.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net.example/", False),
        ("https://smba.trafficmanager.net@connector.example/", False),
        ("https://connector.example\\@smba.trafficmanager.net/", False),
        ("https://connector.example#.teams.microsoft.com/", False),
        ("https://teams.microsoft.com.example/", False),
        ("https://smba.trafficmanager.net/{0}/", False),
        ("https://smba.trafficmanager.net/amer/?to=https://connector.example", False),
        ("https://[::1", False),
        ("http://127.0.0.1:3000/", False),
        ("//smba.trafficmanager.net/", False),
        ("", False),
    ],
)
def test_where_messages_and_tokens_may_go(url: str, good: bool) -> None:
    assert trusted(url) is good


def test_this_machine_is_trusted_only_when_everything_is_on_it() -> None:
    assert trusted("http://localhost:56150/_connector", local=True)
    assert not trusted("https://smba.trafficmanager.net/amer/", local=True)


async def test_the_stand_ins_settings_are_settings(service: BotService) -> None:
    own = Settings.load(service.settings(), chat=True).teams_services
    assert own
    assert Services(own.metadata_url, own.issuer, own.login_url, own.scope) == services_of(service)
    assert services_of(service).local
    assert not PUBLIC.local


def test_nothing_switches_the_check_off() -> None:
    here, there = "http://127.0.0.1:9/", "https://keys.example/"
    with pytest.raises(ValueError, match="app id"):
        Identity("")
    with pytest.raises(ValueError, match="tenant"):
        Place("")
    for urls in ((there, here, here, here), (here, here, there, here)):
        with pytest.raises(ValueError, match="this machine"):
            Services(*urls)
    assert "s3cret" not in repr(Identity("a", "s3cret"))

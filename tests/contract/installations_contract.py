"""What both databases promise about installations: one lease, one exchange of a refresh token, one use of a state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.domain.errors import AfternoteError, Temporary
from bot.domain.ids import PersonId, PracticeId
from bot.installations import Installation
from bot.slack.app import web_client
from bot.slack.tokens import AHEAD, InstalledTokens, OAuthClient
from bot.wiring import SystemClock
from demo.cast import App, Human
from demo.server import serve
from demo.workspace import Workspace
from storage.crypto import KeyRing, new_key_ring
from storage.installations import Installations
from storage.rotation import rewrap
from storage.unit_of_work import SqlDatabase

OURS, THEIRS = PracticeId("larkspur"), PracticeId("juniper")
TEAM = "T0EXAMPLE1"
PROCESSES, REQUESTS = 3, 10


def now() -> datetime:
    return datetime.now(UTC)


def installed(expires_in: timedelta | None = timedelta(hours=12), token: str = "xoxb-1") -> Installation:  # noqa: S107
    expires = now() + expires_in if expires_in is not None else None
    at = now() - timedelta(days=1)
    return Installation(TEAM, OURS, token, "U1", "B1", at, ("commands",), "xoxe-1", expires, "U2", "E1")


class Clock:
    """The system's clock, put forward by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


class Slack:
    """A workspace whose app's tokens expire, and the client with which each process talks to it."""

    def __init__(self, workspace: Workspace, session: aiohttp.ClientSession) -> None:
        self.workspace = workspace
        client = web_client(session, f"{workspace.url}/api/")
        self.oauth = OAuthClient(client, workspace.app.client_id, workspace.app.client_secret)

    @property
    def exchanges(self) -> int:
        return sum(sent.method == "oauth.v2.access" for sent in self.workspace.sent)

    def grant(self, expires_in: timedelta) -> Installation:
        """An installation with tokens that the stand-in knows."""
        tokens = self.workspace.tokens.issue()
        made = installed(expires_in)
        bearer, refresh = str(tokens["access_token"]), str(tokens["refresh_token"])
        return replace(made, bot_token=bearer, refresh_token=refresh)

    def tokens(self, database: SqlDatabase, clock: Clock | None = None) -> InstalledTokens:
        return InstalledTokens(Installations(database), self.oauth, {TEAM: OURS}, clock or Clock())


@asynccontextmanager
async def slack() -> AsyncIterator[Slack]:
    app = App.from_manifest(
        Path(__file__).parents[2] / "manifest.json",
        app_id="A0AFTERNOTE",
        bot_user_id="U0AFTERNOTE",
        bot_id="B0AFTERNOTE",
        bot_token="xoxb-nobodys",
        signing_secret="unused",
        token_rotation=True,
    )
    workspace = Workspace(TEAM, "Larkspur", [Human("U1", "miriam", "Miriam")], [], app)
    running = await serve(workspace)
    async with aiohttp.ClientSession() as session:
        yield Slack(workspace, session)
    await running.stop()


async def settled(tokens: InstalledTokens) -> None:
    await tokens.finish()


class InstallationsContract:
    """A subclass gives `database`, `url` and `ring`."""

    async def test_what_is_saved_is_found(self, database: SqlDatabase) -> None:
        store, made = Installations(database), installed()
        await store.save(made)
        assert await store.find(TEAM) == made
        assert await store.find("T0OTHER") is None

    async def test_of_many_who_would_exchange_one_may(self, database: SqlDatabase) -> None:
        store, made = Installations(database), installed(timedelta(hours=1))
        await store.save(made)
        until = now() + timedelta(minutes=1)
        given = await asyncio.gather(*(store.lease(made, now(), until) for _ in range(20)))
        assert sorted(given) == [False] * 19 + [True]
        assert await store.lease(made, until, until + timedelta(minutes=1))  # it has run out

    async def test_only_who_has_the_lease_stores_what_came_of_it(self, database: SqlDatabase) -> None:
        store, made = Installations(database), installed(timedelta(hours=1))
        await store.save(made)
        until = now() + timedelta(minutes=1)
        assert await store.lease(made, now(), until)
        new = replace(made, bot_token="xoxb-2", refresh_token="xoxe-2", expires_at=now() + timedelta(hours=12))
        assert not await store.rotated(new, until + timedelta(seconds=1))
        assert await store.rotated(new, until)
        assert await store.find(TEAM) == new
        assert not await store.rotated(made, until)
        assert not await store.lease(made, now(), until)  # what was seen is not what is there now

    async def test_an_installation_made_again_is_not_overwritten(self, database: SqlDatabase) -> None:
        store, made = Installations(database), installed(timedelta(hours=1))
        await store.save(made)
        until = now() + timedelta(minutes=1)
        assert await store.lease(made, now(), until)
        again = replace(made, bot_token="xoxb-9", installed_at=now())
        await store.save(again)
        assert not await store.rotated(replace(made, bot_token="xoxb-2"), until)
        assert await store.find(TEAM) == again

    async def test_a_revoked_one_keeps_its_row_without_tokens(self, database: SqlDatabase) -> None:
        store, made = Installations(database), installed()
        await store.save(made)
        at = now()
        assert await store.revoke(TEAM, at, "app_uninstalled")
        gone = await store.find(TEAM)
        assert gone
        assert (gone.bot_token, gone.refresh_token, gone.expires_at, gone.revoked_at) == ("", "", None, at)
        assert not gone.serves
        assert not await store.revoke(TEAM, now(), "app_uninstalled")
        assert await store.expiring(now() + timedelta(days=9)) == []
        assert await rewrap(database) == 0

    async def test_a_late_word_of_a_revocation_spares_a_newer_installation(self, database: SqlDatabase) -> None:
        store, made = Installations(database), replace(installed(), installed_at=now())
        await store.save(made)
        assert not await store.revoke(TEAM, now() - timedelta(minutes=1), "tokens_revoked")
        assert await store.find(TEAM) == made

    async def test_installed_again_and_taken_away_are_acts_of_its_practice(self, database: SqlDatabase) -> None:
        store, made = Installations(database), installed()
        await store.save(made, PersonId("miriam"))
        await store.save(replace(made, bot_token="xoxb-2", installer_user_id="U9"))
        assert not await store.revoke(TEAM, made.installed_at, "tokens_revoked")
        assert await store.revoke(TEAM, now(), "app_uninstalled")
        assert not await store.revoke(TEAM, now(), "app_uninstalled")
        async with database.reading(OURS) as unit:
            acts = await unit.audit.acts()
            assert await unit.audit.verify() is None
        assert [(act.actor, act.act, act.note_id, act.via) for act in acts] == [
            ("miriam", f"app installed: {TEAM}, by U2", None, "slack"),
            (None, f"app installed again: {TEAM}, by U9", None, "slack"),
            (None, f"app taken away: {TEAM} (app_uninstalled)", None, "slack"),
        ]
        async with database.reading(THEIRS) as unit:
            assert await unit.audit.acts() == []

    async def test_what_cannot_be_put_down_is_not_kept(self, database: SqlDatabase, url: str) -> None:
        """A process with another key ring cannot seal the practice's log."""
        store, made = Installations(database), installed()
        await store.save(made)
        other = SqlDatabase(url, KeyRing.parse(new_key_ring()))
        with pytest.raises(AfternoteError):
            await Installations(other).save(replace(made, bot_token="xoxb-9"))
        with pytest.raises(AfternoteError):
            await Installations(other).revoke(TEAM, now(), "app_uninstalled")
        await other.close()
        assert await store.find(TEAM) == made

    async def test_those_that_expire_are_named(self, database: SqlDatabase) -> None:
        store = Installations(database)
        await store.save(installed(timedelta(hours=1)))
        await store.save(replace(installed(timedelta(hours=9)), team_id="T2"))
        await store.save(replace(installed(None), team_id="T3"))
        assert await store.expiring(now() + AHEAD) == [TEAM]

    async def test_a_state_is_used_once_however_many_come(self, database: SqlDatabase) -> None:
        store, made = Installations(database), now()
        assert await store.add_state("digest", made, made - timedelta(minutes=10), 100)
        found = await asyncio.gather(*(store.use_state("digest") for _ in range(20)))
        assert [at for at in found if at] == [made]
        assert await store.use_state("never") is None

    async def test_states_have_an_end_and_old_ones_make_room(self, database: SqlDatabase) -> None:
        store, made = Installations(database), now()
        long_ago = made - timedelta(hours=1)
        assert all([await store.add_state(f"s{number}", made, long_ago, 3) for number in range(3)])
        assert not await store.add_state("s3", made, long_ago, 3)
        later = made + timedelta(minutes=11)
        assert await store.add_state("s4", later, later - timedelta(minutes=10), 3)

    async def test_one_exchange_however_many_processes_and_requests_ask(
        self, database: SqlDatabase, url: str, ring: str
    ) -> None:
        others = [SqlDatabase(url, KeyRing.parse(ring)) for _ in range(PROCESSES - 1)]
        async with slack() as there:
            await Installations(database).save(there.grant(timedelta(hours=1)))
            processes = [there.tokens(each) for each in (database, *others)]
            await asyncio.gather(*(process.current(TEAM) for process in processes for _ in range(REQUESTS)))
            await asyncio.gather(*map(settled, processes))
            assert there.exchanges == 1
            for process in processes:
                process.forget(TEAM)
            found = [await process.current(TEAM) for process in processes]
            assert len({each.bot_token for each in found if each}) == 1
            assert there.exchanges == 1
            there.workspace.tokens.check(found[0].bot_token if found[0] else None, "bot")
        for each in others:
            await each.close()

    async def test_who_has_an_expired_token_waits_for_the_new_one(self, database: SqlDatabase) -> None:
        async with slack() as there:
            before = there.grant(timedelta(seconds=-1))
            await Installations(database).save(before)
            found = await there.tokens(database).current(TEAM)
            assert found
            assert found.bot_token != before.bot_token
            there.workspace.tokens.check(found.bot_token, "bot")

    async def test_a_request_with_a_good_token_is_not_held_up(self, database: SqlDatabase) -> None:
        async with slack() as there:
            before = there.grant(timedelta(hours=1))
            await Installations(database).save(before)
            there.workspace.faults.add("oauth.v2.access", "slow", 0.5)
            tokens = there.tokens(database)
            async with asyncio.timeout(0.3):
                assert await tokens.current(TEAM) == before
            await tokens.finish()

    @pytest.mark.parametrize(("fault", "value"), [("error", "invalid_refresh_token"), ("status", 503), ("lost", None)])
    async def test_a_failed_exchange_keeps_the_token_and_asks_no_more_for_minutes(
        self, database: SqlDatabase, fault: str, value: object
    ) -> None:
        async with slack() as there:
            before = there.grant(timedelta(hours=1))
            await Installations(database).save(before)
            for _ in range(6):
                there.workspace.faults.add("oauth.v2.access", fault, value)
            for _ in range(3):  # as many processes, one after the other
                tokens = there.tokens(database)
                found = await tokens.current(TEAM)
                await tokens.finish()
                assert found
                assert found.bot_token == before.bot_token
            tried = there.exchanges
            assert tried <= 3  # one exchange, with the client's own two further tries of a 503
            there.workspace.faults.clear()
            clock = Clock()
            clock.ahead = timedelta(minutes=6)
            tokens = there.tokens(database, clock)
            await tokens.current(TEAM)
            await tokens.finish()
            assert there.exchanges == tried + 1

    async def test_what_slack_gave_is_stored_though_the_database_is_busy(self, database: SqlDatabase) -> None:
        async with slack() as there:
            before = there.grant(timedelta(hours=1))
            await Installations(database).save(before)
            tokens = InstalledTokens(_BusyOnce(database), there.oauth, {TEAM: OURS}, Clock())
            await tokens.current(TEAM)
            await tokens.finish()
            found = await Installations(database).find(TEAM)
            assert found
            there.workspace.tokens.check(found.bot_token, "bot")

    async def test_an_installation_of_another_practice_is_none(self, database: SqlDatabase) -> None:
        async with slack() as there:
            await Installations(database).save(replace(there.grant(timedelta(hours=9)), practice_id=THEIRS))
            assert await there.tokens(database).current(TEAM) is None
            with pytest.raises(Temporary):
                await there.tokens(database).after_refusal(TEAM, "xoxb-1")


class _BusyOnce(Installations):
    """The first try to store what Slack gave finds the database busy."""

    busy = True

    async def rotated(self, installation: Installation, until: datetime) -> bool:
        if self.busy:
            self.busy = False
            raise Temporary("database_busy")
        return await super().rotated(installation, until)

"""`afternote check`: looks at everything the product needs, and says what is wrong and how to mend it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from adapters.registry import sink_class
from bot.chats import microsoft, tenant_of
from bot.domain.completion import Prompt
from bot.domain.errors import AfternoteError, EffectError, Temporary, UserMistake
from bot.formats_file import FormatError, load_formats
from bot.keys_file import KeysFileError
from bot.practice_file import PracticeFile, PracticeFileError, TargetFile, load_practice
from bot.settings import Settings, mask_url
from bot.slack.app import COMMAND, SHORTCUT, web_client
from bot.slack.channel import look_at_channel
from bot.targets import open_target, problems_of, stray_variables
from bot.wiring import SystemClock, key_ring, open_desk, open_writer

SCOPES = frozenset({"commands", "chat:write", "im:history", "im:write"})
EVENTS = frozenset({"message.im", "app_home_opened"})
_MODEL_SECONDS = 10
_MODEL_TROUBLE = {
    "model_unreachable": "{where} cannot be reached: OPENAI_BASE_URL.",
    "model_timeout": "{where} took longer than 10 seconds; a local server may still be loading: try again.",
    "model_refused_key": "{where} does not accept the key: OPENAI_API_KEY.",
    "model_not_found": "{where} does not know the model: AFTERNOTE_MODEL.",
}
_REPORTED = (AfternoteError, FormatError, KeysFileError, PracticeFileError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `state` says what is there, or what is wrong and how to mend it."""

    what: str
    ok: bool
    state: str


async def check_all(settings: Settings) -> list[Finding]:
    """Every check; a later one is left out when what it rests on failed."""
    findings = [Finding("chat", not settings.chat_problems(), "; ".join(settings.chat_problems()) or _chats(settings))]
    findings.append(await _try("keys", lambda: _done(repr(key_ring(settings)))))
    findings.append(await _try("manifest", lambda: _done(_manifest(Path("manifest.json")))))
    practice: list[PracticeFile] = []

    async def load() -> str:
        practice.append(load_practice(settings.practice_file, known_formats=load_formats()))
        warnings = "; ".join(practice[0].warnings)
        return f"{practice[0].practice.name}, {len(practice[0].practice.people)} people" + (
            f" ({warnings})" if warnings else ""
        )

    findings.append(await _try(f"practice file {settings.practice_file}", load))
    if practice:
        findings.append(await _try("language model", lambda: _model(settings, practice[0])))
    if practice and practice[0].review.slack_channel_id and settings.slack_bot_token:
        findings.append(await _try("review channel in Slack", lambda: _review_channel(settings, practice[0])))
    if practice and settings.teams_on:
        findings.append(await _try("Microsoft Teams", lambda: _teams(settings, practice[0])))
    if practice and all(finding.ok for finding in findings if finding.what == "keys"):
        findings.append(await _try("database and formats", lambda: _database(settings, practice[0])))
    if practice:
        findings += await asyncio.gather(*(_storage(settings, target) for target in _numbered(practice[0])))
        findings += _stray(settings, practice[0])
    return findings


def _chats(settings: Settings) -> str:
    slack = [f"Slack ({settings.slack_mode})"] if settings.slack_mode != "none" else []
    return " and ".join([*slack, *(["Microsoft Teams"] if settings.teams_on else [])])


async def _database(settings: Settings, practice: PracticeFile) -> str:
    desk = await open_desk(settings, practice, SystemClock())
    try:
        async with desk.database.reading(desk.id) as unit:
            problem = await unit.audit.verify()
        if problem:
            raise ValueError(problem)
        return f"schema current, audit chain holds, {len(desk.startable)} formats"
    finally:
        await desk.database.close()


async def _model(settings: Settings, practice: PracticeFile) -> str:
    """Asks for one word. Raises ValueError saying what is wrong and which setting mends it."""
    writer = open_writer(settings, practice, _MODEL_SECONDS)
    if writer is None:
        return "none: the sorter drafts, and no text leaves (AFTERNOTE_MODEL is empty)"
    where = mask_url(settings.openai_base_url) or "OpenAI"
    prompt = Prompt("check", "Answer with one JSON object.", '{"ready": true}?', {"type": "object"}, 50)
    try:
        await writer.model.complete(prompt)
    except EffectError as error:
        trouble = _MODEL_TROUBLE.get(error.code, "{where} did not answer as it should ({code}).")
        raise ValueError(trouble.format(where=where, code=error.code)) from None
    finally:
        await writer.model.close()
    hidden = "identifiers are hidden" if writer.masked else "identifiers are sent ([model] hide_identifiers = false)"
    return f"{settings.model} at {where} answers; {hidden}"


def _numbered(practice: PracticeFile) -> Sequence[tuple[TargetFile, str]]:
    """Each place with what it is for."""
    return [(target, "a copy" if number else "the record") for number, target in enumerate(practice.targets)]


async def _storage(settings: Settings, place: tuple[TargetFile, str]) -> Finding:
    """One place for signed notes, in half a minute at most."""
    target, use = place
    return await _try(f"storage {target.name} ({target.kind}, {use})", lambda: _place(settings, target))


async def _place(settings: Settings, target: TargetFile) -> str:
    opened = open_target(settings, target, SystemClock())
    try:
        if problems := await problems_of(opened):
            raise ValueError(" ".join(problems))
        return ", ".join(ability.value for ability in sink_class(target.kind).ABOUT.abilities) or "takes notes"
    finally:
        await opened.close()


def _stray(settings: Settings, practice: PracticeFile) -> list[Finding]:
    stray = stray_variables(settings, practice)
    if not stray:
        return []
    names = ", ".join(stray)
    return [Finding("storage secrets", False, f"No storage in practice.toml uses {names}: check the spelling.")]


async def _review_channel(settings: Settings, practice: PracticeFile) -> str:
    """Whether the bot can post there. Raises ValueError saying what to do."""
    token = settings.slack_bot_token.reveal() if settings.slack_bot_token else ""
    async with aiohttp.ClientSession() as session:
        client = web_client(session, settings.slack_api_url, token)
        try:
            return await look_at_channel(client, practice.review.slack_channel_id)
        except (aiohttp.ClientError, TimeoutError):
            raise ValueError("Slack cannot be reached.") from None


async def _teams(settings: Settings, practice: PracticeFile) -> str:
    """Signs in at Microsoft. Raises ValueError saying what is wrong and which setting mends it."""
    from bot.teams.botframework import Connector

    tenant = tenant_of(settings, practice.practice)
    connector = Connector(*microsoft(settings, tenant))
    try:
        await connector.sign_in()
    except Temporary as error:
        trouble = "cannot be reached" if error.code == "teams_login_unreachable" else "does not do its work for now"
        raise ValueError(f"Microsoft's sign-in {trouble} ({error.code}).") from None
    except EffectError as error:
        raise ValueError(
            f"Microsoft does not take the bot's id and secret ({error.code}): MicrosoftAppId, MicrosoftAppPassword, "
            "MicrosoftAppType, or tenant_id in practice.toml."
        ) from None
    finally:
        await connector.close()
    people = practice.practice.people
    absent = [person.id for person in people if not person.user_on("teams")]
    without = f"; without teams_aad_object_id: {', '.join(absent)}" if absent else ""
    return f"Microsoft takes the bot's id and secret; {len(people) - len(absent)} people of tenant {tenant}{without}"


def _manifest(path: Path) -> str:
    """What Slack must know of this app. Raises ValueError naming what the manifest lacks."""
    if not path.exists():
        return "no manifest.json here (needed only to create the Slack app)"
    manifest = json.loads(path.read_text("utf-8"))
    features = manifest["features"]
    lacks = [f"scope {scope}" for scope in sorted(SCOPES - set(manifest["oauth_config"]["scopes"]["bot"]))]
    subscribed = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    lacks += [f"event {event}" for event in sorted(EVENTS - subscribed)]
    if COMMAND not in {command["command"] for command in features["slash_commands"]}:
        lacks.append(f"command {COMMAND}")
    if SHORTCUT not in {shortcut["callback_id"] for shortcut in features["shortcuts"]}:
        lacks.append(f"shortcut {SHORTCUT}")
    if lacks:
        raise ValueError(f"manifest.json lacks {', '.join(lacks)}; take the file of this release.")
    return "complete"


async def _done(state: str) -> str:
    return state


async def _try(what: str, look: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(what, True, await look())
    except UserMistake as mistake:
        return Finding(what, False, mistake.sentence)
    except _REPORTED as error:
        return Finding(what, False, str(error))

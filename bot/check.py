"""`afternote check`: looks at everything the product needs, and says what is wrong and how to mend it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from adapters.registry import sink_class
from bot.audit_command import heads_state
from bot.cards.install_words import EMPTY_ROSTER
from bot.chats import microsoft, tenants_of
from bot.domain.completion import Prompt
from bot.domain.errors import AfternoteError, EffectError, Temporary, UserMistake
from bot.domain.people import Practice
from bot.formats_file import FormatError, load_formats
from bot.house_conflicts import house_conflicts
from bot.keys_file import KeysFileError
from bot.practice_file import PracticeFile, PracticeFileError, TargetFile
from bot.practices import load_practices
from bot.settings import Settings, mask_url
from bot.slack.app import COMMAND, SHORTCUT, web_client
from bot.slack.channel import look_at_channel
from bot.slack.oauth import SCOPES as ASKED_FOR
from bot.targets import open_target, problems_of, stray_variables
from bot.wiring import SystemClock, installations_in, key_ring, open_desk, open_writer

SCOPES = frozenset(ASKED_FOR)
EVENTS = frozenset({"message.im", "app_home_opened", "tokens_revoked", "app_uninstalled"})
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
    practices: list[PracticeFile] = []

    async def load() -> str:
        practices.extend(load_practices(settings))
        return "; ".join(map(_described, practices))

    folder = "folder" if settings.practice_file.is_dir() else "file"
    findings.append(await _try(f"practice {folder} {settings.practice_file}", load))
    keys = all(finding.ok for finding in findings if finding.what == "keys")
    if practices and settings.teams_on:
        findings.append(await _try("Microsoft Teams", lambda: _teams(settings, practices)))
    for practice in practices:
        findings += await _of_one(settings, practice, keys=keys, alone=len(practices) == 1)
    if practices:
        findings += _stray(settings, practices)
    return findings


async def _of_one(settings: Settings, practice: PracticeFile, *, keys: bool, alone: bool) -> list[Finding]:
    """What is looked at for each practice; it is named where there are several."""
    found = _house_style(settings, practice)
    found.append(await _try("language model", lambda: _model(settings, practice)))
    if keys:
        found.append(await _try("database and formats", lambda: _database(settings, practice)))
        if found[-1].ok:
            found.append(await _try("audit log", lambda: heads_state(settings, practice)))
    if practice.review.slack_channel_id and settings.slack_bot_token:
        found.append(await _try("review channel in Slack", lambda: _review_channel(settings, practice)))
    if keys and settings.slack_oauth and not settings.chat_problems():
        found.append(await _try("Slack installation", lambda: _installed(settings, practice)))
    found += await asyncio.gather(*(_storage(settings, practice, place, alone=alone) for place in _numbered(practice)))
    return found if alone else [replace(each, what=f"{practice.practice.id}: {each.what}") for each in found]


def _described(practice: PracticeFile) -> str:
    people = practice.practice.people
    nobody = [] if people else [EMPTY_ROSTER]
    warnings = "; ".join([*nobody, *practice.warnings])
    return f"{practice.practice.name}, {len(people)} people" + (f" ({warnings})" if warnings else "")


def _house_style(settings: Settings, practice: PracticeFile) -> list[Finding]:
    """What the practice chose and what of it contradicts something; nothing when its formats cannot be read."""
    try:
        path = settings.practice_file
        path = path / practice.file_name if path.is_dir() else path
        conflicts = house_conflicts(path, practice, load_formats(practice.formats_folder))
    except FormatError:
        return []  # said with the database
    voice, known = practice.voice, " ".join(c.sentence for c in conflicts if not c.serious)
    required = len(practice.required) + sum(bool(p.required_checks) for p in practice.deadlines.payers.values())
    word = f"“{voice.word}”" if voice.word else "no word for the client chosen"
    state = f"{word}; banned phrases: {len(voice.banned)}; formats and payers that require something: {required}"
    wrong = [Finding("house style", False, c.sentence) for c in conflicts if c.serious]
    return [*wrong, Finding("house style", True, f"{state}. {known}".strip())]


def _chats(settings: Settings) -> str:
    slack = [f"Slack ({settings.slack_mode})"] if settings.slack_mode != "none" else []
    return " and ".join([*slack, *(["Microsoft Teams"] if settings.teams_on else [])])


async def _database(settings: Settings, practice: PracticeFile) -> str:
    desk = await open_desk(settings, practice, SystemClock())
    try:
        return f"schema current, {len(desk.startable)} formats"
    finally:
        await desk.database.close()


async def _installed(settings: Settings, practice: PracticeFile) -> str:
    """Whether the practice's Slack workspace has the app. Raises ValueError saying what to do when it has not."""
    team = practice.practice.workspace_on("slack")
    if not team:
        return f"not in Slack ({practice.file_name} has no [chat.slack] team_id)"
    async with installations_in(settings) as installations:
        found = await installations.find(team)
    again = "an administrator of the workspace opens /slack/install of this installation"
    if found is None or found.practice_id != practice.practice.id:
        raise ValueError(f"The workspace {team} has not installed the app: {again}.")
    if not found.serves:
        when = f" on {found.revoked_at:%Y-%m-%d}" if found.revoked_at else ""
        raise ValueError(f"The workspace {team} took the app out{when}: {again}. Its work waits.")
    if found.expires_at and found.expires_at < SystemClock().now():
        raise ValueError(f"The token of {team} has expired and could not be rotated: {again}.")
    lacks = sorted(SCOPES - set(found.scopes))
    if lacks:
        raise ValueError(f"The workspace {team} gave no leave for {', '.join(lacks)}: {again}.")
    rotates = f", its token is good until {found.expires_at:%Y-%m-%d %H:%M} UTC" if found.expires_at else ""
    return f"{team} installed the app on {found.installed_at:%Y-%m-%d}{rotates}"


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


async def _storage(
    settings: Settings, practice: PracticeFile, place: tuple[TargetFile, str], *, alone: bool
) -> Finding:
    """One place for signed notes, in half a minute at most."""
    target, use = place
    whose = None if alone else practice
    return await _try(f"storage {target.name} ({target.kind}, {use})", lambda: _place(settings, target, whose))


async def _place(settings: Settings, target: TargetFile, whose: PracticeFile | None) -> str:
    opened = open_target(settings, target, SystemClock(), whose)
    try:
        if problems := await problems_of(opened):
            raise ValueError(" ".join(problems))
        return ", ".join(ability.value for ability in sink_class(target.kind).ABOUT.abilities) or "takes notes"
    finally:
        await opened.close()


def _stray(settings: Settings, practices: Sequence[PracticeFile]) -> list[Finding]:
    stray = stray_variables(settings, *practices)
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


async def _teams(settings: Settings, practices: Sequence[PracticeFile]) -> str:
    """Signs in at Microsoft. Raises ValueError saying what is wrong and which setting mends it."""
    from bot.teams.botframework import Connector

    tenants = tenants_of(settings, practices)
    tenant = next(iter(tenants.values()))
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
    served = [practice.practice for practice in practices if practice.practice.id in tenants]
    return f"Microsoft takes the bot's id and secret; {'; '.join(_in_tenant(practice) for practice in served)}"


def _in_tenant(practice: Practice) -> str:
    absent = [person.id for person in practice.people if not person.user_on("teams")]
    without = f"; without teams_aad_object_id: {', '.join(absent)}" if absent else ""
    return f"{len(practice.people) - len(absent)} people of tenant {practice.workspace_on('teams')}{without}"


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

"""Settings: names, defaults, all problems at once, and no secret in anything shown."""

import pickle
import re
import stat
from pathlib import Path

import pytest

from bot.keys_file import KeysFileError, load_or_create_keys
from bot.settings import NAMES, TEAMS_SERVICES, Secret, Settings, SettingsError, TeamsServices

CANARY = "zebra-canary-7731"
EXAMPLE = Path(__file__).parents[2] / ".env.example"
HERE = {name: f"http://127.0.0.1:9/{number}" for number, name in enumerate(TEAMS_SERVICES)}
APP_ID = "00000000-0000-4000-8000-00000000b071"
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}


def problems(env: dict[str, str], **more: bool) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.load(env, **more)
    return caught.value.problems


def test_an_empty_environment_gives_working_defaults() -> None:
    settings = Settings.load({})
    assert settings.home == Path.home() / ".afternote"
    assert settings.database_url.reveal() == f"sqlite:///{settings.home / 'afternote.db'}"
    assert settings.practice_file == settings.home / "practice.toml"
    assert (settings.host, settings.port, settings.slack_mode) == ("127.0.0.1", 3978, "none")
    assert not settings.model_on


def test_all_problems_are_listed_at_once_each_with_its_variable_and_no_value() -> None:
    env = {
        "AFTERNOTE_PORT": "70000",
        "AFTERNOTE_HOST": "http://here",
        "AFTERNOTE_LOG_LEVEL": "chatty",
        "AFTERNOTE_DATABASE_URL": f"mysql://u:{CANARY}@h/d",
        "AFTERNOTE_PRACTISE_FILE": "x.toml",
        "SLACK_BOT_TOKEN": CANARY,
        "SLACK_API_URL": "http://slack.example/api/",
        "OPENAI_BASE_URL": "ftp://x",
    }
    found = problems(env)
    told = {name for name in env if any(name in problem for problem in found)}
    assert told == set(env)
    assert CANARY not in "\n".join(found)
    assert "AFTERNOTE_PRACTICE_FILE?" in "\n".join(found)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "3978.0", "abc", "²"])
def test_a_port_out_of_range_is_refused(port: str) -> None:
    assert problems({"AFTERNOTE_PORT": port}) == ["AFTERNOTE_PORT must be a whole number from 1 to 65535."]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://slack.example/api", True),
        ("http://127.0.0.1:9/api/", True),
        ("http://localhost:9", True),
        ("http://[::1]:9/", True),
        ("http://127.0.0.1.evil.example/", False),
        ("http://slack/", False),
        ("slack.com/api", False),
        ("https://", False),
        ("https://h:notaport/", False),
    ],
)
def test_slack_is_reached_over_tls_unless_it_is_on_this_machine(url: str, good: bool) -> None:
    if good:
        assert Settings.load({"SLACK_API_URL": url}).slack_api_url.endswith("/")
    else:
        assert "SLACK_API_URL" in problems({"SLACK_API_URL": url})[0]


def test_a_model_server_on_the_own_network_may_be_plain_http() -> None:
    env = {"AFTERNOTE_MODEL": "m", "OPENAI_BASE_URL": "http://ollama:11434/v1"}
    assert Settings.load(env).model_on
    assert problems({**env, "OPENAI_BASE_URL": "http://models.example.com/v1"})


def test_a_model_without_a_place_to_ask_is_a_problem() -> None:
    assert "OPENAI_API_KEY" in problems({"AFTERNOTE_MODEL": "m"})[0]


def test_a_key_alone_does_not_send_anything_to_a_model() -> None:
    assert not Settings.load({"OPENAI_API_KEY": "sk-1"}).model_on


@pytest.mark.parametrize(
    ("env", "mode"),
    [
        (SLACK, "http"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, "socket"),
        ({**SLACK, "SLACK_APP_TOKEN": "xapp-1"}, "socket"),
        ({"SLACK_CLIENT_ID": "1", "SLACK_CLIENT_SECRET": "2", "SLACK_SIGNING_SECRET": "s"}, "http"),
        ({"MicrosoftAppId": APP_ID, "MicrosoftAppPassword": "p"}, "none"),
    ],
)
def test_the_slack_mode_follows_from_what_is_set(env: dict[str, str], mode: str) -> None:
    settings = Settings.load(env, chat=True)
    settings.require_chat()
    assert settings.slack_mode == mode


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({}, "No chat is configured"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET is missing"),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_BOT_TOKEN is missing"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN is missing"),
        ({**SLACK, "SLACK_CLIENT_ID": "1"}, "SLACK_CLIENT_SECRET is missing"),
        ({**SLACK, "MicrosoftAppId": APP_ID}, "MicrosoftAppPassword is missing"),
        ({**SLACK, "MicrosoftAppPassword": "1"}, "MicrosoftAppId is missing"),
        ({**SLACK, "MicrosoftAppTenantId": "1"}, "MicrosoftAppId is missing: MicrosoftAppTenantId"),
        ({**SLACK, **HERE}, f"MicrosoftAppId is missing: {TEAMS_SERVICES[0]}"),
        ({"MicrosoftAppId": APP_ID, "MicrosoftAppType": "UserAssignedMSI"}, "MicrosoftAppTenantId is missing"),
    ],
)
def test_a_chat_configured_by_halves_is_named(env: dict[str, str], missing: str) -> None:
    assert any(missing in problem for problem in problems(env, chat=True))


@pytest.mark.parametrize("value", ["1", APP_ID[:-1], APP_ID + "0", f"{{{APP_ID}}}", APP_ID.replace("-", ""), CANARY])
def test_an_app_id_of_another_form_is_named_and_not_shown(value: str) -> None:
    found = problems({"MicrosoftAppId": value, "MicrosoftAppPassword": "p"})
    assert found == ["MicrosoftAppId must look like 01234567-89ab-cdef-0123-456789abcdef."]
    assert Settings.load({"MicrosoftAppId": APP_ID.upper()}).teams_app_id == APP_ID.upper()


def test_stand_ins_for_microsofts_services_are_taken_from_this_machine() -> None:
    assert Settings.load({}).teams_services is None
    base = "http://127.0.0.1:9/"
    assert Settings.load(HERE).teams_services == TeamsServices(*(base + str(number) for number in range(5)))
    named = {name: "https://api.botframework.com" for name in TEAMS_SERVICES if "ISSUER" in name or "SCOPE" in name}
    assert Settings.load({**HERE, **named, "AFTERNOTE_HOST": "::1"}).teams_services
    assert dict(Settings.load(HERE).to_rows()).items() >= HERE.items()


@pytest.mark.parametrize("name", TEAMS_SERVICES)
@pytest.mark.parametrize("value", ["", "https://login.example/", "http://10.0.0.1:9/", "127.0.0.1:9", "https://[::1/"])
def test_half_a_stand_in_or_one_elsewhere_is_refused(name: str, value: str) -> None:
    found = problems({**HERE, name: value})
    assert len(found) == 1
    assert found[0].startswith(name)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "bot.example", "::"])  # noqa: S104
def test_stand_ins_are_refused_to_a_server_that_others_can_reach(host: str) -> None:
    assert problems({**HERE, "AFTERNOTE_HOST": host}) == [
        "AFTERNOTE_HOST must be 127.0.0.1 when TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL is set."
    ]


def test_secrets_never_show() -> None:
    named = {name: f"xoxb-{CANARY}" for name in NAMES[: -len(TEAMS_SERVICES)] if re.search("TOKEN|SECRET|KEY", name)}
    named |= {"SLACK_APP_TOKEN": f"xapp-{CANARY}", "SLACK_SIGNING_SECRET": CANARY, "MicrosoftAppPassword": CANARY}
    named |= {"AFTERNOTE_DATABASE_URL": f"postgresql://user:{CANARY}/@a/@db.example/notes?password={CANARY}"}
    settings = Settings.load(named)
    assert CANARY not in f"{settings!r} {settings} {settings.to_rows()}"
    assert dict(settings.to_rows())["AFTERNOTE_DATABASE_URL"] == "postgresql+psycopg://***@db.example/notes?***"
    assert settings.slack_bot_token == Secret(f"xoxb-{CANARY}")
    with pytest.raises(TypeError):
        pickle.dumps(settings.slack_bot_token)


def test_the_real_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("AFTERNOTE_PORT=4000\nAFTERNOTE_HOST=0.0.0.0\nAFTERNOTE_MODEL=m\nOPENAI_API_KEY=a$HOME\n")
    settings = Settings.load({"AFTERNOTE_PORT": "5000", "AFTERNOTE_MODEL": ""}, file)
    assert (settings.port, settings.host, settings.model) == (5000, "0.0.0.0", "")  # noqa: S104
    assert settings.openai_api_key == Secret("a$HOME")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERNOTE_PORT", "6000")
    assert (Settings.load().port, Settings.load().model) == (6000, "m")


def test_a_named_settings_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.env does not exist"):
        Settings.load({}, tmp_path / "none.env")


def test_the_example_names_every_setting_once_and_loads_as_it_is() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    names = [line.partition("=")[0] for line in lines]
    assert names == list(NAMES)
    assert not any(" " in line or '"' in line or "'" in line for line in lines)
    assert Settings.load({}, EXAMPLE) == Settings.load({})


def test_the_keys_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert load_or_create_keys(home, lambda: "first") == "first"
    assert load_or_create_keys(home, lambda: "second") == "first"
    assert stat.S_IMODE((home / "keys").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["keys"]


def test_the_loser_of_a_race_takes_the_keys_that_are_there(tmp_path: Path) -> None:
    def while_another_writes() -> str:
        load_or_create_keys(tmp_path, lambda: "theirs")
        return "ours"

    assert load_or_create_keys(tmp_path, while_another_writes) == "theirs"


def test_a_keys_file_others_can_read_or_that_is_empty_is_refused(tmp_path: Path) -> None:
    load_or_create_keys(tmp_path, lambda: CANARY)
    (tmp_path / "keys").chmod(0o640)
    with pytest.raises(KeysFileError, match="chmod 600") as caught:
        load_or_create_keys(tmp_path, lambda: "new")
    assert CANARY not in str(caught.value)
    (tmp_path / "keys").chmod(0o600)
    (tmp_path / "keys").write_text("\n")
    with pytest.raises(KeysFileError, match="restore it from your backup"):
        load_or_create_keys(tmp_path, lambda: "new")


def test_a_home_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeysFileError, match="keys"):
        load_or_create_keys(tmp_path / "file", lambda: "new")

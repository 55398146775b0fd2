"""The only reader of the environment and of .env. Lists ALL problems at once; secrets are masked when shown.

An empty variable counts as not set, so that the same file serves `docker --env-file`. The real environment
wins, also with an empty value: `AFTERNOTE_MODEL= afternote run` is a run without a model.
"""

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

from bot.addresses import address, is_here, is_near, plausible_url
from bot.secret import Secret

SLACK_API_URL = "https://slack.com/api/"
# Stand-ins for Microsoft's services, by the names its SDK gives them.
TEAMS_SERVICES = (
    "TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL",
    "TO_BOT_FROM_CHANNEL_TOKEN_ISSUER",
    "TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL",
    "TO_CHANNEL_FROM_BOT_LOGIN_URL",
    "TO_CHANNEL_FROM_BOT_OAUTH_SCOPE",
)
NAMES = (
    "AFTERNOTE_HOME",
    "AFTERNOTE_DATABASE_URL",
    "AFTERNOTE_KEYS",
    "AFTERNOTE_PRACTICE_FILE",
    "AFTERNOTE_HOST",
    "AFTERNOTE_PORT",
    "AFTERNOTE_LOG_LEVEL",
    "AFTERNOTE_AUDIT_HEADS",
    "AFTERNOTE_MODEL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_API_URL",
    "MicrosoftAppId",
    "MicrosoftAppPassword",
    "MicrosoftAppTenantId",
    "MicrosoftAppType",
    *TEAMS_SERVICES,
)
_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_APP_TYPES = ("MultiTenant", "SingleTenant", "UserAssignedMSI")
# These two are compared, not called: they may also be what Microsoft has.
_ONLY_NAMES, _MICROSOFT = (TEAMS_SERVICES[1], TEAMS_SERVICES[4]), "https://api.botframework.com"
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

SlackMode = Literal["http", "socket", "none"]


_ADAPTER = "AFTERNOTE_ADAPTER_"


class SettingsError(Exception):
    """The settings cannot be used as they are. `problems`: one sentence each, naming the variable, never its value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class TeamsServices:
    """Stand-ins for Microsoft's services, all on this machine, in the order of TEAMS_SERVICES."""

    metadata_url: str
    issuer: str
    emulator_metadata_url: str
    login_url: str
    scope: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides. Paths are absolute; `database_url` names its driver.

    `practice_file` may be a folder of them; `practice_id`: which one a command was asked to act on (--practice).
    """

    home: Path
    database_url: Secret
    practice_file: Path
    keys: Secret | None = None
    host: str = "127.0.0.1"
    port: int = 3978
    log_level: str = "INFO"
    audit_heads: Path | None = None
    model: str = ""
    openai_api_key: Secret | None = None
    openai_base_url: str = ""
    slack_bot_token: Secret | None = None
    slack_signing_secret: Secret | None = None
    slack_app_token: Secret | None = None
    slack_client_id: str = ""
    slack_client_secret: Secret | None = None
    slack_api_url: str = SLACK_API_URL
    teams_app_id: str = ""
    teams_app_password: Secret | None = None
    teams_tenant_id: str = ""
    teams_app_type: str = "MultiTenant"
    teams_services: TeamsServices | None = None
    adapter_variables: Mapping[str, Secret] = field(default_factory=dict[str, Secret])
    practice_id: str = ""

    @staticmethod
    def load(env: Mapping[str, str] | None = None, env_file: Path | None = None, *, chat: bool = False) -> "Settings":
        """Read the environment over .env (in the working directory, unless `env` or `env_file` is given).

        With `chat`, a missing or half-configured chat is among the problems. Raises SettingsError.
        """
        reader = _Reader(_merged(env, env_file))
        settings = reader.settings()
        problems = reader.problems + (settings.chat_problems() if chat else [])
        if problems:
            raise SettingsError(problems)
        return settings

    @property
    def slack_mode(self) -> SlackMode:
        """`socket` when an app token is set, `http` with a signing secret and a bot token or OAuth, else `none`."""
        if self.slack_app_token and self.slack_bot_token:
            return "socket"
        return "http" if self.slack_signing_secret and (self.slack_bot_token or self.slack_oauth) else "none"

    @property
    def teams_on(self) -> bool:
        """Whether Teams is configured."""
        managed = self.teams_app_type == "UserAssignedMSI"
        return bool(self.teams_app_id and (self.teams_app_password or managed))

    @property
    def model_on(self) -> bool:
        """Whether a model drafts. A key alone is not enough: text leaves only when AFTERNOTE_MODEL asks for it."""
        return bool(self.model)

    @property
    def audit_heads_folder(self) -> Path:
        """Where the audit log's signed heads go; in the home folder, where they prove less, when nothing is said."""
        return self.audit_heads or self.home / "audit-heads"

    @property
    def slack_oauth(self) -> bool:
        """Whether workspaces install the app themselves, instead of one whose token is set."""
        return bool(self.slack_client_id and self.slack_client_secret)

    def adapter_secrets(self, target: str, practice: str = "") -> Mapping[str, Secret]:
        """The secrets of one target of practice.toml by key: AFTERNOTE_ADAPTER_<TARGET>_<KEY>, all capitals.

        With `practice`, where there are several: AFTERNOTE_ADAPTER_<PRACTICE>_<TARGET>_<KEY> wins.
        """
        own = self._secrets_of(f"{practice}_{target}") if practice else {}
        return {**self._secrets_of(target), **own}

    def _secrets_of(self, name: str) -> dict[str, Secret]:
        prefix = f"{_ADAPTER}{name}_".upper().replace("-", "_")
        found = self.adapter_variables.items()
        return {name.removeprefix(prefix).lower(): value for name, value in found if name.startswith(prefix)}

    def chat_problems(self) -> list[str]:
        """Why no chat, or only half of one, could be served; empty when all is well."""
        problems = [*self._slack_problems(), *self._teams_problems()]
        if not problems and self.slack_mode == "none" and not self.teams_on:
            problems.append(
                "No chat is configured: set SLACK_BOT_TOKEN with SLACK_SIGNING_SECRET (HTTP) or with SLACK_APP_TOKEN "
                "(Socket Mode), SLACK_CLIENT_ID with SLACK_CLIENT_SECRET and SLACK_SIGNING_SECRET (several "
                "workspaces), or MicrosoftAppId with MicrosoftAppPassword. `afternote demo` needs none of them."
            )
        return problems

    def require_chat(self) -> None:
        """Raise SettingsError unless at least one chat is configured, and none by halves."""
        if problems := self.chat_problems():
            raise SettingsError(problems)

    def _slack_problems(self) -> list[str]:
        problems: list[str] = []
        if bool(self.slack_client_id) != bool(self.slack_client_secret):
            lacking = "SLACK_CLIENT_SECRET" if self.slack_client_id else "SLACK_CLIENT_ID"
            problems.append(f"{lacking} is missing: OAuth needs SLACK_CLIENT_ID and SLACK_CLIENT_SECRET.")
        oauth = bool(self.slack_client_id or self.slack_client_secret)
        if self.slack_bot_token and oauth:
            problems.append(
                "SLACK_BOT_TOKEN serves one workspace, SLACK_CLIENT_ID with SLACK_CLIENT_SECRET every one that "
                "installs: set one of the two."
            )
        if (self.slack_bot_token or oauth) and not (self.slack_signing_secret or self.slack_app_token):
            problems.append("SLACK_SIGNING_SECRET is missing (or SLACK_APP_TOKEN, for Socket Mode).")
        if self.slack_app_token and not self.slack_bot_token:
            problems.append("SLACK_BOT_TOKEN is missing: Socket Mode (SLACK_APP_TOKEN) needs it.")
        if self.slack_signing_secret and not (self.slack_bot_token or oauth or self.slack_app_token):
            problems.append("SLACK_BOT_TOKEN is missing (or SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, for OAuth).")
        return problems

    def _teams_problems(self) -> list[str]:
        problems: list[str] = []
        alone = {
            "MicrosoftAppPassword": self.teams_app_password,
            "MicrosoftAppTenantId": self.teams_tenant_id,
            TEAMS_SERVICES[0]: self.teams_services,
        }
        given = next((name for name, value in alone.items() if value), "")
        if given and not self.teams_app_id:
            problems.append(f"MicrosoftAppId is missing: {given} alone does not configure Teams.")
        if self.teams_app_id and not self.teams_on:
            problems.append("MicrosoftAppPassword is missing: MicrosoftAppId alone does not configure Teams.")
        if self.teams_app_id and self.teams_app_type != "MultiTenant" and not self.teams_tenant_id:
            problems.append(f"MicrosoftAppTenantId is missing: MicrosoftAppType {self.teams_app_type} needs it.")
        return problems

    def to_rows(self) -> list[tuple[str, str]]:
        """(variable, value) for `afternote check`, in the order of .env.example; secrets masked, unset as `-`."""
        values: tuple[object, ...] = (
            self.home,
            mask_url(self.database_url.reveal()),
            self.keys,
            self.practice_file,
            self.host,
            self.port,
            self.log_level,
            self.audit_heads,
            self.model,
            self.openai_api_key,
            mask_url(self.openai_base_url),
            self.slack_bot_token,
            self.slack_signing_secret,
            self.slack_app_token,
            self.slack_client_id,
            self.slack_client_secret,
            self.slack_api_url,
            self.teams_app_id,
            self.teams_app_password,
            self.teams_tenant_id,
            self.teams_app_type,
            *(astuple(self.teams_services) if self.teams_services else ("",) * len(TEAMS_SERVICES)),
        )
        return [(name, str(value) if value else "-") for name, value in zip(NAMES, values, strict=True)]


class _Reader:
    """Reads variables one by one and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = {name: value.strip() for name, value in env.items() if value.strip()}
        self.problems = [*_misspelled(self._env)]

    def settings(self) -> Settings:
        home = self._path("AFTERNOTE_HOME", Path("~/.afternote"))
        return Settings(
            home=home,
            database_url=Secret(self._database_url(home)),
            keys=self._secret("AFTERNOTE_KEYS"),
            practice_file=self._path("AFTERNOTE_PRACTICE_FILE", home / "practice.toml"),
            host=self._host(),
            port=self._port(),
            log_level=self._choice("AFTERNOTE_LOG_LEVEL", _LEVELS, "INFO"),
            audit_heads=self._audit_heads(),
            model=self._model(),
            openai_api_key=self._secret("OPENAI_API_KEY"),
            openai_base_url=self._url("OPENAI_BASE_URL", "", private=True),
            slack_bot_token=self._secret("SLACK_BOT_TOKEN", "xoxb-"),
            slack_signing_secret=self._signing_secret(),
            slack_app_token=self._secret("SLACK_APP_TOKEN", "xapp-"),
            slack_client_id=self._text("SLACK_CLIENT_ID"),
            slack_client_secret=self._secret("SLACK_CLIENT_SECRET"),
            slack_api_url=self._url("SLACK_API_URL", SLACK_API_URL, private=False).rstrip("/") + "/",
            teams_app_id=self._app_id(),
            teams_app_password=self._secret("MicrosoftAppPassword"),
            teams_tenant_id=self._text("MicrosoftAppTenantId"),
            teams_app_type=self._choice("MicrosoftAppType", _APP_TYPES, "MultiTenant"),
            teams_services=self._teams_services(),
            adapter_variables={n: Secret(v) for n, v in self._env.items() if n.startswith(_ADAPTER)},
        )

    def _text(self, name: str, default: str = "") -> str:
        return self._env.get(name, default)

    def _secret(self, name: str, prefix: str = "") -> Secret | None:
        value = self._text(name)
        if value and not value.startswith(prefix):
            self.problems.append(f"{name} must start with {prefix}; another kind of token was given.")
        return Secret(value) if value else None

    def _signing_secret(self) -> Secret | None:
        secret = self._secret("SLACK_SIGNING_SECRET")
        if secret and secret.reveal().startswith(("xoxb-", "xapp-", "xoxp-")):
            self.problems.append("SLACK_SIGNING_SECRET holds a token; the signing secret is under Basic Information.")
        return secret

    def _path(self, name: str, default: Path) -> Path:
        try:
            return Path(self._text(name, str(default))).expanduser().absolute()
        except RuntimeError:
            self.problems.append(f"{name} is a path under a home folder (~) that cannot be found.")
            return default

    def _audit_heads(self) -> Path | None:
        return self._path("AFTERNOTE_AUDIT_HEADS", Path()) if self._text("AFTERNOTE_AUDIT_HEADS") else None

    def _host(self) -> str:
        host = self._text("AFTERNOTE_HOST", "127.0.0.1")
        if re.search(r"[\s/]", host) or (":" in host and not address(host)):
            self.problems.append("AFTERNOTE_HOST must be an address or host name only, without scheme, port or path.")
        return host

    def _app_id(self) -> str:
        value = self._text("MicrosoftAppId")
        if value and not _GUID.fullmatch(value):
            self.problems.append("MicrosoftAppId must look like 01234567-89ab-cdef-0123-456789abcdef.")
        return value

    def _teams_services(self) -> TeamsServices | None:
        """Whoever names the keys lets everybody in: only on this machine, for nobody else, and never by halves."""
        values = [self._text(name) for name in TEAMS_SERVICES]
        if not any(values):
            return None
        for name, value in zip(TEAMS_SERVICES, values, strict=True):
            if not value:
                self.problems.append(f"{name} is missing: Microsoft's services are stood in for all together.")
            elif not is_here(value) and not (name in _ONLY_NAMES and value == _MICROSOFT):
                self.problems.append(f"{name} must be an http:// address of this machine (127.0.0.1).")
        if not is_near(self._text("AFTERNOTE_HOST", "127.0.0.1"), private=False):
            self.problems.append(f"AFTERNOTE_HOST must be 127.0.0.1 when {TEAMS_SERVICES[0]} is set.")
        return TeamsServices(*values)

    def _port(self) -> int:
        text = self._text("AFTERNOTE_PORT", "3978")
        if re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= 65535:
            return int(text)
        self.problems.append("AFTERNOTE_PORT must be a whole number from 1 to 65535.")
        return 3978

    def _choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self._text(name, default)
        found = next((choice for choice in allowed if choice.lower() == value.lower()), None)
        if found is None:
            self.problems.append(f"{name} must be one of {', '.join(allowed)}.")
        return found or default

    def _database_url(self, home: Path) -> str:
        url = self._text("AFTERNOTE_DATABASE_URL", f"sqlite:///{home / 'afternote.db'}")
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in _DRIVERS or not rest.strip("/"):
            self.problems.append(
                "AFTERNOTE_DATABASE_URL must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
            )
            return url
        if ":memory:" in rest:
            self.problems.append("AFTERNOTE_DATABASE_URL names a database in memory, which would lose every note.")
        return f"{_DRIVERS[scheme]}://{rest}"

    def _model(self) -> str:
        model = self._text("AFTERNOTE_MODEL")
        if model and not (self._text("OPENAI_API_KEY") or self._text("OPENAI_BASE_URL")):
            self.problems.append("AFTERNOTE_MODEL needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server without a key.")
        return model

    def _url(self, name: str, default: str, *, private: bool) -> str:
        value = self._text(name, default)
        if value and not plausible_url(value, private):
            near = "the own network" if private else "this machine"
            self.problems.append(f"{name} must be an https:// address (http:// is for {near} only).")
        return value


def mask_url(url: str) -> str:
    """The URL with what could be a secret in it (user, password, query) replaced by `***`."""
    url = re.sub(r"(?<=://).*@", "***@", url)
    return re.sub(r"\?.*", "?***", url)


def environment() -> dict[str, str]:
    """The .env file's variables under the real ones, unchecked."""
    return _merged(None, None)


def _merged(env: Mapping[str, str] | None, env_file: Path | None) -> dict[str, str]:
    """The .env file's variables under the real ones. A given `env` without a file reads no file (tests)."""
    if env_file is not None and not env_file.is_file():
        raise SettingsError([f"The settings file {env_file} does not exist."])
    path = env_file or (Path(".env") if env is None else None)
    values = dotenv_values(path, interpolate=False) if path and path.is_file() else {}
    from_file = {name: value for name, value in values.items() if value}
    real = os.environ if env is None else env
    return {**from_file, **real}


def _misspelled(env: Mapping[str, str]) -> list[str]:
    """Variables that look like one of ours but are not."""
    ours = [name for name in env if _may_be_ours(name)]
    near = [(name, difflib.get_close_matches(name, NAMES, n=1, cutoff=0.85)) for name in sorted(ours)]
    return [f"{name} is not a setting; did you mean {match[0]}?" for name, match in near if match]


def _may_be_ours(name: str) -> bool:
    known = name in NAMES or name.startswith(_ADAPTER)
    return name.startswith(("AFTERNOTE_", "MicrosoftApp")) and not known

"""Reads practice.toml: letterhead, roster, supervision, formats, deadlines, retention, adapter, caseload.

Every key is checked and ALL problems are listed at once, each with its line. What an adapter's own settings mean is
not known here: the adapter checks them.
"""

import datetime as dt
import re
import tomllib
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.checks_file import DEFAULT, ChecksError, load_profiles
from bot.domain.checks import Profile
from bot.domain.house import ALL, HouseStyle
from bot.domain.ids import PersonId, PracticeId
from bot.domain.letterhead import NO_LETTERHEAD, Letterhead
from bot.domain.people import WRITING, Account, Client, Person, Practice, Role
from bot.domain.review_times import Calendar, ReviewRules, SignBy
from bot.domain.supervision import Mode, Supervision
from bot.domain.voice import Voice
from bot.house_file import read_required, read_voice
from bot.practice_letterhead import read_letterhead
from bot.practice_model import ModelUse, read_model
from bot.toml_table import Problems, Table, lines_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROLES = (*(role.value for role in Role), "biller")
CARD_FIELDS = ("client_code", "format", "clinician", "status", "age", "session_date")
FLAGS = ("part2", "minor")
KINDS = (
    *("individual", "child", "group", "couple", "family", "intake", "discharge"),
    *("crisis", "no_show", "collateral", "consultation"),
)
_ID = (r"[a-z0-9][a-z0-9_-]*", "lower-case letters, digits, - and _")
_NO_SPACES = (r"\S+", "text without spaces")
_SLACK_ID = (r"[A-Z][A-Z0-9]{2,}", "an id as Slack shows it, e.g. U012ABCDEF")
_GUID = (r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "an id as Microsoft Entra shows it, 8-4-4-4-12")
_HOURS = 'a time from and until, e.g. "20:00-07:00"'
_LOCALE = (r"[a-z]{2,3}(-[A-Za-z0-9]+)*", "a language tag, e.g. en-US")


class PracticeFileError(Exception):
    """The file cannot be used as it is. `problems`: one sentence each, with line, table and key."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Review:
    """Where reviews are announced, what the announcement may show, and what happens when nobody acts, and when."""

    slack_channel_id: str
    teams_channel_id: str
    card_shows: tuple[str, ...]
    remind_after_hours: tuple[int, ...]
    escalate_to: tuple[PersonId, ...]
    due_within_hours: int
    escalate_after_hours: int
    administrator_after_hours: int
    quiet_hours: tuple[dt.time, dt.time]


@dataclass(frozen=True, slots=True)
class Payer:
    """Until when a payer wants a note signed, and which checks it must pass. 0: no such deadline."""

    sign_within_hours: int
    sign_within_business_days: int
    crisis_within_hours: int
    required_checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Deadlines by payer, the days that count as working days, and each payer's checks (with `default`)."""

    default_payer: str
    working_days: tuple[str, ...]
    holidays: tuple[dt.date, ...]
    payers: Mapping[str, Payer]
    profiles: Mapping[str, Profile]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept. Nothing of a client under `legal_hold` is purged."""

    summary_days_after_filing: int
    draft_days_after_filing: int
    discarded_days: int
    audit_log_years: int
    legal_hold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetFile:
    """A place for signed notes as the file names it. What `settings` mean only the adapter knows."""

    name: str
    kind: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PracticeFile:
    """A valid practice.toml. `warnings`: what an administrator should look at, though it can be used."""

    practice: Practice
    locale: str
    week_starts: str
    review: Review
    offered_formats: tuple[str, ...]
    formats_folder: Path | None
    deadlines: Deadlines
    payer_by_client: Mapping[str, str]
    retention: Retention
    targets: tuple[TargetFile, ...]  # where signed notes go; the first is the record
    voice: Voice
    model: ModelUse
    warnings: tuple[str, ...]
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])  # as in `HouseStyle`
    teams_dialogs: bool = True  # False: forms stand on cards of their own
    letterhead: Letterhead = NO_LETTERHEAD
    file_name: str = "practice.toml"

    @property
    def house(self) -> HouseStyle:
        """How this practice's notes sound, and what none of them goes without."""
        return HouseStyle(self.voice, self.required)


def load_practice(path: Path, *, today: dt.date | None = None, known_formats: Collection[str] = ()) -> PracticeFile:
    """Read and check the file. `today` (default: the practice's own date) decides which supervision is in force.

    With `known_formats`, the formats offered must be among them or in the practice's own folder. Raises
    PracticeFileError.
    """
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise PracticeFileError([f"{path} does not exist."]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PracticeFileError([f"{path} cannot be read ({type(error).__name__})."]) from None
    except tomllib.TOMLDecodeError as error:
        raise PracticeFileError([f"This is not valid TOML: {error}."]) from None
    problems = Problems(lines_of(text))
    read = _Practice(Table(data, (), "the file", problems), path.parent, today, frozenset(known_formats)).read()
    if problems.found:
        raise PracticeFileError([sentence for _, sentence in sorted(problems.found, key=lambda found: found[0])])
    return replace(read, file_name=path.name)


class _Practice:
    """Reads the tables of one file in an order in which each can be checked against those before."""

    def __init__(self, top: Table, folder: Path, today: dt.date | None, known_formats: frozenset[str]) -> None:
        self._top, self._folder, self._today, self._known_formats = top, folder, today, known_formats
        self._people: dict[str, frozenset[Role]] = {}
        self._warnings: list[str] = []

    def read(self) -> PracticeFile:
        top, practice = self._top, self._top.table("practice")
        timezone = _timezone(practice, "timezone", None)
        today = self._today or dt.datetime.now(zoneinfo.ZoneInfo(timezone)).date()
        chat = top.table("chat")
        slack, teams = chat.table("slack"), chat.table("teams")
        default, offered, by_kind, folder, required = self._formats(top.table("formats"))
        people_tables = top.tables("people", "id")
        self._people = {str(table.data.get("id", "")): _roles(table) for table in people_tables}
        supervision = tuple(self._supervision(table) for table in top.tables("supervision", "clinician"))
        hired_in_chat = bool(slack.data.get("team_id") or teams.data.get("tenant_id"))
        used = {*offered, *dict(by_kind).values()}
        people = self._roster(people_tables, timezone, default, used, hired_in_chat=hired_in_chat)
        self._check_licences([s for s in supervision if s.in_force(today)])
        deadlines = self._deadlines(top.table("deadlines"))
        clients, payers = self._caseload(top.table("caseload"), deadlines)
        retention = self._retention(top.table("retention"), {client.code for client in clients})
        targets = self._targets(top.table("adapter"))
        read = PracticeFile(
            practice=Practice(
                id=PracticeId(practice.text("id", None, _ID)),
                name=practice.text("name", None),
                timezone=timezone,
                people=people,
                clients=clients,
                default_format=default,
                format_by_kind=by_kind,
                workspaces=_accounts(
                    slack=slack.text("team_id", "", _SLACK_ID), teams=teams.text("tenant_id", "", _GUID).lower()
                ),
                supervision=supervision,
            ).on(today),
            locale=practice.text("locale", "en-US", _LOCALE),
            week_starts=practice.choice("week_starts", WEEKDAYS, "monday"),
            review=self._review(top.table("review")),
            offered_formats=offered,
            formats_folder=folder,
            deadlines=deadlines,
            payer_by_client=payers,
            retention=retention,
            targets=targets,
            voice=read_voice(top.table("voice"), self._folder),
            required=required,
            model=read_model(top.table("model")),
            warnings=tuple(self._warnings),
            teams_dialogs=teams.flag("dialogs", True),
            letterhead=read_letterhead(practice.table("letterhead"), self._folder),
        )
        for table in (top, practice, chat, slack, teams):
            table.close()
        return read

    def _roster(
        self, tables: Sequence[Table], timezone: str, default: str, formats: Collection[str], *, hired_in_chat: bool
    ) -> tuple[Person, ...]:
        """`hired_in_chat`: whether people may also come from a chat's workspace, so that none need stand here."""
        if not tables and not hired_in_chat:
            self._top.problem(
                "people", "there is no [[people]], and no chat to add them from: nobody could use the bot."
            )
        ids: set[str] = set()
        slack_ids: set[str] = set()
        teams_ids: set[str] = set()
        people: list[Person] = []
        for table in tables:
            on_slack = table.text("slack_user_id", "", _SLACK_ID)
            on_teams = table.text("teams_aad_object_id", "", _GUID).lower()
            person = Person(
                id=PersonId(table.text("id", None, _ID)),
                name=table.text("name", None),
                credentials=table.text("credentials"),
                roles=self._people[str(table.data.get("id", ""))],
                timezone=_timezone(table, "timezone", timezone),
                default_format=table.choice("default_format", formats, default),
                accounts=_accounts(slack=on_slack, teams=on_teams),
            )
            table.unique("id", person.id, ids)
            table.unique("slack_user_id", on_slack, slack_ids)
            table.unique("teams_aad_object_id", on_teams, teams_ids)
            table.close()
            people.append(person)
        return tuple(people)

    def _check_licences(self, held: Sequence[Supervision]) -> None:
        reviewed = {supervision.clinician for supervision in held if supervision.reviews_every_note}
        for person, roles in self._people.items():
            if Role.ASSOCIATE in roles and person not in reviewed:
                self._warnings.append(
                    f"{person} is an associate or not licensed, and no supervision in force requires a supervisor: "
                    "they can draft notes, but not sign them."
                )

    def _with_role(self, table: Table, key: str, ids: Sequence[str], role: Role | None) -> tuple[PersonId, ...]:
        """The ids that are on the roster, and have this role if one is asked for; an associate is a clinician, too."""
        fitting = WRITING if role is Role.CLINICIAN else {role}
        for person in ids:
            if table.one_of(key, person, self._people) and role and not self._people[person] & fitting:
                table.problem(key, f"{key} {person!r} does not have the role {role.value!r}.")
        return tuple(PersonId(person) for person in ids)

    def _supervision(self, table: Table) -> Supervision:
        clinician = table.text("clinician", None)
        supervisors = table.items("supervisors", str, "texts in quotes")
        mode = table.choice("mode", tuple(m.value for m in Mode if m is not Mode.NONE), None)
        read = Supervision(
            clinician=PersonId(clinician),
            supervisors=self._with_role(table, "supervisors", supervisors, Role.SUPERVISOR),
            mode=Mode(mode) if mode in set(Mode) else Mode.NONE,
            since=table.date("since"),
            until=table.date("until"),
            sample_percent=table.number("sample_percent", 0, 1, 100),
        )
        if clinician:
            self._with_role(table, "clinician", [clinician], Role.CLINICIAN)
        if not supervisors:
            table.problem("supervisors", "supervisors names nobody.")
        if clinician in supervisors:
            table.problem("supervisors", f"{clinician!r} cannot supervise themselves.")
        if (mode == "sample") != bool(read.sample_percent) and mode:
            table.problem("sample_percent", 'sample_percent goes with mode = "sample", and only with it.')
        if read.since and read.until and read.until < read.since:
            table.problem("until", "until is before since.")
        table.close()
        return read

    def _review(self, table: Table) -> Review:
        escalate_to = table.items("escalate_to", str, "texts in quotes")
        read = Review(
            slack_channel_id=table.text("slack_channel_id", "", _SLACK_ID),
            teams_channel_id=table.text("teams_channel_id", "", _NO_SPACES),
            card_shows=table.choices("card_shows", CARD_FIELDS, CARD_FIELDS[:5]),
            remind_after_hours=table.items("remind_after_hours", int, "whole numbers", (24, 48)),
            escalate_to=self._with_role(table, "escalate_to", escalate_to, Role.SUPERVISOR),
            due_within_hours=table.number("due_within_hours", 48, 1, 720),
            escalate_after_hours=table.number("escalate_after_hours", 72, 1, 720),
            administrator_after_hours=table.number("administrator_after_hours", 96, 1, 720),
            quiet_hours=_hours(table, "quiet_hours", "20:00-07:00"),
        )
        if read.administrator_after_hours < read.escalate_after_hours:
            table.problem(
                "administrator_after_hours", "administrator_after_hours must not come before escalate_after_hours."
            )
        if any(hours < 1 for hours in read.remind_after_hours):
            table.problem("remind_after_hours", "remind_after_hours must be whole numbers from 1.")
        table.close()
        return read

    def _formats(
        self, table: Table
    ) -> tuple[str, tuple[str, ...], tuple[tuple[str, str], ...], Path | None, Mapping[str, tuple[str, ...]]]:
        folder = self._folder / text if (text := table.text("folder")) else None
        if folder and not folder.is_dir():
            table.problem("folder", f"folder {text!r} does not exist beside the practice file.")
        own = {path.stem for path in folder.glob("*.toml")} if folder else set[str]()
        known = {*self._known_formats, *own} if self._known_formats else None
        offered = table.items("offered", str, "texts in quotes", ("soap",))
        kinds = table.table("by_kind")
        by_kind = [(kind, kinds.text(kind)) for kind in kinds.data if kinds.one_of(kind, kind, KINDS)]
        for source, key, name in [(table, "offered", n) for n in offered] + [(kinds, k, n) for k, n in by_kind]:
            if known is not None:
                source.one_of(key, name, known)
        default = table.choice("default", offered, offered[0] if offered else None)
        of_formats = table.table("required")
        required = read_required(of_formats)
        for format_id in required:
            if known is not None:
                of_formats.one_of(format_id, format_id, {*known, ALL})
        table.close()
        return default, offered, tuple(by_kind), folder, required

    def _deadlines(self, table: Table) -> Deadlines:
        profiles = self._profiles(table)
        payers = table.table("payers")
        by_name = {name: _payer(payers.table(name), profiles.get(name, profiles[DEFAULT])) for name in payers.data}
        of_payers = {
            name: profiles.get(name, profiles[DEFAULT]).requiring(payer.required_checks)
            for name, payer in by_name.items()
        }
        read = Deadlines(
            default_payer=table.choice("default_payer", by_name, next(iter(by_name), "")),
            working_days=table.choices("working_days", WEEKDAYS, WEEKDAYS[:5]),
            holidays=table.items("holidays", dt.date, "dates without quotes"),
            payers=by_name,
            profiles={**profiles, **of_payers},
        )
        table.close()
        return read

    def _profiles(self, table: Table) -> Mapping[str, Profile]:
        """The payer profiles that ship, and those of the practice's own folder."""
        folder = self._folder / text if (text := table.text("checks_folder")) else None
        try:
            return load_profiles(folder)
        except ChecksError as error:
            for problem in error.problems:
                table.problem("checks_folder", problem)
            return load_profiles()

    def _caseload(self, table: Table, deadlines: Deadlines) -> tuple[tuple[Client, ...], dict[str, str]]:
        clients: list[Client] = []
        payers: dict[str, str] = {}
        codes: set[str] = set()
        for row in table.tables("clients", "code"):
            code, clinician = (
                row.text("code", None, _NO_SPACES).upper(),
                row.text("clinician", None),
            )  # as notes have it
            row.unique("code", code, codes)
            if clinician:
                self._with_role(row, "clinician", [clinician], Role.CLINICIAN)
            clients.append(Client(code, PersonId(clinician), row.choices("flags", FLAGS)))
            payers[code] = row.choice("payer", deadlines.payers, deadlines.default_payer)
            row.close()
        table.close()
        return tuple(clients), payers

    def _retention(self, table: Table, codes: Collection[str]) -> Retention:
        read = Retention(
            summary_days_after_filing=table.number("summary_days_after_filing", 30, 0),
            draft_days_after_filing=table.number("draft_days_after_filing", 30, 0),
            discarded_days=table.number("discarded_days", 7, 0),
            audit_log_years=table.number("audit_log_years", 7, 1, 100),
            legal_hold=tuple(code.upper() for code in table.items("legal_hold", str, "texts in quotes")),
        )
        strangers = sorted(set(read.legal_hold) - set(codes))
        self._warnings += [f"The client code {code} is under legal hold but not in the caseload." for code in strangers]
        table.close()
        return read

    def _targets(self, table: Table) -> tuple[TargetFile, ...]:
        """The record, then the copies in their order. A target's kind is its name unless its table says otherwise."""
        record = table.text("record", "", _ID) or table.text("kind", None if "record" not in table.data else "", _ID)
        copies = table.items("copies", str, "texts in quotes")
        names = [name for name in (record, *copies) if name]
        for name in copies:
            if not re.fullmatch(_ID[0], name) or names.count(name) > 1:
                table.problem("copies", f"copies {name!r} must be {_ID[1]}, and stand there once.")
        targets: list[TargetFile] = []
        for name in dict.fromkeys(names):
            of_target = table.table(name)
            kind = of_target.text("kind", name, _ID)
            targets.append(TargetFile(name, kind, {k: v for k, v in of_target.data.items() if k != "kind"}))
        table.close()
        return tuple(targets)


def _payer(table: Table, profile: Profile) -> Payer:
    read = Payer(
        sign_within_hours=table.number("sign_within_hours", 0),
        sign_within_business_days=table.number("sign_within_business_days", 0),
        crisis_within_hours=table.number("crisis_within_hours", 0),
        required_checks=table.choices("required_checks", profile.checks),
    )
    if bool(read.sign_within_hours) == bool(read.sign_within_business_days):
        table.problem("", "give either sign_within_hours or sign_within_business_days.")
    table.close()
    return read


def _hours(table: Table, key: str, default: str) -> tuple[dt.time, dt.time]:
    """From when until when, as `20:00-07:00`; over midnight, too. The same time twice stands for never."""
    written = table.text(key, default, (r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]", _HOURS))
    start, _, end = (
        written if re.fullmatch(r"[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]", written) else default
    ).partition("-")
    try:
        return dt.time.fromisoformat(start), dt.time.fromisoformat(end)
    except ValueError:  # 25:00, which was told already
        return dt.time(20), dt.time(7)


def review_rules(file: PracticeFile) -> ReviewRules:
    """What the workflows of reviews need of the file."""
    review, deadlines = file.review, file.deadlines
    quiet_from, quiet_until = review.quiet_hours
    working = frozenset(WEEKDAYS.index(day) for day in deadlines.working_days)
    channels = {"slack": review.slack_channel_id, "teams": review.teams_channel_id}
    return ReviewRules(
        channels={platform: channel for platform, channel in channels.items() if channel},
        card_shows=review.card_shows,
        escalate_to=review.escalate_to,
        due_within_hours=review.due_within_hours,
        remind_after_hours=review.remind_after_hours,
        escalate_after_hours=review.escalate_after_hours,
        administrator_after_hours=review.administrator_after_hours,
        calendar=Calendar(working, frozenset(deadlines.holidays), quiet_from, quiet_until),
        sign_by={
            name: SignBy(payer.sign_within_hours, payer.sign_within_business_days, payer.crisis_within_hours)
            for name, payer in deadlines.payers.items()
        },
    )


def _roles(table: Table) -> frozenset[Role]:
    """The roles as written; a clinician who is not licensed is an associate."""
    roles, licensed = table.choices("roles", ROLES), table.flag("licensed", True)
    if not table.data.get("roles"):
        table.problem("roles", f"roles is missing ({', '.join(ROLES)}).")
    found = frozenset(Role.AUDITOR if role == "biller" else Role(role) for role in roles)
    if Role.CLINICIAN in found and not licensed:
        return found - {Role.CLINICIAN} | {Role.ASSOCIATE}
    return found


def _accounts(**ids: str) -> tuple[Account, ...]:
    return tuple(Account(platform, id_) for platform, id_ in ids.items() if id_)


def _timezone(table: Table, key: str, default: str | None) -> str:
    name = table.text(key, default)
    if not name or table.one_of(key, name, zoneinfo.available_timezones()):
        return name or "UTC"
    return default or "UTC"

"""What `afternote audit` does: opens the practice's database, and closes it again; or reads files, without any."""

import datetime as dt
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.audit_file import KINDS, About, AuditFile, AuditFileReader, NotAnAuditFile, beside_of
from adapters.audit_head_file import HeadFolder, head_in, head_text
from adapters.put_if_absent import Put, put_if_absent
from adapters.visible import visible
from bot.cards import audit_words as words
from bot.domain.audit import ChainRow, SignedHead, Wanted
from bot.domain.errors import UserMistake
from bot.practice_file import PracticeFile
from bot.practices import the_practice
from bot.settings import Settings
from bot.wiring import SystemClock, head_folder, open_desk
from bot.workflows.audit_export import Exported, export_rows
from bot.workflows.audit_heads import keep_head, signed_end
from bot.workflows.audit_rows import actor_name, newest_rows
from bot.workflows.audit_verify import Verified, verify_log, verify_rows
from bot.workflows.desk import Desk
from storage.signing import is_genuine

VIA = "command line"
_HASH_SHOWN = 16


@dataclass(frozen=True, slots=True)
class Days:
    """From the first moment of one day to the last of another, where the practice is; empty for no bound."""

    since: str = ""
    until: str = ""

    def bounds(self, zone: ZoneInfo) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The first moment, and the first that is too late. Raises UserMistake."""
        since, until = _day("--since", self.since), _day("--until", self.until)
        if since and until and since > until:
            raise UserMistake("days_reversed", "--since is later than --until.")
        after = until + dt.timedelta(days=1) if until else None
        return _midnight(since, zone), _midnight(after, zone)


@dataclass(frozen=True, slots=True)
class Told:
    """What verifying came to, in sentences."""

    holds: bool
    lines: tuple[str, ...]


async def show(settings: Settings, wanted: Wanted, days: Days, last: int) -> AsyncGenerator[str]:
    """A line a row, the oldest first; times in UTC and where the practice is. Raises UserMistake."""
    async with _practice(settings) as desk:
        zone = ZoneInfo(desk.practice.timezone)
        since, until = days.bounds(zone)
        asked = Wanted(wanted.note_id, wanted.actor, wanted.act, since, until)
        async for rows in newest_rows(desk, last, asked):
            for row in rows:
                yield _line(desk, row, zone)


async def verify_database(settings: Settings, heads: Sequence[Path]) -> Told:
    """The log in the database, against the heads that are named, else those in the practice's folder."""
    async with _practice(settings) as desk:
        known = _heads_in(heads) if heads else _kept_heads(head_folder(settings), desk)
        verified = await verify_log(desk, known, is_genuine)
    if not verified.verdict.holds:
        return _findings(verified, "")
    lines = [words.HOLDS_SEALED.format(rows=words.rows(verified.verdict.rows)), _agreement(verified)]
    return Told(True, tuple(lines))


def verify_file(file: Path, heads: Sequence[Path], key: str) -> Told:
    """A file that `export` wrote, without database or keys. Raises UserMistake when it is no such file."""
    try:
        reader = AuditFileReader(file)
        verified = verify_rows(
            reader.practice,
            reader.rows(),
            _heads_in(heads),
            lambda: (f"{file.name} (its own signature)", reader.head),
            is_genuine,
            key,
        )
    except NotAnAuditFile as error:
        raise UserMistake("no_audit_file", str(error)) from None
    except OSError as error:
        raise UserMistake("no_audit_file", f"{file} cannot be read: {error.strerror}.") from None
    if not verified.verdict.holds:
        return _findings(verified, f"{file.name}: ")
    return Told(True, tuple(_file_lines(file, verified, reader.head, key=key)))


async def export(settings: Settings, out: Path, kind: str, days: Days) -> tuple[Exported, Sequence[Path]]:
    """Write the log to `out`, which must not be there. Raises UserMistake."""
    if kind not in KINDS:
        raise UserMistake("export_kind", f"--format is {' or '.join(KINDS)}, or OUT ends so.")
    async with _practice(settings) as desk:
        since, until = days.bounds(ZoneInfo(desk.practice.timezone))
        about = About(desk.id, desk.practice.name, desk.practice.timezone, desk.clock.now())
        try:
            if beside_of(out).exists():
                raise FileExistsError(0, "there is a file of that name already", str(beside_of(out)))
            file = AuditFile(out, kind, about)
        except OSError as error:
            raise _not_written(error, out) from None
        try:
            exported = await export_rows(desk, file, since, until, VIA)
            return exported, file.finish(exported.head)
        except BaseException as error:
            file.drop()
            if isinstance(error, OSError):
                raise _not_written(error, out) from None
            raise


async def public_key(settings: Settings) -> tuple[str, str]:
    """The practice's id, and the key by which its signed heads are known."""
    async with _practice(settings) as desk, desk.database.writing(desk.id) as unit:
        key = await unit.audit.public_key()
        await unit.commit()  # a practice that has no key yet has one now
    return desk.id, key


async def sign_head(settings: Settings, out: Path | None) -> str:
    """Sign the end of the log as it stands, to a file or to the practice's folder. A sentence. Raises UserMistake."""
    async with _practice(settings) as desk:
        folder = head_folder(settings)
        try:
            if out is None:
                made = await keep_head(desk, folder)
                return words.KEPT.format(folder=folder.root) if made else words.KEPT_BEFORE.format(folder=folder.root)
            head = await signed_end(desk)
            if head is None:
                return words.NOTHING_TO_SIGN
            if put_if_absent(out, head_text(head), may_complete=False) is Put.OTHER:
                raise FileExistsError(0, "there is a file of that name already", str(out))
            return words.SIGNED.format(seq=head.seq, file=out)
        except OSError as error:
            raise _not_written(error, out or folder.root) from None


async def heads_state(settings: Settings, practice: PracticeFile) -> str:
    """For `afternote check`: whether the log holds, agrees with the heads, and whether heads can be kept.

    Raises ValueError with what is wrong.
    """
    folder = head_folder(settings)
    _expect_writable(folder, made_later=settings.audit_heads is None)
    async with _opened(settings, practice) as desk:
        verified = await verify_log(desk, _kept_heads(folder, desk), is_genuine)
    if not verified.verdict.holds:
        raise ValueError(" ".join(_findings(verified, "").lines))
    state = f"holds, {words.rows(verified.verdict.rows)}; {words.heads(verified.agreeing)} in {folder.root}"
    return f"{state} ({words.INSIDE})" if _is_inside(folder.root, settings.home) else state


def _expect_writable(folder: HeadFolder, *, made_later: bool) -> None:
    root = folder.root
    if made_later and not root.exists():
        return
    try:
        probe = root / ".afternote-probe"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise ValueError(words.NO_FOLDER.format(folder=root, why=error.strerror)) from None


def _is_inside(folder: Path, home: Path) -> bool:
    return folder.resolve().is_relative_to(home.resolve())


def _line(desk: Desk, row: ChainRow, zone: ZoneInfo) -> str:
    at = f"{words.moment(row.at)}Z ({row.at.astimezone(zone):%Y-%m-%d %H:%M %Z})" if row.at else "no time"
    name = actor_name(desk, row)
    who = f"{name} [{row.actor}]" if name else row.actor or "the service"
    version = f"v{row.version} {row.version_hash[:_HASH_SHOWN]}".rstrip() if row.version else ""
    cells = (f"{row.seq:>6}", at, row.act, who, row.note_id or "", version, f"via {row.via}" if row.via else "")
    return visible("  ".join(str(cell) for cell in cells if cell)).replace("\n", "⏎")


def _findings(verified: Verified, prefix: str) -> Told:
    verdict = verified.verdict
    lines = [visible(f"{prefix}{words.said(finding)}") for finding in verdict.findings]
    more = [words.MORE.format(count=verdict.more)] if verdict.more else []
    return Told(False, (*lines, *more, words.WHAT_NOW))


def _agreement(verified: Verified) -> str:
    if not verified.agreeing:
        return words.NO_HEADS
    last = verified.agreeing[-1]
    return words.HEADS_HOLD.format(heads=words.heads(verified.agreeing), seq=last.seq, at=words.moment(last.at))


def _file_lines(file: Path, verified: Verified, head: SignedHead | None, *, key: str) -> Iterable[str]:
    verdict = verified.verdict
    yield words.FILE_HOLDS.format(file=file.name, rows=words.rows(verdict.rows))
    if verdict.first > 1:
        yield words.FILE_BEFORE.format(first=verdict.first)
    if head is not None:
        yield words.FILE_SIGNED.format(key=head.public_key)
        if not key:
            yield words.FILE_OWN_KEY
    elif verified.agreeing:
        yield _agreement(verified)
    else:
        yield words.FILE_UNSIGNED


def _heads_in(paths: Sequence[Path]) -> Mapping[str, SignedHead]:
    """The heads of these files, and of all in these folders. Raises UserMistake for what is none."""
    found: dict[str, SignedHead] = {}
    for path in paths:
        try:
            files = sorted(path.glob("*.json")) if path.is_dir() else [path]
            if not files:
                raise UserMistake("no_heads", f"{path} holds no signed head.")
            found.update({file.name if file.name not in found else str(file): head_in(file) for file in files})
        except ValueError as error:
            raise UserMistake("no_head", str(error)) from None
        except OSError as error:
            raise UserMistake("no_head", f"{path} cannot be read: {error.strerror}.") from None
    return found


def _kept_heads(folder: HeadFolder, desk: Desk) -> Mapping[str, SignedHead]:
    try:
        return folder.heads(desk.id)
    except ValueError as error:
        raise UserMistake("no_head", str(error)) from None
    except OSError as error:
        raise UserMistake("no_head", f"{folder.root} cannot be read: {error.strerror}.") from None


def _not_written(error: OSError, path: Path) -> UserMistake:
    return UserMistake("not_written", f"{error.filename or path}: {error.strerror}. Nothing was written.")


def _day(option: str, text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UserMistake("bad_day", f"{option} is a day such as 2026-03-02, not “{text[:40]}”.") from None


def _midnight(day: dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) if day else None


@asynccontextmanager
async def _practice(settings: Settings) -> AsyncGenerator[Desk]:
    async with _opened(settings, the_practice(settings)) as desk:
        yield desk


@asynccontextmanager
async def _opened(settings: Settings, practice: PracticeFile) -> AsyncGenerator[Desk]:
    desk = await open_desk(settings, practice, SystemClock())
    try:
        yield desk
    finally:
        await desk.database.close()

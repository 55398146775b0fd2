"""Filing at several places: who moves a filing on, when it is tried again, and what waits for what."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from bot.cards import words
from bot.domain.errors import Conflict, EffectError, Permanent, Temporary, Unknown
from bot.domain.filing import Filing, FilingState, Reason, Receipt, code_of
from bot.domain.ids import NoteId, PracticeId
from bot.domain.links import Link, LinkKind
from bot.domain.note import Note, State
from bot.domain.people import Client
from bot.ports import FiledNote, Related
from bot.workflows.approve_note import approve_note
from bot.workflows.cabinet import Cabinet, Target
from bot.workflows.desk import Desk, open_note
from bot.workflows.draft_note import draft_note
from bot.workflows.due_work import due_work
from bot.workflows.file_note import file_and_show, file_note
from bot.workflows.filing_times import wait_after
from bot.workflows.roster import Roster
from bot.workflows.show_note import Screens
from bot.workflows.start_draft import NewNote, start_draft
from tests.doubles.memory_sink import MemorySink
from tests.workflows.factories import CANARY, ROSA, SUMMARY, FixedClock, RecordingChat, desk, nothing_begins

TARGETS = ("ehr", "share")
DAY = FixedClock().at.date()
BUSY = code_of("memory", Reason.BUSY, 503)


@dataclass
class Office:
    """A desk with two places, and what they hold."""

    desk: Desk
    clock: FixedClock
    sinks: dict[str, MemorySink]
    cabinet: Cabinet

    async def file(self, note_id: NoteId, target: str = "ehr") -> Receipt | None:
        return await file_note(self.desk, self.cabinet, note_id, target)

    async def rows(self, note_id: NoteId) -> Sequence[Filing]:
        return (await open_note(self.desk, note_id)).filings

    async def row(self, note_id: NoteId, target: str = "ehr") -> Filing:
        return next(row for row in await self.rows(note_id) if row.target == target)

    async def state(self, note_id: NoteId) -> State:
        return (await open_note(self.desk, note_id)).note.state

    async def acts(self, note_id: NoteId) -> list[str]:
        async with self.desk.database.reading(self.desk.id) as unit:
            return [act.act for act in await unit.audit.acts(note_id)][3:]  # after started, drafted, signed


def render(note: Note, about: Note | None, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
    words_of_it = "\n".join(s.text for s in note.statements)
    return {"txt": (words_of_it + (f"\nabout {about.id}" if about else "")).encode()}


@pytest.fixture
def office() -> Office:
    clock = FixedClock()
    sinks = {name: MemorySink(clock) for name in TARGETS}
    places = {name: Target(name, "memory", sink) for name, sink in sinks.items()}
    return Office(replace(desk(clock), targets=TARGETS), clock, sinks, Cabinet(places, render))


async def signed(at: Desk, source: str = "test:1", link: Link | None = None) -> NoteId:
    new = NewNote(SUMMARY, source, "test", "soap", "JD-014")
    note_id = (await start_draft(at, ROSA, new)).note_id
    await draft_note(at, note_id)
    note = (await open_note(at, note_id)).note
    if link:
        async with at.database.writing(at.id) as unit:
            await unit.notes.save(replace(note, link=link, session=replace(note.session, date=DAY)), note)
            await unit.commit()
    await approve_note(at, ROSA, note_id, note.version, "test", day=DAY)
    return note_id


async def test_a_signed_note_has_a_row_a_place_and_is_filed_when_the_record_has_it(office: Office) -> None:
    note_id = await signed(office.desk)
    assert [row.target for row in await office.rows(note_id)] == ["ehr", "share"]
    assert await office.file(note_id, "share")
    assert await office.state(note_id) is State.FILING
    assert await office.file(note_id, "ehr")
    assert await office.state(note_id) is State.FILED
    assert await office.acts(note_id) == ["copied (share)", "filed"]
    assert office.sinks["ehr"].stored == office.sinks["share"].stored
    assert [row.state for row in await office.rows(note_id)] == [FilingState.STORED] * 2


async def test_a_copy_that_fails_waits_although_the_note_is_filed(office: Office) -> None:
    note_id = await signed(office.desk)
    office.sinks["share"].fail_with(Temporary(BUSY))
    with pytest.raises(Temporary):
        await office.file(note_id, "share")
    await office.file(note_id, "ehr")
    assert await office.state(note_id) is State.FILED
    assert await due_work(office.desk) == []
    office.clock.move(seconds=3)
    assert await due_work(office.desk) == [("file", note_id, "share")]
    assert await office.file(note_id, "share")
    assert (await office.row(note_id, "share")).state is FilingState.STORED


async def test_a_place_that_is_down_for_days_is_tried_for_days_and_audited_once(office: Office) -> None:
    note_id, waits = await signed(office.desk), []
    for _ in range(30):
        office.sinks["ehr"].fail_with(Temporary(BUSY))
        with pytest.raises(Temporary):
            await office.file(note_id)
        row = await office.row(note_id)
        waits.append((row.next_at - office.clock.now()).total_seconds())
        office.clock.at = row.next_at
    for number, wait in enumerate(waits):
        due = min(2.0 * 2**number, 6 * 3600)
        assert 0.8 * due <= wait <= 1.2 * due
    assert len({wait / min(2.0 * 2**number, 6 * 3600) for number, wait in enumerate(waits)}) > 5, "nothing is spread"
    row = await office.row(note_id)
    assert (row.state, row.attempts, row.failing_since) == (FilingState.PENDING, 30, FixedClock().at)
    assert office.clock.now() - row.failing_since > dt.timedelta(days=3)
    assert await office.acts(note_id) == ["filing failed (pending) ehr"]
    assert await office.file(note_id)
    assert await office.acts(note_id) == ["filing failed (pending) ehr", "filed"]


@pytest.mark.parametrize(
    ("asked", "attempts", "expected"),
    [(90.0, 0, 90.0), (1.0, 3, 16.0), (None, 0, 2.0), (10 * 86400.0, 0, 86400.0), (7 * 3600.0, 40, 7 * 3600.0)],
)
def test_what_a_place_asks_for_is_kept_up_to_a_day(asked: float | None, attempts: int, expected: float) -> None:
    wait = wait_after(Temporary(BUSY, asked), attempts, lambda low, high: (low + high) / 2)
    assert wait.total_seconds() == expected


async def test_the_run_hears_when_it_is_time_again(office: Office) -> None:
    note_id = await signed(office.desk)
    office.sinks["ehr"].fail_with(Temporary(BUSY, 45.0))
    with pytest.raises(Temporary) as raised:
        await office.file(note_id)
    assert raised.value.retry_after == 45.0
    assert (await office.row(note_id)).next_at == office.clock.now() + dt.timedelta(seconds=45)
    assert await office.file(note_id) is None, "too soon"
    assert office.sinks["ehr"].puts == 1
    office.clock.move(seconds=45)
    assert await office.file(note_id)


async def test_what_is_refused_is_tried_again_by_itself_for_a_setting_may_be_mended(office: Office) -> None:
    note_id = await signed(office.desk)
    await office.file(note_id, "share")
    office.sinks["ehr"].fail_with(Permanent("s3:not_allowed:403"), Permanent("s3:no_place"))
    with pytest.raises(Permanent):
        await office.file(note_id)
    row = await office.row(note_id)
    assert (row.state, row.error_code) == (FilingState.REFUSED, "s3:not_allowed:403")
    assert await due_work(office.desk) == []
    office.clock.move(hours=8)
    assert await due_work(office.desk) == [("file", note_id, "ehr")]
    with pytest.raises(Permanent):
        await office.file(note_id)
    assert (await office.acts(note_id))[1:] == ["filing failed (refused) ehr"] * 2, "another code is news"
    office.clock.move(hours=8)
    assert await office.file(note_id)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Conflict("s3:other_content", "there"), FilingState.CONFLICT),
        (Unknown("webhook:lost"), FilingState.UNKNOWN),
    ],
)
async def test_what_no_worker_can_decide_waits_for_a_person(
    office: Office, error: EffectError, state: FilingState
) -> None:
    note_id = await signed(office.desk)
    await office.file(note_id, "share")
    office.sinks["ehr"].fail_with(error)
    with pytest.raises(type(error)):
        await office.file(note_id)
    office.clock.move(days=30)
    assert await due_work(office.desk) == []
    assert await office.file(note_id) is None
    assert office.sinks["ehr"].puts == 1
    assert (await office.row(note_id)).state is state
    assert await office.state(note_id) is State.FILING
    async with office.desk.database.writing(office.desk.id) as unit:
        await unit.ledger.again(note_id, "ehr", office.clock.now(), absent=False)
        await unit.commit()
    assert await due_work(office.desk) == [("file", note_id, "ehr")]
    assert await office.file(note_id)
    (sent,) = office.sinks["ehr"].notes.values()
    assert sent.maybe_sent is (state is FilingState.UNKNOWN)


class BrokenSink(MemorySink):
    """Fails in a way that no adapter should, with words that nobody may read."""

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        raise KeyError(CANARY)


async def test_a_fault_of_ours_is_a_refusal_and_tells_its_type_only(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    note_id = await signed(office.desk)
    broken = Cabinet({"ehr": Target("ehr", "s3", BrokenSink(office.clock))}, render)
    with pytest.raises(Permanent, match=r"^s3:unexpected$"):
        await file_note(office.desk, broken, note_id, "ehr")
    row = await office.row(note_id)
    assert (row.state, row.error_code) == (FilingState.REFUSED, "s3:unexpected")
    assert row.maybe_sent, "nobody knows how far it came"
    assert "KeyError" in caplog.text
    assert CANARY not in caplog.text


async def test_a_note_that_cannot_be_rendered_is_a_refusal_and_tells_its_type_only(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(note: Note, about: Note | None, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
        raise ValueError(note.statements[0].text)

    note_id = await signed(office.desk)
    with pytest.raises(Permanent, match=r"^memory:unexpected:render$"):
        await file_note(office.desk, replace(office.cabinet, render=fails), note_id, "ehr")
    assert "ValueError" in caplog.text
    assert CANARY not in caplog.text


async def test_a_kind_that_a_place_wants_since_is_added_and_what_is_kept_stays(office: Office) -> None:
    note_id = await signed(office.desk)
    office.sinks["ehr"].fail_with(Temporary(BUSY))
    with pytest.raises(Temporary):
        await office.file(note_id)
    seen: list[Mapping[str, bytes]] = []

    def renders_anew(note: Note, about: Note | None, made: Mapping[str, bytes]) -> Mapping[str, bytes]:
        seen.append(made)
        return {"txt": b"another letterhead", "md": b"# markdown"}

    office.clock.move(seconds=10)
    now = replace(office.cabinet, render=renders_anew, kinds=("txt", "md"))
    assert await file_note(office.desk, now, note_id, "ehr")
    async with office.desk.database.reading(office.desk.id) as unit:
        kept = await unit.documents.of(note_id)
    assert kept == {**seen[0], "md": b"# markdown"}
    assert CANARY.encode() in kept["txt"]
    assert await file_note(office.desk, now, note_id, "share")
    assert len(seen) == 1, "nothing was lacking any more"


class HangingSink(MemorySink):
    """Answers when it is let go."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock)
        self.free = asyncio.Event()

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        self.puts += 1
        await self.free.wait()
        return await super().put(note, files, key)


async def test_a_place_that_hangs_is_given_up_for_now_and_asked_first_the_next_time(office: Office) -> None:
    hanging = HangingSink(office.clock)
    target = Target("ehr", "memory", hanging)
    short = Cabinet({"ehr": target}, render, lease_seconds=0)
    note_id = await signed(office.desk)
    with pytest.raises(Temporary, match=r"^memory:timeout$"):
        await file_note(office.desk, short, note_id, "ehr")
    row = await office.row(note_id)
    assert (row.state, row.maybe_sent) == (FilingState.PENDING, True)
    hanging.free.set()
    await asyncio.sleep(0.01)
    assert (len(target.late), len(hanging.stored)) == (0, 1)
    office.clock.move(seconds=10)
    receipt = await file_note(office.desk, Cabinet({"ehr": target}, render), note_id, "ehr")
    assert receipt
    assert receipt.outcome == "already"
    assert await office.state(note_id) is State.FILED


async def test_a_place_that_always_hangs_takes_a_few_threads_and_no_more(office: Office) -> None:
    hanging = HangingSink(office.clock)
    target = Target("ehr", "memory", hanging)
    short = Cabinet({"ehr": target}, render, lease_seconds=0)
    notes = [await signed(office.desk, f"test:{n}") for n in range(4)]
    codes: list[str] = []
    for note_id in notes:
        with pytest.raises(Temporary) as raised:
            await file_note(office.desk, short, note_id, "ehr")
        codes.append(raised.value.code)
    assert codes == ["memory:timeout"] * 2 + ["memory:timeout:stuck"] * 2
    assert hanging.puts == 2
    assert [(await office.row(note_id)).maybe_sent for note_id in notes] == [True, True, False, False]
    await target.close()
    await asyncio.sleep(0)
    assert not target.late


async def test_the_receipt_of_a_worker_that_lost_its_lease_counts_and_its_failure_does_not(office: Office) -> None:
    slow = HangingSink(office.clock)
    zombies = Cabinet({"ehr": Target("ehr", "memory", slow)}, render)
    note_id = await signed(office.desk)
    zombie = asyncio.create_task(file_note(office.desk, zombies, note_id, "ehr"))
    while not slow.puts:  # noqa: ASYNC110 - it only counts
        await asyncio.sleep(0)
    office.clock.move(seconds=zombies.lease_seconds)
    slow.fail_with(Permanent("memory:refused"))
    assert await office.file(note_id), "a successor takes over"
    (sent,) = office.sinks["ehr"].notes.values()
    assert sent.maybe_sent, "and is told to look first"
    slow.free.set()
    with pytest.raises(Permanent):
        await zombie
    row = await office.row(note_id)
    assert (row.state, row.error_code, row.attempts) == (FilingState.STORED, "", 0)
    assert await office.acts(note_id) == ["filed"]


async def test_an_addendum_waits_at_each_place_for_its_note(office: Office) -> None:
    note_id = await signed(office.desk)
    addendum = await signed(office.desk, "test:2", Link(LinkKind.ADDENDUM, note_id))
    assert await office.file(note_id, "share")
    assert await office.file(addendum, "share"), "its note is there"
    assert await office.file(addendum, "ehr") is None, "its note is not"
    row = await office.row(addendum)
    assert (row.state, row.attempts, row.error_code, row.failing_since) == (FilingState.PENDING, 0, "", None)
    assert ("file", addendum, "ehr") not in await due_work(office.desk), "looked at again a little later"
    assert await office.file(note_id, "ehr")
    office.clock.move(seconds=30)
    assert await due_work(office.desk) == [("file", addendum, "ehr")]
    assert await office.file(addendum, "ehr")
    sent = next(note for note in office.sinks["ehr"].notes.values() if note.note_id == addendum)
    assert sent.related == Related(LinkKind.ADDENDUM, note_id, f"memory/{note_id}")
    (files,) = [files for key, files in office.sinks["ehr"].stored.items() if key.startswith(addendum)]
    assert b"about " + note_id.encode() in files["txt"]


async def test_an_addendum_at_a_place_that_never_had_its_note_goes_there_without_a_reference(office: Office) -> None:
    before = replace(office.desk, targets=("share",))
    note_id = await signed(before)
    addendum = await signed(office.desk, "test:2", Link(LinkKind.ADDENDUM, note_id))
    assert await office.file(addendum, "ehr")
    (sent,) = office.sinks["ehr"].notes.values()
    assert sent.related == Related(LinkKind.ADDENDUM, note_id, "")


async def test_what_waits_is_not_shown_again_and_again(office: Office) -> None:
    chat = RecordingChat()
    note_id = await signed(office.desk)
    addendum = await signed(office.desk, "test:2", Link(LinkKind.ADDENDUM, note_id))
    await file_and_show(
        office.desk, office.cabinet, Screens(office.desk, {"slack": chat}), addendum, "ehr", nothing_begins
    )
    assert not chat.cards


async def test_a_sink_is_told_everything_it_may_know(office: Office) -> None:
    flagged = tuple(replace(c, flags=("part2",)) for c in office.desk.practice.clients)
    assert isinstance(flagged[0], Client)
    at = replace(office.desk, roster=Roster(replace(office.desk.practice, clients=flagged)))
    new = NewNote(SUMMARY, "test:1", "test", "soap", "JD-014")
    note_id = (await start_draft(at, ROSA, new)).note_id
    await draft_note(at, note_id)
    draft = (await open_note(at, note_id)).note
    timed = replace(draft, session=replace(draft.session, date=DAY, start=dt.time(14, 30), minutes=53, kind="couples"))
    async with at.database.writing(at.id) as unit:
        await unit.notes.save(timed, draft)
        await unit.commit()
    await approve_note(at, ROSA, note_id, timed.version, "test")
    await file_note(at, office.cabinet, note_id, "ehr")
    (sent,) = office.sinks["ehr"].notes.values()
    assert sent.started_at
    assert sent.timezone == "America/Chicago"
    assert sent.started_at.astimezone(dt.UTC) == dt.datetime(2026, 11, 23, 20, 30, tzinfo=dt.UTC)  # Chicago's 14:30
    assert (sent.minutes, sent.session_kind, sent.client_flags) == (53, "couples", ("part2",))
    assert (sent.format_name, sent.loinc) == (at.formats["soap"].name, at.formats["soap"].loinc)
    assert (sent.clinician_id, sent.clinician, sent.signed_at) == (ROSA.id, "Rosa, LCSW", office.clock.now())
    assert (sent.related, sent.maybe_sent) == (None, False)


async def test_a_place_that_was_taken_out_of_the_file_is_a_refusal_that_says_so(office: Office) -> None:
    note_id = await signed(office.desk)
    only = Cabinet({"ehr": office.cabinet.targets["ehr"]}, render)
    with pytest.raises(Permanent, match=r"^share:no_place:removed$"):
        await file_note(office.desk, only, note_id, "share")
    assert (await office.row(note_id, "share")).state is FilingState.REFUSED


def moved(office: Office, *targets: str) -> Office:
    """The same practice after these became its places."""
    sinks = {name: office.sinks.get(name) or MemorySink(office.clock) for name in targets}
    places = {name: Target(name, "memory", sink) for name, sink in sinks.items()}
    return replace(office, desk=replace(office.desk, targets=targets), sinks=sinks, cabinet=Cabinet(places, render))


@dataclass
class Begun:
    """What was begun at once, in order."""

    filings: list[tuple[NoteId, str]]

    async def file(self, practice: PracticeId, note_id: NoteId, target: str) -> None:
        self.filings.append((note_id, target))


async def test_a_note_whose_record_was_taken_out_of_the_file_goes_to_the_present_one(office: Office) -> None:
    note_id = await signed(office.desk)
    addendum = await signed(office.desk, "test:2", Link(LinkKind.ADDENDUM, note_id))
    office.sinks["ehr"].fail_with(Temporary(BUSY))
    with pytest.raises(Temporary):
        await office.file(note_id)
    after, chat, begun = moved(office, "cloud", "share"), RecordingChat(), Begun([])
    screens = Screens(after.desk, {"slack": chat})
    office.clock.move(minutes=1)
    for each in (addendum, note_id):
        await file_and_show(after.desk, after.cabinet, screens, each, "ehr", begun.file)
    assert begun.filings == [(addendum, "cloud"), (note_id, "cloud")]
    assert [row.target for row in await after.rows(note_id)] == ["cloud", "ehr", "share"]
    assert await after.file(addendum, "cloud") is None, "it waits there too"
    await file_and_show(after.desk, after.cabinet, screens, note_id, "cloud", begun.file)
    assert begun.filings[2:] == [(addendum, "cloud")]
    assert await after.file(addendum, "cloud")
    assert [await after.state(each) for each in (note_id, addendum)] == [State.FILED] * 2
    assert (await after.acts(note_id))[-2:] == ["record moved from ehr to cloud", "filed"]
    said = str(list(chat.cards.values()))
    assert "Not yet in share." in said
    assert "Not in ehr yet" not in said, "what the practice gave up is nobody's trouble"
    old = await after.row(note_id, "ehr")
    assert (old.state, old.error_code) == (FilingState.REFUSED, "ehr:no_place:removed")
    assert old.next_at > office.clock.now(), "and is kept, for the place may come back"


async def test_a_note_whose_record_was_taken_out_counts_as_filed_where_its_copy_is_the_record_now(
    office: Office,
) -> None:
    note_id = await signed(office.desk)
    await office.file(note_id, "share")
    after = moved(office, "share")
    assert await after.file(note_id, "ehr") is None
    assert await after.state(note_id) is State.FILED
    assert await after.acts(note_id) == ["copied (share)", "record moved from ehr to share", "filed"]


async def test_a_record_that_comes_back_is_filed_at(office: Office) -> None:
    note_id = await signed(office.desk)
    for targets in (("ehr2",), ("ehr", "share")):
        office = moved(office, *targets)
        assert await office.file(note_id, "ehr" if targets == ("ehr2",) else "ehr2") is None
    assert await office.file(note_id, "ehr")
    assert await office.state(note_id) is State.FILED


async def test_what_waited_for_a_note_is_begun_when_it_is_there(office: Office) -> None:
    first = await signed(office.desk)
    amendment = await signed(office.desk, "test:2", Link(LinkKind.AMENDMENT, first, "Wrong day."))
    addendum = await signed(office.desk, "test:3", Link(LinkKind.ADDENDUM, amendment))
    screens, begun = Screens(office.desk, {}), Begun([])
    for note_id in (addendum, amendment, first):
        await file_and_show(office.desk, office.cabinet, screens, note_id, "ehr", begun.file)
    assert begun.filings == [(amendment, "ehr")]
    await file_and_show(office.desk, office.cabinet, screens, amendment, "ehr", begun.file)
    assert begun.filings == [(amendment, "ehr"), (addendum, "ehr")]
    await file_and_show(office.desk, office.cabinet, screens, addendum, "ehr", begun.file)
    assert await office.state(addendum) is State.FILED
    assert len(begun.filings) == 2


async def test_what_waited_for_a_note_is_begun_although_the_chat_does_not_answer(office: Office) -> None:
    note_id = await signed(office.desk)
    addendum = await signed(office.desk, "test:2", Link(LinkKind.ADDENDUM, note_id))
    chat, begun = RecordingChat(broken=Temporary("slack:busy")), Begun([])
    with pytest.raises(Temporary):
        await file_and_show(
            office.desk, office.cabinet, Screens(office.desk, {"slack": chat}), note_id, "ehr", begun.file
        )
    assert begun.filings == [(addendum, "ehr")]


async def test_an_addendum_does_not_wait_for_a_note_that_was_purged(office: Office) -> None:
    note_id = await signed(office.desk)
    addendum = await signed(office.desk, "test:2", Link(LinkKind.ADDENDUM, note_id))
    async with office.desk.database.writing(office.desk.id) as unit:
        await unit.notes.purge(note_id)  # type: ignore[attr-defined] - not part of the port yet
        await unit.commit()
    assert await office.file(addendum)


async def test_the_same_note_is_not_sent_beside_a_sending_that_still_goes_on(office: Office) -> None:
    hanging = HangingSink(office.clock)
    target = Target("ehr", "memory", hanging)
    short = Cabinet({"ehr": target}, render, lease_seconds=0)
    note_id = await signed(office.desk)
    for code in ("memory:timeout", "memory:timeout:stuck"):
        with pytest.raises(Temporary) as raised:
            await file_note(office.desk, short, note_id, "ehr")
        assert raised.value.code == code
        office.clock.move(minutes=1)
    assert hanging.puts == 1
    assert (await office.row(note_id)).maybe_sent
    await target.close()


class StickySink(MemorySink):
    """Does not let go."""

    async def close(self) -> None:
        await asyncio.Event().wait()


class RudeSink(MemorySink):
    """Fails when it is let go of."""

    async def close(self) -> None:
        raise OSError(CANARY)


async def test_a_place_that_does_not_let_go_keeps_nobody_from_ending(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    sinks = {"sticky": StickySink(office.clock), "rude": RudeSink(office.clock)}
    async with asyncio.timeout(4):
        await Cabinet({name: Target(name, "memory", sink) for name, sink in sinks.items()}, render).close()
    assert "sticky does not let go" in caplog.text
    assert "letting go of rude failed: OSError" in caplog.text
    assert CANARY not in caplog.text


async def test_a_signed_note_without_rows_gets_them(office: Office) -> None:
    note_id = await signed(replace(office.desk, targets=()))
    assert list(await office.rows(note_id)) == []
    assert await due_work(office.desk) == [("file", note_id, "ehr"), ("file", note_id, "share")]
    assert await office.file(note_id, "share")
    assert [row.target for row in await office.rows(note_id)] == ["ehr", "share"]


async def test_a_target_added_later_is_not_asked_for_notes_of_before(office: Office) -> None:
    note_id = await signed(replace(office.desk, targets=("ehr",)))
    assert await office.file(note_id, "share") is None
    assert await due_work(office.desk) == [("file", note_id, "ehr")]


async def test_the_card_tells_how_the_record_stands_whatever_the_copy_does(office: Office) -> None:
    chat = RecordingChat()
    screens = Screens(office.desk, {"slack": chat})
    note_id = await signed(office.desk)
    office.sinks["share"].fail_with(Permanent("memory:refused"))
    with pytest.raises(Permanent):
        await file_and_show(office.desk, office.cabinet, screens, note_id, "share", nothing_begins)
    await file_and_show(office.desk, office.cabinet, screens, note_id, "ehr", nothing_begins)
    (card,) = [card for posted, card in chat.cards.items() if posted.channel == f"D-U{ROSA.id}"]
    assert card.notice == words.RECEIPT_NOTICE

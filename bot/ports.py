"""The outside, as the workflows see it. Small Protocols; `bot/wiring.py` chooses the implementations."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.cards.elements import Card
from bot.day_ports import Appointments, Batches, Choices, Measures, Reminders
from bot.domain.appointments import RefusedRow, SessionRow
from bot.domain.audit import ALL_ROWS, ChainEnd, ChainRow, SignedHead, Wanted
from bot.domain.completion import Completion, Prompt
from bot.domain.filing import Filing, FilingState, Receipt
from bot.domain.ids import NoteId, PersonId, PracticeId
from bot.domain.links import LinkKind
from bot.domain.note import Note, State
from bot.domain.plan import Plan, PlanId
from bot.domain.usage import Call, Limits, Outcome, Usage
from bot.practice_ports import Examples, Formats, People, Reviews


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in a chat: the direct conversation with a person of ours on one platform, or a `channel` of it.

    A channel is read by others: no clinical text goes there.
    """

    platform: str
    user: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A card that stands in a chat. `channel` and `ts` are the platform's own address of it."""

    platform: str
    workspace: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A card that tells an administrator of a note that is not filed.

    `board`: it counts many notes; the note is the one it was posted for.
    """

    note_id: NoteId
    person: PersonId
    posted: Posted
    board: bool = False


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """A card that speaks of a note in review: in the review channel (`person` is None) or to one supervisor."""

    note_id: NoteId
    person: PersonId | None
    posted: Posted


class Chat(Protocol):
    """Where cards are shown later than the act that caused them. Raises `Temporary` or `Permanent`."""

    async def post(self, place: Place, card: Card) -> Posted: ...

    async def update(self, posted: Posted, card: Card) -> bool:
        """Replace a card; False when it does not stand any more."""
        ...

    async def delete(self, posted: Posted) -> None: ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """The bot's direct conversation with one person, in a chat where it must be known before the bot can write first.

    `workspace` is the person's tenant, `channel` the conversation's id, `service_url` where the chat takes messages
    for it, `bot_id` the bot's own id in it.
    """

    platform: str
    workspace: str
    user: str
    channel: str
    service_url: str
    bot_id: str


class Model(Protocol):
    """A language model. Raises `Temporary` or `Permanent`, with codes only: a server's words may quote the prompt."""

    async def complete(self, prompt: Prompt) -> Completion: ...

    async def close(self) -> None: ...


class Clock(Protocol):
    """Aware UTC time."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Related:
    """The note that an addendum, amendment or retraction is about, as this sink knows it.

    `reference`: of its receipt there; empty when it never was filed there.
    """

    kind: LinkKind
    note_id: NoteId
    reference: str


@dataclass(frozen=True, slots=True)
class Countersigned:
    """A supervisor's signature under a note: name and credentials, as what (`supervisor`, `reviewer`), and when."""

    who: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FiledNote:
    """What a sink may know of a note: for paths and headers only. The content is in the files.

    `clinician`: name and credentials of who signed; a client has only a code here. `session_date` is a day in
    `timezone`. `started_at` is known when the session's time is, `minutes` its length. `maybe_sent`: an earlier sending
    may have arrived, so look before sending. `format_version`: of the format's definition; 0 where it is not known.
    """

    note_id: NoteId
    practice_id: PracticeId
    client_code: str
    format_id: str
    session_date: str
    version_hash: str
    format_name: str = ""
    loinc: str = ""
    clinician_id: PersonId | None = None
    clinician: str = ""
    session_kind: str = "individual"
    timezone: str = ""
    started_at: datetime | None = None
    minutes: int | None = None
    signed_at: datetime | None = None
    client_flags: tuple[str, ...] = ()
    related: Related | None = None
    maybe_sent: bool = False
    countersigned: Countersigned | None = None
    format_version: int = 0


class NoteSink(Protocol):
    """A place for final notes. `put` is idempotent per `key`; raises Temporary, Permanent, Conflict, Unknown."""

    async def check(self) -> Sequence[str]:
        """Problems in words an administrator understands; empty when all is well."""
        ...

    async def put(self, note: FiledNote, files: Mapping[str, bytes], key: str) -> Receipt:
        """Store `files` (extension → bytes) unless they are there already.

        With `note.related` of an amendment or retraction also mark the note it is about, where the place can.
        """
        ...

    async def close(self) -> None:
        """Let go of connections. Nothing is put after that."""
        ...


@runtime_checkable
class ClientDirectory(Protocol):
    """A sink that knows the practice's clients by code."""

    async def find_clients(self, typed: str, limit: int) -> Sequence[str]:
        """Client codes that start with what was typed. Raises Temporary or Permanent."""
        ...


@runtime_checkable
class SessionSource(Protocol):
    """A sink that knows when the practice's clinicians see their clients."""

    @property
    def offers_sessions(self) -> bool:
        """Whether the practice wants sessions from there."""
        ...

    def sessions(
        self, since: datetime, until: datetime, timezone: str, clinicians: Sequence[PersonId] = ()
    ) -> AsyncIterator[SessionRow | RefusedRow]:
        """Sessions that begin from `since` on and before `until`, each once, of these clinicians or of all it knows.

        In no order, a page at a time. A row's `clinician` is a person's id, its day and start are in `timezone`, its
        key stays when it is moved. Raises UserMistake with a sentence for the person, Temporary, Permanent.
        """
        ...


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit log: who did what to which note. Never any clinical text."""

    actor: PersonId | None
    act: str
    note_id: NoteId | None
    version: int
    version_hash: str
    at: datetime
    via: str = ""


class Notes(Protocol):
    """Notes of one practice."""

    async def add(self, note: Note) -> None: ...

    async def get(self, note_id: NoteId) -> Note:
        """The note as it stands. Raises NotFound."""
        ...

    async def save(self, note: Note, seen: Note) -> None:
        """Store the next value of a note read as `seen`, appending a new version. Raises Stale when outrun."""
        ...

    async def by_source(self, source: str) -> NoteId | None:
        """The note that this chat event already started, if any."""
        ...

    async def in_states(self, states: Sequence[State], limit: int) -> Sequence[NoteId]:
        """Notes in one of these states, oldest first."""
        ...

    async def client_codes(self, clinician: PersonId, prefix: str, limit: int) -> Sequence[str]:
        """Codes this clinician has written for that start with `prefix` (any case), most recent first.

        The one that is `prefix` itself comes before them. Among the 60 written for last; the older ones when none of
        those fits.
        """
        ...

    async def waiting(self, limit: int) -> Sequence[NoteId]:
        """Drafts for which a change of wording is asked for, oldest first."""
        ...

    async def of_client(self, client_code: str, limit: int) -> Sequence[Note]:
        """Notes of one client, newest first, whoever wrote them."""
        ...

    async def linked_to(self, note_id: NoteId) -> Sequence[Note]:
        """What was begun about a note (addenda, amendments, retractions), in any state, oldest first."""
        ...

    async def of_clinician(self, clinician: PersonId, since: datetime, limit: int) -> Sequence[Note]:
        """What one clinician started from `since` on, newest first."""
        ...

    async def unsigned(self, clinician: PersonId, limit: int) -> Sequence[tuple[NoteId, State]]:
        """One clinician's notes that are not signed yet, addenda and the like too, oldest first."""
        ...

    async def recent(self, clinician: PersonId, state: State, limit: int) -> Sequence[Note]:
        """One clinician's notes in a state, newest first."""
        ...

    async def ids_of_client(self, client_code: str) -> Sequence[NoteId]:
        """Every note of one client that is not purged, oldest first, whoever wrote it and in whatever state."""
        ...


class Cards(Protocol):
    """Which cards stand in a chat for a note."""

    async def remember(self, note_id: NoteId, posted: Posted, *, form: bool = False) -> None:
        """Keep the address of a card; `form`: it does not show the note, but holds a form about it."""
        ...

    async def of(self, note_id: NoteId) -> Sequence[Posted]:
        """Where the note is shown, oldest first."""
        ...

    async def forms(self, note_id: NoteId) -> Sequence[Posted]:
        """Where a form about the note may stand, oldest first."""
        ...

    async def forget(self, note_id: NoteId, posted: Posted) -> None:
        """A form that is done with, or that holds what nobody may take away; harmless when it is not known."""
        ...

    async def remember_notice(self, notice: Notice) -> None:
        """Keep the address of what an administrator was told."""
        ...

    async def notices(self, note_id: NoteId) -> Sequence[Notice]:
        """What administrators were told of this note, oldest first."""
        ...

    async def notices_to(self, person: PersonId) -> Sequence[Notice]:
        """What this administrator was told of any note, oldest first."""
        ...

    async def forget_notice(self, notice: Notice) -> None:
        """What is over; harmless when it is not known."""
        ...

    async def remember_review(self, card: ReviewCard) -> None:
        """Keep the address of what the review channel, or a supervisor, was shown."""
        ...

    async def review_cards(self, *notes: NoteId) -> Sequence[ReviewCard]:
        """Where a review of one of these notes is spoken of, oldest first."""
        ...

    async def forget_review(self, card: ReviewCard) -> None:
        """What does not stand any more; harmless when it is not known."""
        ...


class Documents(Protocol):
    """Rendered documents of a signed note, kept encrypted until they are filed (and after, for viewing)."""

    async def add(self, note_id: NoteId, files: Mapping[str, bytes]) -> None: ...

    async def of(self, note_id: NoteId) -> Mapping[str, bytes]: ...


class Ledger(Protocol):
    """Guards every effect that must not happen twice: a row a note and target.

    A worker moves a row from `lease` to `stored` or `failed`; only a person (`again`) moves it on from CONFLICT and
    UNKNOWN. Every method but `open`, `lead`, `of`, `due` and `listed` raises NotFound when there is no such row. A time
    that cannot be (see `LONGEST_SAID`) counts as past: the clock was wrong when it was written.
    """

    async def open(self, note_id: NoteId, targets: Sequence[str], at: datetime) -> None:
        """Start a row a target for a signed note, due at `at`, the record first; harmless where one is there."""
        ...

    async def lead(self, note_id: NoteId, target: str, at: datetime) -> None:
        """Make this target the note's record: its row comes first, and is due at `at` unless that makes no sense."""
        ...

    async def lease(self, note_id: NoteId, target: str, holder: str, at: datetime, seconds: int) -> Filing | None:
        """Take the right to send until `at + seconds`; None when a person or nobody has to do something there now.

        That is: when it is stored, waits for a person (CONFLICT, UNKNOWN), or somebody else holds it. Who takes over
        from a holder whose time ran out finds `maybe_sent`.
        """
        ...

    async def failed(
        self,
        note_id: NoteId,
        target: str,
        holder: str,
        state: FilingState,
        code: str,
        at: datetime,
        next_at: datetime,
        *,
        maybe_sent: bool = False,
    ) -> bool:
        """Put down a failure (PENDING, REFUSED, CONFLICT or UNKNOWN) and let go of the lease.

        `maybe_sent`: what was sent may have arrived; UNKNOWN says so by itself. False, and nothing is changed, when
        `holder` has lost the lease to somebody else.
        """
        ...

    async def put_off(self, note_id: NoteId, target: str, next_at: datetime) -> None:
        """Look again then: something else has to happen first. No attempt, no failure; harmless unless at rest."""
        ...

    async def stored(self, note_id: NoteId, target: str, receipt: Receipt) -> bool:
        """Keep the proof, whoever brings it. The first receipt stands: True when it was this one."""
        ...

    async def again(self, note_id: NoteId, target: str, at: datetime, *, absent: bool) -> Filing:
        """A person wants it sent (again) from `at` on, its waits as for a first try.

        `absent`: they looked and it is not there. Raises Stale when it is stored, or being sent under a lease.
        """
        ...

    async def of(self, note_id: NoteId) -> Sequence[Filing]:
        """The note's rows in the order in which they were opened: the first is the record's. Empty when unsigned."""
        ...

    async def due(self, at: datetime, limit: int) -> Sequence[tuple[NoteId, str]]:
        """(note, target) for which `lease` gives something and it is time, the longest due first.

        At most `limit` of each target, so that what waits for a dead one leaves room for the others.
        """
        ...

    async def counts(self) -> Mapping[tuple[str, FilingState], int]:
        """(target, state) → how many rows; only of what is not stored."""
        ...

    async def listed(self, states: Sequence[FilingState], target: str, limit: int) -> Sequence[Filing]:
        """Rows in one of these states at one target, by their next time; all states or targets when empty."""
        ...


class Audit(Protocol):
    """Append-only and hash-chained per practice."""

    async def append(self, act: Act) -> None: ...

    async def acts(self, note_id: NoteId | None = None) -> Sequence[Act]: ...

    async def verify(self) -> str | None:
        """None when the chain holds, else a sentence naming the first row that does not."""
        ...

    async def page(self, after: int, limit: int, wanted: Wanted = ALL_ROWS) -> Sequence[ChainRow]:
        """The next rows beyond row `after` (a number below all rows to begin with), in their order."""
        ...

    async def newest(self, limit: int, wanted: Wanted = ALL_ROWS) -> Sequence[ChainRow]:
        """The last rows, in their order."""
        ...

    async def span(self, since: datetime | None, until: datetime | None) -> tuple[int, int]:
        """The first and the last row of a time (`until` is too late); (0, 0) when there is none."""
        ...

    async def end(self) -> ChainEnd | None:
        """Where the chain ends, as it is kept apart from the rows; None before the first one."""
        ...

    async def public_key(self) -> str:
        """By which this practice's signed heads are known; base64."""
        ...

    async def sign(self, seq: int, chain: str, at: datetime) -> SignedHead:
        """Sign that row `seq` has this hash. The caller has made sure of it."""
        ...


class Seen(Protocol):
    """Chat deliveries already handled."""

    async def first_time(self, key: str, at: datetime) -> bool: ...


class Calls(Protocol):
    """Places for calls to the language model, shared by all workers, and what each call took."""

    async def take(self, call: Call, limits: Limits, seconds: int) -> float:
        """Take a place for `seconds` at most: 0.0 when taken, else the seconds after which to ask again."""
        ...

    async def ended(self, call_id: str, outcome: Outcome, at: datetime) -> None:
        """Give the place back and keep what the call took; harmless when it was given back before."""
        ...

    async def usage(self, since: datetime) -> Sequence[Usage]:
        """What each note took of the model from `since` on, the latest first."""
        ...


class Plans(Protocol):
    """Treatment plans of one practice, one a client."""

    async def get(self, client_code: str) -> Plan | None:
        """The client's plan, if there is one. A code is the same in capitals and in small letters."""
        ...

    async def save(self, plan: Plan, seen: Plan | None) -> None:
        """Store a plan's next value, read as `seen` (None: there was none). Raises Stale when outrun."""
        ...

    async def id_of(self, client_code: str) -> PlanId:
        """The id under which a client's plan is known outside: opaque, and the same before there is a plan."""
        ...

    async def by_id(self, plan_id: PlanId) -> Plan | None: ...

    async def all(self) -> Sequence[Plan]:
        """Every plan, by client code."""
        ...


class Conversations(Protocol):
    """Direct conversations with people of one practice, one a person and platform."""

    async def remember(self, conversation: Conversation, at: datetime) -> bool:
        """Keep how somebody is reached; what was seen last wins. True when they were not known before."""
        ...

    async def of_user(self, platform: str, user: str) -> Conversation | None: ...

    async def by_channel(self, platform: str, channel: str) -> Conversation | None: ...

    async def any_of(self, platform: str, workspace: str) -> Conversation | None:
        """Of this workspace's conversations the one seen last."""
        ...


class UnitOfWork(Protocol):
    """One transaction in one practice. Leaving without `commit` rolls back."""

    notes: Notes
    cards: Cards
    documents: Documents
    ledger: Ledger
    audit: Audit
    seen: Seen
    calls: Calls
    plans: Plans
    conversations: Conversations
    formats: Formats
    examples: Examples
    reviews: Reviews
    people: People
    appointments: Appointments
    batches: Batches
    choices: Choices
    reminders: Reminders
    measures: Measures

    async def commit(self) -> None: ...


class Database(Protocol):
    """Opens units of work. Writers get the write lock at once; `reading` never takes it."""

    def writing(self, practice: PracticeId) -> AbstractAsyncContextManager[UnitOfWork]: ...

    def reading(self, practice: PracticeId) -> AbstractAsyncContextManager[UnitOfWork]: ...

    async def close(self) -> None: ...


class Work(Protocol):
    """Durable work. Starting twice is harmless; the note's state decides what is really done."""

    async def draft(self, practice: PracticeId, note_id: NoteId) -> None: ...

    async def reword(self, practice: PracticeId, note_id: NoteId) -> None: ...

    async def file(self, practice: PracticeId, note_id: NoteId, target: str) -> None: ...

    async def show(self, practice: PracticeId, note_id: NoteId) -> None:
        """Bring every card of the note in line with its state."""
        ...

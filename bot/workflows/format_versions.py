"""Keeps every definition of a practice's formats, so that a note is always shown as it was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.errors import Stale
from bot.domain.format_versions import definition_of, format_from, hash_of, numbered
from bot.domain.formats import Format
from bot.domain.people import Practice
from bot.ports import Clock, Database, UnitOfWork
from bot.practice_ports import FormatVersion

_TRIES = 5


@dataclass(frozen=True, slots=True)
class KeptFormats:
    """`current`: the formats as they are now, each with its number. `kept`: every definition by id and number.

    Number 0 is that of notes from before there were numbers: the definition that was kept first.
    """

    current: Mapping[str, Format]
    kept: dict[tuple[str, int], Format] = field(default_factory=dict[tuple[str, int], Format])


async def formats_in(unit: UnitOfWork) -> dict[tuple[str, int], Format]:
    """Every definition that is kept by now, by id and number."""
    return _read(await unit.formats.known())


async def keep_formats(database: Database, filed: Practice, clock: Clock, formats: Mapping[str, Format]) -> KeptFormats:
    """Keep what is new among `formats`. Of several processes that start at once each number is given once."""
    for left in reversed(range(_TRIES)):
        try:
            return await _kept(database, filed, clock, formats)
        except Stale:  # another process was first with this number
            if not left:
                raise
    raise AssertionError("unreachable")


async def _kept(database: Database, filed: Practice, clock: Clock, formats: Mapping[str, Format]) -> KeptFormats:
    async with database.reading(filed.id) as unit:
        known, current, new = await _compared(unit, clock, formats)
    if new:
        async with database.writing(filed.id) as unit:
            known, current, new = await _compared(unit, clock, formats)
            for version in new:
                await unit.formats.add(version)
            await unit.commit()
    return KeptFormats(current, _read([*known, *new]))


def _read(versions: Sequence[FormatVersion]) -> dict[tuple[str, int], Format]:
    kept = {(v.format_id, v.version): format_from(v.definition, v.version) for v in versions}
    first = {format_id: kept[format_id, version] for format_id, version in sorted(kept, reverse=True)}
    return kept | {(format_id, 0): fmt for format_id, fmt in first.items()}


async def _compared(
    unit: UnitOfWork, clock: Clock, formats: Mapping[str, Format]
) -> tuple[list[FormatVersion], dict[str, Format], list[FormatVersion]]:
    """What is known, the formats under their numbers, and which of them are new."""
    known = list(await unit.formats.known())
    hashes: dict[str, dict[int, str]] = {}
    for version in known:
        hashes.setdefault(version.format_id, {})[version.version] = version.sha256
    current = {format_id: numbered(fmt, hashes.get(format_id, {})) for format_id, fmt in formats.items()}
    new = [_version(fmt, clock) for fmt in current.values() if fmt.version not in hashes.get(fmt.id, {})]
    return known, current, new


def _version(fmt: Format, clock: Clock) -> FormatVersion:
    definition = definition_of(fmt)
    return FormatVersion(fmt.id, fmt.version, definition, hash_of(definition), clock.now())

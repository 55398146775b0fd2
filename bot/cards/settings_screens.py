"""The form of one's own settings: only what does something for this person is asked."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.cards import settings_words as words
from bot.cards.elements import (
    Actions,
    Button,
    Checks,
    Choice,
    DateInput,
    Field,
    Form,
    NumberInput,
    Remark,
    Select,
    TextInput,
    TimeInput,
)
from bot.domain.formats import Format
from bot.domain.people_rules import LONGEST_NAME
from bot.domain.preferences import LONGEST_ADDRESS, LONGEST_BEFORE


@dataclass(frozen=True, slots=True)
class Shown:
    """Settings as they stand. `writes`: they write notes; `administers`: they get the week's counts.

    `follows_calendar`: there is an address; it is a secret and stands on no screen.
    """

    credentials: str
    default_format: str
    remind: bool
    remind_at: dt.time
    days: frozenset[int]
    quiet: tuple[dt.time | None, dt.time | None]
    away_until: dt.date | None
    minutes_before: int
    digest: bool
    timezone: str
    writes: bool
    administers: bool
    follows_calendar: bool = False


def settings_form(shown: Shown, formats: Mapping[str, Format], context: str) -> Form:
    """Everything at once, filled in as it stands."""
    fields: list[Field] = [credentials_input(shown)]
    if shown.writes:
        fields += _of_writers(shown, formats)
    if shown.administers:
        fields.append(Select("digest", words.DIGEST_LABEL, _choices(words.DIGEST), _switch(shown.digest)))
    fields.append(Remark(words.OWN_ZONE.format(zone=shown.timezone)))
    return Form("day_settings", words.TITLE, tuple(fields), words.SAVE, "Cancel", context)


def settings_button() -> Actions:
    """What opens the form, on Home."""
    return Actions("settings", (Button("day_open_settings", words.OPEN, "own"),))


def credentials_input(shown: Shown) -> Field:
    """What stands under their signature, behind their name."""
    return TextInput(
        "credentials", words.CREDENTIALS_LABEL, shown.credentials, words.CREDENTIALS_HINT, max_length=LONGEST_NAME
    )


def format_input(shown: Shown, formats: Mapping[str, Format]) -> Field:
    """What a new note begins with."""
    choices = tuple(Choice(key, fmt.name) for key, fmt in formats.items())
    return Select("format", words.FORMAT_LABEL, choices, shown.default_format)


def remind_at_input(shown: Shown) -> Field:
    """When they are reminded of what waits."""
    return TimeInput("remind_at", words.REMIND_AT_LABEL, _clock(shown.remind_at))


def _of_writers(shown: Shown, formats: Mapping[str, Format]) -> Sequence[Field]:
    days = tuple(Choice(str(number), name) for number, name in enumerate(words.DAYS))
    begins, ends = shown.quiet
    hint = words.CALENDAR_KEPT if shown.follows_calendar else words.CALENDAR_HINT
    return (
        format_input(shown, formats),
        Select("remind", words.REMIND_LABEL, _choices(words.REMIND), _switch(shown.remind)),
        remind_at_input(shown),
        Checks("days", words.DAYS_LABEL, days, tuple(str(day) for day in sorted(shown.days))),
        TimeInput("quiet_from", words.QUIET_FROM_LABEL, _clock(begins)),
        TimeInput("quiet_until", words.QUIET_UNTIL_LABEL, _clock(ends)),
        DateInput("away_until", words.AWAY_LABEL, shown.away_until.isoformat() if shown.away_until else ""),
        TextInput("calendar", words.CALENDAR_LABEL, "", hint, max_length=LONGEST_ADDRESS),
        NumberInput("before", words.BEFORE_LABEL, shown.minutes_before or None, 1, LONGEST_BEFORE),
    )


def _choices(labels: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, label) for value, label in labels.items())


def _switch(on: bool) -> str:
    return "on" if on else "off"


def _clock(at: dt.time | None) -> str:
    return f"{at:%H:%M}" if at else ""

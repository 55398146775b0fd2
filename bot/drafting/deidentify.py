"""Identifiers stay home: finds what points to a person in a clinical text, and hides it behind placeholders.

Deterministic, without a model and without a network. What a note needs is left alone: methods and those they are called
after, medicines, instruments, scores, weekdays, times, ages up to 89, relations.
"""

from collections.abc import Sequence

from bot.drafting.identifiers.addresses import find_addresses
from bot.drafting.identifiers.bodies import find_bodies
from bot.drafting.identifiers.dates import find_dates
from bot.drafting.identifiers.numbers import find_by_form
from bot.drafting.identifiers.passage import learned_from, parts_of_names, passage_of
from bot.drafting.identifiers.people import find_people
from bot.drafting.identifiers.placeholders import Placeholders
from bot.drafting.identifiers.spans import Span, longest_first, without_overlaps
from bot.drafting.identifiers.towns import find_towns
from bot.drafting.identifiers.words import words_of


def find_identifiers(text: str, known_names: Sequence[str] = ()) -> tuple[Span, ...]:
    """The identifiers of a text in order of place, without overlaps.

    `known_names` are names the caller is sure of (from the chart, from the roster): they and their parts are found
    however they are typed. A date is a day, with or without a year; a day of birth has a type of its own.
    """
    return _found(text, parts_of_names(known_names))


def _found(text: str, known: frozenset[str]) -> tuple[Span, ...]:
    by_form = [*find_by_form(text), *find_dates(text)]
    words = words_of(text)
    places = longest_first([*find_addresses(text), *find_bodies(text, words)])
    taken = [(span.start, span.end) for span in (*by_form, *places)]
    people = find_people(passage_of(text, words, taken, known))
    return without_overlaps(text, [*by_form, *places, *people, *find_towns(text, words)])


class Mask:
    """Hides the identifiers of one note, in as many texts as it has, and puts them back.

    The same person keeps one number: `Marisol Quintero`, `Marisol`, `Ms. Quintero`, `M.Q.` become [NAME_1],
    [NAME_1_FIRST], Ms. [NAME_1_LAST], [NAME_1_INITIALS]. A name recognised in one text is hidden in the next ones too.

    With `keep_dates`, days such as `11/4` stay, because a note needs the days of its sessions; days of birth never do.

    `reveal(hide(text)) == text` for every text, also for one that holds brackets or what looks like a placeholder.
    A placeholder that was never given out (a model's invention) stays visible in the revealed text, for the checker to
    catch it.
    """

    def __init__(self, known_names: Sequence[str] = (), keep_dates: bool = True) -> None:
        self._known = parts_of_names(known_names)
        self._keep_dates = keep_dates
        self._placeholders = Placeholders(known_names)

    def learn(self, *texts: str) -> None:
        """Reads texts first, so that a name that only one of them makes plain is hidden in all."""
        for text in texts:
            self._find(text)

    def hide(self, text: str) -> str:
        """The text with a placeholder for each identifier: the same one for the same words."""
        return self._placeholders.put_into(text, self._find(text))

    def reveal(self, text: str) -> str:
        """The text with what the placeholders stand for, also where a model bent them: `[Name 1]s`, `NAME_1`."""
        return self._placeholders.take_out_of(text)

    def _find(self, text: str) -> tuple[Span, ...]:
        spans = _found(text, self._known)
        names = [text[span.start : span.end] for span in spans if span.type == "name"]
        self._known |= learned_from(names)
        return tuple(span for span in spans if not (self._keep_dates and span.type == "date"))

"""A clinician's day in Teams: typed words, buttons and forms of `bot/acts/day.py`, and where they answer."""

from bot.acts import day, features
from bot.acts.sent_forms import Sent
from bot.cards.elements import Card, Form
from bot.domain.people import Person
from bot.teams.blocks import Block
from bot.teams.front import Teams
from bot.teams.inbound import Entry
from bot.teams.replies import Shown


async def answered(teams: Teams, person: Person, text: str) -> Card | Block | None:
    """What a typed word of a day shows; None when it is none. Raises UserMistake."""
    found = features.command_in(text)
    if found is None:
        return None
    shown = await features.command(day.Doing(teams.front, person), *found)
    return (await of_form(teams, person, shown)).block(inline=True) if isinstance(shown, Form) else shown


async def opened(teams: Teams, person: Person | None, entry: Entry) -> Shown:
    """The form that a button opens. Raises UserMistake."""
    form = await features.opening(entry.action).build(day.Doing(teams.front, person), entry.press())
    return await of_form(teams, person, form)


async def pressed(teams: Teams, person: Person | None, entry: Entry) -> Card | str | None:
    """What a button does at once. Raises UserMistake."""
    return await features.press(day.Doing(teams.front, person), entry.press())


async def sent(teams: Teams, person: Person | None, form: Sent) -> day.Answer:
    """What comes of a sent form. Raises UserMistake."""
    return await features.sending(form.form).take(day.Doing(teams.front, person, form.delivery), form)


async def again(teams: Teams, person: Person | None, form: Sent) -> Form:
    """A form that was not taken, as it opens now. Raises UserMistake."""
    return await features.sending(form.form).again(day.Doing(teams.front, person, form.delivery), form)


async def of_form(teams: Teams, person: Person | None, form: Form) -> Shown:
    """A form with the client codes to choose from, where it asks for one."""
    asks_client = any(getattr(field, "name", "").startswith("client") for field in form.fields)
    return Shown(form, clients=await teams.clients(person) if asks_client else (), searched=teams.searched)

"""`afternote people …`: who is on the roster, as an administrator sets it in the chat."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from bot.cli_parts import PRACTICE, complaints, load_settings
from bot.console import out

T = TypeVar("T")
_ID = typer.Argument(help="The person's id, as `afternote people list` shows it.")
_ROLE = typer.Option("--role", help="clinician, associate, supervisor, administrator, auditor. May be given twice.")
_REVIEW = typer.Option("--review", help="Review of their notes: none, approve, cosign or sample.")
_SUPERVISOR = typer.Option("--supervisor", help="Who reviews, by id. May be given twice.")
_PERCENT = typer.Option("--percent", help="With sample: the share that is drawn.")
_SINCE = typer.Option("--since", help="First day of the review, such as 2026-11-23; empty for none.")
_UNTIL = typer.Option("--until", help="Last day of the review; empty for none.")
_SLACK = typer.Option("--slack", help="Their user id in Slack; empty for none.")
_TEAMS = typer.Option("--teams", help="Their object id in Entra; empty for none.")
_ZONE = typer.Option("--timezone", help="Such as America/Chicago.")
_FORMAT = typer.Option("--format", help="The format of their new notes.")
_CREDENTIALS = typer.Option("--credentials", help="As they stand under a signature.")

people_app = typer.Typer(help="Who is on the roster, and as what.", no_args_is_help=True)


@people_app.command("list")
def people_list(practice: PRACTICE = "") -> None:
    """List everybody: id, name, credentials, roles, review, chats."""
    from bot.people_command import listed

    for person_id, line in _asked(listed(load_settings(practice))):
        out.print(f"{person_id:<14}{line}", markup=False, highlight=False, soft_wrap=True)


@people_app.command("add")
def people_add(
    name: Annotated[str, typer.Argument(help="As it stands under a signature.")],
    role: Annotated[list[str], _ROLE],
    credentials: Annotated[str, _CREDENTIALS] = "",
    slack: Annotated[str, _SLACK] = "",
    teams: Annotated[str, _TEAMS] = "",
    timezone: Annotated[str | None, _ZONE] = None,
    format_id: Annotated[str | None, _FORMAT] = None,
    review: Annotated[str | None, _REVIEW] = None,
    supervisor: Annotated[list[str] | None, _SUPERVISOR] = None,
    percent: Annotated[int | None, _PERCENT] = None,
    since: Annotated[str | None, _SINCE] = None,
    until: Annotated[str | None, _UNTIL] = None,
    practice: PRACTICE = "",
) -> None:
    """Put somebody on the roster. A running service knows them within seconds."""
    from bot.people_command import Wanted, added

    wanted = Wanted(
        name, credentials, role, timezone, format_id, slack, teams, review, supervisor or None, percent, since, until
    )
    out.print(f"{_asked(added(load_settings(practice), wanted))} is on the roster.", highlight=False)


@people_app.command("change")
def people_change(
    person: Annotated[str, _ID],
    name: Annotated[str | None, typer.Option("--name", help="As it stands under a signature.")] = None,
    role: Annotated[list[str] | None, _ROLE] = None,
    credentials: Annotated[str | None, _CREDENTIALS] = None,
    slack: Annotated[str | None, _SLACK] = None,
    teams: Annotated[str | None, _TEAMS] = None,
    timezone: Annotated[str | None, _ZONE] = None,
    format_id: Annotated[str | None, _FORMAT] = None,
    review: Annotated[str | None, _REVIEW] = None,
    supervisor: Annotated[list[str] | None, _SUPERVISOR] = None,
    percent: Annotated[int | None, _PERCENT] = None,
    since: Annotated[str | None, _SINCE] = None,
    until: Annotated[str | None, _UNTIL] = None,
    practice: PRACTICE = "",
) -> None:
    """Change what is given of somebody; the rest stays."""
    from bot.people_command import Wanted, changed

    wanted = Wanted(
        name,
        credentials,
        role or None,
        timezone,
        format_id,
        slack,
        teams,
        review,
        supervisor or None,
        percent,
        since,
        until,
    )
    _asked(changed(load_settings(practice), person, wanted))
    out.print(f"{person} is changed.", highlight=False)


@people_app.command("deactivate")
def people_deactivate(person: Annotated[str, _ID], practice: PRACTICE = "") -> None:
    """Somebody may do nothing any more, at once. All they did stays."""
    from bot.people_command import activated

    notes = _asked(activated(load_settings(practice), person, active=False))
    counts = ", ".join(f"{state} {count}" for state, count in sorted(notes.items())) or "none"
    out.print(f"{person} is deactivated. Their notes: {counts}.", highlight=False, soft_wrap=True)


@people_app.command("reactivate")
def people_reactivate(person: Annotated[str, _ID], practice: PRACTICE = "") -> None:
    """Somebody is back, as what they were."""
    from bot.people_command import activated

    _asked(activated(load_settings(practice), person, active=True))
    out.print(f"{person} is on the roster again.", highlight=False)


def _asked(work: Coroutine[Any, Any, T]) -> T:
    """Run it; an operator's mistake becomes a sentence and exit code 2."""
    with complaints():
        return asyncio.run(work)

"""`afternote audit …`: who did what, whether that record holds, and the record in a file."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli_parts import PRACTICE, complaints, load_settings
from bot.console import err, fail, out

_FAILED = 1
_SINCE = typer.Option("--since", help="From this day on, where the practice is: 2026-03-02.")
_UNTIL = typer.Option("--until", help="Up to the end of this day.")

audit_app = typer.Typer(help="Who did what: the log itself, whether it holds, a file of it.", no_args_is_help=True)


@audit_app.command("show")
def audit_show(
    note: Annotated[str, typer.Option("--note", help="Only of this note (or plan), by its id.")] = "",
    person: Annotated[str, typer.Option("--person", help="Only by this person, by their id in practice.toml.")] = "",
    act: Annotated[str, typer.Option("--act", help="Only acts that begin with this, such as viewed.")] = "",
    since: Annotated[str, _SINCE] = "",
    until: Annotated[str, _UNTIL] = "",
    last: Annotated[int, typer.Option("--last", help="Only so many, the latest.", min=0)] = 0,
    practice: PRACTICE = "",
) -> None:
    """List who did what to which note, when and by which chat. No clinical text, no client codes."""
    from bot.audit_command import Days, show
    from bot.domain.audit import Wanted

    settings = load_settings(practice)

    async def print_all() -> int:
        count = 0
        async for line in show(settings, Wanted(note, person, act), Days(since, until), last):
            typer.echo(line)
            count += 1
        return count

    with complaints():
        count = asyncio.run(print_all())
    if not count:
        err.print("No row of the audit log is like that.")


@audit_app.command("verify")
def audit_verify(
    files: Annotated[list[Path] | None, typer.Argument(help="Exported files; the database when left out.")] = None,
    head: Annotated[list[Path] | None, typer.Option("--head", help="A signed head, or a folder of them.")] = None,
    key: Annotated[str, typer.Option("--key", help="With files: the practice's public key.")] = "",
    practice: PRACTICE = "",
) -> None:
    """Say whether the log holds: exit code 0 when it does, 1 with what is wrong when not.

    With files it needs no database and no keys. Without --head, the database is compared with AFTERNOTE_AUDIT_HEADS.
    """
    from bot.audit_command import verify_database, verify_file

    if key and not files:
        fail(["--key is for exported files; the database has the practice's own key."])
    with complaints():
        if files:
            told = [verify_file(file, head or [], key.strip()) for file in files]
        else:
            told = [asyncio.run(verify_database(load_settings(practice), head or []))]
    for one in told:
        for line in one.lines:
            console = out if one.holds else err
            console.print(line, style=None if one.holds else "red", markup=False, highlight=False, soft_wrap=True)
    if not all(one.holds for one in told):
        raise typer.Exit(_FAILED)


@audit_app.command("export")
def audit_export(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet.", metavar="OUT")],
    kind: Annotated[str, typer.Option("--format", help="csv or json; when left out, what OUT ends in.")] = "",
    since: Annotated[str, _SINCE] = "",
    until: Annotated[str, _UNTIL] = "",
    practice: PRACTICE = "",
) -> None:
    """Write the log to a file that `afternote audit verify OUT` proves, anywhere, without database or keys."""
    from bot.audit_command import Days, export
    from bot.cards import audit_words as words

    with complaints():
        kind = kind or file.suffix.removeprefix(".").lower()
        done, made = asyncio.run(export(load_settings(practice), file, kind, Days(since, until)))
    said = words.EXPORTED.format(first=done.first, last=done.last, files=" and ".join(map(str, made)))
    err.print(said, markup=False, soft_wrap=True)
    if done.head is None:
        err.print(words.EXPORT_UNSIGNED, style="red", markup=False, soft_wrap=True)
        raise typer.Exit(_FAILED)


@audit_app.command("key")
def audit_key(practice: PRACTICE = "") -> None:
    """Print the public key by which this practice's signed heads are known, to give to whoever verifies them."""
    from bot.audit_command import public_key

    with complaints():
        named, key = asyncio.run(public_key(load_settings(practice)))
    out.print(f"{key}  {named}", markup=False, highlight=False, soft_wrap=True)


@audit_app.command("sign-head")
def audit_sign_head(
    to: Annotated[
        Path | None, typer.Option("--out", help="A file that is not there yet, instead of the folder.")
    ] = None,
    practice: PRACTICE = "",
) -> None:
    """Sign where the log ends now, as the running service does once a day."""
    from bot.audit_command import sign_head

    with complaints():
        said = asyncio.run(sign_head(load_settings(practice), to))
    out.print(said, markup=False, highlight=False, soft_wrap=True)

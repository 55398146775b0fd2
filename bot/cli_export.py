"""`afternote export` and `afternote verify`: a records request, and whether what came of it is whole."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli_parts import PRACTICE, complaints, load_settings
from bot.console import err, fail

export_app = typer.Typer()
_FAILED = 1
_NAMED = 5


@export_app.command()
def export(
    client: Annotated[str, typer.Option(help="The client's code.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder for it.")],
    files: Annotated[
        str, typer.Option(help="Which documents of each note: pdf, json, txt, md, docx …")
    ] = "pdf,json,txt",
    practice: PRACTICE = "",
) -> None:
    """Export everything of one client: every signed note with its documents, an index, the audit trail, hashes."""
    from adapters.render import KINDS
    from bot.export_command import export_to

    kinds = list(dict.fromkeys(kind.strip() for kind in files.split(",") if kind.strip()))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown or not kinds:
        fail([f"--files {unknown[0] if unknown else ''}: choose from {', '.join(KINDS)}, with commas between them."])
    settings = load_settings(practice)
    with complaints():
        done = asyncio.run(export_to(settings, client.strip(), out, kinds))
    typer.echo(f"{done.notes} signed note{'s' if done.notes != 1 else ''} of {client} in {out}")
    if done.unsigned:
        typer.echo(f"{done.unsigned} draft{'s' if done.unsigned != 1 else ''} not signed yet: not part of it.")
    typer.echo("Treatment plans are not part of it.")
    typer.echo(f"SHA-256 of index.json: {done.index_sha256}")
    typer.echo("Write that hash down: `afternote verify DIR --expect HASH` then shows whether anything was changed.")
    if done.incomplete:
        more = len(done.incomplete) - _NAMED
        names = [*done.incomplete[:_NAMED], *([f"{more} more"] if more > 0 else [])]
        err.print(
            f"Not complete: documents of {', '.join(names)} are not stored (index.json says which). Those of a note "
            "that was just signed are there in a moment; kinds that no place takes are not made.",
            soft_wrap=True,
        )
        raise typer.Exit(_FAILED)


@export_app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="A folder that `afternote export` wrote.", metavar="DIR")],
    expect: Annotated[str, typer.Option(help="The SHA-256 of index.json that was printed at the export.")] = "",
) -> None:
    """Check that an export is whole and unchanged. Needs no database and no keys."""
    from adapters.verify_export import NotAnExport, verify_export
    from adapters.visible import visible  # what a folder from elsewhere says steers no terminal

    try:
        found = verify_export(folder, expect.strip())
    except NotAnExport as error:
        fail([str(error)])
    for remark in found.remarks:
        typer.echo(visible(remark))
    for problem in found.problems:
        err.print(visible(problem), style="red", markup=False, soft_wrap=True)
    if found.problems:
        raise typer.Exit(_FAILED)
    typer.echo(f"Whole: {found.notes} notes and {found.files} files are as the index says.")
    typer.echo(f"SHA-256 of index.json: {found.index_sha256}")
    if not expect:
        typer.echo(
            "This does not show whether somebody rewrote all of it: compare that hash with the one that was printed at "
            "the export (--expect)."
        )

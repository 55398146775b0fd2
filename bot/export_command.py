"""What `afternote export` does: opens the practice's database, and closes it again."""

from collections.abc import Sequence
from pathlib import Path

from adapters.export_folder import ExportFolder
from bot.domain.errors import UserMistake
from bot.practices import the_practice
from bot.settings import Settings
from bot.wiring import SystemClock, open_desk
from bot.workflows.export_client import Exported, export_client

VIA = "command line"


async def export_to(settings: Settings, client_code: str, folder: Path, kinds: Sequence[str]) -> Exported:
    """Write a client's records below `folder`, which must be empty or not there. Raises UserMistake."""
    practice = the_practice(settings)
    try:
        place = ExportFolder.at(folder)
    except ValueError as error:
        raise UserMistake("export_folder", str(error)) from None
    desk = await open_desk(settings, practice, SystemClock(), every_note=True)
    try:
        return await export_client(desk, place, client_code, kinds, VIA)
    except OSError as error:
        sentence = f"The export stopped, and {folder} is not whole: {error.strerror or 'it cannot be written'}."
        raise UserMistake("export_stopped", f"{sentence} Remove that folder and export again.") from None
    finally:
        await desk.database.close()

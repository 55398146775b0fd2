"""What every command needs: the settings, and an operator's mistakes told one a line."""

import contextlib
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from bot.console import fail

if TYPE_CHECKING:
    from bot.settings import Settings


PRACTICE = Annotated[str, typer.Option("--practice", help="Which practice, by its id; needed where there are several.")]


def load_settings(practice: str = "") -> "Settings":
    """The settings of the environment, for a command about this practice; the end when they cannot be used."""
    from bot.settings import Settings

    with complaints():
        return replace(Settings.load(), practice_id=practice.strip())


@contextlib.contextmanager
def complaints() -> Generator[None]:
    """An operator's mistake: every problem on a line of its own, exit code 2."""
    from bot.domain.errors import AfternoteError, UserMistake
    from bot.executors import AlreadyRunning
    from bot.formats_file import FormatError
    from bot.keys_file import KeysFileError
    from bot.plans_file import PlansFileError
    from bot.practice_file import PracticeFileError
    from bot.settings import SettingsError

    try:
        yield
    except (SettingsError, PracticeFileError, PlansFileError) as error:
        fail(error.problems)
    except (FormatError, KeysFileError, AlreadyRunning) as error:
        fail(str(error).splitlines())
    except UserMistake as error:
        fail([error.sentence])
    except AfternoteError as error:
        fail([str(error)])

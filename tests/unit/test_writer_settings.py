"""Which model a practice drafts with, and that what points to a person leaves to a server of its own only."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.errors import UserMistake
from bot.domain.usage import Limits, Prices
from bot.practice_file import PracticeFile, load_practice
from bot.settings import Settings
from bot.wiring import open_writer

DEMO = Path(__file__).parents[2] / "demo" / "practice.toml"


def practice(tmp_path: Path, more: str = "") -> PracticeFile:
    file = tmp_path / "practice.toml"
    file.write_text(DEMO.read_text("utf-8") + more, "utf-8")
    return load_practice(file)


def settings(**env: str) -> Settings:
    return Settings.load({"AFTERNOTE_MODEL": "a-model", "OPENAI_API_KEY": "key", **env})


def test_without_a_model_there_is_no_writer(tmp_path: Path):
    assert open_writer(Settings.load({}), practice(tmp_path)) is None


def test_a_practices_voice_limits_and_prices_are_its_writers(tmp_path: Path):
    more = (
        '\n[voice]\nlength = "brief"\nperson = "initials"\nquotes = "none"\n'
        "[model]\ncalls_at_a_time = 2\ncalls_per_minute = 9\npatience_seconds = 30\n"
        "price_per_million_tokens = { prompt = 0.4, completion = 2 }\n"
    )
    writer = open_writer(settings(), practice(tmp_path, more))
    assert writer is not None
    assert (writer.voice.length, writer.voice.person, writer.voice.quotes) == ("brief", "initials", "none")
    assert (writer.limits, writer.patience, writer.masked) == (Limits(2, 9), 30, True)
    assert writer.prices == Prices(0.4, 0.0, 2.0)


@pytest.mark.parametrize("url", ["", "https://api.openai.com/v1", "https://here.openai.azure.com/openai/v1"])
def test_identifiers_never_go_to_a_service(tmp_path: Path, url: str):
    off = practice(tmp_path, "\n[model]\nhide_identifiers = false\n")
    with pytest.raises(UserMistake, match="identifiers_to_a_service") as refused:
        open_writer(settings(OPENAI_BASE_URL=url), off)
    assert "hide_identifiers" in refused.value.sentence


def test_a_server_of_ones_own_may_get_them(tmp_path: Path):
    off = practice(tmp_path, "\n[model]\nhide_identifiers = false\n")
    writer = open_writer(settings(OPENAI_BASE_URL="http://127.0.0.1:8080/v1"), off)
    assert writer is not None
    assert replace(writer, model=writer.model).masked is False

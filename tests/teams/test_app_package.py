"""The package for Teams: Microsoft's own schema accepts it, its icons are what Teams wants, its bytes do not vary."""

import importlib.metadata
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.errors import UserMistake
from bot.teams.app_package import FROM_MESSAGE, NEW_NOTE, TeamsApp, build_package
from tests.node_parts import node_module

APP_ID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
APP = TeamsApp(app_id=APP_ID, website="https://practice.example/afternote", version="1.2.3")
ZERO = "00000000-0000-0000-0000-000000000000"
BLUE = (0x3C, 0x5A, 0x9E)


def opened(package: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(package))


def manifest_of(package: bytes) -> dict[str, Any]:
    return json.loads(opened(package).read("manifest.json"))


def pixels(picture: bytes) -> tuple[int, int, list[tuple[int, ...]]]:
    """Width, height and the colours of a PNG of 8 bits a channel, not interlaced."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    parts: list[tuple[bytes, bytes]] = []
    at = 8
    while at < len(picture):
        (size,) = struct.unpack_from(">I", picture, at)
        parts.append((picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]))
        at += 12 + size
    width, height, depth, kind, *rest = struct.unpack(">IIBBBBB", parts[0][1])
    assert (depth, rest) == (8, [0, 0, 0])
    channels = {2: 3, 6: 4}[kind]
    raw = zlib.decompress(b"".join(data for name, data in parts if name == b"IDAT"))
    stride = width * channels + 1
    rows = [raw[start : start + stride] for start in range(0, len(raw), stride)]
    assert {row[0] for row in rows} == {0}, "a row is filtered: this reader knows plain rows only"
    flat = b"".join(row[1:] for row in rows)
    return width, height, [tuple(flat[i : i + channels]) for i in range(0, len(flat), channels)]


def test_the_package_holds_the_manifest_and_the_icons_at_its_root_and_nothing_else() -> None:
    package = opened(build_package(APP))
    assert package.testzip() is None
    assert package.namelist() == ["manifest.json", "color.png", "outline.png"]
    icons = manifest_of(build_package(APP))["icons"]
    assert set(icons.values()) == {"color.png", "outline.png"}


def test_the_same_input_gives_the_same_bytes() -> None:
    first = build_package(APP)
    assert build_package(APP) == first
    for info in opened(first).infolist():
        assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert (info.create_system, info.external_attr >> 16) == (3, 0o100644)
        assert info.compress_type == zipfile.ZIP_STORED


def test_microsofts_schema_accepts_the_manifest() -> None:
    manifest = manifest_of(build_package(APP))
    version = manifest["manifestVersion"]
    address = f"https://developer.microsoft.com/json-schemas/teams/v{version}/MicrosoftTeams.schema.json"
    assert manifest["$schema"] == address
    schemas = node_module("@microsoft/app-manifest") / "build" / "json-schemas" / "teams"
    schema = json.loads((schemas / f"v{version}" / "MicrosoftTeams.schema.json").read_text("utf-8"))
    assert schema["$schema"] == "http://json-schema.org/draft-04/schema#"
    jsonschema.Draft4Validator.check_schema(schema)
    validator = jsonschema.Draft4Validator(schema)
    assert [error.json_path for error in validator.iter_errors(manifest)] == []
    del manifest["developer"]["privacyUrl"]
    assert [error.json_path for error in validator.iter_errors(manifest)] == ["$.developer"]


def test_whoever_runs_it_stands_in_the_manifest() -> None:
    given = TeamsApp(
        app_id=APP_ID.upper(),
        website="https://practice.example",
        privacy="https://practice.example/privacy",
        terms="https://practice.example/terms",
        version="2.0.1",
        name="Riverside notes",
        developer="Riverside Counseling",
    )
    manifest = manifest_of(build_package(given))
    assert manifest["id"] == manifest["bots"][0]["botId"] == manifest["composeExtensions"][0]["botId"] == APP_ID
    assert ZERO not in json.dumps(manifest)
    assert "afternote.example" not in json.dumps(manifest)
    assert (manifest["version"], manifest["name"]) == ("2.0.1", {"short": "Riverside notes"})
    assert manifest["developer"] == {
        "name": "Riverside Counseling",
        "websiteUrl": "https://practice.example",
        "privacyUrl": "https://practice.example/privacy",
        "termsOfUseUrl": "https://practice.example/terms",
    }


def test_privacy_and_terms_are_on_the_website_when_they_have_no_page() -> None:
    developer = manifest_of(build_package(APP))["developer"]
    assert developer["name"] == "Afternote"
    assert {developer["privacyUrl"], developer["termsOfUseUrl"]} == {"https://practice.example/afternote"}


def test_the_version_is_this_programs_unless_another_is_given() -> None:
    app = TeamsApp(app_id=APP_ID, website=APP.website)
    assert manifest_of(build_package(app))["version"] == importlib.metadata.version("afternote")


def test_it_asks_for_no_permission_no_files_and_no_domain() -> None:
    manifest = manifest_of(build_package(APP))
    assert {"permissions", "devicePermissions", "authorization", "webApplicationInfo"}.isdisjoint(manifest)
    assert manifest["validDomains"] == []
    (bot,) = manifest["bots"]
    assert (bot["supportsFiles"], bot["isNotificationOnly"]) == (False, False)
    assert bot["scopes"] == ["personal", "groupChat", "team"]


def test_its_commands_are_those_that_the_product_answers() -> None:
    manifest = manifest_of(build_package(APP))
    (extension,) = manifest["composeExtensions"]
    offered = {command["id"]: command for command in extension["commands"]}
    assert set(offered) == {NEW_NOTE, FROM_MESSAGE}
    assert offered[NEW_NOTE]["context"] == ["compose", "commandBox"]
    assert offered[FROM_MESSAGE]["context"] == ["message"]
    assert {(each["type"], each["fetchTask"]) for each in offered.values()} == {("action", True)}
    (commands,) = manifest["bots"][0]["commandLists"]
    assert commands["scopes"] == ["personal"]
    assert [command["title"] for command in commands["commands"]] == [
        "help",
        "new",
        "plan",
        "examples",
        "supervision",
        "people",
        "usage",
    ]


def test_the_icon_in_colour_is_a_full_square() -> None:
    width, height, colours = pixels(opened(build_package(APP)).read("color.png"))
    assert (width, height) == (192, 192)
    edge = {colours[i] for i in range(len(colours)) if i // width in (0, height - 1) or i % width in (0, width - 1)}
    assert edge == {BLUE}
    assert (255, 255, 255) in colours


def test_the_outline_is_white_on_nothing() -> None:
    width, height, colours = pixels(opened(build_package(APP)).read("outline.png"))
    assert (width, height) == (32, 32)
    assert {colour[:3] for colour in colours} == {(255, 255, 255)}
    clear, solid = (sum(colour[3] == alpha for colour in colours) for alpha in (0, 255))
    assert clear > len(colours) / 2
    assert solid > 50


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"app_id": ""}, "MicrosoftAppId"),
        ({"app_id": "afternote"}, "--app-id"),
        ({"app_id": APP_ID + "\n"}, "--app-id"),
        ({"website": ""}, "--website"),
        ({"website": "http://practice.example"}, "--website"),
        ({"privacy": "practice.example/privacy"}, "--privacy"),
        ({"terms": "https://"}, "--terms"),
        ({"version": "1.0"}, "--version"),
        ({"version": "1.0.0rc1"}, "--version"),
        ({"name": "N" * 31}, "--name"),
        ({"name": " "}, "--name"),
        ({"developer": "D" * 33}, "--developer"),
    ],
)
def test_a_mistake_names_its_option(change: dict[str, str], named: str) -> None:
    given = {"app_id": APP_ID, "website": "https://practice.example", "version": "1.2.3", **change}
    with pytest.raises(UserMistake) as caught:
        build_package(TeamsApp(**given))
    (problem,) = caught.value.sentence.splitlines()
    assert named in problem


def test_the_command_writes_what_the_function_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MicrosoftAppId", APP_ID)
    result = CliRunner().invoke(app, ["teams-package", "--website", APP.website, "--version", "1.2.3"])
    assert (result.exit_code, (tmp_path / "afternote-teams.zip").read_bytes()) == (0, build_package(APP))


def test_the_command_lists_every_mistake_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "app.zip"
    arguments = ["--out", str(out), "--app-id", "nonsense", "--terms", "nowhere"]
    result = CliRunner().invoke(app, ["teams-package", *arguments])
    assert (result.exit_code, out.exists()) == (2, False)
    told = " ".join(result.output.split())
    assert [option for option in ("--app-id", "--website", "--terms") if option not in told] == []


def test_the_command_says_where_it_could_not_write(tmp_path: Path) -> None:
    arguments = ["--app-id", APP_ID, "--website", APP.website, "--out", str(tmp_path)]
    result = CliRunner().invoke(app, ["teams-package", *arguments])
    assert result.exit_code == 2
    assert "--out" in result.output

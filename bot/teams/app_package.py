"""The app package that an administrator uploads to Teams: manifest and icons, the same bytes from the same input.

Texts and commands stand in `package/manifest.json`; this puts in who runs the app. It asks for no permission.
"""

import importlib.metadata
import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.domain.errors import UserMistake

NEW_NOTE = "newNote"
FROM_MESSAGE = "draftFromMessage"
_FOLDER = Path(__file__).parent / "package"
_ICONS = ("color.png", "outline.png")
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_VERSION = re.compile(r"(?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2}", re.ASCII)
_NAME_LIMIT = 30
_DEVELOPER_LIMIT = 32
_URL_LIMIT = 2048
# A ZIP file cannot hold an earlier time.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE_FILE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class TeamsApp:
    """What of the manifest is the practice's own. Addresses are public https pages; without their own, privacy
    and terms are on the website. `version` is MAJOR.MINOR.PATCH, by default this program's: Teams takes an update
    only under a higher one.
    """

    app_id: str
    website: str
    version: str = ""
    privacy: str = ""
    terms: str = ""
    name: str = "Afternote"
    developer: str = ""


def build_package(app: TeamsApp) -> bytes:
    """The ZIP file. Raises UserMistake, a line for each problem."""
    if problems := _problems(app):
        raise UserMistake("teams_package", "\n".join(problems))
    manifest = json.dumps(_manifest(app), indent=2, ensure_ascii=False) + "\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        _add(package, "manifest.json", manifest.encode())
        for icon in _ICONS:
            _add(package, icon, (_FOLDER / icon).read_bytes())
    return packed.getvalue()


def write_package(app: TeamsApp, out: Path) -> None:
    """Write the ZIP file, over an earlier one. Raises UserMistake."""
    package = build_package(app)
    try:
        out.write_bytes(package)
    except OSError as error:
        raise UserMistake("teams_package_out", f"--out {out}: {error.strerror}.") from error


def _manifest(app: TeamsApp) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((_FOLDER / "manifest.json").read_text("utf-8"))
    app_id = app.app_id.lower()
    manifest["id"] = manifest["bots"][0]["botId"] = manifest["composeExtensions"][0]["botId"] = app_id
    manifest["version"] = app.version or importlib.metadata.version("afternote")
    manifest["name"]["short"] = app.name
    manifest["developer"] = {
        "name": app.developer or app.name,
        "websiteUrl": app.website,
        "privacyUrl": app.privacy or app.website,
        "termsOfUseUrl": app.terms or app.website,
    }
    return manifest


def _add(package: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Stored, because what compression makes of the same bytes depends on the machine's zlib."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_STORED
    info.create_system = 3
    info.external_attr = _READABLE_FILE
    package.writestr(info, content)


def _problems(app: TeamsApp) -> list[str]:
    found: list[str] = []
    if not app.app_id:
        found.append("MicrosoftAppId is missing: set it, or give it with --app-id.")
    elif not _GUID.fullmatch(app.app_id):
        found.append("The app id (MicrosoftAppId, or --app-id) must look like 01234567-89ab-cdef-0123-456789abcdef.")
    if app.version and not _VERSION.fullmatch(app.version):
        found.append(f"--version must be three numbers such as 1.2.3, not “{app.version}”.")
    for option, text, limit in (
        ("--name", app.name, _NAME_LIMIT),
        ("--developer", app.developer or "the name", _DEVELOPER_LIMIT),
    ):
        if not 0 < len(text.strip()) <= limit:
            found.append(f"{option} must have 1 to {limit} characters.")
    if not app.website:
        found.append("--website is missing: Teams shows people a page about whoever runs the app.")
    for option, url in (("--website", app.website), ("--privacy", app.privacy), ("--terms", app.terms)):
        if url and not _public(url):
            found.append(f"{option} must be a full https:// address.")
    return found


def _public(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and len(url) <= _URL_LIMIT and not re.search(r"\s", url)

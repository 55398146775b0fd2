"""The index of an export as a page for people: no script, nothing from elsewhere, readable on paper."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #16191c; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; color: #1f4e5f; margin: 0 0 .2rem; } p { margin: .3rem 0; } .muted { color: #55606b; }
table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; } caption { text-align: left; font-weight: 600; }
th { text-align: left; font-size: .8rem; color: #55606b; border-bottom: 2px solid #1f4e5f; }
th, td { padding: .45rem .9rem .45rem 0; vertical-align: top; } td { border-bottom: 1px solid #c3cad1; }
.mark { color: #8f4412; font-weight: 600; } a { color: #1f4e5f; margin-right: .5rem; }
code { font-size: .75rem; overflow-wrap: anywhere; } tr { break-inside: avoid; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_LINKS = {"addendum": "Addendum to", "amendment": "Amendment of", "retraction": "Retraction of"}
_FOLLOWED = (
    ("retracted_by", "Entered in error, retracted by"),
    ("superseded_by", "Superseded by"),
    ("addenda", "Addenda:"),
)


def render_page(index: Mapping[str, Any]) -> bytes:
    """The page, UTF-8. `index`: see `adapters/export.schema.json`."""
    return ("\n".join(_lines(index)) + "\n").encode()


def _lines(index: Mapping[str, Any]) -> Iterator[str]:
    code = next((note["client_code"] for note in index["notes"]), index["client_code"])
    title, zone = escape(f"Records of client {code}"), ZoneInfo(index["practice"]["timezone"])
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    count = len(index["notes"])
    yield f"<p>{escape(index['practice']['name'])} · {count} signed note{'s' if count != 1 else ''}</p>"
    yield f'<p class="muted">Exported {_moment(index["created_at"], zone)}.'
    yield "Drafts that nobody signed and treatment plans are not part of it.</p>"
    if not index["complete"]:
        yield '<p class="mark">Not complete: some documents were not stored yet when this was exported.</p>'
    yield "<table>\n<caption>Notes, oldest first</caption>\n<thead><tr>"
    yield from (f'<th scope="col">{name}</th>' for name in ("Date of service", "Note", "Signed", "Standing", "Files"))
    yield "</tr></thead>\n<tbody>"
    yield from (_row(note, zone) for note in index["notes"])
    yield '</tbody>\n</table>\n<p class="muted">Hashes of all files are in SHA256SUMS, everything about each note in '
    yield "index.json, who did what and when in audit.jsonl.</p>\n</body>\n</html>"


def _row(note: Mapping[str, Any], zone: ZoneInfo) -> str:
    name = f"{escape(note['format']['name'])}<br><code>{escape(note['note'])}</code>"
    signed = "<br>".join(f"{escape(s['name'])}, {_moment(s['at'], zone)}" for s in note["signatures"])
    files = " ".join(f'<a href="{quote(file["path"])}">{escape(file["kind"].upper())}</a>' for file in note["files"])
    lacking = f'<span class="mark">not stored: {escape(", ".join(note["lacking"]))}</span>' if note["lacking"] else ""
    cells = (escape(note["date_of_service"] or "undated"), name, signed, _standing(note), files + lacking)
    return f'<tr id="{escape(note["note"])}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _standing(note: Mapping[str, Any]) -> str:
    """What this note is to others, and others to it."""
    link = note["link"]
    words = [f"{_LINKS[link['kind']]} {_to(link['note'])}"] if link else []
    for name, what in _FOLLOWED:
        shown = " ".join(map(_to, note[name]))
        words += (
            [f'<span class="mark">{what}</span> {shown}' if name != "addenda" else f"{what} {shown}"] if shown else []
        )
    return "<br>".join(words)


def _to(note_id: str) -> str:
    return f'<a href="#{escape(note_id)}"><code>{escape(note_id)}</code></a>'


def _moment(at: str, zone: ZoneInfo) -> str:
    moment = datetime.fromisoformat(at).astimezone(zone)
    return f"{moment:%B} {moment.day}, {moment:%Y, %H:%M %Z}"

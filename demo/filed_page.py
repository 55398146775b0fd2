"""Filed documents as HTML. Pure; every value that comes from the server is escaped where it is put into the page."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

FROM_HERE = {"appends": "Adds to", "replaces": "Replaces", "transforms": "Transforms", "signs": "Signs"}
FROM_THERE = {"appends": "Added to by", "replaces": "Replaced by", "transforms": "Transformed by", "signs": "Signed by"}
STATUS_WORDS = {"entered-in-error": "entered in error"}
SHORT = 72  # characters of base64 that are shown


@dataclass(frozen=True, slots=True)
class Document:
    """A DocumentReference as the server gave it. `codes`: client codes by reference (`Patient/ID`)."""

    resource: Mapping[str, Any]
    codes: Mapping[str, str]

    @property
    def id(self) -> str:
        return str(self.resource.get("id", ""))

    @property
    def note_id(self) -> str:
        return next((str(each.get("value", "")) for each in self.resource.get("identifier", [])), "")

    @property
    def type(self) -> str:
        """In words where there are any, else the first code."""
        kind = self.resource.get("type", {})
        coding = next(iter(kind.get("coding", [])), {})
        return str(kind.get("text") or coding.get("display") or coding.get("code") or "Document")

    @property
    def title(self) -> str:
        """What a chart shows of the first attachment, e.g. that it is an addendum."""
        return next((str(each["title"]) for each in self.attachments if each.get("title")), "")

    @property
    def client(self) -> str:
        subject = self.resource.get("subject", {})
        code = self.codes.get(str(subject.get("reference", "")))
        return code or str(subject.get("identifier", {}).get("value") or subject.get("display") or "–")

    @property
    def name(self) -> str:
        return f"{self.type}, {self.client}, {_when(self.resource.get('date'))}"

    @property
    def labels(self) -> list[str]:
        concepts = self.resource.get("securityLabel", [])
        return [str(coding.get("code", "")) for concept in concepts for coding in concept.get("coding", [])]

    @property
    def attachments(self) -> list[Mapping[str, Any]]:
        return [content.get("attachment", {}) for content in self.resource.get("content", [])]

    def text(self) -> str | None:
        """The first attachment that is plain text."""
        for attachment in self.attachments:
            if str(attachment.get("contentType", "")).startswith("text/plain"):
                try:
                    return base64.b64decode(str(attachment.get("data", "")), validate=True).decode("utf-8", "replace")
                except binascii.Error:
                    return None
        return None

    def relations(self) -> Iterator[tuple[str, str, str]]:
        """(code, id on this server, note id) of what this document is to others; either may be empty."""
        for each in self.resource.get("relatesTo", []):
            target = each.get("target", {})
            found = re.fullmatch(r"(?:.*/)?DocumentReference/([A-Za-z0-9.\-]{1,64})", str(target.get("reference", "")))
            yield (
                str(each.get("code", "")),
                found[1] if found else "",
                str(target.get("identifier", {}).get("value", "")),
            )


def listing(documents: Sequence[Document], base: str) -> str:
    """All documents in a table, or a sentence when there is none."""
    if not documents:
        nothing = "<p class='empty'>Nothing filed yet. Sign a note in the chat; then load this page again.</p>"
        return _page("Filed documents", _intro(base) + nothing)
    heads = ("Document", "Client", "Signed", "Status", "Relates to", "Labels", "Attachments")
    head = "".join(f"<th scope='col'>{each}</th>" for each in heads)
    rows = "".join(_row(document, documents) for document in documents)
    table = f"<table data-testid='documents'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return _page("Filed documents", f"{_intro(base)}<div class='wide'>{table}</div>")


def detail(document: Document, documents: Sequence[Document], provenances: Sequence[Mapping[str, Any]]) -> str:
    """One document: its facts, its text as it stands in the chart, and the resource."""
    text = document.text()
    shown = (
        f"<pre class='text' data-testid='text'>{escape(text)}</pre>" if text is not None else "<p>It has no text.</p>"
    )
    traces = "".join(
        f"<h2>Provenance</h2><pre class='json'>{escape(pretty(_short(each)))}</pre>" for each in provenances
    )
    whole = f"<a href='/filed/{escape(document.id)}/resource'>Whole, with the attachments’ bytes</a>"
    return _page(
        document.type,
        f"<p class='back'><a href='/filed'>All filed documents</a></p><h1>{escape(document.name)}</h1>"
        f"<p>{_badges(document)}</p>{_facts(document, documents)}"
        f"<h2>Text attachment</h2>{shown}"
        f"<h2>DocumentReference</h2><p class='quiet'>{whole}</p>"
        f"<pre class='json' data-testid='json'>{escape(pretty(_short(document.resource)))}</pre>{traces}",
    )


def missing() -> str:
    """For an address that leads nowhere."""
    sentence = "<p>There is no such document on the server. It forgets everything when the demo ends.</p>"
    return _page(
        "Not there", f"<p class='back'><a href='/filed'>All filed documents</a></p><h1>Not there</h1>{sentence}"
    )


def trouble(base: str) -> str:
    """For a server that does not answer."""
    return _page("No answer", f"<h1>No answer</h1><p>The FHIR server at {escape(base)} does not answer.</p>")


def pretty(resource: Mapping[str, Any]) -> str:
    """JSON for people."""
    return json.dumps(resource, indent=2, ensure_ascii=False)


def _intro(base: str) -> str:
    return (
        "<h1>Filed documents</h1><p class='quiet'>Read from the FHIR server just now, the latest first: "
        f"<code>{escape(base)}/DocumentReference</code>. It keeps them until the demo ends. "
        "<a href='/filed' data-testid='again'>Read again</a></p>"
    )


def _row(document: Document, documents: Sequence[Document]) -> str:
    attachments = "".join(f"<li>{_attachment(document, number)}</li>" for number in range(len(document.attachments)))
    called = f"<br><span class='title'>{escape(document.title)}</span>" if document.title else ""
    cells = (
        f"<a href='/filed/{escape(document.id)}'>{escape(document.type)}</a>"
        f"{called}<br><code>{escape(document.note_id)}</code>",
        f"<strong>{escape(document.client)}</strong>",
        escape(_when(document.resource.get("date"))),
        _badges(document),
        _related(document, documents) or "–",
        _labels(document),
        f"<ul>{attachments}</ul>",
    )
    return f"<tr data-note='{escape(document.note_id)}'>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _facts(document: Document, documents: Sequence[Document]) -> str:
    resource = document.resource
    authors = ", ".join(_named(each) for each in resource.get("author", []))
    period = resource.get("context", {}).get("period", {})
    session = " – ".join(filter(None, (_when(period.get("start")), _when(period.get("end")))))
    attachments = "<br>".join(_attachment(document, number) for number in range(len(document.attachments)))
    rows = (
        ("Title", escape(document.title)),
        ("Client", escape(document.client)),
        ("Author", escape(authors)),
        ("Session", escape(session)),
        ("Signed", escape(_when(resource.get("date")))),
        ("Note", f"<code>{escape(document.note_id)}</code>"),
        ("Relates to", _related(document, documents)),
        ("Labels", _labels(document)),
        ("Attachments", attachments),
        (
            "On the server",
            f"<code>DocumentReference/{escape(document.id)}</code>, version {escape(_version(resource))}",
        ),
    )
    return "<dl>" + "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in rows if value) + "</dl>"


def _related(document: Document, documents: Sequence[Document]) -> str:
    """What this document is to others, then what others are to it, each a link where it leads somewhere."""
    lines = [
        f"{escape(FROM_HERE.get(code, code))} {_link(target, note_id, documents)}"
        for code, target, note_id in document.relations()
    ]
    for other in documents:
        for code, target, note_id in other.relations():
            if target == document.id or (not target and note_id and note_id == document.note_id):
                lines.append(f"{escape(FROM_THERE.get(code, code))} {_link(other.id, '', documents)}")
    return "<br>".join(lines)


def _link(target: str, note_id: str, documents: Sequence[Document]) -> str:
    found = next((each for each in documents if each.id == target or (note_id and each.note_id == note_id)), None)
    if found is None:
        return f"<code>{escape(target or note_id)}</code> (not on this server)"
    return f"<a href='/filed/{escape(found.id)}' title='{escape(found.name)}'><code>{escape(found.note_id)}</code></a>"


def _badges(document: Document) -> str:
    resource = document.resource
    words = (str(resource.get("status", "")), str(resource.get("docStatus", "")))
    kinds = {"superseded": "old", "entered-in-error": "wrong", "amended": "changed"}
    return " ".join(
        f"<span class='badge {kinds.get(word, 'good')}'>{escape(STATUS_WORDS.get(word, word))}</span>"
        for word in words
        if word
    )


def _labels(document: Document) -> str:
    return " ".join(f"<span class='label'>{escape(code)}</span>" for code in document.labels)


def _attachment(document: Document, number: int) -> str:
    attachment = document.attachments[number]
    kind = str(attachment.get("contentType", "")).partition(";")[0]
    size = attachment.get("size")
    told = f" <span class='quiet'>{_size(size)}</span>" if isinstance(size, int) else ""
    return f"<a href='/filed/{escape(document.id)}/attachment/{number}'>{escape(kind)}</a>{told}"


def _short(value: Any, key: str = "") -> Any:
    """The resource with the beginning of each attachment's bytes only."""
    if isinstance(value, Mapping):
        return {name: _short(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value]
    if key == "data" and isinstance(value, str) and len(value) > SHORT:
        return f"{value[:SHORT]}… ({len(value):,} characters)"
    return value


def _named(reference: Mapping[str, Any]) -> str:
    return str(
        reference.get("display") or reference.get("reference") or reference.get("identifier", {}).get("value", "")
    )


def _version(resource: Mapping[str, Any]) -> str:
    return str(resource.get("meta", {}).get("versionId", "–"))


def _size(count: int) -> str:
    return f"{count / 1024:,.1f} KB" if count >= 1024 else f"{count} bytes"


def _when(text: Any) -> str:
    """A FHIR instant in short; what is none stays as it is."""
    try:
        at = datetime.fromisoformat(str(text or ""))
    except ValueError:
        return str(text or "")
    return f"{at:%Y-%m-%d}" if len(str(text)) == 10 else f"{at:%Y-%m-%d %H:%M} {at:%Z}".strip()


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)} · Afternote demo</title><link rel='stylesheet' href='/page/filed.css'></head>"
        f"<body><main>{body}</main></body></html>"
    )

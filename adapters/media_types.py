"""What kind of content a note's files are, for places that want to be told."""

_TYPES = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "json": "application/json",
    "fhir.json": "application/fhir+json",
}


def media_type(name: str) -> str:
    """The media type of a kind of file (`fhir.json`) or of a path that ends in one."""
    kinds = sorted(_TYPES, key=len, reverse=True)
    return next((_TYPES[kind] for kind in kinds if f".{name}".endswith(f".{kind}")), "application/octet-stream")

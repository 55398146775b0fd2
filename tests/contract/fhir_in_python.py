"""The second validator of FHIR documents: fhir.resources' models, and what they do not look at.

The models are R4B's, which changed nothing in these resources since R4. They know elements, types and cardinality, but
neither the codes of required bindings nor XHTML: both are looked at here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

# Required bindings of R4 (hl7.org/fhir/R4), by resource and path.
REQUIRED: Mapping[str, set[str]] = {
    "Bundle.type": {
        *("document", "message", "transaction", "transaction-response", "batch", "batch-response"),
        *("history", "searchset", "collection"),
    },
    "Composition.status": {"preliminary", "final", "amended", "entered-in-error"},
    "Composition.confidentiality": {"U", "L", "M", "N", "R", "V"},
    "Composition.attester.mode": {"personal", "professional", "legal", "official"},
    "Composition.relatesTo.code": {"replaces", "transforms", "signs", "appends"},
    "DocumentReference.status": {"current", "superseded", "entered-in-error"},
    "DocumentReference.docStatus": {"preliminary", "final", "amended", "entered-in-error"},
    "DocumentReference.relatesTo.code": {"replaces", "transforms", "signs", "appends"},
}
NARRATIVE = {"generated", "extensions", "additional", "empty"}
ELEMENTS = {"div", "p", "br"}  # those we use of FHIR's subset of XHTML
MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+(; ?charset=utf-8)?")
_XHTML = "{http://www.w3.org/1999/xhtml}"


def problems(resource: Mapping[str, Any]) -> list[str]:
    """What is wrong with a resource and, for a Bundle, with those in it; empty when nothing is."""
    kind = resource["resourceType"]
    found = [*_of_model(resource), *_of_bindings(kind, resource), *_of_texts(resource)]
    entries = [entry["resource"] for entry in resource.get("entry", [])]
    if resource.get("type") == "document":
        found += _of_document(resource)
    return found + [problem for entry in entries for problem in problems(entry)]


def _of_model(resource: Mapping[str, Any]) -> list[str]:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        return [".".join(map(str, each["loc"])) + f": {each['type']}" for each in error.errors()]
    return []


def _of_bindings(kind: str, resource: Mapping[str, Any]) -> Iterator[str]:
    for path, codes in REQUIRED.items():
        if path.startswith(f"{kind}."):
            yield from (f"{path}: {code}" for code in _at(resource, path.split(".")[1:]) if code not in codes)
    for mime in _at(resource, ["content", "attachment", "contentType"]):
        if not MIME.fullmatch(mime):
            yield f"contentType: {mime}"


def _of_texts(resource: Mapping[str, Any]) -> Iterator[str]:
    narratives = [*_at(resource, ["text"]), *_at(resource, ["section", "text"])]
    for narrative in narratives:
        if narrative.get("status") not in NARRATIVE:
            yield f"text.status: {narrative.get('status')}"
        try:
            tree = ElementTree.fromstring(narrative.get("div", ""))  # noqa: S314 - our own
        except ElementTree.ParseError:
            yield "text.div: not well-formed"
            continue
        tags = {element.tag for element in tree.iter()}
        if tree.tag != f"{_XHTML}div" or tags - {f"{_XHTML}{name}" for name in ELEMENTS}:
            yield "text.div: elements that FHIR or we do not allow"
        if not "".join(tree.itertext()).strip():
            yield "text.div: empty"


def _of_document(bundle: Mapping[str, Any]) -> Iterator[str]:
    """The rules of a document (bdl-7, bdl-9, bdl-10, bdl-11): invariants that the models do not hold."""
    urls = [entry.get("fullUrl") for entry in bundle["entry"]]
    if len(set(urls)) != len(urls) or not all(urls):
        yield "bdl-7: entries need an address each"
    if not {"system", "value"} <= bundle.get("identifier", {}).keys():
        yield "bdl-9: no identifier"
    if "timestamp" not in bundle:
        yield "bdl-10: no timestamp"
    if bundle["entry"][0]["resource"]["resourceType"] != "Composition":
        yield "bdl-11: no Composition first"


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """Every value at a path, through lists."""
    if isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _at(value[path[0]], path[1:])

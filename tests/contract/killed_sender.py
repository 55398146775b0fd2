"""A process that files note after note in a sink, and is killed in the middle."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.domain.ids import NoteId
from bot.ports import FiledNote, NoteSink
from tests.contract.note_sink_contract import FILES, NOTE
from tests.doubles.plain_secret import PlainSecret

_CHILD = """
import asyncio, json, sys
from pathlib import Path
from adapters.registry import open_sink
from tests.contract.killed_sender import files_of, note_of
from tests.contract.note_sink_contract import StoppedClock
from tests.doubles.plain_secret import PlainSecret

async def main(kind, values, secrets):
    secrets = {key: PlainSecret(value) for key, value in secrets.items()}
    sink = open_sink("target", kind, values, secrets, Path("/nowhere"), StoppedClock())
    await sink.read("warm/up")
    print("ready", flush=True)
    for number in range(10_000):
        await sink.put(note_of(number), files_of(number), f"k{number}")
        print(number, flush=True)

asyncio.run(main(*json.loads(sys.argv[1])))
"""


def note_of(number: int) -> FiledNote:
    return replace(NOTE, note_id=NoteId(f"n{number:016}"))


def files_of(number: int) -> Mapping[str, bytes]:
    return {kind: f"{kind} {number} ".encode() * 5_000 for kind in FILES}


def killed_runs(kind: str, values: Mapping[str, object], secrets: Mapping[str, PlainSecret], times: int) -> int:
    """Run and kill it so many times; the number of the last note that any of them confirmed."""
    plain = {key: secret.reveal() for key, secret in secrets.items()}
    command = [sys.executable, "-c", _CHILD, json.dumps([kind, values, plain])]
    chance = random.Random(20)
    return max(_killed_run(command, chance.uniform(0.05, 0.3)) for _ in range(times))


async def all_filed_once(sink: NoteSink, last: int, read: Callable[[str], bytes]) -> None:
    """File all again, as the ledger would after a crash, and read what is there. `read`: a file by its reference."""
    for number in range(last + 2):
        receipt = await sink.put(note_of(number), files_of(number), f"k{number}")
        for kind, data in files_of(number).items():
            assert read(f"{receipt.reference}.{kind}") == data


def _killed_run(command: list[str], seconds: float) -> int:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
        return max((int(line) for line in child.stdout if line.endswith("\n")), default=-1)

"""What is installed and what is loaded: an extra that is lacking is named, and nobody pays for what was not chosen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.registry import KINDS, sink_class

EXTRAS = [kind for kind in KINDS if sink_class(kind).ABOUT.extra]
HEAVY = ("boto3", "botocore", "asyncssh", "smbprotocol", "smbclient", "standardwebhooks")
ONLY_AT_WORK = (*HEAVY, "jsonschema", "typst", "docx", "httpx2", "adapters.sql", "adapters.fhir.client")
LACKING = """
import importlib.machinery as machinery, json, sys, tempfile
from pathlib import Path
from adapters.registry import open_sink, sink_class

absent, found = set(sys.argv[2:]), machinery.PathFinder.find_spec

def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] in absent else found(name, path, target)

machinery.PathFinder.find_spec = find_spec
required = {setting.key: "x" for setting in sink_class(sys.argv[1]).ABOUT.settings if type(setting.default) is object}
try:
    open_sink("mine", sys.argv[1], required, {}, Path(tempfile.mkdtemp()), None)
except ValueError as error:
    print(json.dumps(str(error)))
"""
LOADED = """
import json, sys, tempfile
from pathlib import Path
import bot.wiring
from adapters.registry import open_sink, sink_class

open_sink("folder", "folder", {}, {}, Path(tempfile.mkdtemp()), None)
at_start = set(sys.modules)
for kind in sys.argv[1:]:
    sink_class(kind)
print(json.dumps([sorted(at_start), sorted(sys.modules)]))
"""


def told(program: str, *arguments: str) -> object:
    command = [sys.executable, "-c", program, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    return json.loads(ran.stdout)


@pytest.mark.parametrize("kind", EXTRAS)
def test_an_extra_that_is_not_installed_is_named(kind: str) -> None:
    about = sink_class(kind).ABOUT
    words = f"[adapter.mine] needs more than is installed: pip install 'afternote[{about.extra}]'"
    assert told(LACKING, kind, *about.modules) == words


def test_a_practice_that_files_in_a_folder_loads_no_other_places_library() -> None:
    at_start, listed = told(LOADED, *KINDS)  # type: ignore[misc]
    assert [name for name in ONLY_AT_WORK if name in at_start] == []
    assert [name for name in HEAVY if name in listed] == []  # to list an adapter does not load its library either

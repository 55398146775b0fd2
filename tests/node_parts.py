"""What the tests take from npm: Microsoft's local Teams client, its card renderer, its manifest schemas.

`make node` installs them from `tests/node/package-lock.json`. Where they are missing a test is skipped with the
reason; `AFTERNOTE_REQUIRE_NODE=1` (CI) makes that a failure.
"""

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

FOLDER = Path(__file__).parent / "node"
_OLDEST = 18


def node_module(name: str) -> Path:
    """The folder of an installed package, e.g. `@microsoft/app-manifest`. For what is only read, Node is not needed."""
    folder = FOLDER / "node_modules" / name
    return folder if (folder / "package.json").is_file() else refuse(f"needs npm's {name}: `make node`")


def node() -> str:
    """The path of a Node that is new enough to run what `node_module` finds."""
    found = shutil.which("node")
    if not found:
        return refuse(f"needs Node {_OLDEST} or newer")
    version = _version(found)
    return found if version >= _OLDEST else refuse(f"needs Node {_OLDEST} or newer, not {version}")


@functools.cache
def _version(executable: str) -> int:
    """The major version, 0 when it says none."""
    said = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    match = re.match(r"v(\d+)\.", said)
    return int(match[1]) if match else 0


def refuse(reason: str) -> NoReturn:
    """Skip with the reason, or fail where CI must have it."""
    end = pytest.fail if os.environ.get("AFTERNOTE_REQUIRE_NODE") == "1" else pytest.skip
    end(reason)

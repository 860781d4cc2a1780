"""The folder of everything one machine keeps, used by one `cadenza up` at a time.

postgres/  temporal/  mail/     data of the servers and the mailbox
secrets/                        generated passwords and keys, readable by the owner alone
logs/  run/                     what the servers said; which processes are ours
ports.json  running.json  lock
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TextIO

from engine.embedded.ports import PortBook
from engine.errors import Conflict, Refused

# Whoever asks `held` takes the lock for an instant; a start must not give up because of that.
PATIENCE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Running:
    """What another process must know to join a running `cadenza up`; holds no secret."""

    pid: int
    url: str
    postgres_port: int | None = None
    temporal_port: int | None = None
    mailbox_port: int | None = None


class DataDir:
    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.ports = PortBook(self.root / "ports.json")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder. Raises Conflict when another process does, Refused when it is unusable.

        The system lets go when this process ends, however it ends.
        """
        self._make()
        with (self.root / "lock").open("a") as lock:
            self._take(lock)
            try:
                yield
            finally:
                self._running_file.unlink(missing_ok=True)

    def _take(self, lock: TextIO) -> None:
        latest = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > latest:
                    raise Conflict(self._in_use()) from error
                time.sleep(0.05)
            else:
                return

    def held(self) -> bool:
        """Some process holds the folder now."""
        try:
            with (self.root / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except (FileNotFoundError, PermissionError):
            return False
        return False

    def announce(self, running: Running) -> None:
        """Tell other processes where everything is; forgotten when the lock is let go."""
        write_whole(self._running_file, json.dumps(asdict(running), indent=1))

    def running(self) -> Running | None:
        """The live `cadenza up` on this folder; None when there is none or it starts."""
        if not self.held():
            return None
        try:
            return Running(**json.loads(self._running_file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def secret(self, name: str) -> str:
        """A secret made at first use and kept, so that links and sessions outlive a restart."""
        file = self.root / "secrets" / name
        try:
            return file.read_text().strip()
        except FileNotFoundError:
            made = secrets.token_urlsafe(48)
            write_whole(file, made + "\n", mode=0o600)
            return made

    @property
    def _running_file(self) -> Path:
        return self.root / "running.json"

    def _make(self) -> None:
        try:
            # Root hands a folder inside to another account, which has to pass through.
            self.root.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
            for name, mode in (("secrets", 0o700), ("logs", 0o700), ("run", 0o700)):
                (self.root / name).mkdir(exist_ok=True, mode=mode)
            (self.root / "lock").touch()
        except OSError as error:
            todo = (
                "Make room on the disk."
                if error.errno in (errno.ENOSPC, errno.EDQUOT)
                else "Choose a folder you may write to with --data-dir."
            )
            raise Refused(
                f"The data folder {self.root} cannot be used: {error.strerror}. {todo}"
            ) from error

    def _in_use(self) -> str:
        try:
            running = json.loads(self._running_file.read_text())
            who = f"Cadenza at {running['url']} (process {running['pid']})"
        except (FileNotFoundError, ValueError, KeyError):
            who = "another Cadenza that is starting or stopping"
        return (
            f"The data folder {self.root} is in use by {who}. Use that one, stop it first, or "
            "choose another folder with --data-dir."
        )


def write_whole(file: Path, text: str, mode: int = 0o644) -> None:
    """Write so that a reader, or a kill, never meets half of it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    beside.replace(file)

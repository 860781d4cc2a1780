"""`cadenza up` as a child process of a test."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

from engine.embedded.ports import any_free_port

READY_SECONDS = 120


class Up:
    """Starts at once, in a process group of its own; `await_ready` blocks until it says so."""

    def __init__(self, folder: Path, port: int, *options: str, **environment: str) -> None:
        self.began = time.monotonic()
        self.told = ""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "engine.cli", "up", "--data-dir", str(folder)),
                *("--port", str(port), *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=quiet_environment() | environment,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def await_ready(self) -> Self:
        """Everything it printed is in `told`; fails with it when it ends or takes too long."""
        until = self.began + READY_SECONDS
        while "Stop with Ctrl-C" not in self.told:
            line = self._lines.get(timeout=max(0.1, until - time.monotonic()))
            if line is None:
                raise AssertionError(f"cadenza up ended:\n{self.told}")
            self.told += line
        return self

    @property
    def url(self) -> str:
        found = re.search(r"Cadenza is ready: (\S+)", self.told)
        assert found, self.told
        return found[1]

    @property
    def one_time_password(self) -> str | None:
        found = re.search(r"Password +(\S+)", self.told)
        return found and found[1]

    def kill_group(self) -> None:
        """kill -9 of the process group, as a power switch would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self._end()

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self._end()

    def _end(self) -> int:
        code = self.process.wait(timeout=60)
        self._reader.join(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)


def quiet_environment() -> dict[str, str]:
    """Ours, with ports that no default start on this machine uses."""
    ports = ("EMBEDDED_POSTGRES_PORT", "EMBEDDED_TEMPORAL_PORT", "MAILBOX_PORT")
    without = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    wanted = {name: str(any_free_port()) for name in ports}
    return without | wanted | {"EMBEDDED_TEMPORAL_UI_PORT": "0"}

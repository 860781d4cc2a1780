"""The product as a newcomer runs it: `cadenza up` in a process of its own, to be killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from engine.embedded.data_dir import DataDir
from engine.embedded.machine import postgres_at

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 120


@dataclass
class Product:
    """One installation: its folder, its environment, and the process that runs it now."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        """Start and wait until it announces where it is."""
        with (self.folder.parent / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "engine.cli", "up", "--data-dir", str(self.folder)],
                env=self.env(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: self.running() is not None or self.died(), "the product is up")
        assert self.running() is not None, self.log()

    def kill(self) -> None:
        """kill -9 of the product and of everything it started, as one group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ctrl-C."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def running(self) -> dict[str, Any] | None:
        announced = DataDir(self.folder).running()
        if announced is None or self.process is None or announced.pid != self.process.pid:
            return None
        return json.loads((self.folder / "running.json").read_text())  # type: ignore[no-any-return]

    @property
    def url(self) -> str:
        running = self.running()
        assert running is not None
        return str(running["url"])

    def cadenza(self, *arguments: str) -> str:
        """One command beside the running product; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "engine.cli", *arguments],
            env=self.env() | {"CADENZA_DATA_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        data = DataDir(self.folder)
        running = self.running()
        assert running is not None
        url = postgres_at(data).url(running["postgres_port"]).replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def one(self, statement: str) -> Any:
        return self.sql(statement)[0][0]

    def env(self) -> dict[str, str]:
        wanted = {
            "HTTP_PORT": "0",
            "MAILBOX_PORT": "0",
            "EMBEDDED_POSTGRES_PORT": "0",
            "EMBEDDED_TEMPORAL_PORT": "0",
            "EMBEDDED_TEMPORAL_UI_PORT": "0",
            "PYTHONPATH": str(REPOSITORY),
        }
        inherited = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL",)}
        return inherited | wanted | self.environment

    def log(self) -> str:
        return (self.folder.parent / "up.log").read_text()[-6000:]


def until(
    reached: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS, pause: float = 0.1
) -> None:
    """Wait for a condition; a story that waits in vain says for what."""
    latest = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < latest, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(pause)


def with_spans(source: str, **spans: str) -> str:
    """The flow with other lengths of its waits, by node: what takes days takes seconds."""
    for node, span in spans.items():
        source, found = re.subn(rf"({node}: \{{do: wait, for: )\w+", rf"\g<1>{span}", source)
        assert found == 1, f'no wait "{node}" in the flow'
    return source

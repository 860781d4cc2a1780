"""An installation in parts, each of which can be killed and is started again: servers with their
watchman, mailbox, web process, worker."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx2
import psycopg

from engine.embedded.ports import any_free_port
from tests.chaos.points import Point
from tests.stories.product import REPOSITORY, until

# Short leases and idle times: a story need not wait long for what the killed had claimed.
QUICK = {
    "EFFECT_LEASE_SECONDS": "4",
    "DRIVER_IDLE_SECONDS": "2",
    "ENROL_BATCH": "100",
    "LOG_LEVEL": "warning",
    "SECRET_KEY": "only-for-this-story-0123456789abcdef",
}
ROLES = {"worker": ("worker",), "web": ("serve",)}


@dataclass
class Rig:
    folder: Path
    write_key: str = ""
    deaths: list[str] = field(default_factory=list)
    _parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _environment: dict[str, str] = field(default_factory=dict)
    _log: IO[bytes] | None = None

    def start(self) -> None:
        self._log = (self.folder / "all.log").open("ab")
        ports = ("HTTP_PORT", "MAILBOX_PORT", "EMBEDDED_POSTGRES_PORT", "EMBEDDED_TEMPORAL_PORT")
        inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        self._environment = inherited | QUICK
        self._environment |= {name: str(any_free_port()) for name in ports}
        self._environment |= {
            "EMBEDDED_TEMPORAL_UI_PORT": "0",
            "PYTHONPATH": str(REPOSITORY),
            "CADENZA_DATA_DIR": str(self.folder / "var"),
            "DELIVERY_CHANNEL": "mailbox",
        }
        servers = self._run("servers", ["tests.ground.machine_process", str(self.folder / "var")])
        assert servers.stdout is not None
        told = json.loads(servers.stdout.readline())
        self._environment |= {
            "DATABASE_URL": told["database"],
            "TEMPORAL_ADDRESS": told["temporal"],
        }
        self.cadenza("migrate")
        self._run("mailbox", ["engine.cli", "mailbox"])
        self.write_key = self.cadenza("key", "create", "shop").split()[-1]
        self.keep_running()
        until(self.answers, "the web process answers")

    def keep_running(self) -> None:
        """Start what is not running."""
        for role, verb in ROLES.items():
            part = self._parts.get(role)
            if part is None or part.poll() is not None:
                if part is not None:
                    self.deaths.append(role)
                self._run(role, ["tests.chaos.armed", role, str(self.folder), *verb])

    def stop(self) -> None:
        for part in reversed(self._parts.values()):
            part.send_signal(signal.SIGTERM)
        for part in self._parts.values():
            try:
                part.wait(30)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
            if part.stdout is not None:
                part.stdout.close()
        if self._log is not None:
            self._log.close()

    def arm(self, point: Point) -> None:
        (self.folder / "fired").unlink(missing_ok=True)
        waiting = self.folder / "armed.new"
        waiting.write_text(point.name)
        waiting.rename(self.folder / "armed")

    def fired(self) -> bool:
        return (self.folder / "fired").exists()

    def answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx2.HTTPError:
            return False

    def tell(self, name: str, people: Sequence[int]) -> None:
        """Events as a client sends them that tries again until it is answered."""
        items = [
            {
                "type": "track",
                "event": name,
                "userId": f"person-{one}",
                "messageId": f"{name}-{one}",
                "properties": {},
            }
            for one in people
        ]
        login = base64.b64encode(f"{self.write_key}:".encode()).decode()
        until(lambda: self._post({"batch": items}, login), "the events were taken", pause=0.3)

    def _post(self, body: dict[str, Any], login: str) -> bool:
        self.keep_running()
        try:
            answer = httpx2.post(
                f"{self.url}/v1/batch",
                json=body,
                headers={"authorization": f"Basic {login}"},
                timeout=20,
            )
        except httpx2.HTTPError:
            return False
        return answer.status_code == 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._environment['HTTP_PORT']}"

    @property
    def mail(self) -> Path:
        return self.folder / "var"

    def cadenza(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "engine.cli", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Asked again while the database is away: being away is what the story is about."""
        url = self._environment["DATABASE_URL"].replace("+psycopg", "")
        latest = time.monotonic() + 60
        while True:
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    cursor = connection.execute(statement)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                if time.monotonic() > latest:
                    raise
                time.sleep(0.2)

    def one(self, statement: str) -> Any:
        return self.sql(statement)[0][0]

    def log(self) -> str:
        return (self.folder / "all.log").read_text(errors="replace")[-6000:]

    def _run(self, role: str, module: list[str]) -> subprocess.Popen[bytes]:
        part = self._parts[role] = subprocess.Popen(
            [sys.executable, "-m", *module],
            env=self._environment,
            stdout=subprocess.PIPE if role == "servers" else self._log,
            stderr=self._log,
            start_new_session=True,
        )
        return part

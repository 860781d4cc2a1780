"""Both embedded servers together: started side by side, kept alive, stopped in order."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import structlog
from pydantic import SecretStr

from engine.embedded.child import Child
from engine.embedded.data_dir import DataDir
from engine.embedded.ports import LOOPBACK
from engine.embedded.postgres import OWNER, Postgres
from engine.embedded.temporal import Temporal
from engine.errors import Unavailable
from engine.settings import Settings

# Reading the log back after a crash may take minutes on a slow disk.
PATIENCE_SECONDS = 300
LOOK_SECONDS = 0.25
LOOK_AT_START_SECONDS = 0.01
# A port was taken in the last moment, or a killed server's own children still hold its memory.
START_ATTEMPTS = 20
# A killed server's children let go of its port within a second; who holds it longer is another.
ATTEMPTS_ON_A_PORT = 5
ATTEMPT_PAUSE_SECONDS = 0.3

log = structlog.get_logger(__name__)


@dataclass
class Served:
    """One server: how to choose its ports, how to start it, how to know that it answers, where its
    log is."""

    name: str
    choose_ports: Callable[[], None]
    start: Callable[[], Child]
    ready: Callable[[Child], bool]
    log: str
    child: Child


class Machine:
    """The servers that the settings name no address for. Start it from the main thread."""

    def __init__(self, settings: Settings, data: DataDir) -> None:
        self._settings = settings
        self._data = data
        self._servers: list[Served] = []
        self.postgres_port: int | None = None
        self.temporal_port: int | None = None
        self.temporal_ui_port: int | None = None

    def spawn(self, *, temporal: bool = True) -> None:
        """Start what is needed without waiting for it. The data folder must be locked."""
        if temporal and self._settings.temporal.address is None:
            self._spawn_temporal()
        if self._settings.database.url is None:
            self._spawn_postgres()

    def wait_ready(self) -> Settings:
        """Block until all answer; the settings with their addresses. Raises Unavailable."""
        for server in self._servers:
            self._wait(server)
        settings = self._settings
        if self.postgres_port is not None:
            ensure_database(postgres_at(self._data).url(self.postgres_port, "postgres"))
            url = SecretStr(postgres_at(self._data).url(self.postgres_port))
            database = settings.database.model_copy(update={"url": url})
            settings = dataclasses.replace(settings, database=database)
        if self.temporal_port is not None:
            address = f"{LOOPBACK}:{self.temporal_port}"
            temporal = settings.temporal.model_copy(update={"address": address})
            settings = dataclasses.replace(settings, temporal=temporal)
        return settings

    async def watch(self) -> None:
        """Start again whatever dies, on its old port, until cancelled."""
        while True:
            for server in self._servers:
                code = server.child.exit_code
                if code is not None:
                    log.warning("server_died", server=server.name, exit_code=code, log=server.log)
                    server.child = server.start()
            await asyncio.sleep(LOOK_SECONDS)

    def pids(self) -> dict[str, int]:
        """Which process is which server just now."""
        return {server.name: server.child.pid for server in self._servers}

    def stop(self) -> None:
        """The engine first, then the database it may still write to. Twice is harmless."""
        for server in self._servers:
            server.child.stop()
        self._servers.clear()

    def _spawn_temporal(self) -> None:
        temporal = temporal_at(self._data)
        wanted = self._settings.data

        def choose_ports() -> None:
            ports = self._data.ports
            self.temporal_port = ports.choose("temporal", wanted.temporal_port)
            if wanted.temporal_ui_port:
                self.temporal_ui_port = ports.choose("temporal_ui", wanted.temporal_ui_port)

        def start() -> Child:
            temporal.prepare()
            assert self.temporal_port is not None
            return temporal.start(self.temporal_port, self.temporal_ui_port)

        def ready(child: Child) -> bool:
            assert self.temporal_port is not None
            return temporal.ready(child, self.temporal_port)

        choose_ports()
        served = Served("Temporal", choose_ports, start, ready, str(temporal.log), start())
        self._servers.insert(0, served)

    def _spawn_postgres(self) -> None:
        postgres = postgres_at(self._data)
        wanted = self._settings.data.postgres_port

        def choose_ports() -> None:
            self.postgres_port = self._data.ports.choose("postgres", wanted)

        def start() -> Child:
            postgres.prepare()
            assert self.postgres_port is not None
            return postgres.start(self.postgres_port)

        choose_ports()
        self._servers.append(
            Served("PostgreSQL", choose_ports, start, postgres.ready, str(postgres.log), start())
        )

    def _wait(self, server: Served) -> None:
        until, attempts = time.monotonic() + PATIENCE_SECONDS, START_ATTEMPTS
        while not server.ready(server.child):
            if server.child.exit_code is not None:
                attempts -= 1
                if attempts == 0:
                    raise Unavailable(
                        f"The embedded {server.name} does not start; the reason is at the end of "
                        f"{server.log}."
                    )
                time.sleep(ATTEMPT_PAUSE_SECONDS)
                if attempts <= START_ATTEMPTS - ATTEMPTS_ON_A_PORT:
                    server.choose_ports()
                server.child = server.start()
            elif time.monotonic() > until:
                raise Unavailable(
                    f"The embedded {server.name} is not ready after {PATIENCE_SECONDS} seconds; "
                    f"what it does is in {server.log}."
                )
            time.sleep(LOOK_AT_START_SECONDS)


def postgres_at(data: DataDir) -> Postgres:
    return Postgres(
        folder=data.root / "postgres",
        log=data.root / "logs" / "postgres.log",
        pid_file=data.root / "run" / "postgres.pid",
        password_file=data.root / "secrets" / "postgres_password",
    )


def temporal_at(data: DataDir) -> Temporal:
    return Temporal(
        folder=data.root / "temporal",
        log=data.root / "logs" / "temporal.log",
        pid_file=data.root / "run" / "temporal.pid",
    )


def ensure_database(maintenance_url: str) -> None:
    """Make our database on a new cluster; nothing happens when it is there."""
    plain = maintenance_url.replace("postgresql+psycopg", "postgresql", 1)
    with psycopg.connect(plain, autocommit=True, connect_timeout=10) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (OWNER,))
        if there.fetchone() is None:
            connection.execute(f"CREATE DATABASE {OWNER}")

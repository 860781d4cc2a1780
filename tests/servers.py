"""Real servers for tests: each test process has its own, and takes them along when it ends."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine, make_url
from temporalio.client import Client

import crm_store
from crm_store.migrate import upgrade
from engine.embedded.child import Child
from engine.embedded.ports import LOOPBACK, any_free_port
from engine.embedded.postgres import Postgres
from engine.embedded.temporal import Temporal

# Nothing here outlives the test run, so nothing waits for the disk.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}
MEMORY = Path("/dev/shm")
PLENTY_BYTES = 4 * 2**30


class Databases:
    """Hands out fresh migrated databases on one server, each a copy of a template made once."""

    def __init__(self, server: URL) -> None:
        self._server = server
        # One connection for a thousand databases: opening one takes half as long as making one.
        maintenance = server.set(drivername="postgresql", database="postgres")
        self._connection = psycopg.connect(
            maintenance.render_as_string(hide_password=False), autocommit=True
        )
        self._numbers = count(1)
        # Several test processes may share one server named by DATABASE_URL.
        self._prefix = f"cadenza_test_{time.time_ns():x}"
        self.template = f"{self._prefix}_template"
        self.create(self.template)
        migrate(self.url(self.template))

    def url(self, database: str) -> str:
        return self._server.set(database=database).render_as_string(hide_password=False)

    def create(self, name: str, template: str = "template0") -> None:
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)

    def fresh(self, like: str | None = None) -> str:
        """The name of a new migrated database; `like` names one nobody is connected to, whose rows
        it has too."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self.create(name, like or self.template)
        return name

    def drop(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: str, *names: str) -> None:
        self._connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def migrate(url: str) -> None:
    """Bring an empty database to the newest schema."""
    if any((Path(crm_store.__file__).parent / "migrations" / "versions").glob("*.py")):
        upgrade(url)
    else:
        _create_all(url)


def _create_all(url: str) -> None:
    from crm_store import models  # noqa: F401 - importing is what registers the tables
    from crm_store.base import Base

    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        Base.metadata.create_all(connection)
    engine.dispose()


@contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    _clear_after_the_killed(name)
    prefix = f"cadenza-test-{name}-{os.getpid()}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_room_for_servers()))
    # The account PostgreSQL changes to when we are root has to pass through.
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[URL]:
    """A PostgreSQL without tables; yields the address of its maintenance database."""
    with temporary_folder("postgres") as folder:
        server = Postgres(
            folder=folder / "data",
            log=folder / "postgres.log",
            pid_file=folder / "postgres.pid",
            password_file=folder / "password",
            settings=CARELESS,
            durable=False,
        )
        server.prepare()
        # Each test opens a few connections; proving the password would be most of their price.
        (folder / "data" / "pg_hba.conf").write_text(f"host all all {LOOPBACK}/32 trust\n")
        port = any_free_port()
        child = server.start(port)
        try:
            await_ready(child, lambda: server.ready(child), server.log)
            yield make_url(server.url(port, "postgres"))
        finally:
            child.stop()


@contextmanager
def temporal(*flags: str) -> Iterator[str]:
    """A Temporal dev server in memory; yields its address."""
    with temporary_folder("temporal") as folder:
        server = Temporal(None, folder / "temporal.log", folder / "temporal.pid", flags)
        port = any_free_port()
        child = server.start(port, None)
        try:
            address = f"{LOOPBACK}:{port}"
            await_ready(child, lambda: server.ready(child, port) and _serves(address), server.log)
            yield address
        finally:
            child.kill()


def _serves(address: str) -> bool:
    """It takes connections a moment before it answers them."""
    try:
        asyncio.run(Client.connect(address))
    except RuntimeError:
        return False
    return True


def _room_for_servers() -> str:
    """Memory where there is plenty: making a database there takes a tenth of the time."""
    writable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK)
    if writable and shutil.disk_usage(MEMORY).free >= PLENTY_BYTES:
        return str(MEMORY)
    return tempfile.gettempdir()


def _clear_after_the_killed(name: str) -> None:
    for folder in Path(_room_for_servers()).glob(f"cadenza-test-{name}-*"):
        if not psutil.pid_exists(int(folder.name.split("-")[-2])):
            shutil.rmtree(folder, ignore_errors=True)


def await_ready(child: Child, ready: Callable[[], bool], log: Path, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if child.exit_code is not None or time.monotonic() > until:
            child.stop()
            raise RuntimeError(f"the server did not come up:\n{log.read_text()[-3000:]}")
        time.sleep(0.01)

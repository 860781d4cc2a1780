"""The embedded servers keep what they were told, whatever is killed."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from engine import settings
from engine.embedded.data_dir import DataDir
from engine.embedded.machine import Machine as Servers
from engine.embedded.ports import LOOPBACK, PortBook, is_free

PATIENCE_SECONDS = 60


@dataclass
class Machine:
    """A child process that holds the folder, and what it told."""

    process: subprocess.Popen[str]
    database: str
    temporal: str
    pids: dict[str, int]

    def sql(self, statement: str) -> object:
        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone() if cursor.description else None

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode


Start = Callable[..., Machine]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("machine") / "var"


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    started: list[Machine] = []

    def one(**environment: str) -> Machine:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ground.machine_process", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=wishes() | environment,
        )
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], PATIENCE_SECONDS)
        line = process.stdout.readline() if readable else ""
        if not line:
            process.kill()
            pytest.fail(process.communicate()[1])
        told = json.loads(line)
        url = told["database"].replace("postgresql+psycopg", "postgresql")
        machine = Machine(process, url, told["temporal"], told["pids"])
        started.append(machine)
        return machine

    yield one
    for machine in started:
        if machine.process.poll() is None:
            machine.stop()


def wishes() -> dict[str, str]:
    """Ports far from the defaults, so that tests beside each other seldom have to move."""
    base = 20_000 + os.getpid() % 20_000
    return os.environ | {
        "EMBEDDED_POSTGRES_PORT": str(base),
        "EMBEDDED_TEMPORAL_PORT": str(base + 1),
        "EMBEDDED_TEMPORAL_UI_PORT": str(base + 2),
    }


def test_a_new_folder_serves_and_a_restart_keeps_data_and_ports(start: Start) -> None:
    first = start()
    first.sql("CREATE TABLE kept AS SELECT 1 AS one")
    assert first.sql("SHOW fsync") == ("on",)
    assert first.stop() == 0
    again = start()
    assert again.sql("SELECT one FROM kept") == (1,)
    assert (again.database, again.temporal) == (first.database, first.temporal)


def test_a_second_start_on_the_folder_is_refused_with_a_sentence(
    start: Start, folder: Path
) -> None:
    first = start()
    second = subprocess.run(
        [sys.executable, "-m", "tests.ground.machine_process", str(folder)],
        capture_output=True,
        text=True,
        env=wishes(),
        check=False,
    )
    assert second.returncode == 1
    assert f"in use by Cadenza at http://127.0.0.1:1 (process {first.process.pid})" in second.stderr
    assert "--data-dir" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_taken_port_moves(start: Start) -> None:
    wanted = wishes()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", int(wanted["EMBEDDED_POSTGRES_PORT"])))
        squatter.listen()
        machine = start()
    port = int(machine.database.rpartition(":")[2].partition("/")[0])
    assert port != int(wanted["EMBEDDED_POSTGRES_PORT"])
    assert machine.sql("SELECT 1") == (1,)


def test_a_port_that_is_taken_in_the_last_moment_is_left_to_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[int] = []
    real = PortBook.choose

    def choose(book: PortBook, name: str, wanted: int, host: str = LOOPBACK) -> int:
        chosen.append(real(book, name, wanted, host) if chosen else squatter.getsockname()[1])
        return chosen[-1]

    monkeypatch.setattr(PortBook, "choose", choose)
    data = DataDir(folder)
    with socket.socket() as squatter, data.locked():
        squatter.bind((LOOPBACK, 0))
        squatter.listen()
        servers = Servers(settings.load(), data)
        try:
            servers.spawn(temporal=False)
            url = servers.wait_ready().database.url
        finally:
            servers.stop()
    assert len(chosen) == 2
    assert url is not None
    assert f":{chosen[1]}/" in url.get_secret_value()


def test_killing_the_owner_takes_the_servers_along_and_loses_nothing(start: Start) -> None:
    first = start()
    first.sql("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    first.kill()
    await_gone(first.pids.values())
    assert start().sql("SELECT count(*) FROM kept") == (1000,)


def test_killing_everything_at_once_loses_nothing(start: Start) -> None:
    first = start()
    first.sql("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    family = psutil.Process(first.process.pid).children(recursive=True)
    for process in [*family, psutil.Process(first.process.pid)]:
        # some of them end by themselves once their parent is gone
        with suppress(psutil.NoSuchProcess):
            process.kill()
    first.process.communicate()
    assert start().sql("SELECT count(*) FROM kept") == (1000,)


def test_servers_that_outlived_their_owner_are_swept_away(start: Start) -> None:
    first = start()
    orphan = psutil.Process(first.pids["PostgreSQL"])
    # A stopped process cannot follow its owner: as on systems without a death signal.
    orphan.suspend()
    try:
        first.kill()
        assert orphan.is_running()
    finally:
        orphan.resume()
    assert start().sql("SELECT 1") == (1,)


@pytest.mark.parametrize("server", ["PostgreSQL", "Temporal"])
def test_a_killed_server_is_started_again(start: Start, server: str) -> None:
    machine = start()
    machine.sql("CREATE TABLE kept AS SELECT 1 AS one")
    psutil.Process(machine.pids[server]).kill()
    await_gone([machine.pids[server]])
    host, _, port = machine.temporal.partition(":")
    await_true(lambda: not is_free(int(port), host))
    await_true(lambda: answers(machine))
    assert machine.sql("SELECT one FROM kept") == (1,)


def test_a_recycled_pid_does_not_stop_the_database(start: Start, folder: Path) -> None:
    first = start()
    first.kill()
    await_gone(first.pids.values())
    status = folder / "postgres" / "postmaster.pid"
    # As if the machine had restarted, and the number now belonged to this very test.
    status.write_text(f"{os.getpid()}\n{folder / 'postgres'}\n0\n0\n\n\n\nready\n")
    (folder / "run" / "postgres.pid").write_text(json.dumps({"pid": os.getpid(), "born": 1.0}))
    assert start().sql("SELECT 1") == (1,)


def answers(machine: Machine) -> bool:
    try:
        return machine.sql("SELECT 1") == (1,)
    except psycopg.OperationalError:
        return False


def await_gone(pids: Iterable[int]) -> None:
    await_true(lambda: not any(map(alive, pids)))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def await_true(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.02)

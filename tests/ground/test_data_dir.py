"""The lock of the folder, among those who take it and those who only ask."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.embedded.data_dir import DataDir
from engine.errors import Conflict


@contextmanager
def asking(folder: Path, how: int) -> Iterator[None]:
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> DataDir:
    data = DataDir(tmp_path / "var")
    with data.locked():
        pass
    return data


def test_somebody_who_asks_for_an_instant_does_not_stop_a_start(folder: DataDir) -> None:
    asked = asking(folder.root, fcntl.LOCK_SH)
    asked.__enter__()
    threading.Timer(0.1, asked.__exit__, (None, None, None)).start()
    with folder.locked():
        assert folder.held()


def test_two_who_ask_at_once_do_not_take_each_other_for_a_holder(folder: DataDir) -> None:
    with asking(folder.root, fcntl.LOCK_SH):
        assert not folder.held()


def test_whoever_holds_it_longer_is_another(
    folder: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.embedded.data_dir.PATIENCE_SECONDS", 0.1)
    with (
        asking(folder.root, fcntl.LOCK_EX),
        pytest.raises(Conflict, match="in use"),
        folder.locked(),
    ):
        pass
    with folder.locked():
        pass

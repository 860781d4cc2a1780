"""Ports are kept when they can be, and moved when they must."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.embedded.account import other_account
from engine.embedded.ports import PortBook, any_free_port, is_free
from tests.ordinary_user import an_ordinary_user


@pytest.fixture
def squatter() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_taken_port_is_moved_and_remembered(tmp_path: Path, squatter: int) -> None:
    book = PortBook(tmp_path / "ports.json")
    moved = book.choose("web", squatter)
    assert moved != squatter
    assert is_free(moved)
    assert PortBook(tmp_path / "ports.json").choose("web", squatter) == moved


def test_another_wish_forgets_the_old_port(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json")
    first, second = any_free_port(), any_free_port()
    assert book.choose("web", first) == first
    assert book.choose("web", second) == second


def test_two_servers_never_get_the_same_port(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json")
    wanted = any_free_port()
    assert book.choose("web", wanted) != book.choose("mailbox", wanted)


def test_a_broken_book_is_started_anew(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{half")
    assert PortBook(tmp_path / "ports.json").choose("web", 0) > 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
def test_root_hands_the_database_to_another_account(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    account = other_account((closed / "data",))
    assert account is not None
    assert account.uid != 0
    assert account.reach, "it has to pass through a folder that is closed to it"


def test_an_ordinary_user_stays_who_they_are(tmp_path: Path) -> None:
    with an_ordinary_user():
        assert other_account((tmp_path,)) is None

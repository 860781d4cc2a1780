"""A Maildir that an MTA or an IMAP fetcher delivers into: what is new is read, then put aside."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from engine.channels.bounces.parts import MOST_BYTES


def is_maildir(path: Path) -> bool:
    return (path / "new").is_dir()


@dataclass(frozen=True, slots=True)
class NewMail:
    name: str
    raw: bytes


class Maildir:
    """Reading changes nothing; `put_aside` moves a mail to `cur`, as seen. After a crash between
    the two it is read again, and its reports are known by then."""

    def __init__(self, path: Path) -> None:
        self._new, self._cur = path / "new", path / "cur"

    def arrived(self, limit: int) -> list[NewMail]:
        """The oldest by name, at most so many; only the beginning of a very large one."""
        found = []
        for file in sorted(self._new.iterdir()):
            raw = None if file.name.startswith(".") else _read(file)
            if raw is not None:
                found.append(NewMail(file.name, raw))
            if len(found) == limit:
                break
        return found

    def put_aside(self, mails: list[NewMail]) -> None:
        """One that somebody else has moved meanwhile is left alone."""
        self._cur.mkdir(exist_ok=True)
        for mail in mails:
            try:
                (self._new / mail.name).rename(self._cur / f"{mail.name.partition(':')[0]}:2,S")
            except FileNotFoundError:
                continue


def _read(file: Path) -> bytes | None:
    """None for what is gone by now, or no plain file of ours to read."""
    try:
        # a link or a pipe in a folder that others write to is not followed
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
            return None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as opened:
        return opened.read(MOST_BYTES)

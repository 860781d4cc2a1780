"""The account that the embedded PostgreSQL runs as: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# An account made for us wins; `nobody` exists on every Linux and macOS, so that nothing needs to be
# added to the machine.
CANDIDATES = ("cadenza", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """`reach`: the account needs help to pass through folders closed to others, such as /root."""

    uid: int
    gid: int
    reach: bool

    def take(self, path: Path) -> None:
        """Give a file or folder to this account."""
        os.chown(path, self.uid, self.gid)


def other_account(paths: Iterable[Path]) -> Account | None:
    """The account to change to when we are root, or None: then servers run as who we are.

    `paths` are those the server must get to (its programs, its data).
    """
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        closed = any(not _open_to_others(folder) for path in paths for folder in _above(path))
        return Account(entry.pw_uid, entry.pw_gid, reach=closed)
    raise LookupError(CANDIDATES)


def _above(path: Path) -> Iterable[Path]:
    return path.resolve().parents


def _open_to_others(folder: Path) -> bool:
    return not folder.exists() or bool(folder.stat().st_mode & stat.S_IXOTH)

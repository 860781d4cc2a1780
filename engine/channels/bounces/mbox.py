"""An mbox file that an MTA appends to: read from where the last reading ended."""

from __future__ import annotations

import fcntl
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from engine.channels.bounces.parts import MOST_BYTES

_SEPARATOR: Final = b"From "
_LINE: Final = 65_536
# Bytes before a place that tell whether the file is still the same one.
_WITNESS: Final = 1_024


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file was read. `before` is a hash of what stands before `position`."""

    position: int = 0
    before: str = ""


START: Final = Place()


def read_from(path: Path, place: Place, limit: int) -> tuple[list[bytes], Place]:
    """The next mails, at most so many, and where they end; nothing while somebody writes to it.

    A file that was replaced or cut is read from its start: what was reported before is known.
    """
    with path.open("rb") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return [], place
        start = place.position if _witness(file, place.position) == place.before else 0
        file.seek(start)
        mails, end = _mails(file, start, limit)
        return mails, Place(end, _witness(file, end))


def _mails(file: BinaryIO, start: int, limit: int) -> tuple[list[bytes], int]:
    mails: list[bytes] = []
    lines: list[bytes] | None = None
    kept, end, after_blank = 0, start, True
    while line := file.readline(_LINE):
        if line.startswith(_SEPARATOR) and after_blank:
            if lines is not None:
                mails.append(b"".join(lines))
                end = file.tell() - len(line)
                if len(mails) == limit:
                    return mails, end
            lines, kept = [], 0
        elif lines is not None and kept < MOST_BYTES:
            lines.append(line)
            kept += len(line)
        after_blank = line in (b"\n", b"\r\n")
    if lines is not None:
        mails.append(b"".join(lines))
    return mails, file.tell()


def _witness(file: BinaryIO, position: int) -> str:
    if position == 0:
        return ""
    begin = max(0, position - _WITNESS)
    file.seek(begin)
    found = file.read(position - begin)
    return hashlib.sha256(found).hexdigest()[:32] if len(found) == position - begin else "cut"

"""Keeping what was refused, within bounds: a sender gone mad fills neither disk nor list."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import structlog
from sqlalchemy.exc import SQLAlchemyError

from crm_store import dead_letters as rows
from crm_store.session import Store
from engine.errors import Problem

_log = structlog.get_logger(__name__)

# `call`: an item of a client's batch. `document`: what a webhook brought. `body`: a body that could
# not even be taken apart, of either. `form` and `event` (CloudEvents) are as they are called.
Door = Literal["call", "document", "body", "event"]
MOST_BYTES: Final = 65_536
# Of one source; more are only counted.
MOST_WAITING: Final = 5_000
MOST_AT_ONCE: Final = 200
KEPT_SETTLED: Final = timedelta(days=30)
KEPT_WAITING: Final = timedelta(days=90)
_TIDIED_EVERY: Final = timedelta(hours=1)
_LONGEST_TEXT: Final = 500
_MOST_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """`body` is what to read again, as JSON wherever that was possible; `cut` when it was too large
    to be kept whole."""

    source: str
    door: Door
    code: str
    message: str
    problems: tuple[Problem, ...]
    body: bytes
    message_id: str | None = None
    cut: bool = False

    @classmethod
    def of(
        cls,
        source: str,
        door: Door,
        problems: Sequence[Problem],
        document: Any,
        message_id: str | None = None,
    ) -> Letter:
        first = problems[0] if problems else Problem("", "refused", "It was refused.")
        body = document if isinstance(document, bytes) else _written(document)
        return cls(
            source,
            door,
            first.code,
            str(first)[:_LONGEST_TEXT],
            tuple(problems[:_MOST_PROBLEMS]),
            body[:MOST_BYTES],
            message_id,
            len(body) > MOST_BYTES,
        )

    def row(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "door": self.door,
            "code": self.code,
            "message": _clean(self.message),
            "problems": [
                {"place": _clean(one.place)[:200], "code": one.code, "message": _clean(one.message)}
                for one in self.problems
            ],
            "message_id": self.message_id,
            "body": b64encode(self.body).decode(),
            "digest": hashlib.sha256(self.door.encode() + b"\0" + self.body).hexdigest(),
            "cut": self.cut,
        }


class LetterBox:
    """One per process. What cannot be kept is logged, and never fails the request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tidied_at: datetime | None = None

    async def keep(self, letters: Sequence[Letter], now: datetime) -> None:
        if not letters:
            return
        once = {row["digest"]: row for row in (one.row() for one in letters[:MOST_AT_ONCE])}
        try:
            async with self._store.transaction() as session:
                await rows.keep_letters(session, list(once.values()), now, MOST_WAITING)
                if self._tidied_at is None or now - self._tidied_at >= _TIDIED_EVERY:
                    self._tidied_at = now
                    await rows.forget_letters(session, now - KEPT_SETTLED, now - KEPT_WAITING)
        except SQLAlchemyError as error:
            _log.warning("refused events not kept", count=len(once), error=type(error).__name__)


def _clean(text: str) -> str:
    """Text that a column takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:_LONGEST_TEXT]


def _written(document: Any) -> bytes:
    """JSON in ASCII, whatever is in it: half a surrogate pair stays what it was."""
    try:
        return json.dumps(document, default=str).encode()
    except (ValueError, RecursionError):
        return b""

"""Handing a list out as a file: over HTTP, so that a million lines never pass through the page.

A ticket stands for what is to be written; it is used once, within minutes, by whoever it was made
for.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from nicegui import app as gui
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from designer.runtime import Designer
from designer.visitor import visitor_of
from engine.services.records import Selection
from engine.services.records.exporting import csv_of_selection
from engine.services.views.grids import Moment

PATH: Final = "/exports/{ticket}"
KEPT_FOR: Final = timedelta(minutes=10)
MOST_KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Asked:
    user_id: int | None
    selection: Selection
    name: str
    until: datetime


@dataclass(slots=True)
class Exports:
    """What was asked for and not fetched yet, in the memory of the process."""

    _asked: dict[str, _Asked] = field(default_factory=dict)

    def ask(self, user_id: int | None, selection: Selection, name: str, now: datetime) -> str:
        """The address to fetch it from."""
        self._asked = {key: one for key, one in self._asked.items() if one.until > now}
        while len(self._asked) >= MOST_KEPT:
            del self._asked[next(iter(self._asked))]
        ticket = secrets.token_urlsafe(24)
        self._asked[ticket] = _Asked(user_id, selection, name, now + KEPT_FOR)
        return PATH.format(ticket=ticket)

    def take(self, ticket: str, user_id: int | None, now: datetime) -> _Asked | None:
        asked = self._asked.get(ticket)
        if asked is None or asked.until <= now or asked.user_id != user_id:
            return None
        return self._asked.pop(ticket)


EXPORTS: Final = Exports()


def register(designer: Designer) -> None:
    @gui.get(PATH, include_in_schema=False)
    async def export(ticket: str, request: Request) -> Response:
        visitor = visitor_of(request)
        actor = await designer.actor(visitor.token)
        asked = EXPORTS.take(ticket, actor.id, designer.now())
        if asked is None:
            text = visitor.t("This download is over. Ask for it again from the list.")
            return Response(text, 404, media_type="text/plain; charset=utf-8")
        moment = Moment(designer.now(), designer.runtime.shared.default_zone)
        lines = csv_of_selection(designer.transaction, actor, asked.selection, moment)

        async def written() -> AsyncIterator[bytes]:
            # spreadsheets need the mark to read it right
            yield b"\xef\xbb\xbf"
            async for text in lines:
                yield text.encode()

        headers = {"Content-Disposition": f'attachment; filename="{asked.name}.csv"'}
        return StreamingResponse(written(), media_type="text/csv", headers=headers)

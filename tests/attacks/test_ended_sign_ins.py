"""A page that is held on to after its sign-in has ended: what it still sends changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from designer.guard import Guard
from engine.services.actor import SYSTEM, Actor
from engine.services.sign_in import COOKIE


@dataclass(frozen=True)
class SignedIn:
    actor: Actor = SYSTEM
    language: str = "en"
    must_change_password: bool = False


@dataclass
class Client:
    """Connects while signed in, sends a deed, loses the sign-in, and sends the same deed again."""

    fault: BaseException | None = None
    lasts: bool = True
    heard: list[Any] = field(default_factory=list)

    async def who(self, token: str) -> SignedIn | None:
        if self.fault is not None and not self.lasts:
            raise self.fault
        return SignedIn() if self.lasts else None

    async def hold_on(self) -> None:
        coming = iter(["websocket.connect", "deed", "end", "deed", "deed", "websocket.disconnect"])

        async def receive() -> dict[str, Any]:
            said = next(coming)
            if said == "end":
                self.lasts = False
                said = next(coming)
            is_frame = said == "deed"
            return {"type": "websocket.receive", "text": said} if is_frame else {"type": said}

        async def send(message: Any) -> None:
            del message

        async def app(scope: Any, receive: Any, send: Any) -> None:
            while True:
                message = await receive()
                self.heard.append(message["type"].removeprefix("websocket."))
                if message["type"] == "websocket.disconnect":
                    return

        headers = [(b"host", b"crm.test"), (b"cookie", f"{COOKIE}=token".encode())]
        scope = {"type": "websocket", "path": "/_nicegui_ws/socket.io/", "headers": headers}
        await Guard(app, self)(scope, receive, send)


async def test_events_of_an_ended_sign_in_reach_nobody() -> None:
    client = Client()
    await client.hold_on()
    assert client.heard == ["connect", "receive", "disconnect"]


async def test_while_the_database_is_away_pages_live_on_and_deeds_fail_by_themselves() -> None:
    client = Client(fault=ConnectionRefusedError())
    await client.hold_on()
    assert client.heard == ["connect", "receive", "receive", "receive", "disconnect"]


async def test_what_is_broken_is_not_taken_for_a_sign_in() -> None:
    client = Client(fault=ValueError())
    with pytest.raises(ValueError):
        await client.hold_on()
    assert client.heard == ["connect", "receive"]

"""Receivers leave nothing behind with us."""

from __future__ import annotations

from engine.outgoing import Call, Outgoing
from engine.reachable import read_reachable
from tests.outgoing.scripted_http import answering, scripted


async def test_a_cookie_of_one_call_does_not_go_with_the_next() -> None:
    client = Outgoing(read_reachable("127.0.0.0/8"))
    async with scripted(answering(Set_Cookie="session=of-another-flow")) as server:
        for _ in range(2):
            await client.send(Call("POST", server.url))
        await client.close()
        assert [one.headers.get("cookie") for one in server.heard] == [None, None]

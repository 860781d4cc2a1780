"""Calls of other systems on a real Temporal: their own drivers make them, and hold up no mail."""

from __future__ import annotations

import asyncio

from crm_store.session import Store
from engine.reachable import read_reachable
from tests.outgoing.scripted_http import answering, one_after_the_other, scripted
from tests.workflows.working import eventually, working

FLOW = """
flow: calls_test
label: Calls
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
steps:
  call:    {do: call_webhook, url: "URL", exits: {ok: hello, refused: done, gave_up: done}}
  hello:   {do: send_message, template: welcome, next: done}
  done:    {do: exit}
"""
MAIL = """
flow: mail_test
label: Mail
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
steps:
  hello:   {do: send_message, template: welcome, next: done}
  done:    {do: exit}
"""


async def test_mail_goes_out_while_a_slow_system_is_being_called(
    store: Store, temporal_address: str
) -> None:
    let_go = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        await let_go.wait()
        await answering()(writer)

    async with working(store, temporal_address) as at_work:
        world = at_work.world
        # before the first call, so that the connections are made for it
        world.parts.outgoing._reachable = read_reachable("127.0.0.0/8")
        async with scripted(one_after_the_other(slow)) as server:
            await world.publish(FLOW.replace("URL", server.url))
            await world.publish(MAIL)
            [ada] = await world.people(1)
            await world.event(ada, "Signed Up")
            at_work.poke_dispatch()

            async def mails(wanted: int) -> bool:
                return len(world.channel.delivered) >= wanted and len(server.heard) == 1

            await eventually(lambda: mails(1), "the call is made and the other flow's mail is out")
            let_go.set()
            await eventually(lambda: mails(2), "the answer has led to the mail of its own flow")

            async def over() -> bool:
                open_ = await world.rows("SELECT 1 FROM run WHERE state <> 'ended'")
                return not open_

            await eventually(over, "both runs are over")
        await world.parts.outgoing.close()

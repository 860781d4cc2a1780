"""What goes by a channel that people added is done apart, so that a silent one holds up no mail."""

from __future__ import annotations

import pytest

from crm_store.partitions import APART_FROM
from crm_store.session import Store
from engine.activities.perform import CALLS_AT_ONCE
from engine.channels.chat.channel import GROUP
from engine.effects import is_apart
from engine.services import channels
from engine.services.actor import SYSTEM
from engine.services.secrets import box_of
from tests.channels.contract import SECRET
from tests.driving.world import SIZES, CrashingStore, RememberingChannel, World

FLOW = """
flow: greeting
label: Greeting
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  hello: {do: send_message, template: win_back, channel: gateway, next: again}
  again: {do: send_message, template: win_back, next: done}
  done: {do: exit}
"""


@pytest.mark.parametrize(
    ("kind", "ask", "apart"),
    [
        ("send_message", {"template": "x"}, False),
        ("send_message", {"template": "x", "channel": "default"}, False),
        ("send_message", {"template": "x", "channel": "texts"}, True),
        ("call_webhook", {"url": "https://x.example"}, True),
        ("notify", {"to": "owner"}, False),
    ],
)
def test_what_may_be_slow_is_done_apart(kind: str, ask: dict[str, str], apart: bool) -> None:
    assert is_apart(kind, ask) is apart


def test_a_group_is_no_larger_than_the_narrowest_channel_begins_in_time() -> None:
    assert CALLS_AT_ONCE <= GROUP


async def test_a_named_channel_holds_up_no_other_mail(store: Store) -> None:
    world = World(CrashingStore(store), RememberingChannel())
    async with store.transaction() as session:
        given = {"url": "https://gateway.example.com/in", "secret": SECRET, "writes_to": "email"}
        box = box_of({"k": b"k" * 32})
        await channels.add_channel(session, SYSTEM, box, "gateway", "webhook", given, now=world.now)
    await world.publish(FLOW)
    (ada,) = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("greeting")
    assert world.channel.delivered == []
    [(run_id, shard)] = await world.rows("SELECT run_id, shard FROM effect")
    assert shard == APART_FROM + run_id % SIZES.perform_shards

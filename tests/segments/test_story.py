"""From what a website tells to who is in a segment: events come in, members follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.services.changes.announcing import Announcer
from engine.services.events import Batch, Reader
from engine.services.events.accepting import Accepting
from tests.driving.world import PARTITIONS
from tests.segments.segment_world import SegmentWorld
from tests.segments.test_flows_over_segments import FLOW

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
QUIET = {"not_done": ["Visited Pricing"]}
IDLE = {"inactive_for": ["Visited Pricing", 2, "hours"]}


async def told(world: SegmentWorld, *calls: dict[str, Any]) -> None:
    """What a client sends, accepted and dispatched."""
    numbered = []
    for call in calls:
        world.events += 1
        numbered.append({"messageId": f"call-{world.events}", **call})
    items, refused = Reader("website", world.now).batch({"batch": numbered})
    assert not refused
    accepting = Accepting(world.store.store, Announcer(world.parts.plans, PARTITIONS))
    await accepting.accept([Batch(tuple(items), ())], world.now)
    await world.until_quiet("keen")


def identify(user: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "traits": traits}


def visit(user: str) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": "Visited Pricing"}


async def id_of(world: SegmentWorld, user: str) -> int:
    return int((await world.rows("SELECT id FROM contact WHERE external_id = :u", u=user))[0][0])


async def test_a_new_contact_is_asked_by_every_segment(world: SegmentWorld) -> None:
    await world.counted("quiet", QUIET)
    await world.counted("singapore", SINGAPORE)
    await told(world, {"type": "track", "userId": "ada", "event": "Signed Up"})
    ada = await id_of(world, "ada")
    assert await world.members("quiet") == {ada}
    assert await world.moves(ada) == [("Segment Entered", "quiet")]


async def test_a_changed_field_moves_a_contact_once(world: SegmentWorld) -> None:
    await world.counted("singapore", SINGAPORE)
    await told(world, identify("ada", address={"country": "SG"}))
    await told(world, identify("ada", address={"country": "SG"}))
    await told(world, identify("ada", address={"country": "MY"}))
    ada = await id_of(world, "ada")
    assert await world.moves(ada) == [
        ("Segment Entered", "singapore"),
        ("Segment Left", "singapore"),
    ]


async def test_a_visit_enters_a_segment_and_its_flow_writes_a_mail(world: SegmentWorld) -> None:
    rule = {"and": [{"done": ["Visited Pricing", ">=", 2, ["in_last", 1, "days"]]}, SINGAPORE]}
    await world.counted("keen_people", rule)
    await world.publish(FLOW.replace("purpose: marketing", "purpose: service"))
    await told(world, identify("ada", email="ada@example.com", address={"country": "SG"}))
    await told(world, visit("ada"))
    assert world.channel.delivered == []
    await told(world, visit("ada"))
    assert [message.to for message in world.channel.delivered] == ["ada@example.com"]
    first_visit = world.now
    await world.live_until(first_visit + timedelta(days=1), "keen")
    assert await world.outcomes() == [("active", "stay", None)]
    await world.live_until(first_visit + timedelta(days=1, seconds=2), "keen")
    assert await world.outcomes() == [("ended", "stay", "exit_rule")]


async def test_who_was_never_there_becomes_idle_when_known_for_long_enough(
    world: SegmentWorld,
) -> None:
    await world.counted("idle", IDLE)
    await told(world, identify("ada"))
    ada = await id_of(world, "ada")
    await world.change(ada, "created_at", world.now)
    await told(world, identify("ada", title="Engineer"))
    known = world.now
    await world.live_until(known + timedelta(hours=2))
    assert await world.members("idle") == set()
    await world.live_until(known + timedelta(hours=2, seconds=2))
    assert await world.members("idle") == {ada}

"""A door for events remembers who hears of changes, and never for longer than it is so."""

from __future__ import annotations

from sqlalchemy import text

from engine.services.events import Batch, Intake, Reader
from tests.driving.test_changes import MOVED, told
from tests.driving.world import PARTITIONS, World

COMING = MOVED.replace("Contact Updated", "Contact Created").replace(
    '{"changed_to": [{"var": "contact.country"}, "MY"]}', "true"
)


async def test_what_is_published_and_subscribed_meanwhile_is_heard_of(world: World) -> None:
    intake = Intake(world.store.store, PARTITIONS)

    async def somebody_comes(user: str, **traits: str) -> None:
        call = {
            "type": "identify",
            "userId": user,
            "traits": traits,
            "messageId": f"{user}{traits}",
        }
        items, _ = Reader("website", world.now).batch({"batch": [call]})
        await intake.accept(Batch(tuple(items)), world.now)

    await somebody_comes("a")
    await somebody_comes("b")
    assert await told(world) == []

    await world.publish(COMING)
    await somebody_comes("c")
    await somebody_comes("c", country="MY")
    assert [name for name, _, _ in await told(world)] == ["Contact Created"]

    async with world.store.store.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO webhook_subscription "
                "(name, url, event_types, enabled, reason, secret, changed_at, changed_by) "
                "VALUES ('crm', 'https://crm.test', '{Contact Updated}', true, NULL, '', now(), '')"
            )
        )
    await somebody_comes("c", country="SG")
    assert [name for name, _, _ in await told(world)] == ["Contact Created", "Contact Updated"]

"""Names offered to somebody who builds a rule."""

from __future__ import annotations

from datetime import UTC, datetime

from crm_store.demo import add_tags
from crm_store.models import Contact, ContactTag, Event
from crm_store.session import Store
from engine.services import segment_door
from engine.services.actor import SYSTEM, Actor
from engine.services.rules.suggestions import rule_suggestions
from engine.services.segments.editing import NewSegment

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


async def test_what_has_been_seen_is_offered_once_and_in_order(store: Store) -> None:
    async with store.transaction() as session:
        ada = Contact(email="ada@example.test")
        session.add(ada)
        await session.flush()
        for at, name in enumerate(("Order Completed", "Cart Left", "Order Completed")):
            session.add(
                Event(
                    contact_id=ada.id,
                    kind="track",
                    name=name,
                    source="test",
                    message_id=f"m{at}",
                    occurred_at=NOW,
                    received_at=NOW,
                    properties={},
                )
            )
        await add_tags(session, ["vip", "press"])
        session.add_all([ContactTag(contact_id=ada.id, tag=tag) for tag in ("vip", "press")])
        await segment_door.create(session, SYSTEM, NewSegment.by_hand("guests", "Guests"), NOW)
    async with store.transaction() as session:
        found = await rule_suggestions(session, SYSTEM)
        assert found.events == ("Cart Left", "Order Completed")
        assert found.tags == ("press", "vip")
        assert found.segments == (("guests", "Guests", None),)
        nobody = await rule_suggestions(session, Actor("key", 1, "A key"))
        assert (nobody.events, nobody.tags, nobody.segments) == ((), (), ())

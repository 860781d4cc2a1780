"""Telling our own people, on a real database."""

from __future__ import annotations

import asyncio

import pytest

from crm_store.session import Store
from engine.channels.base import OutgoingMessage, Refused
from engine.errors import NotAllowed
from engine.services import channels
from engine.services.actor import SYSTEM
from engine.services.notices import list_notices, read_notices
from tests.driving.house import TRIGGER, House, furnished
from tests.driving.world import SIZES, Crash

NOTIFY = (
    TRIGGER
    + """
  tell: {do: notify, to: "TO", title: "Call {{ contact.first_name }}", body: "She asked.",
         exits: {sent: told, nobody: nobody, failed: failed}}
  told: {do: exit, outcome: told}
  nobody: {do: exit, outcome: nobody}
  failed: {do: exit, outcome: failed}
"""
)


@pytest.fixture
async def house(store: Store) -> House:
    return await furnished(store)


async def test_who_is_meant_is_told_once(house: House) -> None:
    meant = {
        "owner": ["ben"],
        "manager": ["eve"],
        "DORA@example.com": ["dora"],
        "role:rep": ["ben"],
        "team:North": ["ben", "eve"],
        "fred@example.com": [],
        "role:service": [],
        "team:South": [],
        "nobody@example.com": [],
    }
    [contact] = await house.world.people(1, owner_id=house.ids["ben"])
    for number, (to, people) in enumerate(meant.items()):
        flow = NOTIFY.replace("TO", to).replace("asking", f"asking_{number}", 1)
        await house.world.publish(flow.replace("Signed Up", f"Signed Up {number}"))
        await house.world.event(contact, f"Signed Up {number}")
        house.world.channel.delivered.clear()
        await house.world.until_quiet(f"asking_{number}")
        assert sorted(house.told()) == [f"{name}@example.com" for name in people], to
        assert (await house.outcomes())[-1] == ("told" if people else "nobody")


async def test_the_mail_says_what_the_flow_says_and_where_to_look(house: House) -> None:
    await house.begin(NOTIFY.replace("TO", "team:North"))
    eve, ben = house.world.channel.delivered
    assert ben.subject == "Call Person 0"
    assert ben.text.startswith("She asked.\n\nContact: https://crm.example.com/contacts/")
    assert "Sent by the flow asking." in ben.text
    assert "由流程 asking 发送。" in eve.text
    assert "List-Unsubscribe" not in ben.headers
    # no message to the contact: neither their consent nor their history has to do with it
    assert await house.world.rows("SELECT 1 FROM message") == []


async def test_a_contact_without_an_owner_has_nobody(house: House) -> None:
    await house.begin(NOTIFY.replace("TO", "owner"), owner_id=None)
    assert await house.outcomes() == ["nobody"]


async def test_notices_are_kept_for_whoever_they_are_for(house: House) -> None:
    await house.begin(NOTIFY.replace("TO", "owner"))
    async with house.world.store.store.transaction() as session:
        [notice] = await list_notices(session, house.actor("ben"), unread=True)
        assert await list_notices(session, house.actor("eve")) == []
        assert await read_notices(session, house.actor("eve"), [notice.id], house.world.now) == 0
        assert await read_notices(session, house.actor("ben"), [notice.id], house.world.now) == 1
        assert await list_notices(session, house.actor("ben"), unread=True) == []
        with pytest.raises(NotAllowed):
            await list_notices(session, SYSTEM)
    assert (notice.title, notice.kind) == ("Call Person 0", "notify")


async def test_only_the_mail_that_did_not_go_goes_again(house: House) -> None:
    answers = ["unreachable"]
    house.world.channel.spoil = lambda: answers.pop() if answers else None
    await house.begin(NOTIFY.replace("TO", "team:North"))
    assert len(house.told()) == 1
    assert await house.outcomes() == [None]
    await house.later(seconds=5)
    assert sorted(house.told()) == ["ben@example.com", "eve@example.com"]
    assert await house.outcomes() == ["told"]


async def test_a_refused_address_fails_and_the_notice_can_still_be_read(house: House) -> None:
    async def refusing(message: OutgoingMessage) -> None:
        del message
        raise Refused("mailbox_unknown", "no such person")

    house.world.channel.send = refusing  # type: ignore[method-assign]
    await house.begin(NOTIFY.replace("TO", "owner"))
    assert await house.outcomes() == ["failed"]
    async with house.world.store.store.transaction() as session:
        assert len(await list_notices(session, house.actor("ben"))) == 1


@pytest.mark.parametrize("askable", [True, False])
async def test_a_notice_that_may_have_gone_goes_at_least_once(house: House, askable: bool) -> None:
    """Though the flow's purpose is marketing: a notice is no message to a contact."""
    house.world.channel.askable = askable
    answers = ["unclear_taken"]
    house.world.channel.spoil = lambda: answers.pop() if answers else None
    await house.begin(NOTIFY.replace("TO", "owner"))
    assert await house.outcomes() == [None]
    await house.later(seconds=5)
    await house.later(seconds=5)
    assert house.told() == ["ben@example.com"] * (1 if askable else 2)
    assert await house.outcomes() == ["told"]


async def test_a_crash_between_claim_and_outcome_tells_once(house: House) -> None:
    dead = False

    def dies() -> str | None:
        return "before" if house.world.channel.delivered and not dead else None

    await house.world.publish(NOTIFY.replace("TO", "owner"))
    [contact] = await house.world.people(1, owner_id=house.ids["ben"])
    await house.world.event(contact, "Signed Up")
    await house.world.dispatch_all()
    house.world.store.dies = dies
    with pytest.raises(Crash):
        await house.world.perform_all()
    dead = True
    await house.go_on()
    assert await house.outcomes() == [None]
    house.world.now += SIZES.lease
    await house.go_on()
    assert house.told() == ["ben@example.com"]
    assert await house.outcomes() == ["told"]


async def test_two_workers_tell_everybody_once(house: House) -> None:
    await house.world.publish(NOTIFY.replace("TO", "team:North"))
    for contact in await house.world.people(9, owner_id=house.ids["ben"]):
        await house.world.event(contact, "Signed Up")
    while await house.world.dispatch_all():
        pass
    workers = [house.world.new_worker("one"), house.world.new_worker("two")]
    await asyncio.gather(*(house.world.perform_all(parts) for parts in workers for _ in range(3)))
    await house.go_on()
    assert len(house.told()) == 18
    assert len({message.provider_key for message in house.world.channel.delivered}) == 18
    assert await house.outcomes() == ["told"] * 9


async def test_nothing_goes_to_us_either_while_the_channel_is_paused(house: House) -> None:
    async with house.world.store.store.transaction() as session:
        await channels.pause_channel(session, SYSTEM, "default", house.world.now)
    await house.begin(NOTIFY.replace("TO", "owner"))
    assert house.told() == []
    async with house.world.store.store.transaction() as session:
        [shown] = await list_notices(session, house.actor("ben"), unread=True)
        await channels.resume_channel(session, SYSTEM, "default", house.world.now)
    await house.later(minutes=5)
    assert house.told() == ["ben@example.com"]
    assert await house.outcomes() == ["told"]
    async with house.world.store.store.transaction() as session:
        [after] = await list_notices(session, house.actor("ben"), unread=True)
    assert after.id == shown.id

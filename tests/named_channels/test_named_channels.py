"""Channels by name, from the service that keeps them to the message that goes by them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from crm_store.models import Audit, Channel, Consent, Contact, Effect, Message, SenderIdentity
from crm_store.session import Store
from engine.activities.parts import Parts
from engine.channels.base import Known, OutgoingMessage, Sender
from engine.channels.null import NullChannel
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from engine.services import channels as service
from engine.services.actor import SYSTEM, Actor
from engine.services.channels import Channels, Limits, WarmUp
from engine.services.channels.limiting import Going, may_go
from engine.services.channels.ways import Way
from engine.services.messages import Prepared, prepare
from engine.services.pokes import NoPokes
from engine.services.secrets import box_of
from tests.channels.contract import SECRET
from tests.channels.scripted_http import Said, ScriptedWeb, scripted_web
from tests.messages.people import NOW, SETTINGS, add_asks, add_contacts, library

BOX = box_of({"k": b"k" * 32})


class Remembering(NullChannel):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[OutgoingMessage] = []

    async def send(self, message: OutgoingMessage) -> None:
        self.sent.append(message)


class House:
    """One worker over a database, with a default channel that remembers, and a gateway."""

    def __init__(self, store: Store, web: ScriptedWeb) -> None:
        self.store, self.web = store, web
        self.default = Remembering()
        self.outgoing = Outgoing(read_reachable("127.0.0.1"))
        self.now = NOW
        self.channels = Channels(self.default, self.outgoing, BOX)
        self.parts = Parts(
            store=store,
            pokes=NoPokes(),
            channel=self.channels,
            library=library(),
            sender=SETTINGS,
            now=lambda: self.now,
            worker="one",
        )

    async def gateway(self, name: str = "gateway", **settings: Any) -> None:
        given = {"url": f"{self.web.url}/in", "secret": SECRET, **settings}
        async with self.store.transaction() as session:
            await service.add_channel(session, SYSTEM, BOX, name, "webhook", given, now=NOW)

    async def asks(
        self, count: int = 1, *, fields: dict[str, Any] | None = None, **ask: Any
    ) -> None:
        async with self.store.transaction() as session:
            ids = await add_contacts(session, count, **(fields or {}))
            await add_asks(session, ids)
            wanted = {"template": "win_back", **ask}
            await session.execute(update(Effect).values(ask=wanted, created_at=NOW))

    async def perform(self) -> None:
        await self.parts.performer(0).perform_group(0, 100)

    async def effects(self) -> list[tuple[str, datetime]]:
        async with self.store.transaction() as session:
            found = await session.execute(
                select(Effect.state, Effect.not_before).order_by(Effect.id)
            )
            return [(row[0], row[1]) for row in found]

    async def messages(self) -> list[Message]:
        async with self.store.transaction() as session:
            return list((await session.execute(select(Message).order_by(Message.id))).scalars())


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    async with scripted_web([Said(200)]) as web:
        made = House(store, web)
        yield made
        await made.channels.close()
        await made.outgoing.close()


async def test_a_step_sends_by_the_channel_it_names(house: House) -> None:
    await house.gateway(writes_to="email")
    await house.asks(channel="gateway")
    await house.perform()
    [asked] = house.web.asked
    told = asked.json()
    [message] = await house.messages()
    assert (told["to"], told["medium"], told["id"]) == (
        "ada0@example.com",
        "email",
        message.provider_key,
    )
    assert (message.channel, message.state, message.address) == (
        "gateway",
        "sent",
        "ada0@example.com",
    )
    assert house.default.sent == []


async def test_without_a_name_it_goes_by_the_default_one(house: House) -> None:
    await house.gateway()
    await house.asks()
    await house.perform()
    assert len(house.default.sent) == 1
    assert [one.channel for one in await house.messages()] == ["null"]


async def test_a_channel_that_is_not_there_holds_and_says_what_to_do(house: House) -> None:
    await house.asks(channel="nowhere")
    await house.perform()
    assert house.default.sent == []
    async with house.store.transaction() as session:
        outcome = (await session.execute(select(Effect.receipt))).scalar_one()
    assert outcome["reason"] == "unknown_channel"
    assert "nowhere" in outcome["details"]["message"]


async def test_a_paused_channel_waits_until_it_is_resumed(house: House) -> None:
    await house.gateway(writes_to="email")
    async with house.store.transaction() as session:
        await service.pause_channel(session, SYSTEM, "gateway", NOW)
    await house.asks(channel="gateway")
    await house.perform()
    assert house.web.asked == []
    [(state, due)] = await house.effects()
    assert (state, due) == ("pending", NOW + timedelta(minutes=5))
    async with house.store.transaction() as session:
        await service.resume_channel(session, SYSTEM, "gateway", NOW)
    house.now = due
    await house.perform()
    assert len(house.web.asked) == 1


async def test_even_the_default_one_can_be_paused(house: House) -> None:
    async with house.store.transaction() as session:
        await service.pause_channel(session, SYSTEM, "default", NOW)
    await house.asks()
    await house.perform()
    assert house.default.sent == []


async def test_consent_is_asked_for_the_channels_medium(house: House) -> None:
    await house.gateway(writes_to="sms")
    await house.asks(2, fields={"phone": "+6580000001"}, channel="gateway")
    async with house.store.transaction() as session:
        first = (await session.execute(select(Contact.id).order_by(Contact.id))).scalars().first()
        values = {"contact_id": first, "channel": "sms", "purpose": "marketing", "granted": True}
        session.add(Consent(**values, lawful_basis="consent", source="test"))
    await house.perform()
    told = [asked.json() for asked in house.web.asked]
    assert [(one["to"], one["medium"], one["html"]) for one in told] == [
        ("+6580000001", "sms", None)
    ]
    states = sorted((one.state, one.reason) for one in await house.messages())
    assert states == [("sent", None), ("withheld", "no_consent")]


async def test_who_has_no_number_cannot_be_reached_by_sms(house: House) -> None:
    await house.gateway(writes_to="sms")
    await house.asks(channel="gateway")
    await house.perform()
    assert [(one.state, one.reason) for one in await house.messages()] == [("refused", "no_phone")]


async def test_the_step_the_channel_or_nobody_says_who_writes(house: House) -> None:
    async with house.store.transaction() as session:
        for slug in ("shop", "club"):
            address = f"{slug}@cadenza.test"
            await service.put_identity(
                session, SYSTEM, slug, address=address, name=slug.title(), now=NOW
            )
        await service.limit_channel(session, SYSTEM, "default", Limits(), identity="club", now=NOW)
    await house.asks()
    await house.perform()
    assert [one.sender for one in house.default.sent] == [Sender("club@cadenza.test", "Club")]


async def test_a_sender_that_is_not_there_holds(house: House) -> None:
    await house.asks(sender="nobody")
    await house.perform()
    assert house.default.sent == []
    async with house.store.transaction() as session:
        outcome = (await session.execute(select(Effect.receipt))).scalar_one()
    assert outcome["reason"] == "unknown_sender"


async def test_a_room_is_told_whoever_it_is_about(store: Store) -> None:
    """The contact agreed to nothing, and it is night where they live: nothing goes to them."""
    way = Way("team", "team", "chat", room="wecom")
    async with store.transaction() as session:
        ids = await add_contacts(session, 1, agree=None, time_zone="America/New_York")
        [ask] = await add_asks(session, ids)
        [one] = await prepare(
            session,
            [replace(ask, way=way, channel="team", medium="chat")],
            library=library(),
            sender_settings=SETTINGS,
            channel_name="null",
            now=NOW,
        )
    assert isinstance(one, Prepared)
    message = one.outgoing
    assert (message.to, message.channel, message.medium) == ("wecom", "team", "chat")
    assert (message.html, dict(message.headers)) == (None, {})


async def test_a_warm_up_plan_lets_so_many_go_and_the_rest_tomorrow(house: House) -> None:
    async with house.store.transaction() as session:
        plan = WarmUp(NOW.date(), (3, 5))
        await service.limit_channel(session, SYSTEM, "default", Limits(warm_up=plan), now=NOW)
    await house.asks(10)
    await house.perform()
    assert len(house.default.sent) == 3
    waiting = {due for state, due in await house.effects() if state == "pending"}
    assert waiting == {datetime(2026, 3, 3, tzinfo=UTC)}
    house.now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    await house.perform()
    assert len(house.default.sent) == 8
    house.now = datetime(2026, 3, 4, 9, tzinfo=UTC)
    await house.perform()
    assert len(house.default.sent) == 10


async def test_a_domain_has_a_rate_of_its_own(house: House) -> None:
    limits = Limits(domain_rates={"example.com": 0.2})
    async with house.store.transaction() as session:
        await service.limit_channel(session, SYSTEM, "default", limits, now=NOW)
    await house.asks(4)
    async with house.store.transaction() as session:
        await session.execute(
            update(Contact)
            .where(Contact.email == "ada3@example.com")
            .values(email="ada3@other.example", email_key="ada3@other.example")
        )
    await house.perform()
    domains = [one.to.rpartition("@")[2] for one in house.default.sent]
    assert domains.count("other.example") == 1
    assert domains.count("example.com") == 2


async def test_newcomers_do_not_pass_those_who_wait(house: House) -> None:
    limits = Limits(per_second=0.1)
    async with house.store.transaction() as session:
        await service.limit_channel(session, SYSTEM, "default", limits, now=NOW)
    await house.asks(3)
    await house.perform()
    assert [one.to for one in house.default.sent] == ["ada0@example.com"]
    due = [at for state, at in await house.effects() if state == "pending"]
    assert due == [NOW + timedelta(seconds=10), NOW + timedelta(seconds=20)]
    async with house.store.transaction() as session:
        values: dict[str, Any] = {"email": "ben@example.com", "email_key": "ben@example.com"}
        [newcomer] = await add_contacts(session, 1, **values)
        await add_asks(session, [newcomer])
        fresh = update(Effect).where(Effect.subject_id == newcomer)
        await session.execute(fresh.values(created_at=due[0], not_before=due[0]))
    house.now = due[0]
    await house.perform()
    assert [one.to for one in house.default.sent][1:] == ["ada1@example.com"]


async def test_many_processes_at_once_exceed_no_limit(house: House) -> None:
    way = Way(None, "smtp", limits=Limits(warm_up=WarmUp(NOW.date(), (25,)), per_second=100))
    going = [Going(way, "ada@example.com")] * 7

    async def one_process() -> int:
        async with house.store.transaction() as session:
            answers = await may_go(session, going, NOW)
            await asyncio.sleep(0.005)
            return answers.count(None)

    assert sum(await asyncio.gather(*(one_process() for _ in range(8)))) == 25


async def test_what_is_rolled_back_was_not_taken(house: House) -> None:
    way = Way(None, "smtp", limits=Limits(warm_up=WarmUp(NOW.date(), (1,))))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with house.store.transaction() as session:
                assert await may_go(session, [Going(way, "a@b.c")], NOW) == [None]
                raise ZeroDivisionError


async def test_without_limits_nothing_is_read(house: House) -> None:
    async with house.store.transaction() as session:
        assert await may_go(session, [Going(Way(None, "smtp"), "a@b.c")], NOW) == [None]
        counted = await session.execute(text("SELECT count(*) FROM channel_bucket"))
        assert counted.scalar_one() == 0


async def test_a_change_is_seen_by_the_next_refresh_and_secrets_are_sealed(house: House) -> None:
    await house.gateway()
    async with house.store.transaction() as session:
        await house.channels.refresh(session)
        row = (await session.execute(select(Channel))).scalar_one()
        assert SECRET not in f"{row.settings}{row.secret}"
    assert house.channels.way("gateway") == Way("gateway", "gateway", medium="webhook")
    async with house.store.transaction() as session:
        await service.remove_channel(session, SYSTEM, "gateway")
    async with house.store.transaction() as session:
        await house.channels.refresh(session)
    assert house.channels.way("gateway") is None
    assert await house.channels.ask_of("gateway", "0" * 32) is Known.CANNOT_TELL


async def test_a_channel_sealed_with_a_lost_key_says_so(house: House) -> None:
    await house.gateway()
    other = Channels(NullChannel(), house.outgoing, box_of({"new": b"n" * 32}))
    async with house.store.transaction() as session:
        await other.refresh(session)
    way = other.way("gateway")
    assert way is not None
    assert way.trouble is not None
    assert '"k"' in way.trouble


WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("default", "webhook", {}, "/name"),
    ("smtp", "webhook", {}, "/name"),
    ("No Name", "webhook", {}, "/name"),
    ("gateway", "pigeon", {}, "/kind"),
    ("gateway", "webhook", {"url": "ftp://x", "secret": SECRET}, "/url"),
    ("gateway", "webhook", {"url": "https://x.test", "secret": "no secret"}, "/secret"),
    ("gateway", "smtp", {"host": "mail.test", "username": "u"}, "/"),
    ("gateway", "webhook", {"url": "https://x.test", "secret": SECRET, "x": 1}, "/x"),
]


async def test_what_makes_no_channel_is_refused_by_place(store: Store) -> None:
    for name, kind, settings, place in WRONG:
        async with store.transaction() as session:
            with pytest.raises(Refused) as refused:
                await service.add_channel(session, SYSTEM, BOX, name, kind, settings, now=NOW)
        assert place in {problem.place for problem in refused.value.problems}, (name, settings)
        assert "no secret" not in str(refused.value)


async def test_a_name_is_taken_once_and_every_change_is_written_down(house: House) -> None:
    await house.gateway()
    with pytest.raises(Conflict):
        await house.gateway()
    async with house.store.transaction() as session:
        with pytest.raises(NotFound):
            await service.pause_channel(session, SYSTEM, "other", NOW)
        with pytest.raises(NotFound):
            await service.remove_identity(session, SYSTEM, "other")
        verbs = (await session.execute(select(Audit.verb, Audit.subject_kind))).all()
    assert [tuple(one) for one in verbs] == [("add", "channel")]


async def test_only_an_admin_changes_channels(store: Store) -> None:
    for role in ("marketer", "rep", "viewer"):
        ben = Actor("user", 1, "Ben", role)
        async with store.transaction() as session:
            with pytest.raises(NotAllowed):
                await service.remove_channel(session, ben, "gateway")
            with pytest.raises(NotAllowed):
                await service.put_identity(session, ben, "x", address="a@b.example", now=NOW)
            if role == "marketer":
                assert await service.list_channels(session, ben) == []
                continue
            with pytest.raises(NotAllowed):
                await service.list_channels(session, ben)


async def test_a_sender_needs_an_address_that_can_travel(store: Store) -> None:
    async with store.transaction() as session:
        for address in ("", "nobody", "a@b\r\nBcc: c@d", "a@" + "ü" * 80 + ".de"):
            with pytest.raises(Refused):
                await service.put_identity(session, SYSTEM, "shop", address=address, now=NOW)
        assert (await session.execute(select(SenderIdentity))).all() == []


async def test_a_channel_is_tried_with_a_few_words(house: House) -> None:
    await house.gateway()
    async with house.store.transaction() as session:
        await house.channels.refresh(session)
    sender = Sender("hello@cadenza.test")
    await service.try_channel(house.channels, SYSTEM, "gateway", "7", sender)
    await service.try_channel(house.channels, SYSTEM, "default", "ada@example.com", sender)
    assert house.web.asked[0].json()["to"] == "7"
    assert house.default.sent[0].to == "ada@example.com"
    with pytest.raises(Refused):
        await service.try_channel(house.channels, SYSTEM, "gateway", None, sender)
    with pytest.raises(NotFound):
        await service.try_channel(house.channels, SYSTEM, "nowhere", "7", sender)

"""Deliveries against a receiver that answers as told, over a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from engine.outgoing import Outgoing
from engine.services import subscriptions
from engine.services.deliveries import send_deliveries_again, send_missed, send_since_again
from tests.outgoing.scripted_http import answering, cut_off, one_after_the_other, plain, scripted
from tests.subscriptions.telling_world import ADA, World

MONTH = timedelta(days=31)


async def test_an_event_is_told_signed_in_the_standards_way(world: World) -> None:
    async with scripted(answering()) as server:
        async with world.store.transaction() as session:
            made = await subscriptions.create_subscription(
                session,
                ADA,
                world.box,
                subscriptions.AskedSubscription("A", f"{server.url}/in", ("Signed Up",)),
                world.clock(),
            )
            await subscriptions.enable_subscription(session, ADA, made.id, world.clock())
        await world.happen(plan="gold")
        await world.happen("Other Thing")
        assert await world.deliver() == 1
        [heard] = server.heard
    document = orjson.loads(heard.body)
    assert document["type"] == "Signed Up"
    assert document["data"]["properties"] == {"plan": "gold"}
    assert document["data"]["contact"] == {
        "id": 1,
        "external_id": "k-1",
        "email": "kim@example.com",
    }
    assert _fits(made.secret, heard.headers, heard.body)
    assert await world.states() == {"delivered": 1}
    assert await world.rows("SELECT status, code FROM webhook_attempt") == [(200, "ok")]


def _fits(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver checks it, but for the age of the time stamp."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    mine = Webhook(secret).sign(headers["webhook-id"], at, body.decode())
    return mine in headers["webhook-signature"].split(" ")


async def test_deliveries_stand_in_the_transaction_of_their_events(world: World) -> None:
    await world.subscribe("http://127.0.0.1:9/", ("*",))
    with pytest.raises(RuntimeError):
        async with world.store.transaction() as session:
            await session.execute(
                text(
                    "INSERT INTO event (source, message_id, name, contact_id, occurred_at,"
                    " received_at) VALUES ('a', 'b', 'c', 1, now(), now())"
                )
            )
            [(count,)] = (
                await session.execute(text("SELECT count(*) FROM webhook_delivery"))
            ).all()
            assert count == 1
            raise RuntimeError
    assert await world.states() == {}


async def test_a_thousand_events_for_three_receivers_are_one_statement(world: World) -> None:
    for name in "abc":
        await world.subscribe("http://127.0.0.1:9/", ("*",), name=name)
    await world.happen(times=1_000)
    assert await world.states() == {"waiting": 3_000}


async def test_a_rule_decides_about_the_event_and_its_contact(world: World) -> None:
    rule = {
        "and": [
            {"==": [{"var": "contact.country"}, "SG"]},
            {"==": [{"var": "event.properties.plan"}, "gold"]},
        ]
    }
    async with scripted(answering()) as server:
        await world.subscribe(server.url, rule=rule)
        await world.happen(contact_id=1, plan="gold")
        await world.happen(contact_id=1, plan="free")
        await world.happen(contact_id=2, plan="gold")
        assert await world.states() == {"unchecked": 3}
        assert await world.deliver() == 1
    assert await world.states() == {"delivered": 1}


async def test_a_rule_that_cannot_be_read_any_more_disables_and_says_so(world: World) -> None:
    id_ = await world.subscribe("http://127.0.0.1:9/", rule=True)
    await world.rows(
        "UPDATE webhook_subscription SET rule ="
        ' \'{"==": [{"var": "contact.custom.gone"}, 1]}\' RETURNING 1'
    )
    await world.happen()
    await world.deliver()
    assert await world.rows("SELECT enabled, reason FROM webhook_subscription") == [
        (False, "broken_rule")
    ]
    assert await world.rows("SELECT user_id, path FROM notice") == [(1, f"/webhooks/{id_}")]
    assert await world.states() == {"unchecked": 1}


async def test_failures_are_tried_again_on_the_schedule_with_the_same_id(world: World) -> None:
    script = one_after_the_other(answering(500, b"no <b>luck</b>\x00"), cut_off, answering(204))
    async with scripted(script) as server:
        await world.subscribe(server.url)
        await world.happen()
        assert await world.deliver() == 1
        assert await world.deliver() == 0
        world.clock.advance(timedelta(seconds=6))
        assert await world.deliver() == 1
        world.clock.advance(timedelta(minutes=4))
        assert await world.deliver() == 0
        world.clock.advance(timedelta(minutes=2))
        assert await world.deliver() == 1
        assert len({one.headers["webhook-id"] for one in server.heard}) == 1
        assert len({one.body for one in server.heard}) == 1
    assert await world.rows("SELECT code, status, answer FROM webhook_attempt ORDER BY id") == [
        ("http_500", 500, "no <b>luck</b>\ufffd"),
        ("cut_off", None, "The connection broke before the answer came."),
        ("ok", 204, ""),
    ]
    assert await world.states() == {"delivered": 1}


async def test_the_receivers_own_pause_is_kept(world: World) -> None:
    script = answering(429, b"", **{"Retry-After": "600"})
    async with scripted(script) as server:
        await world.subscribe(server.url)
        await world.happen(times=1)
        await world.deliver()
        world.clock.advance(timedelta(minutes=9))
        await world.happen()
        assert await world.deliver() == 0
        world.clock.advance(timedelta(minutes=2))
        assert await world.deliver() >= 1


async def test_410_disables_at_once_and_its_owner_hears_of_it(world: World) -> None:
    async with scripted(answering(410)) as server:
        id_ = await world.subscribe(server.url)
        await world.happen()
        await world.deliver()
        await world.happen()
        assert await world.deliver() == 0
    assert await world.rows("SELECT enabled, reason FROM webhook_subscription") == [(False, "gone")]
    [(title, subject)] = await world.rows("SELECT title, subject_id FROM notice")
    assert subject == id_
    assert "Warehouse" in title
    assert await world.states() == {"failed": 1}
    assert await world.rows("SELECT verb FROM audit WHERE verb = 'disable'") == [("disable",)]


async def test_days_of_failure_disable_and_what_waits_is_kept(world: World) -> None:
    script = one_after_the_other(answering(500), answering(500), answering(200))
    async with scripted(script) as server:
        id_ = await world.subscribe(server.url)
        await world.happen()
        await world.deliver()
        world.clock.advance(timedelta(days=5, hours=1))
        await world.deliver()
        [(enabled, reason)] = await world.rows("SELECT enabled, reason FROM webhook_subscription")
        assert (enabled, reason) == (False, "failing")
        assert await world.states() == {"waiting": 1}
        async with world.store.transaction() as session:
            await subscriptions.enable_subscription(session, ADA, id_, world.clock())
        world.clock.advance(timedelta(minutes=6))
        assert await world.deliver() == 1
    assert await world.states() == {"delivered": 1}


async def test_a_dead_receiver_is_asked_now_and_then_and_its_backlog_loses_no_tries(
    world: World,
) -> None:
    broken = [answering(503)] * 5
    async with scripted(one_after_the_other(*broken, answering(200))) as server:
        await world.subscribe(server.url, concurrency=1, per_second=1_000)
        await world.happen(times=25)
        await world.deliver()
        # the breaker is open: the others were not tried at all
        assert len(server.heard) == 5
        assert await world.rows("SELECT count(*) FROM webhook_delivery WHERE attempts = 0") == [
            (20,)
        ]
        world.clock.advance(timedelta(minutes=10))
        await world.deliver(20)
        assert await world.states() == {"delivered": 25}


async def test_a_slow_receiver_delays_nobody_else(world: World) -> None:
    release = asyncio.Event()

    async def slowly(writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(plain(200, b""))

    async with scripted(slowly) as slow, scripted(answering()) as quick:
        await world.subscribe(slow.url, name="slow")
        await world.subscribe(quick.url, name="quick", per_second=1_000)
        await world.happen(times=40)
        going = asyncio.create_task(world.deliver())
        async with asyncio.timeout(10):
            while len(quick.heard) < 40:
                await asyncio.sleep(0.01)
        # four at a time, and no more
        assert len(slow.heard) == 4
        release.set()
        await going
    assert await world.states() == {"delivered": 80}


async def test_what_a_crash_left_behind_goes_again_with_its_id(world: World) -> None:
    async with scripted(answering()) as server:
        await world.subscribe(server.url)
        await world.happen()
        await world.rows(
            "UPDATE webhook_delivery SET state = 'handing_over', claimed_by = 'dead', attempts = 1,"
            " lease_until = :at RETURNING 1",
            at=world.clock() + timedelta(seconds=60),
        )
        assert await world.deliver() == 0
        world.clock.advance(timedelta(seconds=61))
        assert await world.deliver() == 1
    assert await world.states() == {"delivered": 1}


async def test_two_drivers_at_once_deliver_each_event_once(world: World) -> None:
    async with scripted(answering()) as server:
        await world.subscribe(server.url, per_second=1_000, concurrency=4)
        await world.happen(times=60)
        made = await asyncio.gather(world.deliver(worker="one"), world.deliver(worker="other"))
        assert sum(made) == 60
        assert len({one.headers["webhook-id"] for one in server.heard}) == 60


async def test_a_test_enables_what_is_new_and_is_tried_once(world: World) -> None:
    async with scripted(one_after_the_other(answering(500), answering())) as server:
        id_ = await world.subscribe(server.url, enabled=False)
        await world.happen()
        for expected in (False, True):
            async with world.store.transaction() as session:
                await subscriptions.test_subscription(session, ADA, id_, world.clock())
            assert await world.deliver() == 1
            world.clock.advance(timedelta(minutes=10))
            assert await world.deliver() == 0
            assert await world.rows("SELECT enabled FROM webhook_subscription") == [(expected,)]
        assert orjson.loads(server.heard[0].body)["type"] == "webhook.test"
        # what came before it was enabled was never written down, and may be sent all the same
        async with world.store.transaction() as session:
            since = world.clock() - timedelta(hours=1)
            assert await send_missed(session, ADA, id_, since, world.clock()) == 1
        assert await world.deliver() == 1


async def test_after_a_rotation_both_secrets_sign_until_the_overlap_is_over(world: World) -> None:
    async with scripted(answering()) as server:
        async with world.store.transaction() as session:
            asked = subscriptions.AskedSubscription("A", server.url, ("Signed Up",))
            old = await subscriptions.create_subscription(
                session, ADA, world.box, asked, world.clock()
            )
            await subscriptions.enable_subscription(session, ADA, old.id, world.clock())
            new = await subscriptions.rotate_secret(session, ADA, world.box, old.id, world.clock())
        await world.happen()
        await world.deliver()
        world.clock.advance(timedelta(days=1, seconds=1))
        await world.happen()
        await world.deliver()
        both, alone = server.heard
    assert [_fits(one, both.headers, both.body) for one in (old.secret, new.secret)] == [True] * 2
    assert [_fits(one, alone.headers, alone.body) for one in (old.secret, new.secret)] == [
        False,
        True,
    ]
    dump = str(await world.rows("SELECT s::text FROM webhook_subscription s"))
    dump += str(await world.rows("SELECT a::text FROM audit a"))
    assert "whsec_" not in dump
    assert old.secret[6:] not in dump


async def test_deliveries_go_again_by_id_and_since_a_time(world: World) -> None:
    async with scripted(answering()) as server:
        id_ = await world.subscribe(server.url)
        await world.happen(times=3)
        await world.deliver()
        before = {one.headers["webhook-id"] for one in server.heard}
        [first, *_] = [row[0] for row in await world.rows("SELECT id FROM webhook_delivery")]
        async with world.store.transaction() as session:
            now = world.clock()
            assert await send_deliveries_again(session, ADA, id_, [first, 999], now) == 1
        assert await world.deliver() == 1
        async with world.store.transaction() as session:
            since = world.clock() - timedelta(hours=1)
            assert await send_since_again(session, ADA, id_, since, ["failed"], now) == 0
            assert await send_since_again(session, ADA, id_, since, ["delivered"], now) == 3
        assert await world.deliver() == 3
        assert {one.headers["webhook-id"] for one in server.heard} == before


async def test_an_address_inside_is_not_called(world: World) -> None:
    guarded = Outgoing()
    async with scripted(answering()) as server:
        await world.subscribe(server.url)
        await world.happen()
        await world.deliver(outgoing=guarded)
        assert server.heard == []
    await guarded.close()
    assert await world.rows("SELECT code FROM webhook_attempt") == [("address_not_allowed",)]


async def test_what_is_over_is_forgotten_and_what_waits_is_not(world: World) -> None:
    async with scripted(answering()) as server:
        await world.subscribe(server.url)
        await world.happen()
        await world.deliver()
    await world.happen()
    world.clock.advance(MONTH)
    assert await world.delivering().forget_old() == 1
    assert await world.states() == {"waiting": 1}


async def test_erasing_a_contact_takes_what_was_told_of_them(world: World) -> None:
    await world.subscribe("http://127.0.0.1:9/")
    await world.happen(contact_id=2)
    await world.rows("DELETE FROM contact WHERE id = 2 RETURNING 1")
    assert await world.states() == {}

"""Calling other systems, from the step to the answer, on a real database and a scripted server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from crm_store.partitions import APART_FROM
from crm_store.session import Store
from engine.activities.parts import Parts
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from engine.services.actor import SYSTEM
from engine.services.secrets import SecretBox, box_of, new_signing_secret, set_secret
from tests.driving.world import SIZES, Crash, CrashingStore, RememberingChannel, World
from tests.outgoing.scripted_http import (
    ScriptedServer,
    answering,
    cut_off,
    one_after_the_other,
    scripted,
    silent,
)

FLOW = """
flow: calling
label: Calling
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
entry: once
steps:
  call:    {do: call_webhook, url: "URL", MORE
            exits: {ok: good, refused: bad, gave_up: lost}}
  good:    {do: exit, outcome: good}
  bad:     {do: exit, outcome: bad}
  lost:    {do: exit, outcome: lost}
"""
BOX = box_of({}, ["a secret of the tests, long enough to be one"])


@dataclass
class Calls:
    """A world whose flows may call this machine."""

    world: World

    def worker(self, name: str, outgoing: Outgoing | None = None) -> Parts:
        known = self.world.parts
        return replace(
            self.world.new_worker(name), outgoing=outgoing or known.outgoing, secrets=BOX
        )

    async def asked(self, server: ScriptedServer, more: str = "", people: int = 1) -> None:
        """People stand at the call, and their asks are open."""
        source = FLOW.replace("URL", f"{server.url}/hook").replace("MORE", more)
        await self.world.publish(source)
        for contact in await self.world.people(people):
            await self.world.event(contact, "Signed Up")
        while await self.world.dispatch_all():
            pass

    async def perform(self, parts: Parts | None = None) -> int:
        performer = (parts or self.world.parts).performer
        return sum(
            [
                (await performer(shard).perform_group(APART_FROM + shard, 20)).taken
                for shard in range(SIZES.perform_shards)
            ]
        )

    async def settle(self, parts: Parts | None = None) -> int:
        performer = (parts or self.world.parts).performer
        return sum(
            [
                (await performer(shard).settle_left_behind(APART_FROM + shard, 20)).taken
                for shard in range(SIZES.perform_shards)
            ]
        )

    async def next_try(self) -> datetime:
        [row] = await self.world.rows("SELECT not_before FROM effect")
        at: datetime = row[0]
        return at

    async def outcomes(self) -> list[str | None]:
        return [outcome for _, _, outcome in await self.world.outcomes()]

    async def finish(self) -> None:
        await self.world.until_quiet("calling")


@pytest.fixture
async def outgoing() -> AsyncIterator[Outgoing]:
    client = Outgoing(read_reachable("127.0.0.0/8"))
    yield client
    await client.close()


@pytest.fixture
def calls(store: Store, outgoing: Outgoing) -> Calls:
    world = World(CrashingStore(store), RememberingChannel())
    world.parts = replace(world.parts, outgoing=outgoing, secrets=BOX)
    return Calls(world)


async def kept(world: World, name: str, secret: str, box: SecretBox = BOX) -> None:
    async with world.store.store.transaction() as session:
        await set_secret(session, SYSTEM, box, name, secret, world.now)


async def test_who_is_called_learns_whom_it_is_about(calls: Calls) -> None:
    async with scripted(answering(200)) as server:
        await calls.asked(server)
        # mail's own drivers leave it alone
        assert await calls.world.perform_all() == 0
        await calls.perform()
        await calls.finish()
    [request] = server.heard
    said = json.loads(request.body)
    assert (said["flow"], said["node"], said["visit"]) == ("calling", "call", 1)
    assert said["contact"] == {"id": 1, "external_id": None, "email": "person0@example.com"}
    assert isinstance(said["run"], int)
    assert request.headers["idempotency-key"] == request.headers["webhook-id"]
    assert request.headers["content-type"] == "application/json"
    assert "webhook-signature" not in request.headers
    assert await calls.outcomes() == ["good"]


async def test_the_body_the_query_and_the_headers_are_the_flow_s_own(calls: Calls) -> None:
    more = """method: PUT, headers: {X-Team: blue},
        body: {customer.name: {var: contact.first_name}, customer.points: {"+": [1, 2]}},
        query: {country: {var: contact.country}, tag: "a b"},"""
    async with scripted(answering(204, b"")) as server:
        await calls.asked(server, more)
        await calls.perform()
    [request] = server.heard
    assert (request.method, request.target) == ("PUT", "/hook?tag=a+b")
    assert json.loads(request.body) == {"customer": {"name": "Person 0", "points": 3}}
    assert request.headers["x-team"] == "blue"


async def test_a_signed_call_can_be_verified_and_the_secret_is_nowhere(calls: Calls) -> None:
    secret = new_signing_secret()
    await kept(calls.world, "CRM", secret)
    await kept(calls.world, "TOKEN", "token-1234567890")
    await kept(calls.world, "KEY", "key-1234567890")
    async with scripted(answering()) as server:
        more = "secret: CRM, token: TOKEN, headers: {X-Api-Key: {secret: KEY}},"
        await calls.asked(server, more)
        await calls.perform()
    [request] = server.heard
    assert request.headers["authorization"] == "Bearer token-1234567890"
    assert request.headers["x-api-key"] == "key-1234567890"
    stamp = request.headers["webhook-timestamp"]
    assert stamp == str(int(calls.world.now.timestamp()))
    wanted = Webhook(secret).sign(
        request.headers["webhook-id"], calls.world.now, request.body.decode()
    )
    assert request.headers["webhook-signature"] == wanted
    for table in ("effect", "run", "journal", "flow_version", "flow", "kept_secret", "audit"):
        for row in await calls.world.rows(f"SELECT t::text FROM {table} t"):
            assert "key-1234567890" not in row[0]
            assert secret.removeprefix("whsec_") not in row[0]
            assert "token-1234567890" not in row[0]


async def test_without_its_secret_nothing_is_sent_and_a_person_mends_it(calls: Calls) -> None:
    async with scripted(answering()) as server:
        await calls.asked(server, "secret: CRM,")
        await calls.perform()
    assert server.heard == []
    assert await calls.outcomes() == ["call_cannot_be_made"]


async def test_an_address_that_may_not_be_called_holds_the_run(calls: Calls) -> None:
    calls.world.parts = replace(calls.world.parts, outgoing=Outgoing())
    async with scripted(answering()) as server:
        await calls.asked(server)
        await calls.perform()
    assert server.connections == 0
    assert await calls.outcomes() == ["call_cannot_be_made"]


async def test_a_refusal_is_final(calls: Calls) -> None:
    async with scripted(answering(404)) as server:
        await calls.asked(server)
        await calls.perform()
        await calls.finish()
    assert len(server.heard) == 1
    assert await calls.outcomes() == ["bad"]


async def test_a_redirect_counts_as_a_refusal(calls: Calls) -> None:
    async with scripted(answering(307, Location="http://127.0.0.1/other")) as server:
        await calls.asked(server)
        await calls.perform()
        await calls.finish()
    assert await calls.outcomes() == ["bad"]


@pytest.mark.parametrize(
    ("first", "pause"),
    [
        (answering(503), timedelta(seconds=5)),
        (answering(429, Retry_After="90"), timedelta(seconds=90)),
        (answering(429, Retry_After="Mon, 02 Mar 2026 09:02:00 GMT"), timedelta(minutes=2)),
        (answering(503, Retry_After="999999999999"), timedelta(hours=6)),
        (answering(500, Retry_After="soon"), timedelta(seconds=5)),
        (
            answering(503, Retry_After="Mon, 99999999999999999999 Jan 2020 00:00:00 GMT"),
            timedelta(seconds=5),
        ),
        (cut_off, timedelta(seconds=5)),
    ],
)
async def test_not_now_is_tried_again_with_the_same_words(
    calls: Calls, first: Any, pause: timedelta
) -> None:
    async with scripted(one_after_the_other(first, answering())) as server:
        await calls.asked(server)
        await calls.perform()
        assert await calls.next_try() == calls.world.now + pause
        assert await calls.perform() == 0
        calls.world.now += pause
        # what is said does not follow the contact's fields between two tries
        await calls.world.rows("UPDATE contact SET email = 'other@example.com' RETURNING 1")
        await calls.perform()
        await calls.finish()
    one, two = server.heard
    assert one.body == two.body
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert await calls.outcomes() == ["good"]


async def test_after_a_day_of_silence_the_run_goes_on_by_gave_up(calls: Calls) -> None:
    async with scripted(answering(500)) as server:
        await calls.asked(server)
        await calls.perform()
        calls.world.now += timedelta(days=1)
        await calls.perform()
        # as old as that, but hardly tried: its flow may have been paused
        assert await calls.outcomes() == [None]
        await calls.world.rows("UPDATE effect SET attempts = 12 RETURNING 1")
        calls.world.now = await calls.next_try()
        await calls.perform()
        await calls.finish()
    assert len({request.headers["webhook-id"] for request in server.heard}) == 1
    assert await calls.outcomes() == ["lost"]


async def test_a_crash_between_claim_and_answer_makes_the_call_again(calls: Calls) -> None:
    async with scripted(answering()) as server:
        await calls.asked(server)
        died = calls.worker("dying")
        dies = lambda: "before" if server.heard else None  # noqa: E731
        crashing = CrashingStore(calls.world.store.store, dies)
        with pytest.raises(Crash):
            await calls.perform(replace(died, store=crashing))  # type: ignore[arg-type]
        assert len(server.heard) == 1
        assert [state for state, _ in await calls.world.effects()] == ["handing_over"]
        assert await calls.settle() == 0
        calls.world.now += SIZES.lease
        assert await calls.settle() == 1
        await calls.perform()
        await calls.finish()
    one, two = server.heard
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert await calls.outcomes() == ["good"]
    assert await calls.settle() == 0


async def test_two_workers_make_each_call_once(calls: Calls) -> None:
    async with scripted(answering()) as server:
        await calls.asked(server, people=12)
        other = Outgoing(read_reachable("127.0.0.0/8"))
        workers = [calls.worker("one"), calls.worker("two", other)]
        await asyncio.gather(*(calls.perform(parts) for parts in workers for _ in range(3)))
        while await calls.perform():
            pass
        await calls.finish()
        await other.close()
    ids = [request.headers["webhook-id"] for request in server.heard]
    assert (len(ids), len(set(ids))) == (12, 12)
    assert await calls.outcomes() == ["good"] * 12


async def test_a_lost_claim_cuts_the_call_off_and_it_is_not_recorded_twice(calls: Calls) -> None:
    async with scripted(one_after_the_other(silent, answering())) as server:
        await calls.asked(server)
        slow = replace(calls.worker("slow"), sizes=replace(SIZES, lease=timedelta(seconds=0.4)))
        under_way = asyncio.create_task(calls.perform(slow))
        while not server.heard:
            await asyncio.sleep(0.01)
        other = Outgoing(read_reachable("127.0.0.0/8"))
        quick = calls.worker("quick", other)
        taken = 0
        async with asyncio.timeout(20):
            # the slow one may renew its claim just before it is looked at
            while not taken:
                calls.world.now += SIZES.lease
                taken = await calls.settle(quick)
        assert taken == 1
        await calls.perform(quick)
        async with asyncio.timeout(20):
            await under_way
        await calls.finish()
        await other.close()
    assert len(server.heard) == 2
    assert await calls.outcomes() == ["good"]
    [(counted,)] = await calls.world.rows(
        "SELECT sum(count) FROM node_count WHERE node = 'call' AND exit = 'ok'"
    )
    assert counted == 1


async def test_the_answer_fills_fields_and_must_be_as_expected(calls: Calls) -> None:
    more = "keep: {score: data.points, city: data.place}, expect: {data.ok: true},"
    said = b'{"data": {"ok": true, "points": 42, "place": "Bergen"}}'
    async with scripted(answering(200, said)) as server:
        await calls.asked(server, more)
        await calls.perform()
        await calls.finish()
    assert await calls.outcomes() == ["good"]
    assert await calls.world.rows("SELECT score, city FROM contact") == [(42, "Bergen")]


async def test_a_value_that_does_not_fit_its_field_is_left_out(calls: Calls) -> None:
    more = "keep: {score: points, city: place},"
    async with scripted(answering(200, b'{"points": "many", "place": "Bergen"}')) as server:
        await calls.asked(server, more)
        await calls.perform()
        await calls.finish()
    assert await calls.world.rows("SELECT score, city FROM contact") == [(0, "Bergen")]
    [(why,)] = await calls.world.rows(
        "SELECT entry->'why'->'left_out' FROM journal, jsonb_array_elements(entries) AS e(entry)"
        " WHERE entry->>'exit' = 'ok'"
    )
    assert list(why) == ["score"]


async def test_an_answer_that_is_not_as_expected_counts_as_a_refusal(calls: Calls) -> None:
    async with scripted(answering(200, b"<html>")) as server:
        await calls.asked(server, "expect: {ok: true},")
        await calls.perform()
        await calls.finish()
    assert await calls.outcomes() == ["bad"]


async def test_what_was_said_is_forgotten_with_the_answer(calls: Calls) -> None:
    async with scripted(answering(200)) as server:
        await calls.asked(server)
        [(before,)] = await calls.world.rows("SELECT ask::text FROM effect")
        await calls.perform()
        [(after,)] = await calls.world.rows("SELECT ask::text FROM effect")
    assert "person0@example.com" in before
    assert "person0@example.com" not in after


async def test_nobody_is_called_for_a_run_that_has_left(calls: Calls) -> None:
    async with scripted(one_after_the_other(answering(503), answering())) as server:
        await calls.asked(server)
        await calls.perform()
        await calls.world.rows("UPDATE run SET state = 'ended' RETURNING 1")
        calls.world.now += timedelta(minutes=1)
        await calls.perform()
    assert len(server.heard) == 1
    assert await calls.world.effects() == [("done", "withheld")]


async def test_a_value_no_row_can_hold_is_left_out(calls: Calls) -> None:
    said = rb'{"a": "x\u0000y", "b": "Bergen"}'
    async with scripted(answering(200, said)) as server:
        await calls.asked(server, "keep: {source: a, city: b},")
        await calls.perform()
        await calls.finish()
    assert await calls.outcomes() == ["good"]
    assert await calls.world.rows("SELECT source, city FROM contact") == [(None, "Bergen")]


async def test_an_answer_no_row_can_hold_keeps_nobody_else_from_theirs(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.services.effects.webhook_call._is_storable", lambda value: True)
    poisoned, fine = rb'{"a": "x\u0000y"}', b'{"a": "Bergen"}'
    script = one_after_the_other(answering(200, poisoned), answering(200, fine))
    async with scripted(script) as server:
        await calls.asked(server, "keep: {city: a},", people=3)
        await calls.perform()
        await calls.finish()
    assert len(server.heard) == 3
    assert await calls.outcomes() == ["good"] * 3
    cities = await calls.world.rows("SELECT city FROM contact ORDER BY city NULLS LAST")
    assert cities == [("Bergen",), ("Bergen",), (None,)]
    states = await calls.world.rows("SELECT state FROM effect ORDER BY state")
    assert states == [("done",), ("done",), ("maybe_done",)]

"""A won deal on its way to the ERP: a real server of another system, a real database."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.partitions import APART_FROM
from crm_store.session import Store
from engine.machines.mending import Retry
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from engine.services.actor import SYSTEM
from engine.services.events import record_event
from engine.services.run_control import Which, mend_page
from engine.services.secrets import box_of, new_signing_secret, set_secret
from tests.driving.sales_world import pipeline
from tests.driving.world import (
    PARTITIONS,
    SIZES,
    Crash,
    CrashingStore,
    RememberingChannel,
    World,
)
from tests.outgoing.scripted_http import ScriptedServer, plain, scripted

FLOW = "closed_deal_to_erp"
SOURCE = Path(__file__).parents[2] / "templates" / "flows" / f"{FLOW}.yaml"
BOX = box_of({}, ["a secret of the tests, long enough to be one"])
NUMBERS = {
    "/customers": {"customer": {"number": "C-7"}},
    "/orders": {"order": {"number": "O-1"}},
    "/invoices": {"invoice": {"number": "I-1"}},
}


@dataclass
class Erp:
    """Answers by address: 200 with a number, or what the next of `says` is. It keeps to ids: a
    repeated one gets its first answer again and has no second effect."""

    says: dict[str, list[tuple[int, dict[str, Any]] | None]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    known: dict[str, bytes] = field(default_factory=dict)
    server: ScriptedServer | None = None

    async def answer(self, writer: asyncio.StreamWriter) -> None:
        assert self.server is not None
        request = self.server.heard[-1]
        identity = request.headers["webhook-id"]
        if identity in self.known:
            writer.write(self.known[identity])
            return
        waiting = self.says.get(request.target, [])
        said = waiting.pop(0) if waiting else (200, NUMBERS.get(request.target, {}))
        if said is None:  # done, and the answer is lost on its way
            self._do(identity, request.target, plain(200, b'{"order": {"number": "O-1"}}'))
            writer.close()
            return
        answer = plain(said[0], json.dumps(said[1]).encode())
        if said[0] < 500:
            self._do(identity, request.target, answer, counts=said[0] == 200)
        writer.write(answer)

    def _do(self, identity: str, target: str, answer: bytes, *, counts: bool = True) -> None:
        self.known[identity] = answer
        self.done[target] += counts

    def calls(self) -> list[str]:
        assert self.server is not None
        return [request.target for request in self.server.heard]

    def bodies(self, target: str) -> list[Any]:
        assert self.server is not None
        return [json.loads(one.body) for one in self.server.heard if one.target == target]

    def ids(self, target: str) -> list[str]:
        assert self.server is not None
        return [one.headers["webhook-id"] for one in self.server.heard if one.target == target]


@dataclass
class Sale:
    world: World
    erp: Erp
    deal_id: int = 0

    async def won(self) -> None:
        """The deal is won, and Cadenza tells of it."""
        [contact] = await self.world.people(1)
        await pipeline(self.world, "b2b", won="won")
        async with self.world.store.store.transaction() as session:
            account = await session.scalar(
                text("INSERT INTO account (name, name_key) VALUES ('Looms', 'looms') RETURNING id")
            )
            self.deal_id = await session.scalar(
                text(
                    "INSERT INTO deal (name, contact_id, account_id, pipeline_id, stage_id,"
                    " stage_entered_at, opened_at, amount_minor, currency, forecast_category)"
                    " SELECT 'Twelve looms', :contact, :account, pipeline_id, id, now(), now(),"
                    " 500000, 'EUR', 'closed' FROM stage RETURNING id"
                ),
                {"contact": contact, "account": account},
            )
            await record_event(
                session,
                source="cadenza",
                message_id="deal:1",
                name="Deal Won",
                kind="deal",
                contact_id=contact,
                properties={"deal_id": self.deal_id},
                occurred_at=self.world.now,
                partitions=PARTITIONS,
            )

    async def settle(self, *, wait: bool = True) -> None:
        """Until nothing moves any more; `wait` lets the time of the next tries come."""
        for _ in range(60):
            await self.world.until_quiet(FLOW)
            moved = 0
            for shard in range(SIZES.perform_shards):
                performer = self.world.parts.performer(shard)
                moved += (await performer.perform_group(APART_FROM + shard, 20)).taken
                moved += (await performer.settle_left_behind(APART_FROM + shard, 20)).taken
            if moved:
                continue
            found = await self.world.rows(
                "SELECT min(not_before) FROM effect WHERE state IN ('pending', 'handing_over')"
            )
            if not wait or found[0][0] is None:
                return
            self.world.now = max(self.world.now, found[0][0])
        raise AssertionError("it never comes to an end")

    async def retry(self) -> None:
        async with self.world.store.store.transaction() as session:
            ledger = self.world.parts.ledger(self.world.now)
            page = await mend_page(
                session, SYSTEM, Which(FLOW), Retry(), plans=self.world.parts.plans, ledger=ledger
            )
        assert page.mended == 1

    async def outcome(self) -> tuple[str, str, str | None]:
        [found] = await self.world.outcomes()
        return found

    async def held_because(self) -> str:
        [(message,)] = await self.world.rows(
            "SELECT entry->'why'->>'message'"
            " FROM journal, jsonb_array_elements(entries) AS e(entry)"
            " WHERE entry->>'what' = 'held' ORDER BY journal.id DESC LIMIT 1"
        )
        return str(message)


@asynccontextmanager
async def selling(store: Store, erp: Erp, source: Callable[[str], str]) -> AsyncIterator[Sale]:
    outgoing = Outgoing(read_reachable("127.0.0.0/8"))
    world = World(CrashingStore(store), RememberingChannel())
    world.parts = replace(world.parts, outgoing=outgoing, secrets=BOX)
    async with scripted(erp.answer) as server:
        erp.server = server
        async with store.transaction() as session:
            await set_secret(session, SYSTEM, BOX, "ERP", new_signing_secret(), world.now)
        text_ = SOURCE.read_text("utf-8").replace("https://erp.example.com", server.url)
        await world.publish(source(text_))
        sale = Sale(world, erp)
        await sale.won()
        yield sale
    await outgoing.close()


def as_shipped(text_: str) -> str:
    return text_


@pytest.fixture
async def sale(store: Store) -> AsyncIterator[Sale]:
    async with selling(store, Erp(), as_shipped) as ready:
        yield ready


async def test_customer_order_and_invoice_follow_each_other(sale: Sale) -> None:
    await sale.settle()
    assert sale.erp.calls() == ["/customers", "/orders", "/invoices"]
    [customer] = sale.erp.bodies("/customers")
    assert customer["account"]["name"] == "Looms"
    assert customer["contact"]["email"] == "person0@example.com"
    assert sale.erp.bodies("/orders") == [
        {
            "deal": {
                "id": sale.deal_id,
                "name": "Twelve looms",
                "amount": {"minor": 500000, "currency": "EUR"},
            },
            "customer": {"number": "C-7"},
        }
    ]
    assert sale.erp.bodies("/invoices")[0]["order"] == {"number": "O-1"}
    assert await sale.outcome() == ("ended", "done", "in_the_erp")


async def test_a_second_step_refused_for_good_takes_back_the_first(sale: Sale) -> None:
    sale.erp.says["/orders"] = [(409, {})]
    await sale.settle()
    assert sale.erp.calls() == ["/customers", "/orders", "/customers/release"]
    assert (await sale.outcome())[2] == "taken_back"


async def test_a_third_step_refused_takes_back_in_reverse_order(sale: Sale) -> None:
    sale.erp.says["/invoices"] = [(403, {})]
    await sale.settle()
    assert sale.erp.calls()[2:] == ["/invoices", "/orders/cancel", "/customers/release"]


async def test_what_cannot_be_taken_back_becomes_a_task(sale: Sale) -> None:
    sale.erp.says = {"/invoices": [(403, {})], "/orders/cancel": [(409, {})]}
    await sale.settle()
    assert "/customers/release" not in sale.erp.calls()
    assert (await sale.outcome())[2] == "to_clean_up"
    [(subject,)] = await sale.world.rows("SELECT subject FROM activity")
    assert subject.startswith("Clean up in the ERP by hand")


async def test_an_unclear_answer_is_asked_for_again_with_the_same_id(sale: Sale) -> None:
    sale.erp.says["/orders"] = [None, (503, {})]
    await sale.settle()
    ids = sale.erp.ids("/orders")
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert sale.erp.bodies("/orders")[0] == sale.erp.bodies("/orders")[1]
    assert sale.erp.done["/orders"] == 1
    assert (await sale.outcome())[2] == "in_the_erp"


async def test_wrong_data_is_held_mended_and_goes_on(sale: Sale) -> None:
    sale.erp.says["/orders"] = [(422, {"error": {"message": "The amount must be positive."}})]
    await sale.settle()
    assert await sale.outcome() == ("held", "order", "call_found_wrong")
    assert "422): The amount must be positive." in await sale.held_because()
    await sale.world.rows("UPDATE deal SET amount_minor = 700000 RETURNING 1")
    await sale.retry()
    await sale.settle()
    first, second = sale.erp.bodies("/orders")
    assert (first["deal"]["amount"]["minor"], second["deal"]["amount"]["minor"]) == (500000, 700000)
    assert len(set(sale.erp.ids("/orders"))) == 2
    assert sale.erp.calls().count("/customers") == 1
    assert (await sale.outcome())[2] == "in_the_erp"


async def test_a_value_that_is_missing_is_asked_for_before_anything_is_sent(sale: Sale) -> None:
    await sale.world.rows("UPDATE deal SET amount_minor = NULL, currency = NULL RETURNING 1")
    await sale.settle()
    assert sale.erp.calls() == ["/customers"]
    assert await sale.outcome() == ("held", "order", "call_cannot_be_made")
    assert f'"deal.amount" of deal {sale.deal_id} is empty' in await sale.held_because()
    await sale.world.rows("UPDATE deal SET amount_minor = 1, currency = 'EUR' RETURNING 1")
    await sale.retry()
    await sale.settle()
    assert (await sale.outcome())[2] == "in_the_erp"


async def test_an_event_that_somebody_else_sends_moves_nothing(store: Store) -> None:
    async with selling(store, Erp(), as_shipped) as sale:
        await sale.world.rows("UPDATE event SET source = 'website' RETURNING 1")
        await sale.settle()
        assert sale.erp.calls() == []


async def test_killed_anywhere_nothing_is_done_twice(store: Store) -> None:
    """The worker dies around its commits again and again, and another one goes on."""
    async with selling(store, Erp(), as_shipped) as sale:
        world, deaths, chance = sale.world, 0, random.Random(7)

        def dies() -> str | None:
            return chance.choice(("before", "after")) if chance.random() < 0.08 else None

        healthy = world.parts
        world.parts = replace(healthy, store=CrashingStore(store, dies))  # type: ignore[arg-type]
        for _ in range(60):
            try:
                await sale.settle(wait=False)
            except Crash:
                deaths += 1
            world.now += timedelta(seconds=70)
            if (await world.outcomes() or [("", "", "")])[0][0] == "ended":
                break
        assert deaths > 3
        assert (await sale.outcome())[2] == "in_the_erp"
        assert dict(sale.erp.done) == {"/customers": 1, "/orders": 1, "/invoices": 1}
        for target in NUMBERS:
            assert len(set(sale.erp.ids(target))) == 1


@pytest.mark.parametrize(("manner", "tries"), [("once", 1), ("quick", 8)])
async def test_a_call_is_as_patient_as_it_says(store: Store, manner: str, tries: int) -> None:
    def impatient(text_: str) -> str:
        return text_.replace("retry: patient", f"retry: {manner}", 1)

    async with selling(store, Erp({"/customers": [(503, {})] * 99}), impatient) as sale:
        await sale.settle()
        assert sale.erp.calls() == ["/customers"] * tries + ["/customers/release"]
        assert len(set(sale.erp.ids("/customers"))) == 1

"""Hosts on a real Temporal: they wake in time, take answers, end, and come back when lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from crm_store.session import Store
from engine.errors import Unavailable
from engine.services.work import working
from engine.workflows import entity, hosts
from engine.workflows.client import TemporalPokes
from engine.workflows.shared import clocks_id, host_id
from tests.driving.sales_world import team
from tests.driving.world import Crash
from tests.hosts.things import KIND, answer, make_table, open_thing, things
from tests.workflows.working import Working, eventually
from tests.workflows.working import working as at_work_on

__all__ = ["things"]
pytestmark = pytest.mark.usefixtures("things")


@pytest.fixture
async def at_work(store: Store, temporal_address: str) -> AsyncIterator[Working]:
    await make_table(store)
    async with at_work_on(store, temporal_address) as found:
        yield found


@asynccontextmanager
async def a_line_to(address: str) -> AsyncIterator[str]:
    """An address that leads there as long as the block lasts."""
    host, port = address.split(":")
    writers: list[asyncio.StreamWriter] = []

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(forward(reader, back), forward(there, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in writers:
        writer.transport.abort()


async def opened(
    at_work: Working, *ids: int, in_seconds: float | None = None, times: int = 1
) -> None:
    parts = at_work.world.parts
    async with working(parts.store, parts.shared, parts.pokes, parts.now()) as work:
        for id_ in ids:
            await open_thing(work, id_, in_seconds=in_seconds, times=times)


async def status(at_work: Working, id_: int) -> WorkflowExecutionStatus | None:
    handle = at_work.client.get_workflow_handle(at_work.pokes.prefix + host_id(KIND, id_))
    try:
        return (await handle.describe()).status
    except RPCError:
        return None


async def is_over(at_work: Working, id_: int) -> bool:
    return await status(at_work, id_) is WorkflowExecutionStatus.COMPLETED


async def test_a_host_tends_in_time_until_it_is_over(at_work: Working) -> None:
    await opened(at_work, 1, in_seconds=0.2, times=2)
    await eventually(lambda: is_over(at_work, 1), "the thing is over")
    assert await at_work.world.rows("SELECT tended, open FROM thing") == [(2, False)]


async def test_answers_of_all_doors_are_acted_on_once(at_work: Working) -> None:
    (ben,) = await team(at_work.world, "North", "ben")
    await opened(at_work, 1)
    given = answer(ben, "one", said="yes")
    same = [at_work.pokes.ask(KIND, 1, given) for _ in range(3)]
    others = [at_work.pokes.ask(KIND, 1, answer(ben, f"more-{n}")) for n in range(3)]
    answered = await asyncio.gather(*same, *others)
    assert {one.code for one in answered} == {"accepted"}
    assert await at_work.world.rows("SELECT accepted FROM thing") == [(4,)]
    closed = await at_work.pokes.ask(KIND, 1, answer(ben, "last", "close"))
    assert closed.code == "accepted"
    await eventually(lambda: is_over(at_work, 1), "the host has ended")
    # only the rows know that it is too late, and they are asked by a host that begins anew
    assert (await at_work.pokes.ask(KIND, 1, answer(ben, "late"))).code == "too_late"
    await eventually(lambda: is_over(at_work, 1), "that host has ended too")


async def test_hosts_go_on_as_new_without_losing_an_answer(
    at_work: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entity, "MOST_HEARD", 4)
    (ben,) = await team(at_work.world, "North", "ben")
    await opened(at_work, 1, in_seconds=1000)
    given = [at_work.pokes.ask(KIND, 1, answer(ben, f"answer-{n}")) for n in range(12)]
    assert {one.code for one in await asyncio.gather(*given)} == {"accepted"}
    assert await at_work.world.rows("SELECT accepted FROM thing") == [(12,)]
    handle = at_work.client.get_workflow_handle(at_work.pokes.prefix + host_id(KIND, 1))
    await eventually(
        lambda: _runs_on(at_work, handle.id), "another run of the host goes on with the clock"
    )


async def _runs_on(at_work: Working, id_: str) -> bool:
    described = await at_work.client.get_workflow_handle(id_).describe()
    return (
        described.status is WorkflowExecutionStatus.RUNNING
        and described.run_id != described.raw_info.first_run_id
    )


async def test_a_crash_after_the_commit_gives_the_first_answer(at_work: Working) -> None:
    (ben,) = await team(at_work.world, "North", "ben")
    await opened(at_work, 1)
    deaths = iter(["after", "before"])
    at_work.world.store.dies = lambda: next(deaths, None)
    assert (await at_work.pokes.ask(KIND, 1, answer(ben, "one"))).code == "accepted"
    assert next(deaths, None) is None, "both crashes happened"
    assert await at_work.world.rows("SELECT accepted FROM thing") == [(1,)]


async def test_what_fails_is_tried_again_and_cuts_nobody_off(
    at_work: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entity, "FIRST_REST_SECONDS", 0.1)
    monkeypatch.setattr(entity, "RETRIES", replace(entity.RETRIES, maximum_attempts=1))
    (ben,) = await team(at_work.world, "North", "ben")
    await opened(at_work, 1, in_seconds=1000, times=2)
    deaths = iter(["before"] * 3)
    at_work.world.store.dies = lambda: next(deaths, None)
    assert (await at_work.pokes.ask(KIND, 1, answer(ben, "one"))).code == "accepted"
    await opened(at_work, 2, in_seconds=0)
    deaths = iter(["before"] * 3)
    await eventually(lambda: is_over(at_work, 2), "the other is over")
    assert next(deaths, None) is None
    found = await at_work.world.rows("SELECT accepted, tended FROM thing ORDER BY id")
    assert found == [(1, 0), (0, 1)]


async def test_while_temporal_is_away_the_door_says_so_and_nothing_is_lost(
    at_work: Working, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "PATIENCE_SECONDS", 0.5)
    (ben,) = await team(at_work.world, "North", "ben")
    await opened(at_work, 1)
    async with a_line_to(temporal_address) as address:
        client = await Client.connect(address, data_converter=pydantic_data_converter)
        away = TemporalPokes(client, store=at_work.world.store.store)
    with pytest.raises(Unavailable, match="not known"):
        await away.ask(KIND, 1, answer(ben, "one"))
    assert await at_work.world.rows("SELECT code FROM given_answer") == [(None,)]
    monkeypatch.setattr(hosts, "PATIENCE_SECONDS", 20)
    assert (await at_work.pokes.ask(KIND, 1, answer(ben, "one"))).code == "accepted"
    assert await at_work.world.rows("SELECT accepted FROM thing") == [(1,)]


async def test_a_crash_between_commit_and_poke_is_found_by_the_sweep(at_work: Working) -> None:
    world = at_work.world
    world.store.dies = iter(["after"]).__next__
    with pytest.raises(Crash):
        await opened(at_work, 1, in_seconds=0.1)
    world.store.dies = lambda: None
    assert await status(at_work, 1) is None
    at_work.pokes.clocks()
    await eventually(lambda: is_over(at_work, 1), "it was hosted and tended")


async def test_hosts_that_were_lost_with_temporal_come_back(at_work: Working) -> None:
    await opened(at_work, 1, 2, in_seconds=600)
    at_work.pokes.clocks()
    await at_work.pokes.settled()
    await eventually(lambda: _all_hosted(at_work), "both are hosted")
    prefix = at_work.pokes.prefix
    for lost in (clocks_id(), host_id(KIND, 1), host_id(KIND, 2)):
        await at_work.client.get_workflow_handle(prefix + lost).terminate("lost")
    # what a worker does when it starts
    at_work.pokes.clocks()

    async def back() -> bool:
        found = [await status(at_work, id_) for id_ in (1, 2)]
        return found == [WorkflowExecutionStatus.RUNNING] * 2

    await eventually(back, "both hosts are back long before their time")
    at_work.world.now += timedelta(seconds=1)


async def _all_hosted(at_work: Working) -> bool:
    return not await at_work.world.rows("SELECT 1 FROM clock WHERE hosted_at IS NULL")

"""Record a history of each workflow for the replay test.

Run `python -m tests.workflows.record_histories [workflow ...]` after a change of the workflow code,
and keep the histories of released versions. Without names all are recorded.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection
from contextlib import closing
from datetime import date
from pathlib import Path

from crm_store.session import Store
from engine.services import tenders
from engine.services.clocks import set_clocks
from engine.services.tending import ClockKind
from engine.services.work import working as work_of
from tests.driving.sales_world import team
from tests.hosts import things
from tests.servers import Databases, postgres, temporal
from tests.workflows.test_drivers import AUDIENCE, QUICK, mails
from tests.workflows.test_version_moves import moved_and_back
from tests.workflows.working import Working, eventually, working

FOLDER = Path(__file__).parent / "histories"


async def hosted(at_work: Working) -> None:
    """One open thing of each kind: tended, answered, tended once more, over."""
    world, parts = at_work.world, at_work.world.parts
    at_work.pokes.clocks()
    at_work.pokes.notices()
    await at_work.pokes.settled()
    await things.make_table(world.store.store)
    (ben,) = await team(world, "North", "ben")
    kinds = tuple(ClockKind)
    for kind in kinds:
        tenders.TENDERS[kind] = things.tend  # type: ignore[index]  # it is a dict
        tenders.ANSWERS[kind] = things.act  # type: ignore[index]
    async with work_of(parts.store, parts.shared, parts.pokes, parts.now()) as work:
        for id_, kind in enumerate(kinds):
            await things.insert_thing(work, id_, times=4)
            await set_clocks(work, kind, {id_: work.now})
    for id_, kind in enumerate(kinds):
        await at_work.pokes.ask(kind, id_, things.answer(ben, f"answer-{id_}"))

    async def over() -> bool:
        return not await world.rows("SELECT 1 FROM thing WHERE open")

    await eventually(over, "everything is over")
    at_work.pokes.clocks()
    at_work.pokes.notices()
    at_work.pokes.assignments()
    at_work.pokes.forecasts()
    at_work.pokes.retention()
    at_work.pokes.webhooks()
    at_work.pokes.audit_seals()
    await at_work.pokes.settled()


async def driven(at_work: Working) -> None:
    """Every driver has had something to do."""
    people = await at_work.world.people(6)
    await at_work.world.publish(QUICK)
    published = await at_work.world.publish(AUDIENCE)
    assert published.enrolment_id is not None
    for contact in people:
        await at_work.world.event(contact, "Signed Up")
        at_work.poke_dispatch()
    at_work.pokes.audience(published.enrolment_id)
    at_work.pokes.bounces(1)
    at_work.pokes.facts()
    at_work.pokes.due_dates()
    at_work.pokes.jobs()
    at_work.pokes.assignments()
    at_work.pokes.scores()
    at_work.pokes.winners()
    at_work.pokes.segments()
    for shard in range(2):
        at_work.pokes.perform(shard)
    await mails(at_work, 4 * len(people))


async def moved(at_work: Working) -> None:
    await moved_and_back(at_work, 3)


async def record(
    scene: Callable[[Working], Awaitable[None]], url: str, address: str, wanted: Collection[str]
) -> None:
    """Histories of all kinds of workflows that the scene ran; of those wanted, where any is."""
    store = Store(url)
    async with working(store, address) as at_work:
        await scene(at_work)
        written: set[str] = set()
        async for found in at_work.client.list_workflows():
            is_other = not found.id.startswith(at_work.pokes.prefix)
            if is_other or found.workflow_type in written:
                continue
            if wanted and found.workflow_type not in wanted:
                continue
            written.add(found.workflow_type)
            handle = at_work.client.get_workflow_handle(found.id, run_id=found.run_id)
            history = await handle.fetch_history()
            file = FOLDER / f"{found.workflow_type}-{date.today():%Y-%m-%d}.json"  # noqa: DTZ011
            file.write_text(history.to_json() + "\n", "utf-8")
            sys.stderr.write(f"{file.name}: {len(history.events)} events\n")
    await store.close()


def main() -> None:
    with (
        postgres() as server,
        closing(Databases(server)) as databases,
        temporal() as address,
    ):
        for scene in (driven, moved, hosted):
            url = databases.url(databases.fresh())
            asyncio.run(record(scene, url, address, sys.argv[1:]))


if __name__ == "__main__":
    main()

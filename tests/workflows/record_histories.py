"""Record a history of each workflow for the replay test.

Run `python -m tests.workflows.record_histories` after a change of the workflow code, and keep the
histories of released versions.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

from crm_store.session import Store
from tests.servers import Databases, postgres, temporal
from tests.workflows.test_drivers import AUDIENCE, QUICK, mails
from tests.workflows.test_version_moves import moved_and_back
from tests.workflows.working import working

FOLDER = Path(__file__).parent / "histories"


async def record(url: str, address: str) -> None:
    store = Store(url)
    async with working(store, address) as at_work:
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
        at_work.pokes.scores()
        at_work.pokes.winners()
        at_work.pokes.segments()
        for shard in range(2):
            at_work.pokes.perform(shard)
        await mails(at_work, 4 * len(people))
        await moved_and_back(at_work, 3)
        written: set[str] = set()
        async for found in at_work.client.list_workflows():
            if found.workflow_type in written:
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
        asyncio.run(record(databases.url(databases.fresh()), address))


if __name__ == "__main__":
    main()

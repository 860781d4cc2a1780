"""What `up --demo` puts into a new database: a company, with the ready flows and rules at work."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from crm_store.session import Store
from engine.definitions import DefinitionKind
from engine.runtime import Runtime, templates_folder
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.definitions.checking import with_names, world_now
from engine.services.definitions.publishing import publish
from engine.services.definitions.publishing import publish as publish_definition
from engine.services.definitions.ready import ready_definitions
from engine.services.demo import ensure_demo as ensure_company
from engine.services.demo.asked import ask_the_admin
from engine.services.sending.editing import save
from engine.services.work import working

# What a house with customers all over the world might say.
SENDING_POLICY: Final = """\
# Marketing rests at night and on holidays, and nobody gets more than they can read.
quiet_hours:
  - {from: "21:00", until: "07:00"}
holidays:
  - {of: contact, topic: offers}
caps:
  - {most: 2, per: day}
  - {most: 5, per: week}
longest_wait: 7d
"""


async def ensure_demo(runtime: Runtime) -> None:
    """Once: a database that has contacts is left as it is.

    The flows are published only where mail stays in the local mailbox; a made-up company must
    never make a real mail server send anything. Elsewhere they are drafts, and nobody is asked
    anything.
    """
    if not await ensure_company(runtime.store, runtime.now()):
        return
    async with runtime.store.transaction() as session:
        await save(session, SYSTEM, SENDING_POLICY, runtime.now(), file="sending_policy.yaml")
    await _definitions(runtime)
    if runtime.mailbox is not None:
        await put_rules_in_force(runtime.store, runtime.now())
        async with working(runtime.store, runtime.shared, runtime.pokes, runtime.now()) as work:
            await ask_the_admin(work)
    for file in sorted((templates_folder() / "flows").glob("*.yaml")):
        await _flow(runtime, file.name, file.read_text("utf-8"))


async def _definitions(runtime: Runtime) -> None:
    """Chains and policies that ready flows name. A pipeline would begin the clocks of every deal,
    and routing needs teams as they are called here: both are for people to publish."""
    async with runtime.store.transaction() as session:
        for draft in ready_definitions(templates_folder()):
            if draft.kind in (DefinitionKind.ESCALATION, DefinitionKind.APPROVAL):
                await publish(session, SYSTEM, draft, now=runtime.now())


async def put_rules_in_force(store: Store, now: datetime) -> None:
    """The ready ones in force; the demo's deals stand on a pipeline of their own, which has no
    clocks. Assignment rules name skills that nobody here has."""
    drafts = [
        one
        for one in ready_definitions(templates_folder())
        if one.kind is not DefinitionKind.ASSIGNMENT and one.name != "opportunities"
    ]
    async with store.transaction() as session:
        world = with_names(await world_now(session), drafts)
        for draft in drafts:
            await publish_definition(session, SYSTEM, draft, now=now, world=world)


async def _flow(runtime: Runtime, file: str, source: str) -> None:
    async with runtime.store.transaction() as session:
        saved = await flows.save_draft(session, SYSTEM, source, library=runtime.library, file=file)
        if runtime.mailbox is None:
            return
        published = await flows.publish(
            session,
            SYSTEM,
            saved.name,
            plans=runtime.plans,
            library=runtime.library,
            now=runtime.now(),
        )
    if published.enrolment_id is not None:
        runtime.pokes.audience(published.enrolment_id)
    runtime.pokes.due_dates()

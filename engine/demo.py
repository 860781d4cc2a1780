"""What `up --demo` puts into a new database: a company, and the ready flows at work."""

from __future__ import annotations

from typing import Final

from engine.runtime import Runtime, templates_folder
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.demo import ensure_demo as ensure_company
from engine.services.sending.editing import save

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
    never make a real mail server send anything. Elsewhere they are drafts.
    """
    if not await ensure_company(runtime.store, runtime.now()):
        return
    async with runtime.store.transaction() as session:
        await save(session, SYSTEM, SENDING_POLICY, runtime.now(), file="sending_policy.yaml")
    for file in sorted((templates_folder() / "flows").glob("*.yaml")):
        await _flow(runtime, file.name, file.read_text("utf-8"))


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

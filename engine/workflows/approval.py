"""A request that people decide: reminders, deputies, the end of their time."""

from __future__ import annotations

from temporalio import workflow

from engine.workflows.entity import Host
from engine.workflows.shared import HostInput


@workflow.defn(name="approval")
class Approval(Host):
    """Id `approval/<id>`; begun by its clock, an answer or the sweep; ends when it is over."""

    @workflow.run
    async def run(self, line: HostInput) -> None:
        await self.host(line)

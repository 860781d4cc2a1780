"""An open ticket: when it is to be answered, and when it is to be solved."""

from __future__ import annotations

from temporalio import workflow

from engine.workflows.entity import Host
from engine.workflows.shared import HostInput


@workflow.defn(name="ticket")
class Ticket(Host):
    """Id `ticket/<id>`; begun by its clock, an answer or the sweep; ends when it is over."""

    @workflow.run
    async def run(self, line: HostInput) -> None:
        await self.host(line)

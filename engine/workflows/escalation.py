"""A case that somebody must take up: level after level until they do."""

from __future__ import annotations

from temporalio import workflow

from engine.workflows.entity import Host
from engine.workflows.shared import HostInput


@workflow.defn(name="escalation")
class Escalation(Host):
    """Id `escalation/<id>`; begun by its clock, an answer or the sweep; ends when it is over."""

    @workflow.run
    async def run(self, line: HostInput) -> None:
        await self.host(line)

"""`cadenza flow pause|resume FLOW --node NODE`."""

from __future__ import annotations

import typer

from engine.cli._runtime import opened
from engine.services import flows
from engine.services.actor import SYSTEM
from engine.services.node_pauses import pause_node, resume_node


async def switch_node(name: str, node: str, *, paused: bool) -> None:
    async with opened() as runtime:
        async with runtime.store.transaction() as session:
            if paused:
                done = await pause_node(
                    session, SYSTEM, name, node, plans=runtime.plans, now=runtime.now()
                )
            else:
                done = await resume_node(session, SYSTEM, name, node, now=runtime.now())
        if not paused:
            drivers = runtime.settings.drivers
            flows.poke_all(
                runtime.pokes,
                name,
                advance_shards=drivers.advance_shards,
                perform_shards=drivers.perform_shards,
            )
    state = "paused" if paused else "going on"
    typer.echo(f'"{node}" of "{name}" is {state}; {done.waiting} runs were due there.')

"""A flow given on the command line: by its file, or by its name, whose draft is meant."""

from __future__ import annotations

from pathlib import Path

from crm_store.flows import flow_named
from engine.cli.flow import text_of
from engine.errors import NotFound
from engine.runtime import Runtime


def is_file(flow: str) -> bool:
    """Names of flows have no ending; a file may be missing, and is then named as such."""
    return Path(flow).suffix in (".yaml", ".yml", ".json") or Path(flow).is_file()


async def source_of(runtime: Runtime, flow: str) -> tuple[str, str]:
    """The flow's text and the name of its file."""
    if is_file(flow):
        path = Path(flow)
        return text_of(path), path.name
    async with runtime.store.transaction() as session:
        record = await flow_named(session, flow)
        if record is None:
            raise NotFound(f'There is no flow and no file "{flow}". `cadenza flow list` has names.')
        return record.draft_source, f"{flow}.yaml"

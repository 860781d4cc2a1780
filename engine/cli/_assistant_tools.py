"""The tools that assistants see. Needs the extra `assistants` (mcp).

The key is asked about anew at each call, so a revoked one ends within seconds.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from engine.errors import CadenzaError
from engine.services.api_keys import ApiKeys
from engine.services.assistants import LOOKS, Means, look_up
from engine.services.assistants.looking import NOTE

_READS: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def server_of(means: Means, keys: ApiKeys, key: str) -> MCPServer[Any]:
    """A server over standard input and output, for whoever holds the key."""
    server: MCPServer[Any] = MCPServer(
        "cadenza", instructions=NOTE, version=version("cadenza"), log_level="WARNING"
    )

    async def ask(name: str, **given: Any) -> dict[str, Any]:
        try:
            caller = await keys.caller(key)
            return await look_up(means, caller.actor, name, given)
        except CadenzaError as error:
            raise ToolError(str(error)) from error

    async def search_contacts(words: str) -> dict[str, Any]:
        return await ask("search_contacts", words=words)

    async def contact_timeline(contact: int) -> dict[str, Any]:
        return await ask("contact_timeline", contact=contact)

    async def flow_figures(flow: str) -> dict[str, Any]:
        return await ask("flow_figures", flow=flow)

    async def why(flow: str, contact: int) -> dict[str, Any]:
        return await ask("why", flow=flow, contact=contact)

    async def segments_count() -> dict[str, Any]:
        return await ask("segments_count")

    async def forecast(pipeline: str | None = None) -> dict[str, Any]:
        return await ask("forecast", pipeline=pipeline)

    async def message_results(flow: str | None = None) -> dict[str, Any]:
        return await ask("message_results", flow=flow)

    for tool in (
        search_contacts,
        contact_timeline,
        flow_figures,
        why,
        segments_count,
        forecast,
        message_results,
    ):
        said = LOOKS[tool.__name__].__doc__
        server.add_tool(tool, description=said, annotations=_READS)
    return server

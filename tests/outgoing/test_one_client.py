"""Everything that calls other systems over HTTP goes through `engine.outgoing`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = (
    *("httpx", "httpx2", "httpcore", "httpcore2", "aiohttp", "requests", "urllib3", "websockets"),
    *("http.client", "urllib.request", "pycurl", "apprise"),
)
# What calls nobody whom a person could choose, each with its reason.
ALLOWED = {
    # the one client itself
    "engine/outgoing/client.py",
    "engine/outgoing/guarded.py",
    # takes the library's requests off it and hands them to the one client
    "engine/channels/chat/wire.py",
}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def is_client(name: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in CLIENTS)


def test_nobody_brings_a_client_of_their_own() -> None:
    found = {
        str(path.relative_to(ROOT))
        for package in ("engine", "designer", "crm_store")
        for path in (ROOT / package).rglob("*.py")
        if any(is_client(name) for name in imports_of(path))
    }
    assert found - ALLOWED == set()
    # an exception that is not needed any more is taken out
    assert found >= ALLOWED

"""What `up --demo` puts into a new database."""

from __future__ import annotations

from engine.runtime import Runtime
from engine.services.demo import ensure_demo as ensure_in


async def ensure_demo(runtime: Runtime) -> None:
    """Once: a database that has contacts is left as it is."""
    await ensure_in(runtime.store, runtime.now())

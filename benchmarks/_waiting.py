"""Many people who wait at one node, put there by one statement: what a flow leaves behind that let
them in long ago."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import text

from engine.runtime import Runtime
from engine.services.flows import Published

STAND = """
INSERT INTO run (flow_id, flow_version_id, subject_id, entry_key, shard, node, visit, due_at,
                 memo, listens, entered_at, moved_at)
SELECT :flow, :version, id, 'once', id % :shards, :node, 1, :due, CAST(:memo AS jsonb),
       :listens, now(), now()
FROM contact WHERE id > :after ORDER BY id LIMIT :page
RETURNING subject_id
"""
COUNTED = """
INSERT INTO node_count (flow_version_id, node, exit, slot, count)
VALUES (:version, :node, '', 0, :count)
"""
PAGE = 100_000


async def let_wait(
    runtime: Runtime, flow: Published, node: str, due: datetime, listens: list[str], count: int
) -> None:
    """Everybody stands on `node` until `due`, hearing of the events `listens`."""
    async with runtime.store.transaction() as session:
        after = 0
        while after < count:
            found = await session.execute(
                text(STAND),
                {
                    "flow": flow.flow_id,
                    "version": flow.version_id,
                    "shards": runtime.settings.drivers.advance_shards,
                    "node": node,
                    "due": due,
                    "memo": json.dumps({"step": {"deadline": due.isoformat()}}),
                    "listens": listens,
                    "after": after,
                    "page": PAGE,
                },
            )
            after = max(found.scalars(), default=count)
        counted = {"version": flow.version_id, "node": node, "count": count}
        await session.execute(text(COUNTED), counted)
    async with runtime.store.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("ANALYZE run"))

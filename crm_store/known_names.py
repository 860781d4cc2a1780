"""Names that flows may mention, in one small query."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def known_names(session: AsyncSession) -> dict[str, frozenset[str]]:
    """Assignment rules, calendars, channels, hook sources, senders, stages and teams by kind. A
    stage is there by its key, and as "<pipeline>/<stage>"; the channel "default" always."""
    found = await session.execute(
        text(
            """
            SELECT 'calendar', name FROM calendar
            UNION ALL SELECT 'channel', name FROM channel
            UNION ALL SELECT 'channel', 'default'
            UNION ALL SELECT 'sender', slug FROM sender_identity
            UNION ALL SELECT 'hook_source', name FROM hook_source
            UNION ALL SELECT 'team', name FROM team
            UNION ALL SELECT kind, name FROM definition WHERE state = 'active'
            UNION ALL SELECT 'stage', key FROM stage WHERE retired_at IS NULL
            UNION ALL SELECT 'stage', p.key || '/' || s.key
                      FROM stage s JOIN pipeline p ON p.id = s.pipeline_id
                      WHERE s.retired_at IS NULL
            """
        )
    )
    names: defaultdict[str, set[str]] = defaultdict(set)
    for kind, name in found:
        names[kind].add(name)
    kinds = (
        "calendar",
        "channel",
        "hook_source",
        "sender",
        "team",
        "stage",
        "assignment",
        "escalation_policy",
        "approval_chain",
    )
    return {kind: frozenset(names[kind]) for kind in kinds}

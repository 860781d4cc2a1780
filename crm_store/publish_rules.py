"""Which chain must agree before a flow, a template or a definition is published."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def chain_for(session: AsyncSession, kind: str, name: str) -> str | None:
    """The chain that must agree before this is published; one of its own goes before that of its
    kind."""
    found = await session.execute(
        text(
            "SELECT chain FROM publish_rule WHERE kind = :kind AND name = ANY(ARRAY[:name, ''])"
            " ORDER BY name DESC LIMIT 1"
        ),
        {"kind": kind, "name": name},
    )
    chain: str | None = found.scalar_one_or_none()
    return chain


async def put_publish_rule(session: AsyncSession, kind: str, name: str, chain: str | None) -> None:
    """None takes it away."""
    if chain is None:
        await session.execute(
            text("DELETE FROM publish_rule WHERE kind = :kind AND name = :name"),
            {"kind": kind, "name": name},
        )
        return
    await session.execute(
        text(
            "INSERT INTO publish_rule (kind, name, chain) VALUES (:kind, :name, :chain)"
            " ON CONFLICT (kind, name) DO UPDATE SET chain = excluded.chain"
        ),
        {"kind": kind, "name": name, "chain": chain},
    )


async def publish_rules(session: AsyncSession) -> list[tuple[str, str, str]]:
    found = await session.execute(
        text("SELECT kind, name, chain FROM publish_rule ORDER BY kind, name")
    )
    return [(row[0], row[1], row[2]) for row in found]

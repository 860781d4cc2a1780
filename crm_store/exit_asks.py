"""Whose runs may have an exit rule that holds since records were changed without telling."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Tables whose new rows change what is known of their contact.
_MADE: Final = ("order", "deal", "ticket")
Marks = Mapping[str, int]


async def marks(session: AsyncSession) -> dict[str, int]:
    """How far the history of fields and the records that contacts have go just now."""
    columns = ", ".join(
        f'(SELECT coalesce(max(id), 0) FROM "{table}") AS "{table}"'  # noqa: S608 - names of ours
        for table in ("field_change", *_MADE)
    )
    row = (await session.execute(text(f"SELECT {columns}"))).one()
    return dict(row._mapping)


async def contacts_inside(
    session: AsyncSession,
    version_ids: Collection[int],
    *,
    since: Marks | None,
    after: int,
    limit: int,
) -> list[int]:
    """The next contacts, by id, with a run that is not over in one of these versions; of them those
    whose fields or records changed since the marks, or all.
    """
    changed = "" if since is None else f"AND ({_changed()})"
    found = await session.execute(
        text(
            f"""
            SELECT DISTINCT r.subject_id FROM run r
            WHERE r.state = 'active' AND r.subject_kind = 'contact' AND r.subject_id > :after
              AND r.flow_version_id = ANY(:versions) {changed}
              AND EXISTS (SELECT 1 FROM contact c WHERE c.id = r.subject_id)
            ORDER BY r.subject_id LIMIT :limit
            """  # noqa: S608 - constants
        ),
        {"versions": list(version_ids), "after": after, "limit": limit, **(since or {})},
    )
    return list(found.scalars())


def _changed() -> str:
    looks = [
        (
            "EXISTS (SELECT 1 FROM field_change f WHERE f.contact_id = r.subject_id"
            " AND f.id > :field_change)"
        )
    ]
    looks += [
        f'EXISTS (SELECT 1 FROM "{table}" t WHERE t.contact_id = r.subject_id AND t.id > :{table})'  # noqa: S608 - names of ours
        for table in _MADE
    ]
    return " OR ".join(looks)

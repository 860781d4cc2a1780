"""Operations on one's own notices, and one for everybody who is there."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.operation import Operation

NOTICES = (
    Operation("list_notices", "GET", "/api/notices", ("read:notice",)),
    Operation("list_notice_ways", "GET", "/api/notices/ways", ("read:notice",)),
    Operation(
        "read_notices",
        "POST",
        "/api/notices/read",
        ("write:notice",),
        body={"until": 100},
        changes=True,
    ),
    Operation(
        "put_notice_ways",
        "PUT",
        "/api/notices/ways/low",
        ("write:notice",),
        body={"ways": [{"channel": "none"}]},
        changes=True,
    ),
)


async def furnish_notices(session: AsyncSession, count: int = 1) -> None:
    """`count` for everybody who is there."""
    await session.execute(
        text(
            """
            INSERT INTO notice (user_id, kind, title, body, provider_key, state, created_at, path)
            SELECT id, 'deal', 'Deal ' || number, 'It waits.', id || ':' || number, 'withheld',
                   now(), '/inbox'
            FROM "user", generate_series(1, :count) number ORDER BY number, id
            """
        ),
        {"count": count},
    )

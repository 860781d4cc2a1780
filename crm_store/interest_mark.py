"""One small statement that tells whether anything changed that decides who hears of changes."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.round_trips import Ask, in_one_trip

# A flow's row changes with its state and its published version; `xmin` is who wrote it last. The
# sum tells too when an older transaction commits after a younger one. Segments and scoring models
# are counted and dated by others, which changes no rule: their revisions say when one does.
_MARK: Final = Ask(
    """
    SELECT (SELECT concat_ws(' ', count(*), sum(CAST(CAST(xmin AS text) AS bigint))) FROM flow),
           (SELECT concat_ws(' ', count(*), sum(revision), max(id)) FROM segment),
           (SELECT concat_ws(' ', count(*), sum(revision), max(id)) FROM scoring_model),
           (SELECT count(*) FROM custom_field),
           ARRAY(SELECT DISTINCT unnest(event_types) FROM webhook_subscription
                 WHERE enabled ORDER BY 1)
    """,
    {},
)


async def interest_mark(session: AsyncSession) -> tuple[Any, ...]:
    """The same as long as no flow, segment, scoring model, custom field or webhook is another."""
    [[mark]] = await in_one_trip(session, [_MARK])
    return mark

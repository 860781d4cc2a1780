"""Taking again what was refused, page by page."""

from __future__ import annotations

from typing import Any

from engine.services.dead_letters.replaying import Replaying
from engine.services.events import Intake
from engine.services.jobs.kinds import Hand


async def replay_letters(hand: Hand) -> dict[str, Any]:
    """A page that is done again finds those that are left: an event keeps the id of its message."""
    means, given = hand.means, hand.given
    source, code = given.get("source"), given.get("code")
    intake = Intake(means.store, means.shared.partitions)
    replaying = Replaying(means.store, intake, given["most_bytes"])
    cursor = int(hand.so_far.get("cursor", 0))
    taken, refused = int(hand.so_far.get("taken", 0)), int(hand.so_far.get("refused", 0))
    if "total" not in hand.so_far:
        hand.tell(done=0, total=await replaying.waiting(hand.actor, source, code))
    while True:
        page, last = await replaying.page(
            hand.actor, means.now(), source=source, code=code, after=cursor
        )
        if page.partitions:
            means.pokes.dispatch(page.partitions)
        taken, refused = taken + page.taken, refused + page.refused
        cursor = last or cursor
        hand.tell(done=taken + refused, taken=taken, refused=refused, cursor=cursor)
        if last is None:
            return {"taken": taken, "refused": refused}

"""Erasing somebody who asked for it: searching all texts afterwards takes longer than a request."""

from __future__ import annotations

from typing import Any

from engine.services.jobs.kinds import Hand
from engine.services.privacy import erase_and_certify, request_of


async def erase_person(hand: Hand) -> dict[str, Any]:
    """Begun again after the erasure, it gives the certificate as far as it was written: nobody
    knows any more which texts to look for."""
    means, request_id = hand.means, int(hand.given["request"])
    async with means.store.transaction() as session:
        row = await request_of(session, hand.actor, request_id)
    if row.state == "done" and row.certificate is not None:
        return {"request": request_id, "certificate": dict(row.certificate)}
    made = await erase_and_certify(
        means.store,
        hand.actor,
        row.contact_number,
        now=means.now(),
        zone=means.shared.default_zone,
        request_id=request_id,
    )
    return {"request": request_id, "certificate": made.document()}

"""Changing many contacts alike, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import Problem, Refused
from engine.services.jobs.kinds import Hand
from engine.services.records import (
    AddTags,
    BulkOrder,
    GiveTo,
    PutOnList,
    RemoveTags,
    Selection,
    SetField,
    carry_out_page,
    check_order,
)
from engine.services.views.grids import GridState, Moment
from engine.services.work import working


def order_in(given: Mapping[str, Any]) -> BulkOrder:
    """What was asked for, as it is kept in a job. Raises Refused."""
    match dict(given):
        case {"give_to": int(owner)}:
            return GiveTo(owner)
        case {"give_to_nobody": True}:
            return GiveTo(None)
        case {"add_tags": list(tags)}:
            return AddTags(tuple(tags))
        case {"remove_tags": list(tags)}:
            return RemoveTags(tuple(tags))
        case {"set_field": str(name), **rest}:
            return SetField(name, rest.get("value"))
        case {"put_on_list": str(name)}:
            return PutOnList(name)
    problem = Problem("/order", "unknown", "say one thing to do")
    raise Refused("Nothing was changed.", [problem])


def selection_in(given: Mapping[str, Any]) -> Selection:
    ids = given.get("ids")
    rule = given.get("filter")
    state = GridState("contact", rule=None if rule is True else rule)
    return Selection(state, None if ids is None else tuple(ids))


async def change_contacts(hand: Hand) -> dict[str, Any]:
    """Whose permission it takes is asked with every page. A page that was done is not done again:
    where to go on is written with how far it is, and doing a page twice changes nothing more."""
    means, given = hand.means, hand.given
    selection, order = selection_in(given), order_in(given["order"])
    cursor = int(hand.so_far.get("cursor", 0))
    done, changed = int(hand.so_far.get("done", 0)), int(hand.so_far.get("changed", 0))
    async with working(means.store, means.shared, means.pokes, means.now()) as work:
        await check_order(work, hand.actor, selection, order)
    while True:
        moment = Moment(means.now(), means.shared.default_zone)
        async with working(means.store, means.shared, means.pokes, moment.now) as work:
            page = await carry_out_page(work, hand.actor, selection, order, moment, after=cursor)
        done, changed = done + page.looked_at, changed + page.changed
        if page.last is None:
            hand.tell(done=done, changed=changed)
            return {"looked_at": done, "changed": changed}
        cursor = page.last
        hand.tell(done=done, changed=changed, cursor=cursor)

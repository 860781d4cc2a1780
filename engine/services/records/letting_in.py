"""Letting those who were selected in a list enter a flow."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from engine.errors import Refused
from engine.rules.limits import MAX_LIST_ITEMS
from engine.services import enrolments
from engine.services.actor import Actor
from engine.services.enrolments import EnrolmentLine
from engine.services.plans import Plans
from engine.services.records.bulk import Selection
from engine.services.views.grids import Moment

# As many as one list in a rule may name.
MOST_NAMED: Final = MAX_LIST_ITEMS


async def let_selection_in(
    session: AsyncSession,
    actor: Actor,
    plans: Plans,
    flow_name: str,
    selection: Selection,
    moment: Moment,
) -> EnrolmentLine:
    """An audience of these contacts. Poke `audience` with its id after the commit. Raises
    NotAllowed, NotFound, Refused, Conflict."""
    rule = rule_of(selection)
    return await enrolments.start_enrolment(
        session, actor, plans, flow_name, now=moment.now, rule=rule
    )


def rule_of(selection: Selection) -> Any:
    """The rule that finds exactly them. Raises Refused where none does."""
    if selection.record != "contact":
        raise Refused("Contacts enter flows, not other records.")
    if selection.ids is not None:
        if len(selection.ids) > MOST_NAMED:
            raise Refused(
                f"At most {MOST_NAMED:,} contacts are let in one by one. Put them on a list first, "
                "and let the list in."
            )
        return {"in": [{"var": "contact.id"}, sorted(selection.ids)]}
    state = selection.state
    if not state.is_narrowed:
        return enrolments.EVERYBODY
    if state.rule is not None and not state.search and not state.conditions:
        return state.rule
    raise Refused(
        "A list that is narrowed by a search or by fields is no rule that a flow could ask. Put "
        "these contacts on a list first, and let the list in."
    )

"""Saving a table: made the first time, replaced later, refused when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from designer.problem_words import refusal_words
from designer.rule_builder.problem_words import problem_words
from designer.tables.desk import Desk
from designer.tables.wordings import address_of
from designer.widgets import ask_to_sign_in
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.decision_tables import TableChangedMeanwhile, create_table, edit_table

MOST_SHOWN = 10


async def save_table(desk: Desk, refuse: Callable[..., None]) -> None:
    """`refuse` is told each reason why it was not saved."""
    t, table, designer = desk.visitor.t, desk.table, desk.designer
    is_new = desk.revision is None
    try:
        actor = await designer.actor(desk.visitor.token)
        async with designer.transaction() as session:
            now = designer.now()
            if is_new:
                record = await create_table(session, actor, table.document(), now)
            else:
                record = await edit_table(
                    session, actor, table.name, table.document(), now, seen=desk.revision
                )
            revision = record.revision
    except NotSignedIn:
        ask_to_sign_in()
        return
    except TableChangedMeanwhile:
        refuse(
            t(
                "Somebody else has saved this table meanwhile. Take yours along as CSV, load the "
                "page again, and bring the two together."
            )
        )
        return
    except Refused as refused:
        said = [
            f"{one.place}: {problem_words(one.code, one.message, t)}"
            for one in (refused.problems or ())[:MOST_SHOWN]
        ]
        refuse(*(said or [refusal_words(refused, t)]))
        return
    except CadenzaError as error:
        refuse(refusal_words(error, t))
        return
    desk.was_saved(revision)
    designer.pulses.clear()
    if is_new:
        ui.navigate.to(address_of(table.name))
    else:
        ui.notify(t("Saved"), type="positive")

"""What a list says when it has nothing to show."""

from __future__ import annotations

from designer.records.words import ROOMS
from designer.visitor import Visitor
from designer.widgets import empty_state
from engine.services.actor import may
from engine.services.views.grids import GridRecord, GridState


def nothing_fits(record: GridRecord, state: GridState, visitor: Visitor) -> None:
    t = visitor.t
    if record == "contact" and state.search and not state.conditions and state.rule is None:
        empty_state(
            "person_search",
            t("Nobody is called like this"),
            t(
                "From three letters on, a piece of the name or address is enough; one or two "
                "letters must begin it."
            ),
            link=("/contacts", t("Show all contacts")),
        )
        return
    empty_state(
        "filter_list_off",
        t("Nothing fits all of this"),
        t("Take a condition away, or say it less narrowly."),
        link=(ROOMS[record], t("Show all")),
    )


def nothing_yet(record: GridRecord, visitor: Visitor) -> None:
    t, may_import = visitor.t, may(visitor.somebody, "import", record)
    link = ("/imports", t("Import a file")) if may_import else None
    match record:
        case "contact":
            empty_state(
                "people",
                t("No contacts yet"),
                t(
                    "Bring them from a CSV or Excel file; importing the same file twice changes "
                    "nothing."
                ),
                link=link,
            )
        case "account":
            empty_state(
                "apartment",
                t("No accounts yet"),
                t("Companies come with an import, with deals, or when a contact names one."),
                link=link,
            )
        case "ticket":
            empty_state(
                "support_agent",
                t("No tickets yet"),
                t("Questions come by the API, from flows and by imports; each has its clocks."),
                link=link,
            )

"""What stands in the bar above a list."""

from __future__ import annotations

from nicegui import ui

from designer.visitor import Visitor
from designer.widgets import button_link
from engine.services.actor import may
from engine.services.views.grids import GridRecord


def list_actions(place: ui.element, visitor: Visitor, record: GridRecord) -> None:
    t, somebody = visitor.t, visitor.somebody
    with place:
        if record == "contact" and may_merge(visitor):
            button_link("/merge", t("Merge doubles"), "call_merge")
        if may(somebody, "import", record):
            button_link("/imports", t("Import"), "upload_file")


def may_merge(visitor: Visitor) -> bool:
    """Two become one: one of them is changed and the other is gone."""
    somebody = visitor.somebody
    return may(somebody, "edit", "contact") and may(somebody, "delete", "contact")

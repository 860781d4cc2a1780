"""What still has to be done about a deal or a ticket."""

from __future__ import annotations

from collections.abc import Sequence

from designer.components.data_table import Cell, Column, DataTable, Row
from designer.visitor import Visitor
from designer.widgets import card, words
from engine.services.views.tasks import TaskLine


def tasks_card(tasks: Sequence[TaskLine], visitor: Visitor) -> None:
    t, formats = visitor.t, visitor.formats
    with card(t("Open tasks")):
        if not tasks:
            words(t("Nothing is open."), "cz-soft cz-pad", tag="p")
            return
        columns = [
            Column(t("Subject"), wraps=True),
            Column(t("Owner")),
            Column(t("Due")),
        ]
        rows = [
            Row(
                (
                    Cell(one.subject),
                    Cell(one.owner or ""),
                    Cell(formats.moment(one.due_at) if one.due_at else ""),
                )
            )
            for one in tasks
        ]
        DataTable(t("Open tasks"), columns, rows)

"""Carrying out an order for many, piece by piece, while somebody watches and may stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import problem_words, refusal_words
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn, Refused
from engine.services.records import (
    BulkOrder,
    Selection,
    carry_out_page,
    check_order,
)
from engine.services.work import working

if TYPE_CHECKING:
    from designer.records.room import RecordRoom


async def carry_out(
    room: RecordRoom, selection: Selection, order: BulkOrder, said: str, count: int
) -> None:
    """Returns when it is done, was stopped or refused, and the person has seen what came of it."""
    watching = _Watching(room, said, count)
    watching.dialog.open()
    try:
        await watching.go(selection, order)
    except NotSignedIn:
        ask_to_sign_in()
        return
    except CadenzaError as error:
        watching.refused(error)
    await watching.dialog
    watching.dialog.delete()


class _Watching:
    def __init__(self, room: RecordRoom, said: str, count: int) -> None:
        self._room, self._count = room, count
        self._stopped = False
        self._looked_at = self._changed = 0
        t = room.visitor.t
        with ui.dialog().props("persistent") as self.dialog, ui.card().classes("cz-dialog"):
            words(said, "cz-h2", tag="h2")
            self._bar = ui.linear_progress(value=0, show_value=False).classes("full-width")
            self._bar.props["aria-label"] = said
            self._told = words("", "cz-number").props("role=status").mark("bulk-told")
            self._problem = block("cz-stack cz-tight")
            with block("cz-row cz-dialog__buttons"):
                self._stop = plain_button(t("Stop"), self._stopping).mark("bulk-stop")
                self._close = plain_button(t("Close"), self.dialog.close, main=True)
                self._close.mark("bulk-close")
                self._close.set_visibility(False)

    async def go(self, selection: Selection, order: BulkOrder) -> None:
        designer = self._room.designer
        moment, after = self._room.moment(), 0
        # the rule of a list means the same for every piece of it: one moment for all of them
        while not self._stopped:
            actor = await designer.actor(self._room.visitor.token)
            async with working(
                designer.runtime.store,
                designer.runtime.shared,
                designer.runtime.pokes,
                designer.now(),
            ) as work:
                if after == 0:
                    await check_order(work, actor, selection, order)
                page = await carry_out_page(work, actor, selection, order, moment, after=after)
            self._looked_at += page.looked_at
            self._changed += page.changed
            self._tell()
            if page.last is None:
                break
            after = page.last
        self._ended()

    def _tell(self) -> None:
        t, number = self._room.visitor.t, self._room.visitor.formats.number
        self._bar.set_value(min(1.0, self._looked_at / self._count) if self._count else 1.0)
        self._told.set_text(
            t(
                "{done} of {count} looked at, {changed} changed",
                done=number(self._looked_at),
                count=number(max(self._count, self._looked_at)),
                changed=number(self._changed),
            )
        )

    def _ended(self) -> None:
        t, number = self._room.visitor.t, self._room.visitor.formats.number
        unchanged = self._looked_at - self._changed
        said = t.n("{count} was changed.", "{count} were changed.", self._changed)
        if unchanged:
            said += " " + t("{count} were so already.", count=number(unchanged))
        if self._stopped:
            said += " " + t("You stopped it; the others stay as they are.")
        else:
            self._bar.set_value(1.0)
        self._told.set_text(said)
        self._stop.set_visibility(False)
        self._close.set_visibility(True)

    def refused(self, error: CadenzaError) -> None:
        self._ended()
        with self._problem:
            t = self._room.visitor.t
            words(refusal_words(error, t), "cz-bad").props("role=alert")
            for one in error.problems if isinstance(error, Refused) else ():
                said = problem_words("form", one.code, one.message, t)
                words(said, "cz-bad cz-small")

    def _stopping(self) -> None:
        self._stopped = True

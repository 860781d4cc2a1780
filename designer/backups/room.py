"""The room about backups: the last ones, and what a restore holds back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.backups.wording import WAITING, size
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.runtime import Designer
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from designer.widgets import block, card, chip, empty_state, facts, icon, words
from engine.errors import Problem, Refused
from engine.services.actor import may
from engine.services.backups import (
    BackupRow,
    Held,
    Overdue,
    held_back,
    latest_backups,
    release_hold,
)

PATH: Final = "/backups"
# A backup of a business that sends every day is of little use when it is older.
_OLD: Final = timedelta(days=2)
_COMMAND: Final = "cadenza backup cadenza.backup"


class BackupsRoom:
    def __init__(self, designer: Designer, visitor: Visitor) -> None:
        self._designer, self._visitor = designer, visitor
        self._releases = may(visitor.somebody, "manage", "backup")

    async def build(self) -> None:
        with block("cz-stack"):
            self._place = block("cz-stack")
        await self._show()

    async def _show(self) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            made = await latest_backups(session, actor)
            held = await held_back(session, actor, self._designer.now())
        self._place.clear()
        with self._place:
            if held is not None:
                self._held(held)
            self._state(made)
            self._list(made)

    def _held(self, held: Held) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        with block("cz-card cz-bak__held", tag="section").mark("held"):
            with block("cz-row"):
                icon("pause_circle", "28px")
                words(t("Restored, and held back"), "cz-h2", tag="h2")
            words(
                t(
                    "This is the data as of {taken}, restored on {restored}. Nothing is sent, "
                    "called or timed until somebody lets it go. What fell due since the backup was "
                    "made may have gone out already, before the data was lost.",
                    taken=formats.moment(held.taken_at),
                    restored=formats.moment(held.restored_at),
                ),
                tag="p",
            )
            self._waiting(held)
            if self._releases:
                with block("cz-row cz-bak__choices"):
                    stand = t("Let it stand still, and begin")
                    plain_button(stand, self._ask_drop, main=True, symbol="pan_tool").mark("drop")
                    plain_button(t("Do all of it now"), self._ask_keep, symbol="send").mark("keep")
            else:
                words(t("An admin decides about it."), "cz-soft", tag="p")

    def _waiting(self, held: Held) -> None:
        t = self._visitor.t
        rows = [
            self._waiting_row(one.kind, one.waiting, one.oldest)
            for one in held.waiting
            if one.waiting
        ]
        if not rows:
            words(t("Nothing is overdue."), "cz-strong", tag="p")
            return
        columns = [
            Column(t("What would be done at once"), wraps=True),
            Column(t("Waiting"), "right"),
            Column(t("The oldest since")),
            Column(t("If you let it stand still"), wraps=True),
        ]
        DataTable(t("What would be done at once"), columns, rows)

    def _waiting_row(self, kind: str, count: int, oldest: datetime | None) -> Row:
        t, formats = self._visitor.t, self._visitor.formats
        name, consequence = WAITING[kind]
        since = "–" if oldest is None else formats.moment(oldest)
        cells = (Cell(t(name)), Cell(formats.number(count)), Cell(since), Cell(t(consequence)))
        return Row(cells)

    def _ask_drop(self) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("Begin, and let stand still what is overdue?"),
            t(
                "People whose messages were due stand among the held runs; there you let them go "
                "on, one by one or all. Nothing goes out a second time."
            ),
            [
                Blank(
                    "hours",
                    t("Only what is overdue by more than so many hours"),
                    "0",
                    hint=t("0: everything that is overdue."),
                    places=("/older_than",),
                )
            ],
            t("Let it stand still, and begin"),
            self._drop,
            mark="drop",
        )

    def _ask_keep(self) -> None:
        t = self._visitor.t
        FormDialog(
            t,
            t("Do everything that is overdue now?"),
            t(
                "Messages that went out after the backup was made go out a second time. Choose "
                "this when nothing was sent since then."
            ),
            [],
            t("Do all of it now"),
            lambda _: self._release(Overdue("keep")),
            mark="keep",
        )

    async def _drop(self, given: dict[str, str]) -> None:
        hours = given["hours"].strip()
        if not hours.isdecimal() or len(hours) > 5:
            message = self._visitor.t("Write a number of hours, such as 0 or 24.")
            raise Refused("Nothing was released.", [Problem("/hours", "bad_number", message)])
        await self._release(Overdue("drop", timedelta(hours=int(hours))))

    async def _release(self, overdue: Overdue) -> None:
        t = self._visitor.t
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await release_hold(session, actor, overdue, self._designer.now())
        ui.notify(t("Cadenza works again within seconds."), type="positive")
        await self._show()

    def _state(self, made: Sequence[BackupRow]) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        if not made:
            with card():
                empty_state(
                    "backup",
                    t("No backup yet"),
                    t(
                        "One command writes everything into one file, while everything runs. "
                        "Let your machine's timer do it every night."
                    ),
                )
                words(_COMMAND, "cz-bak__command", tag="pre")
            return
        last, now = made[0], self._designer.now()
        with card(t("The last backup")):
            with block("cz-row cz-pad"):
                is_old = now - last.taken_at > _OLD
                words(formats.ago(last.taken_at, now), "cz-h2")
                chip(t("Old") if is_old else t("Fresh"), "warn" if is_old else "good")
            facts(
                [
                    (t("Rows as of"), formats.moment(last.taken_at)),
                    (t("Took"), formats.span(last.finished_at - last.taken_at)),
                    (t("File"), last.file_name),
                    (t("Size"), size(last.size_bytes, formats)),
                    (t("Checksum (SHA-256)"), last.sha256),
                    (t("Signing key in it"), t("Yes") if last.with_keys else t("No")),
                ]
            )
            with block("cz-pad"):
                words(t("The next one:"), "cz-soft cz-small", tag="p")
                words(_COMMAND, "cz-bak__command", tag="pre")

    def _list(self, made: Sequence[BackupRow]) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        if len(made) < 2:
            return
        columns = [Column(t("Rows as of")), Column(t("File")), Column(t("Size"), "right")]
        rows = [
            Row(
                (
                    Cell(formats.moment(one.taken_at)),
                    Cell(one.file_name),
                    Cell(size(one.size_bytes, formats)),
                )
            )
            for one in made
        ]
        with card(t("Backups before")):
            DataTable(t("Backups before"), columns, rows[1:])

"""What can be done with many records at once; each deed says how many before it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import all_words
from designer.records.bulk_dialogs import (
    ask_field,
    ask_flow,
    ask_list,
    ask_owner,
    ask_tags,
    confirm_order,
)
from designer.records.bulk_progress import carry_out
from designer.records.export import EXPORTS
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.actor import may
from engine.services.records import (
    AddTags,
    BulkOrder,
    GiveTo,
    PutOnList,
    RemoveTags,
    Selection,
    SetField,
    let_selection_in,
    may_order,
)
from engine.services.records.bulk import MOST_PICKED

if TYPE_CHECKING:
    from designer.records.room import RecordRoom

Ask = Callable[[], Any]


class BulkBar:
    """`room.chosen` are the picked records; `everything` stands for all that the list holds."""

    def __init__(self, room: RecordRoom) -> None:
        self._room = room
        self.everything = False
        self.offers = True
        self._place = block("cz-bulkbar cz-hidden").props("role=region")
        self._place.props["aria-label"] = room.visitor.t("What to do with the chosen ones")

    def picked(self) -> None:
        """Somebody picked or left one."""
        self.everything = False
        if len(self._room.chosen) > MOST_PICKED:
            self._room.chosen = set(sorted(self._room.chosen)[:MOST_PICKED])
        self.show()

    def forget(self) -> None:
        self.everything = False
        self._room.chosen = set()
        self.show()

    @property
    def selection(self) -> Selection:
        ids = None if self.everything else tuple(sorted(self._room.chosen))
        return Selection(self._room.state, ids)

    @property
    def count(self) -> int:
        if not self.everything:
            return len(self._room.chosen)
        return self._room.count.count if self._room.count else 0

    @property
    def told_count(self) -> str:
        """How many, as people say it; of a list that is too long to be counted at least so many."""
        number = self._room.visitor.formats.number(self.count)
        if self.everything and self._room.count and not self._room.count.exact:
            return self._room.visitor.t("more than {count}", count=number)
        return number

    def show(self) -> None:
        self._place.clear()
        if not self._room.chosen and not self.everything:
            self._place.classes(add="cz-hidden")
            return
        self._place.classes(remove="cz-hidden")
        with self._place:
            self._told()
            with block("cz-row"):
                self._deeds()
                plain_button(self._room.visitor.t("Choose none"), self._none).classes(
                    "is-quiet"
                ).mark("choose-none")

    def _told(self) -> None:
        t, room = self._room.visitor.t, self._room
        with block("cz-row cz-bulkbar__told"):
            words(t("{count} chosen", count=self.told_count), "cz-strong").props("role=status")
            whole = room.page is not None and all(one.id in room.chosen for one in room.page.lines)
            more = room.count is not None and room.count.count > len(room.chosen)
            if whole and more and not self.everything and room.count is not None:
                number = room.visitor.formats.number(room.count.count)
                if not room.count.exact:
                    number = t("more than {count}", count=number)
                said = t("Choose all {count} that match", count=number)
                plain_button(said, self._all).classes("is-quiet").mark("choose-all")

    def _deeds(self) -> None:
        t, room = self._room.visitor.t, self._room
        offered: list[tuple[type, str, str, Ask]] = [
            (GiveTo, "person", t("Owner"), self._give),
            (AddTags, "label", t("Add tags"), self._add_tags),
            (RemoveTags, "label_off", t("Remove tags"), self._remove_tags),
            (SetField, "edit", t("Change a field"), self._set_field),
            (PutOnList, "playlist_add", t("Put on a list"), self._put_on_list),
        ]
        for kind, symbol, name, ask in offered:
            if may_order(room.visitor.somebody, room.record, kind):
                plain_button(name, ask, symbol=symbol).mark(f"bulk-{kind.__name__}")
        if room.record == "contact" and may(room.visitor.somebody, "publish", "flow"):
            plain_button(t("Let into a flow"), self._let_in, symbol="account_tree").mark(
                "bulk-flow"
            )
        plain_button("CSV", self._export, symbol="download").mark("bulk-csv")

    def _none(self) -> None:
        self.forget()
        self._room.grid.choose(set())

    def _all(self) -> None:
        self.everything = True
        self.show()

    async def _give(self) -> None:
        owner = await ask_owner(self._room.visitor, self._room.offered.people)
        if owner is not None:
            order = GiveTo(owner or None)
            name = self._room.offered.people.get(owner) or self._room.visitor.t("nobody")
            await self._order(order, self._room.visitor.t("Give them to {name}", name=name))

    async def _add_tags(self) -> None:
        t = self._room.visitor.t
        tags = await ask_tags(self._room.visitor, t("Add tags"), self._room.offered.tags, new=True)
        if tags:
            await self._order(AddTags(tags), t("Add the tags {tags}", tags=", ".join(tags)))

    async def _remove_tags(self) -> None:
        t, offered = self._room.visitor.t, self._room.offered.tags
        tags = await ask_tags(self._room.visitor, t("Remove tags"), offered, new=False)
        if tags:
            await self._order(RemoveTags(tags), t("Remove the tags {tags}", tags=", ".join(tags)))

    async def _set_field(self) -> None:
        answer = await ask_field(self._room.designer, self._room.visitor, self._room.record)
        if answer is not None:
            order, said = answer
            await self._order(order, said)

    async def _put_on_list(self) -> None:
        answer = await ask_list(self._room.designer, self._room.visitor)
        if answer is not None:
            name, label = answer
            said = self._room.visitor.t("Put them on the list “{name}”", name=label)
            await self._order(PutOnList(name), said)

    async def _order(self, order: BulkOrder, said: str) -> None:
        room = self._room
        if await confirm_order(room.visitor, said, self.told_count, room.record):
            await carry_out(room, self.selection, order, said, self.count)
            self.forget()
            room.grid.choose(set())
            room.count = None
            room.designer.pulses.clear()
            await room.turn("first")

    async def _let_in(self) -> None:
        room = self._room
        flow = await ask_flow(room.designer, room.visitor, self.told_count)
        if flow is None:
            return
        try:
            actor = await room.designer.actor(room.visitor.token)
            async with room.designer.transaction() as session:
                started = await let_selection_in(
                    session,
                    actor,
                    room.designer.plans,
                    flow,
                    self.selection,
                    room.moment(),
                )
            room.designer.runtime.pokes.audience(started.id)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            said = all_words(error, room.visitor.t)
            ui.notify(said, type="negative", multi_line=True, timeout=10_000)
            return
        ui.notify(room.visitor.t("They enter the flow now."), type="positive")
        self._none()

    async def _export(self) -> None:
        room = self._room
        try:
            actor = await room.designer.actor(room.visitor.token)
        except NotSignedIn:
            ask_to_sign_in()
            return
        name = f"{room.record}s"
        ui.download.from_url(
            EXPORTS.ask(actor.id, self.selection, name, room.designer.now()), f"{name}.csv"
        )

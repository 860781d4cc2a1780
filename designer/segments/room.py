"""One segment: its rule in words, how many are in it, who, why, and who uses it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.components.chart import Chart, Series
from designer.live import EVERY_SECONDS
from designer.rule_builder import CANCELLED, rule_dialog
from designer.rule_builder.saying import said_of
from designer.rule_builder.workbench import STYLE
from designer.runtime import Designer
from designer.segments.hand import HandList
from designer.segments.members import Members
from designer.segments.saving import ask_before_saving, renaming_dialog
from designer.segments.why_member import why_member
from designer.segments.wordings import KINDS, ROOM, STATES, address_of, label_in
from designer.shell import frame
from designer.terms import term, toned
from designer.visitor import Visitor, current
from designer.widgets import anchor, ask_to_sign_in, block, card, chip, facts, notice, words
from engine.errors import CadenzaError, NotSignedIn
from engine.local_time import local_date
from engine.rules import Catalogue
from engine.services import segment_door
from engine.services.actor import may
from engine.services.rules import vocabulary
from engine.services.segment_door import Seen
from engine.services.segments.editing import ask_recount
from engine.services.segments.looking import counts_over_time
from engine.services.segments.using import Users

DAYS_SHOWN: Final = 90


@dataclass(slots=True)
class SegmentRoom:
    designer: Designer
    visitor: Visitor
    name: str
    seen: Seen = field(init=False)
    catalogue: Catalogue = field(init=False)
    _shown: Any = None
    _size: Any = None
    _state: Any = None
    _facts: Any = None
    _reasons: Any = None
    _members: Any = None

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        async with self.designer.transaction() as session:
            self.seen = await segment_door.see(session, visitor.somebody, self.name)
            self.catalogue = await vocabulary(session, visitor.somebody, "contact")
            today = local_date(self.designer.now(), self._zone)
            first = today - timedelta(days=DAYS_SHOWN - 1)
            days = await counts_over_time(session, visitor.somebody, self.name, first, today)
        one = self.seen.detail.summary
        title = label_in(t.short, one.label, one.label_zh)
        with frame(ROOM, title, trail=[(ROOM, t("Segments"))], styles=(STYLE,)) as actions:
            with actions:
                self._buttons()
            with block("cz-letter"):
                with block("cz-stack"):
                    self._notices()
                    self._rule()
                    members = self._members = Members(self.designer, visitor, self.name)
                    await members.build()
                    if one.kind == "static" and may(visitor.somebody, "edit", "segment"):
                        HandList(self.designer, visitor, self.name, members.reload)
                with block("cz-stack"):
                    self._about()
                    self._used_by(self.seen.detail.used_by)
                    self._over_time(days)

    @property
    def _zone(self) -> str:
        return str(self.designer.runtime.settings.company.default_zone)

    @property
    def _is_rule(self) -> bool:
        return self.seen.detail.summary.kind == "rule"

    def _buttons(self) -> None:
        t, somebody = self.visitor.t, self.visitor.somebody
        if may(somebody, "edit", "segment"):
            plain_button(t("Rename"), self._rename, symbol="edit").mark("rename-segment")
            if self._is_rule:
                asking_button(
                    t,
                    "refresh",
                    t("Count anew"),
                    t("Ask everybody anew?"),
                    t("Members are kept right all the while; this makes sure of it."),
                    self._recount,
                )
        if may(somebody, "delete", "segment"):
            size = self.seen.detail.summary.size or 0
            asking_button(
                t,
                "delete",
                t("Delete"),
                t("Delete this segment?"),
                t.n(
                    "{count} contact leaves it, without an event. It cannot be brought back.",
                    "{count} contacts leave it, without an event. It cannot be brought back.",
                    size,
                ),
                self._delete,
            )

    async def _rename(self) -> None:
        await renaming_dialog(self.designer, self.visitor, self.seen)

    async def _recount(self) -> None:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            await ask_recount(session, actor, self.designer.now(), self.name)
        self.designer.runtime.pokes.segments()
        self.designer.pulses.clear()
        ui.navigate.to(address_of(self.name))

    async def _delete(self) -> None:
        actor = await self.designer.actor(self.visitor.token)
        async with self.designer.transaction() as session:
            await segment_door.delete(session, actor, self.name, self.seen.tag)
        self.designer.pulses.clear()
        ui.navigate.to(ROOM)

    def _notices(self) -> None:
        t = self.visitor.t
        if self.seen.detail.summary.state == "broken":
            text = t(
                "Its rule can no longer be read, perhaps because a field is gone. The members "
                "stay as they are until it is mended."
            )
            notice(text, "bad", "error_outline")

    def _rule(self) -> None:
        t = self.visitor.t
        if not self._is_rule:
            return
        with card(t("Who is in it")) as place:
            place.mark("segment-rule")
            with block("cz-pad cz-stack"):
                said = said_of(self.seen.detail.rule, self.catalogue, t)
                words(said or t("This rule has mistakes. Open it to see them."), "rb-said", tag="p")
                with block("cz-row"):
                    if may(self.visitor.somebody, "edit", "segment"):
                        plain_button(
                            t("Edit the rule"), self._edit_rule, symbol="rule", main=True
                        ).mark("edit-rule")
                    why = plain_button(t("Why is … (not) in here?"), self._why, symbol="help")
                    why.mark("why-member")
                self._reasons = block("cz-stack rb-told")

    async def _why(self) -> None:
        self._reasons.clear()
        await why_member(self.designer, self.visitor, self.name, self.catalogue, self._reasons)

    async def _edit_rule(self) -> None:
        found = await rule_dialog(
            self.designer, self.visitor, self.catalogue, self.seen.detail.rule
        )
        if found is CANCELLED or found == self.seen.detail.rule:
            return
        if found is None:
            ui.notify(self.visitor.t("A segment needs a rule."), type="warning")
            return
        await ask_before_saving(self.designer, self.visitor, self.seen, found)

    def _about(self) -> None:
        t = self.visitor.t
        with card(t("About it")):
            with block("cz-pad cz-row"):
                with block("cz-stack cz-tight"):
                    self._size = words("", "cz-tile__value", tag="div").mark("segment-size")
                    words(t("members"), "cz-soft cz-small", tag="div")
                block("cz-grow")
                self._state = block()
            self._facts = block()
        self._show_state()

        async def refresh() -> None:
            try:
                actor = await self.designer.actor(self.visitor.token)

                async def question() -> Seen:
                    async with self.designer.transaction() as session:
                        return await segment_door.see(session, actor, self.name)

                seen = await self.designer.pulses.ask(("segment", self.name, actor.sight), question)
            except NotSignedIn:
                timer.cancel()
                ask_to_sign_in()
                return
            except CadenzaError:
                timer.cancel()  # it was deleted meanwhile: the page stays as it was
                return
            if seen.detail.summary != self._shown:
                self._show_state(seen)
                await self._members.follow()

        timer = ui.timer(EVERY_SECONDS, refresh, immediate=False)

    def _show_state(self, seen: Seen | None = None) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        detail = (seen or self.seen).detail
        one = self._shown = detail.summary
        self._size.set_text("–" if one.size is None else formats.number(one.size))
        self._state.clear()
        state, tone = toned(STATES, one.state, t)
        with self._state:
            chip(state, tone)
        self._facts.clear()
        with self._facts:
            facts(
                [
                    (t("Kind"), term(KINDS, one.kind, t)),
                    (t("Short name"), one.name),
                    (t("Counted"), formats.moment(one.counted_at) if one.counted_at else ""),
                    (t("Looked at next"), formats.moment(one.due_at) if one.due_at else ""),
                    (t("Made"), formats.moment(detail.created_at)),
                    (t("Changed"), formats.moment(detail.updated_at)),
                ]
            )

    def _used_by(self, users: Users) -> None:
        t = self.visitor.t
        with card(t("Used by")), block("cz-pad cz-stack cz-tight"):
            if not users:
                words(t("Nothing uses it yet. A flow can start from it."), "cz-soft cz-small")
            for name in users.flows:
                anchor(f"/flows/{name}", t("Flow {name}", name=name))
            for name in users.segments:
                anchor(address_of(name), t("Segment {name}", name=name))
            if users.unnamed_flows:
                said = t.n("{count} flow", "{count} flows", users.unnamed_flows)
                words(said, "cz-soft cz-small")

    def _over_time(self, days: Any) -> None:
        t, formats = self.visitor.t, self.visitor.formats
        if sum(1 for one in days if one.members) < 2:
            return  # one day is no line yet
        Chart(
            t("Members over time"),
            "line",
            [Series(t("Members"), [one.members for one in days])],
            [formats.day(one.day) for one in days],
            t=t,
            dark=bool(current().dark),
            height=200,
            file_name=f"segment-{self.name}",
        )

"""Giving a person's work to others: who takes what, counted first, and giving it back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.people.handover_words import BACKS, HANDOVER_STATES, KINDS, WAYS, summary
from designer.people.moments import BadMoment, day_field, day_of
from designer.people.names import name_of
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.terms import toned
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, card, chip, words
from engine.errors import CadenzaError, NotSignedIn
from engine.people import Directory, Person
from engine.services import handover
from engine.services.actor import Actor, Kind, may
from engine.services.handover import Handed, HandoverSeen, Plan, Preview
from engine.services.work import Work, working

_NEEDS: Final[Mapping[Handed, Kind]] = {
    Handed.CONTACT: "contact",
    Handed.DEAL: "deal",
    Handed.TICKET: "ticket",
    Handed.TASK: "activity",
    Handed.APPROVAL: "approval",
    Handed.CASE: "escalation",
}
_NO_COUNTRY: Final = (Handed.APPROVAL, Handed.CASE)


def kinds_for(actor: Actor) -> list[Handed]:
    """What this person may hand over."""
    return [kind for kind in Handed if may(actor, "edit", _NEEDS[kind])]


class HandoverCard:
    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        person: Person,
        people: Directory,
        before: list[HandoverSeen],
    ) -> None:
        self._designer, self._visitor = designer, visitor
        self._person, self._people = person, people
        t = visitor.t
        own = visitor.somebody.id == person.id
        self._may = own or may(visitor.somebody, "edit", "team")
        with card(t("Hand their work over") if not own else t("Hand my work over")) as place:
            place.props["id"] = "handover"
            place.mark("handover")
            for one in before[:5]:
                self._past(one)
            if self._may and not any(one.state in ("running", "returning") for one in before):
                self._form()

    def _form(self) -> None:
        t, visitor = self._visitor.t, self._visitor
        self._kinds: dict[Handed, ui.checkbox] = {}
        with block("cz-pad cz-stack ppl-form"):
            with block("cz-row ppl-kinds"):
                for kind in kinds_for(visitor.somebody):
                    box = ui.checkbox(t(KINDS[kind]), value=True)
                    self._kinds[kind] = box.mark(f"hand-{kind.value}")
            takers = {
                one.email or "": one.name
                for one in self._people.people.values()
                if one.active and one.email and one.id != self._person.id
            }
            takers |= {f"team:{name}": t("Team: {name}", name=name) for name in self._people.teams}
            self._to = ui.select(takers, label=t("To whom"), multiple=True)
            self._to.props("use-chips use-input input-debounce=0").mark("hand-to")
            ways = {key.value: t(said) for key, said in WAYS.items()}  # type: ignore[attr-defined]
            self._way = ui.select(ways, label=t("Dealt out"), value="evenly").mark("hand-way")
            self._back = day_field(t("Give it back on (if they return)")).mark("hand-back")
            self._note = ui.input(t("Why (for those who look later)"))
            self._note.props(f"maxlength={handover.LONGEST_NOTE}")
            for field in (self._to, self._way, self._note):
                field.props("outlined dense").classes("cz-field full-width")
            with block("cz-row"):
                plain_button(t("Count it first"), self._look, symbol="preview").mark("hand-look")
            self._shown = block("cz-stack").mark("hand-preview")
            self._shown.props["aria-live"] = "polite"

    def _shares(self) -> dict[str, Any]:
        to = [str(one) for one in self._to.value or ()]
        single = len(to) == 1 and not to[0].startswith("team:")
        shares: dict[str, Any] = {}
        for kind, box in self._kinds.items():
            if not box.value:
                continue
            share: dict[str, Any] = {"to": to}
            way = str(self._way.value)
            if not single:
                share["way"] = "evenly" if not _fits(kind, way) else way
            shares[kind.value] = share
        return shares

    async def _look(self) -> None:
        shares = self._shares()

        async def ask(work: Work, actor: Actor) -> None:
            found = await handover.preview(work, actor, self._person.id, shares)
            self._show(found, shares)

        self._shown.clear()
        await self._done(ask)

    def _show(self, found: Preview, shares: Mapping[str, Any]) -> None:
        t, total = self._visitor.t, sum(one.count for one in found.kinds)
        with self._shown:
            for one in found.kinds:
                self._kind_line(one)
            for user_id in found.absent:
                words(t("{name} is away now.", name=name_of(self._people, user_id)), "cz-warn")
            if found.following_runs:
                said = t.n(
                    "{count} run follows its contact by itself.",
                    "{count} runs follow their contacts by themselves.",
                    found.following_runs,
                )
                words(said, "cz-soft cz-small")
            if not total:
                words(t("There is nothing to hand over."), "cz-soft")
                return
            name = t.n("Hand {count} over", "Hand {count} over", total)
            go = plain_button(name, None, main=True, symbol="move_down")
            go.mark("hand-start").on("click", partial(self._start, dict(shares)), args=[])

    def _kind_line(self, one: handover.KindPreview) -> None:
        t = self._visitor.t
        with block("ppl-hand"):
            words(f"{t(KINDS[one.kind])}: {one.count:,}", "cz-strong")
            takers = ", ".join(
                f"{name_of(self._people, taker)}: {count:,}" for taker, count in one.takers.items()
            )
            words(takers, "cz-small")
            if one.samples:
                such = ", ".join(sample.label for sample in one.samples if sample.label)
                words(t("such as {labels}", labels=such), "cz-soft cz-small")

    async def _start(self, shares: Mapping[str, Any]) -> None:
        t = self._visitor.t
        try:
            back = day_of(self._back.value) if self._back.value else None
        except BadMoment as error:
            with self._shown:
                words(t(error.message), "cz-bad")
            return
        note = str(self._note.value or "").strip() or None
        plan = Plan(self._person.id, shares, back, note)

        async def begin(work: Work, actor: Actor) -> None:
            await handover.start(work, actor, plan)

        if await self._done(begin):
            self._designer.runtime.pokes.assignments()
            ui.navigate.reload()

    async def _done(self, deed: Callable[[Work, Actor], Awaitable[None]]) -> bool:
        designer, runtime = self._designer, self._designer.runtime
        try:
            actor = await designer.actor(self._visitor.token)
            now = designer.now()
            async with working(runtime.store, runtime.shared, runtime.pokes, now) as work:
                await deed(work, actor)
        except NotSignedIn:
            ask_to_sign_in()
            return False
        except CadenzaError as error:
            with self._shown:
                words(all_words(error, self._visitor.t), "cz-bad")
            return False
        return True

    def _past(self, one: HandoverSeen) -> None:
        t, formats = self._visitor.t, self._visitor.formats
        with block("ppl-away").mark(f"handover-{one.id}"):
            with block("cz-grow"):
                with block("cz-row cz-tight"):
                    chip(*toned(HANDOVER_STATES, one.state, t))
                    words(formats.moment(one.created_at), "cz-soft cz-small")
                words(summary(one, t))
                if one.return_at is not None and one.ended_at is None:
                    day = formats.date_of(one.return_at)
                    words(t("Goes back on {day}.", day=day), "cz-soft cz-small")
                if one.note:
                    words(one.note, "cz-soft cz-small")
            if self._may:
                self._past_buttons(one)

    def _past_buttons(self, one: HandoverSeen) -> None:
        t = self._visitor.t
        if one.state in ("running", "returning"):
            asking_button(
                t,
                "stop_circle",
                t("Stop it"),
                t("Give nothing more?"),
                t("What changed hands stays where it is and can be given back."),
                partial(self._past_deed, handover.cancel, one.id),
            )
        elif one.state in ("done", "cancelled") and self._person.active:
            plain_button(t("Give it back"), partial(self._ask_back, one.id), symbol="undo").mark(
                f"give-back-{one.id}"
            )

    async def _ask_back(self, number: int) -> None:
        """Says what would come back before it does."""
        designer, runtime, t = self._designer, self._designer.runtime, self._visitor.t
        now = designer.now()
        async with working(runtime.store, runtime.shared, runtime.pokes, now) as work:
            found = await handover.preview_return(work, self._visitor.somebody, number)
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(t("Give the work back now?"), "cz-h2", tag="h2")
            for kind, counts in found.kinds.items():
                said = ", ".join(f"{count:,} {t(BACKS[back])}" for back, count in counts.items())
                words(f"{t(KINDS[kind])}: {said or '0'}", tag="p")
            problem = words("", "cz-bad")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), dialog.close)
                go = plain_button(t("Give it back"), None, main=True).mark("confirm-give-back")

        async def confirmed() -> None:
            try:
                await self._past_deed(handover.give_back, number)
            except NotSignedIn:
                ask_to_sign_in()
            except CadenzaError as error:
                problem.set_text(all_words(error, t))

        go.on("click", confirmed, args=[])
        dialog.open()

    async def _past_deed(
        self, deed: Callable[[Work, Actor, int], Awaitable[None]], number: int
    ) -> None:
        designer, runtime = self._designer, self._designer.runtime
        actor = await designer.actor(self._visitor.token)
        now = designer.now()
        async with working(runtime.store, runtime.shared, runtime.pokes, now) as work:
            await deed(work, actor, number)
        runtime.pokes.assignments()
        ui.navigate.reload()


def _fits(kind: Handed, way: str) -> bool:
    if way == "with_contact":
        return kind not in (*_NO_COUNTRY, Handed.CONTACT)
    return way != "territory" or kind not in _NO_COUNTRY

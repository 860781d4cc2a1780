"""Refused events as a list: reason, body, and what can be done about each or all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.components.filter_tabs import address
from designer.runtime import Designer
from designer.sources.terms import DOORS, STATES
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from designer.widgets import anchor, block, chip, words
from engine.errors import Problem, Refused
from engine.services.dead_letters import KnownLetter, LetterCount, drop_letters
from engine.services.dead_letters.keeping import MOST_BYTES
from engine.services.dead_letters.replaying import Replaying
from engine.services.events import Intake

PATH: Final = "/dead-letters"
_MOST_REASONS: Final = 12
_BEGINNING: Final = 240


class LetterDeeds:
    def __init__(self, designer: Designer, visitor: Visitor) -> None:
        self._designer, self._visitor = designer, visitor

    def for_all(self, source: str | None, code: str | None) -> None:
        t = self._visitor.t
        which = source or t("all sources")
        asking_button(
            t,
            "replay",
            t("Take all again"),
            t("Take what waits of {source} again?", source=which),
            t(
                "Each is read anew, with the mapping of today. What is in order becomes an event "
                "once; the rest waits on, with its reason."
            ),
            lambda: self._take_all(source, code),
            main=True,
        )
        asking_button(
            t,
            "delete_sweep",
            t("Drop all"),
            t("Drop what waits of {source}?", source=which),
            t("Nothing of it becomes an event. It can be read here for a month."),
            lambda: self._drop_all(source, code),
        )

    async def _take_all(self, source: str | None, code: str | None) -> None:
        t = self._visitor.t
        actor = await self._designer.actor(self._visitor.token)
        done = await self._replaying().many(actor, self._designer.now(), source=source, code=code)
        self._designer.runtime.pokes.dispatch(done.partitions)
        if done.refused:
            taken = t.n("{count} event was taken.", "{count} events were taken.", done.taken)
            rest = t.n("{count} waits on.", "{count} wait on.", done.refused)
            reasons = "; ".join(dict.fromkeys(str(one) for one in done.problems[:3]))
            raise Refused(f"{taken} {rest} {reasons}")
        ui.navigate.to(f"{PATH}?state=replayed")

    async def _drop_all(self, source: str | None, code: str | None) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await drop_letters(session, actor, self._designer.now(), source=source, code=code)
        ui.navigate.to(f"{PATH}?state=dropped")

    async def take(self, letter: KnownLetter) -> None:
        actor = await self._designer.actor(self._visitor.token)
        done = await self._replaying().one(actor, letter.id, self._designer.now())
        self._designer.runtime.pokes.dispatch(done.partitions)
        ui.navigate.reload()

    def mend(self, letter: KnownLetter) -> None:
        t = self._visitor.t

        async def taken(given: dict[str, str]) -> None:
            actor = await self._designer.actor(self._visitor.token)
            body = given["body"]
            if len(body.encode("utf-8", "replace")) > MOST_BYTES * 4:
                raise Refused(
                    "It was not taken.", [Problem("body", "too_large", t("This is too long."))]
                )
            try:
                done = await self._replaying().one(
                    actor, letter.id, self._designer.now(), body=body
                )
            except Refused as refused:
                problems = [Problem("body", one.code, str(one)) for one in refused.problems]
                raise Refused(refused.message, problems) from refused
            self._designer.runtime.pokes.dispatch(done.partitions)
            ui.navigate.reload()

        FormDialog(
            t,
            t("Mend and take"),
            letter.message,
            [Blank("body", t("What was sent"), letter.body, lines=True)],
            t("Take this"),
            taken,
            mark="mend",
        )

    async def drop(self, letter: KnownLetter) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            await drop_letters(session, actor, self._designer.now(), letter_id=letter.id)
        ui.navigate.reload()

    def _replaying(self) -> Replaying:
        runtime = self._designer.runtime
        intake = Intake(runtime.store, runtime.settings.drivers.dispatch_partitions)
        return Replaying(runtime.store, intake, MOST_BYTES)


class LetterList:
    @staticmethod
    def reasons(
        visitor: Visitor, counted: Sequence[LetterCount], source: str | None, code: str | None
    ) -> None:
        """What waits, by source and reason; each narrows the list."""
        t = visitor.t
        with block("cz-row"):
            if source or code:
                anchor(PATH, t("All"), "cz-button")
            for one in counted[:_MOST_REASONS]:
                chosen = (one.source, one.code) == (source, code)
                link = address(PATH, {"source": one.source, "code": one.code})
                name = f"{one.source}: {one.code} ({visitor.formats.number(one.count)})"
                anchor(link, name, "cz-button is-main" if chosen else "cz-button")

    @staticmethod
    def letter(visitor: Visitor, one: KnownLetter, deeds: LetterDeeds | None) -> None:
        t, formats = visitor.t, visitor.formats
        with block("cz-src__letter", tag="article").mark(f"letter-{one.id}"):
            with block("cz-row"):
                with block("cz-grow"):
                    with block("cz-row"):
                        chip(one.code, "bad" if one.state == "waiting" else "plain")
                        if one.source.startswith("hook:"):
                            anchor(f"/sources/hooks/{one.source[5:]}", one.source, "cz-strong")
                        else:
                            words(one.source, "cz-strong")
                        words(t(DOORS.get(one.door, one.door)), "cz-soft cz-small")
                    words(one.message, tag="p")
                    LetterList._when(visitor, one, formats.moment(one.received_at))
                if deeds is not None and one.state == "waiting":
                    LetterList._buttons(visitor, one, deeds)
            for problem in one.problems[1:]:
                words(str(problem), "cz-warn cz-small", tag="p")
            with ui.element("details"):
                short = " ".join(one.body.split())[:_BEGINNING]
                words(short or t("Nothing of it could be kept."), "cz-soft cz-small", "summary")
                words(one.body, "cz-code cz-src__lines", tag="pre")
            if one.cut:
                words(
                    t("It was too large to be kept whole; only its beginning is here."),
                    "cz-warn cz-small",
                    tag="p",
                )

    @staticmethod
    def _when(visitor: Visitor, one: KnownLetter, received: str) -> None:
        t, formats = visitor.t, visitor.formats
        said = [received]
        if one.seen > 1:
            last = formats.moment(one.last_seen_at)
            said.append(t("came {count} times, last {when}", count=one.seen, when=last))
        if one.settled_at is not None:
            who = one.settled_by or ""
            when = formats.moment(one.settled_at)
            said.append(t(STATES.get(one.state, one.state)))
            said.append(t("{when} by {who}", when=when, who=who))
        words(" · ".join(said), "cz-soft cz-small", tag="div")

    @staticmethod
    def _buttons(visitor: Visitor, one: KnownLetter, deeds: LetterDeeds) -> None:
        t = visitor.t
        with block("cz-row"):
            if not one.cut:
                with block().mark(f"take-{one.id}"):
                    asking_button(
                        t,
                        "replay",
                        t("Take again"),
                        t("Take it again?"),
                        t("It is read anew, with the mapping of today."),
                        lambda: deeds.take(one),
                    )
            plain_button(t("Mend"), lambda: deeds.mend(one), symbol="edit").mark(f"mend-{one.id}")
            with block().mark(f"drop-{one.id}"):
                asking_button(
                    t,
                    "delete",
                    t("Drop"),
                    t("Drop it?"),
                    t("It does not become an event. It can be read here for a month."),
                    lambda: deeds.drop(one),
                )

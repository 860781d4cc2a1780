"""Deciding about arms and audiences of a flow, each after saying what it does to people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from designer.asking import asking_button
from designer.runtime import Designer
from designer.visitor import Visitor
from engine.services import enrolments
from engine.services.actor import Actor
from engine.services.goals.winners import choose_winner, withdraw

Deed = Callable[[Any, Actor], Awaitable[int | None]]


class GoalActions:
    def __init__(self, designer: Designer, visitor: Visitor, name: str) -> None:
        self._designer = designer
        self._visitor = visitor
        self._name = name

    def winner_button(self, node: str, arm: str) -> None:
        t = self._visitor.t

        async def choose(session: Any, actor: Actor) -> None:
            plans, now = self._designer.plans, self._designer.now()
            await choose_winner(session, actor, plans, self._name, node, arm, now)

        self._button(
            "emoji_events",
            t("Let “{arm}” win", arm=arm),
            t("Let everybody go by this arm?"),
            t("Everybody who comes to this step goes by it. Those inside stay where they are."),
            choose,
        )

    def withdraw_button(self, node: str) -> None:
        t = self._visitor.t

        async def take_back(session: Any, actor: Actor) -> None:
            plans, now = self._designer.plans, self._designer.now()
            await withdraw(session, actor, plans, self._name, node, now)

        self._button(
            "undo",
            t("Take the decision back"),
            t("Let chance part people again?"),
            t("New people are parted by the weights. The test does not decide again by itself."),
            take_back,
        )

    def enrol_button(self) -> None:
        t = self._visitor.t

        async def enrol(session: Any, actor: Actor) -> int:
            plans, now = self._designer.plans, self._designer.now()
            line = await enrolments.start_enrolment(session, actor, plans, self._name, now=now)
            return line.id

        self._button(
            "group_add",
            t("Let the audience in"),
            t("Let the whole audience in now?"),
            t("Everybody enters whom the flow's audience finds now and who may enter again."),
            enrol,
        )

    def pause_enrolment_button(self) -> None:
        t = self._visitor.t

        async def pause(session: Any, actor: Actor) -> None:
            await enrolments.pause_enrolment(session, actor, self._name)

        self._button(
            "pause",
            t("Let nobody more in for now"),
            t("Pause this audience?"),
            t("Nobody more enters until you resume it. Those inside go on."),
            pause,
        )

    def resume_enrolment_button(self) -> None:
        t = self._visitor.t

        async def resume(session: Any, actor: Actor) -> int:
            now = self._designer.now()
            return (await enrolments.resume_enrolment(session, actor, self._name, now)).id

        self._button(
            "play_arrow",
            t("Go on letting people in"),
            t("Go on with this audience?"),
            t("It goes on where it stopped."),
            resume,
        )

    def cancel_enrolment_button(self, entered: int) -> None:
        t = self._visitor.t

        async def cancel(session: Any, actor: Actor) -> None:
            await enrolments.cancel_enrolment(session, actor, self._name, self._designer.now())

        self._button(
            "cancel",
            t("Cancel this audience"),
            t("Let nobody more of this audience in?"),
            t.n(
                "{count} person who has entered goes on.",
                "{count} people who have entered go on.",
                entered,
            ),
            cancel,
        )

    def _button(self, symbol: str, name: str, question: str, consequence: str, deed: Deed) -> None:
        async def done() -> None:
            designer = self._designer
            actor = await designer.actor(self._visitor.token)
            async with designer.transaction() as session:
                enrolment_id = await deed(session, actor)
            if enrolment_id is not None:
                designer.runtime.pokes.audience(enrolment_id)
            designer.pulses.clear()
            ui.navigate.to(f"/flows/{self._name}?view=results")

        asking_button(self._visitor.t, symbol, name, question, consequence, done)

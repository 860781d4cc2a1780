"""Channels as cards: state, what goes by them, and trying, pausing and removing them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.i18n.translator import N_
from designer.runtime import Designer
from designer.system.form_dialog import Blank, FormDialog
from designer.visitor import Visitor
from designer.widgets import block, card, chip, facts, icon, words
from engine.channels.base import ChannelError
from engine.errors import Refused, Unavailable
from engine.services import channels as service
from engine.services.actor import may
from engine.services.channels import DEFAULT, Channels, Identity, KnownChannel

_MEDIA: Final = {
    "email": N_("E-mail"),
    "sms": N_("SMS"),
    "chat": N_("Chat"),
    "webhook": N_("Webhook"),
}
_ICONS: Final = {"email": "mail", "sms": "sms", "chat": "chat", "webhook": "webhook"}


class ChannelCards:
    def __init__(self, designer: Designer, visitor: Visitor) -> None:
        self._designer, self._visitor = designer, visitor
        self._manages = may(visitor.somebody, "manage", "channel")

    def default(self, known: KnownChannel | None) -> None:
        """The one that the environment names, with its limits where it has some."""
        t, name = self._visitor.t, self._designer.runtime.channel.name
        with card() as place:
            place.mark("channel-default")
            self._head("mail", t("The usual channel"), known is None or known.enabled)
            facts(
                [
                    (t("Kind"), name),
                    (t("Writes to"), t("E-mail")),
                    *self._limits(known),
                    (t("Chosen by"), "DELIVERY_CHANNEL"),
                ]
            )
            self._deeds(DEFAULT, t("The usual channel"), known, room=False)

    def named(self, known: KnownChannel) -> None:
        t = self._visitor.t
        with card() as place:
            place.mark(f"channel-{known.name}")
            self._head(_ICONS.get(known.medium, "send"), known.name, known.enabled)
            medium = t(_MEDIA[known.medium]) if known.medium in _MEDIA else known.medium
            facts(
                [
                    (t("Kind"), known.kind),
                    (t("Writes to"), medium),
                    (t("Usual sender"), known.identity or ""),
                    *self._limits(known),
                    *((key, _shown(value)) for key, value in sorted(known.settings.items())),
                    (
                        t("Changed"),
                        t(
                            "{when} by {who}",
                            when=self._visitor.formats.moment(known.changed_at),
                            who=known.changed_by,
                        ),
                    ),
                ]
            )
            self._deeds(known.name, known.name, known, room=known.medium == "chat")

    def _head(self, symbol: str, name: str, enabled: bool) -> None:
        t = self._visitor.t
        with block("cz-card__head"):
            icon(symbol, "20px")
            words(name, "cz-h2", tag="h2")
            chip(t("In use"), "good") if enabled else chip(t("Paused"), "warn")

    def _limits(self, known: KnownChannel | None) -> list[tuple[str, str]]:
        t = self._visitor.t
        if known is None:
            return [(t("Limits"), t("none"))]
        limits = known.limits
        said = []
        if limits.per_second is not None:
            said.append(t("{rate} a second at most", rate=f"{limits.per_second:g}"))
        said += [f"{domain}: {rate:g}/s" for domain, rate in sorted(limits.domain_rates.items())]
        if limits.warm_up is not None:
            today = self._designer.now().date()
            most = limits.warm_up.most_on(today)
            if most is not None:
                count = self._visitor.formats.number(most)
                said.append(t("warming up, {count} today at most", count=count))
        return [(t("Limits"), " · ".join(said) or t("none"))]

    def _deeds(self, name: str, shown: str, known: KnownChannel | None, *, room: bool) -> None:
        if not self._manages:
            return
        t = self._visitor.t
        with block("cz-row cz-pad"):
            test = plain_button(
                t("Send a test"), lambda: self._test(name, shown, room), symbol="send"
            )
            test.mark(f"channel-test-{name}")
            if known is None or known.enabled:
                asking_button(
                    t,
                    "pause_circle",
                    t("Pause"),
                    t("Pause “{channel}”?", channel=shown),
                    t(
                        "Its messages wait from now on, and are withheld once they have waited too "
                        "long. What is being handed over is not stopped."
                    ),
                    self._deed(service.pause_channel, name),
                )
            else:
                asking_button(
                    t,
                    "play_circle",
                    t("Resume"),
                    t("Resume “{channel}”?", channel=shown),
                    t("What waits for it goes within five minutes."),
                    self._deed(service.resume_channel, name),
                )
            if name != DEFAULT:
                asking_button(
                    t,
                    "delete",
                    t("Remove"),
                    t("Remove “{channel}”?", channel=shown),
                    t(
                        "Its secrets are forgotten, and people whose next message would go by it "
                        "are held. This cannot be taken back."
                    ),
                    self._remove(name),
                )

    def _test(self, name: str, shown: str, room: bool) -> None:
        t = self._visitor.t
        hint = (
            t("Leave it empty for a channel that writes to a room.")
            if room
            else t("An e-mail address, or a number with its country for SMS.")
        )
        FormDialog(
            t,
            t("Send a test by “{channel}”", channel=shown),
            t("A few words are really sent. Nothing is written down about it."),
            [Blank("to", t("To"), hint=hint)],
            t("Send a test"),
            lambda given: self._send(name, given["to"].strip()[:320]),
        )

    async def _send(self, name: str, to: str) -> None:
        designer = self._designer
        actor = await designer.actor(self._visitor.token)
        channel = designer.runtime.channel
        if not isinstance(channel, Channels):
            raise Unavailable("This process hands no messages over.")
        async with designer.transaction() as session:
            await channel.refresh(session)
        try:
            sender = designer.runtime.sender_settings.sender
            await service.try_channel(channel, actor, name, to or None, sender)
        except ChannelError as error:
            raise Refused(f"{error.reason} ({error.code})") from error
        ui.notify(self._visitor.t("The test was accepted."), type="positive")

    def _deed(
        self, what: Callable[..., Awaitable[None]], name: str
    ) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            designer = self._designer
            actor = await designer.actor(self._visitor.token)
            async with designer.transaction() as session:
                await what(session, actor, name, designer.now())
            ui.navigate.reload()

        return deed

    def _remove(self, name: str) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            actor = await self._designer.actor(self._visitor.token)
            async with self._designer.transaction() as session:
                await service.remove_channel(session, actor, name)
            ui.navigate.reload()

        return deed


def senders_card(found: Sequence[Identity], visitor: Visitor) -> None:
    """Who messages may come from, by name."""
    t = visitor.t
    with card(t("Senders")):
        if not found:
            words(
                t("No sender has a name of its own: messages come from MAIL_FROM."),
                "cz-soft cz-pad",
                tag="p",
            )
            return
        columns = [
            Column(t("Called")),
            Column(t("From"), wraps=True),
            Column(t("Answers to")),
        ]
        rows = [
            Row(
                (
                    Cell(one.slug),
                    Cell(one.sender.address, sub=one.sender.name or ""),
                    Cell(one.sender.reply_to or ""),
                )
            )
            for one in found
        ]
        DataTable(t("Senders"), columns, rows)


def _shown(value: Any) -> str:
    return str(value)[:300]

"""Send one message to the run's subject."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.effects import SEND_MESSAGE, Outcome, Receipt
from engine.flows.mentions import Mention
from engine.steps.base import Place, Step, step
from engine.steps.field_types import Slug
from engine.steps.form import hints
from engine.steps.moves import Hold, Leave, Move, Perform
from engine.steps.words import Words

_EXITS = {
    Outcome.DONE: "sent",
    Outcome.MAYBE_DONE: "sent",
    Outcome.REFUSED: "undeliverable",
    Outcome.GAVE_UP: "undeliverable",
    Outcome.WITHHELD: "withheld",
}


@step(
    "send_message",
    label=Words("Send a message", "发送消息"),
    help=Words(
        "Send a message from a template, once each time somebody comes here.",
        "按模板发送一条消息；每次到达此处只发送一次。",
    ),
    icon="mail",
    exits=("sent", "undeliverable", "withheld"),
    exit_labels={
        "sent": Words("sent", "已发送"),
        "undeliverable": Words("could not be delivered", "无法送达"),
        "withheld": Words("not allowed to send", "不允许发送"),
    },
)
class SendMessage(Step):
    """Hand the template to a channel, once per visit: the named one, else the default one. Who
    writes is the step's `sender`, else the template's, else the channel's, else MAIL_FROM.

    A message that may have been sent counts as sent: nobody gets it twice for the sake of a clear
    record. A message that cannot be made at all (its template is gone or fails) holds the run.
    """

    template: Slug = Field(
        title="Template",
        description="The message to send.",
        json_schema_extra=hints("模板", "要发送的消息。", "template_picker"),
    )

    channel: Slug | None = Field(
        None,
        title="Channel",
        description="By which channel, when not by the default one.",
        json_schema_extra=hints("渠道", "使用的渠道；留空则用默认渠道。", "text"),
    )
    sender: Slug | None = Field(
        None,
        title="Sender",
        description="Who it comes from, when not whom the template names.",
        json_schema_extra=hints("发件人", "发件身份；留空则按模板设置。", "text"),
    )

    def summary(self) -> Words:
        if self.channel is not None:
            words = f"{self.template} · {self.channel}"
            return Words(words, words)
        return Words(self.template, self.template)

    def mentions(self) -> tuple[Mention, ...]:
        channel = () if self.channel is None else (Mention("channel", self.channel, ("channel",)),)
        sender = () if self.sender is None else (Mention("sender", self.sender, ("sender",)),)
        return channel + sender

    def templates(self) -> tuple[str, ...]:
        return (self.template,)

    def enter(self, here: Place) -> Move:
        named = {"channel": self.channel, "sender": self.sender}
        ask = {"template": self.template} | {key: one for key, one in named.items() if one}
        return Perform(SEND_MESSAGE, ask, ask)

    def answered(self, here: Place, receipt: Receipt) -> Move:
        if receipt.outcome is Outcome.CANNOT:
            return Hold("message_cannot_be_made", _complaint(self.template, receipt))
        why: dict[str, Any] = {"outcome": receipt.outcome.value}
        if receipt.reason is not None:
            why["reason"] = receipt.reason
        if receipt.message_id is not None:
            why["message_id"] = receipt.message_id
        return Leave(_EXITS[receipt.outcome], why)


def _complaint(template: str, receipt: Receipt) -> str:
    said = receipt.details.get("message") or receipt.reason or "no reason was given"
    if receipt.reason in ("unknown_channel", "unknown_sender"):
        return f'The message "{template}" cannot go. {said}'
    return f'The message "{template}" cannot be made: {said}. Mend the template, then retry.'

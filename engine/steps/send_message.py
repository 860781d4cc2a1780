"""Send one message to the run's subject."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.effects import SEND_MESSAGE, Outcome, Receipt
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
    """Hand the template to the subject's channel, once per visit.

    A message that may have been sent counts as sent: nobody gets it twice for the sake of a clear
    record. A message that cannot be made at all (its template is gone or fails) holds the run.
    """

    template: Slug = Field(
        title="Template",
        description="The message to send.",
        json_schema_extra=hints("模板", "要发送的消息。", "template_picker"),
    )

    def summary(self) -> Words:
        return Words(self.template, self.template)

    def templates(self) -> tuple[str, ...]:
        return (self.template,)

    def enter(self, here: Place) -> Move:
        return Perform(SEND_MESSAGE, {"template": self.template}, {"template": self.template})

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
    return f'The message "{template}" cannot be made: {said}. Mend the template, then retry.'

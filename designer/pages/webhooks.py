"""Systems that are told what happens."""

from __future__ import annotations

from starlette.requests import Request

from designer.page import page
from designer.runtime import Designer
from designer.visitor import current
from designer.webhooks.log_card import SHOWN_STATES, DeliveryRoom, LogPlace
from designer.webhooks.rooms import WebhookList, WebhookRoom
from designer.webhooks.wordings import ROOM
from engine.services.actor import allowed


def register(designer: Designer) -> None:
    @page(ROOM)
    async def webhooks() -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "webhook")
        await WebhookList(designer, visitor).build()

    @page(f"{ROOM}/{{webhook_id}}")
    async def webhook(webhook_id: int, request: Request) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "webhook")
        asked = request.query_params
        state = asked.get("state", "")
        place = LogPlace(
            state if state in SHOWN_STATES else "",
            _number(asked.get("before")),
            _number(asked.get("after")),
        )
        await WebhookRoom(designer, visitor, webhook_id, place).build()

    @page(f"{ROOM}/{{webhook_id}}/deliveries/{{delivery_id}}")
    async def delivery(webhook_id: int, delivery_id: int) -> None:
        visitor = current()
        allowed(visitor.somebody, "read", "webhook")
        await DeliveryRoom(designer, visitor, webhook_id, delivery_id).build()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None

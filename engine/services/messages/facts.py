"""What templates may read of a contact, and the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.recipients import Recipient
from engine.services.messages.asks import SenderSettings


def facts_of(recipient: Recipient, settings: SenderSettings) -> dict[str, Any]:
    """Plain data under the names of the fact catalogue, with the sender's own."""
    return {
        "contact": recipient.contact,
        "account": None if recipient.account is None else _account(recipient.account),
        "sender": _sender(settings),
    }


def _account(columns: Mapping[str, Any]) -> dict[str, Any]:
    account = dict(columns)
    minor, currency = account.pop("annual_revenue_minor", None), account.pop("currency", None)
    account["annual_revenue"] = (
        None if minor is None or currency is None else {"minor": minor, "currency": currency}
    )
    return account


def _sender(settings: SenderSettings) -> dict[str, Any]:
    return {
        "name": settings.sender.name or settings.sender.address,
        "address": settings.sender.address,
        "website": settings.website,
        "postal_address": settings.postal_address,
    }

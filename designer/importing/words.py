"""What kinds of files, their fields and the fates of lines are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator
from designer.records.words import FIELD_NAMES
from designer.tone import Tone
from engine.services.custom_fields import DefinedField

KIND_NAMES: Final[Mapping[str, str]] = {
    "contacts": N_("Contacts"),
    "accounts": N_("Accounts"),
    "deals": N_("Deals"),
    "orders": N_("Orders"),
    "products": N_("Products"),
    "users": N_("Our people"),
    "tickets": N_("Tickets"),
}
NOUNS: Final[Mapping[str, str]] = {
    "contact": "contacts",
    "account": "accounts",
    "deal": "deals",
    "order": "orders",
    "product": "products",
    "user": "users",
    "ticket": "tickets",
}
FATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "created": (N_("New"), "good"),
    "updated": (N_("Changes"), "accent"),
    "unchanged": (N_("Stays as it is"), "plain"),
    "repeated": (N_("Said before"), "plain"),
    "rejected": (N_("Not taken"), "bad"),
}
_FIELDS: Final[Mapping[str, str]] = {
    **FIELD_NAMES,
    "account": N_("Account"),
    "owner": N_("Owner"),
    "contact": N_("Contact"),
    "annual_revenue": N_("Annual revenue"),
    "currency": N_("Currency"),
    "parent": N_("Parent account"),
    "product": N_("Product"),
    "stage": N_("Stage"),
    "amount": N_("Amount"),
    "forecast_category": N_("Forecast"),
    "expected_close_on": N_("Expected close"),
    "lost_reason": N_("Why it was lost"),
    "placed_at": N_("Placed"),
    "total": N_("Total"),
    "item_count": N_("Items"),
    "family": N_("Family"),
    "sku": N_("Article number"),
    "price": N_("Price"),
    "series": N_("Series"),
    "role": N_("Role"),
    "team": N_("Team"),
    "manager": N_("Manager"),
    "active": N_("Active"),
}


def field_words(name: str, custom: Mapping[str, DefinedField], t: Translator) -> str:
    own = custom.get(name.removeprefix("custom.")) if name.startswith("custom.") else None
    if own is not None:
        return (own.label_zh or own.label) if t.short == "zh" else own.label
    return t(_FIELDS[name]) if name in _FIELDS else name.replace("_", " ")

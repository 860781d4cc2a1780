"""What signatures, converters and kinds of fields are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_

SIGNATURES: Final[Mapping[str, str]] = {
    "standard": N_("Standard Webhooks"),
    "github": N_("As GitHub signs"),
    "shopify": N_("As Shopify signs"),
    "stripe": N_("As Stripe signs"),
    "slack": N_("As Slack signs"),
    "hmac_hex": N_("HMAC-SHA256 in hex, header of their own"),
    "hmac_base64": N_("HMAC-SHA256 in base64, header of their own"),
    "token": N_("A secret word in a header (not signed)"),
}
CONVERTS: Final[Mapping[str, str]] = {
    "as_is": N_("As it is"),
    "text": N_("Text"),
    "lower": N_("Text in small letters"),
    "number": N_("Number (1234.50)"),
    "number_comma": N_("Number (1.234,50)"),
    "whole": N_("Whole number"),
    "yes_no": N_("Yes or no"),
    "time": N_("Time (ISO 8601)"),
    "unix_seconds": N_("Time (seconds since 1970)"),
    "unix_millis": N_("Time (milliseconds since 1970)"),
    "date": N_("Date (2026-03-31)"),
    "date_dmy": N_("Date (31.03.2026)"),
    "date_mdy": N_("Date (03/31/2026)"),
    "date_compact": N_("Date (20260331)"),
    "money_major": N_("Money (12.50)"),
    "money_minor": N_("Money in cents (1250)"),
    "split": N_("Several words (a, b)"),
}
NAMES: Final[Mapping[str, str]] = {
    "email": N_("E-mail address"),
    "user_id": N_("User id"),
    "anonymous_id": N_("Visitor id"),
}
FORM_KINDS: Final[Mapping[str, str]] = {
    "text": N_("Text"),
    "long_text": N_("Longer text"),
    "email": N_("Another e-mail address"),
    "phone": N_("Phone number"),
    "date": N_("Date"),
    "number": N_("Number"),
    "choice": N_("Choice from a list"),
    "tick": N_("Box to tick"),
}
DOORS: Final[Mapping[str, str]] = {
    "call": N_("Call of a client"),
    "document": N_("Document of a webhook"),
    "body": N_("Whole body"),
    "event": N_("CloudEvent"),
}
STATES: Final[Mapping[str, str]] = {
    "waiting": N_("Waiting"),
    "replayed": N_("Taken after all"),
    "dropped": N_("Dropped"),
}

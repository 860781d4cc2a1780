"""The words for states of subscriptions and deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator
from designer.tone import Tone
from engine.services.subscriptions import SubscriptionRow

ROOM: Final = "/webhooks"
STYLE: Final = "webhooks.css"
DELIVERY_STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "unchecked": (N_("Rule not asked yet"), "plain"),
    "waiting": (N_("Waiting"), "accent"),
    "handing_over": (N_("On its way"), "accent"),
    "delivered": (N_("Delivered"), "good"),
    "failed": (N_("Failed"), "bad"),
}
WHY_DISABLED: Final[Mapping[str, str]] = {
    "new": N_("It is new and was not tested yet. A test that succeeds enables it."),
    "by_hand": N_("Somebody disabled it. What waits is kept, and new events are not sent to it."),
    "gone": N_("It answered 410 (Gone): it wants nothing more."),
    "failing": N_("Every call failed for five days. What waits is kept."),
    "broken_rule": N_("Its rule names a field or segment that is gone. Mend the rule first."),
}
_CODES: Final[Mapping[str, str]] = {
    "ok": N_("accepted"),
    "timed_out": N_("no answer in time"),
    "unreachable": N_("nobody could be reached"),
    "cut_off": N_("the connection broke"),
    "address_not_allowed": N_("an internal address that OUTGOING_ALLOW does not name"),
    "bad_url": N_("an address that cannot be called"),
    "secret_unreadable": N_("its secret cannot be read; make a new one"),
    "internal_fault": N_("a fault of ours; the log has it"),
}


def state_of(row: SubscriptionRow, t: Translator) -> tuple[str, Tone]:
    if not row.enabled:
        return (t("Not enabled yet"), "plain") if row.reason == "new" else (t("Disabled"), "bad")
    if row.failing_since is not None:
        return t("Failing"), "warn"
    return t("Enabled"), "good"


def outcome(status: int | None, code: str | None, t: Translator) -> str:
    """ "500", or why there was no answer."""
    if status is not None:
        return str(status)
    known = _CODES.get(code or "")
    return t(known) if known else (code or "")


def events_in_words(types: list[str], t: Translator) -> str:
    return t("every event") if types == ["*"] else ", ".join(types)

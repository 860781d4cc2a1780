"""The words for what is written in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from designer.i18n import N_, Translator
from engine.services.audit_log.searching import AuditRow

ROOM: Final = "/audit"
STYLE: Final = "audit.css"
SPANS: Final[Mapping[str, tuple[timedelta, str]]] = {
    "day": (timedelta(days=1), N_("24 hours")),
    "week": (timedelta(days=7), N_("7 days")),
    "month": (timedelta(days=30), N_("30 days")),
    "year": (timedelta(days=365), N_("a year")),
    "all": (timedelta(days=365 * 15), N_("all times")),
}
DOORS: Final[Mapping[str, str]] = {
    "page": N_("a page"),
    "api": N_("the API"),
    "cli": N_("the command line"),
    "link": N_("a link"),
    "import": N_("an import"),
    "system": N_("Cadenza itself"),
}
VERBS: Final[Mapping[str, str]] = {
    "add": N_("added"),
    "begin_export": N_("began to export"),
    "cancel": N_("cancelled"),
    "change_password": N_("changed the password of"),
    "create": N_("made"),
    "deactivate": N_("deactivated"),
    "delete": N_("deleted"),
    "disable": N_("disabled"),
    "edit": N_("changed"),
    "enable": N_("enabled"),
    "end": N_("ended"),
    "end_all": N_("ended every one of"),
    "enrol": N_("enrolled into"),
    "erase": N_("erased"),
    "export": N_("exported"),
    "fail_to_sign_in": N_("failed to sign in as"),
    "hand_over": N_("handed over"),
    "import": N_("imported"),
    "make_link": N_("made a link for"),
    "merge": N_("merged"),
    "move": N_("moved"),
    "pause": N_("paused"),
    "publish": N_("published"),
    "reactivate": N_("reactivated"),
    "refused": N_("was refused"),
    "remove": N_("removed"),
    "replay": N_("sent again"),
    "reset_password": N_("reset the password of"),
    "resume": N_("resumed"),
    "revoke": N_("revoked"),
    "rotate": N_("made a new secret for"),
    "save_draft": N_("kept a draft of"),
    "send_missed": N_("sent what was missed to"),
    "set": N_("set"),
    "set_password": N_("set the password of"),
    "sign_in": N_("signed in as"),
    "sign_out": N_("signed out"),
    "start": N_("started"),
    "stop": N_("stopped"),
    "suppress": N_("put on the list"),
    "take_away": N_("took away"),
    "test": N_("tested"),
    "withdraw": N_("withdrew"),
}
KINDS: Final[Mapping[str, str]] = {
    "account": N_("account"),
    "api_key": N_("API key"),
    "approval": N_("approval"),
    "audit": N_("audit"),
    "channel": N_("channel"),
    "contact": N_("contact"),
    "deal": N_("deal"),
    "definition": N_("rule of work"),
    "escalation": N_("escalation"),
    "file": N_("file"),
    "flow": N_("flow"),
    "hook": N_("source"),
    "invitation": N_("invitation"),
    "network": N_("somebody unknown, from network"),
    "permission": N_("permission"),
    "pipeline": N_("pipeline"),
    "role": N_("role"),
    "run": N_("run"),
    "saved_view": N_("view"),
    "second_factor": N_("second factor"),
    "secret": N_("secret"),
    "segment": N_("segment"),
    "sign_in": N_("sign-in"),
    "team": N_("team"),
    "template": N_("template"),
    "ticket": N_("ticket"),
    "user": N_("person"),
    "webhook": N_("webhook"),
    "write_key": N_("write key"),
}
# Kinds whose pages are found by the id that the audit has.
_PAGES: Final[Mapping[str, str]] = {
    "contact": "/contacts",
    "account": "/accounts",
    "deal": "/deals",
    "ticket": "/tickets",
    "user": "/people",
    "webhook": "/webhooks",
}
# Verbs of what did not come about.
BAD: Final = frozenset({"refused", "fail_to_sign_in"})
FAULTS: Final[Mapping[str, str]] = {
    "changed": N_("was changed after it was sealed"),
    "removed": N_("is gone"),
    "inserted": N_("was put in past the product"),
    "back_dated": N_("was put in later with an old time"),
    "seal_changed": N_("is not what its seal follows"),
    "day_changed": N_("does not end as it was sealed"),
}


def verb_in(code: str, t: Translator) -> str:
    return t(VERBS[code]) if code in VERBS else code.replace("_", " ")


def door_in(code: str | None, t: Translator) -> str:
    """Empty for rows of a release that did not know."""
    known = DOORS.get(code or "")
    return t(known) if known else ""


def kind_in(code: str, t: Translator) -> str:
    return t(KINDS[code]) if code in KINDS else code.replace("_", " ")


def subject_in(row: AuditRow, t: Translator) -> str:
    """ "deal 7"; of a refusal what was refused."""
    return f"{kind_in(row.subject_kind, t)} {row.subject_id}"


def page_of(row: AuditRow) -> str | None:
    """Where the thing is, if it is still there."""
    root = _PAGES.get(row.subject_kind)
    return f"{root}/{row.subject_id}" if root and row.subject_id.isdigit() else None

"""What permissions are called. Kinds and verbs that a later release brings are shown by their codes
until they have words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from designer.i18n import N_, Translator
from designer.terms import ROLES

ROLES_AT: Final = "/roles"
KEYS_AT: Final = "/keys"
ME_AT: Final = "/me"

GROUP_NAMES: Final[Mapping[str, str]] = {
    "customers": N_("Customers"),
    "sales": N_("Sales"),
    "campaigns": N_("Campaigns"),
    "work": N_("Rules of work and people"),
    "operation": N_("Operation"),
}
KIND_NAMES: Final[Mapping[str, str]] = {
    "contact": N_("Contacts"),
    "account": N_("Accounts"),
    "deal": N_("Deals"),
    "order": N_("Orders"),
    "ticket": N_("Tickets"),
    "activity": N_("Tasks, calls and notes"),
    "event": N_("Events"),
    "flow": N_("Flows"),
    "run": N_("Runs"),
    "segment": N_("Segments"),
    "decision_table": N_("Decision tables"),
    "scoring_model": N_("Scoring models"),
    "message": N_("Messages"),
    "mailbox": N_("Mailbox"),
    "user": N_("People, roles and sign-ins"),
    "write_key": N_("Write keys"),
    "api_key": N_("API keys"),
    "audit": N_("Audit and system"),
    "hook": N_("Incoming webhooks"),
    "secret": N_("Secrets"),
    "approval": N_("Approvals"),
    "escalation": N_("Escalations"),
    "file": N_("Files"),
    "channel": N_("Channels"),
    "template": N_("Templates"),
    "sending_policy": N_("Sending rules"),
    "pipeline": N_("Pipelines"),
    "approval_chain": N_("Approval chains"),
    "escalation_policy": N_("Escalation policies"),
    "assignment": N_("Assignment rules"),
    "calendar": N_("Calendars"),
    "team": N_("Teams and profiles"),
    "absence": N_("Absences"),
    "target": N_("Targets"),
    "notice": N_("One's own notices"),
    "webhook": N_("Outgoing webhooks"),
    "privacy": N_("Privacy requests"),
    "backup": N_("Backups"),
    "form": N_("Forms"),
    "retention": N_("How long rows stay"),
}
VERB_NAMES: Final[Mapping[str, str]] = {
    "read": N_("see"),
    "edit": N_("change"),
    "create": N_("make"),
    "delete": N_("delete"),
    "publish": N_("put into force"),
    "pause": N_("pause"),
    "import": N_("import"),
    "record": N_("report"),
    "manage": N_("manage"),
}
SCOPE_NAMES: Final[Mapping[str, str]] = {
    "own": N_("their own"),
    "team": N_("their team's"),
    "all": N_("all"),
}
FIELD_NAMES: Final[Mapping[str, str]] = {
    "contact.email": N_("E-mail address"),
    "contact.phone": N_("Telephone number"),
    "contact.birthday": N_("Birthday"),
    "contact.city": N_("City"),
}
# What the shipped roles are for.
PURPOSES: Final[Mapping[str, str]] = {
    "admin": N_("Everything, people and settings among it."),
    "marketer": N_("Draws and publishes campaigns, imports contacts, watches what became of it."),
    "sales_manager": N_("Leads people: pipelines, assignment, targets, and everybody's deals."),
    "rep": N_("Works with contacts and deals, and answers what is asked of them."),
    "service": N_("Answers customers: tickets, and the contacts behind them."),
    "viewer": N_("Looks on and changes nothing; sees no birthdays, telephone numbers or cities."),
}


def role_at(key: str) -> str:
    return f"{ROLES_AT}/{quote(key, safe='')}"


def role_name(key: str, label: str, t: Translator) -> str:
    return t(ROLES[key]) if key in ROLES else label


def kind_name(kind: str, t: Translator) -> str:
    return t(KIND_NAMES[kind]) if kind in KIND_NAMES else kind.replace("_", " ")


def verb_name(verb: str, t: Translator) -> str:
    return t(VERB_NAMES[verb]) if verb in VERB_NAMES else verb


def field_name(field: str, t: Translator) -> str:
    return t(FIELD_NAMES[field]) if field in FIELD_NAMES else field.removeprefix("contact.")

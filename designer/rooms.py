"""The rooms of the designer, in groups. A new room is a page module and a line in its group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from designer.i18n import N_
from engine.services.actor import Kind


@dataclass(frozen=True, slots=True)
class Room:
    """`reads` is what one must be allowed to read to see it; None: everybody sees it."""

    address: str
    icon: str
    name: str
    reads: Kind | None = None


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    rooms: tuple[Room, ...]


GROUPS: Final[tuple[Group, ...]] = (
    Group(
        N_("Today"),
        (
            Room("/", "home", N_("Home")),
            Room("/inbox", "task_alt", N_("Inbox"), "notice"),
        ),
    ),
    Group(
        N_("Campaigns"),
        (
            Room("/flows", "account_tree", N_("Flows"), "flow"),
            Room("/runs", "route", N_("Runs"), "run"),
            Room("/messages", "forward_to_inbox", N_("Messages"), "message"),
            Room("/templates", "drafts", N_("Templates"), "template"),
            Room("/files", "attach_file", N_("Files"), "file"),
            Room("/sending", "schedule_send", N_("Sending"), "sending_policy"),
            Room("/forms", "dynamic_form", N_("Forms"), "form"),
            Room("/dashboards", "insights", N_("Dashboards"), "flow"),
        ),
    ),
    Group(
        N_("Customers"),
        (
            Room("/contacts", "people", N_("Contacts"), "contact"),
            Room("/accounts", "apartment", N_("Accounts"), "account"),
            Room("/tickets", "support_agent", N_("Tickets"), "ticket"),
            Room("/segments", "donut_small", N_("Segments"), "segment"),
        ),
    ),
    Group(
        N_("Sales"),
        (
            Room("/board", "view_kanban", N_("Board"), "deal"),
            Room("/stuck", "hourglass_bottom", N_("Held up"), "deal"),
            Room("/pipelines", "linear_scale", N_("Pipelines"), "pipeline"),
            Room("/sales-figures", "query_stats", N_("Sales figures"), "deal"),
        ),
    ),
    Group(
        N_("Rules and people"),
        (
            Room("/definitions", "rule", N_("Rules of work"), "pipeline"),
            Room("/tables", "table_chart", N_("Decision tables"), "decision_table"),
            Room("/people", "badge", N_("People and teams"), "team"),
            Room("/roles", "admin_panel_settings", N_("Roles"), "team"),
            Room("/calendars", "calendar_month", N_("Calendars"), "calendar"),
        ),
    ),
    Group(
        N_("Operation"),
        (
            Room("/mailbox", "inbox", N_("Mailbox"), "mailbox"),
            Room("/channels", "cell_tower", N_("Channels"), "channel"),
            Room("/sources", "input", N_("Sources"), "hook"),
            Room("/suppression", "block", N_("Not written to"), "contact"),
            Room("/fields", "tune", N_("Custom fields"), "contact"),
            Room("/keys", "key", N_("API keys"), "api_key"),
            Room("/privacy", "shield", N_("Privacy"), "privacy"),
            Room("/backups", "backup", N_("Backups"), "backup"),
            Room("/system", "monitor_heart", N_("System"), "audit"),
            Room("/webhooks", "webhook", N_("Webhooks"), "webhook"),
            Room("/audit", "fact_check", N_("Audit"), "audit"),
        ),
    ),
)
# A phone shows these beside "More"; the rest is one tap away.
AT_HAND: Final = ("/", "/inbox", "/contacts", "/flows")

"""The operations on records, flows and what moves them, with what each takes."""

from __future__ import annotations

from typing import Any

from engine.services.people import ROLES
from tests.api.furnished_records import MODEL_INTEREST, TABLE_TIERS, WEEK
from tests.api.operation import Operation
from tests.api.people import ADA, BEN
from tests.api.trial_flow import TRIAL

CONTACT, FLOW, RUN, MESSAGE = "read:contact", "read:flow", "read:run", "read:message"
ACCOUNT, ACTIVITY, TABLE = "read:account", "read:activity", "read:decision_table"
MODEL, CALENDAR = "read:scoring_model", "read:calendar"
EDITORS = ("admin", "marketer")
SELLERS = ("admin", "sales_manager", "rep")
WRITERS = (*EDITORS, "sales_manager", "rep")
SERVERS = ("admin", "marketer", "sales_manager", "rep", "service")
DOERS = ("admin", "sales_manager", "rep", "service")
PAUSERS = (*EDITORS, "sales_manager")
ANY = {"If-Match": "*"}
FIRST = {"add_tags": ["vip"]}
PLAN = "flow: trial\nfrom: 1\nto: 2\nnodes:\n  ways: stay\n  done: stay\n"
VIEW = {"record": "contact", "name": "Here", "document": {"search": "a"}}
CALL = {"kind": "call", "subject": "Called", "about": "contact", "record_id": ADA}


def _get(id_: str, path: str, *needs: str, roles: tuple[str, ...] = tuple(ROLES)) -> Operation:
    return Operation(id_, "GET", path, needs, roles)


def _post(
    id_: str, path: str, body: Any, *needs: str, roles: tuple[str, ...], changes: bool = True
) -> Operation:
    return Operation(id_, "POST", path, needs, roles, body, changes=changes)


LOOKING = (
    _get("list_contacts", "/api/contacts", CONTACT),
    _get("get_contact", f"/api/contacts/{ADA}", CONTACT),
    _get("list_contact_timeline", f"/api/contacts/{ADA}/timeline", CONTACT),
    _get("get_contact_belongings", f"/api/contacts/{ADA}/belongings", CONTACT, "read:segment"),
    _get("list_contact_field_history", f"/api/contacts/{ADA}/field-history?field=country", CONTACT),
    _get("list_accounts", "/api/accounts", ACCOUNT),
    _get("get_account", "/api/accounts/1", ACCOUNT),
    _get("list_activities", "/api/activities", ACTIVITY),
    _get("get_activity", "/api/activities/1", ACTIVITY),
    _get("list_events", "/api/events", "read:event", CONTACT),
    _get("get_event", "/api/events/1", "read:event", CONTACT),
    _get("list_orders", "/api/orders", "read:order", CONTACT),
    _get("get_order", "/api/orders/1", "read:order", CONTACT),
    _get("list_flows", "/api/flows", FLOW),
    _get("get_flow", "/api/flows/trial", FLOW),
    _get("get_flow_version", "/api/flows/trial/versions/1", FLOW),
    _get("diff_flow", "/api/flows/trial/diff?from_version=1&to_version=1", FLOW),
    _get("count_flow", "/api/flows/trial/counts", FLOW),
    _get("list_enrolments", "/api/flows/trial/enrolments", FLOW),
    _get("list_flow_moves", "/api/flows/trial/moves", FLOW),
    _post("check_flow", "/api/flows/check", {"source": TRIAL}, FLOW, roles=tuple(ROLES)),
    _post("plan_flow", "/api/flows/plan", {"source": TRIAL}, FLOW, roles=tuple(ROLES)),
    _get("list_runs", "/api/runs", RUN),
    _get("list_held_runs", "/api/runs/held", RUN),
    _get("list_messages", "/api/messages", MESSAGE),
    _get("list_suppressions", "/api/suppressions", CONTACT),
    _get("list_decision_tables", "/api/decision-tables", TABLE),
    _get("get_decision_table", "/api/decision-tables/tiers", TABLE),
    _post(
        "check_decision_table",
        "/api/decision-tables/check",
        {"document": TABLE_TIERS},
        TABLE,
        roles=tuple(ROLES),
    ),
    _post(
        "ask_decision_table",
        "/api/decision-tables/tiers/ask",
        {"contact_id": ADA},
        TABLE,
        CONTACT,
        roles=tuple(ROLES),
    ),
    _get("list_scoring_models", "/api/scoring-models", MODEL),
    _get("get_scoring_model", "/api/scoring-models/interest", MODEL),
    _post(
        "check_scoring_model",
        "/api/scoring-models/check",
        {"document": MODEL_INTEREST},
        MODEL,
        roles=tuple(ROLES),
    ),
    _post(
        "ask_scoring_model",
        "/api/scoring-models/interest/ask",
        {"contact_id": ADA},
        MODEL,
        CONTACT,
        roles=tuple(ROLES),
    ),
    _get("list_calendars", "/api/calendars", CALENDAR),
    _get("get_calendar", "/api/calendars/office", CALENDAR),
    _get("list_views", "/api/views?record=contact", CONTACT),
    _get("list_custom_fields", "/api/custom-fields?record=contact", CONTACT),
    _get("list_write_keys", "/api/write-keys", "read:write_key", roles=("admin",)),
    _get("list_mails", "/api/mailbox", "read:mailbox", roles=EDITORS),
    _get("get_mail", "/api/mailbox/1", "read:mailbox", roles=EDITORS),
    _get("list_imports", "/api/imports", "write:contact", roles=(*EDITORS, "sales_manager")),
)
# In this order on one database: what a deed leaves behind is there for the next.
CHANGING = (
    _post(
        "create_contact",
        "/api/contacts",
        {"fields": {"email": "new@example.com"}},
        "write:contact",
        CONTACT,
        roles=(*WRITERS, "service"),
    ),
    _post(
        "write_contacts",
        "/api/contacts/bulk",
        {"items": [{"id": BEN, "fields": {"city": "Bonn"}}]},
        "write:contact",
        roles=(),
    ),
    Operation(
        "change_contact",
        "PATCH",
        f"/api/contacts/{BEN}",
        ("write:contact", CONTACT),
        SERVERS,
        {"fields": {"city": "Lima"}},
        ANY,
        changes=True,
    ),
    _post(
        "change_contact_tags",
        f"/api/contacts/{BEN}/tags",
        {"add": ["press"]},
        "write:contact",
        CONTACT,
        roles=SERVERS,
    ),
    _post(
        "change_contacts",
        "/api/contacts/changes",
        {"ids": [BEN], "order": FIRST},
        "write:contact",
        CONTACT,
        roles=SERVERS,
    ),
    _post(
        "create_account",
        "/api/accounts",
        {"fields": {"name": "Alpha"}},
        "write:account",
        ACCOUNT,
        roles=WRITERS,
    ),
    _post(
        "write_accounts",
        "/api/accounts/bulk",
        {"items": [{"fields": {"name": "Beta"}}]},
        "write:account",
        roles=(),
    ),
    Operation(
        "change_account",
        "PATCH",
        "/api/accounts/1",
        ("write:account", ACCOUNT),
        WRITERS,
        {"fields": {"industry": "Looms"}},
        ANY,
        changes=True,
    ),
    _post(
        "create_activity", "/api/activities", CALL, "write:activity", ACTIVITY, CONTACT, roles=DOERS
    ),
    _post("create_activities", "/api/activities/bulk", {"items": [CALL]}, roles=()),
    Operation(
        "change_activity",
        "PATCH",
        "/api/activities/1",
        ("write:activity", ACTIVITY),
        DOERS,
        {"done": True},
        ANY,
        changes=True,
    ),
    Operation(
        "save_flow_draft",
        "PUT",
        "/api/flows/trial/draft",
        ("write:flow",),
        EDITORS,
        {"source": TRIAL.replace("name: a, weight: 1", "name: a, weight: 2")},
        ANY,
        changes=True,
    ),
    Operation(
        "publish_flow",
        "POST",
        "/api/flows/trial/publish",
        ("write:flow", FLOW),
        EDITORS,
        {},
        ANY,
        changes=True,
    ),
    _post(
        "propose_flow_move",
        "/api/flows/trial/moves/propose",
        {"from_version": 1, "to_version": 2},
        FLOW,
        roles=tuple(ROLES),
        changes=False,
    ),
    _post(
        "preview_flow_move",
        "/api/flows/trial/moves/preview",
        {"plan": PLAN},
        FLOW,
        roles=tuple(ROLES),
        changes=False,
    ),
    _post(
        "start_flow_move",
        "/api/flows/trial/moves",
        {"plan": PLAN},
        "write:flow",
        roles=EDITORS,
    ),
    _post(
        "steer_flow_move",
        "/api/flows/trial/moves/1/steer",
        {"do": "pause"},
        "write:flow",
        FLOW,
        roles=EDITORS,
    ),
    _post(
        "pause_flow_node",
        "/api/flows/trial/nodes/ways/pause",
        None,
        "write:flow",
        roles=PAUSERS,
    ),
    _post(
        "resume_flow_node",
        "/api/flows/trial/nodes/ways/resume",
        None,
        "write:flow",
        roles=PAUSERS,
    ),
    Operation(
        "choose_split_winner",
        "PUT",
        "/api/flows/trial/splits/ways/winner",
        ("write:flow", FLOW),
        EDITORS,
        {"arm": "a"},
        changes=True,
    ),
    Operation(
        "withdraw_split_winner",
        "DELETE",
        "/api/flows/trial/splits/ways/winner",
        ("write:flow", FLOW),
        EDITORS,
        changes=True,
    ),
    _post("pause_flow", "/api/flows/trial/pause", None, "write:flow", FLOW, roles=PAUSERS),
    _post("resume_flow", "/api/flows/trial/resume", None, "write:flow", FLOW, roles=PAUSERS),
    _post("enrol", "/api/flows/trial/enrolments", {"rule": True}, "write:flow", roles=EDITORS),
    _post(
        "steer_enrolment",
        "/api/flows/trial/enrolments/steer",
        {"do": "cancel"},
        "write:flow",
        roles=EDITORS,
    ),
    _post(
        "mend_runs",
        "/api/runs/mend",
        {"flow": "trial", "run_ids": [99], "deed": {"do": "retry"}},
        "write:run",
        roles=PAUSERS,
    ),
    _post(
        "mend_all_runs",
        "/api/runs/mend-all",
        {"flow": "trial", "deed": {"do": "retry"}},
        "write:run",
        RUN,
        roles=PAUSERS,
    ),
    _post("retire_flow", "/api/flows/trial/retire", None, "write:flow", FLOW, roles=EDITORS),
    _post("settle_messages", "/api/messages/settle", {"ids": [9], "was_sent": True}, roles=()),
    _post(
        "suppress",
        "/api/suppressions",
        {"addresses": ["eve@example.com"]},
        "write:contact",
        roles=SERVERS,
    ),
    _post(
        "allow_again",
        "/api/suppressions/remove",
        {"address": "eve@example.com"},
        "write:contact",
        roles=SERVERS,
    ),
    _post(
        "create_decision_table",
        "/api/decision-tables",
        {"document": TABLE_TIERS | {"table": "second"}},
        "write:decision_table",
        roles=PAUSERS,
    ),
    Operation(
        "put_decision_table",
        "PUT",
        "/api/decision-tables/tiers",
        ("write:decision_table",),
        PAUSERS,
        {"document": TABLE_TIERS | {"label": "Levels"}},
        ANY,
        changes=True,
    ),
    Operation(
        "delete_decision_table",
        "DELETE",
        "/api/decision-tables/second",
        ("write:decision_table",),
        EDITORS,
        changes=True,
    ),
    _post(
        "create_scoring_model",
        "/api/scoring-models",
        {"document": MODEL_INTEREST | {"score": "second"}},
        "write:scoring_model",
        MODEL,
        roles=EDITORS,
    ),
    Operation(
        "put_scoring_model",
        "PUT",
        "/api/scoring-models/interest",
        ("write:scoring_model", MODEL),
        EDITORS,
        {"document": MODEL_INTEREST | {"label": "Heat"}},
        ANY,
        changes=True,
    ),
    _post(
        "recount_scoring_model",
        "/api/scoring-models/interest/recount",
        None,
        "write:scoring_model",
        roles=EDITORS,
    ),
    Operation(
        "delete_scoring_model",
        "DELETE",
        "/api/scoring-models/second",
        ("write:scoring_model", MODEL),
        EDITORS,
        None,
        ANY,
        changes=True,
    ),
    Operation(
        "put_calendar",
        "PUT",
        "/api/calendars/office",
        ("write:calendar", CALENDAR),
        ("admin",),
        {"hours": WEEK, "label": "House"},
        ANY,
        changes=True,
    ),
    _post("create_view", "/api/views", VIEW | {"name": "New"}, CONTACT, roles=tuple(ROLES)),
    _post(
        "start_import",
        "/api/imports?kind=contacts",
        "email\nzoe@example.com\n",
        "write:contact",
        roles=PAUSERS,
    ),
    _post(
        "merge_contact",
        f"/api/contacts/{ADA}/merge",
        {"lose": BEN},
        "write:contact",
        roles=("admin",),
    ),
    _post("erase_contact", f"/api/contacts/{ADA}/erase", {}, "write:contact", roles=("admin",)),
)
# Whoever has a key may ask, for nothing but one's own is seen; or it is another test's.
FREE = (
    *("list_jobs", "get_job", "cancel_job", "get_job_rejected", "list_import_kinds"),
    *("get_view", "change_view", "delete_view", "get_run", "get_message", "settle_message"),
)

WALKED = frozenset({one.id for one in (*LOOKING, *CHANGING)} | set(FREE))

"""Operations on sources, forms, refused events, retention and erasures, and one of each to try."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from crm_store.erasing import suppress_erased
from crm_store.session import Store
from engine.api.shapes.sources import MAPPING, SAMPLE
from engine.services.actor import SYSTEM
from engine.services.forms import add_form
from engine.services.privacy import NewRequest, open_request
from tests.api.operation import Operation

ADMIN, EDITORS = ("admin",), ("admin", "marketer")
FORM = {"title": "Our news", "wording": "A letter each month"}
ANY = {"If-Match": "*"}
_READ, _WRITE = "read:hook", "write:hook"
_FORMS, _MAKE = "read:form", "write:form"
_PRIVACY, _SETTLE, _RETAIN = "read:privacy", "write:privacy", "write:retention"


def _get(id_: str, path: str, *needs: str) -> Operation:
    return Operation(id_, "GET", path, needs, ADMIN)


def _post(id_: str, path: str, body: object, *needs: str, changes: bool = True) -> Operation:
    return Operation(id_, "POST", path, needs, ADMIN, body, changes=changes)


FORMS = (
    Operation("list_forms", "GET", "/api/forms", (_FORMS,)),
    Operation("get_form", "GET", "/api/forms/news", (_FORMS,)),
    Operation(
        "list_form_submissions",
        "GET",
        "/api/forms/news/submissions",
        (_FORMS, "read:event", "read:contact"),
    ),
    Operation(
        "create_form",
        "POST",
        "/api/forms",
        (_MAKE, _FORMS),
        EDITORS,
        {"name": "other", **FORM},
        changes=True,
    ),
    Operation(
        "change_form",
        "PUT",
        "/api/forms/news",
        (_MAKE, _FORMS),
        EDITORS,
        {**FORM, "title": "Other"},
        ANY,
        changes=True,
    ),
    Operation(
        "pause_form", "POST", "/api/forms/news/pause", (_MAKE, _FORMS), EDITORS, changes=True
    ),
    Operation(
        "resume_form", "POST", "/api/forms/waiting/resume", (_MAKE, _FORMS), EDITORS, changes=True
    ),
    Operation(
        "delete_form", "DELETE", "/api/forms/news", (_MAKE,), EDITORS, None, ANY, changes=True
    ),
)
SOURCES = (
    *FORMS,
    _get("list_sources", "/api/sources", _READ),
    _get("get_source", "/api/sources/billing", _READ),
    _post(
        "try_mapping",
        "/api/sources/try",
        {"mapping": MAPPING, "sample": SAMPLE},
        _READ,
        changes=False,
    ),
    _post("create_source", "/api/sources", {"name": "shop", "mapping": MAPPING}, _WRITE),
    Operation(
        "set_mapping",
        "PUT",
        "/api/sources/billing/mapping",
        (_WRITE, _READ),
        ADMIN,
        {"mapping": MAPPING},
        ANY,
        changes=True,
    ),
    _post("rotate_source_secret", "/api/sources/billing/rotate", {}, _WRITE),
    _post("pause_source", "/api/sources/billing/pause", None, _WRITE, _READ),
    _post("resume_source", "/api/sources/still/resume", None, _WRITE, _READ),
    Operation(
        "delete_source",
        "DELETE",
        "/api/sources/billing",
        (_WRITE,),
        ADMIN,
        None,
        ANY,
        changes=True,
    ),
    _get("list_dead_letters", "/api/dead-letters", _READ),
    _get("count_dead_letters", "/api/dead-letters/counts", _READ),
    _get("get_dead_letter", "/api/dead-letters/1", _READ),
    _post("replay_dead_letter", "/api/dead-letters/1/replay", {}, _WRITE),
    _post("replay_dead_letters", "/api/dead-letters/replay", {"source": "website"}, _WRITE),
    _post("drop_dead_letter", "/api/dead-letters/1/drop", None, _WRITE),
    _post("drop_dead_letters", "/api/dead-letters/drop", {}, _WRITE),
    _post(
        "preview_retention_rule",
        "/api/retention/clicks/preview",
        {"keep_days": 730},
        _PRIVACY,
        changes=False,
    ),
    Operation(
        "set_retention_rule",
        "PUT",
        "/api/retention/clicks",
        (_RETAIN,),
        ADMIN,
        {"keep_days": 730},
        changes=True,
    ),
    Operation(
        "delete_retention_rule",
        "DELETE",
        "/api/retention/field_history",
        (_RETAIN,),
        ADMIN,
        changes=True,
    ),
    _get("get_privacy_request", "/api/privacy-requests/1", _PRIVACY),
    _post(
        "complete_privacy_request",
        "/api/privacy-requests/2/completion",
        None,
        _SETTLE,
        _PRIVACY,
    ),
    _post(
        "carry_out_erasure",
        "/api/privacy-requests/1/erasure",
        {"contact": 1},
        _SETTLE,
        _PRIVACY,
        "write:contact",
    ),
    _post(
        "readmit_address",
        "/api/suppressions/readmit",
        {"address": "gone@example.com"},
        "write:contact",
    ),
)
_TABLES = (
    *("public_form", "hook_source", "dead_letter"),
    *("retention_rule", "suppression", "job"),
)
STATE_OF_SOURCES = ", ".join(
    f"(SELECT jsonb_agg(to_jsonb(t) ORDER BY t::text) FROM {table} t)" for table in _TABLES
)
_HOOKS = """
    INSERT INTO hook_source (name, secret, contact_paths, event_path, active, created_at)
    VALUES ('billing', 'sealed', '{"email": "mail"}', 'type', true, :now),
           ('still', 'sealed', '{"email": "mail"}', 'type', false, :now)
"""
_LETTER = """
    INSERT INTO dead_letter (source, door, code, message, problems, message_id, body, digest, cut,
                             received_at, last_seen_at)
    VALUES ('website', 'call', 'no_identity', 'nobody', '[]', 'm1', convert_to(:body, 'UTF8'),
            'd1', false, :now, :now)
"""
_RULE = """
    INSERT INTO retention_rule (kind, keep_days, changed_at, changed_by)
    VALUES ('field_history', 90, :now, 'Ada')
"""
_CALL = '{"type": "track", "event": "Paid", "userId": "ada"}'


async def furnish_sources(store: Store, now: datetime) -> None:
    """A form in use and one that waits, a webhook in use and one that is paused, a call that was
    refused and can be taken by now, a rule, a request for data, and an address that was erased."""
    async with store.transaction() as session:
        await add_form(session, SYSTEM, "news", FORM, now)
        await add_form(session, SYSTEM, "waiting", FORM, now, active=False)
        await open_request(session, SYSTEM, NewRequest("export", 2), now)
        await session.execute(text(_HOOKS), {"now": now})
        await session.execute(text(_LETTER), {"now": now, "body": _CALL})
        await session.execute(text(_RULE), {"now": now})
        await suppress_erased(session, "email", ["gone@example.com"], now)

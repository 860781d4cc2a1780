"""People who work with Cadenza. An import gives nobody a password: they are invited for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_store.base import folded
from engine.services.imports.kinds.base import (
    EMAIL_KEY,
    EXTERNAL_ID,
    Reads,
    RecordField,
    RecordKind,
    Surroundings,
    by_name,
)
from engine.services.imports.kinds.targets import TEAM, USER

# Who may sign in as an admin is decided by an admin, one by one.
_ROLES = ("rep", "sales_manager", "marketer", "service", "viewer")


def _complete(
    values: dict[str, Any], _before: Mapping[str, Any] | None, _around: Surroundings
) -> dict[str, Any]:
    email = values.get("email")
    return {"name_key": folded(values["name"]), "email_key": folded(email) if email else None}


USERS = RecordKind(
    name="users",
    noun="user",
    table="user",
    permission="user",
    fields={
        "external_id": RecordField(),
        "name": RecordField(),
        "email": RecordField(Reads.EMAIL),
        "role": RecordField(Reads.CHOICE, choices=_ROLES),
        "team": RecordField(Reads.REFERENCE, "team_id", target=TEAM),
        "manager": RecordField(Reads.REFERENCE, "manager_id", target=USER),
        "language": RecordField(Reads.CHOICE, choices=("en", "zh")),
    },
    keys={"external_id": EXTERNAL_ID, "email": EMAIL_KEY, "name": by_name()},
    match_by=("external_id", "email", "name"),
    needed=("name",),
    complete=_complete,
    defaults={
        "role": "rep",
        "language": "en",
        "password_is_one_time": False,
        "credential_epoch": 0,
        "active": True,
    },
    # A role decides what somebody may do and ends their sessions when it changes.
    once=frozenset({"role", "email"}),
    dated=False,
)

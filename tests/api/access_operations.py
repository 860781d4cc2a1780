"""The operations on who comes in and what they may do, with what each takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from crm_store.people import add_sign_in
from crm_store.session import Store
from crm_store.sessions import all_sign_ins
from engine.services.actor import SYSTEM
from engine.services.api_keys import create_api_key
from engine.services.invitations.links import invite
from engine.services.people import ROLES, ensure_roles
from engine.services.roles.keeping import make_role
from tests.api.operation import Operation
from tests.clock import Clock

ADMIN = ("admin",)
USER, TEAM, KEYS = "read:user", "read:team", "read:api_key"
GIVES, MAKES_KEYS = "manage:user", "manage:api_key"


@dataclass(frozen=True)
class There:
    """What operations are about. Whoever it is about may do nothing, so that any key may do more
    than they."""

    mia: int = 1
    zoe: int = 2
    session: int = 1
    key: str = "cad_000000000000"


async def furnish_access(store: Store, clock: Clock) -> There:
    """Mia is invited, Zoe is invited and signed in twice; a program has a key."""
    now = clock.now()
    async with store.transaction() as session:
        await ensure_roles(session)
        for label in ("Guest", "Spare"):
            await make_role(session, SYSTEM, label=label, allow=[], hidden=[])
        await make_role(session, SYSTEM, label="Keeper", allow=["manage:api_key:all"], hidden=[])
        people = [
            await invite(
                session, SYSTEM, email=f"{name}@example.com", name=name, role=role, now=now
            )
            for name, role in (("mia", "guest"), ("zoe", "guest"), ("program", "keeper"))
        ]
        for number in "12":
            row = {"token_hash": number, "user_id": people[1].user_id, "credential_epoch": 0}
            await add_sign_in(session, row | {"expires_at": now + timedelta(days=300)})
        made = await create_api_key(
            session,
            SYSTEM,
            name="kept",
            for_user="program@example.com",
            scopes=[MAKES_KEYS],
            now=now,
        )
        found = await all_sign_ins(session, now, limit=1)
    return There(people[0].user_id, people[1].user_id, found[0][0].id, made.prefix)


def _get(id_: str, path: str, *needs: str, roles: tuple[str, ...] = ADMIN) -> Operation:
    return Operation(id_, "GET", path, needs, roles)


def _do(
    id_: str,
    method: str,
    path: str,
    body: Any,
    *needs: str,
    roles: tuple[str, ...] = ADMIN,
    headers: dict[str, str] | None = None,
) -> Operation:
    return Operation(id_, method, path, needs, roles, body, headers or {}, changes=True)


def operations(there: There) -> tuple[Operation, ...]:
    """In an order in which each finds what it is about."""
    person = f"/api/people/{there.zoe}"
    role = {"label": "Desk", "allow": []}
    invited = {"email": "new@example.com", "name": "New", "role": "guest"}
    account = {"name": "Shop", "address": "shop@example.com", "role": "guest"}
    key = {"name": "new", "for_user": "program@example.com", "scopes": [MAKES_KEYS]}
    return (
        _get("list_permissions", "/api/permissions", TEAM, roles=tuple(ROLES)),
        _get("list_roles", "/api/roles", TEAM, roles=tuple(ROLES)),
        _get("get_role", "/api/roles/guest", TEAM, roles=tuple(ROLES)),
        _get("list_invitations", "/api/invitations", USER),
        _get("get_person_access", f"{person}/access", USER),
        _get("list_sessions", "/api/sessions", USER),
        _get("list_api_keys", "/api/api-keys", KEYS),
        _do("create_role", "POST", "/api/roles", role, GIVES, TEAM),
        _do(
            "put_role",
            "PUT",
            "/api/roles/spare",
            role | {"label": "Other"},
            GIVES,
            TEAM,
            headers={"If-Match": "*"},
        ),
        _do("delete_role", "DELETE", "/api/roles/desk", None, GIVES),
        _do("invite_person", "POST", "/api/invitations", invited, GIVES),
        _do("make_password_link", "POST", f"{person}/links", {"mail": False}, GIVES),
        _do("set_person_manager", "PUT", f"{person}/manager", {"manager_id": there.mia}, GIVES),
        _do("withdraw_invitation", "DELETE", f"/api/invitations/{there.mia}", None, GIVES),
        _do("end_session", "DELETE", f"/api/sessions/{there.session}", None, GIVES),
        _do("end_person_sessions", "DELETE", f"{person}/sessions", None, GIVES),
        _do("set_person_role", "PUT", f"{person}/role", {"role": "spare"}, GIVES),
        _do(
            "put_person_profile",
            "PUT",
            f"{person}/profile",
            {"skills": ["german"]},
            "write:team",
            roles=("admin", "sales_manager"),
        ),
        _do("deactivate_person", "POST", f"{person}/deactivate", None, GIVES),
        _do("reactivate_person", "POST", f"{person}/reactivate", None, GIVES),
        _do("take_second_factor_away", "DELETE", f"{person}/second-factor", None, GIVES),
        _do("create_service_account", "POST", "/api/service-accounts", account, GIVES),
        _do("create_api_key", "POST", "/api/api-keys", key, MAKES_KEYS),
        _do("rotate_api_key", "POST", f"/api/api-keys/{there.key}/rotate", {}, MAKES_KEYS),
        _do("revoke_api_key", "DELETE", f"/api/api-keys/{there.key}", None, MAKES_KEYS),
    )


WALKED = frozenset(one.id for one in operations(There()))

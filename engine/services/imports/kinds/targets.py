"""Records that lines of a file may name."""

from __future__ import annotations

from typing import Any

from crm_store.base import folded
from engine.services.imports.kinds.base import EMAIL_KEY, EXTERNAL_ID, Key, Target, by_name
from engine.services.imports.mapping import CreatedWith


def bare_domain(text: str) -> str:
    """`https://www.Example.com/about` is example.com."""
    host = folded(text).split("//")[-1].split("/")[0]
    return host.removeprefix("www.")


DOMAIN = Key("domain", bare_domain, unique=False)


def _new_user(name: str, given: CreatedWith) -> dict[str, Any]:
    """Somebody who owns records and cannot sign in until invited."""
    return {
        "name": name,
        "name_key": folded(name),
        "role": given.role,
        "language": "en",
        "password_is_one_time": False,
        "credential_epoch": 0,
        "active": True,
    }


def _new_account(name: str, _given: CreatedWith) -> dict[str, Any]:
    return {"name": name, "name_key": folded(name), "custom": {}}


def _new_team(name: str, _given: CreatedWith) -> dict[str, Any]:
    return {"name": name}


USER = Target(
    "user",
    "user",
    {"name": by_name(), "email": EMAIL_KEY, "external_id": EXTERNAL_ID},
    new=_new_user,
)
ACCOUNT = Target(
    "account",
    "account",
    {"name": by_name(), "external_id": EXTERNAL_ID, "domain": DOMAIN},
    new=_new_account,
)
CONTACT = Target(
    "contact", "contact", {"email": EMAIL_KEY, "external_id": EXTERNAL_ID}, label="email"
)
PRODUCT = Target("product", "product", {"name": by_name(), "sku": Key("sku")})
TEAM = Target("team", "team", {"name": Key("name")}, new=_new_team)

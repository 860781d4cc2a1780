"""Roles, ways in and API keys: who may do what, and by what they prove who they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import ConfigDict, Field

from engine.api.shapes.common import Given, Page, Shown, ShownOnce
from engine.services.api_keys.keys import LONGEST_NAME
from engine.services.roles.keeping import LONGEST_DESCRIPTION, LONGEST_LABEL
from engine.services.roles.spelling import MOST_HIDDEN, MOST_LINES

_HIGHEST: Final = 2**53
_DAYS: Final = 3_650
_ROLE: Final[dict[str, Any]] = {
    "label": "Desk",
    "description": "Answers customers of their team.",
    "allow": ["read:contact:team", "edit:contact:own", "read:team:all"],
    "hidden": ["contact.birthday"],
}
_INVITED: Final[dict[str, Any]] = {
    "email": "mia@example.com",
    "name": "Mia",
    "role": "rep",
    "language": "en",
}
_ACCOUNT: Final[dict[str, Any]] = {
    "name": "Warehouse",
    "address": "warehouse@example.com",
    "role": "viewer",
}
_KEY: Final[dict[str, Any]] = {
    "name": "reports",
    "for_user": "warehouse@example.com",
    "scopes": ["read:contact", "read:order"],
    "days": 90,
}


class RoleGiven(Given):
    """The whole role. `allow` says `verb:kind:scope`, such as `edit:deal:own`; what is left out is
    refused. `GET /api/permissions` has what can be said.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_ROLE]})

    label: str = Field(min_length=1, max_length=LONGEST_LABEL)
    description: str = Field("", max_length=LONGEST_DESCRIPTION)
    allow: list[str] = Field(max_length=MOST_LINES)
    hidden: list[str] = Field(default_factory=list, max_length=MOST_HIDDEN)


class RoleShown(Shown):
    """`shipped` roles come with Cadenza and stay as they are. `people` counts who has it now."""

    key: str
    label: str
    description: str
    shipped: bool
    allow: list[str]
    hidden: list[str]
    people: int
    revision: int


class RolePage(Page):
    items: list[RoleShown]


class PermissionShown(Shown):
    """Of a kind of thing: what can be allowed, and `by_owner` what of that for one's own or one's
    team's alone.
    """

    kind: str
    group: str
    verbs: list[str]
    by_owner: list[str]


class Permissions(Shown):
    """`hideable` are fields that a role may not be shown; those of your own,
    `contact.custom.NAME`, besides.
    """

    items: list[PermissionShown]
    hideable: list[str]


class InvitationGiven(Given):
    """`mail` false, or where no mail goes out: the link is in the answer, to be passed on."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INVITED]})

    email: str = Field(min_length=3, max_length=254)
    name: str = Field(min_length=1, max_length=200)
    role: str = Field(min_length=1, max_length=60)
    language: str = Field("en", max_length=8)
    mail: bool = True


class InvitationShown(Shown):
    user_id: int
    name: str
    email: str | None
    role: str
    language: str
    expires_at: datetime


class InvitationPage(Page):
    items: list[InvitationShown]


class LinkGiven(Given):
    mail: bool = True


class LinkMade(ShownOnce):
    """`purpose` is `invitation`, or `reset` for somebody who had a password. `url` is null when it
    was mailed.
    """

    user_id: int
    purpose: str
    expires_at: datetime
    mailed: bool
    url: str | None


class AccessShown(Shown):
    """How somebody comes in. `invited_until` is null for who has no open invitation; `can_sign_in`
    is false for whoever has neither password nor the company's sign-in.
    """

    user_id: int
    name: str
    email: str | None
    role: str
    active: bool
    service_account: bool
    can_sign_in: bool
    must_change_password: bool
    has_second_factor: bool
    invited_until: datetime | None


class RoleOfGiven(Given):
    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "rep"}]})

    role: str = Field(min_length=1, max_length=60)


class ManagerGiven(Given):
    """Null: nobody is above them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"manager_id": 1}]})

    manager_id: int | None = Field(ge=1, le=_HIGHEST)


class ProfileGiven(Given):
    """The whole of it. Null: the company's zone, the team's calendar."""

    zone: str | None = Field(None, max_length=60, examples=["Asia/Singapore"])
    calendar: str | None = Field(None, max_length=63)
    skills: list[str] = Field(default_factory=list, max_length=50, examples=[["german"]])
    territories: list[str] = Field(default_factory=list, max_length=50, examples=[["sg"]])


class ProfileShown(Shown):
    zone: str | None
    calendar: str | None
    skills: list[str]
    territories: list[str]


class ServiceAccountGiven(Given):
    """`address` only names it: nothing is sent there."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ACCOUNT]})

    name: str = Field(min_length=1, max_length=200)
    address: str = Field(min_length=3, max_length=254)
    role: str = Field(min_length=1, max_length=60)


class Made(Shown):
    id: int


class SessionShown(Shown):
    """`means` is `password`, `second_factor`, `single_sign_on` or `link`."""

    id: int
    user_id: int
    user: str
    email: str | None
    means: str
    address: str | None
    device: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class SessionPage(Page):
    items: list[SessionShown]


class Ended(Shown):
    ended: int


class ApiKeyGiven(Given):
    """`for_user` is the address of who it acts for; `days` null: until it is revoked."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEY]})

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    for_user: str = Field(min_length=3, max_length=254)
    scopes: list[str] = Field(min_length=1, max_length=200)
    days: int | None = Field(365, ge=1, le=_DAYS)


class ApiKeyRotation(Given):
    """How long the present secret is accepted too."""

    overlap_hours: int = Field(24, ge=0, le=720)


class ApiKeyMade(ShownOnce):
    """`key` is the whole key with its secret, shown this once."""

    prefix: str
    key: str
    scopes: list[str]
    expires_at: datetime | None


class ApiKeyShown(Shown):
    """`prefix` is the beginning of the key. After a rotation the secret before is accepted until
    `previous_until`; `previous_used_at` says whether somebody still needs it.
    """

    prefix: str
    name: str
    user: str
    user_id: int
    service_account: bool
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    previous_until: datetime | None
    previous_used_at: datetime | None


class ApiKeyPage(Page):
    items: list[ApiKeyShown]

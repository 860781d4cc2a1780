"""What is not allowed on purpose is refused."""

from __future__ import annotations

from typing import get_args

import pytest

from engine.errors import NotAllowed, NotSignedIn
from engine.services.actor import PERMISSIONS, SYSTEM, Actor, Kind, Verb, allowed, may
from engine.services.people import ROLES


def user(role: str | None) -> Actor:
    return Actor("user", 1, "Ben", role)


def test_every_role_has_permissions_and_the_other_way_round() -> None:
    assert set(PERMISSIONS) == set(ROLES)


@pytest.mark.parametrize("verb", get_args(Verb))
@pytest.mark.parametrize("kind", get_args(Kind))
def test_an_admin_and_the_system_may_everything_and_an_unknown_role_nothing(
    verb: Verb, kind: Kind
) -> None:
    allowed(SYSTEM, verb, kind)
    allowed(user("admin"), verb, kind)
    for nobody in (user("king"), user(None), user("")):
        with pytest.raises(NotAllowed):
            allowed(nobody, verb, kind)


@pytest.mark.parametrize(
    ("role", "verb", "kind", "expected"),
    [
        ("marketer", "publish", "flow", True),
        ("marketer", "manage", "user", False),
        ("marketer", "read", "audit", False),
        ("sales_manager", "publish", "flow", False),
        ("sales_manager", "pause", "flow", True),
        ("rep", "edit", "deal", True),
        ("rep", "import", "contact", False),
        ("service", "edit", "deal", False),
        ("viewer", "read", "contact", True),
        ("viewer", "edit", "contact", False),
    ],
)
def test_roles(role: str, verb: Verb, kind: Kind, expected: bool) -> None:
    assert may(user(role), verb, kind) is expected


def test_a_viewer_only_reads_and_keeps_their_own_notices() -> None:
    assert {one for one in PERMISSIONS["viewer"] if one[0] != "read"} == {("edit", "notice")}


def test_a_write_key_only_records_events() -> None:
    key = Actor("key", 1, "website")
    allowed(key, "record", "event")
    with pytest.raises(NotAllowed):
        allowed(key, "read", "contact")


def test_nobody_is_not_signed_in() -> None:
    with pytest.raises(NotSignedIn):
        allowed(None, "read", "contact")


def test_the_refusal_says_who_what_and_what_to_do() -> None:
    with pytest.raises(NotAllowed, match="Ben may not publish flows as viewer"):
        allowed(user("viewer"), "publish", "flow")

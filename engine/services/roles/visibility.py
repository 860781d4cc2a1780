"""Whose records somebody sees: the one place that turns a scope into a condition.

"own" are the records somebody owns. "team" are those, the records of one's team and of whoever
reports to one, and records that nobody owns yet. "all" is no condition.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_, true

from crm_store.models import Contact
from engine.errors import NotAllowed, NotFound
from engine.services.actor import Actor, Kind, Verb, allowed_some, hidden_fields, scope_of


def visible(actor: Actor, verb: Verb, kind: Kind, owner: Any) -> ColumnElement[bool]:
    """The rows to which this may be done; `owner` is the column with the owner's number."""
    match scope_of(actor, verb, kind):
        case "all":
            return true()
        case "team":
            return or_(owner.in_(sorted(actor.team | {actor.id or 0})), owner.is_(None))
        case "own" if actor.id is not None:
            return owner == actor.id  # type: ignore[no-any-return]
    return false()


def is_visible(actor: Actor, verb: Verb, kind: Kind, owner_id: int | None) -> bool:
    match scope_of(actor, verb, kind):
        case "all":
            return True
        case "team":
            return owner_id is None or owner_id == actor.id or owner_id in actor.team
        case "own":
            return owner_id is not None and owner_id == actor.id
    return False


def owners_seen(actor: Actor, kind: Kind) -> frozenset[int] | None:
    """Whose records somebody sees; None: everybody's. With "team" those of nobody too."""
    match scope_of(actor, "read", kind):
        case "all":
            return None
        case "team":
            return actor.team | {actor.id or 0}
        case "own":
            return frozenset({actor.id or 0})
    return frozenset()


def among_contacts(actor: Actor) -> ColumnElement[bool] | None:
    """Of whose contacts runs and messages are shown; None: of all. Who may read no contact at all
    looks at the work of a flow, and is told no names."""
    if scope_of(actor, "read", "contact") in (None, "all"):
        return None
    return visible(actor, "read", "contact", Contact.owner_id)


def shows_address(actor: Actor) -> bool:
    """Whether this person is told the e-mail addresses of contacts."""
    may_read = scope_of(actor, "read", "contact") is not None
    return may_read and "email" not in hidden_fields(actor, "contact")


def sees_all(actor: Actor, kind: Kind) -> bool:
    return scope_of(actor, "read", kind) == "all"


def allowed_on(
    actor: Actor, verb: Verb, kind: Kind, owner_id: int | None, called: object = ""
) -> None:
    """Return when this may be done to a record of this owner. Raises NotFound where the actor may
    not see it either, in the words for what is not there, and NotAllowed otherwise."""
    allowed_some(actor, verb, kind)
    if is_visible(actor, verb, kind, owner_id):
        return
    if not is_visible(actor, "read", kind, owner_id):
        raise NotFound(f"There is no {kind} {called}.".replace(" .", "."))
    raise NotAllowed(
        f"{actor.name} may {verb} only {_whose(actor, verb, kind)} {kind.replace('_', ' ')}s as "
        f"{actor.role}. Ask its owner, or an admin for a role that may.",
        who=actor,
        what=f"{verb}:{kind}",
    )


def _whose(actor: Actor, verb: Verb, kind: Kind) -> str:
    return "their own" if scope_of(actor, verb, kind) == "own" else "their team's"

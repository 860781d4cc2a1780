"""Who asks for a change, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from engine.errors import NotAllowed, NotSignedIn

ActorKind = Literal["user", "system", "key", "subject"]
Verb = Literal["read", "edit", "create", "delete", "publish", "pause", "import", "record", "manage"]
Kind = Literal[
    "contact",
    "account",
    "deal",
    "order",
    "ticket",
    "activity",
    "event",
    "flow",
    "run",
    "segment",
    "decision_table",
    "scoring_model",
    "message",
    "mailbox",
    "user",
    "write_key",
    "api_key",
    "audit",
    "hook",
    "secret",
    "approval",
    "escalation",
    "file",
    "channel",
    "template",
    "sending_policy",
    "pipeline",
    "approval_chain",
    "escalation_policy",
    "assignment",
    "calendar",
    "team",
    "absence",
    "target",
    "notice",
]
Permission = tuple[Verb, Kind]


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: a person, a write key, a contact through a signed link, or Cadenza itself.

    `id` is the row of the kind's own table, None for the system. `role` is a user's role; a key and
    a subject have none and may do only what their door offers. `scopes` narrows a user who acts
    through an API key: what the role allows and the key leaves out is refused.
    """

    kind: ActorKind
    id: int | None
    name: str
    role: str | None = None
    scopes: frozenset[Permission] | None = None


SYSTEM = Actor("system", None, "Cadenza", None)

_RECORDS: Final[tuple[Kind, ...]] = (
    "contact",
    "account",
    "deal",
    "order",
    "ticket",
    "activity",
    "event",
)
_PROMISES: Final[tuple[Kind, ...]] = (
    *("flow", "run", "segment", "decision_table", "scoring_model", "message", "file"),
    "template",
    "sending_policy",
)
# What rules of work everybody may look up: they concern everybody.
_RULES_OF_WORK: Final[tuple[Kind, ...]] = (
    *("pipeline", "approval_chain", "escalation_policy", "assignment"),
    *("calendar", "team", "absence", "target"),
)


def _each(verbs: tuple[Verb, ...], kinds: tuple[Kind, ...]) -> frozenset[Permission]:
    return frozenset((verb, kind) for verb in verbs for kind in kinds)


_LOOKS = (
    _each(("read",), (*_RECORDS, *_PROMISES, *_RULES_OF_WORK))
    # one's own: what one was told, whether one has seen it, and how one wants to be told
    | _each(("read", "edit"), ("notice",))
)
# Which requests of these somebody may answer is said by each request.
_ANSWERS = (
    _LOOKS
    | _each(("read", "edit", "create"), ("approval", "escalation"))
    # one's own absence; others' are refused by the service
    | _each(("edit",), ("absence",))
)
_SELLS = _ANSWERS | _each(("edit", "create"), ("contact", "account", "deal", "ticket", "activity"))
_SERVES = _ANSWERS | _each(("edit", "create"), ("contact", "ticket", "activity"))
_MARKETS = (
    _ANSWERS
    | _each(("edit", "create", "import"), ("contact", "account", "order"))
    | _each(("edit", "create", "delete", "publish", "pause"), ("flow", "segment"))
    | _each(("edit", "create", "delete"), ("decision_table", "scoring_model"))
    | _each(("create", "delete"), ("file",))
    | _each(("edit", "create", "publish"), ("template",))
    | _each(("edit",), ("run", "message", "sending_policy"))
    | _each(("read",), ("mailbox", "channel"))
)

# What is not written here is refused: a new verb or kind is closed until somebody opens it.
PERMISSIONS: Final[Mapping[str, frozenset[Permission]]] = {
    "admin": _each(get_args(Verb), get_args(Kind)),
    "marketer": _MARKETS,
    "sales_manager": _SELLS
    | _each(("import",), ("contact", "account", "deal", "order"))
    | _each(("edit", "create"), ("decision_table",))
    | _each(("edit", "publish"), ("pipeline", "assignment", "escalation_policy", "target"))
    # to create one is to enter it for anybody
    | _each(("create", "manage"), ("absence",))
    | _each(("edit",), ("team",))
    | _each(("pause",), ("flow",))
    | _each(("edit",), ("run",)),
    "rep": _SELLS,
    "service": _SERVES,
    "viewer": _LOOKS,
}

# A write key only reports what happened; a contact's signed link only concerns that contact.
_BY_ACTOR_KIND: Final[Mapping[ActorKind, frozenset[Permission]]] = {
    "key": _each(("record",), ("event",)),
    "subject": _each(("edit",), ("contact",)),
}


def may(actor: Actor, verb: Verb, kind: Kind) -> bool:
    """Whether `allowed` would let this pass; for showing or hiding a control."""
    if actor.scopes is not None and (verb, kind) not in actor.scopes:
        return False
    if actor.kind == "system":
        return True
    if actor.kind == "user":
        return (verb, kind) in PERMISSIONS.get(actor.role or "", frozenset())
    return (verb, kind) in _BY_ACTOR_KIND.get(actor.kind, frozenset())


def allowed(actor: Actor | None, verb: Verb, kind: Kind) -> None:
    """Return when the actor may do this to things of this kind; raise NotAllowed otherwise."""
    if actor is None:
        raise NotSignedIn("Nobody is signed in. Sign in and try again.")
    if not may(actor, verb, kind):
        if actor.scopes is not None and (verb, kind) not in actor.scopes:
            raise NotAllowed(
                f"{actor.name} may not {verb} {kind.replace('_', ' ')}s: the key's scopes leave it "
                "out. Ask an admin for a key with more."
            )
        raise NotAllowed(
            f"{actor.name} may not {verb} {kind.replace('_', ' ')}s"
            f"{f' as {actor.role}' if actor.role else ''}. Ask an admin for a role that may."
        )

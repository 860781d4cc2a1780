"""Who asks for a change, and what they may do."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
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
    "webhook",
    "privacy",
    "backup",
    "form",
    "retention",
]
Permission = tuple[Verb, Kind]
Scope = Literal["own", "team", "all"]
# Kinds whose records have an owner, and the verbs that ask whose a record is.
OWNED: Final[tuple[Kind, ...]] = ("contact", "account", "deal", "ticket", "activity")
OWNER_VERBS: Final[tuple[Verb, ...]] = ("read", "edit", "delete")


@dataclass(frozen=True, slots=True)
class Grants:
    """What a role allows. `narrow` says where only one's own records, or those of one's team, are
    meant; `hidden` names fields that are never shown, such as `contact.birthday`.
    """

    allow: frozenset[Permission]
    narrow: frozenset[tuple[Verb, Kind, Scope]] = frozenset()
    hidden: frozenset[str] = frozenset()

    def scope(self, verb: Verb, kind: Kind) -> Scope | None:
        """None: not allowed at all."""
        if (verb, kind) not in self.allow:
            return None
        for scope in ("own", "team"):
            if (verb, kind, scope) in self.narrow:
                return scope
        return "all"

    def within(self, scopes: frozenset[Permission] | None) -> Grants:
        """These, less what the scopes of a key leave out; None leaves nothing out."""
        if scopes is None:
            return self
        narrow = frozenset(one for one in self.narrow if one[:2] in scopes)
        return Grants(self.allow & scopes, narrow, self.hidden)

    def beyond(self, other: Grants) -> list[str]:
        """What these allow and the others do not, spelled `verb:kind:scope` or as hidden fields."""
        return [
            f"{verb}:{kind}:{self.scope(verb, kind)}"
            for verb, kind in sorted(self.allow)
            if _width(self.scope(verb, kind)) > _width(other.scope(verb, kind))
        ] + sorted(other.hidden - self.hidden)


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: a person, a write key, a contact through a signed link, or Cadenza itself.

    `id` is the row of the kind's own table, None for the system. `role` is a user's role; a key and
    a subject have none and may do only what their door offers. `scopes` narrows a user who acts
    through an API key: what the role allows and the key leaves out is refused. `grants` are those
    of the role as it is kept; None: those that are shipped under its name. `team` are the people
    whose records count as the team's.
    """

    kind: ActorKind
    id: int | None
    name: str
    role: str | None = None
    scopes: frozenset[Permission] | None = None
    grants: Grants | None = None
    team: frozenset[int] = frozenset()

    @property
    def sight(self) -> Hashable:
        """Two actors with the same sight see the same: a key for answers that are kept."""
        own = _grants(self)
        whose = (self.id, self.team) if own.narrow else ()
        return (self.role, self.scopes, own.hidden, whose)


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
    "form",
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
    | _each(("edit", "create", "delete"), ("decision_table", "scoring_model", "form"))
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


SENSITIVE: Final = ("contact.email", "contact.phone", "contact.birthday", "contact.city")
_NOTHING: Final = Grants(frozenset())
# Whoever only looks on does not need to know how to reach people at home, or how old they are.
SHIPPED: Final[Mapping[str, Grants]] = {
    role: Grants(
        held, hidden=frozenset(SENSITIVE) - {"contact.email"} if role == "viewer" else frozenset()
    )
    for role, held in PERMISSIONS.items()
}


def scope_of(actor: Actor, verb: Verb, kind: Kind) -> Scope | None:
    """Whose records of this kind the actor may do this to; None: nobody's."""
    if actor.scopes is not None and (verb, kind) not in actor.scopes:
        return None
    if actor.kind == "system":
        return "all"
    if actor.kind == "user":
        return _grants(actor).scope(verb, kind)
    return "all" if (verb, kind) in _BY_ACTOR_KIND.get(actor.kind, frozenset()) else None


def hidden_fields(actor: Actor, record: str) -> frozenset[str]:
    """The fields of a kind of record that this actor is not shown, such as `birthday`."""
    beginning = f"{record}."
    return frozenset(
        name.removeprefix(beginning)
        for name in _grants(actor).hidden
        if actor.kind == "user" and name.startswith(beginning)
    )


def may(actor: Actor, verb: Verb, kind: Kind) -> bool:
    """Whether the actor may do this to some things of this kind; for showing a control."""
    return scope_of(actor, verb, kind) is not None


def allowed(actor: Actor | None, verb: Verb, kind: Kind) -> None:
    """Return when the actor may do this to every thing of this kind; raise NotAllowed otherwise.

    Who may do it to some only is refused: a service that looks at whose each is asks
    `allowed_some`, and narrows what it does with `engine.services.roles.visibility`.
    """
    known = allowed_some(actor, verb, kind)
    if scope_of(known, verb, kind) != "all":
        raise NotAllowed(
            f"{known.name} may {verb} only some {kind.replace('_', ' ')}s as {known.role}, and "
            "this needs all of them. Ask an admin for a role that may.",
            who=known,
            what=f"{verb}:{kind}",
        )


def allowed_some(actor: Actor | None, verb: Verb, kind: Kind) -> Actor:
    """The actor, when they may do this to some things of this kind at least."""
    if actor is None:
        raise NotSignedIn("Nobody is signed in. Sign in and try again.")
    if not may(actor, verb, kind):
        what = f"{verb}:{kind}"
        if actor.scopes is not None and (verb, kind) not in actor.scopes:
            raise NotAllowed(
                f"{actor.name} may not {verb} {kind.replace('_', ' ')}s: the key's scopes leave it "
                "out. Ask an admin for a key with more.",
                who=actor,
                what=what,
            )
        raise NotAllowed(
            f"{actor.name} may not {verb} {kind.replace('_', ' ')}s"
            f"{f' as {actor.role}' if actor.role else ''}. Ask an admin for a role that may.",
            who=actor,
            what=what,
        )
    return actor


def _grants(actor: Actor) -> Grants:
    return actor.grants or SHIPPED.get(actor.role or "", _NOTHING)


def _width(scope: Scope | None) -> int:
    return 0 if scope is None else ("own", "team", "all").index(scope) + 1

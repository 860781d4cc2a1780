"""What a key may do, written as `read:contact` or `write:segment`.

A key manages nothing that its scopes do not name: `manage:user` and `manage:api_key` are in no `*`,
and with them nobody gives more than the key itself may do. Fields, channels and write keys no key
changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, get_args

from engine.errors import Problem, Refused
from engine.services.actor import Kind, Permission, Verb

EVERY: Final = "*"
_VERBS: Final[Mapping[str, tuple[Verb, ...]]] = {
    "read": ("read",),
    "write": ("edit", "create", "delete", "publish", "pause", "import", "record"),
}
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
# Kinds that are only ever read or managed.
_NEVER_WRITTEN: Final = frozenset(
    {"user", "write_key", "api_key", "audit", "mailbox", "secret", "channel", "backup"}
)
# What is managed by a key that was made for it. Absences, because sales managers manage them and a
# key makes nobody one who may do more than it.
_MANAGED: Final[tuple[Kind, ...]] = ("user", "api_key", "absence")
SCOPES: Final[Mapping[str, frozenset[Permission]]] = {
    f"{access}:{kind}": frozenset((verb, kind) for verb in verbs)
    for access, verbs in _VERBS.items()
    for kind in _KINDS
    if access == "read" or kind not in _NEVER_WRITTEN
} | {f"manage:{kind}": frozenset({("manage", kind)}) for kind in _MANAGED}


def read_scopes(written: Iterable[str], held: frozenset[Permission], role: str) -> list[str]:
    """The scopes as they are kept: each by name, once, in order.

    `held` is what the role allows. `read:*` and `write:*` stand for the kinds of today that it
    allows; a kind that comes with a later release is not in them. Raises Refused with every scope
    that is unknown, or that gives this role nothing.
    """
    found: set[str] = set()
    problems: list[Problem] = []
    for index, scope in enumerate(written):
        place = f"/scopes/{index}"
        access, _, kind = scope.partition(":")
        if kind == EVERY and access in _VERBS:
            found |= {
                one for one, may in SCOPES.items() if one.startswith(f"{access}:") and may & held
            }
        elif scope not in SCOPES:
            problems.append(Problem(place, "unknown_scope", _advice(scope)))
        elif not SCOPES[scope] & held:
            problems.append(
                Problem(place, "beyond_role", f'"{scope}" is more than the role {role} may do')
            )
        else:
            found.add(scope)
    if not found and not problems:
        problems.append(Problem("/scopes", "missing", "give the key at least one scope"))
    if problems:
        raise Refused("The key was not made.", problems)
    return sorted(found)


def permissions_of(scopes: Iterable[str]) -> frozenset[Permission]:
    """What these scopes allow at most; a scope nobody knows any more allows nothing."""
    nothing: frozenset[Permission] = frozenset()
    return nothing.union(*(SCOPES.get(scope, nothing) for scope in scopes))


def _advice(scope: str) -> str:
    return (
        f'"{scope[:60]}" is no scope; write read:KIND or write:KIND, where KIND is '
        f"{', '.join(kind for kind in _KINDS if kind not in _NEVER_WRITTEN)} or *; or "
        f"{', '.join(f'manage:{kind}' for kind in _MANAGED)}"
    )

"""Names of things outside a flow that it counts on, so that a check can tell which are missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from engine.flows.problems import Code, Path, SettingProblem, did_you_mean

MentionKind = Literal[
    "flow",
    "hook_source",
    "calendar",
    "team",
    "stage",
    "channel",
    "sender",
    "assignment",
    "escalation_policy",
    "approval_chain",
]
# What there is, by kind; a kind that is not among them cannot be checked.
Known = Mapping[str, Collection[str]]

_SAID: Final[Mapping[MentionKind, tuple[Code, str]]] = {
    "flow": (Code.UNKNOWN_FLOW, "flow"),
    "hook_source": (Code.UNKNOWN_SOURCE, "hook source"),
    "calendar": (Code.UNKNOWN_CALENDAR, "calendar"),
    "team": (Code.UNKNOWN_PERSON, "team"),
    "stage": (Code.UNKNOWN_STAGE, "stage"),
    "channel": (Code.UNKNOWN_CHANNEL, "channel"),
    "sender": (Code.UNKNOWN_SENDER, "sender"),
    "assignment": (Code.UNKNOWN_ASSIGNMENT, "set of assignment rules"),
    "escalation_policy": (Code.UNKNOWN_POLICY, "escalation policy"),
    "approval_chain": (Code.UNKNOWN_CHAIN, "approval chain"),
}


@dataclass(frozen=True, slots=True)
class Mention:
    """`path` is where the name stands, from the node or the trigger on."""

    kind: MentionKind
    name: str
    path: Path


def missing(mentions: Collection[Mention], known: Known) -> list[SettingProblem]:
    """The mentions of what does not exist."""
    found = []
    for mention in mentions:
        names = known.get(mention.kind)
        if names is None or mention.name in names:
            continue
        code, what = _SAID[mention.kind]
        meant = did_you_mean(mention.name, sorted(names))
        message = f'there is no {what} "{mention.name}"; {meant}'
        found.append(SettingProblem(mention.path, code, message))
    return found

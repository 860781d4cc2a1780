"""What others ask of escalations: the values that go in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.escalations.urgency import Urgency
from engine.flows.words import Words


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """A policy that is written where it is used, such as in a step of a flow.

    `name` is what duplicates are folded by, in place of a published policy's name; `document` is
    what a policy file holds below its name.
    """

    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Something that must be taken up. `policy` is a published policy's name, or an inline one.

    `key` is the same for the same ask: asking twice with it opens, and counts, one. An open case of
    the same subject and policy takes the ask in, is counted up and gets the higher urgency.
    `owner_id` and `team` are what "owner", "manager_of: owner" and "team_head" mean here. `run` is
    who waits for it: run, node and visit. `contact_id`: whom the texts speak of; the case goes when
    they are erased (for a subject of kind "contact" it is the subject).
    """

    policy: str | InlinePolicy
    subject_kind: str
    subject_id: int
    title: Words
    body: Words
    urgency: Urgency
    key: str
    owner_id: int | None = None
    team: str | None = None
    run: tuple[int, str, int] | None = None
    contact_id: int | None = None
    path: str = ""

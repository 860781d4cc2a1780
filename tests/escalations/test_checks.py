from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.definitions import DefinitionKind, World, read_definition
from engine.definitions_known import KINDS
from engine.errors import Problem
from engine.escalations.policy import read_policy
from engine.working_time import WorkingCalendar
from tests.escalations.company import BEN, EVE, GIL, NINE_TO_SIX, company, person

READY = sorted((Path(__file__).parents[2] / "templates" / "escalations").glob("*.yaml"))
KIND = KINDS[DefinitionKind.ESCALATION]
NEVER = WorkingCalendar(((), (), (), (), (), (), ()))


def problems(document: Mapping[str, Any], **world: Any) -> list[Problem]:
    found: list[Problem] = []
    model = KIND.model(document, found)
    known: dict[str, Any] = {"directory": company(), "calendars": {"": NINE_TO_SIX}}
    return found if model is None else list(KIND.check(model, World(**(known | world))))


def level(to: str, **more: Any) -> dict[str, Any]:
    return {"levels": [{"to": to, **more}]}


@pytest.mark.parametrize(
    ("document", "place", "words"),
    [
        (level("team:South"), "/levels/0/to/0", "no members"),
        (level("team:West"), "/levels/0/to/0", "there is no team"),
        (level("team_head:South"), "/levels/0/to/0", "has no head"),
        (level("role:marketer"), "/levels/0/to/0", "nobody has the role"),
        (level("fred@example.com"), "/levels/0/to/0", "deactivated"),
        (level("nan@example.com"), "/levels/0/to/0", "nobody here is"),
        (level("on_duty:first"), "/levels/0/to/0", "there is no rotation"),
        (level("on_duty:other/first"), "/levels/0/to/0", "there is no escalation policy"),
        ({**level("owner"), "calendar": "night"}, "/calendar", "there is no calendar"),
        ({**level("owner"), "calendar": "never"}, "/calendar", "nobody ever works"),
        (level("owner", calendar="never"), "/levels/0/calendar", "nobody ever works"),
        (level("owner", repeat={"every": "0h", "times": 2}), "/levels/0/repeat/every", "longer"),
        (level("owner", repeat={"every": "1h", "times": 0}), "/levels/0/repeat/times", "at least"),
        (level("owner", if_empty="stay"), "/levels/0/if_empty", "cannot be"),
        (level("manager:99"), "/levels/0/to/0", "is nobody"),
        ({"levels": []}, "/levels", "at least 1"),
        ({**level("owner"), "rounds": 99}, "/rounds", "at most"),
        ({**level("owner"), "escalate": 1}, "/escalate", "unknown key"),
        ({**level("owner"), "wait": "0m"}, "/wait", "longer than nothing"),
    ],
)
def test_what_can_reach_nobody_or_never_ends_is_refused_with_its_place(
    document: dict[str, Any], place: str, words: str
) -> None:
    found = problems(
        document,
        calendars={"": NINE_TO_SIX, "never": NEVER},
        names={DefinitionKind.ESCALATION: frozenset()},
    )
    assert [one.place for one in found] == [place]
    assert words in found[0].message


def test_a_circle_of_managers_is_named() -> None:
    people = {
        one: person(one, name, manager_id=above)
        for one, name, above in ((BEN, "Ben", EVE), (EVE, "Eve", GIL), (GIL, "Gil", BEN))
    }
    directory = company(people=people, teams={})
    [found] = problems(level("manager:2"), directory=directory)
    assert (found.place, found.code) == ("/levels/0/to/0", "manager_circle")
    assert "Ben, Eve, Gil" in found.message
    assert problems(level("owner"), directory=directory) == []


def test_mistakes_of_rotations_come_all_at_once() -> None:
    first = {
        "zone": "UTC",
        "starts": "2026-03-02",
        "members": ["ben@example.com", "nan@example.com"],
        "overrides": [
            {"from": "2026-03-05T09:00", "until": "2026-03-04T09:00", "who": "fred@example.com"}
        ],
    }
    found = problems({**level("on_duty:first"), "rotations": {"first": first}})
    assert [one.place for one in found] == [
        "/rotations/first/overrides/0",
        "/rotations/first/members/1",
        "/rotations/first/overrides/0/who",
    ]


def test_without_a_database_only_the_form_is_checked() -> None:
    known: list[Problem] = []
    policy = read_policy({**level("team:Nowhere"), "calendar": "some"}, known)
    assert policy is not None
    assert KIND.check(policy, World()) == []


@pytest.mark.parametrize("file", READY, ids=lambda file: file.stem)
def test_ready_policies_can_be_published(file: Path) -> None:
    draft = read_definition(file.read_text("utf-8"), file.name)
    assert (draft.kind, draft.name) == (DefinitionKind.ESCALATION, file.stem)
    assert problems(draft.document) == []


def test_there_are_ready_policies() -> None:
    assert [file.stem for file in READY] == ["complaint", "sla", "stuck_deal"]

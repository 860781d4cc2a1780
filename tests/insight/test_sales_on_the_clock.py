"""Deals on a virtual clock: what rots, and how far up it goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from engine.errors import Problem
from engine.escalations.policy import Policy, read_policy
from engine.people import Absence, Directory, Person, Team
from engine.pipelines import PipelinePlan, compile_pipeline
from engine.pipelines.model import PipelineModel
from engine.rules import Catalogue
from engine.services.deals.reaching import reached
from engine.simulate.sales import Course, House, Step, simulate_sales
from engine.simulate.sales_report import SalesReport

ADA, BEN, CLEO = 1, 2, 3
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def person(number: int, name: str, manager: int | None, role: str = "rep") -> Person:
    return Person(
        number, name, None, role, "East", manager, True, "en", None, None, frozenset(), frozenset()
    )


def people(*absences: Absence) -> Directory:
    return Directory(
        people={
            ADA: person(ADA, "Ada", BEN),
            BEN: person(BEN, "Ben", CLEO, "sales_manager"),
            CLEO: person(CLEO, "Cleo", None, "sales_manager"),
        },
        teams={"East": Team("East", BEN, None, (ADA, BEN, CLEO))},
        absences={one.user_id: (one,) for one in absences},
    )


def plan(rotten: list[dict[str, object]] | None = None) -> PipelinePlan:
    document = {
        "stages": [
            {
                "key": "talk",
                "sla": [{"after": "2d", "then": [{"do": "notify", "to": "owner"}]}],
                "rot_after": "10d",
                "rotten": rotten or [{"do": "escalate", "policy": "stuck"}],
            },
            {"key": "won", "kind": "won"},
            {"key": "lost", "kind": "lost"},
        ],
        "transitions": [
            {"from": "talk", "to": "won"},
            {"from": "talk", "to": "lost", "automatic": {"after": "60d"}},
        ],
    }
    return compile_pipeline(PipelineModel.model_validate(document), Catalogue.standard())


def policy() -> Policy:
    problems: list[Problem] = []
    document = {
        "time": "clock",
        "levels": [
            {"to": "owner"},
            {"to": "manager", "after": "2d"},
            {"to": "manager:2", "after": "3d"},
        ],
        "wait": "5d",
    }
    found = read_policy(document, problems)
    assert found is not None, problems
    return found


def played(
    *courses: Course, days: int = 40, directory: Directory | None = None, **more: object
) -> SalesReport:
    directory = directory or people()

    def reach(texts: Iterable[str], owner: int | None, now: datetime) -> list[int]:
        return reached(texts, owner, directory, now)

    house = House(
        more.get("plan") or plan(),  # type: ignore[arg-type]
        {"stuck": policy()} if more.get("published", True) else {},
        directory,
        {},
        "UTC",
        partial(reach),
    )
    return simulate_sales(house, courses, START, START + timedelta(days=days))


def standing(number: int, *steps: Step, active: tuple[datetime, ...] = ()) -> Course:
    walked = steps or (Step(START - timedelta(days=50), "talk"),)
    return Course(number, f"Deal {number}", ADA, "East", walked, active)


def told(report: SalesReport) -> list[tuple[str, float, tuple[int, ...], int | None]]:
    return [
        (one.what, (one.at - START) / timedelta(days=1), one.people, one.level)
        for one in report.happened
    ]


def test_a_deal_that_nobody_touches_goes_up_to_the_top() -> None:
    report = played(standing(7))
    assert told(report) == [
        ("alert", 2.0, (ADA,), None),
        ("rot", 10.0, (), None),
        ("escalated", 10.0, (ADA,), 1),
        ("escalated", 12.0, (BEN,), 2),
        ("escalated", 15.0, (CLEO,), 3),
        ("unanswered", 20.0, (), None),
    ]
    (rotten,) = report.rotten()
    assert (rotten.deal_id, rotten.highest_level, rotten.told) == (7, 3, (ADA, BEN, CLEO))
    assert report.levels() == {("stuck", 1): 1, ("stuck", 2): 1, ("stuck", 3): 1}
    assert report.by_stage()["talk"]["escalated"] == 1
    assert report.told()[ADA] == {"alert": 1, "escalated": 1}


def test_a_deal_that_moves_on_takes_its_case_with_it() -> None:
    report = played(
        standing(
            7, Step(START - timedelta(days=1), "talk"), Step(START + timedelta(days=11), "won")
        )
    )
    assert [one[:2] for one in told(report)] == [("alert", 2.0), ("rot", 10.0), ("escalated", 10.0)]


def test_a_sign_of_life_puts_off_the_rot() -> None:
    report = played(standing(7, active=(START + timedelta(days=4),)), days=15)
    assert [one[:2] for one in told(report)] == [
        ("alert", 2.0),
        ("rot", 14.0),
        ("escalated", 14.0),
    ]


def test_who_is_away_is_stood_in_for() -> None:
    away = Absence(ADA, START, START + timedelta(days=400), CLEO)
    report = played(standing(7), days=11, directory=people(away))
    assert [one[2] for one in told(report)] == [(CLEO,), (), (CLEO,)]


def test_a_pipeline_moves_deals_by_itself_and_deals_begin_later() -> None:
    late = Step(START + timedelta(days=5), "talk")
    report = played(standing(7, late), days=70)
    assert ("moved_by_itself", 65.0, (), None) in told(report)
    assert told(report)[0][:2] == ("alert", 7.0)
    assert report.happened[-1].about == "lost"


def test_a_policy_that_is_not_published_is_said() -> None:
    report = played(standing(7), days=11, published=False)
    assert [one.what for one in report.happened] == ["alert", "rot", "no_policy"]


def test_silence_that_is_only_told_about_opens_no_case() -> None:
    report = played(standing(7), days=30, plan=plan([{"do": "notify", "to": ["owner", "manager"]}]))
    assert told(report)[-1] == ("rot", 10.0, (ADA, BEN), None)
    assert report.rotten()[0].highest_level == 0

"""Whether a deal may go to a stage, and everything that stands against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.machines.pipeline import Judged, Mover, Wish, judge
from engine.people import Directory, Person, Team
from engine.pipelines import DealView, PipelineModel, compile_pipeline
from engine.rules import Catalogue, CustomField, Label, Type

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
BEN, CLEO, MIA = 1, 2, 3
PEOPLE = Directory(
    {
        BEN: Person(BEN, "Ben", "ben@example.com", "rep", team="North", manager_id=MIA),
        CLEO: Person(CLEO, "Cleo", "cleo@example.com", "rep"),
        MIA: Person(MIA, "Mia", "mia@example.com", "sales_manager"),
    },
    {"North": Team("North", member_ids=(BEN,))},
)
COLOUR = CustomField("deal", "colour", Type.TEXT, Label("colour", "颜色"))
CATALOGUE = Catalogue.standard().with_custom_fields([COLOUR])
RICH = {">=": [{"in_base": {"var": "deal.amount"}}, 1_000]}
MODEL = PipelineModel.model_validate(
    {
        "stages": [
            {"key": "talk"},
            {"key": "offer", "when": RICH, "needs": ["amount", "custom.colour"]},
            {"key": "won", "kind": "won"},
            {"key": "lost", "kind": "lost"},
        ],
        "transitions": [
            {"from": "talk", "to": "offer", "who": "owner", "needs": ["amount", "contact.phone"]},
            {"from": "talk", "to": "offer", "who": "role:sales_manager", "approval": "boss"},
            {"from": "offer", "to": "won", "who": ["manager", "team:North"]},
            {"from": "*", "to": "lost", "needs": "lost_reason"},
            {"from": "talk", "to": "won", "automatic": {"after": "1d"}},
        ],
    }
)
PLAN = compile_pipeline(MODEL, CATALOGUE)
FULL: dict[str, Any] = {"amount": 5_000, "currency": "EUR", "contact": 7}
FACTS = {
    "deal": {"amount": {"minor": 5_000, "currency": "EUR", "base": 5_000}},
    "contact": {"phone": "+49301"},
    "account": None,
}


def asked(to: str, by: int | None = BEN, **more: Any) -> Wish:
    person = PEOPLE.people.get(by or 0)
    deal = DealView(9, more.pop("stage", "talk"), BEN, more.pop("values", FULL), {"colour": "red"})
    mover = Mover(by, person.role if person else None)
    return replace(Wish(deal, to, FACTS, mover, NOW, "UTC"), **more)


def judged(wish: Wish) -> Judged:
    return judge(PLAN, wish, PEOPLE, CATALOGUE)


def codes(wish: Wish) -> list[tuple[str, str]]:
    return [(one.place, one.code) for one in judged(wish).problems]


def test_of_several_ways_the_first_that_names_the_person_counts() -> None:
    assert judged(asked("offer", BEN)).chain is None
    assert judged(asked("offer", MIA)).chain == "boss"
    assert judged(asked("offer", MIA, approved=True)).chain is None
    assert codes(asked("offer", CLEO)) == [("", "not_theirs")]
    assert judged(asked("offer", None)).problems == ()


def test_manager_and_team_may_go_their_ways() -> None:
    for person, allowed in ((MIA, True), (BEN, True), (CLEO, False)):
        assert (codes(asked("won", person, stage="offer")) == []) is allowed


def test_what_stage_and_way_need_is_said_once_each() -> None:
    poor = asked("offer", values={}, facts={"deal": {}, "contact": {}, "account": None})
    poor = replace(poor, deal=replace(poor.deal, custom={}))
    assert codes(poor) == [
        ("/fields/amount", "missing"),
        ("/fields/custom/colour", "missing"),
        ("/to", "rule"),
        ("/contact/phone", "missing"),
    ]
    (message,) = [
        one.message for one in judged(poor).problems if one.place == "/fields/custom/colour"
    ]
    assert message == "Offer needs colour; fill it in."


def test_a_rule_that_does_not_hold_says_what_it_read() -> None:
    facts = {**FACTS, "deal": {"amount": {"minor": 5, "currency": "EUR", "base": 5}}}
    (problem,) = judged(asked("offer", facts=facts)).problems
    assert problem.code == "rule"
    assert problem.message.startswith("The deal does not fit Offer because")


def test_any_stage_leads_where_the_star_says_and_not_to_itself() -> None:
    for stage in ("talk", "offer", "won"):
        assert codes(asked("lost", stage=stage)) == [("/lost_reason", "missing")]
    reason = {**FULL, "lost_reason": "too dear"}
    assert codes(asked("lost", stage="won", values=reason)) == []
    assert codes(asked("talk", stage="lost")) == [("/to", "no_transition")]


def test_people_and_clocks_go_ways_of_their_own() -> None:
    assert codes(asked("won")) == [("/to", "no_transition")]
    assert codes(asked("won", None, by_itself=True)) == []
    assert codes(asked("offer", None, by_itself=True)) == [("/to", "no_transition")]


def test_a_rule_whose_field_is_gone_lets_nobody_through() -> None:
    document = MODEL.model_dump(by_alias=True)
    document["stages"][1]["when"] = {"==": [{"var": "deal.custom.colour"}, "red"]}
    plan = compile_pipeline(PipelineModel.model_validate(document), Catalogue.standard())
    found = judge(plan, asked("offer"), PEOPLE, Catalogue.standard()).problems
    assert [(one.place, one.code) for one in found] == [("/to", "rule_broken")]


def test_without_transitions_every_stage_is_reached_from_every_other() -> None:
    free = compile_pipeline(MODEL.model_copy(update={"transitions": ()}), CATALOGUE)
    for stage in ("won", "lost"):
        wish = asked("talk", CLEO, stage=stage)
        assert judge(free, wish, PEOPLE, CATALOGUE) == Judged()


@given(
    st.sampled_from(["talk", "offer", "won", "lost", "gone"]),
    st.sampled_from(["talk", "offer", "won", "lost", "gone"]),
    st.sampled_from([None, BEN, CLEO, MIA, 99]),
    st.sets(st.sampled_from(["amount", "currency", "contact", "lost_reason"])),
    st.booleans(),
)
def test_what_passes_went_a_way_of_the_pipeline_and_has_what_it_needs(
    stage: str, to: str, by: int | None, filled: set[str], by_itself: bool
) -> None:
    wish = asked(to, by, stage=stage, values=dict.fromkeys(filled, 1), by_itself=by_itself)
    found = judged(wish)
    if found.problems:
        assert len({(one.place, one.code) for one in found.problems}) == len(found.problems)
        return
    assert found.way is not None
    assert found.way.model.leads_from(stage)
    assert found.way.is_automatic == by_itself
    assert to == found.way.to
    needed = {*found.way.gate.needs, *PLAN.stages[to].gate.needs}
    assert {name for name in needed if "." not in name} <= filled

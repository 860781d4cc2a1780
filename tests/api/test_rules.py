"""Questions about rules that are not saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert

from crm_store.models import Contact
from crm_store.session import Store
from engine.errors import NotAllowed
from engine.services.actor import Actor
from engine.services.rules import AskedRule, RuleTooSlow, count_rule
from tests.api.people import ADA, BEN, CLEO, bearer, codes, key_for
from tests.clock import Clock

SINGAPORE = {"==": [{"var": "contact.country"}, "SG"]}
BOUGHT = {"some": [{"var": "orders"}, {"==": [{"var": "status"}, "paid"]}]}
SILENT_BUYERS = {"dialect": 1, "rule": {"and": [SINGAPORE, BOUGHT]}}


async def ask(client: httpx2.AsyncClient, what: str, rule: Any, **more: Any) -> httpx2.Response:
    return await client.post(f"/api/rules/{what}", json={"rule": rule, **more})


async def test_a_right_rule_is_said_in_both_languages(api: httpx2.AsyncClient) -> None:
    answer = await ask(api, "check", SILENT_BUYERS)
    told = answer.json()

    assert (answer.status_code, told["ok"], told["problems"]) == (200, True, [])
    assert told["words"]["en"].startswith('country is "SG" and ')
    assert "国家/地区" in told["words"]["zh"]
    assert told["rule"] == SILENT_BUYERS
    assert told["reads"] == ["contact.country", "orders.status"]


async def test_every_mistake_is_pointed_to(api: httpx2.AsyncClient) -> None:
    wrong = {"and": [{"==": [{"var": "contact.contry"}, "SG"]}, {"grows": [1]}]}
    answer = await ask(api, "check", wrong)
    told = answer.json()

    assert (answer.status_code, told["ok"], told["words"]) == (200, False, None)
    assert [(one["pointer"], one["code"]) for one in told["problems"]] == [
        ("/and/0/==/0/var", "unknown_field"),
        ("/and/1/grows", "unknown_operator"),
    ]


async def test_fields_of_ones_own_are_known(api: httpx2.AsyncClient) -> None:
    plan = {"==": [{"var": "contact.custom.plan"}, "gold"]}

    assert (await ask(api, "check", plan)).json()["ok"]
    assert (await ask(api, "count", plan)).json() == {"count": 1, "exact": True}


async def test_subject_and_event_decide_what_is_in_reach(api: httpx2.AsyncClient) -> None:
    about_event = {"==": [{"var": "event.name"}, "Signed Up"]}
    about_deal = {"==": [{"var": "deal.stage_kind"}, "won"]}

    assert not (await ask(api, "check", about_event)).json()["ok"]
    assert (await ask(api, "check", about_event, event_rule=True)).json()["ok"]
    assert not (await ask(api, "check", about_deal)).json()["ok"]
    assert (await ask(api, "check", about_deal, subject="deal")).json()["ok"]


async def test_counting(api: httpx2.AsyncClient) -> None:
    assert (await ask(api, "count", SINGAPORE)).json() == {"count": 2, "exact": True}
    assert (await ask(api, "count", SINGAPORE, at_most=2)).json() == {"count": 2, "exact": True}
    assert (await ask(api, "count", SINGAPORE, at_most=1)).json() == {"count": 1, "exact": False}


async def test_explaining_says_what_was_read_and_why(api: httpx2.AsyncClient) -> None:
    yes = (await ask(api, "explain", SILENT_BUYERS, contact=ADA)).json()
    no = (await ask(api, "explain", SILENT_BUYERS, contact="CLEO@example.com")).json()

    assert (yes["holds"], yes["name"], yes["zone"]) == (True, "Ada", "Asia/Singapore")
    assert (no["holds"], no["contact_id"], no["zone"]) == (False, CLEO, "Europe/Berlin")
    assert 'country is "DE"' in no["sentences"]["en"]
    assert no["sentences"]["zh"].startswith("因为")
    country, _ = no["tree"]["children"]
    assert (country["truth"], country["reads"][0]["value"]) == (False, "DE")
    assert country["reads"][0]["fact"] == "contact.country"


async def test_explaining_at_another_time(api: httpx2.AsyncClient) -> None:
    recent = {"done": ["Order Completed", ">=", 1, ["in_last", 7, "days"]]}

    assert (await ask(api, "explain", recent, contact=ADA)).json()["holds"]
    later = await ask(api, "explain", recent, contact=ADA, at="2026-04-01T00:00:00+08:00")
    assert later.json()["holds"] is False
    assert later.json()["at"] == "2026-03-31T16:00:00Z"


async def test_explaining_a_trigger_with_an_event_at_hand(api: httpx2.AsyncClient) -> None:
    big = {">": [{"var": "event.properties.total"}, 100]}
    event = {"name": "Order Completed", "properties": {"total": 120}}

    assert (await ask(api, "explain", big, contact=ADA, event=event)).json()["holds"]
    assert (await ask(api, "explain", big, contact=ADA)).status_code == 422


async def test_explaining_for_nobody(api: httpx2.AsyncClient) -> None:
    for contact in (4711, "nobody@example.com", "a\0b", 2**63 - 1):
        answer = await ask(api, "explain", SINGAPORE, contact=contact)

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), contact


async def test_a_sample_has_reasons_and_can_be_drawn_again(api: httpx2.AsyncClient) -> None:
    told = (await ask(api, "sample", SINGAPORE, size=1, seed=7)).json()["contacts"]
    again = (await ask(api, "sample", SINGAPORE, size=1, seed=7)).json()["contacts"]
    others = (await ask(api, "sample", SINGAPORE, matching=False)).json()["contacts"]

    assert told == again
    assert told[0]["contact_id"] in (ADA, BEN)
    assert told[0]["holds"]
    assert [one["contact_id"] for one in others] == [CLEO]
    assert others[0]["sentences"]["en"].startswith("because country is")


async def test_every_contact_is_as_likely_as_any_other(
    api: httpx2.AsyncClient, store: Store
) -> None:
    async with store.transaction() as session:
        await session.execute(insert(Contact), [{"country": "SG"} for _ in range(18)])
    drawn: set[int] = set()
    for seed in range(12):
        told = (await ask(api, "sample", SINGAPORE, size=5, seed=seed)).json()["contacts"]
        drawn.update(one["contact_id"] for one in told)

    assert len(drawn) > 15


async def test_a_wrong_rule_is_refused_with_pointers_into_the_body(
    api: httpx2.AsyncClient,
) -> None:
    for what in ("explain", "count", "sample"):
        more = {"contact": ADA} if what == "explain" else {}
        answer = await ask(api, what, {"dialect": 1, "rule": {"grows": [1]}}, **more)

        assert (answer.status_code, answer.json()["code"]) == (422, "rule_refused")
        assert codes(answer) == [("/rule/rule/grows", "unknown_operator")]
        assert answer.json()["problems"][0]["pointer"] == "/rule/rule/grows"
        assert "/api/rules/check" in answer.json()["advice"]


async def test_a_rule_about_the_event_at_hand_is_not_counted(api: httpx2.AsyncClient) -> None:
    answer = await ask(api, "count", {"==": [{"var": "event.name"}, "Signed Up"]})

    assert (answer.status_code, answer.json()["code"]) == (422, "rule_refused")


async def test_what_takes_too_long_is_given_up_with_advice(store: Store, clock: Clock) -> None:
    async with store.transaction() as session:
        await session.execute(insert(Contact), [{"country": "SG"} for _ in range(3000)])
    actor = Actor("user", 1, "Ben", "marketer")
    pairs = {"contains": [{"var": "contact.country"}, "Z"]}
    with pytest.raises(RuleTooSlow, match="save it as a segment"):
        async with store.transaction() as session:
            await count_rule(
                session,
                actor,
                AskedRule({"or": [pairs] * 200}),
                now=clock.now(),
                zone="UTC",
                longest=timedelta(milliseconds=1),
            )


GIVES_AWAY = (
    (SINGAPORE, "contact"),
    (BOUGHT, "order"),
    (BOUGHT, "contact"),
    ({">": [{"var": "contact.order_count"}, 0]}, "order"),
    ({"done": ["Order Completed", ">=", 1, ["in_last", 7, "days"]]}, "event"),
    ({"==": [{"var": "account.industry"}, "x"]}, "account"),
)


async def test_a_rule_gives_nothing_away_that_the_key_may_not_read(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    every = ("contact", "order", "event", "account", "segment")
    for rule, missing in GIVES_AWAY:
        scopes = [f"read:{kind}" for kind in every if kind != missing]
        key = bearer(await key_for(store, clock, "marketer", scopes))
        for what in ("count", "sample", "explain"):
            body = {"rule": rule} | ({"contact": ADA} if what == "explain" else {})
            answer = await api.post(f"/api/rules/{what}", json=body, headers=key)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
            assert missing in answer.json()["detail"]
            allowed = await api.post(f"/api/rules/{what}", json=body)
            assert allowed.status_code == 200


async def test_permission_is_asked_before_anything_is_loaded(store: Store, clock: Clock) -> None:
    nobody = Actor("user", 1, "Ben", "king")
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await count_rule(session, nobody, AskedRule(SINGAPORE), now=clock.now(), zone="UTC")


async def test_facts_are_listed_with_types_words_and_values(api: httpx2.AsyncClient) -> None:
    answer = await api.get("/api/facts")
    records = {record["kind"]: record for record in answer.json()["records"]}
    contact = {fact["path"]: fact for fact in records["contact"]["facts"]}

    assert records["order"]["listed_as"] == "orders"
    assert contact["contact.country"]["label"] == {"en": "country", "zh": "国家/地区"}
    assert "customer" in contact["contact.lifecycle_stage"]["values"]
    assert contact["contact.custom.plan"]["custom"]
    assert contact["contact.email"]["folded"]
    assert contact["contact.email"]["origin"]["zh"]
    same = await api.get("/api/facts", headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_facts_of_kinds_the_key_may_not_read_are_left_out(
    api: httpx2.AsyncClient, store: Store, clock: Clock
) -> None:
    key = bearer(await key_for(store, clock, "marketer", ["read:contact"]))
    answer = await api.get("/api/facts", headers=key)

    kinds = [record["kind"] for record in answer.json()["records"]]
    assert kinds == ["contact", "change"]


async def test_rules_of_other_tools_are_imported_everywhere(api: httpx2.AsyncClient) -> None:
    foreign = {"==": [{"var": "country"}, "SG"]}
    plain = await ask(api, "count", foreign)
    imported = await ask(api, "count", foreign, language="jsonlogic")
    checked = (await ask(api, "check", {"map": [[1], 2]}, language="jsonlogic")).json()

    assert (plain.status_code, imported.json()) == (422, {"count": 2, "exact": True})
    assert (checked["ok"], [one["pointer"] for one in checked["problems"]]) == (False, ["/map"])


async def test_what_an_event_tells_of_can_be_explained(api: httpx2.AsyncClient) -> None:
    moved = {"changed_to": [{"var": "contact.country"}, "SG"]}
    changes = {"contact": {"country": {"old": "DE", "new": "SG"}}}
    event = {"name": "Contact Updated", "changes": changes}

    assert (await ask(api, "explain", moved, contact=ADA, event=event)).json()["holds"]


async def test_a_doubtful_rule_is_warned_of(api: httpx2.AsyncClient) -> None:
    never = {"and": [{">": [{"var": "contact.score"}, 5]}, {"<": [{"var": "contact.score"}, 3]}]}
    told = (await ask(api, "check", {"dialect": 1, "rule": never})).json()

    assert told["ok"]
    assert [(one["pointer"], one["code"]) for one in told["warnings"]] == [
        ("/rule/and/1", "impossible")
    ]

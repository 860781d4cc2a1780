from __future__ import annotations

from typing import Any

import pytest

from engine.effects import CALL_WEBHOOK, Outcome, Receipt
from engine.flows.problems import Code, SettingsRefused
from engine.json_path import at, clash, is_path, nested
from engine.steps import CallWebhook
from engine.steps.base import Place
from engine.steps.moves import Hold, Leave, Perform, SetOwnFields
from tests.steps.standing import ADA, CATALOGUE, standing

URL = "https://hooks.example.com/orders"


def made(**settings: Any) -> CallWebhook:
    return CallWebhook.read({"url": URL, **settings})


def here(step: CallWebhook, **more: Any) -> Place:
    formulas, fills = step.formulas(CATALOGUE), step.fills(CATALOGUE)
    return standing(step, **more)._replace(formulas=formulas, fills=fills)


def test_without_a_body_it_says_which_flow_and_whom_it_is_about() -> None:
    step = made()
    move = step.enter(here(step, contact={**ADA, "email": "ada@example.com"}))
    assert isinstance(move, Perform)
    assert move.effect is CALL_WEBHOOK
    assert move.ask["said"]["body"] == {
        "flow": "welcome",
        "node": "here",
        "visit": 1,
        "contact": {"id": 1, "external_id": None, "email": "ada@example.com"},
    }
    assert move.ask["usual"] is True
    # the journal shows where, not what
    assert move.why == {"url": URL, "method": "POST"}


def test_a_body_is_what_the_flow_says_and_nothing_else() -> None:
    step = made(body={"who.name": {"var": "contact.first_name"}, "who.points": {"+": [40, 2]}})
    move = step.enter(here(step))
    assert isinstance(move, Perform)
    assert move.ask["said"] == {"body": {"who": {"name": "Ada", "points": 42}}}
    assert move.ask["usual"] is False


def test_get_and_delete_send_no_body() -> None:
    step = made(method="GET", query={"id": {"var": "contact.id"}})
    move = step.enter(here(step))
    assert isinstance(move, Perform)
    assert move.ask["said"] == {"query": {"id": 1}}
    with pytest.raises(SettingsRefused):
        made(method="DELETE", body={"a": 1})


def test_a_header_may_carry_a_kept_secret() -> None:
    step = made(headers={"X-Team": "blue", "X-Api-Key": {"secret": "SHOP_KEY"}})
    move = step.enter(here(step))
    assert isinstance(move, Perform)
    assert move.ask["headers"] == {"X-Team": "blue"}
    assert move.ask["secret_headers"] == {"X-Api-Key": "SHOP_KEY"}


def test_what_looks_like_a_key_is_refused_without_being_repeated() -> None:
    for settings in (
        {"headers": {"X-Api-Key": "9f8e7d6c"}},
        {"url": f"{URL}?token=9f8e7d6c"},
        {"query": {"secret": "9f8e7d6c"}},
    ):
        with pytest.raises(SettingsRefused) as refusal:
            made(**settings)
        assert "holds no secrets" in str(refusal.value.problems)
        assert "9f8e7d6c" not in str(refusal.value.problems)


@pytest.mark.parametrize(
    "settings",
    [
        {"headers": {"X-Token-Count": "3", "X-Author": "Ben", "X-Monkey": "no"}},
        {"query": {"max_tokens": 5, "token": {"var": "contact.external_id"}}},
        {"url": f"{URL}?keyword=a&design=b"},
        {"url": "http://10.1.2.3/hook", "token": "INSIDE"},
    ],
)
def test_what_only_sounds_like_a_key_may_be_sent(settings: dict[str, Any]) -> None:
    made(**settings)


def test_secrets_are_named_and_never_held() -> None:
    step = made(secret="ORDERS", token="ORDERS_TOKEN")
    move = step.enter(here(step))
    assert isinstance(move, Perform)
    assert (move.ask["secret"], move.ask["token"]) == ("ORDERS", "ORDERS_TOKEN")


def test_a_value_that_cannot_be_worked_out_holds_the_run() -> None:
    step = made(body={"a": {"/": [1, 0]}})
    move = step.enter(here(step))
    assert isinstance(move, Hold)
    assert move.code == "cannot_compute"


@pytest.mark.parametrize(
    ("receipt", "exit_"),
    [
        (Receipt(Outcome.DONE, details={"status": 200}), "ok"),
        (Receipt(Outcome.REFUSED, "http_404", details={"status": 404}), "refused"),
        (Receipt(Outcome.WITHHELD), "refused"),
        (Receipt(Outcome.GAVE_UP, "http_503"), "gave_up"),
    ],
)
def test_each_answer_has_its_way(receipt: Receipt, exit_: str) -> None:
    step = made()
    move = step.answered(here(step), receipt)
    assert isinstance(move, Leave)
    assert (move.by, move.changes) == (exit_, ())
    assert move.why.get("status") == receipt.details.get("status")


def test_a_call_that_cannot_be_made_holds_the_run() -> None:
    step = made()
    receipt = Receipt(Outcome.CANNOT, "unknown_secret", details={"message": "it is not kept."})
    move = step.answered(here(step), receipt)
    assert isinstance(move, Hold)
    assert move.code == "call_cannot_be_made"


def test_what_the_answer_has_fills_fields_as_far_as_it_fits() -> None:
    step = made(keep={"score": "points", "city": "place", "country": "land"})
    receipt = Receipt(Outcome.DONE, details={"kept": {"score": "many", "city": "Bergen"}})
    move = step.answered(here(step), receipt)
    assert isinstance(move, Leave)
    assert move.changes == (SetOwnFields({"city": "Bergen"}),)
    assert move.why["kept"] == ["city"]
    assert set(move.why["left_out"]) == {"score", "country"}
    long = Receipt(Outcome.DONE, details={"kept": {"city": "x" * 1_001}})
    too_long = step.answered(here(step), long)
    assert isinstance(too_long, Leave)
    assert too_long.changes == ()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"url": "ftp://example.com"},
        {"url": "https://ben:secret@example.com/"},
        {"url": URL, "method": "PATCH"},
        {"url": URL, "headers": {"Authorization": "Bearer x"}},
        {"url": URL, "headers": {"X-Api-Key": "9f8e7d6c"}},
        {"url": URL, "headers": {"x-auth-token": "9f8e7d6c"}},
        {"url": URL, "headers": {"Cookie": "session=1"}},
        {"url": URL, "headers": {"Proxy-Authorization": "Basic x"}},
        {
            "url": URL,
            "headers": {"X-Api-Key": {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
        },
        {"url": URL, "headers": {"X-Api-Key": {"secret": "A", "else": "B"}}},
        {"url": URL, "headers": {"X-Team": 7}},
        {"url": URL, "headers": {"Authorization": {"secret": "A"}}, "token": "B"},
        {"url": f"{URL}?access_token=9f8e7d6c"},
        {"url": f"{URL}?a=1&sig=9f8e7d6c"},
        {"url": f"{URL}?key=9f8e7d6c"},
        {"url": URL, "query": {"api_key": "9f8e7d6c"}},
        {"url": "http://hooks.example.com/", "token": "A"},
        {"url": "http://8.8.8.8/", "headers": {"X-Api-Key": {"secret": "A"}}},
        {"url": URL, "headers": {"Host": "inside"}},
        {"url": URL, "headers": {"webhook-id": "1"}},
        {"url": URL, "headers": {"X-A": "one\r\nX-B: two"}},
        {"url": URL, "headers": {"X A": "one"}},
        {"url": URL, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
        {"url": URL, "body": {"a": 1, "a.b": 2}},
        {"url": URL, "body": {"a..b": 1}},
        {"url": URL, "keep": {"city": ""}},
        {"url": URL, "retries": 3},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        CallWebhook.read(settings)
    assert "secret@" not in str(refusal.value)
    assert "MfKQ9r8" not in str(refusal.value)


def test_unknown_facts_and_fields_are_found_before_anybody_runs() -> None:
    settings = {
        "url": URL,
        "body": {"name": {"var": "contact.nickname"}},
        "query": {"q": {"shout": "x"}},
        "keep": {"email": "data.email"},
    }
    problems = CallWebhook.catalogue_problems(settings, CATALOGUE)
    assert [(problem.path[:2], problem.code) for problem in problems] == [
        (("body", "name"), Code.BAD_RULE),
        (("query", "q"), Code.BAD_RULE),
        (("keep", "email"), Code.UNKNOWN_FIELD),
    ]


def test_the_canvas_shows_where_it_calls() -> None:
    assert made(method="PUT").summary().en == "PUT hooks.example.com"


def test_places_in_documents() -> None:
    document = {"a": [{"b": 1}, 2], "c": None}
    assert at(document, "a.0.b") == 1
    assert at(document, "a.1") == 2
    for nowhere in ("a.2", "a.b", "c.d", "x", "a.0.b.c", "a.-1", "a.99999999999"):
        assert at(document, nowhere) is None
    assert nested({"a.b": 1, "a.c": 2, "d": 3}) == {"a": {"b": 1, "c": 2}, "d": 3}
    assert clash(["a", "a.b"]) == "a.b"
    assert clash(["a.b", "a.c"]) is None
    assert [is_path(text) for text in ("a.b", "", "a..b", ".a", "x" * 300)] == [
        True,
        False,
        False,
        False,
        False,
    ]

"""The examples of docs/webhooks.md, carried out as they are written; `cadenza hook` as typed."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from crm_store.session import Store
from engine.api.app import create_app
from engine.cli import run_verb
from engine.flows.load import load_flow
from engine.rules import Catalogue
from engine.runtime import sender_settings
from engine.services.effects.webhook_call import call_of
from engine.services.pokes import NoPokes
from engine.services.secrets import box_of, opened_secrets
from engine.services.unsubscribe import UnsubscribeLinks
from engine.settings import load
from engine.steps import STEP_KINDS
from tests.messages.people import library

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SECRET = "a secret of the tests, long enough to be one"
Cadenza = Callable[..., tuple[int, str, str]]


def blocks(kind: str) -> list[str]:
    return [block for found, block in BLOCKS if found == kind]


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return typed


@pytest.fixture
def typed(cadenza: Cadenza) -> list[str]:
    """What the commands of the page print, each on its own."""
    said = []
    for command in "".join(blocks("sh")).splitlines():
        code, out, err = cadenza(*shlex.split(command)[1:])
        assert code == 0, (command, err)
        said.append(out)
    return said


async def test_the_page_s_system_reports(typed: list[str], store: Store) -> None:
    secret = typed[0].strip()
    settings = load()
    security = settings.security.model_copy(update={"secret_key": SecretStr(SECRET)})
    links = UnsubscribeLinks("http://cadenza.test", (SECRET,))
    parts: Any = SimpleNamespace(
        settings=replace(settings, security=security),
        store=store,
        pokes=NoPokes(),
        unsubscribe_links=links,
        sender_settings=sender_settings(settings, links, SECRET),
        library=library(),
        public_url="http://cadenza.test",
        now=lambda: datetime.now(UTC),
    )
    sender: dict[str, Any] = {"secret": secret}
    exec(blocks("python")[0], sender)
    transport = httpx2.ASGITransport(create_app(parts))
    async with httpx2.AsyncClient(transport=transport, base_url="http://cadenza.test") as client:
        answer = await client.post(
            "/hooks/in/billing", content=sender["body"], headers=sender["headers"]
        )
    assert answer.json() == json.loads(blocks("json")[0])
    async with store.connection() as connection:
        [event] = await connection.execute(text("SELECT name, source, kind FROM event"))
    assert tuple(event) == ("Subscription Renewed", "hook:billing", "hook")


async def test_the_page_s_receiver_verifies_and_drops_what_it_had(
    typed: list[str], store: Store
) -> None:
    assert "WAREHOUSE" in typed[2]
    [source] = blocks("yaml")
    catalogue = Catalogue.standard()
    flow = load_flow(source, file="webhooks.md", kinds=STEP_KINDS, catalogue=catalogue)
    settings = flow.nodes["ship"].settings
    ask = {**settings, "method": "POST", "said": {"body": {"box": "welcome"}}}
    now = datetime.now(UTC)
    async with store.transaction() as session:
        kept = await opened_secrets(session, box_of({}, [SECRET]), ["WAREHOUSE"])
    assert kept == {"WAREHOUSE": typed[1].strip()}
    effect: Any = SimpleNamespace(ask=ask, run_id=1, created_at=now)
    call = call_of(effect, "msg_1", kept, now)
    receiver: dict[str, Any] = {}
    exec(blocks("python")[1], receiver)
    seen: set[str] = set()
    assert receiver["receive"](kept["WAREHOUSE"], dict(call.headers), call.body, seen) is True
    assert receiver["receive"](kept["WAREHOUSE"], dict(call.headers), call.body, seen) is False


def test_a_source_is_made_listed_rotated_paused_and_removed(cadenza: Cadenza) -> None:
    code, secret, err = cadenza("hook", "add", "forms", "--email", "mail", "--event", "Form Sent")
    assert (code, secret.startswith("whsec_")) == (0, True)
    assert "/hooks/in/forms" in err
    listed = cadenza("hook", "list")[1]
    assert "email: mail" in listed
    assert secret.strip() not in listed
    again = cadenza("hook", "rotate", "forms", "--overlap", "2h")[1]
    assert again.startswith("whsec_")
    assert again != secret
    assert cadenza("hook", "pause", "forms")[0] == 0
    assert "paused" in cadenza("hook", "list")[1]
    assert cadenza("hook", "resume", "forms")[0] == 0
    assert cadenza("hook", "remove", "forms")[0] == 0
    assert cadenza("hook", "remove", "forms")[0] == 1


def test_mistakes_are_told_all_at_once(cadenza: Cadenza) -> None:
    both = ("--event", "Sent", "--event-path", "type")
    code, _, err = cadenza("hook", "add", "Forms!", "--email", "a..b", *both)
    assert code == 1
    for place in ("/name", "/contact/email", "/event"):
        assert place in err
    assert cadenza("hook", "secret", "remove", "NOBODY")[0] == 1
    assert cadenza("hook", "secret", "set", "whsec_abc", "--generate")[0] == 1
    assert cadenza("hook", "secret", "remove", "A")[0] == 1


def test_requests_and_cases_are_answered_by_a_person_who_is_there(
    cadenza: Cadenza, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    assert cadenza("approval", "list")[0] == 0
    assert cadenza("escalation", "list")[0] == 0
    cadenza("user", "add", "ben@example.com", "--role", "rep")
    by_ben = ("--as", "ben@example.com")
    assert "There is no request 7" in cadenza("approval", "approve", "7", *by_ben)[2]
    assert "There is no case 7" in cadenza("escalation", "ack", "7", *by_ben)[2]
    cadenza("user", "deactivate", "ben@example.com")
    assert "is deactivated" in cadenza("approval", "reject", "7", *by_ben)[2]

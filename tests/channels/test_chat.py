"""Rooms, messengers and SMS: what each provider is told, and what its answers mean."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.channels.base import (
    ChannelError,
    OutgoingMessage,
    Refused,
    Sender,
    Unclear,
    Unreachable,
)
from engine.channels.chat import PROVIDERS, ChatChannel
from engine.channels.chat.channel import AT_ONCE
from engine.channels.kinds import KINDS
from engine.channels.kinds.chat import Room
from engine.errors import Refused as SettingsNotTaken
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from tests.channels.scripted_http import CUT, SILENCE, Said, ScriptedWeb, scripted_web

TOKEN = "T0kenOfTheTest"
SETTINGS: dict[str, dict[str, Any]] = {
    "slack": {"hook": f"T0AB/B0CD/{TOKEN}"},
    "teams": {
        "host": "prod-1.westeurope.logic.azure.com",
        "workflow": "abc123",
        "signature": TOKEN,
    },
    "wecom": {"key": TOKEN},
    "feishu": {"token": TOKEN},
    "dingtalk": {"token": TOKEN, "sign_secret": "SECabc"},
    "telegram": {"bot_token": f"123:{TOKEN}"},
    "twilio": {
        "account_sid": "AC" + "0" * 32,
        "auth_token": TOKEN,
        "from_number": "+15005550006",
    },
}
GOOD = {
    "slack": Said(200, body=b"ok"),
    "teams": Said(202),
    "wecom": Said(200, body={"errcode": 0, "errmsg": "ok"}),
    "feishu": Said(200, body={"code": 0, "msg": "success"}),
    "dingtalk": Said(200, body={"errcode": 0}),
    "telegram": Said(200, body={"ok": True, "result": {}}),
    "twilio": Said(201, body={"sid": "SM1", "error_code": None}),
}
# What somebody could have typed as a name, to ring everybody or to forge a link.
HOSTILE = 'Ada <!channel> <at user_id="all">x</at> @all <b>b</b> & [free](https://evil.test)'
MESSAGE = OutgoingMessage(
    "0" * 32, Sender("hello@cadenza.test"), "4711", "Subject", HOSTILE, medium="chat"
)


@asynccontextmanager
async def told(
    kind: str, *answers: Said | str, seconds: float = 10
) -> AsyncIterator[tuple[ChatChannel, ScriptedWeb]]:
    room = KINDS[kind].read(SETTINGS[kind])
    assert isinstance(room, Room)
    async with scripted_web(answers or [GOOD[kind]]) as web:
        outgoing = Outgoing(read_reachable("127.0.0.1"))
        channel = ChatChannel(
            kind,
            PROVIDERS[kind],
            room.arguments(),
            outgoing,
            timeout=timedelta(seconds=seconds),
            base=web.url,
        )
        try:
            yield channel, web
        finally:
            await channel.close()
            await outgoing.close()


def to(kind: str) -> OutgoingMessage:
    return replace(MESSAGE, to="+15005550010") if kind == "twilio" else MESSAGE


async def sent(kind: str) -> tuple[str, bytes]:
    async with told(kind) as (channel, web):
        await channel.send(to(kind))
    [asked] = web.asked
    assert asked.method == "POST"
    return asked.path, asked.body


async def test_slack_is_told_text_that_calls_nobody() -> None:
    path, body = await sent("slack")
    assert path == f"/services/T0AB/B0CD/{TOKEN}"
    assert b"<!channel>" not in body
    assert "&lt;!channel&gt;" in json.loads(body)["attachments"][0]["text"]


async def test_teams_is_told_a_card_whose_text_makes_no_link() -> None:
    path, body = await sent("teams")
    assert path.startswith("/workflows/abc123/triggers/manual/paths/invoke?")
    assert parse_qs(urlsplit(path).query)["sig"] == [TOKEN]
    [block] = json.loads(body)["attachments"][0]["content"]["body"]
    assert "[free](" not in block["text"]


async def test_wecom_is_told_plain_text() -> None:
    path, body = await sent("wecom")
    assert path == f"/cgi-bin/webhook/send?key={TOKEN}"
    assert json.loads(body) == {"msgtype": "text", "text": {"content": HOSTILE}}


async def test_feishu_is_told_text_that_calls_nobody() -> None:
    path, body = await sent("feishu")
    assert path == f"/open-apis/bot/v2/hook/{TOKEN}/"
    said = json.loads(body)["content"]["text"]
    assert "<at" not in said
    assert "</at" not in said


async def test_dingtalk_is_told_text_with_a_signature_quoted_once() -> None:
    path, body = await sent("dingtalk")
    query = parse_qs(urlsplit(path).query)
    assert query["access_token"] == [TOKEN]
    assert "%25" not in path
    assert len(query["sign"][0]) == 44
    said = json.loads(body)
    assert (said["msgtype"], said["at"]) == ("text", {"atMobiles": [], "isAtAll": False})


async def test_telegram_is_told_html_in_which_nothing_is_a_tag() -> None:
    path, body = await sent("telegram")
    assert path == f"/bot123:{TOKEN}/sendMessage"
    said = json.loads(body)
    assert (said["chat_id"], said["parse_mode"]) == (4711, "HTML")
    assert "<" not in said["text"]
    assert "&lt;b&gt;b&lt;/b&gt; &amp;" in said["text"]


async def test_twilio_is_told_a_number_and_the_text() -> None:
    path, body = await sent("twilio")
    assert path == f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    said = parse_qs(body.decode())
    assert said == {"Body": [HOSTILE], "From": ["+15005550006"], "To": ["+15005550010"]}


def error(status: int, **body: Any) -> Said:
    return Said(status, body=body)


ANSWERS: list[tuple[str, Said | str, type[ChannelError], str]] = [
    ("slack", Said(200, body=b"<html>"), Unclear, "odd_answer"),
    ("slack", Said(400, body=b"invalid_payload"), Refused, "http_400"),
    ("slack", Said(403, body=b"action_prohibited"), Unreachable, "settings"),
    ("slack", Said(404, body=b"no_service"), Unreachable, "settings"),
    ("slack", Said(410, body=b"channel_is_archived"), Refused, "http_410"),
    ("slack", Said(429, {"Retry-After": "30"}, b""), Unreachable, "rate_limited"),
    ("slack", Said(500), Unclear, "http_500"),
    ("teams", Said(400), Refused, "http_400"),
    ("teams", Said(401), Unreachable, "settings"),
    ("teams", Said(429), Unreachable, "rate_limited"),
    ("teams", Said(503), Unreachable, "http_503"),
    ("wecom", error(200, errcode=45009), Unreachable, "rate_limited"),
    ("wecom", error(200, errcode=93000), Unreachable, "settings"),
    ("wecom", error(200, errcode=40058), Refused, "code_40058"),
    ("wecom", Said(200, body=b"<html>"), Unclear, "odd_answer"),
    ("feishu", error(200, code=11232), Unreachable, "rate_limited"),
    ("feishu", error(200, code=19001), Unreachable, "settings"),
    ("feishu", error(200, code=19024), Unreachable, "settings"),
    ("feishu", error(400, code=9499), Refused, "code_9499"),
    ("dingtalk", error(200, errcode=130101), Unreachable, "rate_limited"),
    ("dingtalk", error(200, errcode=310000), Unreachable, "settings"),
    ("dingtalk", error(200, errcode="310000"), Unreachable, "settings"),
    ("dingtalk", error(200, errcode=400105), Refused, "code_400105"),
    (
        "telegram",
        error(429, ok=False, error_code=429, parameters={"retry_after": 7}),
        Unreachable,
        "rate_limited",
    ),
    ("telegram", error(403, ok=False, error_code=403), Refused, "code_0"),
    ("telegram", error(400, ok=False, error_code=400), Refused, "code_0"),
    ("telegram", error(401, ok=False, error_code=401), Unreachable, "settings"),
    ("twilio", error(400, code=21211), Refused, "code_21211"),
    ("twilio", error(400, code=21610), Refused, "code_21610"),
    ("twilio", error(400, code=21606), Unreachable, "settings"),
    ("twilio", error(401, code=20003), Unreachable, "settings"),
    ("twilio", error(429, code=20429), Unreachable, "rate_limited"),
    ("twilio", Said(502), Unclear, "http_502"),
    ("twilio", CUT, Unclear, "cut_off"),
    ("wecom", CUT, Unclear, "cut_off"),
    ("twilio", Said(302, {"Location": "https://127.0.0.1/"}), Unclear, "http_302"),
]


@pytest.mark.parametrize(("kind", "answer", "meaning", "code"), ANSWERS)
async def test_an_answer_is_sorted_by_its_codes(
    kind: str, answer: Said | str, meaning: type[ChannelError], code: str
) -> None:
    async with told(kind, answer) as (channel, web):
        with pytest.raises(meaning) as caught:
            await channel.send(to(kind))
        assert len(web.asked) == 1
    assert caught.value.code == code
    assert TOKEN not in str(caught.value)


async def test_it_waits_as_long_as_it_is_told() -> None:
    late = error(429, ok=False, parameters={"retry_after": 7})
    for kind, answer in (("telegram", late), ("slack", Said(429, {"Retry-After": "7"}))):
        async with told(kind, answer) as (channel, _):
            with pytest.raises(Unreachable) as caught:
                await channel.send(to(kind))
        assert caught.value.retry_after == timedelta(seconds=7)


async def test_a_silent_provider_is_unclear_after_the_time_limit() -> None:
    async with told("twilio", SILENCE, seconds=0.2) as (channel, _):
        with pytest.raises(Unclear) as caught:
            await channel.send(to("twilio"))
    assert caught.value.code == "timed_out"


@pytest.mark.parametrize(("kind", "longest"), [("wecom", 682), ("telegram", 4096)])
async def test_what_is_too_long_is_refused_and_never_split(kind: str, longest: int) -> None:
    async with told(kind) as (channel, web):
        await channel.send(replace(MESSAGE, text="字" * longest))
        with pytest.raises(Refused) as caught:
            await channel.send(replace(MESSAGE, text="字" * (longest + 1)))
        assert len(web.asked) == 1
    assert caught.value.code == "too_long"


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        *(("twilio", one) for one in ("nobody", "", "+0", "whatsapp:+15005550010", "+1 500,+1 6")),
        *(("telegram", one) for one in ("", "@somebody", "1,2", "12:34")),
    ],
)
async def test_an_address_that_is_none_is_refused_without_a_call(kind: str, address: str) -> None:
    """The library would write to our own number, or to several."""
    async with told(kind) as (channel, web):
        with pytest.raises(Refused) as caught:
            await channel.send(replace(MESSAGE, to=address))
        assert web.asked == []
    assert caught.value.code == "bad_address"


async def test_the_library_calls_nobody_but_the_provider() -> None:
    """Without a stand-in the address is looked at as for every other call of ours."""
    outgoing = Outgoing(read_reachable("127.0.0.1"))
    elsewhere = replace(PROVIDERS["wecom"], hosts=("example.com",))
    channel = ChatChannel("wecom", elsewhere, {"key": TOKEN}, outgoing)
    with pytest.raises(Unreachable) as caught:
        await channel.send(MESSAGE)
    assert caught.value.code == "not_allowed"
    await channel.close()
    await outgoing.close()


async def test_no_token_and_no_text_comes_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with told("telegram", Said(500)) as (channel, _):
        with pytest.raises(ChannelError):
            await channel.send(MESSAGE)
    assert TOKEN not in caplog.text
    assert "evil.test" not in caplog.text


async def test_a_slow_provider_is_asked_by_so_many_at_once() -> None:
    async with told("wecom", SILENCE, seconds=60) as (channel, web):
        sending = [asyncio.create_task(channel.send(MESSAGE)) for _ in range(AT_ONCE + 4)]
        async with asyncio.timeout(20):
            while len(web.asked) < AT_ONCE:
                await asyncio.sleep(0.01)
        assert web.connections == AT_ONCE
        for one in sending:
            one.cancel()
        ended = await asyncio.gather(*sending, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("slack", {"hook": "T0/B0"}),
        ("slack", {"hook": "https://evil.test/services/T0/B0/x"}),
        ("slack", {"hook": "T0/B0/x?y=z"}),
        ("teams", {**SETTINGS["teams"], "host": "evil.test"}),
        ("teams", {**SETTINGS["teams"], "host": "logic.azure.com.evil.test"}),
        ("teams", {**SETTINGS["teams"], "host": "evil.test/.logic.azure.com"}),
        ("teams", {**SETTINGS["teams"], "workflow": "../x"}),
        ("wecom", {"key": "a&b=c"}),
        ("wecom", {"key": ""}),
        ("wecom", {}),
        ("wecom", {"key": "a", "url": "https://evil.test"}),
        ("feishu", {"token": "a/../b"}),
        ("telegram", {"bot_token": "123:a/b"}),
        ("telegram", {"bot_token": "123:a", "chat_id": "@somebody"}),
        ("twilio", {**SETTINGS["twilio"], "account_sid": "AC/../x"}),
        ("twilio", {**SETTINGS["twilio"], "from_number": "Shop"}),
    ],
)
def test_settings_cannot_lead_elsewhere(kind: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsNotTaken) as caught:
        KINDS[kind].read(wrong)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_words_in_both_languages(kind: str) -> None:
    label = KINDS[kind].label
    assert label.en
    assert label.zh


@pytest.mark.parametrize("kind", sorted(SETTINGS))
def test_secret_parts_are_kept_apart(kind: str) -> None:
    read = KINDS[kind].read(SETTINGS[kind])
    assert TOKEN not in json.dumps(read.shown())
    assert TOKEN not in repr(read)
    assert KINDS[kind].stored(read.shown(), read.hidden()) == read

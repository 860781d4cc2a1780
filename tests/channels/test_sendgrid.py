"""SendGrid, on a local server that answers as its API does."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sendgrid
from sendgrid.helpers.mail import (
    Attachment,
    Category,
    ClickTracking,
    ContentId,
    CustomArg,
    Disposition,
    FileContent,
    FileName,
    FileType,
    Header,
    Mail,
    OpenTracking,
    SubscriptionTracking,
    TrackingSettings,
)

from engine.channels.base import (
    ChannelError,
    Known,
    OutgoingMessage,
    Refused,
    Sender,
    Unclear,
    Unreachable,
)
from engine.channels.sendgrid import OUR_ID, SendGridAccount, SendGridChannel, payload
from engine.outgoing import Outgoing
from engine.reachable import read_reachable
from tests.channels.scripted_http import (
    CUT,
    CUT_BEFORE_THE_END,
    Said,
    ScriptedWeb,
    scripted_web,
)
from tests.channels.test_attachments import BILL, PICTURE

KEY = "SG.not-a-real-key"
MESSAGE = OutgoingMessage(
    provider_key="0123456789abcdef0123456789abcdef",
    sender=Sender("hello@cadenza.test", "Cadenza 团队", "answers@cadenza.test"),
    to="ada@example.com",
    subject="你好 Ada",
    text="Dear Ada",
    html="<p>Dear Ada</p>",
    headers={"List-Unsubscribe": "<https://crm.example.com/u/abc>"},
    categories=("welcome", "offer"),
)
TAKEN = Said(202, {"X-Message-Id": "abc"})


@asynccontextmanager
async def given(
    *answers: Said | str, sandbox: bool = False
) -> AsyncIterator[tuple[SendGridChannel, ScriptedWeb]]:
    async with scripted_web(answers) as web:
        outgoing = Outgoing(read_reachable(f"127.0.0.1:{web.port}"))
        account = SendGridAccount(KEY, sandbox, web.url)
        try:
            yield SendGridChannel(account, outgoing), web
        finally:
            await outgoing.close()


async def test_a_mail_is_one_request_with_our_key() -> None:
    async with given(TAKEN) as (channel, web):
        await channel.send(MESSAGE)
        [asked] = web.asked
    assert (asked.method, asked.path) == ("POST", "/v3/mail/send")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["content-type"] == "application/json"
    assert_shape(asked.json())


async def test_connections_are_kept() -> None:
    async with given(TAKEN) as (channel, web):
        for _ in range(20):
            await channel.send(MESSAGE)
        assert web.connections == 1


def test_our_id_travels_as_a_custom_argument_and_opens_and_clicks_are_told() -> None:
    body = payload(MESSAGE)
    [person] = body["personalizations"]
    assert person["custom_args"] == {OUR_ID: MESSAGE.provider_key}
    assert person["to"] == [{"email": "ada@example.com"}]
    assert person["headers"] == dict(MESSAGE.headers)
    assert body["tracking_settings"] == {
        "click_tracking": {"enable": True, "enable_text": False},
        "open_tracking": {"enable": True},
        "subscription_tracking": {"enable": False},
    }
    assert set(body["categories"]) == {"welcome", "offer"}
    assert "mail_settings" not in body


def test_links_that_permit_something_are_not_followed_by_the_provider() -> None:
    ours = f"https://crm.example.com/p/0123abcd.abc.{'x' * 22}"
    html = (
        f'<p><a href="{ours}" style="color:red">Preferences</a> <a style="a" href="{ours}">P</a>'
        '<a href="https://shop.example/p/offer">Offer</a>'
        '<a href="https://shop.example/secret" data-no-track>Ticket</a></p>'
    )
    told = payload(replace(MESSAGE, html=html))["content"][-1]["value"]
    assert told == (
        f'<p><a clicktracking=off href="{ours}" style="color:red">Preferences</a>'
        f' <a clicktracking=off style="a" href="{ours}">P</a>'
        '<a href="https://shop.example/p/offer">Offer</a>'
        '<a clicktracking=off href="https://shop.example/secret" data-no-track>Ticket</a></p>'
    )
    untold = payload(replace(MESSAGE, html=html), clicks=False)["content"][-1]["value"]
    assert untold == html


def test_sandbox_mode_asks_for_nothing_to_be_delivered() -> None:
    assert payload(MESSAGE, sandbox=True)["mail_settings"] == {"sandbox_mode": {"enable": True}}


async def test_in_sandbox_mode_two_hundred_is_good() -> None:
    async with given(Said(200), sandbox=True) as (channel, _):
        await channel.send(MESSAGE)


def test_text_comes_before_html_as_the_api_demands() -> None:
    assert [part["type"] for part in payload(MESSAGE)["content"]] == ["text/plain", "text/html"]
    assert len(payload(replace(MESSAGE, html=None))["content"]) == 1


def test_line_breaks_in_a_subject_or_name_become_spaces() -> None:
    sender = Sender("hello@cadenza.test", "Cad\r\nenza")
    body = payload(replace(MESSAGE, subject="one\r\nBcc: x@example.com", sender=sender))
    assert body["subject"] == "one Bcc: x@example.com"
    assert body["from"]["name"] == "Cad enza"


@pytest.mark.parametrize(
    "to", ["", "ada", "ada@example.com, ben@example.com", "<a@b.c>", "a b@c.d"]
)
def test_an_address_that_cannot_be_written_is_refused_before_anything_is_sent(to: str) -> None:
    with pytest.raises(Refused) as refused:
        payload(replace(MESSAGE, to=to))
    assert refused.value.code == "bad_address"


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    body = payload(replace(MESSAGE, to="ada@münchen.example"))
    assert body["personalizations"][0]["to"] == [{"email": "ada@xn--mnchen-3ya.example"}]


def problem(*fields: str | None) -> dict[str, Any]:
    return {"errors": [{"message": "no ada@example.com", "field": one} for one in fields]}


LATER: list[tuple[Said, str]] = [
    (Said(429), "rate_limited"),
    (Said(429, {"Retry-After": "7"}), "rate_limited"),
    (Said(503), "http_503"),
    (Said(503, {"Retry-After": "30"}), "http_503"),
    (Said(401, body=problem(None)), "http_401"),
    (Said(403, body=problem("from")), "http_403"),
    (Said(404), "http_404"),
]
REFUSED: list[tuple[Said, str]] = [
    (Said(400, body=problem("personalizations.0.to.0.email")), "http_400"),
    (Said(400, body=problem("content.0.value", "subject")), "http_400"),
    (Said(400, body="no object"), "http_400"),
    (Said(400, body={"errors": None}), "http_400"),
    (Said(400, body={"errors": ["text"]}), "http_400"),
    (Said(405), "http_405"),
    (Said(413), "http_413"),
    (Said(415), "http_415"),
    (Said(422, body=problem("subject")), "http_422"),
]
MAYBE: list[tuple[Said | str, str]] = [
    (Said(500), "http_500"),
    (Said(502), "http_502"),
    (Said(504), "http_504"),
    (Said(520), "http_520"),
    (Said(302, {"Location": "https://example.com/"}), "http_302"),
    (Said(204), "http_204"),
    (CUT, "cut_off"),
    (CUT_BEFORE_THE_END, "cut_off"),
]


@pytest.mark.parametrize(("answer", "code"), LATER)
async def test_what_may_be_taken_later(answer: Said, code: str) -> None:
    error = await failing(answer, Unreachable)
    assert error.code == code


@pytest.mark.parametrize(("answer", "code"), REFUSED)
async def test_what_is_refused_for_good(answer: Said, code: str) -> None:
    error = await failing(answer, Refused)
    assert error.code == code
    assert "ada@example.com" not in error.reason


@pytest.mark.parametrize(("answer", "code"), MAYBE)
async def test_what_may_have_been_taken(answer: Said | str, code: str) -> None:
    error = await failing(answer, Unclear)
    assert error.code == code


async def failing(answer: Said | str, kind: type[ChannelError]) -> ChannelError:
    async with given(answer) as (channel, web):
        with pytest.raises(kind) as caught:
            await channel.send(MESSAGE)
        assert len(web.asked) == 1
    assert KEY not in str(caught.value)
    return caught.value


async def test_it_waits_as_long_as_it_is_told() -> None:
    error = await failing(Said(429, {"Retry-After": "7"}), Unreachable)
    assert isinstance(error, Unreachable)
    assert error.retry_after == timedelta(seconds=7)
    in_a_minute = str(int(datetime.now(UTC).timestamp()) + 60)
    error = await failing(Said(429, {"X-RateLimit-Reset": in_a_minute}), Unreachable)
    assert isinstance(error, Unreachable)
    assert error.retry_after is not None
    assert timedelta(seconds=50) < error.retry_after <= timedelta(seconds=61)


@pytest.mark.parametrize("told", ["soon", "-5", "9" * 40, ""])
async def test_a_time_that_makes_no_sense_is_left_out(told: str) -> None:
    error = await failing(Said(429, {"Retry-After": told}), Unreachable)
    assert isinstance(error, Unreachable)
    assert error.retry_after is None


async def test_a_wait_of_days_is_an_hour() -> None:
    error = await failing(Said(429, {"Retry-After": "999999"}), Unreachable)
    assert isinstance(error, Unreachable)
    assert error.retry_after == timedelta(hours=1)


async def test_nobody_there_is_later() -> None:
    async with given(TAKEN) as (channel, web):
        pass
    del web
    with pytest.raises(Unreachable):
        await channel.send(MESSAGE)


async def test_it_cannot_be_asked() -> None:
    async with given(TAKEN) as (channel, _):
        await channel.send(MESSAGE)
        assert await channel.ask(MESSAGE.provider_key) is Known.CANNOT_TELL


def test_the_key_is_in_no_picture_of_the_account() -> None:
    assert KEY not in repr(SendGridAccount(KEY))


async def test_the_packages_own_client_sends_the_same_payload() -> None:
    """The unmodified client of the `sendgrid` package, given the same mail with everything."""
    whole = replace(MESSAGE, attachments=(PICTURE, BILL))
    async with given(TAKEN) as (channel, web):
        await channel.send(whole)
        await asyncio.to_thread(send_with_the_package, web.url, whole)
    ours, theirs = web.asked
    assert ours.json() == theirs.json()
    assert ours.path == theirs.path == "/v3/mail/send"
    assert ours.headers["authorization"] == theirs.headers["authorization"]
    assert_shape(ours.json())


def send_with_the_package(url: str, message: OutgoingMessage) -> None:
    """As its own examples build a mail: nothing of ours but the values."""
    mail = Mail(
        from_email=(message.sender.address, message.sender.name),
        to_emails=message.to,
        subject=message.subject,
        plain_text_content=message.text,
        html_content=message.html,
    )
    mail.reply_to = message.sender.reply_to
    [person] = mail.personalizations
    for name, value in message.headers.items():
        person.add_header(Header(name, value))
    for category in message.categories:
        mail.add_category(Category(category))
    person.add_custom_arg(CustomArg(OUR_ID, message.provider_key))
    for one in message.attachments:
        mail.add_attachment(
            Attachment(
                FileContent(b64encode(one.content).decode()),
                FileName(one.name),
                FileType(one.content_type),
                Disposition("attachment" if one.content_id is None else "inline"),
                None if one.content_id is None else ContentId(one.content_id),
            )
        )
    mail.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(True, False),
        open_tracking=OpenTracking(True),
        subscription_tracking=SubscriptionTracking(False),
    )
    client = sendgrid.SendGridAPIClient(KEY, host=url)
    assert client.send(mail).status_code == 202


def assert_shape(body: dict[str, Any]) -> None:
    """What SendGrid's reference of "Mail Send" asks of a request."""
    known = {"personalizations", "from", "reply_to", "subject", "content", "categories"}
    assert set(body) <= known | {"tracking_settings", "mail_settings", "attachments"}
    [person] = body["personalizations"]
    assert set(person) <= {"to", "headers", "custom_args"}
    assert all(set(one) <= {"email", "name"} for one in [*person["to"], body["from"]])
    assert all(isinstance(value, str) for value in person["custom_args"].values())
    assert body["subject"]
    assert all(part["type"] in ("text/plain", "text/html") and part["value"]
               for part in body["content"])  # fmt: skip
    assert len(body.get("categories", ())) <= 10
    for file in body.get("attachments", ()):
        assert set(file) <= {"content", "type", "filename", "disposition", "content_id"}
        assert file["disposition"] in ("inline", "attachment")

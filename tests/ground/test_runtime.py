"""What a process is made of follows from the settings."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from engine import runtime, settings
from engine.channels.local_mailbox import LocalMailbox
from engine.channels.null import NullChannel
from engine.channels.sendgrid import SendGridChannel
from engine.channels.smtp import SmtpChannel
from engine.errors import SettingsRefused
from engine.logging_setup import set_up
from engine.outgoing import Outgoing
from engine.services.pokes import NoPokes

SECRET = SecretStr("a-secret-made-up-for-this-very-test")
CALLS = Outgoing()


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> settings.Settings:
    for group in settings.GROUPS.values():
        for field in group.model_fields.values():
            monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setenv("CADENZA_DATA_DIR", str(tmp_path))
    return settings.load()


def with_database(loaded: settings.Settings, url: str) -> settings.Settings:
    return dataclasses.replace(
        loaded,
        database=loaded.database.model_copy(update={"url": SecretStr(url)}),
        security=loaded.security.model_copy(update={"secret_key": SECRET}),
    )


async def test_a_verb_that_needs_no_temporal_gets_none(
    loaded: settings.Settings, database_url: str
) -> None:
    async with runtime.opened(with_database(loaded, database_url), temporal=False) as opened:
        assert isinstance(opened.pokes, NoPokes)
        ready = await opened.ready()
        assert (ready["database"], ready["schema"], ready["temporal"]) == (True, True, False)


async def test_everything_answers_when_it_is_ready(
    loaded: settings.Settings, database_url: str, temporal_address: str
) -> None:
    temporal = loaded.temporal.model_copy(update={"address": temporal_address})
    complete = dataclasses.replace(with_database(loaded, database_url), temporal=temporal)
    async with runtime.opened(complete) as opened:
        ready = await opened.ready()
        assert (ready["database"], ready["schema"], ready["temporal"]) == (True, True, True)
        assert opened.library.names()


async def test_all_missing_settings_are_named(loaded: settings.Settings) -> None:
    with pytest.raises(SettingsRefused) as refused:
        async with runtime.opened(loaded):
            pass
    assert {problem.place for problem in refused.value.problems} == {"DATABASE_URL", "SECRET_KEY"}


def test_the_channel_follows_the_settings(loaded: settings.Settings) -> None:
    mailbox = runtime.reading_side(loaded)
    assert mailbox is not None
    assert isinstance(runtime.outgoing(loaded, mailbox, CALLS), LocalMailbox)
    nothing = loaded.delivery.model_copy(update={"channel": "null"})
    dropped = dataclasses.replace(loaded, delivery=nothing)
    assert runtime.reading_side(dropped) is None
    assert isinstance(runtime.outgoing(dropped, None, CALLS), NullChannel)
    sent = nothing.model_copy(update={"channel": "smtp", "host": "mail.example.com"})
    real = dataclasses.replace(loaded, delivery=sent)
    assert isinstance(runtime.outgoing(real, None, CALLS), SmtpChannel)
    by_sendgrid = nothing.model_copy(update={"channel": "sendgrid"})
    known = loaded.sendgrid.model_copy(update={"key": SecretStr("SG.test")})
    told = dataclasses.replace(loaded, delivery=by_sendgrid, sendgrid=known)
    assert isinstance(runtime.outgoing(told, None, CALLS), SendGridChannel)


@pytest.mark.parametrize(
    ("host", "public_url", "address"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8080"),
        ("0.0.0.0", None, "http://127.0.0.1:8080"),
        ("::1", None, "http://[::1]:8080"),
        ("0.0.0.0", "https://crm.example.com", "https://crm.example.com"),
    ],
)
def test_links_point_to_where_people_come_in(
    loaded: settings.Settings, host: str, public_url: str | None, address: str
) -> None:
    web = loaded.web.model_copy(update={"host": host, "public_url": public_url})
    assert runtime.address_of(dataclasses.replace(loaded, web=web)) == address


@pytest.mark.usefixtures("logging_as_before")
def test_logs_are_lines_of_json_without_secrets(
    loaded: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(loaded.log.model_copy(update={"format": "json"}))
    structlog.get_logger("test").info("signed_in", user=7, session_token="t0p", Password="hunter2")
    logging.getLogger("other").warning("plain %s", "words")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["event"], first["user"], first["level"]) == ("signed_in", 7, "info")
    assert first["session_token"] == first["Password"] == "(hidden)"
    assert second["event"] == "plain words"

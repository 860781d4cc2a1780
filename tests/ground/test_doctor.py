"""The doctor says what is wrong and what to do."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from engine import settings
from engine.channels.mailbox import Mailbox
from engine.cli import _answers, _checks, doctor
from engine.cli._checks import Verdict
from engine.embedded.data_dir import DataDir, Running
from engine.embedded.ports import any_free_port
from tests.servers import Databases

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> settings.Settings:
    for group in settings.GROUPS.values():
        for field in group.model_fields.values():
            monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setenv("CADENZA_DATA_DIR", str(tmp_path / "var"))
    for name in ("EMBEDDED_POSTGRES_PORT", "EMBEDDED_TEMPORAL_PORT", "HTTP_PORT", "MAILBOX_PORT"):
        monkeypatch.setenv(name, str(any_free_port()))
    return settings.load()


def test_a_sound_machine_has_nothing_wrong(loaded: settings.Settings) -> None:
    findings = list(doctor.examine())
    assert [finding for finding in findings if finding.verdict is Verdict.WRONG] == []
    assert any("embedded" in finding.what for finding in findings)


def test_an_old_python_is_named() -> None:
    assert _checks.python((3, 10, 4)).verdict is Verdict.WRONG
    assert _checks.python((3, 11, 0)).verdict is Verdict.OK


def test_a_misspelt_setting_is_found() -> None:
    (found,) = _checks.misspelt_settings({"TEMPORAL_ADRESS": "x", "HOME": "/", "SMTP_HOST": "x"})
    assert "Did you mean TEMPORAL_ADDRESS?" in found.what


def test_wrong_settings_are_all_listed(
    loaded: settings.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PORT", "eighty")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    wrong = [one.what for one in doctor.examine() if one.verdict is Verdict.WRONG]
    assert len(wrong) == 2
    assert wrong[0].startswith("Setting HTTP_PORT:")


def test_a_folder_that_cannot_be_made_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    finding = _checks.data_folder(DataDir(tmp_path / "file" / "var"))
    assert finding.verdict is Verdict.WRONG
    assert "--data-dir" in finding.what


def test_a_running_cadenza_is_recognised(tmp_path: Path) -> None:
    data = DataDir(tmp_path / "var")
    with data.locked():
        data.announce(Running(1, "http://127.0.0.1:8080"))
        assert "in use by Cadenza at http://127.0.0.1:8080" in _checks.data_folder(data).what
    assert DataDir(tmp_path / "var").running() is None


def test_a_taken_port_is_named_with_its_purpose(loaded: settings.Settings) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", loaded.web.port))
        squatter.listen()
        told = list(_checks.ports(loaded, DataDir(loaded.data.folder)))
    assert f"Port {loaded.web.port} for the web pages is taken" in told[0].what


def test_links_that_only_work_here_are_noted_or_wrong(loaded: settings.Settings) -> None:
    assert _checks.public_url(loaded).verdict is Verdict.NOTE
    open_to_all = dataclasses.replace(loaded, web=loaded.web.model_copy(update={"host": "0.0.0.0"}))
    assert _checks.public_url(open_to_all).verdict is Verdict.WRONG


def test_an_empty_database_is_told_to_migrate(databases: Databases) -> None:
    name = f"{databases.template}_empty"
    databases.create(name)
    try:
        *_, last = _answers.database(databases.url(name))
        assert last.verdict is Verdict.WRONG
        assert "cadenza migrate" in last.what
    finally:
        databases.drop(name)


def test_a_migrated_database_is_fine(database_url: str) -> None:
    assert {one.verdict for one in _answers.database(database_url)} == {Verdict.OK}


def test_a_database_that_does_not_answer_is_named() -> None:
    url = f"postgresql+psycopg://ben:hunter2@127.0.0.1:{any_free_port()}/crm"
    (finding,) = _answers.database(url)
    assert finding.verdict is Verdict.WRONG
    assert "DATABASE_URL" in finding.what
    assert "hunter2" not in finding.what


def test_clocks_that_differ_are_wrong() -> None:
    late = _answers.skew(NOW - timedelta(minutes=2), NOW, NOW + timedelta(seconds=1))
    assert late.verdict is Verdict.WRONG
    assert "120 seconds" in late.what
    slow_answer = _answers.skew(NOW + timedelta(seconds=5), NOW, NOW + timedelta(seconds=9))
    assert slow_answer.verdict is Verdict.OK


async def test_a_temporal_that_does_not_answer_is_named(
    loaded: settings.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_answers, "PATIENCE_SECONDS", 0.1)
    address = f"127.0.0.1:{any_free_port()}"
    temporal = loaded.temporal.model_copy(update={"address": address})
    finding = await _answers.temporal(dataclasses.replace(loaded, temporal=temporal))
    assert finding.verdict is Verdict.WRONG
    assert address in finding.what


async def test_a_temporal_that_answers_is_fine(
    loaded: settings.Settings, temporal_address: str
) -> None:
    temporal = loaded.temporal.model_copy(update={"address": temporal_address})
    finding = await _answers.temporal(dataclasses.replace(loaded, temporal=temporal))
    assert finding.verdict is not Verdict.WRONG
    assert "Temporal answers" in finding.what


@pytest.fixture
def smtp(loaded: settings.Settings) -> settings.Delivery:
    return loaded.delivery.model_copy(
        update={"channel": "smtp", "host": "127.0.0.1", "security": "none"}
    )


def test_a_stopped_mail_server_is_named(smtp: settings.Delivery) -> None:
    finding = _answers.mail_server(smtp.model_copy(update={"port": any_free_port()}))
    assert finding.verdict is Verdict.WRONG
    assert "SMTP_HOST" in finding.what


async def test_a_mail_server_is_spoken_to_as_the_settings_say(
    smtp: settings.Delivery, tmp_path: Path
) -> None:
    box = Mailbox(tmp_path)
    port = await box.start("127.0.0.1", 0)
    try:
        plain = smtp.model_copy(update={"port": port})
        assert (await asyncio.to_thread(_answers.mail_server, plain)).verdict is Verdict.OK
        demanding = plain.model_copy(update={"security": "starttls"})
        refused = await asyncio.to_thread(_answers.mail_server, demanding)
        assert refused.verdict is Verdict.WRONG
        signing_in = plain.model_copy(update={"username": "ben", "password": SecretStr("x")})
        refused = await asyncio.to_thread(_answers.mail_server, signing_in)
        assert refused.verdict is Verdict.WRONG
    finally:
        await box.stop()

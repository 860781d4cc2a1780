"""The doctor on doors, keys and files: what a stranger could use is wrong, and says what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from crm_store.session import Store
from engine.cli import _doors
from engine.cli._checks import Finding, Verdict
from engine.cli._kept import kept
from engine.embedded.data_dir import DataDir
from engine.settings import Settings, load


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("CADENZA_DATA_DIR", str(tmp_path / "var"))
    return load()


def changed(settings: Settings, group: str, **values: Any) -> Settings:
    made = getattr(settings, group).model_copy(update=values)
    return dataclasses.replace(settings, **{group: made})


def wrong(findings: Iterable[Finding]) -> list[str]:
    return [one.what for one in findings if one.verdict is Verdict.WRONG]


def test_a_fresh_machine_has_no_open_door(plain: Settings) -> None:
    assert wrong(_doors.doors(plain)) == []
    assert wrong(_doors.outgoing(plain)) == []
    assert wrong(_doors.strength(plain)) == []


@pytest.mark.parametrize(
    ("group", "values", "named"),
    [
        ("web", {"host": "0.0.0.0"}, "HTTP_HOST"),
        ("web", {"trusted_proxies": "10.0.0.1, *"}, "TRUSTED_PROXIES"),
        ("mailbox", {"host": "0.0.0.0"}, "MAILBOX_HOST"),
    ],
)
def test_a_door_open_to_strangers_is_wrong(
    plain: Settings, group: str, values: dict[str, Any], named: str
) -> None:
    (found,) = wrong(_doors.doors(changed(plain, group, **values)))
    assert named in found


def test_a_proxy_with_tls_before_an_open_door_is_well(plain: Settings) -> None:
    behind = changed(plain, "web", host="0.0.0.0", public_url="https://crm.example.test")
    assert wrong(_doors.doors(behind)) == []


@pytest.mark.parametrize(
    ("allowed", "count"),
    [("0.0.0.0/0", 1), ("169.254.0.0/16", 1), ("::/0", 1), ("10.2.0.0/16, erp.inside:8000", 0)],
)
def test_calling_everything_inside_is_wrong(plain: Settings, allowed: str, count: int) -> None:
    assert len(wrong(_doors.outgoing(changed(plain, "outgoing", allow=allowed)))) == count


def test_mail_in_the_clear_is_wrong(plain: Settings) -> None:
    values = {"channel": "smtp", "host": "mail.example.test", "security": "none"}
    (found,) = wrong(_doors.outgoing(changed(plain, "delivery", **values)))
    assert "SMTP_SECURITY" in found


def test_keys_that_can_be_guessed_are_wrong(plain: Settings) -> None:
    weak = changed(plain, "security", secret_key=SecretStr("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
    weak = changed(weak, "web", metrics_token=SecretStr("short"))
    weak = changed(weak, "database", url=SecretStr("postgresql://crm:crm@127.0.0.1/crm"))
    found = " ".join(wrong(_doors.strength(weak)))
    assert "SECRET_KEY" in found
    assert "METRICS_TOKEN" in found
    assert "DATABASE_URL" in found
    assert "crm:crm" not in found


def test_a_key_that_others_may_read_is_wrong(plain: Settings, tmp_path: Path) -> None:
    data = DataDir(tmp_path / "var")
    with data.locked():
        data.secret("secret_key")
    assert wrong(_doors.files(plain, data, {})) == []
    (tmp_path / "var" / "secrets" / "secret_key").chmod(0o644)
    given = tmp_path / "password"
    given.write_text("x")
    given.chmod(0o640)
    found = wrong(_doors.files(plain, data, {"SMTP_PASSWORD_FILE": str(given)}))
    assert [one.rpartition("chmod ")[2] for one in found] == [
        f"600 {tmp_path}/var/secrets/secret_key"
    ]


def test_traces_are_only_looked_at_when_they_are_wanted() -> None:
    assert list(_doors.traces({})) == []
    (found,) = _doors.traces({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"})
    assert found.verdict is Verdict.OK


async def test_an_empty_database_asks_for_a_backup_and_nothing_else(
    plain: Settings, store: Store
) -> None:
    found = await kept(changed(plain, "database", url=SecretStr(store.url)))
    # the servers of tests are quick rather than safe, and the doctor sees it
    assert all("a power cut destroys it" in what for what in wrong(found))
    assert any("No backup" in one.what for one in found)

"""Settings are read once, checked whole, and documented."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from engine.cli.settings import page
from engine.errors import SettingsRefused
from engine.settings import GROUPS, load
from engine.settings.loading import environment_name

ROOT = Path(__file__).parents[2]
KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that runs the tests."""
    for group in GROUPS.values():
        for name, field in group.model_fields.items():
            monkeypatch.delenv(environment_name(field, name), raising=False)
            monkeypatch.delenv(f"{environment_name(field, name)}_FILE", raising=False)


def refusal(monkeypatch: pytest.MonkeyPatch, **environment: str) -> SettingsRefused:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refused:
        load()
    return refused.value


def test_everything_has_a_default() -> None:
    settings = load()
    assert settings.web.host == "127.0.0.1"
    assert settings.database.url is None
    assert settings.delivery.channel == "mailbox"


def test_all_mistakes_come_at_once_with_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = refusal(
        monkeypatch,
        HTTP_PORT="eighty",
        DATABASE_URL="mysql://ben:hunter2@localhost/crm",
        LOG_LEVEL="loud",
        TEMPORAL_ADDRESS="temporal.example.com",
    )
    assert {problem.place for problem in refused.problems} == {
        "HTTP_PORT",
        "DATABASE_URL",
        "LOG_LEVEL",
        "TEMPORAL_ADDRESS",
    }
    assert 'HTTP_PORT: "eighty"' in str(refused)
    assert "must start with postgresql://" in str(refused)


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = refusal(
        monkeypatch,
        DATABASE_URL="mysql://ben:hunter2@localhost/crm",
        SECRET_KEY="short-and-known",
        ENCRYPTION_KEY="k1:c2hvcnQ=",
    )
    told = str(refused)
    assert "hunter2" not in told
    assert "short-and-known" not in told
    assert "c2hvcnQ" not in told
    assert "cadenza new-key" in told


def test_secrets_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ben:hunter2@localhost/crm")
    assert "hunter2" not in repr(load())


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "database_url"
    file.write_text("postgres://ben:hunter2@localhost/crm\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(file))
    url = load().database.url
    assert url is not None
    assert url.get_secret_value() == "postgresql+psycopg://ben:hunter2@localhost/crm"


def test_a_secret_given_twice_or_missing_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refused = refusal(
        monkeypatch,
        SECRET_KEY="x" * 40,
        SECRET_KEY_FILE=str(tmp_path / "not_there"),
    )
    assert [problem.code for problem in refused.problems] == ["twice", "unreadable_file"]


def test_settings_that_contradict_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = refusal(monkeypatch, DELIVERY_CHANNEL="smtp")
    assert str(refused).endswith(
        'is not set, but DELIVERY_CHANNEL is "smtp". Set it, or DELIVERY_CHANNEL=mailbox.'
    )
    refused = refusal(
        monkeypatch,
        SMTP_HOST="mail.example.com",
        SMTP_SECURITY="none",
        SMTP_PASSWORD="x",
        TEMPORAL_TLS_CLIENT_CERT_PATH="/nowhere/cert.pem",
    )
    assert {problem.place for problem in refused.problems} == {
        "SMTP_PASSWORD",
        "SMTP_SECURITY",
        "TEMPORAL_TLS_CLIENT_KEY_PATH",
        "TEMPORAL_TLS_CLIENT_CERT_PATH",
    }


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_HOST", "")
    monkeypatch.setenv("HTTP_PORT", "")
    settings = load()
    assert settings.delivery.host is None
    assert settings.web.port == 8080


def test_the_first_encryption_key_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEY", f"new:{KEY}, old:{KEY}")
    assert list(load().security.keys()) == ["new", "old"]


def test_the_public_address_loses_its_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://crm.example.com/")
    assert load().web.public_url == "https://crm.example.com"


def test_every_setting_is_described_and_in_the_manual() -> None:
    for group in GROUPS.values():
        for name, field in group.model_fields.items():
            assert field.alias, f"{group.__name__}.{name} has no environment name"
            assert field.description, f"{field.alias} has no sentence"
            assert field.description.endswith((".", "/name")), field.alias
    assert (ROOT / "docs" / "settings.md").read_text() == page(), (
        "docs/settings.md is out of date: run `cadenza settings > docs/settings.md`"
    )


def test_environment_names_are_unique() -> None:
    names = [field.alias for group in GROUPS.values() for field in group.model_fields.values()]
    assert len(names) == len(set(names))

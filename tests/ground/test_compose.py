"""The compose file starts nothing with a password that ships, and its parts fit together."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.settings import GROUPS

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("migrate", "mailbox", "web", "worker")
REQUIRED = {
    "POSTGRES_PASSWORD": "made-up-for-this-test",
    "SECRET_KEY": "made-up-for-this-test-and-long-enough",
    "ENCRYPTION_KEY": "k1:bWFkZS11cA==",
    "PUBLIC_URL": "https://crm.example.com",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def has_compose() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    asked = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
    return asked.returncode == 0


@pytest.mark.skipif(not has_compose(), reason="docker compose is not installed here")
def test_docker_accepts_it() -> None:
    checked = subprocess.run(
        ["docker", "compose", "--file", str(COMPOSE), "config", "--quiet"],
        env=REQUIRED | {"PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_it_has_every_part(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {
        *("postgres", "temporal-schema", "temporal", "temporal-namespace", "temporal-ui"),
        *OURS,
    }
    for name in OURS:
        assert compose["services"][name]["command"] == [{"web": "serve"}.get(name, name)]


def test_parts_wait_for_parts_that_exist(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} waits for the health of {other}"
            if how["condition"] == "service_completed_successfully":
                assert services[other].get("restart", "no") == "no"


def test_every_volume_and_config_is_declared(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in compose["volumes"]
        for config in service.get("configs", []):
            assert config["source"] in compose["configs"]


def test_no_secret_has_a_value_that_ships() -> None:
    secrets = re.findall(
        r"\$\{((?:POSTGRES_PASSWORD|SECRET_KEY|ENCRYPTION_KEY))(:?[-?])([^}]*)\}",
        COMPOSE.read_text(),
    )
    assert secrets
    assert all(operator == ":?" and sentence for _, operator, sentence in secrets)
    assert "PASSWORD: cadenza" not in COMPOSE.read_text()


def test_what_must_be_set_is_in_the_example() -> None:
    demanded = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text()))
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert set(example) == demanded == set(REQUIRED)
    assert not any(example.values())


def test_only_the_web_is_published_and_only_on_loopback(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }
    assert set(published) == {"web", "temporal-ui"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    # Off unless asked for: it has no sign-in of its own.
    assert compose["services"]["temporal-ui"]["profiles"] == ["admin"]


def test_workers_scale(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert "container_name" not in service


def test_our_parts_are_told_nothing_that_is_not_a_setting(compose: dict[str, Any]) -> None:
    known = {field.alias for group in GROUPS.values() for field in group.model_fields.values()}
    for name in OURS:
        assert set(compose["services"][name]["environment"]) <= known

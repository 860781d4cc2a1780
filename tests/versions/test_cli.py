"""`cadenza flow`, as typed: files, versions and moves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from crm_store.session import Store
from engine.cli import run_verb
from tests.driving.world import CrashingStore, RememberingChannel, World

Cadenza = Callable[..., tuple[int, str]]
FLOW = """\
# Everybody who signs up is greeted.
flow: moved
label: Moved
purpose: service
trigger: {on: event, event: Signed Up}
steps:
  hello: {do: send_message, template: welcome, next: rest}
  rest:  {do: wait, for: 3d, next: done}   # long enough to settle
  done:  {do: exit}
"""
LONGER = FLOW.replace("3d", "5d")


@pytest.fixture
def cadenza(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cadenza:
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*arguments: str) -> tuple[int, str]:
        code = run_verb(list(arguments))
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


@pytest.fixture
def lived(database_url: str) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    """Let something happen in the database, as the drivers do it."""

    def live(what: Callable[[World], Awaitable[None]]) -> None:
        async def now() -> None:
            store = Store(database_url)
            await what(World(CrashingStore(store), RememberingChannel()))
            await store.close()

        asyncio.run(now())

    return live


async def two_versions(world: World) -> None:
    await world.publish(FLOW)
    for contact in await world.people(2):
        await world.event(contact, "Signed Up")
    await world.until_quiet("moved")
    await world.publish(LONGER)


Lived = Callable[[Callable[[World], Awaitable[None]]], None]


def test_versions_are_listed_exported_and_compared(
    cadenza: Cadenza, lived: Lived, tmp_path: Path
) -> None:
    lived(two_versions)
    listed = cadenza("flow", "versions", "moved")[1].splitlines()
    assert [line.split("\t")[:2] for line in listed] == [["2", "published"], ["1", "earlier"]]
    assert listed[1].endswith("2 inside")
    assert cadenza("flow", "export", "moved") == (0, LONGER)
    assert cadenza("flow", "export", "moved", "--version", "1") == (0, FLOW)
    file = tmp_path / "moved.yaml"
    assert cadenza("flow", "export", "moved", "--version", "1", "--out", str(file))[0] == 0
    assert file.read_text("utf-8") == FLOW
    assert cadenza("flow", "diff", "moved@1", str(file)) == (0, "Nothing differs.\n")
    assert cadenza("flow", "diff", "moved@1", "moved") == (
        1,
        "changed: rest (wait)\n  for: 3d -> 5d\n",
    )
    code, told = cadenza("flow", "diff", str(file), "moved@draft", "--text")
    assert code == 1
    assert "-  rest: {do: wait, for: 3d, next: done}" in told
    assert cadenza("flow", "diff", "moved@9", "moved")[0] == 1


def test_several_files_are_checked_at_once(cadenza: Cadenza, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(FLOW, "utf-8")
    bad.write_text(FLOW.replace("next: done", "next: don"), "utf-8")
    code, told = cadenza("flow", "check", str(bad), str(good))
    assert code == 1
    assert "bad.yaml:8:" in told
    assert '"moved": 3 nodes' in told


def test_a_plan_tells_who_would_be_affected(cadenza: Cadenza, lived: Lived, tmp_path: Path) -> None:
    file = tmp_path / "moved.yaml"
    file.write_text(FLOW, "utf-8")
    told = cadenza("flow", "plan", str(file))[1]
    assert "would be published as version 1, its first" in told
    lived(two_versions)
    file.write_text(LONGER.replace("rest", "pause"), "utf-8")
    code, told = cadenza("flow", "plan", str(file))
    assert code == 0
    assert '"moved" would become version 3; 2 is published now.' in told
    assert "renamed: rest → pause (wait)" in told
    assert "  version 1\trest\t2\n" in told
    assert "  rest\tto pause\tanother name, the same content\n" in told
    file.write_text(FLOW, "utf-8")
    assert "would become version 1; 2 is published now" in cadenza("flow", "plan", str(file))[1]
    file.write_text(LONGER, "utf-8")
    assert "nothing would change" in cadenza("flow", "plan", str(file))[1]


def test_a_plan_counts_whom_a_segment_trigger_finds(
    cadenza: Cadenza, lived: Lived, tmp_path: Path
) -> None:
    async def people(world: World) -> None:
        await world.people(3, country="SG")
        await world.people(0)

    lived(people)
    file = tmp_path / "moved.yaml"
    rule = 'on: segment, when: {"==": [{var: contact.country}, SG]}'
    file.write_text(FLOW.replace("on: event, event: Signed Up", rule), "utf-8")
    told = cadenza("flow", "plan", str(file))[1]
    assert "3 contacts match its trigger and enter at once" in told


def test_a_move_is_proposed_previewed_started_and_steered(
    cadenza: Cadenza,
    lived: Lived,
    tmp_path: Path,
    temporal_address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lived(two_versions)
    plan = tmp_path / "plan.yaml"
    propose = ("flow", "move", "propose", "moved", "--from", "1", "--to", "2")
    assert "  rest: stay  # 2 here; changed settings" in cadenza(*propose)[1]
    assert cadenza(*propose, "--out", str(plan))[0] == 0
    code, told = cadenza("flow", "move", "preview", str(plan))
    assert code == 0
    assert "  rest\tstay\t2 of 2, a wait is counted again from when it began\n" in told
    assert "2 people would be moved." in told
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    assert "Move 1 is under way" in cadenza("flow", "move", "start", str(plan))[1]
    assert cadenza("flow", "move", "pause", "1") == (0, "Move 1 is paused.\n")
    assert "1\tversion 1 to 2\t100%\tpaused\t0 moved" in cadenza("flow", "move", "list", "moved")[1]
    assert cadenza("flow", "move", "resume", "1")[0] == 0
    assert cadenza("flow", "move", "cancel", "1")[0] == 0
    assert cadenza("flow", "move", "undo", "1")[0] == 0
    plan.write_text(plan.read_text("utf-8").replace("rest: stay", "rest: {to: nowhere}"), "utf-8")
    code, told = cadenza("flow", "move", "preview", str(plan))
    assert (code, "error: plan.yaml:12:" in told, '"nowhere"' in told) == (1, True, True)


def test_a_flow_is_retired_and_an_older_version_published_again(
    cadenza: Cadenza, lived: Lived, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(two_versions)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    assert "is retired" in cadenza("flow", "retire", "moved")[1]
    assert "moved\tretired" in cadenza("flow", "list")[1]
    assert cadenza("flow", "publish", "moved@1") == (0, '"moved" is published as version 1.\n')
    listed = cadenza("flow", "versions", "moved")[1].splitlines()
    assert [line.split("\t")[:2] for line in listed[:2]] == [["2", "earlier"], ["1", "published"]]
    assert listed[2].startswith("draft")
    assert cadenza("flow", "publish", "moved@7")[0] == 1

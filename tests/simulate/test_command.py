"""`cadenza simulate` on a real database: what it prints, and that it leaves nothing behind."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine import cli
from engine.cli._loop import run
from engine.services.actor import SYSTEM
from engine.services.segments.editing import NewSegment, create_segment
from tests.simulate.simulating import START, WELCOME

AUDIENCE = WELCOME.replace(
    "{on: event, event: Signed Up}", "{on: segment, when: {is_set: [{var: contact.email}]}}"
)


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Path:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    (tmp_path / "people.csv").write_text(
        "email,first_name\nada@example.com,Ada\nben@example.com,Ben\n"
    )
    assert cli.run_verb(["import", str(tmp_path / "people.csv"), "--as", "contacts"]) == cli.OK
    path = tmp_path / "welcome.yaml"
    path.write_text(AUDIENCE)
    return path


def simulate(flow: Path, *options: str) -> int:
    return cli.run_verb(["simulate", str(flow), "--from", START.isoformat(), *options])


def test_it_prints_the_whole_picture(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert simulate(flow, "--days", "5", "--person", "1") == cli.OK
    said = capsys.readouterr().out
    assert "2 people from 2026-03-02 09:00Z to 2026-03-07 09:00Z, 0 messages" in said
    # imported people never agreed to marketing mail
    assert "withheld 2" in said
    assert "never happened:" in said
    assert "entered" in said


def test_letters_are_really_written_and_what_fails_is_named(
    tmp_path: Path, flow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = flow.read_text().replace("purpose: marketing", "purpose: service")
    flow.write_text(service.replace("template: offer", "template: nobody_wrote_it"))
    visit = '{"at": "2026-03-03T09:00:00Z", "email": "ada@example.com", "event": "Visited Pricing"}'
    (tmp_path / "events.jsonl").write_text(visit)
    capsys.readouterr()
    options = ["--days", "5", "--events", str(tmp_path / "events.jsonl"), "--json"]
    assert simulate(flow, *options) == cli.OK
    told = json.loads(capsys.readouterr().out)
    assert told["rendered"]["written"] == 2
    assert "Ada" in told["rendered"]["examples"][0]["text"]
    [problem] = told["rendered"]["problems"]
    assert (problem["person"], problem["node"]) == (1, "offer")
    assert problem["code"] == "unknown_template"
    assert told["outcomes"] == {"held: offer": 1, "ended: done": 1}


def test_the_night_and_caps_are_tried(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow.write_text(flow.read_text().replace("purpose: marketing", "purpose: service"))
    capsys.readouterr()
    assert simulate(flow, "--hours", "10:00-18:00", "--quiet", "21:00-08:00") == cli.OK
    said = capsys.readouterr().out
    assert "outside 10:00-18:00 where people live: 2" in said
    # service does not wait
    assert "had to wait" not in said


@pytest.fixture
async def adas(store: Store) -> None:
    """A segment of everybody called Ada."""
    new = NewSegment("adas", "Adas", rule={"==": [{"var": "contact.first_name"}, "Ada"]})
    async with store.transaction() as session:
        await create_segment(session, SYSTEM, new, START)


@pytest.mark.usefixtures("adas")
def test_a_segment_and_a_sample_say_who_takes_part(
    flow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert simulate(flow, "--audience", "adas") == cli.OK
    assert capsys.readouterr().out.startswith("1 person from")
    assert simulate(flow, "--sample", "--contacts", "1", "--seed", "x") == cli.OK
    assert capsys.readouterr().out.startswith("1 person from")


def test_a_rule_narrows_the_audience(
    flow: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = tmp_path / "ada.json"
    rule.write_text('{"==": [{"var": "contact.first_name"}, "Ada"]}')
    capsys.readouterr()
    assert simulate(flow, "--whom", str(rule)) == cli.OK
    assert capsys.readouterr().out.startswith("1 person from")


@pytest.mark.parametrize(
    "options",
    [
        ["--habit", "nonsense"],
        ["--habit", "Opened=40%@soon"],
        ["--events", "nowhere.jsonl"],
        ["--from", "tomorrow"],
        ["--quiet", "at night"],
        ["--cap", "0/day"],
        ["--cap", "often"],
        ["--approvals", "perhaps"],
    ],
)
def test_what_cannot_be_read_is_refused(
    flow: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(flow, *options) == cli.REFUSED
    assert capsys.readouterr().err


def test_an_unknown_flow_is_refused(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run_verb(["simulate", "nobodys_flow"]) == cli.REFUSED
    assert 'no file "nobodys_flow"' in capsys.readouterr().err


async def lived(store: Store, contact_id: int, entered_at: datetime) -> None:
    """A run of the flow that came to its end."""
    async with store.transaction() as session:
        await session.execute(
            text(
                "WITH f AS (INSERT INTO flow (name, label, purpose, draft_source) VALUES"
                " ('welcome_test', 'Welcome', 'marketing', '') RETURNING id), v AS (INSERT INTO"
                " flow_version (flow_id, number, hash, definition, source) SELECT id, 1, 'x', '{}',"
                " '' FROM f RETURNING id, flow_id) INSERT INTO run (flow_id, flow_version_id,"
                " subject_id, entry_key, shard, state, node, visit, entered_at, moved_at, ended_at,"
                " outcome) SELECT flow_id, id, :contact, 'once', 0, 'ended', 'done', 1, :at, :at,"
                " :at, 'done' FROM v"
            ),
            {"contact": contact_id, "at": entered_at},
        )


def test_people_come_with_the_runs_they_had(
    flow: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    run(lived(store, 1, START - timedelta(days=9)))
    capsys.readouterr()
    assert simulate(flow) == cli.OK
    said = capsys.readouterr().out
    assert said.startswith("1 person from")
    assert "1 of the people were in this flow before" in said
    assert simulate(flow, "--afresh") == cli.OK
    said = capsys.readouterr().out
    assert said.startswith("2 people from")
    assert "Earlier runs do not count" in said


def test_people_are_not_counted_twice(flow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    daily = "{on: schedule, cron: '0 9 * * *', zone: UTC, when: {is_set: [{var: contact.email}]}}"
    source = AUDIENCE.replace("entry: once", "entry: always")
    before, _, after = source.partition("trigger: ")
    flow.write_text(f"{before}trigger: {daily}\n{after.partition(chr(10))[2]}")
    capsys.readouterr()
    assert simulate(flow, "--days", "3") == cli.OK
    assert capsys.readouterr().out.startswith("2 people (6 runs) from")


def test_a_flow_that_could_not_be_published_is_refused(
    flow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turning = "  a: {do: adjust_score, by: 1, next: b}\n  b: {do: adjust_score, by: 1, next: a}\n"
    flow.write_text(AUDIENCE.replace("steps:\n", f"steps:\n{turning}"))
    capsys.readouterr()
    assert simulate(flow) == cli.REFUSED
    assert "cannot be tried" in capsys.readouterr().err

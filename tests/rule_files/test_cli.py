"""`cadenza rule`, as typed. Checking and testing need no database, so none is there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from engine.cli import run_verb

Rule = Callable[..., tuple[int, str]]

VIP = """\
rule:
  and:
    - "==": [{var: contact.country}, SG]
    - done: [Order Completed, ">=", 2, [in_last, 90, days]]
zone: Asia/Singapore
now: 2026-03-02T09:00:00+08:00
cases:
  - name: two orders
    facts:
      contact: {country: SG}
      events:
        - {name: Order Completed, occurred_at: 2026-03-01}
        - {name: Order Completed, occurred_at: "2026-02-01T00:00:00Z"}
    holds: true
  - name: nobody
    facts: {}
    holds: false
"""


@pytest.fixture
def rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Rule:
    """`rule(verb, text, *options)` on a file of that text."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nobody")

    def typed(verb: str, written: str, *options: str, file: str = "vip.yaml") -> tuple[int, str]:
        path = tmp_path / file
        path.write_text(written, "utf-8")
        code = run_verb(["rule", verb, str(path), *options])
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def test_the_file_in_the_documentation_passes(rule: Rule) -> None:
    page = Path(__file__).parents[2] / "docs" / "commands.md"
    (example,) = re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)

    assert rule("check", example)[0] == 0
    assert rule("test", example) == (0, "2 of 2 cases passed.\n")


def test_a_right_rule_is_said_in_words(rule: Rule) -> None:
    code, told = rule("check", VIP)
    assert (code, 'country is "SG"' in told) == (0, True)
    assert "国家/地区" in rule("check", VIP, "--language", "zh")[1]


def test_every_mistake_is_told_with_its_line_and_pointer(rule: Rule) -> None:
    code, told = rule(
        "check", VIP.replace("contact.country", "contact.contry").replace("done", "doen")
    )

    assert code == 1
    assert "error: vip.yaml:3:20: There is no fact" in told
    assert "[unknown_field at /rule/and/0/==/0/var]" in told
    assert "error: vip.yaml:4:7: There is no operator" in told


def test_what_can_never_be_true_is_a_warning(rule: Rule) -> None:
    never = {"and": [{">": [{"var": "contact.score"}, 5]}, {"<": [{"var": "contact.score"}, 3]}]}
    code, told = rule("check", json.dumps({"dialect": 1, "rule": never}), file="never.json")

    assert code == 0
    assert "warning: never.json:1:" in told
    assert "[impossible at /rule/and/1]" in told


def test_a_bare_rule_is_a_rule_file(rule: Rule) -> None:
    assert rule("check", '{"==": [{"var": "contact.country"}, "SG"]}')[0] == 0
    assert rule("check", '{"==": [{"var": "event.name"}, "A"]}')[0] == 1
    assert rule("check", '{"==": [{"var": "event.name"}, "A"]}', "--event")[0] == 0
    assert rule("check", '{"==": [{"var": "deal.stage_kind"}, "won"]}', "--subject", "deal")[0] == 0


def test_a_rule_of_another_tool_is_imported_or_refused(rule: Rule) -> None:
    foreign = '{"==": [{"var": "country"}, "SG"]}'

    assert rule("check", foreign)[0] == 1
    code, told = rule("check", foreign, "--from", "jsonlogic")
    assert (code, 'country is "SG"' in told) == (0, True)
    code, told = rule("check", '{"map": [[1], 2]}', "--from", "jsonlogic")
    assert (code, "error: vip.yaml:1:" in told) == (1, True)


def test_cases_pass_or_say_why_not(rule: Rule) -> None:
    assert rule("test", VIP) == (0, "2 of 2 cases passed.\n")

    code, told = rule("test", VIP.replace("{}\n    holds: false", "{}\n    holds: true"))
    assert code == 1
    assert "failed: vip.yaml:15:5: nobody" in told
    assert "because country is unknown" in told
    assert "1 of 2 cases passed." in told


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ("{contact: {contry: SG}}", 'There is no fact "contact.contry"'),
        ("{contact: {custom: {plan: pro}}}", 'There is no fact "contact.custom.plan"'),
        ("{person: {}}", '"person" is none of'),
        ("{contact: {score: many}}", '"many" is not a number'),
        ("{contact: {last_seen_at: yesterday}}", '"yesterday" is not a date'),
        ("{orders: [{total: 12.5}]}", "is not money; write [2000, EUR]"),
        ("{orders: {}}", "This is a list of records"),
        ("[]", "Facts are a mapping"),
    ],
)
def test_facts_that_would_prove_nothing_are_refused(rule: Rule, facts: str, told: str) -> None:
    code, said = rule("test", VIP.replace("facts: {}", f"facts: {facts}"))

    assert code == 1
    assert "broken: vip.yaml:15:5: nobody" in said
    assert told in said


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("holds: false", "hold: false"), 'Nobody reads "hold" here'),
        (("holds: false", "holds: maybe"), "Say whether the rule holds"),
        (("zone: Asia/Singapore", "zone: Mars"), '"Mars" is no time zone'),
        (("now: 2026-03-02T09:00:00+08:00", "now: noon"), '"noon" is not a date'),
        (("zone: Asia/Singapore", "subject: order"), "A rule is about a contact, deal, ticket"),
        (("zone: Asia/Singapore", "zone: [\n"), "this is not YAML"),
    ],
)
def test_mistakes_in_the_file_itself_come_all_at_once(
    rule: Rule, change: tuple[str, str], told: str
) -> None:
    code, said = rule("test", VIP.replace(*change))

    assert code == 1
    assert told in said
    assert "vip.yaml:" in said


def test_a_statement_is_printed_with_its_parameters(rule: Rule) -> None:
    code, told = rule("sql", VIP, "--at", "2026-03-02T09:00:00Z")

    assert code == 0
    assert "FROM contact" in told
    assert '= "SG"' in told
    assert "SG'" not in told
    assert '= "2026-03-02T09:00:00+00:00"' in told


def test_a_rule_about_the_event_at_hand_has_no_statement(rule: Rule) -> None:
    about_event = "rule: {'==': [{var: event.name}, A]}\nevent: true\n"
    code, told = rule("sql", about_event)

    assert (code, "cannot be asked of all contacts" in told) == (1, True)


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "prolog"),
        ("--subject", "order"),
        ("--language", "fr"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(rule: Rule, options: tuple[str, str]) -> None:
    code, told = rule("check", VIP, *options)

    assert code == 1
    assert options[0] in told


def test_explaining_asks_the_database(
    rule: Rule, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO contact (first_name, email, email_key, country, time_zone) VALUES "
                "('Ada', 'ada@example.com', 'ada@example.com', 'DE', 'Asia/Tokyo')"
            )
        )
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", database_url.replace("+psycopg", ""))
    monkeypatch.setenv("SECRET_KEY", "a secret of the tests, long enough to be one")
    code, told = rule("explain", VIP, "--contact", "Ada@example.com", "--at", "2026-03-02")

    assert code == 0
    assert "does not hold for Ada (number 1) at 2026-03-02 00:00:00 UTC, Asia/Tokyo" in told
    assert '✗ country is "SG"\n      country = DE' in told
    assert "因为" in rule("explain", VIP, "--contact", "1", "--language", "zh")[1]
    assert "There is no contact 7" in rule("explain", VIP, "--contact", "7")[1]
    plan = rule("sql", VIP, "--analyze")[1]
    assert "actual time" in plan

"""The same in the shell: forms, mappings, secrets of one's own, refused events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from crm_store import migrate
from engine.api.shapes.sources import MAPPING, SAMPLE
from tests.sources_api.conftest import Typed

FORM = {"title": "Our news", "wording": "A letter each month"}


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.begin() as connection:
        found = connection.execute(text(statement))
        told = [tuple(row) for row in found] if found.returns_rows else []
    engine.dispose()
    return told


def test_a_form_from_a_file_to_its_end(cadenza: Typed, tmp_path: Path) -> None:
    file = tmp_path / "news.json"
    file.write_text(json.dumps(FORM))
    assert cadenza("form", "put", "news", str(file), "--draft")[:2] == (
        0,
        "The form news waits to be resumed: http://127.0.0.1:8080/f/news\n",
    )
    assert cadenza("form", "resume", "news")[1] == "news is active.\n"
    shown = cadenza("form", "show", "news")[1]
    file.write_text(shown.replace("Our news", "Our letters"))
    assert "is replaced" in cadenza("form", "put", "news", str(file))[1]
    assert "Our letters" in cadenza("form", "list")[1]
    assert cadenza("form", "sent", "news")[:2] == (0, "")
    file.write_text("{")
    code, _, said = cadenza("form", "put", "news", str(file))
    assert (code, "line 1, column" in said) == (1, True)
    assert cadenza("form", "remove", "news")[0] == 0
    assert cadenza("form", "show", "news")[0] == 1


def test_a_source_signs_as_it_signs_and_is_tried(
    cadenza: Typed, tmp_path: Path, database_url: str
) -> None:
    mapping, sample = tmp_path / "mapping.json", tmp_path / "sample.json"
    mapping.write_text(json.dumps(MAPPING))
    sample.write_text(json.dumps(SAMPLE))
    own = "q" * 20
    made = cadenza(
        *("hook", "add", "till", "--mapping", str(mapping), "--signature", "hmac_hex"),
        *("--signature-header", "X-Sign", "--own-secret"),
        given=f"{own}\n",
    )
    assert (made[0], made[1], own in made[2]) == (0, "till\n", False)
    signs = "SELECT signature, signature_header FROM hook_source"
    assert rows(database_url, signs) == [("hmac_hex", "X-Sign")]
    assert json.loads(cadenza("hook", "mapping", "till")[1])["event"] == {"path": "type"}
    code, said, _ = cadenza("hook", "try", "till", str(sample))
    assert (code, json.loads(said)["event"]) == (0, "Invoice Paid")
    sample.write_text('{"type": "Invoice Paid"}')
    code, _, said = cadenza("hook", "try", "till", str(sample))
    assert (code, "Would be refused." in said) == (1, True)
    mapping.write_text(json.dumps({**MAPPING, "event": {"constant": "Paid"}}))
    assert cadenza("hook", "mapping", "till", str(mapping))[0] == 0
    assert cadenza("hook", "rotate", "till", "--own-secret", given="short\n")[0] == 1
    assert cadenza("hook", "rotate", "till", "--own-secret", given=f"{own}r\n")[:2] == (0, "")
    both = ("hook", "add", "x", "--mapping", str(mapping), "--email", "mail")
    assert "--mapping" in cadenza(*both)[2]


def test_refused_events_are_taken_one_by_one_or_by_reason_and_never_by_mistake(
    cadenza: Typed, tmp_path: Path, database_url: str
) -> None:
    values = ", ".join(
        f"('website', 'call', 'no_identity', 'nobody', '[]', 'm{n}', convert_to("
        f"""'{{"type": "track", "event": "Paid"{user}}}', 'UTF8'), 'd{n}', false, now(), now())"""
        for n, user in enumerate(("", ', "userId": "ada"', ', "userId": "ben"'))
    )
    columns = (
        "source, door, code, message, problems, message_id, body, digest, cut, received_at,"
        " last_seen_at"
    )
    insert = f"INSERT INTO dead_letter ({columns}) VALUES {values}"
    rows(database_url, insert.replace(": ", "\\: "))
    assert cadenza("dead-letter", "counts")[1] == "3\twebsite\tno_identity\n"
    code, _, said = cadenza("dead-letter", "replay")
    assert (code, "--all" in said) == (1, True)
    assert "nobody" in cadenza("dead-letter", "list", "--source", "website")[1]
    body = tmp_path / "mended.json"
    body.write_text('{"type": "track", "event": "Paid", "userId": "cleo"}')
    assert cadenza("dead-letter", "replay", "1", "--body", str(body))[:2] == (
        0,
        "1 taken, 0 refused again.\n",
    )
    assert cadenza("dead-letter", "replay", "1")[0] == 1
    assert cadenza("dead-letter", "drop", "2")[1] == "1 dropped.\n"
    assert '"userId": "ben"' in cadenza("dead-letter", "show", "3")[1]
    assert cadenza("dead-letter", "replay", "--code", "no_identity")[1].startswith("1 taken")
    assert rows(database_url, "SELECT message_id FROM event ORDER BY 1") == [("m0",), ("m2",)]


def test_keys_that_merge_and_secrets_of_receivers(cadenza: Typed, database_url: str) -> None:
    assert cadenza("key", "create", "server", "--may-merge")[0] == 0
    assert rows(database_url, "SELECT may_merge FROM write_key") == [(True,)]
    assert "merge contacts" in cadenza("key", "list")[1]
    url = "https://till.example.com/in"
    assert cadenza("webhook", "add", "Till", url, "--event", "*")[0] == 0
    own = "whsec_" + "cXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFx"
    rotated = cadenza("webhook", "rotate", "1", "--own-secret", given=f"{own}\n")
    assert (rotated[0], own in rotated[1] + rotated[2]) == (0, False)
    assert cadenza("webhook", "change", "1", "--name", "Shop", "--event", "Order Paid")[0] == 0
    kept = "SELECT name, url, event_types FROM webhook_subscription"
    assert rows(database_url, kept) == [("Shop", url, ["Order Paid"])]
    assert cadenza("webhook", "change", "1")[0] == 1


@pytest.mark.parametrize(
    ("had", "has"),
    [
        (
            ["manage:hook:all", "read:hook:all", "read:flow:all"],
            {
                *("read:hook:all", "edit:hook:all", "create:hook:all", "delete:hook:all"),
                *("read:form:all", "edit:form:all", "create:form:all", "delete:form:all"),
                "read:flow:all",
            },
        ),
        (
            ["manage:privacy:all", "read:privacy:all"],
            {"edit:retention:all", "read:privacy:all"},
        ),
        (["read:flow:all"], {"read:flow:all"}),
    ],
)
def test_roles_of_ones_own_keep_what_they_could_do(
    database_url: str, had: list[str], has: set[str]
) -> None:
    migrate.downgrade(database_url, "2026_11_23_1270")
    document = json.dumps({"allow": had, "hidden": []}).replace(":", "\\:")
    rows(
        database_url,
        "INSERT INTO role (key, label, permissions, revision) VALUES"
        f" ('own', 'Own', '{document}', 1) RETURNING 1",
    )
    read = "SELECT permissions->'allow' FROM role WHERE key = 'own'"
    migrate.upgrade(database_url)
    [(lines,)] = rows(database_url, read)
    assert set(lines) == has  # type: ignore[call-overload]
    migrate.downgrade(database_url, "2026_11_23_1270")
    [(lines,)] = rows(database_url, read)
    assert set(lines) == set(had)  # type: ignore[call-overload]

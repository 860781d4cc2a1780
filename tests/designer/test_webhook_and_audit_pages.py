"""The rooms of webhooks and of the audit, as an admin and as others meet them."""

from __future__ import annotations

from sqlalchemy import text

from crm_store.session import Store
from designer.audit.differences import differences
from designer.components.data_table import DataTable
from tests.designer.conftest import Visit


def texts(visit: Visit) -> set[str]:
    tables = visit.user.find(kind=DataTable).elements
    return {cell.text for table in tables for row in table.rows for cell in row.cells}


def test_before_and_after_are_compared_place_by_place_with_what_differs_first() -> None:
    found = differences(
        {"name": "A", "amount": {"minor": 100, "currency": "EUR"}, "tags": ["a"], "gone": 1},
        {"name": "A", "amount": {"minor": 200, "currency": "EUR"}, "tags": ["a", "b"]},
    )
    assert [(one.place, one.before, one.after) for one in found if one.differs] == [
        ("amount.minor", "100", "200"),
        ("tags", '["a"]', '["a","b"]'),
        ("gone", "1", ""),
    ]
    assert [one.place for one in found if not one.differs] == ["name", "amount.currency"]
    assert differences(None, None) == []
    assert differences(None, {"<b>": "<script>"})[0].place == "<b>"


async def test_a_webhook_is_made_and_its_secret_is_shown_once(visit: Visit, seeded: Store) -> None:
    user = visit.user
    await user.open("/webhooks")
    await user.should_see("No other system is told yet")
    user.find("new-webhook").click()
    await user.should_see("Events, one a line")
    user.find("webhook-submit").click()
    await user.should_see("give a name of 1 to 100 characters on one line")
    user.find("form-name").type("Warehouse")
    user.find("form-url").type("https://warehouse.example.com/in")
    user.find("form-event_types").type("Order Completed")
    user.find("webhook-submit").click()
    await user.should_see(marker="webhook-secret-shown")
    [shown] = user.find("webhook-secret-shown").elements
    assert shown.text.startswith("whsec_")  # type: ignore[attr-defined]
    user.find("secret-kept").click()
    await user.open("/webhooks/1")
    await user.should_see("It is new and was not tested yet")
    await user.should_not_see(shown.text)  # type: ignore[attr-defined]
    async with seeded.transaction() as session:
        kept = await session.execute(
            text("SELECT door, request_id FROM audit WHERE subject_kind = 'webhook'")
        )
        [(door, request)] = kept.all()
    assert door == "page"
    assert len(request) == 32


async def test_a_delivery_shows_what_was_answered_as_text(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        for statement in (
            (
                "INSERT INTO webhook_subscription (name, url, event_types, secret,"
                " enabled, changed_at,"
                " changed_by) VALUES ('W', 'https://w.example.com', ARRAY['*'], 's',"
                " true, now(), 'A')"
            ),
            (
                "INSERT INTO webhook_delivery (subscription_id, message_id, type, state, attempts,"
                " due_at, created_at, ended_at, status, code) VALUES (1, 'msg_1', 'webhook.test',"
                " 'failed', 1, now(), now(), now(), 500, 'http_500')"
            ),
            (
                "INSERT INTO webhook_attempt (delivery_id, at, milliseconds, status, code, answer)"
                " VALUES (1, now(), 12, 500, 'http_500', '<script>alert(1)</script>')"
            ),
        ):
            await session.execute(text(statement))
    await visit.user.open("/webhooks/1?state=failed")
    assert {"Test", "Failed", "500"} <= texts(visit)
    await visit.user.open("/webhooks/1/deliveries/1")
    await visit.user.should_see("<script>alert(1)</script>")
    await visit.user.open("/webhooks/1?before=x&after=99999999999999999999&state=<b>")
    await visit.user.should_see("What it was told")


async def test_the_audit_is_searched_looked_at_and_checked(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        # at the time of the page's clock
        made = await session.execute(
            text(
                "INSERT INTO audit (at, actor_kind, actor_id, actor_name, verb, subject_kind,"
                " subject_id, before, after, why) VALUES (:at, 'user', 1, 'Ada', 'edit', 'deal',"
                " '77', '{\"stage\": \"new\"}', '{\"stage\": \"won\"}', 'it was signed')"
                " RETURNING id"
            ),
            {"at": visit.runtime.now()},
        )
        number = made.scalar_one()
    await visit.user.open("/audit?kind=deal&words=SIGNED")
    assert {"changed", "deal 77", "it was signed"} <= texts(visit)
    await visit.user.open(f"/audit/{number}")
    assert {"stage", "new", "won", "differs"} <= texts(visit)
    await visit.user.open("/audit?kind=nothing&span=soon&before=1.x")
    await visit.user.should_see("Nothing was found")
    visit.user.find("audit-verify").click()
    await visit.user.should_see("rows are as they were sealed")

"""The main job on real parts: data in, a campaign, two kills, and every mail exactly once."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from segment.analytics.client import Client

from engine.channels.mailbox import Mailbox
from engine.embedded.ports import any_free_port
from tests.stories.data_sets import Purchases, purchases, sales
from tests.stories.product import REPOSITORY, Product, until, with_spans

FLOW = REPOSITORY / "templates" / "flows" / "win_back.yaml"
MAPS = REPOSITORY / "templates" / "imports"
# Short enough that a story need not wait long for what a killed worker had claimed.
QUICK = {"EFFECT_LEASE_SECONDS": "4", "DRIVER_IDLE_SECONDS": "2", "LOG_LEVEL": "warning"}


pytestmark = pytest.mark.long


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    tmp_path.chmod(0o711)
    installed = Product(tmp_path / "var", dict(QUICK))
    yield installed
    if installed.process is not None and not installed.died():
        installed.kill()


def import_customers(product: Product, data: Purchases) -> None:
    for kind in ("contacts", "orders"):
        map_ = str(MAPS / f"cdnow_{kind}.yaml")
        product.cadenza("import", str(data.file), "--as", kind, "--map", map_)
    assert product.one("SELECT count(*) FROM contact") == data.customers
    assert product.one('SELECT count(*) FROM "order"') == data.purchases


def import_sales(product: Product, folder: Path) -> None:
    for kind, file, map_ in (
        ("users", "sales_teams.csv", "teams"),
        ("accounts", "accounts.csv", "accounts"),
        ("products", "products.csv", "products"),
        ("deals", "sales_pipeline.csv", "pipeline"),
    ):
        shipped = str(MAPS / f"crm_sales_{map_}.yaml")
        product.cadenza("import", str(folder / file), "--as", kind, "--map", shipped)
    assert product.one("SELECT count(*) FROM account") == 85
    assert product.one("SELECT count(*) FROM deal") == 8800


def publish(product: Product, tmp_path: Path, **spans: str) -> None:
    file = tmp_path / "win_back.yaml"
    file.write_text(with_spans(FLOW.read_text("utf-8"), **spans), "utf-8")
    product.cadenza("flow", "publish", str(file))


def visit(product: Product, write_key: str, customers: list[str]) -> None:
    """Customers look around, told by the unmodified client of Segment."""
    failures: list[object] = []
    client = Client(write_key, host=product.url, on_error=lambda error, _: failures.append(error))
    for customer in customers:
        client.track(customer, "Visited Site", {"page": "/offers"}, message_id=f"visit-{customer}")
    client.flush()
    client.shutdown()
    assert failures == []


def customers_of(product: Product) -> list[str]:
    return [row[0] for row in product.sql("SELECT external_id FROM contact ORDER BY id")]


def new_write_key(product: Product) -> str:
    return product.cadenza("key", "create", "shop").split()[-1]


def mails_of(folder: Path) -> Counter[tuple[str, str]]:
    """How often each person got each subject."""
    mailbox = Mailbox(folder / "mail", max_message_bytes=1 << 20, keep_free_bytes=0)
    counts: Counter[tuple[str, str]] = Counter()
    before = None
    while page := mailbox.page(before=before, limit=500):
        counts.update((mail.recipients[0], mail.subject) for mail in page)
        before = page[-1].id
    return counts


def all_over(product: Product, people: int) -> bool:
    ended = product.one("SELECT count(*) FROM run WHERE state = 'ended'")
    return bool(ended == people)


def test_every_mail_arrives_exactly_once_through_two_kills(
    product: Product, tmp_path: Path
) -> None:
    data = purchases(tmp_path)
    product.up()
    import_customers(product, data)
    if (folder := sales(tmp_path)) is not None:
        import_sales(product, folder)
    key = new_write_key(product)
    publish(product, tmp_path, let_it_work="PT15S")
    until(lambda: product.one("SELECT count(*) FROM message") > data.customers // 4, "mails go out")
    product.kill()

    product.up()
    visitors = customers_of(product)[::3]
    visit(product, key, visitors)
    until(
        lambda: (
            product.one("SELECT count(*) FROM message WHERE node = 'second_mail'")
            > data.customers // 8
        ),
        "second mails go out",
    )
    product.kill()

    product.up()
    visit(product, key, visitors)
    until(lambda: all_over(product, data.customers), "everybody is through", seconds=180)

    counts = mails_of(product.folder)
    assert set(counts.values()) == {1}
    tasks = product.one("SELECT count(*) FROM activity WHERE kind = 'task'")
    assert 0 < tasks <= len(visitors)
    assert counts.total() == data.customers + (data.customers - tasks)
    assert product.one("SELECT count(*) FROM message WHERE state <> 'sent'") == 0
    assert product.one("SELECT count(*) FROM event WHERE name = 'Visited Site'") == len(visitors)
    the_timeline_explains_a_run(product)
    assert product.stop() == 0


def the_timeline_explains_a_run(product: Product) -> None:
    [(run_id,)] = product.sql("SELECT run_id FROM activity WHERE kind = 'task' LIMIT 1")
    rows = product.sql(f"SELECT entries FROM journal WHERE run_id = {run_id} ORDER BY id")
    entries = list(itertools.chain.from_iterable(row[0] for row in rows))
    told = [entry["what"] for entry in entries]
    assert told[:2] == ["entered", "asked"]
    assert told[-1] == "ended"
    taken = next(entry for entry in entries if entry.get("exit") == "case_1")
    assert taken["why"]["cases"][0]["held"] is True


class Sink:
    """A mail server that takes mail and can tell nothing about it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    def has_more_than(self, mails: float) -> bool:
        return len(self.taken) > mails

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        text = envelope.content
        assert isinstance(text, bytes)
        subject = next(line for line in text.splitlines() if line.lower().startswith(b"subject:"))
        await asyncio.sleep(0.02)
        self.taken.append((envelope.rcpt_tos[0], subject.decode()))
        return "250 taken"


def test_a_server_that_cannot_be_asked_never_gets_a_mail_twice(
    product: Product, tmp_path: Path
) -> None:
    data = purchases(tmp_path, customers=400)
    sink = Sink()
    port = any_free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        product.environment |= {
            "DELIVERY_CHANNEL": "smtp",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(port),
            "SMTP_SECURITY": "none",
        }
        product.up()
        import_customers(product, data)
        publish(product, tmp_path, let_it_work="PT8S")
        for share in (0.3, 1.2):
            until(partial(sink.has_more_than, share * data.customers), "mails go out")
            product.kill()
            time.sleep(0.5)
            product.up()
        until(lambda: all_over(product, data.customers), "everybody is through")
        counts = Counter(sink.taken)
        assert set(counts.values()) == {1}
        states = dict(product.sql("SELECT state, count(*) FROM message GROUP BY state"))
        assert set(states) <= {"sent", "maybe_sent"}
        assert sum(states.values()) == 2 * data.customers
        assert states["sent"] <= counts.total() <= 2 * data.customers
        listed = product.cadenza("message", "maybe-sent")
        assert listed.count("@example.com") == states.get("maybe_sent", 0)
    finally:
        controller.stop()

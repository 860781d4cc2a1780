"""The purchases that CDNOW published: bands and ready segments against a plain computation."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from crm_store.models import Contact, ContactSummary
from crm_store.session import Store
from engine.rules import Catalogue, parse
from engine.services.actor import SYSTEM
from engine.services.derived_facts import recompute_rfm
from engine.services.imports import ImportOrder, import_file, load_mapping
from engine.services.segments_query import ids_matching
from tests.facts.own_rfm import own_bands
from tests.servers import Databases
from tests.stories.data_sets import DATA
from tests.stories.product import REPOSITORY

FILE = DATA / "cdnow" / "CDNOW_sample.txt"
READY = sorted((REPOSITORY / "templates" / "segments").glob("*.yaml"))
PAGE = REPOSITORY / "docs" / "segments.md"
NOW = datetime(1998, 7, 1, tzinfo=UTC)
DAY = timedelta(days=1)

Purchases = Mapping[str, list[tuple[datetime, int]]]


def own_purchases() -> Purchases:
    """The file read in the plainest way: instants and cents by customer."""
    found: dict[str, list[tuple[datetime, int]]] = {}
    for line in FILE.read_text("ascii").splitlines():
        _, customer, day, _, dollars = line.split()
        at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        found.setdefault(customer, []).append((at, round(float(dollars) * 100)))
    return found


@dataclass(frozen=True)
class Shop:
    """What the product made of the file: bands, and the members of each ready segment."""

    bands: Mapping[str, str]
    members: Mapping[str, frozenset[str]]


def ready(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return document


async def run_shop(url: str) -> Shop:
    store = Store(url)
    try:
        for kind in ("contacts", "orders"):
            mapping = load_mapping(REPOSITORY / "templates" / "imports" / f"cdnow_{kind}.yaml")
            order = ImportOrder(FILE, mapping=mapping)
            await import_file(store, SYSTEM, order, lambda: NOW)
        await recompute_rfm(store, NOW)
        async with store.transaction() as session:
            rows = await session.execute(
                select(Contact.id, Contact.external_id, ContactSummary.rfm_band).join(
                    ContactSummary, ContactSummary.contact_id == Contact.id
                )
            )
            people = {row[0]: (str(row[1]).removeprefix("cdnow-"), str(row[2])) for row in rows}
            members = {}
            for file in READY:
                segment = ready(file)
                rule = parse(segment["rule"], Catalogue.standard(), event_rule=False)
                found = await session.scalars(ids_matching(rule, NOW))
                members[str(segment["name"])] = frozenset(people[one][0] for one in found)
    finally:
        await store.close()
    return Shop(dict(people.values()), members)


@pytest.fixture(scope="module")
def shop(databases: Databases) -> Iterator[Shop]:
    if not FILE.is_file():
        pytest.skip("the file of CDNOW is not beside the repository")
    name = databases.fresh()
    try:
        yield asyncio.run(run_shop(databases.url(name)))
    finally:
        databases.drop(name)


def test_every_customer_has_the_band_of_the_plain_computation(shop: Shop) -> None:
    numbered = {int(who): bought for who, bought in own_purchases().items()}
    own = own_bands(numbered)
    assert len(own) == 2357
    assert {int(who): band for who, band in shop.bands.items()} == own
    assert len(Counter(own.values())) >= 8


def test_the_ready_segments_hold_who_they_say(shop: Shop) -> None:
    bought = own_purchases()
    last = {who: max(at for at, _ in all_) for who, all_ in bought.items()}
    gap = {
        who: (last[who] - min(at for at, _ in all_)) / max(len(all_) - 1, 1)
        for who, all_ in bought.items()
    }
    expected = {
        "best_customers": {w for w, band in shop.bands.items() if band in ("champion", "loyal")},
        "slipping_away": {
            w for w, band in shop.bands.items() if band in ("cannot_lose", "at_risk")
        },
        "bought_once": {
            who for who in bought if len(bought[who]) == 1 and last[who] < NOW - 365 * DAY
        },
        "big_spenders": {who for who in bought if sum(cents for _, cents in bought[who]) >= 20_000},
        "overdue_regulars": {
            who
            for who in bought
            if len(bought[who]) >= 3 and gap[who] <= 60 * DAY and last[who] < NOW - 90 * DAY
        },
    }
    assert shop.members == expected


def test_the_page_lists_the_ready_segments_with_their_counts(shop: Shop) -> None:
    told = re.findall(r"^\| `(\w+)` \|.*\| ([\d,]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    counted = {name: int(count.replace(",", "")) for name, count in told}
    assert counted == {name: len(members) for name, members in shop.members.items()}


@pytest.mark.parametrize("file", READY, ids=lambda file: file.stem)
def test_a_ready_segment_can_be_saved_as_it_is(file: Path) -> None:
    segment = ready(file)
    assert list(segment) == ["name", "label", "label_zh", "rule"]
    assert segment["name"] == file.stem
    assert any("一" <= character <= "鿿" for character in segment["label_zh"])
    parse(segment["rule"], Catalogue.standard(), event_rule=False)


def test_there_are_five_of_them() -> None:
    assert len(READY) == 5

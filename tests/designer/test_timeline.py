from __future__ import annotations

import pytest

from crm_store.session import Store
from designer.formats import Formats
from designer.i18n import Language, translator
from designer.run_path import path_of
from designer.timeline import Line, Teller
from engine.services.actor import SYSTEM
from engine.services.views.runs import RunPage, run_page


async def told(store: Store, number: int, language: Language = "en") -> tuple[RunPage, list[Line]]:
    async with store.transaction() as session:
        run = await run_page(session, SYSTEM, number)
    teller = Teller(run, translator(language), Formats(language, "UTC"), run.zone or "UTC")
    return run, teller.lines()


def said(lines: list[Line]) -> str:
    return "\n".join(" | ".join((line.title, *line.why)) for line in lines)


async def test_a_run_says_why_each_thing_happened(seeded: Store) -> None:
    _, lines = await told(seeded, 1)
    text = said(lines)
    assert "Entered the flow | because the contact matched the flow's rule" in text
    assert "Message sent to ada@example.test | Subject: We miss you, Ada" in text
    assert "Waiting until Wed 11 Nov 2026, 10:30" in text
    assert "on the contact's clock (Africa/Lagos); Wed 11 Nov 2026, 09:30 on yours" in text
    assert "“Visited Pricing” happened" in text
    assert "“high score” held, because score is 72, more than 50" in text
    assert "Task created | “Call Ada”" in text
    assert "Reached the end | Outcome: Done" in text


async def test_the_same_run_is_told_in_chinese(seeded: Store) -> None:
    _, lines = await told(seeded, 1, "zh-CN")
    text = said(lines)
    assert "因为发布时该联系人符合流程的规则" in text
    assert "“high score”成立，因为评分为72，大于50" in text
    assert "等待至 2026年11月11日" in text


async def test_what_only_announces_is_left_out(seeded: Store) -> None:
    run, lines = await told(seeded, 1)
    assert {"answered", "woken"} <= {entry["what"] for entry in run.entries}
    assert "The answer came" not in said(lines)


async def test_lines_lead_to_what_they_made(seeded: Store) -> None:
    _, lines = await told(seeded, 1)
    addresses = [address for line in lines for address, _ in line.links]
    assert "/messages/1" in addresses
    assert any(address.startswith("/contacts/1") for address in addresses)


async def test_a_held_run_says_what_to_do(seeded: Store) -> None:
    _, lines = await told(seeded, 2)
    assert lines[-1].tone == "warn"
    assert "The message cannot be made from its template." in said(lines)
    assert "no contact.nickname" in said(lines)


async def test_an_unclear_message_is_not_called_sent(seeded: Store) -> None:
    _, lines = await told(seeded, 4)
    assert "A message may have been sent to sakura@example.test" in said(lines)
    assert "Message sent" not in said(lines)


@pytest.mark.parametrize(
    ("number", "node", "stage"),
    [(1, "done", "done"), (2, "first_touch", "held"), (3, "settle", "here")],
)
async def test_the_way_ends_where_the_run_stands(
    seeded: Store, number: int, node: str, stage: str
) -> None:
    run, _ = await told(seeded, number)
    nodes, _ = path_of(run)
    assert nodes[node] == stage


async def test_the_way_holds_every_exit_taken(seeded: Store) -> None:
    run, _ = await told(seeded, 1)
    _, taken = path_of(run)
    assert ("visited", "happened") in taken
    assert ("visited", "timed_out") not in taken

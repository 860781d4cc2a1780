"""Rules of work, as the person who writes them meets them."""

from __future__ import annotations

from nicegui import ui
from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from engine.definitions import DefinitionKind, read_definition
from engine.services.actor import SYSTEM
from engine.services.approvals.publishing import require_chain
from engine.services.definitions import current, versions
from engine.services.definitions.publishing import publish
from tests.designer.conftest import Visit

POLICY = """escalation_policy: night_duty
label: Night duty
label_zh: 夜班
levels:
  - to: owner
  - {to: manager, after: 2h}
"""
CHAIN = """
approval_chain: leads
subject: contact
levels:
  - {key: one, approvers: [{role: admin}], nobody: hold}
"""
KIND = DefinitionKind.ESCALATION
# tenths of a second: publishing asks the database for the whole company
PATIENCE = 100


def editor(visit: Visit) -> ui.codemirror:
    (found,) = visit.user.find(ui.codemirror).elements
    return found


async def published(visit: Visit) -> None:
    await visit.user.open("/definitions/new?kind=escalation_policy&view=text")
    editor(visit).value = POLICY
    visit.user.find(marker="publish").click()
    await visit.user.should_see("In force", retries=PATIENCE)


async def test_ready_definitions_stand_in_the_list_until_they_are_published(visit: Visit) -> None:
    await visit.user.open("/definitions?kind=pipeline")
    await visit.user.should_see(DataTable)
    (table,) = visit.user.find(DataTable).elements
    line = next(row for row in table.rows if row.address == "/definitions/pipeline/b2b")
    assert [cell.text for cell in line.cells[1:4]] == ["Pipeline", "Ready to publish", ""]
    await visit.user.open("/definitions/pipeline/b2b")
    await visit.user.should_see("not published yet", retries=PATIENCE)
    assert "pipeline: b2b" in editor(visit).value


async def test_mistakes_are_told_by_line_and_nothing_is_published(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/definitions/new?kind=escalation_policy&view=text")
    editor(visit).value = POLICY.replace("owner", "nobody at all")
    visit.user.find(marker="check").click()
    await visit.user.should_see("Line 5", retries=PATIENCE)
    visit.user.find(marker="publish").click()
    await visit.user.should_see("It cannot be published yet", retries=PATIENCE)
    async with seeded.transaction() as session:
        assert await current(session, KIND, "night_duty") is None


async def test_what_looks_like_a_mistake_is_shown_beside_its_line(visit: Visit) -> None:
    await visit.user.open("/definitions/new?kind=pipeline")
    ends = "  - {key: won, kind: won}\n  - {key: lost, kind: lost}\n"
    editor(visit).value = "pipeline: p\nlabel: P\nstages:\n  - {key: talk}\n" + ends
    visit.user.find(marker="check").click()
    await visit.user.should_see("It can be published, but look at this", retries=PATIENCE)
    await visit.user.should_see("has no probability")
    await visit.user.should_see("Line 4")


async def test_a_definition_is_published_changed_and_put_back(visit: Visit, seeded: Store) -> None:
    await published(visit)
    await visit.user.open("/definitions/escalation_policy/night_duty?view=text")
    await visit.user.should_see("Night duty", retries=PATIENCE)
    visit.user.find(marker="publish").click()
    await visit.user.should_see("nothing was changed", retries=PATIENCE)
    editor(visit).value = POLICY.replace("2h", "3h")
    visit.user.find(marker="note").type("People asked for it")
    visit.user.find(marker="publish").click()
    await visit.user.should_see("v2", retries=PATIENCE)
    await visit.user.should_see("People asked for it")
    await visit.user.open("/definitions/escalation_policy/night_duty?version=1")
    await visit.user.should_see("version 2 is in force", retries=PATIENCE)
    visit.user.find(marker="confirm-restore").click()
    await visit.user.should_not_see("version 2 is in force", retries=PATIENCE)
    async with seeded.transaction() as session:
        lines = await versions(session, SYSTEM, KIND, "night_duty")
    assert [(one.number, one.is_current) for one in lines] == [(2, False), (1, True)]


async def test_a_retired_definition_says_so(visit: Visit) -> None:
    await published(visit)
    await visit.user.open("/definitions/escalation_policy/night_duty")
    visit.user.find(marker="confirm-archive").click()
    await visit.user.should_see("Retired", retries=PATIENCE)
    await visit.user.open("/definitions")
    (table,) = visit.user.find(DataTable).elements
    line = next(
        row for row in table.rows if row.address == "/definitions/escalation_policy/night_duty"
    )
    assert line.cells[2].text == "Retired"


async def test_where_a_chain_must_agree_it_is_asked(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await publish(session, SYSTEM, read_definition(CHAIN, "leads.yaml"))
        await require_chain(session, SYSTEM, KIND.value, "night_duty", "leads")
    await visit.user.open("/definitions/new?kind=escalation_policy&view=text")
    editor(visit).value = POLICY
    visit.user.find(marker="publish").click()
    await visit.user.should_see("“leads” must agree to this first", retries=PATIENCE)
    visit.user.find(marker="ask").click()
    await visit.user.should_see("They were asked", retries=PATIENCE)
    async with seeded.transaction() as session:
        assert await current(session, KIND, "night_duty") is None
        asked = await session.scalar(text("SELECT count(*) FROM approval_request"))
    assert asked == 1


async def test_putting_an_older_one_in_force_asks_too(visit: Visit, seeded: Store) -> None:
    await published(visit)
    changed = read_definition(POLICY.replace("2h", "3h"), "night_duty.yaml")
    async with seeded.transaction() as session:
        await publish(session, SYSTEM, changed)
        await publish(session, SYSTEM, read_definition(CHAIN, "leads.yaml"))
        await require_chain(session, SYSTEM, KIND.value, "night_duty", "leads")
    await visit.user.open("/definitions/escalation_policy/night_duty?version=1")
    await visit.user.should_see("version 2 is in force", retries=PATIENCE)
    visit.user.find(marker="confirm-restore").click()
    await visit.user.should_see("“leads” must agree to this first", retries=PATIENCE)
    visit.user.find(marker="ask-restore").click()
    await visit.user.should_see("They were asked", retries=PATIENCE)
    async with seeded.transaction() as session:
        source = await session.scalar(text("SELECT details->>'source' FROM approval_request"))
    assert source == POLICY


async def test_what_is_not_there_is_said(visit: Visit) -> None:
    for address in ("/definitions/pipeline/nothing", "/definitions/recipe/b2b"):
        await visit.user.open(address)
        await visit.user.should_see("This is not here", retries=PATIENCE)

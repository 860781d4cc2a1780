"""The versions of a flow in the designer: compared, and people moved between them."""

from __future__ import annotations

from designer.components.data_table import DataTable
from engine.services import flows, version_moves
from engine.services.actor import SYSTEM
from engine.services.flow_files import exported
from engine.services.plans import Plans
from tests.designer.conftest import Visit


def tables(visit: Visit) -> dict[str, list[list[str]]]:
    """The rows of every table, by its caption."""
    return {
        table._props["caption"]: [[cell.text for cell in row.cells] for row in table.rows]
        for table in visit.user.find(DataTable).elements
    }


async def second_version(visit: Visit) -> None:
    """A longer wait, and another name for the step behind it."""
    async with visit.runtime.store.transaction() as session:
        source = await exported(session, SYSTEM, "win_back")
        changed = source.replace("for: 3d", "for: 5d").replace("visited", "looked")
        library, now = visit.runtime.templates, visit.runtime.now()
        await flows.save_draft(session, SYSTEM, changed, library=library, file="win_back.yaml")
        await flows.publish(session, SYSTEM, "win_back", plans=Plans(), library=library, now=now)


async def test_two_versions_are_compared_with_a_plan_and_counts(visit: Visit) -> None:
    await second_version(visit)
    await visit.user.open("/flows/win_back?view=versions")
    shown = tables(visit)
    assert [row[0] for row in shown["Versions"]] == ["Version 2", "Version 1"]
    assert shown["Versions"][1][-1] == "1 with 2"
    await visit.user.open("/flows/win_back?view=versions&from=1&to=2")
    shown = tables(visit)
    assert ["for", "3d", "5d"] in shown["What differs"]
    assert any("visited → looked" in row[0] for row in shown["What differs"])
    plan = {row[0]: row[1:] for row in shown["Plan"]}
    assert plan["visited"][1] == "Go to “looked”"
    assert plan["settle"][2] == "The step's settings have changed."


async def test_people_are_moved_and_the_move_is_shown_and_steered(visit: Visit) -> None:
    await second_version(visit)
    await visit.user.open("/flows/win_back?view=versions&from=1&to=2")
    visit.user.find(marker="do-moving").click()
    await visit.user.should_see("Move people to this version?")
    visit.user.find(marker="confirm-moving").click()
    await visit.user.should_see(marker="do-pause_circle", retries=100)
    await visit.user.should_see("Version 1 to 2")
    visit.user.find(marker="do-pause_circle").click()
    visit.user.find(marker="confirm-pause_circle").click()
    await visit.user.should_see(marker="do-play_circle", retries=100)
    async with visit.runtime.store.transaction() as session:
        [move] = await version_moves.moves(session, SYSTEM, "win_back")
    assert move.state == "paused"


async def test_the_view_speaks_chinese(visit: Visit) -> None:
    await second_version(visit)
    await visit.http.get("/preferences?language=zh-CN&theme=dark&next=/flows")
    await visit.user.open("/flows/win_back?view=versions&from=1&to=2")
    await visit.user.should_see("将人员从版本 1 切换到版本 2")


async def test_an_address_with_versions_that_are_not_there_shows_the_list(visit: Visit) -> None:
    await visit.user.open("/flows/win_back?view=versions&from=1&to=99")
    assert list(tables(visit)) == ["Versions"]
